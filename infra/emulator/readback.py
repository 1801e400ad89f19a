"""Is what was sent what is there? Compares a request, value by value, with the answers to the reads that follow it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jmespath

from infra.emulator.converter import PAIRS
from infra.emulator.provisioners.spec import Read

Answers = Mapping[str, Mapping[str, Any]]


def missing(
    request: Mapping[str, Any],
    reads: tuple[tuple[Read, Mapping[str, Any], Mapping[str, Any]], ...],
    lost: Mapping[str, str],
) -> list[str]:
    """Values of a request that no answer gives back.

    Args:
        request: as it was sent.
        reads: each read with the request that it was made with and its answer.
        lost: request path -> why it cannot come back; these are left out.

    Returns:
        One line per value: its path, what was sent, and what stands there instead.
    """
    faults = []
    for member, sent in _split(request, reads).items():
        kept = _without(sent, member, lost)
        if kept is _NOTHING:
            continue
        found = [value for read, params, answer in reads for value in _candidates(member, read, params, answer)]
        if not any(contains(value, kept) for value in found):
            faults += _explain(member, kept, found)
    return faults


def contains(found: Any, sent: Any) -> bool:
    """Whether an answer holds what was sent; it may hold more.

    >>> contains({"Rules": [{"ID": "b"}, {"ID": "a", "Days": 3}]}, {"Rules": [{"ID": "a"}]})
    True
    >>> contains({"VisibilityTimeout": "30"}, {"VisibilityTimeout": 31})
    False
    """
    if (isinstance(found, str) and isinstance(sent, dict | list)) or (
        isinstance(sent, str) and isinstance(found, dict)
    ):
        return contains(_parsed(found), _parsed(sent)) if _parsed(found) != found or _parsed(sent) != sent else False
    if isinstance(sent, dict):
        found = _as_map(found)
        return isinstance(found, dict) and all(key in found and contains(found[key], sent[key]) for key in sent)
    if isinstance(sent, list):
        return isinstance(found, list) and all(any(contains(one, item) for one in found) for item in sent)
    if isinstance(found, list):
        return any(contains(one, sent) for one in found)
    return _same(found, sent)


_NOTHING = object()


def _split(request: Mapping[str, Any], reads: tuple[Any, ...]) -> dict[str, Any]:
    """The request by member, and deeper where a read says where a deeper member is found."""
    deeper = {path for read, _, _ in reads for path in read.members if "." in path}
    parts: dict[str, Any] = {}
    for member, sent in request.items():
        below = [path for path in deeper if path.startswith(f"{member}.")]
        if below and isinstance(sent, dict):
            nested = _split(sent, tuple((_below(read, member), params, answer) for read, params, answer in reads))
            parts |= {f"{member}.{path}": value for path, value in nested.items()}
        else:
            parts[member] = sent
    return parts


def _below(read: Read, member: str) -> Read:
    prefix = f"{member}."
    return Read(
        read.operation,
        read.params,
        {path.removeprefix(prefix): found for path, found in read.members.items() if path.startswith(prefix)},
    )


def _candidates(path: str, read: Read, params: Mapping[str, Any], answer: Mapping[str, Any]) -> list[Any]:
    """Everything in one answer that may be the value of a request path."""
    member, _, deeper = path.partition(".")
    found = []
    if path in params:
        found.append(params[path])
    if path in read.members:
        found.append(jmespath.search(read.members[path], _opened(answer)))
    elif member in read.members and deeper:
        found.append(_dig(jmespath.search(read.members[member], _opened(answer)), deeper))
    elif read.rest:
        found.append(_dig(jmespath.search(read.rest, answer), path))
    return [value for value in found if value is not None]


def _opened(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Policies come back as JSON text: opened, so that a path can lead into them."""
    return {key: _parsed(value) for key, value in answer.items()}


def _dig(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _without(sent: Any, path: str, lost: Mapping[str, str]) -> Any:
    """The value without what is known to be lost below it."""
    if path in lost:
        return _NOTHING
    if isinstance(sent, dict) and sent:
        kept = {
            key: value for key, item in sent.items() if (value := _without(item, f"{path}.{key}", lost)) is not _NOTHING
        }
        return kept or _NOTHING
    if isinstance(sent, list) and sent:
        items = [value for item in sent if (value := _without(item, path, lost)) is not _NOTHING]
        return items or _NOTHING
    return sent


def _explain(member: str, sent: Any, found: list[Any]) -> list[str]:
    """The values that are not there, each by itself."""
    if not found:
        return [f"{member}: sent {_short(sent)}, but nothing of it can be read back"]
    if not isinstance(sent, dict):
        return [f"{member}: sent {_short(sent)}, read back {_short(found[0])}"]
    lines = []
    for key, value in sent.items():
        below = [item.get(key) for item in found if isinstance(item, dict)]
        if not any(contains(item, value) for item in below):
            lines += _explain(f"{member}.{key}", value, [item for item in below if item is not None])
    return lines


def _as_map(value: Any) -> Any:
    """A list of key-value pairs as the map that some APIs take and give back in this form."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return value
    pair = next((pair for pair in PAIRS if value and all(set(pair) == item.keys() for item in value)), None)
    return {item[pair[0]]: item[pair[1]] for item in value} if pair else value


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value


def _same(found: Any, sent: Any) -> bool:
    """Equal, also as text: some APIs give numbers and booleans back as text."""
    if isinstance(found, str) and isinstance(sent, str):
        one, other = _parsed(found), _parsed(sent)
        return bool(one == other)
    if isinstance(found, bool) or isinstance(sent, bool):
        return str(found).lower() == str(sent).lower()
    if isinstance(found, int | float) and isinstance(sent, int | float):
        return found == sent
    return found is not None and str(found) == str(sent)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
