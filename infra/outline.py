"""The outline: an inventory as a page that people read, and compare line by line.

One line a resource, below its component, with every input in it. What nobody reads in a diff stands as a short digest
(policies, dashboards), so a change of it shows, but the line stays a line. Left out is what changes without the stack
being another one: the code of functions, names made from other resources (``bucket<-raw`` names the resource instead),
and tags that follow from the component.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

LONGEST_TEXT = 48
"""[character] Longer text is a document."""
DIGEST_DIGITS = 8
COMMON_TAGS = ("app", "env", "component")

Record = Mapping[str, Any]


def outline(document: Mapping[str, Any]) -> str:
    """The outline of an inventory.

    Args:
        document: as ``infra.inventory.inventory`` makes it.

    Returns:
        A heading, then each component with its resources below it, indented, by type and name; ends with a newline.
    """
    records = {record["urn"]: record for record in document["resources"]}
    children: dict[str, list[Record]] = {}
    for record in records.values():
        children.setdefault(record["parent"] if record["parent"] in records else "", []).append(record)
    names = {urn: record["name"] for urn, record in records.items()}
    title = f"{document['project']}/{document['stack']} in {document['region']}: {len(records)} resources"
    return "\n".join([title, *_lines("", 0, children, names)]) + "\n"


def _lines(
    parent: str, depth: int, children: Mapping[str, Sequence[Record]], names: Mapping[str, str]
) -> Iterator[str]:
    for record in sorted(children.get(parent, ()), key=lambda one: (one["type"], one["name"])):
        yield "  " * depth + " ".join([record["type"], record["name"], *_facts(record, names)])
        yield from _lines(record["urn"], depth + 1, children, names)


def _facts(record: Record, names: Mapping[str, str]) -> Iterator[str]:
    if record.get("options", {}).get("protect"):
        yield "protected"
    for key, value in record["inputs"].items():
        made_from = sorted({names.get(urn, urn) for urn in record["dependencies"].get(key, ())})
        shown = _own_tags(value) if key == "tags" and isinstance(value, dict) else value
        if not made_from or not _is_reference(value):
            yield from (f"{path}={text}" for path, text in _leaves(key, shown))
        if made_from:
            yield f"{key}<-{','.join(made_from)}"


def _own_tags(tags: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in tags.items() if key not in COMMON_TAGS}


def _is_reference(value: Any) -> bool:
    """Whether a value made from another resource is nothing but its name, id or ARN, or a list of such."""
    if isinstance(value, list):
        return all(map(_is_reference, value))
    return isinstance(value, str) and not set(value) & set(" {\n")


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and "asset" in value:
        yield path, f"[{','.join(value['files'])}]" if "files" in value else "file"
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(f"{path}.{key}", item)
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for index, item in enumerate(value):
            yield from _leaves(f"{path}[{index}]", item)
    else:
        yield path, _text(value)


def _text(value: Any) -> str:
    """A value in one word, long ones by their digest.

    >>> _text(True), _text("a b"), _text(["x", 2]), _text("long " * 20)
    ('true', '"a b"', '[x,2]', '#d372e6c9')
    """
    text = f"[{','.join(map(_text, value))}]" if isinstance(value, list) else _plain(value)
    if len(text) > LONGEST_TEXT or "\n" in text:
        return f"#{hashlib.sha256(text.encode()).hexdigest()[:DIGEST_DIGITS]}"
    return text


def _plain(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f'"{text}"' if " " in text or not text else text
