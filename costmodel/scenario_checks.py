"""What can be wrong with a scenario file: every fault at once, at its line, in words.

Two kinds: faults of form, which the closed schema finds (``schema_faults``), and faults of meaning across keys
(``cross_faults``), which look at the file as it stands, so that a fault of form does not hide them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np

from costmodel.amounts import AMOUNTS, ANY, places
from costmodel.assumptions import SUM_TO_ONE, Assumptions, unequal_wholes
from costmodel.errors import Fault, nearest
from costmodel.schema import MONTH_PATTERN
from costmodel.yamlfile import Document, KeyPath

Schema = Mapping[str, Any]

EXPECTED = {
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "finite_number": "a number",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "less_than_equal": "a number of at most {le:g}",
    "string_too_short": "text that says something",
    "too_short": "at least {min_length} entry",
}
"""Error type of pydantic -> what should stand there instead; of any other type pydantic's own words."""

MONTH = re.compile(MONTH_PATTERN)


def schema_faults(errors: Sequence[Any], document: Document, schema: Schema) -> Iterator[Fault]:
    """The faults of form that pydantic found, one message each.

    Args:
        errors: ``ValidationError.errors()``.
        document: the file.
        schema: JSON Schema of the model; gives the keys, words and examples that are valid at a place.
    """
    for error in errors:
        path = _key_path(error, document.data)
        yield _schema_fault(error, path, document, schema)


def _schema_fault(error: Any, path: KeyPath, document: Document, schema: Schema) -> Fault:
    kind, context = error["type"], error.get("ctx", {})
    where = document.where(path)
    if kind == "extra_forbidden":
        keys = list(node_at(path[:-1], document.data, schema).get("properties", {}))
        return Fault(where, "an unknown key", f"one of {', '.join(keys)}", nearest(path[-1], keys))
    node = node_at(path, document.data, schema)
    choices = node.get("enum") or ([node["const"]] if "const" in node else [])
    if kind == "missing":
        wanted = f"one of {', '.join(choices)}" if choices else "a value"
        return Fault(where, "nothing", f"{wanted}: {_first_line(node)}")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _tag_fault(path, document, node)
    if kind == "literal_error":
        found = error["input"]
        if error["loc"][-1] == "[key]":
            choices = node_at(path[:-1], document.data, schema)["propertyNames"]["enum"]
        return Fault(where, _words(found), f"one of {', '.join(choices)}", nearest(str(found), choices))
    if kind == "string_pattern_mismatch":
        example = _example_key(path, document, schema) if error["loc"][-1] == "[key]" else node["examples"][0]
        return Fault(where, _words(error["input"]), f"text such as {example}")
    expected = EXPECTED[kind].format(**context) if kind in EXPECTED else error["msg"]
    return Fault(where, context.get("found") or _words(error["input"]), expected)


def _example_key(path: KeyPath, document: Document, schema: Schema) -> str:
    """A key that would be valid where the last one of ``path`` is not."""
    of_months = MONTH_PATTERN in node_at(path[:-1], document.data, schema).get("patternProperties", {})
    return "2027-01" if of_months else "latin_america"


def _tag_fault(path: KeyPath, document: Document, node: Schema) -> Fault:
    """A union whose telling key (``model``, ``driver``) is missing or names no member."""
    key = node["discriminator"]["propertyName"]
    choices = list(node["discriminator"]["mapping"])
    found = document.section(*path).get(key)
    hint = nearest(found, choices) if isinstance(found, str) else ""
    return Fault(document.where((*path, key)), _words(found), f"one of {', '.join(choices)}", hint)


def _key_path(error: Any, data: Any) -> KeyPath:
    """Path of the faulty key in the file: pydantic's location without the names of union members."""
    path: list[str] = []
    for part in map(str, error["loc"]):
        if isinstance(data, dict) and part in data:
            path.append(part)
            data = data[part]
    if error["type"] == "missing":
        path.append(str(error["loc"][-1]))
    return tuple(path)


def node_at(path: KeyPath, data: Any, schema: Schema) -> dict[str, Any]:
    """The part of ``schema`` that describes the value at ``path`` of ``data``."""
    node = _resolved(schema, schema)
    for key in path:
        node = _resolved(_child(_member(node, data, schema), key), schema)
        data = data.get(key) if isinstance(data, dict) else None
    return _member(node, data, schema) if isinstance(data, dict) else node


