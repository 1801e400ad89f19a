"""Places of a scenario at which an amount or an assumption may stand: they exist, and their defaults fit."""

from __future__ import annotations

from typing import Any

import pytest

from costmodel.amounts import AMOUNTS, ANY, places, unit_of
from costmodel.assumptions import Assumptions
from costmodel.scenario import Scenario
from costmodel.yamlfile import Document, KeyPath

SCHEMA = Scenario.model_json_schema()


def members(node: dict[str, Any]) -> list[dict[str, Any]]:
    """A schema with its reference followed, and every alternative of it."""
    if "$ref" in node:
        return members(
            SCHEMA["$defs"][node["$ref"].rsplit("/", 1)[-1]] | {k: v for k, v in node.items() if k != "$ref"}
        )
    return [
        node,
        *(member for option in (*node.get("anyOf", ()), *node.get("oneOf", ())) for member in members(option)),
    ]


def children(node: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """What may stand under ``key``, or under any key when it is the wildcard."""
    found = []
    for member in members(node):
        properties = member.get("properties", {})
        named = list(properties.values()) if key == ANY else [properties[key]] if key in properties else []
        mapped = [*member.get("patternProperties", {}).values(), member.get("additionalProperties")]
        found += [*named, *(child for child in mapped if isinstance(child, dict) and key == ANY)]
    return found


def at(path: KeyPath) -> list[dict[str, Any]]:
    nodes = [SCHEMA]
    for key in path:
        nodes = [child for node in nodes for child in children(node, key)]
    return nodes


@pytest.mark.parametrize("path", AMOUNTS, ids=".".join)
def test_every_place_exists_and_takes_a_number_or_a_key(path: KeyPath) -> None:
    found = at(path)
    assert found, "no section of a scenario has this key"
    for node in found:
        assert {option.get("type") for option in node["anyOf"]} >= {"number", "string"}


@pytest.mark.parametrize("path", AMOUNTS, ids=".".join)
def test_a_default_is_an_assumption_in_the_unit_of_its_place(path: KeyPath) -> None:
    entries = Assumptions.load().entries
    for key in {node["default"] for node in at(path) if isinstance(node.get("default"), str)}:
        assert entries[key].unit == unit_of(path)


def test_places_are_those_that_stand_in_the_file() -> None:
    data = {"gifts": {"markets": {"us": {"payer_share": 1}, "eu": {}, "asia": 3}}, "shop": []}
    document = Document("a.yaml", data, {(): 1})
    pattern = ("gifts", "markets", ANY, "payer_share")
    assert list(places(document, pattern)) == [("gifts", "markets", "us", "payer_share")]
    assert list(places(document, ("shop", "markets", ANY, "payer_share"))) == []
