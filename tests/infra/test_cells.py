"""A cell keeps its data, keys and logs in its part of the world; what cannot be there holds nothing of anybody."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import pytest

from infra.emulator.plan_provider import PlanProvider
from infra.emulator.recorder import record
from infra.emulator.session import Session
from infra.inventory import inventory
from infra.policies import hold_against_policies, residency
from infra.policies.stack import Stack
from infra.residency import EDGE_REGION, OUTSIDE, RESIDENCIES, keeps_requests, region_faults
from infra.settings import SettingsError, load_settings
from infra.stackfile import StackFile, load_stack
from tests.infra.conftest import REPOSITORY

TODAY = dt.date(2026, 11, 22)
CELLS = {"eu": ("eu-central-1", "eu-west-1"), "us": ("us-east-1", "us-west-2")}
"""Residency -> region of the stack, and of its replica."""
RULES = {rule.id: rule for rule in residency.book.rules}


def cell(residency: str, profile: str = "prod") -> StackFile:
    """A stack file of a cell, with a copy in the second region."""
    region, replica = CELLS[residency]
    written = {
        "aws:region": region,
        "reelplan:profile": profile,
        "reelplan:cell": json.dumps({"residency": residency}),
        "reelplan:storage": json.dumps({"replicaRegion": replica}),
        "reelplan:delivery": json.dumps({"domain": f"{residency}.example.com", "hostedZoneId": "Z123"}),
    }
    base = load_stack(REPOSITORY, "prod")
    return dataclasses.replace(base, stack=f"{profile}-{residency}", config={**base.config, **written})


def planned(residency: str) -> dict[str, Any]:
    return inventory(record(cell(residency), PlanProvider()))


@pytest.fixture(scope="module")
def europe() -> dict[str, Any]:
    return planned("eu")


def findings(document: Mapping[str, Any], rule: str) -> list[str]:
    stack = Stack.from_inventory(document)
    return [message for subject in RULES[rule].subjects(stack) for message in RULES[rule].check(subject, stack)]


@pytest.mark.parametrize(
    ("residency", "region", "replica", "keys"),
    [
        (None, "ap-south-1", "us-west-2", []),
        ("eu", "eu-central-1", "eu-west-1", []),
        ("eu", "eu-central-1", None, []),
        ("eu", None, None, []),
        # Named like the others, and not in the Union.
        ("eu", "eu-west-2", "eu-central-2", ["aws:region", "reelplan:storage.replicaRegion"]),
        ("eu", "us-east-1", "eu-west-1", ["aws:region"]),
        ("us", "us-east-1", "eu-west-1", ["reelplan:storage.replicaRegion"]),
    ],
)
def test_regions_are_held_against_the_residency(
    residency: str | None, region: str | None, replica: str | None, keys: list[str]
) -> None:
    used = {"aws:region": region, "reelplan:storage.replicaRegion": replica}
    assert [fault.split(": found ")[0] for fault in region_faults(residency, used)] == keys


def test_a_region_outside_is_reported_with_all_other_faults() -> None:
    values = {
        "cell": {"residency": "uk"},
        "storage": {"replicaRegion": "eu-west-1"},
        "delivery": {"originShieldRegion": "us-east-1"},
        "api": {"minTasks": 0},
    }
    with pytest.raises(SettingsError) as caught:
        load_settings({key: json.dumps(value) for key, value in values.items()}, "eu-west-2")
    assert caught.value.faults == [
        "reelplan:api.minTasks: found 0, expected: Input should be greater than or equal to 1",
        "reelplan:storage.replicaRegion: found eu-west-1, expected one of eu-west-2 (reelplan:cell.residency is uk)",
        "reelplan:delivery.originShieldRegion: found us-east-1, expected one of eu-west-2 "
        "(reelplan:cell.residency is uk)",
    ]


def test_no_region_is_in_two_parts_of_the_world() -> None:
    regions = [region for inside in RESIDENCIES.values() for region in inside]
    assert len(regions) == len(set(regions))
    assert {residency: keeps_requests(residency) for residency in RESIDENCIES} == {
        residency: EDGE_REGION in inside for residency, inside in RESIDENCIES.items()
    }


def test_nothing_of_a_european_cell_points_outside(europe: dict[str, Any]) -> None:
    assert findings(europe, "RP.19") == []
    assert findings(europe, "RP.20") == []
    regions = {one["inputs"]["region"] for one in europe["resources"] if "region" in one["inputs"]}
    assert regions == {"eu-west-1", EDGE_REGION}
    # What is declared in the edge's region keeps nothing.
    at_the_edge = {one["type"] for one in europe["resources"] if one["inputs"].get("region") == EDGE_REGION}
    assert at_the_edge <= set(OUTSIDE)
    assert not [kind for kind in OUTSIDE if "Bucket:" in kind or "/table" in kind or "logGroup" in kind]


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("aws:s3/bucket:Bucket", {"region": "us-west-2"}),
        ("aws:dynamodb/table:Table", {"replicas": [{"regionName": "us-west-2"}]}),
        ("aws:cloudwatch/logGroup:LogGroup", {"kmsKeyId": "arn:aws:kms:us-west-2:123456789012:key/k"}),
        ("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", {"region": "us-east-1"}),
        (
            "aws:lambda/function:Function",
            {"environment": {"variables": {"URL": "https://sqs.us-west-2.amazonaws.com/1/q"}}},
        ),
        ("aws:wafv2/webAcl:WebAcl", {"region": "us-west-2"}),
    ],
)
def test_what_points_outside_is_found(europe: dict[str, Any], kind: str, changed: dict[str, Any]) -> None:
    document = copy.deepcopy(europe)
    first = next(one for one in document["resources"] if one["type"] == kind)
    first["inputs"].update(changed)
    (finding,) = findings(document, "RP.19")
    assert finding.startswith(f"{kind}::{first['name']} names us-")


@pytest.mark.parametrize("residency", CELLS)
def test_a_cell_of_prod_holds_every_policy(residency: str) -> None:
    judgement = hold_against_policies(planned(residency), profile="prod", today=TODAY)
    # The waiver about the missing domain is for stacks that have none.
    assert [str(finding) for finding in judgement.intolerable] == []


def test_an_american_cell_logs_refused_requests_and_a_european_one_does_not(europe: dict[str, Any]) -> None:
    kind = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
    kept = {
        name: [one for one in of["resources"] if one["type"] == kind]
        for name, of in (("eu", europe), ("us", planned("us")))
    }
    assert {name: len(found) for name, found in kept.items()} == {"eu": 0, "us": 1}


def test_a_european_cell_stands_up() -> None:
    with Session(cell("eu", "dev")) as session:
        session.provision()
        names = session.recording.outputs
        assert (
            session.client("s3").get_bucket_location(Bucket=names["rawBucket"])["LocationConstraint"] == "eu-central-1"
        )
        assert names["alertsTopic"].split(":")[3] == "eu-central-1"
