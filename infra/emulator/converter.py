"""Inputs of a resource (camelCase, flattened by the provider) to a request of the AWS API, led by botocore's shapes.

Two things happen by themselves, because they cannot be wrong: a name that is the member's name, capitals aside, or its
singular or plural; and forms that the shape dictates (``{Quantity, Items}``, lists of key-value pairs, one object where
the API has a list of one). All else is said in the type's entry. An input that goes nowhere is a fault, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from infra.emulator.assets import Archive, Asset
from infra.emulator.provisioners.spec import Target, To
from infra.errors import nearest

PAIRS = (("Key", "Value"), ("key", "value"), ("TagKey", "TagValue"), ("Name", "Value"))
"""Members by which the APIs write a map as a list."""

STEP = re.compile(r"([^.\[\]]+)(\[([^\]]*)\])?\.?")
"""One step of a target path: a member, and maybe an entry of it."""


@dataclass(frozen=True)
class Unmapped:
    """An input that has no place in the request, or a value that does not fit it."""

    path: str
    """Input path ("rules[0].status")."""
    reason: str
    hint: str = ""


@dataclass
class Conversion:
    """One call's request in the making."""

    operation: OperationModel
    targets: Mapping[str, Target]
    request: dict[str, Any] = field(default_factory=dict)
    unmapped: list[Unmapped] = field(default_factory=list)

    def add(self, inputs: Mapping[str, Any], into: str) -> None:
        """Place all inputs; what cannot be placed is noted in ``unmapped``."""
        shape = self.operation.input_shape
        if shape is None:
            self.unmapped += [Unmapped(key, f"{self.operation.name} takes nothing") for key in inputs]
            return
        holder = self._descend(self.request, shape, into) if into and inputs else (self.request, shape)
        self._structure(inputs, *holder, path="")

    def set_default(self, target: str, value: Any) -> None:
        """Put a value of the provider's own where no input went."""
        container, _, key = self._slot(self.request, self._root(), target)
        container.setdefault(key, value)

    def _root(self) -> Shape:
        shape = self.operation.input_shape
        if shape is None:
            raise ValueError(f"{self.operation.name} takes no parameters")
        return shape

    def _structure(self, inputs: Mapping[str, Any], into: dict[str, Any], shape: Shape, path: str) -> None:
        for key, value in inputs.items():
            where = f"{path}.{key}" if path else key
            target = self.targets.get(_bare(where)) or _member(key, shape)
            if value is None:
                continue
            if target is None:
                self._refuse(where, f"no member of {shape.name} has its name", nearest(_capitals(key), _names(shape)))
            elif target == ".":
                self._structure(value, into, shape, where)
            else:
                self._place(target, value, into, shape, where)
        _count_items(into, shape)

    def _place(self, target: Target, value: Any, into: dict[str, Any], shape: Shape, path: str) -> None:
        name = target.target if isinstance(target, To) else target
        if name.startswith("/"):
            name, into, shape = name[1:], self.request, self._root()
        container, slot_shape, key = self._slot(into, shape, name)
        if not isinstance(target, To):
            converted = self._value(value, slot_shape, path, container.get(key) if isinstance(key, str) else None)
        elif (converted := target.value(value)) is None:
            return
        if isinstance(converted, list) and isinstance(container.get(key), list):
            container[key] += converted
        else:
            container[key] = converted

    def _slot(self, into: dict[str, Any], shape: Shape, target: str) -> tuple[dict[str, Any], Shape, str]:
        """Where the last step of a target path stands: its container, its shape and its key there."""
        steps = [(match[1], match[3] if match[2] else None) for match in STEP.finditer(target)]
        container = into
        for index, (member, entry) in enumerate(steps):
            if not isinstance(shape, StructureShape) or member not in shape.members:
                raise ValueError(f"{self.operation.name}: no {member} in {shape.name} (target {target!r})")
            shape = shape.members[member]
            last = index == len(steps) - 1
            if entry:
                container, shape, key = _entry(container, shape, member, entry)
                if last:
                    return container, shape, key
                container = container.setdefault(key, {})
            elif entry == "":
                elements = container.setdefault(member, [{}])
                container, shape = elements[0], _element(shape)
            elif last:
                return container, shape, member
            else:
                container = container.setdefault(member, {})
        raise ValueError(f"{self.operation.name}: target {target!r} names no member")

    def _descend(self, request: dict[str, Any], shape: Shape, into: str) -> tuple[dict[str, Any], Shape]:
        if into.endswith("[]"):
            container, slot_shape, key = self._slot(request, shape, into.removesuffix("[]"))
            return container.setdefault(key, [{}])[0], _element(slot_shape)
        container, slot_shape, key = self._slot(request, shape, into)
        return container.setdefault(key, {}), slot_shape

    def _value(self, value: Any, shape: Shape, path: str, present: Any = None) -> Any:
        if isinstance(shape, StructureShape):
            return self._object(value, shape, path, present)
        if isinstance(shape, ListShape):
            return self._list(value, shape, path)
        if isinstance(shape, MapShape):
            return self._map(value, shape, path)
        return self._scalar(value, shape, path)

    def _object(self, value: Any, shape: StructureShape, path: str, present: Any) -> Any:
        result: dict[str, Any] = present if isinstance(present, dict) else {}
        if isinstance(value, dict):
            self._structure(value, result, shape, path)
        elif isinstance(value, list) and {"Quantity", "Items"} <= shape.members.keys():
            result["Items"] = self._value(value, shape.members["Items"], path)
            result["Quantity"] = len(value)
        elif isinstance(value, list) and len(value) == 1:
            return self._object(value[0], shape, f"{path}[0]", present)
        else:
            self._refuse(path, f"{type(value).__name__} does not fit the structure {shape.name}")
        return result

    def _list(self, value: Any, shape: ListShape, path: str) -> list[Any]:
        pair = _pair(shape.member)
        if isinstance(value, dict) and pair and not value.keys() & {_camel(name) for name in pair}:
            return [{pair[0]: key, pair[1]: _text(item)} for key, item in sorted(value.items())]
        items = value if isinstance(value, list) else [value]
        return [self._value(item, shape.member, f"{path}[{index}]") for index, item in enumerate(items)]

    def _map(self, value: Any, shape: MapShape, path: str) -> Any:
        if not isinstance(value, dict):
            self._refuse(path, f"{type(value).__name__} does not fit the map {shape.name}")
            return {}
        return {key: self._value(item, shape.value, f"{path}.{key}") for key, item in value.items()}

    def _scalar(self, value: Any, shape: Shape, path: str) -> Any:
        if isinstance(value, dict | list):
            self._refuse(path, f"{type(value).__name__} does not fit the {shape.type_name} {shape.name}")
            return None
        if isinstance(value, Archive):
            return value.zipped()
        if isinstance(value, Asset):
            return value.content if shape.type_name == "blob" else value.content.decode()
        try:
            return _as_type(value, shape.type_name)
        except ValueError:
            self._refuse(path, f"{value!r} does not fit the {shape.type_name} {shape.name}")
            return None

    def _refuse(self, path: str, reason: str, hint: str = "") -> None:
        self.unmapped.append(Unmapped(path, reason, hint))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each value of a request with its path, list positions left out ("Rules.Status")."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for item in value:
            yield from leaves(item, path)
    else:
        yield path, value


