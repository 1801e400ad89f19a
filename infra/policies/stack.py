"""A stack as the rules see it: its resources, and what hangs on what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

STACK_TYPE = "pulumi:pulumi:Stack"

Statement = Mapping[str, Any]
"""One statement of a policy document."""


@dataclass(frozen=True)
class Resource:
    """One declared resource."""

    urn: str
    type: str
    """Type token ("aws:s3/bucket:Bucket")."""
    name: str
    inputs: Mapping[str, Any]
    """camelCase as in the Pulumi engine."""
    parent: str = ""
    dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Input -> URNs of the resources whose outputs it was made from."""
    protected: bool = False
    """Whether Pulumi refuses to delete it."""

    @property
    def label(self) -> str:
        """End of the URN, by which a waiver names it ("aws:s3/bucket:Bucket::raw")."""
        return f"{self.type}::{self.name}"

    def get(self, path: str, default: Any = None) -> Any:
        """Input at a dotted path ("loggingConfiguration.level"); ``default`` where any part is missing.

        >>> Resource("urn", "t", "n", {"a": {"b": 1}}).get("a.b")
        1
        """
        value: Any = self.inputs
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return default if value is None else value

    def is_on(self, path: str) -> bool:
        """Whether a switch is set; YAML and SDKs write booleans as text here and there."""
        return str(self.get(path, False)).lower() == "true"

    def uses(self, urn: str, prop: str = "") -> bool:
        """Whether an input (``prop``, or any) was made from the outputs of ``urn``."""
        lists = [self.dependencies.get(prop, ())] if prop else self.dependencies.values()
        return any(urn in urns for urns in lists)


@dataclass(frozen=True)
class Stack:
    """All resources of one stack."""

    project: str
    stack: str
    resources: tuple[Resource, ...]

    @classmethod
    def from_inventory(cls, document: Mapping[str, Any]) -> Stack:
        """The stack of an inventory as ``infra plan`` writes it."""
        return cls(
            project=document["project"],
            stack=document["stack"],
            resources=tuple(
                Resource(
                    urn=entry["urn"],
                    type=entry["type"],
                    name=entry["name"],
                    inputs=entry["inputs"],
                    parent=entry.get("parent") or "",
                    dependencies=entry.get("dependencies", {}),
                    protected=bool(entry.get("options", {}).get("protect")),
                )
                for entry in document["resources"]
            ),
        )

    @property
    def itself(self) -> Resource:
        """The stack as a resource: what a rule about the whole of it is held against."""
        name = f"{self.project}-{self.stack}"
        return Resource(f"urn:pulumi:{self.stack}::{self.project}::{STACK_TYPE}::{name}", STACK_TYPE, name, {})

    def of_type(self, *types: str) -> list[Resource]:
        """Resources with one of the type tokens, in the order of the inventory."""
        return [resource for kind in types for resource in self._by_type.get(kind, [])]

    def about(self, resource: Resource, *types: str, prop: str = "") -> list[Resource]:
        """Resources of the given types that are made from ``resource``: a bucket's policy, a network's flow log."""
        return [other for other in self.of_type(*types) if other.uses(resource.urn, prop)]

    def behind(self, resource: Resource, *types: str, prop: str = "") -> list[Resource]:
        """Resources of the given types that ``resource`` is made from; the other direction of ``about``."""
        return [other for other in self.of_type(*types) if resource.uses(other.urn, prop)]

    @cached_property
    def _by_type(self) -> Mapping[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            found.setdefault(resource.type, []).append(resource)
        return found


def parsed(document: Any) -> Any:
    """JSON text as data; None when it is not known yet (a preview) or no JSON."""
    if not isinstance(document, str):
        return document
    try:
        return json.loads(document)
    except json.JSONDecodeError:
        return None


def statements(document: Any, effect: str) -> list[Statement]:
    """Statements of a policy document with the effect "Allow" or "Deny"; empty when the document is not known."""
    content = parsed(document)
    found = content.get("Statement", []) if isinstance(content, Mapping) else []
    return [entry for entry in many(found) if entry.get("Effect") == effect]


def many(value: Any) -> list[Any]:
    """What may be written as one or as a list.

    >>> many("s3:GetObject"), many(["a", "b"]), many(None)
    (['s3:GetObject'], ['a', 'b'], [])
    """
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def principals(statement: Statement) -> Iterator[tuple[str, str]]:
    """Kind and value of each principal: ("AWS", "*") for anybody, ("Service", "events.amazonaws.com")."""
    principal = statement.get("Principal")
    if isinstance(principal, str):
        yield "AWS", principal
    elif isinstance(principal, Mapping):
        for kind, values in principal.items():
            yield from ((kind, str(value)) for value in many(values))


def open_to_anybody(statement: Statement) -> bool:
    """Whether an Allow names everybody and no condition narrows it."""
    return any(value == "*" for _, value in principals(statement)) and not statement.get("Condition")


def names_of(resources: Iterable[Resource]) -> str:
    """Names for a message."""
    return ", ".join(resource.name for resource in resources)
