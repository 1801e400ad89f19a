"""Any valid settings give a sound stack: planned by the hundred, stood up on moto by the handful."""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as run

from infra.emulator import validation
from infra.emulator.recorder import record
from infra.emulator.recording import Recording, Registration
from infra.emulator.session import Session
from infra.errors import ProgramError
from infra.settings import load_settings
from infra.stackfile import load_stack
from tests.infra.any_settings import (
    SCHEMA,
    ModelProvider,
    Values,
    Wanted,
    any_stack,
    as_config,
    planned,
    stack_file,
    without_contradictions,
)
from tests.infra.conftest import MakeProject
from tests.infra.sound_stacks import PROPERTIES, faults

# A plan takes a second: to shrink one would take minutes, so the settings are printed as they were found.
BOUNDED = run(
    deadline=None, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
PLANS = run(BOUNDED, max_examples=20)
STANDS = run(BOUNDED, max_examples=4)
VALID = run(BOUNDED, max_examples=60)
SEED = 7
EVERYTHING: Values = {
    "profile": "prod",
    "size": "1m",
    "storage": {"replicaRegion": "us-west-2"},
    "network": {"nat": "each-zone"},
    "delivery": {"domain": "video.example.com", "hostedZoneId": "Z0123456789ABCDEFGHIJ", "accessLogs": True},
    "transcoding": {"earnedCodecs": {"HEVC": 1000, "AV1": 50_000}, "reservedSlots": 2},
    "moderation": {"mode": "video", "captions": True, "speech": True},
    "audit": {"dataEvents": True},
    "guardrails": {"alertEmails": ["ops@example.com"], "costTagsActive": True},
}
"""Every capability that can be chosen."""


@PLANS
@given(any_stack())
def test_any_valid_settings_plan_a_sound_stack(wanted: Wanted) -> None:
    assert faults(planned(*wanted)) == [], wanted


@STANDS
@given(any_stack())
def test_any_valid_settings_stand_up_on_moto(wanted: Wanted) -> None:
    stand_up(wanted)


@pytest.mark.parametrize(
    "values", [EVERYTHING, {"delivery": {"signed": False}}], ids=["everything", "a distribution that trusts no key"]
)
def test_chosen_settings_stand_up_on_moto(values: Values) -> None:
    stand_up(Wanted(values))


def stand_up(wanted: Wanted) -> None:
    """Create everything, read it back, and account for every resource."""
    with Session(stack_file(wanted)) as session:
        session.provision()
    results = validation.account_for(session.recording, session.results)
    assert {result.urn for result in results} == {one.urn for one in session.recording.registrations}


@pytest.mark.parametrize("stack", ["Feature_X", "a.b", "a--b", "a-", "a-long-name-of-26-lettersx"])
def test_a_stack_name_that_aws_would_refuse_half_way_is_refused_before_anything_is_made(stack: str) -> None:
    with pytest.raises(ProgramError, match=f"name of the stack: found '{stack}', expected at most 25 lowercase"):
        planned({}, stack)


# ---- every two switches together ----

Switch = tuple[str, Any]
"""Key and its value."""


def switches() -> dict[str, list[Any]]:
    """Keys of few values: switches and choices, and what may be left out."""
    found: dict[str, list[Any]] = {}
    for section, reference in SCHEMA["properties"].items():
        definition = SCHEMA["$defs"].get(reference.get("$ref", "").rpartition("/")[2], {})
        for key, schema in definition.get("properties", {}).items():
            if schema.get("type") == "boolean":
                found[f"{section}.{key}"] = [False, True]
            elif "enum" in schema:
                found[f"{section}.{key}"] = list(schema["enum"])
    return found


def pairwise(choices: Mapping[str, list[Any]], chance: random.Random) -> Iterator[dict[str, Any]]:
    """Few combinations in which every two values of two keys meet.

    Greedy: of some random combinations, each time the one in which the most pairs meet for the first time.
    """
    open_pairs = {
        frozenset([(one, left), (other, right)])
        for one, other in itertools.combinations(choices, 2)
        for left in choices[one]
        for right in choices[other]
    }
    while open_pairs:
        # Sorted by what stands in a pair: its own text depends on the hash seed, and two workers would plan other rows.
        start = dict(min(open_pairs, key=lambda pair: sorted(map(str, pair))))
        tries = [{**{key: chance.choice(values) for key, values in choices.items()}, **start} for _ in range(40)]
        best = max(tries, key=lambda row: len(met(row) & open_pairs))
        open_pairs -= met(best)
        yield best


def met(row: Mapping[str, Any]) -> set[frozenset[Switch]]:
    """Pairs of a combination."""
    return {frozenset(pair) for pair in itertools.combinations(row.items(), 2)}


def in_sections(row: Mapping[str, Any]) -> Values:
    values: Values = {}
    for path, value in row.items():
        section, _, key = path.partition(".")
        values.setdefault(section, {})[key] = value
    return values


def combinations() -> list[Values]:
    """What is planned: contradictions taken out, which costs a pair here and there."""
    return [without_contradictions(in_sections(row)) for row in pairwise(switches(), random.Random(SEED))]


def test_few_combinations_hold_every_pair_of_switches() -> None:
    known = switches()
    rows = list(pairwise(known, random.Random(SEED)))

    assert {"live.enabled", "delivery.signed", "network.nat", "analytics.source"} <= known.keys()
    assert len(rows) < 30
    together = set().union(*map(met, rows))
    for one, other in itertools.combinations(known, 2):
        for left, right in itertools.product(known[one], known[other]):
            assert frozenset([(one, left), (other, right)]) in together


@pytest.mark.parametrize("values", combinations(), ids=lambda values: "")
def test_every_two_switches_together_plan_a_sound_stack(values: Values) -> None:
    assert faults(planned(values)) == [], values


# ---- each property sees what it is for ----


def broken(plan: Recording, label: str, /, **inputs: Any) -> Recording:
    """The plan in which a resource ("Queue transcode") has other inputs; None takes one away."""

    def edited(one: Registration) -> Registration:
        if f"{one.type.rpartition(':')[2]} {one.name}" != label:
            return one
        kept = {key: value for key, value in {**one.inputs, **inputs}.items() if value is not None}
        return dataclasses.replace(one, inputs=kept)

    found = tuple(map(edited, plan.registrations))
    assert found != plan.registrations, f"no {label}, or no change"
    return dataclasses.replace(plan, registrations=found)


def without(plan: Recording, name: str) -> Recording:
    """The plan without a resource."""
    kept = tuple(one for one in plan.registrations if f"{one.type.rpartition(':')[2]} {one.name}" != name)
    assert len(kept) < len(plan.registrations), f"no {name}"
    return dataclasses.replace(plan, registrations=kept)


EVERYBODY = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}'
WILD = '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b"}]}'
ALL = '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}'
GONE = (
    '{"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage",'
    ' "Resource": "arn:aws:sqs:us-east-1:123456789012:reelplan-dev-gone"}]}'
)

