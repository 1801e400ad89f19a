"""The inventory: every resource that a Pulumi program declares, from any of three files that hold it.

    reelplan.inventory/1      what ``infra plan`` writes
    pulumi preview --json     ``steps[].newState``
    pulumi stack export       ``deployment.resources[]``

The format is detected. What Pulumi encrypts or does not know yet is None here, so that a meter that needs it can say
so; it is never printed.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from costmodel.errors import Fault, InventoryError

FORMAT = "reelplan.inventory/1"
FORMATS = f'an inventory ("format": "{FORMAT}"), `pulumi preview --json` output or a `pulumi stack export` file'

NAMING_INPUTS = frozenset({"name", "bucket", "arn", "family", "functionName"})
"""Inputs by which other resources may speak of one when a file does not tell what was made from what."""

PROVIDER_TYPE = "pulumi:providers:aws"
DELETING_OPS = frozenset({"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"})
"""Preview steps after which the resource no longer exists."""

SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
"""Key by which Pulumi marks a value that is not plain data (pulumi/pulumi sdk, resource.SigKey)."""
SECRET_SIGNATURES = frozenset({"1b47061264138c4ac30d75fd1eb44270", "d0e6a833031e9bbcd3f4e8bde6ca49a4"})
"""Secret and output values: what they hold is encrypted or not known."""
UNKNOWN_VALUE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What a preview shows for a value that only the deployment will know (pulumi sdk, plugin.UnknownStringValue)."""


@dataclass(frozen=True)
class Resource:
    """One declared resource."""

    urn: str
    type: str
    """Type token ("aws:s3/bucket:Bucket")."""
    name: str
    parent: str
    """URN, empty for the stack itself."""
    inputs: Mapping[str, Any]
    """camelCase as in the Pulumi engine; None where a value is secret or not known yet."""
    dependencies: Mapping[str, tuple[str, ...]]
    """Input property -> URNs of the resources whose outputs it was made from."""
    region: str
    """AWS region; empty when the file does not tell."""
    custom: bool = True
    """False for a component, which groups resources and exists only in Pulumi."""

    @property
    def label(self) -> str:
        """Short form for a reader.

        >>> Resource("urn:x", "aws:s3/bucket:Bucket", "raw", "", {}, {}, "").label
        'raw (aws:s3/bucket:Bucket)'
        """
        return f"{self.name} ({self.type})"

    @property
    def tags(self) -> Mapping[str, str]:
        """Tags as declared; empty when there are none."""
        tags = self.inputs.get("tags")
        return tags if isinstance(tags, dict) else {}

    def depends_on(self, urn: str, prop: str | None = None) -> bool:
        """Whether an input (``prop``, or any) was made from the outputs of ``urn``."""
        lists = self.dependencies.values() if prop is None else [self.dependencies.get(prop, ())]
        return any(urn in urns for urns in lists)


