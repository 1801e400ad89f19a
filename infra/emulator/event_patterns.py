"""Why does no rule want this event? Patterns compared with an event field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.emulator.moto_events import Event, EventRule, matches

Path = tuple[str, ...]
EITHER = "$or"
"""Key of a list of patterns one of which must match."""


@dataclass(frozen=True)
class Mismatch:
    """A field of a pattern that an event does not satisfy."""

    path: str
    """``detail.object.key``."""
    found: Any
    """Value in the event; None when it is not there."""
    expected: Any
    """Filters of the pattern."""

    def __str__(self) -> str:
        found = "nothing" if self.found is None else json.dumps(self.found)
        return f"{self.path}: found {found}, the pattern expects {json.dumps(self.expected)}"


def mismatches(pattern: Mapping[str, Any], event: Event) -> list[Mismatch]:
    """The fields of a pattern that an event does not satisfy; each is judged by itself.

    Of alternatives ("$or" around whole patterns) the nearest one speaks.
    """
    found = [
        Mismatch(".".join(path), _at(event, path), filters)
        for path, filters in _fields({name: value for name, value in pattern.items() if name != EITHER}, ())
        if not matches(_nested(path, filters), event)
    ]
    return found + min((mismatches(one, event) for one in pattern.get(EITHER, ())), key=_distance, default=[])


def nearest_rule(rules: Sequence[EventRule], event: Event) -> tuple[EventRule, list[Mismatch]] | None:
    """The rule that lacks least to match an event, and what it lacks; None when no rule has a pattern.

    A rule of the same source comes before one of another, however many fields of that one fit.
    """
    judged = [(rule, mismatches(rule.pattern, event)) for rule in rules if rule.pattern]

    return min(judged, key=lambda candidate: (*_distance(candidate[1]), candidate[0].name), default=None)


def _distance(lacking: Sequence[Mismatch]) -> tuple[bool, int]:
    return any(one.path == "source" for one in lacking), len(lacking)


def _fields(pattern: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Any]]:
    for name, value in pattern.items():
        if isinstance(value, Mapping):
            yield from _fields(value, (*path, name))
        else:
            yield (*path, name), value


def _nested(path: Path, value: Any) -> dict[str, Any]:
    return {path[0]: _nested(path[1:], value) if len(path) > 1 else value}


def _at(event: Any, path: Path) -> Any:
    for name in path:
        event = event.get(name) if isinstance(event, Mapping) else None
    return event