BREAKAGES: Mapping[str, list[Callable[[Recording], Recording]]] = {
    "refers_to_what_is_there": [
        lambda plan: without(plan, "Bucket raw"),
        lambda plan: without(plan, "PrivateBucket raw"),
        lambda plan: broken(plan, "Queue review-queue", name="not-emulated:aws:x#y"),
    ],
    "names_its_outputs": [lambda plan: dataclasses.replace(plan, outputs={**plan.outputs, "url": None})],
    "allows_only_what_is_named": [
        lambda plan: broken(plan, "RolePolicy submit", policy=WILD),
        lambda plan: broken(plan, "RolePolicy submit", policy=ALL),
    ],
    "trusts_nobody_unnamed": [
        lambda plan: broken(plan, "BucketPolicy raw", policy=EVERYBODY),
        lambda plan: broken(plan, "Role submit", assumeRolePolicy=EVERYBODY),
    ],
    "keeps_buckets_private": [
        lambda plan: without(plan, "BucketPublicAccessBlock raw"),
        lambda plan: broken(plan, "BucketPublicAccessBlock raw", blockPublicPolicy=False),
        lambda plan: broken(plan, "Bucket raw", acl="public-read"),
    ],
    "sets_failures_aside": [
        lambda plan: broken(plan, "Queue review-queue", redrivePolicy=None),
        lambda plan: without(plan, "MetricAlarm submit-dead-letters"),
        lambda plan: broken(plan, "MetricAlarm feed-dead-letters", alarmActions=None),
    ],
    "forgets_logs_in_time": [
        lambda plan: broken(plan, "LogGroup submit", retentionInDays=None),
        lambda plan: broken(plan, "LogGroup submit", retentionInDays=0),
        lambda plan: without(plan, "LogGroup submit"),
    ],
    "keeps_names_short": [
        lambda plan: broken(plan, "Function submit", name="f" * 65),
        lambda plan: broken(plan, "Function submit", name="reelplan-dev-complete"),
    ],
    "keeps_subnets_apart": [
        lambda plan: broken(plan, "Subnet private-1", cidrBlock="10.21.0.0/20"),
        lambda plan: broken(plan, "Subnet private-1", cidrBlock="10.20.0.0/17"),
    ],
    "admits_no_stranger": [
        lambda plan: broken(plan, "SecurityGroupIngressRule balancer-from-cloudfront", cidrIpv4="0.0.0.0/0"),
        lambda plan: broken(plan, "SecurityGroup api-tasks", ingress=[{"cidrBlocks": ["0.0.0.0/0"]}]),
    ],
    "tells_of_alarms": [lambda plan: broken(plan, "MetricAlarm feed-dead-letters", alarmActions=None)],
    "names_arns_that_are_there": [lambda plan: broken(plan, "RolePolicy submit", policy=GONE)],
}