@dataclass(frozen=True)
class Inventory:
    """All resources of one stack."""

    project: str
    stack: str
    region: str
    """Region of the default provider; empty when the file does not tell."""
    resources: Mapping[str, Resource]
    """By URN, in the order of the file."""
    source: str = field(default="inventory", compare=False)
    """Name of the file, for messages."""

    @classmethod
    def empty(cls) -> Inventory:
        """No stack at all: what is left of a plan is the business."""
        return cls(project="", stack="", region="", resources={})

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the resources declare; the file's format and layout do not count."""
        content = {urn: [r.type, r.region, r.inputs] for urn, r in self.resources.items()}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @cached_property
    def service_count(self) -> int:
        """AWS services that the stack declares resources of: "s3" of ``aws:s3/bucket:Bucket``."""
        declared = (r.type.split(":") for r in self.resources.values() if r.type.startswith("aws:"))
        return len({module.split("/")[0] for _, module, *_ in declared})

    def of_type(self, *types: str) -> list[Resource]:
        """Resources with one of the type tokens, in the order of the file."""
        if len(types) == 1:
            return list(self._by_type.get(types[0], ()))
        return [resource for resource in self.resources.values() if resource.type in types]

    def referring(self, urn: str, *types: str) -> list[Resource]:
        """Resources of the given types that are tied to ``urn``.

        Tied means that an input was made from its outputs. A file may lack that knowledge (hand-written, or a program
        that repeats a literal): then an input equal to the literal name of ``urn`` counts.
        """
        tied = [r for kind in types for r in self._dependents.get((urn, kind), ())]
        if tied or not (names := self._names.get(urn)):
            return self._in_order(tied)
        found = {
            r.urn: r for kind in types for name in names for r in self._mentions(kind).get(name, ()) if r.urn != urn
        }
        return self._in_order(list(found.values()))

    def referred(self, resource: Resource, *types: str, prop: str | None = None) -> list[Resource]:
        """Resources of the given types that ``resource`` is tied to; the other direction of ``referring``."""
        lists = resource.dependencies.values() if prop is None else [resource.dependencies.get(prop, ())]
        tied = {urn for urns in lists for urn in urns} - {resource.urn}
        found = [r for r in map(self.resources.get, tied) if r is not None and r.type in types]
        if found:
            return self._in_order(found)
        texts = _leaves(resource.inputs if prop is None else resource.inputs.get(prop))
        named = {urn for text in texts for urn in self._bearers.get(text, ())} - {resource.urn}
        return self._in_order([self.resources[urn] for urn in named if self.resources[urn].type in types])

    def _in_order(self, found: list[Resource]) -> list[Resource]:
        """As they stand in the file; most questions have one answer, which needs no sorting."""
        return found if len(found) < 2 else sorted(found, key=lambda r: self._positions[r.urn])

    # Every look-up below is built once, on first use: a stack of 10,000 resources asks thousands of questions.

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {urn: position for position, urn in enumerate(self.resources)}

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources.values():
            found.setdefault(resource.type, []).append(resource)
        return found

    @cached_property
    def _dependents(self) -> dict[tuple[str, str], list[Resource]]:
        """URN and type -> the resources of it that have an input made from its outputs, each once, in order."""
        found: dict[tuple[str, str], list[Resource]] = {}
        for resource in self.resources.values():
            for urn in {urn for urns in resource.dependencies.values() for urn in urns}:
                found.setdefault((urn, resource.type), []).append(resource)
        return found

    @cached_property
    def _names(self) -> dict[str, frozenset[str]]:
        """URN -> the literal names that its resource bears; without those that bear none."""
        # A side resource repeats its owner's name; only the resource that bears it may be found by it.
        names = {
            urn: frozenset(
                value
                for key in NAMING_INPUTS & r.inputs.keys()
                if isinstance(value := r.inputs[key], str) and key not in r.dependencies
            )
            for urn, r in self.resources.items()
        }
        return {urn: found for urn, found in names.items() if found}

    @cached_property
    def _bearers(self) -> dict[str, list[str]]:
        """Literal name -> URNs of the resources that bear it."""
        found: dict[str, list[str]] = {}
        for urn, names in self._names.items():
            for name in names:
                found.setdefault(name, []).append(urn)
        return found

    def _mentions(self, type_token: str) -> dict[str, list[Resource]]:
        """Literal name of some resource -> the resources of a type that have it in their inputs."""
        if type_token not in self._mentions_by_type:
            found: dict[str, list[Resource]] = {}
            for resource in self.of_type(type_token):
                for text in _leaves(resource.inputs) & self._bearers.keys():
                    found.setdefault(text, []).append(resource)
            self._mentions_by_type[type_token] = found
        return self._mentions_by_type[type_token]

    @cached_property
    def _mentions_by_type(self) -> dict[str, dict[str, list[Resource]]]:
        return {}


def resource_type(urn: str) -> str:
    """Type token in a URN, empty when there is none.

    >>> resource_type("urn:pulumi:dev::reelplan::reelplan:storage:MediaStorage$aws:s3/bucket:Bucket::raw")
    'aws:s3/bucket:Bucket'
    >>> resource_type("")
    ''
    """
    parts = urn.split("::")
    return parts[2].rpartition("$")[2] if len(parts) > 2 else ""