def _entry(container: dict[str, Any], shape: Shape, member: str, entry: str) -> tuple[dict[str, Any], Shape, str]:
    """An entry of a map, or the value of a key in a list of pairs."""
    if isinstance(shape, MapShape):
        return container.setdefault(member, {}), shape.value, entry
    structure = _element(shape)
    pair = _pair(structure)
    if pair is None or not isinstance(structure, StructureShape):
        raise ValueError(f"{shape.name} is neither a map nor a list of pairs: it has no entry {entry!r}")
    element = {pair[0]: entry}
    container.setdefault(member, []).append(element)
    return element, structure.members[pair[1]], pair[1]


def _element(shape: Shape) -> Shape:
    if not isinstance(shape, ListShape):
        raise ValueError(f"{shape.name} is no list")
    element: Shape = shape.member
    return element


def _member(key: str, shape: Shape) -> str | None:
    """Member that has the input's name, capitals aside, or else its singular or plural; None when there is not one."""
    if not isinstance(shape, StructureShape):
        return None
    for forms in ({_plain(key)}, set(_numbers(_plain(key)))):
        found = [member for member in shape.members if _plain(member) in forms]
        if len(found) == 1:
            return found[0]
    return None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _numbers(name: str) -> Iterator[str]:
    yield f"{name}s"
    yield f"{name}es"
    if name.endswith("ies"):
        yield f"{name[:-3]}y"
    if name.endswith("y"):
        yield f"{name[:-1]}ies"
    yield name.removesuffix("s")


def _pair(shape: Shape) -> tuple[str, str] | None:
    """Names of key and value when the elements of a list are exactly such pairs."""
    members = set(shape.members) if isinstance(shape, StructureShape) else set()
    return next((pair for pair in PAIRS if set(pair) == members), None)


def _count_items(value: dict[str, Any], shape: Shape) -> None:
    """CloudFront counts its lists beside them; an empty one has to say so."""
    if not isinstance(shape, StructureShape) or not {"Quantity", "Items"} <= shape.members.keys():
        return
    if "Items" in value or "Quantity" in shape.required_members:
        value["Quantity"] = len(value.get("Items", ()))


def _as_type(value: Any, kind: str) -> Any:
    match kind:
        case "integer" | "long":
            if isinstance(value, bool) or float(value) != int(float(value)):
                raise ValueError(value)
            return int(float(value))
        case "float" | "double":
            return float(value)
        case "boolean":
            if value not in (True, False, "true", "false"):
                raise ValueError(value)
            return value in (True, "true")
        case "blob":
            return _text(value).encode()
        case _:
            return _text(value)


def _text(value: Any) -> str:
    """As the APIs write it in text: ``true``, ``45``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bare(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path)


def _capitals(key: str) -> str:
    return f"{key[0].upper()}{key[1:]}"


def _camel(name: str) -> str:
    return f"{name[0].lower()}{name[1:]}"


def _names(shape: Shape) -> list[str]:
    return list(shape.members) if isinstance(shape, StructureShape) else []
