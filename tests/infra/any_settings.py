"""Any valid settings of a stack, made from the JSON Schema of the typed model, and the stack that they plan."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from infra.emulator.plan_provider import PlanProvider
from infra.emulator.provision import _Creation, _kind_of
from infra.emulator.recorder import record
from infra.emulator.recording import Recording, Registration, State
from infra.ladder import RUNGS
from infra.settings import (
    FARGATE_MEMORY_MIB,
    LOG_RETENTION_DAYS,
    MODERATION_CATEGORIES,
    TEXT_CATEGORIES,
    Settings,
    SettingsError,
    load_settings,
)
from infra.stackfile import StackFile, load_stack
from tests.infra.conftest import REPOSITORY

Values = dict[str, Any]
"""Section -> key -> value, as a stack file writes it below ``config``."""

SCHEMA: Mapping[str, Any] = Settings.model_json_schema(by_alias=True)
LARGEST = 1_000_000
"""Where the model sets no upper limit."""
LONGEST_LIST = 3
STACK_NAMES = ("dev", "p", "eu-cell-2", "a-long-name-of-25-letters")
REGIONS = ("us-east-1", "eu-central-1", "ap-south-1")
"""What every capability is offered in."""
REPLICA_REGIONS = ("us-west-2", "eu-west-1")
ORIGINS = ("https://app.example.com", "https://localhost:3000", "http://127.0.0.1:8080")


def _fargate(section: str) -> dict[str, SearchStrategy[Any]]:
    """CPU and memory that Fargate offers together: chosen apart they hardly ever fit."""
    sizes = [{"cpu": cpu, "memoryMib": memory} for cpu, memories in FARGATE_MEMORY_MIB.items() for memory in memories]
    return {section: st.sampled_from(sizes)}


def _private_ranges() -> SearchStrategy[str]:
    prefixes = st.integers(16, 22)
    networks = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    hosts = st.one_of([st.ip_addresses(v=4, network=network) for network in networks])
    return st.builds(lambda host, prefix: str(ipaddress.ip_network((host, prefix), strict=False)), hosts, prefixes)


def _some(of: Mapping[str, Any] | tuple[str, ...]) -> SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(sorted(of)), min_size=1, unique=True)


THRESHOLD = st.fixed_dictionaries({"block": st.integers(80, 100), "review": st.integers(50, 80)})

BY_KEY: Mapping[str, SearchStrategy[Any]] = {
    "api.imageTag": st.sampled_from(["latest", "v1.2.3", "a" * 128]),
    "recommendation.imageTag": st.sampled_from(["latest", "v1.2.3"]),
    "cache.nodeType": st.sampled_from(["cache.t4g.micro", "cache.m7g.large", "cache.r7g.2xlarge"]),
    "delivery.domain": st.sampled_from(["video.example.com", "a.b.example.org"]),
    "delivery.originShieldRegion": st.sampled_from(["us-east-1", "eu-west-1"]),
    "delivery.hostedZoneId": st.just("Z0123456789ABCDEFGHIJ"),
    "delivery.signingKeys": st.lists(st.sampled_from(["key-1", "key-2", "2026-11"]), min_size=1, unique=True),
    "guardrails.alertEmails": st.lists(st.sampled_from(["ops@example.com", "cto@example.com"]), unique=True),
    # A residency must fit the region, which is no setting: tests/infra/test_cells.py has them.
    "cell.residency": st.none(),
    "moderation.textThresholds": st.dictionaries(st.sampled_from(TEXT_CATEGORIES), THRESHOLD, max_size=4),
    "moderation.thresholds": st.dictionaries(st.sampled_from(MODERATION_CATEGORIES), THRESHOLD, max_size=4),
    "network.vpcCidr": _private_ranges(),
    "observability.logRetentionDays": st.sampled_from(LOG_RETENTION_DAYS),
    "recommendation.weights": st.dictionaries(
        st.sampled_from(["view", "like", "share", "skip"]), st.floats(-50, 50, allow_nan=False), max_size=4
    ),
    "storage.allowedOrigins": st.lists(st.sampled_from(ORIGINS), min_size=1, unique=True),
    "storage.replicaRegion": st.sampled_from(REPLICA_REGIONS),
    "transcoding.ladder": _some(RUNGS),
    "transcoding.mp4Rendition": st.sampled_from(sorted(RUNGS)),
    "transcoding.segmentSeconds": st.sampled_from([2, 4, 6, 8, 10]),
    "upload.contentTypes": st.lists(st.sampled_from(["video/mp4", "video/webm"]), min_size=1, unique=True),
}
"""Keys whose type does not say enough: what a pattern allows and AWS does not, or what must fit other keys."""

PAIRS = {**_fargate("api"), **_fargate("recommendation")}
"""Section -> keys that are chosen together."""


def _of(schema: Mapping[str, Any], path: str) -> SearchStrategy[Any]:
    """Values of a schema."""
    if path in BY_KEY:
        optional = any(one.get("type") == "null" for one in schema.get("anyOf", ()))
        return st.none() | BY_KEY[path] if optional else BY_KEY[path]
    if "$ref" in schema:
        return _of(SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], path)
    if "anyOf" in schema:
        return st.one_of([_of(one, path) for one in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    return BY_TYPE[schema["type"]](schema, path)


def _text(schema: Mapping[str, Any], path: str) -> SearchStrategy[str]:
    if "pattern" not in schema:
        raise NotImplementedError(f"{path} is any text: say in BY_KEY what it may be")
    return st.from_regex(schema["pattern"], fullmatch=True, alphabet=st.characters(codec="ascii"))


def _number(schema: Mapping[str, Any], path: str) -> SearchStrategy[float]:
    lowest = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    exclusive = "exclusiveMinimum" in schema
    return st.floats(lowest, schema.get("maximum", LARGEST), exclude_min=exclusive).map(lambda x: round(x, 2) or 1.0)


def _list(schema: Mapping[str, Any], path: str) -> SearchStrategy[list[Any]]:
    items = _of(schema["items"], path)
    return st.lists(items, min_size=schema.get("minItems", 0), max_size=LONGEST_LIST, unique=True)


def _object(schema: Mapping[str, Any], path: str) -> SearchStrategy[dict[str, Any]]:
    if "properties" in schema:
        keys = {key: _of(one, f"{path}.{key}") for key, one in schema["properties"].items()}
        return st.fixed_dictionaries({}, optional=keys)
    names = _of(schema["propertyNames"], path) if "propertyNames" in schema else st.sampled_from(_default_keys(path))
    return st.dictionaries(names, _of(schema["additionalProperties"], path), max_size=LONGEST_LIST)


def _default_keys(path: str) -> list[str]:
    section, key = path.split(".")
    definition = SCHEMA["$defs"][SCHEMA["properties"][section]["$ref"].rpartition("/")[2]]
    return sorted(definition["properties"][key]["default"])


BY_TYPE: Mapping[str, Callable[[Mapping[str, Any], str], SearchStrategy[Any]]] = {
    "null": lambda schema, path: st.none(),
    "boolean": lambda schema, path: st.booleans(),
    "integer": lambda schema, path: st.integers(schema.get("minimum", 0), schema.get("maximum", LARGEST)),
    "number": _number,
    "string": _text,
    "array": _list,
    "object": _object,
}


class Wanted(NamedTuple):
    """A stack that somebody may want."""

    values: Values
    stack: str = "dev"
    region: str = REGIONS[0]


@st.composite
def any_stack(draw: st.DrawFn) -> Wanted:
    """A stack whose settings the model accepts; each key may be there or not."""
    stack, region = draw(st.sampled_from(STACK_NAMES)), draw(st.sampled_from(REGIONS))
    values: Values = {}
    for section, schema in SCHEMA["properties"].items():
        keys = draw(_of(schema, section), label=section)
        if isinstance(keys, dict) and section in PAIRS and draw(st.booleans()):
            keys = {**keys, **draw(PAIRS[section])}
        values[section] = keys
    return Wanted(without_contradictions(values, region), stack, region)


def without_contradictions(values: Values, region: str = REGIONS[0]) -> Values:
    """The settings without what the model refuses: the key that a fault begins with, or the sections that it names."""
    values = {section: dict(keys) if isinstance(keys, dict) else keys for section, keys in values.items()}
    while faults := _refusals(values, region):
        before = json.dumps(values)
        for fault in faults:
            section, _, key = fault.removeprefix("reelplan:").partition(": ")[0].partition(".")
            if values.get(section, {}).pop(key.partition(".")[0], None) is None:
                values = {name: keys for name, keys in values.items() if name not in fault}
        assert json.dumps(values) != before, f"no key to take out: {faults}"
    return values


def _refusals(values: Values, region: str) -> list[str]:
    try:
        load_settings(as_config(values), region)
    except SettingsError as error:
        return error.faults
    return []


def as_config(values: Values) -> dict[str, str]:
    """As the engine passes them: text, structures as JSON."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}


def stack_file(wanted: Wanted) -> StackFile:
    """This repository's program with the settings."""
    config = {f"reelplan:{key}": text for key, text in as_config(wanted.values).items()}
    declared = load_stack(REPOSITORY, "dev")
    return dataclasses.replace(declared, stack=wanted.stack, config={"aws:region": wanted.region, **config})


class ModelProvider(PlanProvider):
    """Creates nothing, but holds every request that would be made against the AWS API model."""

    def create(self, registration: Registration) -> State:
        state = super().create(registration)
        kind = None if registration.is_provider else _kind_of(registration)
        if kind and not kind.made_here:
            creation = _Creation(registration, kind, None, [])
            creation._values |= {"id": state.id, **{key: state.outputs[key] for key in kind.outputs}}
            creation.check()
        return state


def planned(values: Values, stack: str = "dev", region: str = REGIONS[0]) -> Recording:
    """The plan of a stack.

    Raises:
        ProgramError: the program refuses the settings, or a request does not fit the AWS API model.
    """
    return record(stack_file(Wanted(values, stack, region)), ModelProvider())
