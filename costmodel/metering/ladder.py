"""The encoding ladder, read from the environment of the stack's submit function."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from costmodel.errors import Fault, InventoryError
from costmodel.inventory import Inventory, Resource

FUNCTION = "aws:lambda/function:Function"
VERSION = 1
NO_LADDER = "no ladder found in the stack (no function with an environment variable LADDER)"


@dataclass(frozen=True)
class Rendition:
    """One video output of a job."""

    name: str
    codec: str
    short_edge: int
    """Shorter side of the picture [pixel]."""
    width: int
    height: int
    max_kbps: float
    """Ceiling of the bitrate [kbit/s]."""
    tuning: str
    """MediaConvert quality tuning level ("SINGLE_PASS_HQ")."""
    frame_rate: float
    """[1/second]"""


@dataclass(frozen=True)
class Ladder:
    """What one upload is turned into: CMAF renditions with one audio output, an MP4, a poster."""

    renditions: tuple[Rendition, ...]
    """Ascending by short edge."""
    segment_seconds: float
    mp4: Rendition | None
    """The rendition that is also written as one progressive MP4."""
    poster: bool
    function_urn: str


def carries_ladder(function: Resource) -> bool:
    """Whether a function submits jobs: it then has the ladder in its environment."""
    return _document(function) is not None


def find_ladder(inventory: Inventory) -> Ladder | None:
    """The ladder of the stack, None when no function carries one.

    Raises:
        InventoryError: the ladder is malformed, or two functions carry different ones.
    """
    functions = [function for function in inventory.of_type(FUNCTION) if carries_ladder(function)]
    if not functions:
        return None
    distinct = {_document(function): function for function in reversed(functions)}
    ladders = [_parse(function, inventory.source) for function in reversed(distinct.values())]
    if any(ladder.renditions != ladders[0].renditions for ladder in ladders):
        names = ", ".join(function.name for function in functions)
        raise InventoryError([Fault(inventory.source, f"different ladders in the functions {names}", "one ladder")])
    return ladders[0]


def variables(function: Resource) -> Mapping[str, Any]:
    """Environment of a function; empty when there is none or it is not known."""
    environment = function.inputs.get("environment")
    found = environment.get("variables") if isinstance(environment, dict) else None
    return found if isinstance(found, dict) else {}


def _document(function: Resource) -> str | None:
    text = variables(function).get("LADDER")
    return text if isinstance(text, str) else None


def _parse(function: Resource, source: str) -> Ladder:
    where = place_of(function, "LADDER", source)
    return parse_ladder(read_json(_document(function) or "", where), where, function.urn)


def place_of(function: Resource, variable: str, source: str) -> str:
    """Where a variable stands, for messages."""
    return f"{source}: {function.name}.environment.variables.{variable}"


def read_json(text: str, where: str) -> object:
    """The document in a variable.

    Raises:
        InventoryError: it is not JSON.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InventoryError([Fault(where, f"text that is not JSON ({error})", "the ladder as JSON")]) from None


def parse_ladder(document: object, where: str, function_urn: str) -> Ladder:
    """A ladder from its document.

    Raises:
        InventoryError: it is malformed; carries every fault.
    """
    if not isinstance(document, dict) or document.get("version") != VERSION:
        found = f"version {document.get('version')!r}" if isinstance(document, dict) else repr(document)
        raise InventoryError([Fault(where, found, f"a ladder of version {VERSION}")])
    faults = _faults(document, where)
    if faults:
        raise InventoryError(faults)
    renditions = tuple(sorted(map(_rendition, document["renditions"]), key=lambda rendition: rendition.short_edge))
    return Ladder(
        renditions=renditions,
        segment_seconds=float(document["segment_seconds"]),
        mp4=next((rendition for rendition in renditions if rendition.name == document.get("mp4")), None),
        poster=bool(document.get("poster")),
        function_urn=function_urn,
    )


TEXTS = ("name", "codec", "tuning")
NUMBERS = ("short_edge", "width", "height", "max_kbps", "frame_rate")


def _faults(document: Mapping[str, Any], where: str) -> list[Fault]:
    faults = (
        []
        if _positive(document.get("segment_seconds"))
        else [_fault(where, "segment_seconds", document, "seconds > 0")]
    )
    renditions = document.get("renditions")
    if not isinstance(renditions, list) or not renditions or not all(isinstance(entry, dict) for entry in renditions):
        return [*faults, _fault(where, "renditions", document, "a list of at least one rendition")]
    for index, rendition in enumerate(renditions):
        path = f"{where}.renditions[{index}]"
        faults += [_fault(path, key, rendition, "a text") for key in TEXTS if not isinstance(rendition.get(key), str)]
        faults += [_fault(path, key, rendition, "a number > 0") for key in NUMBERS if not _positive(rendition.get(key))]
    names = [rendition.get("name") for rendition in renditions]
    if document.get("mp4") is not None and document["mp4"] not in names:
        faults.append(_fault(where, "mp4", document, f"one of {', '.join(map(str, names))}"))
    return faults


def _fault(where: str, key: str, record: Mapping[str, Any], expected: str) -> Fault:
    return Fault(f"{where}.{key}", repr(record[key]) if key in record else "nothing", expected)


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _rendition(record: Mapping[str, Any]) -> Rendition:
    return Rendition(
        name=record["name"],
        codec=record["codec"],
        short_edge=int(record["short_edge"]),
        width=int(record["width"]),
        height=int(record["height"]),
        max_kbps=float(record["max_kbps"]),
        tuning=record["tuning"],
        frame_rate=float(record["frame_rate"]),
    )
