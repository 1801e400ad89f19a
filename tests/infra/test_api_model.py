from __future__ import annotations

import copy
import doctest
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from infra.emulator import api_model
from infra.emulator.api_model import ApiModelError, Violation, check, unchecked_patterns, violations

QUEUE = {"Name": "uploads", "PricingPlan": "ON_DEMAND", "Status": "ACTIVE", "Tags": {"app": "reelplan"}}


def only(found: list[Violation]) -> Violation:
    assert len(found) == 1, [str(violation) for violation in found]
    return found[0]


def botocore_accepts(service: str, operation: str, params: dict[str, Any]) -> bool:
    shape = botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape
    assert shape is not None
    return not ParamValidator().validate(params, shape).has_errors()


def test_a_good_request_has_no_violations() -> None:
    assert violations("mediaconvert", "CreateQueue", QUEUE) == []
    check("mediaconvert", "CreateQueue", QUEUE)


@pytest.mark.parametrize(
    ("service", "operation", "params", "kind", "where"),
    [
        ("mediaconvert", "CreateQueue", {"Name": "q", "PricingPlan": "ONDEMAND"}, "enum", "PricingPlan"),
        (
            "mediaconvert",
            "CreateQueue",
            {"Name": "q", "MaximumConcurrentFeeds": -1},
            "minimum",
            "MaximumConcurrentFeeds",
        ),
        ("mediaconvert", "ListJobs", {"MaxResults": 21}, "maximum", "MaxResults"),
        ("iam", "CreateUser", {"UserName": "a b"}, "pattern", "UserName"),
        ("iam", "CreateUser", {"UserName": "a" * 65}, "maximum", "UserName"),
        ("sqs", "TagQueue", {"QueueUrl": "q", "Tags": {"a": 1}}, "type", "Tags.a"),
        ("s3", "PutObject", {"Bucket": "b", "Key": "k", "StorageClass": "COLD"}, "enum", "StorageClass"),
        ("lambda", "CreateAlias", {"FunctionName": "f", "Name": "1", "FunctionVersion": "1"}, "pattern", "Name"),
    ],
)
def test_what_botocore_lets_through_is_found(
    service: str, operation: str, params: dict[str, Any], kind: str, where: str
) -> None:
    found = only(violations(service, operation, params))
    assert (found.kind, found.where) == (kind, where)
    if kind in ("enum", "maximum", "pattern"):
        assert botocore_accepts(service, operation, params)


def test_botocores_own_findings_are_included_and_all_come_at_once() -> None:
    found = violations(
        "mediaconvert",
        "CreateQueue",
        {"Nam": "q", "ConcurrentJobs": "3", "PricingPlan": "FREE", "ReservationPlanSettings": {"ReservedSlots": True}},
    )
    assert {(violation.where, violation.kind) for violation in found} == {
        ("Nam", "unknown"),
        ("Name", "missing"),
        ("ConcurrentJobs", "type"),
        ("PricingPlan", "enum"),
        ("ReservationPlanSettings.Commitment", "missing"),
        ("ReservationPlanSettings.RenewalType", "missing"),
        ("ReservationPlanSettings.ReservedSlots", "type"),
    }


def test_an_unknown_member_names_the_nearest() -> None:
    found = only(violations("mediaconvert", "CreateQueue", {"Name": "q", "pricingplan": "ON_DEMAND"}))
    assert str(found) == (
        "pricingplan: found unknown member, expected a member of CreateQueueRequest (did you mean PricingPlan?)"
    )


def test_paths_go_through_lists_and_maps() -> None:
    settings = {"OutputGroups": [{}, {"Outputs": [{"VideoDescription": {"Width": 9000}}]}]}
    found = only(violations("mediaconvert", "CreateJobTemplate", {"Name": "t", "Settings": settings}))
    assert found.path == ("Settings", "OutputGroups", 1, "Outputs", 0, "VideoDescription", "Width")
    assert str(found) == (
        "Settings.OutputGroups[1].Outputs[0].VideoDescription.Width: found 9000, expected at most 8192"
    )


def test_a_required_token_that_botocore_fills_in_may_be_absent() -> None:
    params = {"AutoScalingGroupName": "g", "RequestedCapacity": 1}
    assert not botocore_accepts("autoscaling", "LaunchInstances", params)
    assert violations("autoscaling", "LaunchInstances", params) == []


def test_a_tagged_union_takes_exactly_one_member() -> None:
    def scraper(**source: Any) -> dict[str, Any]:
        destination = {"ampConfiguration": {"workspaceArn": "arn:aws:aps:eu-central-1:123456789012:workspace/ws"}}
        scrape = {"configurationBlob": b"x"}
        return {"scrapeConfiguration": scrape, "source": source, "destination": destination}

    eks = {"clusterArn": "arn:aws:eks:eu-central-1:123456789012:cluster/c", "subnetIds": ["subnet-0123456789"]}
    vpc = {"securityGroupIds": ["sg-0123456789"], "subnetIds": ["subnet-0123456789"]}
    assert violations("amp", "CreateScraper", scraper(eksConfiguration=eks)) == []
    both = only(violations("amp", "CreateScraper", scraper(eksConfiguration=eks, vpcConfiguration=vpc)))
    assert (both.where, both.kind) == ("source", "union")
    assert only(violations("amp", "CreateScraper", scraper())).kind == "union"