def _resolved(node: Schema, schema: Schema) -> dict[str, Any]:
    """``node`` with its reference followed, and of "something or null" the something."""
    options = [option for option in node.get("anyOf", ()) if option.get("type") != "null"]
    target = options[0] if len(options) == 1 else node
    if "$ref" in target:
        target = schema["$defs"][target["$ref"].rsplit("/", 1)[-1]]
    return {**target, **{key: value for key, value in node.items() if key in ("description", "default")}}


def _member(node: dict[str, Any], data: Any, schema: Schema) -> dict[str, Any]:
    """Of a union the member that the data name; the union itself when they name none."""
    if "discriminator" not in node or not isinstance(data, dict):
        return node
    members, name = node["discriminator"]["mapping"], data.get(node["discriminator"]["propertyName"])
    named = isinstance(name, str) and name in members
    return _resolved({"$ref": members[name]}, schema) if named else node


def _child(node: Schema, key: str) -> Schema:
    if key in node.get("properties", {}):
        return node["properties"][key]  # type: ignore[no-any-return]  # JSON Schema is untyped
    by_pattern = node.get("patternProperties", {})
    return next(iter(by_pattern.values()), None) or node.get("additionalProperties") or {}


def _first_line(node: Schema) -> str:
    return str(node.get("description", "")).split("\n")[0].rstrip(".")