@pytest.fixture(scope="module")
def dev() -> Recording:
    return planned({"profile": "dev"})


def test_every_property_is_tried() -> None:
    assert list(BREAKAGES) == [one.__name__ for one in PROPERTIES]


@pytest.mark.parametrize(
    ("name", "breakage"),
    [(name, breakage) for name, found in BREAKAGES.items() for breakage in found],
    ids=[f"{name}-{index}" for name, found in BREAKAGES.items() for index in range(len(found))],
)
def test_a_property_sees_what_it_is_for(dev: Recording, name: str, breakage: Callable[[Recording], Recording]) -> None:
    before = faults(dev)
    assert not [fault for fault in before if fault.startswith(f"{name}: ")]
    assert [fault for fault in faults(breakage(dev)) if fault.startswith(f"{name}: ")]


def test_a_request_that_the_api_model_refuses_is_found_without_moto(make_project: MakeProject) -> None:
    root = make_project('aws.cloudwatch.LogGroup("g", name="no blanks here")')

    with pytest.raises(ProgramError, match="logGroupName: found 'no blanks here'"):
        record(load_stack(root, "dev"), ModelProvider())


def test_the_generated_settings_are_valid_and_reach_every_section() -> None:
    reached: set[str] = set()

    @VALID
    @given(any_stack())
    def collect(wanted: Wanted) -> None:
        load_settings(as_config(wanted.values), wanted.region)
        sections = {section: keys for section, keys in wanted.values.items() if isinstance(keys, dict)}
        reached.update(f"{section}.{key}" for section, keys in sections.items() for key in keys)

    collect()
    keys = {f"{section}.{key}" for section, one in _sections().items() for key in one["properties"]}
    assert keys - reached == set()


def _sections() -> dict[str, Any]:
    references = {section: one.get("$ref", "").rpartition("/")[2] for section, one in SCHEMA["properties"].items()}
    return {section: SCHEMA["$defs"][name] for section, name in references.items() if name}
