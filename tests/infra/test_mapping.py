from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.emulator.api_model import operation_model
from infra.emulator.assets import Archive
from infra.emulator.converter import Conversion, leaves
from infra.emulator.provisioners import TYPES
from infra.emulator.provisioners.spec import Read, Target, To
from infra.emulator.readback import contains, missing
from infra.emulator.sdk import resource_class


def convert(
    service: str, operation: str, inputs: Mapping[str, Any], targets: Mapping[str, Target] | None = None, into: str = ""
) -> dict[str, Any]:
    conversion = Conversion(operation_model(service, operation), targets or {})
    conversion.add(inputs, into)
    assert conversion.unmapped == []
    return conversion.request


def refused(service: str, operation: str, inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    conversion = Conversion(operation_model(service, operation), {})
    conversion.add(inputs, "")
    return [(found.path, found.hint) for found in conversion.unmapped]


# ---- what goes by itself ----


def test_the_members_own_name_capitals_aside() -> None:
    inputs = {"bucket": "b", "versioningConfiguration": {"status": "Enabled", "mfaDelete": "Disabled"}}

    assert convert("s3", "PutBucketVersioning", inputs) == {
        "Bucket": "b",
        "VersioningConfiguration": {"Status": "Enabled", "MFADelete": "Disabled"},
    }


def test_singular_and_plural() -> None:
    assert convert("ecs", "CreateService", {"capacityProviderStrategies": [{"capacityProvider": "FARGATE"}]}) == {
        "capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]
    }


def test_tags_become_pairs_under_the_names_of_the_service() -> None:
    tags = {"b": "2", "a": "1"}

    assert convert("iam", "CreateRole", {"tags": tags}) == {
        "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    }
    assert convert("ecs", "CreateCluster", {"tags": tags}) == {
        "tags": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
    }
    assert convert("lambda", "CreateFunction", {"tags": tags}) == {"Tags": tags}
    assert convert("cloudwatch", "PutMetricAlarm", {"dimensions": {"QueueName": "q"}}) == {
        "Dimensions": [{"Name": "QueueName", "Value": "q"}]
    }


def test_cloudfront_counts_its_lists() -> None:
    behavior = {"allowedMethods": ["GET", "HEAD"], "cachedMethods": ["GET"]}
    targets = {"defaultCacheBehavior.cachedMethods": "AllowedMethods.CachedMethods"}

    request = convert(
        "cloudfront", "CreateDistribution", {"defaultCacheBehavior": behavior}, targets, "DistributionConfig"
    )

    assert request["DistributionConfig"]["DefaultCacheBehavior"]["AllowedMethods"] == {
        "Quantity": 2,
        "Items": ["GET", "HEAD"],
        "CachedMethods": {"Quantity": 1, "Items": ["GET"]},
    }


def test_numbers_truth_values_and_files_take_the_type_of_the_member() -> None:
    archive = Archive({"a.py": b"x"})
    request = convert(
        "lambda", "CreateFunction", {"timeout": "30", "publish": "true", "code": archive}, {"code": "Code.ZipFile"}
    )

    assert request == {"Timeout": 30, "Publish": True, "Code": {"ZipFile": archive.zipped()}}


# ---- what a type's entry says ----


def test_an_entry_of_a_map_and_of_a_list_of_pairs() -> None:
    queue = convert("sqs", "CreateQueue", {"delaySeconds": 5}, {"delaySeconds": "Attributes[DelaySeconds]"})
    balancer = convert(
        "elbv2", "ModifyLoadBalancerAttributes", {"http2": True}, {"http2": "Attributes[routing.http2.enabled]"}
    )

    assert queue == {"Attributes": {"DelaySeconds": "5"}}
    assert balancer == {"Attributes": [{"Key": "routing.http2.enabled", "Value": "true"}]}


def test_one_list_element_that_several_inputs_share() -> None:
    request = convert("events", "PutTargets", {"rule": "r", "arn": "a", "roleArn": "b"}, {"rule": "/Rule"}, "Targets[]")

    assert request == {"Rule": "r", "Targets": [{"Arn": "a", "RoleArn": "b"}]}


def test_flattened_object_and_changed_value() -> None:
    targets: dict[str, Target] = {
        "healthCheck": ".",
        "healthCheck.interval": "HealthCheckIntervalSeconds",
        "internal": To("Name", lambda internal: "in" if internal else "out"),
    }

    assert convert("elbv2", "CreateTargetGroup", {"healthCheck": {"interval": 15}, "internal": True}, targets) == {
        "HealthCheckIntervalSeconds": 15,
        "Name": "in",
    }


# ---- what goes nowhere ----


def test_an_input_without_a_place_is_named_with_the_nearest_member() -> None:
    assert refused("sqs", "CreateQueue", {"queueNme": "q"}) == [("queueNme", "did you mean QueueName?")]


def test_every_misfit_is_found_at_once_and_deep_down() -> None:
    inputs = {"bucket": "b", "versioningConfiguration": {"status": ["Enabled", "Disabled"], "sttus": "x"}}

    paths = [path for path, _ in refused("s3", "PutBucketVersioning", inputs)]

    assert paths == ["versioningConfiguration.status", "versioningConfiguration.sttus"]


@pytest.mark.parametrize("value", [1.5, "many", True])
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    assert refused("lambda", "CreateFunction", {"timeout": value}) == [("timeout", "")]


def test_a_wrong_target_in_an_entry_is_a_bug_and_not_a_fault_of_the_user() -> None:
    with pytest.raises(ValueError, match="no Nowhere in CreateQueueRequest"):
        convert("sqs", "CreateQueue", {"name": "q"}, {"name": "Nowhere"})


# ---- the entries themselves ----


@pytest.mark.parametrize("token", sorted(TYPES))
def test_an_entry_speaks_of_inputs_and_operations_that_exist(token: str) -> None:
    kind, cls = TYPES[token], resource_class(token)
    if kind.made_here:
        assert kind.calls == ()
        return
    assert cls is not None
    known = _input_names(cls)
    named = {path.partition(".")[0] for call in kind.calls for path in (*call.inputs, *(call.takes or ()))}
    ignored = {path.partition(".")[0] for path in kind.ignored}

    assert (named | ignored | ({kind.name} if kind.name else set())) - known - {"timeouts"} == set()
    for call in kind.calls:
        operation_model(kind.service, call.operation)
        for read in call.reads:
            operation_model(kind.service, read.operation)


def _input_names(cls: type) -> set[str]:
    members = [member for member in vars(cls).values() if isinstance(member, property)]
    return {getattr(member.fget, "_pulumi_name", getattr(member.fget, "__name__", "")) for member in members}


# ---- reading back ----

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=3), children, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(min_size=1, max_size=3), JSON.filter(lambda value: value is not None), max_size=3))
def test_an_answer_holds_itself_and_may_hold_more(value: dict[str, Any]) -> None:
    without_none = _without_none(value)

    assert contains(without_none, without_none)
    assert contains({**without_none, "one more": 1}, without_none)


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value if item is not None] if isinstance(value, list) else value


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(), min_size=1))
def test_an_answer_that_lacks_or_changes_a_value_does_not_hold_it(value: dict[str, int]) -> None:
    key = sorted(value)[0]

    assert not contains({name: item for name, item in value.items() if name != key}, value)
    assert not contains({**value, key: value[key] + 1}, value)


def test_policies_are_compared_as_json() -> None:
    assert contains(
        {"Statement": [{"Effect": "Allow"}], "Version": "1"}, '{"Version": "1", "Statement": [{"Effect": "Allow"}]}'
    )
    assert not contains('{"Effect": "Deny"}', '{"Effect": "Allow"}')


def test_a_value_that_is_not_kept_is_named_with_what_stands_there() -> None:
    read = Read("DescribeX", {"Name": "n"}, {"Config": "X.Config"}, rest="X")
    answer = {"X": {"Size": 2, "Config": {"Mode": "B"}}}
    request = {"Name": "n", "Size": 1, "Config": {"Mode": "A", "Deep": [{"C": 1}]}, "Lost": 1}

    assert missing(request, ((read, {"Name": "n"}, answer),), {"Lost": "moto does not keep it"}) == [
        "Size: sent 1, read back 2",
        "Config.Mode: sent 'A', read back 'B'",
        "Config.Deep: sent [{'C': 1}], but nothing of it can be read back",
    ]


def test_leaves_leave_list_positions_out() -> None:
    assert list(leaves({"A": [{"B": 1}, {"B": 2}], "C": {}})) == [("A.B", 1), ("A.B", 2), ("C", {})]
