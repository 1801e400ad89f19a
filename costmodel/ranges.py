"""Ranges: a number of a scenario that its author knows only between two others, ``{low, base, high}``.

A range may stand wherever a number may. It is taken apart once, when the file is loaded: the plan of the base case is
made with ``base`` alone, and the ranges are kept beside the scenario for whoever asks how sure its author was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal, cast, get_args

from pydantic import TypeAdapter

from costmodel.assumptions import DEFAULT_DISTRIBUTION, Distribution, Range
from costmodel.errors import Fault, nearest
from costmodel.scenario_checks import Schema, is_number, node_at
from costmodel.yamlfile import Document, KeyPath

Bound = Literal["low", "high"]
BOUNDS: tuple[Bound, ...] = get_args(Bound)
NUMBERS = ("low", "base", "high")
KEYS = (*NUMBERS, "distribution")
CHOICES: frozenset[KeyPath] = frozenset({("months",)})
"""Numbers that the author decides and cannot be unsure of."""


def split(document: Document, schema: Schema) -> tuple[Document, dict[KeyPath, Range], dict[str, list[Fault]]]:
    """A scenario file without its ranges, and the ranges.

    Args:
        document: the file as it was written.
        schema: JSON Schema of the scenario; says where a number may stand.

    Returns:
        The file with ``base`` in the place of every range; the ranges by key path; and by place the faults of what
        was meant as a range and is none, which stays in the file.
    """
    ranges: dict[KeyPath, Range] = {}
    faults: dict[str, list[Fault]] = {}
    for path, value in _candidates(document, schema):
        found = list(_faults(value, path, document))
        if found:
            faults[document.where(path)] = found
        else:
            shape = value.get("distribution", DEFAULT_DISTRIBUTION)
            ranges[path] = Range(value["low"], value["base"], value["high"], shape)
    return _with(document, {path: known.base for path, known in ranges.items()}), ranges, faults


def at(document: Document, ranges: Mapping[KeyPath, Range], bound: Bound) -> Document:
    """The file with one end of every range in its place, to be checked like a number that was written there."""
    return _with(document, {path: getattr(known, bound) for path, known in ranges.items()})


def with_ranges(schema: Schema) -> dict[str, Any]:
    """The JSON Schema of a scenario file as it may be written: a range wherever a number may stand."""
    allowed: dict[str, Any] = _with_ranges(schema)
    for path in CHOICES:
        allowed["properties"][path[0]] = schema["properties"][path[0]]
    allowed["$defs"] |= {"Range": TypeAdapter(Range).json_schema() | {"description": RANGE_IN_WORDS}}
    return allowed


RANGE_IN_WORDS = "How far the number may be off: the plan is made with base, the ends say how sure its author is."


def _with_ranges(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_ranges(part) for part in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") in ("number", "integer"):
        aside = {key: node[key] for key in ("title", "description", "default") if key in node}
        number = {key: value for key, value in node.items() if key not in aside}
        return {**aside, "anyOf": [number, {"$ref": "#/$defs/Range"}]}
    return {key: _with_ranges(part) for key, part in node.items()}


def _candidates(document: Document, schema: Schema) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Every mapping that stands where the schema wants a number."""
    open_paths: list[tuple[KeyPath, Any]] = [((), document.data)]
    while open_paths:
        path, value = open_paths.pop()
        if not isinstance(value, dict):
            continue
        if path and path not in CHOICES and takes_number(node_at(path, document.data, schema)):
            yield path, value
        else:
            open_paths += [((*path, key), child) for key, child in value.items()]


def takes_number(node: Schema) -> bool:
    """Whether a number is among what a place of the schema takes."""
    return any(option.get("type") in ("number", "integer") for option in (node, *node.get("anyOf", ())))


def _faults(value: Mapping[str, Any], path: KeyPath, document: Document) -> Iterator[Fault]:
    wanted = "a number, or a range with low, base and high"
    strange = [key for key in value if key not in KEYS]
    for key in strange:
        yield Fault(document.where((*path, key)), "an unknown key", wanted, nearest(key, KEYS))
    if strange:
        return
    for key in NUMBERS:
        if not is_number(value.get(key)):
            found = "nothing" if value.get(key) is None else repr(value[key])
            yield Fault(document.where((*path, key)), found, wanted)
    shape = value.get("distribution", DEFAULT_DISTRIBUTION)
    if shape not in get_args(Distribution):
        known = get_args(Distribution)
        where = document.where((*path, "distribution"))
        yield Fault(where, repr(shape), f"one of {', '.join(known)}", nearest(str(shape), known))
    numbers = [value.get(key) for key in NUMBERS]
    if all(map(is_number, numbers)) and numbers != sorted(cast("list[float]", numbers)):
        yield Fault(document.where(path), " / ".join(f"{number:g}" for number in numbers), "low <= base <= high")


def _with(document: Document, numbers: Mapping[KeyPath, float]) -> Document:
    """The file with other values at some paths; the original is left as it is."""
    data = document.data
    for path, number in numbers.items():
        data = _put(data, path, number)
    return replace(document, data=data)


def _put(data: dict[str, Any], path: KeyPath, number: float) -> dict[str, Any]:
    first, *rest = path
    return {**data, first: _put(data[first], tuple(rest), number) if rest else number}
