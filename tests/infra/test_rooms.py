"""Network, capacity, analytics, live and cache: what their parts must agree on, on moto and as functions."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from infra import interactions
from infra.emulator import gaps
from infra.emulator.session import Session
from infra.layout import capacity_strategy, private_subnets, public_subnets
from infra.settings import SettingsError, load_settings
from infra.stackfile import load_stack

MakeProject = Callable[..., Path]

NETWORK = """
from infra.components.cache import Cache, CacheArgs
from infra.components.network import Network, NetworkArgs
from infra.layout import private_subnets, public_subnets
from infra.naming import Naming

naming = Naming(pulumi.get_project(), pulumi.get_stack())
CIDR = "10.20.0.0/16"
network = Network("network", naming, NetworkArgs(
    region="eu-central-1",
    cidr=CIDR,
    subnets=private_subnets(CIDR, 3),
    nat_subnets=public_subnets(CIDR, {nat}),
    zones=aws.get_availability_zones_output(state="available").names,
))
client = aws.ec2.SecurityGroup("client", vpc_id=network.vpc_id, description="uses the cache")
cache_args = CacheArgs(network=network, clients={{"client": client}}, node_type="cache.t4g.micro", replicas=1)
Cache("cache", naming, cache_args)
pulumi.export("client", client.id)
"""


@given(third=st.integers(0, 255), prefix=st.integers(16, 22), zones=st.integers(2, 3), gateways=st.integers(0, 3))
def test_no_two_subnets_overlap(third: int, prefix: int, zones: int, gateways: int) -> None:
    vpc = ipaddress.IPv4Network(f"10.{third}.0.0/{prefix}")
    plans = [*private_subnets(str(vpc), zones), *public_subnets(str(vpc), gateways)]
    ranges = [ipaddress.IPv4Network(plan.cidr) for plan in plans]
    assert all(one.subnet_of(vpc) for one in ranges)
    assert not any(one.overlaps(other) for n, one in enumerate(ranges) for other in ranges[:n])
    # AWS takes no subnet smaller than /28.
    assert all(one.prefixlen <= 28 for one in ranges)
    assert len(plans) == zones + gateways


@given(tasks=st.integers(1, 5000), percent=st.integers(1, 100))
def test_tasks_that_must_run_are_never_on_spot(tasks: int, percent: int) -> None:
    on_demand, spot = capacity_strategy(tasks, percent)
    assert (on_demand.provider, on_demand.base) == ("FARGATE", tasks)
    assert (spot.provider, spot.base) == ("FARGATE_SPOT", 0)
    assert on_demand.weight + spot.weight == 100


def test_no_spot_needs_no_strategy() -> None:
    assert capacity_strategy(3, 0) == []


@pytest.mark.parametrize("gateways", [0, 1, 3])
def test_a_private_subnet_has_the_way_out_that_was_chosen(make_project: MakeProject, gateways: int) -> None:
    with Session(load_stack(make_project(NETWORK.format(nat=gateways)), "dev")) as session:
        session.provision()
        ec2 = session.client("ec2")
        subnets = {one["SubnetId"]: one for one in ec2.describe_subnets()["Subnets"] if one["CidrBlock"][:5] == "10.20"}
        nats = {one["NatGatewayId"]: one["SubnetId"] for one in ec2.describe_nat_gateways()["NatGateways"]}
        ways: list[tuple[str, str]] = []
        for table in ec2.describe_route_tables()["RouteTables"]:
            default = [one for one in table["Routes"] if one.get("DestinationCidrBlock") == "0.0.0.0/0"]
            for association in table["Associations"]:
                for route in default:
                    if "NatGatewayId" in route and association.get("SubnetId") in subnets:
                        here = subnets[association["SubnetId"]]["AvailabilityZone"]
                        ways.append((here, subnets[nats[route["NatGatewayId"]]]["AvailabilityZone"]))
    assert len(nats) == gateways
    # All three private subnets have a way out, or none has.
    assert len(ways) == (3 if gateways else 0)
    assert sum(1 for here, there in ways if here == there) == gateways


def test_only_the_named_clients_reach_the_cache(make_project: MakeProject) -> None:
    with Session(load_stack(make_project(NETWORK.format(nat=0)), "dev")) as session:
        session.provision()
        groups = session.client("ec2").describe_security_groups()["SecurityGroups"]
        (cache,) = [one for one in groups if one["Description"].startswith("The cache")]
        (rule,) = cache["IpPermissions"]
        assert (rule["FromPort"], rule["ToPort"], rule["IpRanges"]) == (6379, 6379, [])
        assert [one["GroupId"] for one in rule["UserIdGroupPairs"]] == [session.recording.outputs["client"]]


def test_athena_looks_where_firehose_writes() -> None:
    written = interactions.firehose_prefix().replace("!{timestamp:yyyy-MM-dd}", "2026-11-21")
    template = interactions.projection("b")["storage.location.template"]
    assert template.replace("${day}", "2026-11-21") == f"s3://b/{written}"
    assert interactions.projection("b")[f"projection.{interactions.PARTITION}.format"] in interactions.firehose_prefix()


def test_recommendation_without_a_stream_is_refused() -> None:
    on = {"recommendation": json.dumps({"enabled": True})}
    for analytics in ({}, {"enabled": True}, {"source": "stream"}):
        with pytest.raises(SettingsError, match=r"recommendation\.enabled"):
            load_settings(on | {"analytics": json.dumps(analytics)})
    assert load_settings(on | {"analytics": json.dumps({"enabled": True, "source": "stream"})}).recommendation.enabled


@pytest.fixture
def ivs() -> Any:
    gaps.install()
    with mock_aws():
        yield lambda service: boto3.client(
            service, region_name="eu-central-1", aws_access_key_id="testing", aws_secret_access_key="testing"
        )


def test_a_recording_configuration_needs_its_bucket(ivs: Callable[[str], Any]) -> None:
    asked = {"destinationConfiguration": {"s3": {"bucketName": "recordings"}}}
    with pytest.raises(ClientError, match="recordings"):
        ivs("ivs").create_recording_configuration(**asked)
    ivs("s3").create_bucket(Bucket="recordings", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    made = ivs("ivs").create_recording_configuration(name="live", **asked)["recordingConfiguration"]
    assert ivs("ivs").get_recording_configuration(arn=made["arn"])["recordingConfiguration"] == made
    assert [one["arn"] for one in ivs("ivs").list_recording_configurations()["recordingConfigurations"]] == [
        made["arn"]
    ]
    ivs("ivs").delete_recording_configuration(arn=made["arn"])
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        ivs("ivs").get_recording_configuration(arn=made["arn"])


def test_a_room_logs_only_where_there_is_a_configuration(ivs: Callable[[str], Any]) -> None:
    chat = ivs("ivschat")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        chat.create_room(loggingConfigurationIdentifiers=["arn:aws:ivschat:eu-central-1:1:logging-configuration/x"])
    destination = {"cloudWatchLogs": {"logGroupName": "chat"}}
    log = chat.create_logging_configuration(name="chat", destinationConfiguration=destination)
    room = chat.create_room(name="house", loggingConfigurationIdentifiers=[log["arn"]])
    found = chat.get_room(identifier=room["id"])
    assert (found["name"], found["loggingConfigurationIdentifiers"]) == ("house", [log["arn"]])
    assert found["maximumMessageLength"] == 500
    chat.delete_room(identifier=room["arn"])
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        chat.get_room(identifier=room["arn"])