def load_inventory(path: Path | str) -> Inventory:
    """The resources in a file, whichever of the three formats it has.

    Raises:
        InventoryError: missing, unreadable or truncated file, unknown format, or faulty resources (all of them).
    """
    path = Path(path)
    document = _read_json(path)
    if not isinstance(document, dict):
        raise InventoryError([Fault(str(path), f"a JSON {_kind(document)}", FORMATS)])
    if document.get("format") == FORMAT:
        return _from_plan(document, path)
    if isinstance(document.get("steps"), list):
        return _from_states(list(_preview_states(document["steps"])), path)
    if isinstance(deployment := document.get("deployment"), dict):
        states = [(f"deployment.resources[{i}]", s) for i, s in enumerate(deployment.get("resources") or [])]
        return _from_states([s for s in states if not (isinstance(s[1], dict) and s[1].get("delete"))], path)
    raise InventoryError([Fault(str(path), _found_instead(document), FORMATS)])


def _read_json(path: Path) -> object:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InventoryError([_missing(path)]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InventoryError([Fault(str(path), f"a file that cannot be read ({error})", FORMATS)]) from None
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if not text.strip():
            found = "an empty file"
        elif error.pos >= len(text.rstrip()) or "Unterminated" in error.msg:
            found = f"JSON that breaks off at line {error.lineno}"
        else:
            found = f"no valid JSON at line {error.lineno} column {error.colno} ({error.msg})"
        hint = "write it again: `infra plan --out FILE`"
        raise InventoryError([Fault(str(path), found, FORMATS, hint)]) from None


def _missing(path: Path) -> Fault:
    siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, siblings, n=1)
    hint = f"did you mean {path.parent / near[0]}?" if near else "`infra plan --out FILE` writes one"
    return Fault(str(path), "no such file", FORMATS, hint)


def _found_instead(document: Mapping[str, object]) -> str:
    if "format" in document:
        return f'"format": {json.dumps(document["format"])}'
    keys = ", ".join(sorted(map(str, document))[:5]) or "none"
    return f"a JSON object with the keys {keys}"


def _kind(value: object) -> str:
    names = {list: "list", str: "text", int: "number", float: "number", bool: "boolean", dict: "object"}
    return names.get(type(value), "null")


def _from_plan(document: Mapping[str, Any], path: Path) -> Inventory:
    records = document.get("resources")
    faults = [
        Fault(f"{path}: {key}", "nothing" if key not in document else _kind(document[key]), "a text")
        for key in ("project", "stack", "region")
        if not isinstance(document.get(key), str)
    ]
    if not isinstance(records, list):
        faults.append(Fault(f"{path}: resources", _kind(records), "a list of resources"))
        raise InventoryError(faults)
    located = [(f"resources[{i}]", record) for i, record in enumerate(records)]
    faults += _record_faults(located, path, required=("urn", "type", "name"))
    if faults:
        raise InventoryError(faults)
    return Inventory(
        project=document["project"],
        stack=document["stack"],
        region=document["region"],
        resources={
            record["urn"]: _resource(record, record["name"], record.get("dependencies"), document["region"])
            for record in records
        },
        source=path.name,
    )


