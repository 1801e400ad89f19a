"""Pulumi's wire format (protobuf ``Struct`` with signed values) to plain values and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import json_format, struct_pb2

from infra.emulator.assets import ARCHIVE, ASSET, SIGNATURE, read_asset

SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands on the wire for a value that is not known yet."""
SECRET_MARKER = "[secret]"


@dataclass(frozen=True)
class Properties:
    """Decoded properties of one resource."""

    values: Mapping[str, Any] = field(repr=False)
    secrets: frozenset[str]
    unknowns: frozenset[str]


def decode(struct: struct_pb2.Struct) -> Properties:
    """Plain values, with secrets opened; which inputs hold a secret or an unknown is noted beside them.

    Raises:
        ValueError: an asset that cannot be read.
    """
    raw = _normal(json_format.MessageToDict(struct))
    return Properties(
        values={key: _plain(value) for key, value in raw.items()},
        secrets=frozenset(key for key, value in raw.items() if _contains(value, _is_secret)),
        unknowns=frozenset(key for key, value in raw.items() if _contains(value, _is_unknown)),
    )


def masked(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Plain values in which a secret stands as ``[secret]`` and an unknown as None: safe to print."""
    return {key: _mask(value) for key, value in _normal(json_format.MessageToDict(struct)).items()}


def encode(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """Plain JSON values as properties."""
    struct = struct_pb2.Struct()
    json_format.ParseDict(dict(values), struct)
    return struct


def _normal(value: Any) -> Any:
    """Protobuf keeps no order of keys, and every number as a float: neither may reach a result."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _normal(value[key]) for key in sorted(value)}
    return [_normal(item) for item in value] if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        signature = value.get(SIGNATURE)
        if signature == SECRET_SIGNATURE:
            return _plain(value.get("value"))
        if signature in (ASSET, ARCHIVE):
            return read_asset(value)
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if _is_unknown(value) else value


def _mask(value: Any) -> Any:
    if _is_secret(value):
        return SECRET_MARKER
    if isinstance(value, dict):
        return {key: _mask(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_mask(item) for item in value]
    return None if _is_unknown(value) else value


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and value.get(SIGNATURE) == SECRET_SIGNATURE


def _is_unknown(value: Any) -> bool:
    return isinstance(value, str) and value == UNKNOWN


def _contains(value: Any, test: Callable[[Any], bool]) -> bool:
    if test(value):
        return True
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_contains(child, test) for child in children)
