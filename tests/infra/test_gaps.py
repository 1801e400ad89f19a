from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.server import ThreadedMotoServer

from infra.emulator import gaps
from infra.emulator.safety import guard

CACHE_POLICY = {
    "Name": "media",
    "MinTTL": 0,
    "ParametersInCacheKeyAndForwardedToOrigin": {
        "EnableAcceptEncodingGzip": True,
        "HeadersConfig": {"HeaderBehavior": "none"},
        "CookiesConfig": {"CookieBehavior": "none"},
        "QueryStringsConfig": {
            "QueryStringBehavior": "whitelist",
            "QueryStrings": {"Quantity": 2, "Items": ["v", "w"]},
        },
    },
}


@pytest.fixture(params=["process", "server"])
def cloudfront(request: pytest.FixtureRequest) -> Iterator[Any]:
    gaps.install()
    gaps.install()
    if request.param == "process":
        with mock_aws():
            yield guard(boto3.client("cloudfront", "us-east-1"))
        return
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    client = boto3.client("cloudfront", region_name="us-east-1", endpoint_url=f"http://{host}:{port}", **keys)  # type: ignore[call-overload]  # keys by name
    yield guard(client)
    client.close()
    server.stop()
    assert server._server is not None
    server._server.server_close()


def test_a_policy_lives_and_dies(cloudfront: Any) -> None:
    made = cloudfront.create_cache_policy(CachePolicyConfig=CACHE_POLICY)
    identifier = made["CachePolicy"]["Id"]

    found = cloudfront.get_cache_policy(Id=identifier)
    assert found["CachePolicy"]["CachePolicyConfig"] == CACHE_POLICY
    assert cloudfront.get_cache_policy_config(Id=identifier)["CachePolicyConfig"] == CACHE_POLICY

    updated = cloudfront.update_cache_policy(
        Id=identifier, IfMatch=found["ETag"], CachePolicyConfig={**CACHE_POLICY, "MinTTL": 5}
    )
    assert updated["ETag"] != found["ETag"]
    listed = cloudfront.list_cache_policies()["CachePolicyList"]
    assert [item["CachePolicy"]["CachePolicyConfig"]["MinTTL"] for item in listed["Items"]] == [5]

    cloudfront.delete_cache_policy(Id=identifier, IfMatch=updated["ETag"])
    with pytest.raises(ClientError) as error:
        cloudfront.get_cache_policy(Id=identifier)
    assert error.value.response["Error"]["Code"] == "NoSuchCachePolicy"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_name_is_given_once(cloudfront: Any) -> None:
    cloudfront.create_cache_policy(CachePolicyConfig=CACHE_POLICY)

    with pytest.raises(ClientError) as error:
        cloudfront.create_cache_policy(CachePolicyConfig=CACHE_POLICY)

    assert error.value.response["Error"]["Code"] == "CachePolicyAlreadyExists"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409


def test_a_change_needs_the_latest_version(cloudfront: Any) -> None:
    identifier = cloudfront.create_cache_policy(CachePolicyConfig=CACHE_POLICY)["CachePolicy"]["Id"]

    with pytest.raises(ClientError) as error:
        cloudfront.delete_cache_policy(Id=identifier, IfMatch="old")

    assert error.value.response["Error"]["Code"] == "PreconditionFailed"


def test_a_vpc_origin_keeps_its_endpoint_and_tags(cloudfront: Any) -> None:
    endpoint = {
        "Name": "api",
        "Arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/api/1",
        "HTTPPort": 80,
        "HTTPSPort": 443,
        "OriginProtocolPolicy": "http-only",
    }
    origin = cloudfront.create_vpc_origin(
        VpcOriginEndpointConfig=endpoint, Tags={"Items": [{"Key": "a", "Value": "1"}]}
    )["VpcOrigin"]

    found = cloudfront.get_vpc_origin(Id=origin["Id"])["VpcOrigin"]
    assert found["VpcOriginEndpointConfig"] == endpoint
    assert found["Arn"] == f"arn:aws:cloudfront::123456789012:vpcorigin/{origin['Id']}"
    tags = cloudfront.list_tags_for_resource(Resource=origin["Arn"])["Tags"]["Items"]
    assert tags == [{"Key": "a", "Value": "1"}]


def test_moto_still_has_the_hooks_that_gaps_need() -> None:
    """Private surface of moto: fails first, and by name, when a later moto moves it."""
    paths = importlib.import_module("moto.cloudfront.urls").url_paths
    response = importlib.import_module("moto.cloudfront.responses").CloudFrontResponse()

    assert isinstance(paths, dict)
    assert response.automated_parameter_parsing is True
    assert hasattr(type(response), "backend")