def test_check_raises_with_every_violation() -> None:
    with pytest.raises(ApiModelError) as raised:
        check("mediaconvert", "CreateQueue", {"PricingPlan": "FREE"})
    assert [violation.kind for violation in raised.value.violations] == ["missing", "enum"]
    assert str(raised.value).splitlines() == [
        "mediaconvert.CreateQueue: Name: found nothing, expected a value (required)",
        "mediaconvert.CreateQueue: PricingPlan: found 'FREE', expected one of ON_DEMAND, RESERVED",
    ]


@pytest.mark.parametrize(
    ("service", "operation", "message"),
    [
        ("mediconvert", "CreateJob", "did you mean mediaconvert"),
        ("mediaconvert", "CreateJobs", "did you mean CreateJob"),
    ],
)
def test_a_misspelt_service_or_operation_names_the_nearest(service: str, operation: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        violations(service, operation, {})


def test_parameters_of_an_operation_without_parameters_are_unknown() -> None:
    assert violations("sts", "GetCallerIdentity", {}) == []
    assert only(violations("mediaconvert", "GetPolicy", {"Name": "x"})).kind == "unknown"


@pytest.mark.parametrize(
    ("operation", "params", "good"),
    [
        # Anchored at the front only: a prefix is enough.
        ("mediaconvert.CreateJobTemplate", {"Destination": "s3://bucket/any/where"}, True),
        ("mediaconvert.CreateJobTemplate", {"Destination": "https://bucket/any"}, False),
    ],
)
def test_anchored_patterns_are_searched_for(operation: str, params: dict[str, Any], good: bool) -> None:
    group = {"OutputGroupSettings": {"Type": "FILE_GROUP_SETTINGS", "FileGroupSettings": params}}
    service, name = operation.split(".")
    found = violations(service, name, {"Name": "t", "Settings": {"OutputGroups": [group]}})
    assert (found == []) is good


@pytest.mark.parametrize(("key", "good"), [("größe:a", True), ("preis€", True), ("bell\x07", False)])
def test_java_classes_are_widened_not_dropped(key: str, good: bool) -> None:
    params = {"UserName": "u", "Tags": [{"Key": key, "Value": "v"}]}
    model_pattern = api_model.service_model("iam").shape_for("tagKeyType").metadata["pattern"]
    assert r"\p{L}" in model_pattern
    # A currency sign is no letter to Java either; IAM's own pattern leaves it out.
    expected = good and "€" not in key
    assert (violations("iam", "TagUser", params) == []) is expected


SERVICES_OF_THE_PROGRAM = [
    "acm",
    "application-autoscaling",
    "cloudfront",
    "cloudwatch",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "elbv2",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "mediaconvert",
    "route53",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "stepfunctions",
    "wafv2",
]


@pytest.mark.parametrize("service", SERVICES_OF_THE_PROGRAM)
def test_every_pattern_of_the_services_in_use_is_checked(service: str) -> None:
    assert unchecked_patterns(service) == {}


VALID_JOB: dict[str, Any] = {
    "Role": "arn:aws:iam::123456789012:role/mc",
    "Priority": 1,
    "UserMetadata": {"videoId": "v"},
    "Settings": {
        "Inputs": [{"FileInput": "s3://raw/a.mp4", "AudioSelectors": {"a": {"Tracks": [1]}}}],
        "OutputGroups": [{"Name": "MP4", "Outputs": [{"NameModifier": "_x", "VideoDescription": {"Width": 480}}]}],
    },
}


def containers(value: Any) -> list[Any]:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return ([value] if isinstance(value, (dict, list)) and value else []) + [
        c for item in inner for c in containers(item)
    ]


@given(
    where=st.integers(min_value=0),
    key=st.integers(min_value=0),
    value=st.one_of(
        st.none(), st.booleans(), st.integers(-100, 100), st.text(max_size=3), st.just([]), st.just({"No": 1})
    ),
    drop=st.booleans(),
)
def test_whatever_botocore_refuses_is_refused(where: int, key: int, value: Any, drop: bool) -> None:
    params = copy.deepcopy(VALID_JOB)
    target = containers(params)[where % len(containers(params))]
    step = list(target)[key % len(target)] if isinstance(target, dict) else key % len(target)
    if drop and isinstance(target, dict):
        del target[step]
    else:
        target[step] = value
    # The client fills the token in before it validates.
    if not botocore_accepts("mediaconvert", "CreateJob", {"ClientRequestToken": "t", **params}):
        assert violations("mediaconvert", "CreateJob", params)


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(api_model).failed == 0
