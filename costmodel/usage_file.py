"""The usage file: monthly quantities that a person knows, in the place of those that the model would estimate.

    version: 1
    resource_usage:
      delivery:                                    # a name, when one resource alone bears it
        monthly_data_transfer_to_internet_gb:
          us: 12_000
          europe_israel: 8_000
      aws:sqs/queue:Queue.submit-dead-letters:     # a type and a name
        monthly_requests: 1000
      aws:cloudwatch/logGroup:LogGroup.*:          # all of a type
        storage_gb: 5

``costmodel.metering.USAGE_KEYS`` says which keys a resource type has; where Infracost has one for the same number, it
has the same name. More exact selectors win, key by key: a URN over a type and name over a name over a wildcard.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from costmodel.errors import Fault, UsageFileError, nearest
from costmodel.inventory import Inventory, Resource
from costmodel.metering.stated import Stated, Statement
from costmodel.metering.usage_keys import USAGE_KEYS, UsageKey
from costmodel.yamlfile import Document, KeyPath, read_document

VERSION = 1
TOP = ("version", "resource_usage")
SECTION = "resource_usage"
AMOUNT = "an amount a month of at least 0"


def load_usage_file(path: Path | str, inventory: Inventory) -> Stated:
    """What a usage file states about the resources of a stack.

    Raises:
        UsageFileError: a key, a selector or a number is wrong; carries every fault with its line.
        ScenarioError: the file is missing or no YAML mapping.
    """
    path = Path(path)
    document = read_document(path, path.name, "a usage file")
    faults = [*_form_faults(document)]
    found: dict[str, dict[str, tuple[int, Statement]]] = {}
    for selector, entries in document.section(SECTION).items():
        place = (SECTION, selector)
        resources, rank = _selected(selector, inventory)
        if not resources:
            faults.append(_selector_fault(selector, document.where(place), inventory))
        elif not isinstance(entries, dict) or not entries:
            faults.append(Fault(document.where(place), _words(entries), "keys with monthly quantities"))
        else:
            kind = resources[0].type
            faults += _entry_faults(kind, entries, document, place)
            for resource in resources:
                _merge(found.setdefault(resource.urn, {}), kind, entries, rank, document, place)
    if faults:
        raise UsageFileError(faults)
    return {urn: {key: statement for key, (_, statement) in entries.items()} for urn, entries in found.items()}


def _form_faults(document: Document) -> Iterator[Fault]:
    for key in document.data:
        if key not in TOP:
            yield Fault(document.where((key,)), "an unknown key", f"one of {', '.join(TOP)}", nearest(key, TOP))
    if (version := document.data.get("version", VERSION)) != VERSION:
        yield Fault(document.where(("version",)), repr(version), str(VERSION))
    if not document.section(SECTION):
        found = _words(document.data[SECTION]) if SECTION in document.data else "nothing"
        yield Fault(document.where((SECTION,)), found, "resources with their usage")


# --- which resources


def _selected(selector: str, inventory: Inventory) -> tuple[list[Resource], int]:
    """The resources that a selector names, all of one type, and how exact it is; none when it is wrong."""
    if selector in inventory.resources:
        return _usable([inventory.resources[selector]]), 3
    kind, dot, name = selector.partition(".")
    if ":" in kind and dot:
        members = _usable(inventory.of_type(kind))
        return (members, 0) if name == "*" else ([r for r in members if r.name == name], 2)
    named = _named(selector, inventory)
    return (named, 1) if len({resource.type for resource in named}) == 1 else ([], 1)


def _named(name: str, inventory: Inventory) -> list[Resource]:
    return _usable([resource for resource in inventory.resources.values() if resource.name == name])


def _usable(resources: list[Resource]) -> list[Resource]:
    return [resource for resource in resources if resource.type in USAGE_KEYS]


def _selector_fault(selector: str, where: str, inventory: Inventory) -> Fault:
    ambiguous = sorted({f"{resource.type}.{resource.name}" for resource in _named(selector, inventory)})
    if ambiguous:
        return Fault(where, f"{len(ambiguous)} resources of this name", f"one of {', '.join(ambiguous)}")
    usable = _usable(list(inventory.resources.values()))
    known = {resource.name for resource in usable} | {f"{resource.type}.{resource.name}" for resource in usable}
    expected = "the URN, name, TYPE.NAME or TYPE.* of a resource whose usage can be stated"
    return Fault(where, "no such resource", expected, nearest(selector, known | {f"{kind}.*" for kind in USAGE_KEYS}))


# --- what is stated


def _entry_faults(kind: str, entries: Mapping[str, Any], document: Document, place: KeyPath) -> Iterator[Fault]:
    for key, value in entries.items():
        where = document.where((*place, key))
        known = USAGE_KEYS[kind]
        if key not in known:
            yield Fault(where, "an unknown key", f"one of {', '.join(known)}", nearest(key, known))
        elif known[key].choices:
            yield from _choice_faults(known[key], value, document, (*place, key))
        elif not _is_amount(value):
            yield Fault(where, _words(value), f"{AMOUNT} [{known[key].unit}]")


def _choice_faults(key: UsageKey, value: Any, document: Document, place: KeyPath) -> Iterator[Fault]:
    if not isinstance(value, dict) or not value:
        yield Fault(document.where(place), _words(value), f"amounts by {', '.join(key.choices)}")
        return
    for choice, amount in value.items():
        where = document.where((*place, choice))
        if choice not in key.choices:
            yield Fault(where, "an unknown key", f"one of {', '.join(key.choices)}", nearest(choice, key.choices))
        elif not _is_amount(amount):
            yield Fault(where, _words(amount), f"{AMOUNT} [{key.unit}]")


def _merge(
    found: dict[str, tuple[int, Statement]],
    kind: str,
    entries: Mapping[str, Any],
    rank: int,
    document: Document,
    place: KeyPath,
) -> None:
    """Add the statements of one selector, unless a more exact one has spoken."""
    for key, value in entries.items():
        if key in USAGE_KEYS[kind] and rank >= found.get(key, (rank, None))[0]:
            amounts = value if isinstance(value, dict) else {"": value}
            found[key] = rank, Statement(amounts, document.where((*place, key)).partition(": ")[0])


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _words(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return ("a mapping" if isinstance(value, dict) else "a list") if value else "nothing in it"
    return repr(value)