def _words(value: Any) -> str:
    """What stands there, as a person would say it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"text {value!r}"
    if isinstance(value, list | dict) and not value:
        return "nothing in it"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a mapping of keys to values"
    return repr(value)


def cross_faults(document: Document, catalogue: Assumptions) -> Iterator[Fault]:
    """The faults of meaning: keys that do not exist, months outside the plan, parts that miss their whole.

    Args:
        document: the file; parts of the wrong form are passed over, for ``schema_faults`` reports them.
        catalogue: the shipped assumptions.
    """
    yield from _override_faults(document, catalogue)
    yield from _whole_faults(document, catalogue)
    yield from _reference_faults(document, catalogue)
    yield from _share_faults(document)
    yield from _geography_faults(document)
    yield from _month_faults(document)
    yield from _ending_faults(document)


def _override_faults(document: Document, catalogue: Assumptions) -> Iterator[Fault]:
    """Overrides of unknown assumptions, and values that have no meaning for their key."""
    for key, value in document.section("assumptions").items():
        where = document.where(("assumptions", key))
        if key not in catalogue.entries:
            yield Fault(where, "an unknown assumption", "a shipped key", nearest(key, catalogue.entries))
        elif is_number(value) and not catalogue.entries[key].allows(value):
            yield Fault(where, repr(value), catalogue.entries[key].allowed)


def _whole_faults(document: Document, catalogue: Assumptions) -> Iterator[Fault]:
    overrides = {key: value for key, value in document.section("assumptions").items() if is_number(value)}
    if any(key.startswith(SUM_TO_ONE) for key in overrides):
        shipped = {key: entry.value for key, entry in catalogue.entries.items()}
        for fault in unequal_wholes(shipped | overrides):
            where = f"{document.where(('assumptions',))}.{fault.where}"
            yield Fault(where, fault.found, fault.expected, fault.hint)


def _reference_faults(document: Document, catalogue: Assumptions) -> Iterator[Fault]:
    """Amounts given by an assumption that does not exist or has another unit."""
    for path, unit, key in _amounts(document):
        fitting = [name for name, entry in catalogue.entries.items() if entry.unit == unit]
        if isinstance(key, str) and key not in fitting:
            found, hint = f"text {key!r}", nearest(key, fitting)
            if key in catalogue.entries:
                found, hint = f"an assumption in {catalogue.entries[key].unit}", f"there are: {', '.join(fitting)}"
            yield Fault(document.where(path), found, f"an amount or an assumption in {unit}", hint)


def _share_faults(document: Document) -> Iterator[Fault]:
    """Shares of more than the whole."""
    for path, unit, value in _amounts(document):
        if unit.startswith("share") and is_number(value) and value > 1:
            yield Fault(document.where(path), repr(value), f"a number of at least 0 and at most 1 [{unit}]")


def _amounts(document: Document) -> Iterator[tuple[KeyPath, str, Any]]:
    """Path, unit and value of every amount that stands in the file."""
    for pattern, unit in AMOUNTS.items():
        for path in places(document, pattern):
            yield path, unit, document.section(*path[:-1])[path[-1]]


BY_GEOGRAPHY: tuple[KeyPath, ...] = (
    ("advertising", "in_feed"),
    ("advertising", "topview"),
    ("gifts", "markets"),
    ("shop", "markets"),
    ("marketplace", "markets"),
    ("payouts", "creator_rewards", "usd_per_1000_qualified_views"),
    ("payouts", "creator_fund", "weights"),
    ("compliance", "eu_share"),
    ("compliance", "residency"),
    ("drama", "usd_per_1000_impressions"),
    ("drama", "price_ratio"),
)
"""Mappings whose keys are geographies of the scenario."""

NAMES_OF_GEOGRAPHIES: tuple[KeyPath, ...] = (
    ("payouts", "ad_pool", "geographies"),
    ("compliance", "age_checks", "everyone_in"),
)
"""Lists of geographies of the scenario."""


def _geography_faults(document: Document) -> Iterator[Fault]:
    """Rates, prices and programmes for a geography that the scenario does not have."""
    known = list(document.section("geographies"))
    for name, path in _geographies_named(document):
        if name not in known:
            expected = f"one of {', '.join(known)}"
            yield Fault(document.where(path), "an unknown geography", expected, nearest(name, known))


def _geographies_named(document: Document) -> Iterator[tuple[str, KeyPath]]:
    """Every geography that is named outside ``geographies``, and where."""
    for parent in BY_GEOGRAPHY:
        for name in document.section(*parent):
            yield name, (*parent, name)
    for path in NAMES_OF_GEOGRAPHIES:
        names = document.section(*path[:-1]).get(path[-1])
        for index, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str):
                yield name, (*path, str(index))


def _month_faults(document: Document) -> Iterator[Fault]:
    """A launch, hire or programme that begins after the plan has ended: it would silently have no effect."""
    last = last_month(document)
    for path in _beginnings(document) if last else ():
        month = document.section(*path[:-1]).get(path[-1])
        if is_month(month) and month > last:
            yield Fault(document.where(path), month, f"a month up to the last of the plan, {last}")


BEGINNINGS: tuple[KeyPath, ...] = (
    ("geographies", ANY, "growth", "launch"),
    ("geographies", ANY, "growth", "advertising", "stops"),
    ("people", "roles", ANY, "starts"),
    ("live", "starts"),
    ("advertising", "starts"),
    ("gifts", "starts"),
    ("shop", "starts"),
    ("marketplace", "starts"),
    ("subscriptions", ANY, "starts"),
    ("payouts", ANY, "starts"),
    ("compliance", "starts"),
    ("compliance", "age_checks", "starts"),
    ("compliance", "residency", ANY, "starts"),
    ("first_version", "starts"),
    ("drama", "starts"),
    ("drama", "drama_pass", "starts"),
)
"""Months in which something begins."""

PERIODS: tuple[KeyPath, ...] = (
    ("advertising",),
    ("gifts",),
    ("shop",),
    ("marketplace",),
    ("subscriptions", ANY),
    ("payouts", ANY),
    ("compliance",),
    ("compliance", "age_checks"),
    ("compliance", "residency", ANY),
    ("drama",),
    ("drama", "drama_pass"),
)
"""Sections with a first and a last month."""


def _beginnings(document: Document) -> Iterator[KeyPath]:
    for pattern in BEGINNINGS:
        yield from places(document, pattern)


def _ending_faults(document: Document) -> Iterator[Fault]:
    """What ends before it begins, or before the plan does: it would silently never be there."""
    for pattern in PERIODS:
        for path in places(document, (*pattern, "ends")):
            section = document.section(*path[:-1])
            first = section.get("starts") or document.data.get("start")
            if is_month(first) and is_month(section["ends"]) and section["ends"] < first:
                expected = f"a month from its first on, {first}"
                yield Fault(document.where(path), section["ends"], expected)


def last_month(document: Document) -> str:
    """Last month of the plan; empty when the file does not say it."""
    start, months = document.data.get("start"), document.data.get("months")
    if not is_month(start) or not isinstance(months, int) or months < 1:
        return ""
    return str(np.datetime64(start, "M") + np.timedelta64(months - 1, "M"))


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a value of a file is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_month(value: Any) -> TypeGuard[str]:
    """Whether a value of a file is a month such as 2027-01."""
    return isinstance(value, str) and MONTH.fullmatch(value) is not None