def _preview_states(steps: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    for index, step in enumerate(steps):
        if isinstance(step, dict) and step.get("op") in DELETING_OPS:
            continue
        state = step.get("newState") if isinstance(step, dict) else step
        # A step without a new state (a read, a refresh) leaves the old one standing.
        if state is None and isinstance(step, dict):
            state = step.get("oldState")
        yield f"steps[{index}].newState", state


def _from_states(located: Sequence[tuple[str, Any]], path: Path) -> Inventory:
    located = _without_replaced(located)
    faults = _record_faults(located, path, required=("urn", "type"))
    if faults:
        raise InventoryError(faults)
    records = [record for _, record in located]
    regions = _provider_regions(records)
    default = next((region for region in regions.values() if region), "")
    resources = {}
    for record in records:
        provider = str(record.get("provider") or "").rpartition("::")[0]
        region = regions.get(provider) or default
        resources[record["urn"]] = _resource(
            record, record["urn"].rpartition("::")[2], record.get("propertyDependencies"), region
        )
    nowhere = [r.name for r in resources.values() if r.type.startswith("aws:") and not r.region]
    if nowhere:
        found = f"no AWS region of {', '.join(nowhere[:3])}" + (" and others" if len(nowhere) > 3 else "")
        hint = "`pulumi config set aws:region us-east-1`"
        raise InventoryError([Fault(str(path), found, f"a {PROVIDER_TYPE} with a region", hint)])
    stack, project = _stack_and_project(records)
    return Inventory(project=project, stack=stack, region=default, resources=resources, source=path.name)


def _without_replaced(located: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """A replacement shows one resource in several steps (create-replacement, replace): the last state stands."""
    last: dict[str, tuple[str, Any]] = {}
    odd = []
    for where, record in located:
        urn = record.get("urn") if isinstance(record, dict) else None
        if isinstance(urn, str) and where.startswith("steps"):
            last[urn] = (where, record)
        else:
            odd.append((where, record))
    return [*last.values(), *odd]


def _provider_regions(records: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """URN of each AWS provider resource -> its region; empty text when secret or unknown."""
    providers = [record for record in records if record["type"] == PROVIDER_TYPE]
    return {
        p["urn"]: region if isinstance(region := _plain(p.get("inputs") or {}).get("region"), str) else ""
        for p in providers
    }


def _stack_and_project(records: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """From the first URN: ``urn:pulumi:<stack>::<project>::...``."""
    parts = records[0]["urn"].split("::") if records else []
    return (parts[0].removeprefix("urn:pulumi:"), parts[1]) if len(parts) > 1 else ("", "")


def _record_faults(located: Sequence[tuple[str, Any]], path: Path, required: Sequence[str]) -> list[Fault]:
    faults: list[Fault] = []
    first_at: dict[str, str] = {}
    for where, record in located:
        if not isinstance(record, dict):
            faults.append(Fault(f"{path}: {where}", _kind(record), "a resource (an object with urn and type)"))
            continue
        faults += [
            Fault(
                f"{path}: {where}.{key}",
                "nothing" if key not in record else _kind(record[key]),
                f"the {key} of the resource",
            )
            for key in required
            if not (isinstance(record.get(key), str) and record[key])
        ]
        faults += [
            Fault(f"{path}: {where}.{key}", _kind(record[key]), "an object")
            for key in ("inputs", "dependencies", "propertyDependencies")
            if not isinstance(record.get(key) or {}, dict)
        ]
        urn = record.get("urn")
        if isinstance(urn, str) and urn:
            if urn in first_at:
                found = f"the URN of {first_at[urn]} again: {urn}"
                faults.append(Fault(f"{path}: {where}.urn", found, "each resource once"))
            first_at.setdefault(urn, where)
    return faults


def _resource(record: Mapping[str, Any], name: str, dependencies: Any, default_region: str) -> Resource:
    inputs = _plain(record.get("inputs") or {})
    own_region = inputs.get("region")
    return Resource(
        urn=record["urn"],
        type=record["type"],
        name=name,
        parent=record.get("parent") or "",
        inputs=inputs,
        dependencies={key: tuple(urns or ()) for key, urns in (dependencies or {}).items()},
        region=own_region if isinstance(own_region, str) and own_region else default_region,
        custom=record.get("custom", record["type"].startswith(("aws:", "pulumi:providers:"))),
    )


def _plain(value: Any) -> Any:
    """Plain data with None for what is secret or not known yet."""
    # JSON makes exactly these types; looking a type up is much quicker than asking what a value is an instance of.
    kind = type(value)
    if kind is str:
        return None if value == UNKNOWN_VALUE else value
    if kind is dict:
        if SIGNATURE_KEY in value and value[SIGNATURE_KEY] in SECRET_SIGNATURES:
            return None
        return {key: _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if kind is list else value


def _leaves(value: Any) -> frozenset[str]:
    """All texts inside nested data."""
    found: set[str] = set()
    waiting = [value]
    while waiting:
        entry = waiting.pop()
        kind = type(entry)
        if kind is dict:
            waiting.extend(entry.values())
        elif kind is list:
            waiting.extend(entry)
        elif kind is str and entry:
            found.add(entry)
    return frozenset(found)
