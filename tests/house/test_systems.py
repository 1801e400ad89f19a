"""docs/systems.md is complete and true: every system that the mission names has its module, key, lines and test."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from costmodel.inventory import load_inventory
from costmodel.plan import make_plan
from costmodel.scenario import load_scenario, scenario_schema

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "systems.md"
COLUMNS = ["system", "deployed by", "counted by", "scenario key", "ledger lines", "test"]
ROWS = [
    dict(zip(COLUMNS, (cell.strip() for cell in line.strip("|\n").split("|")), strict=True))
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| system")
]

NAMED = """video storage, transcoding, CDN, compute, recommendation, moderation by AI, moderation by people, live
streaming,
gifts, shop, analytics, GDPR, in-feed, top view, hashtag challenge, branded effect, marketplace fee, subscription,
pay-per-episode, Drama Pass, Creator Fund, Creativity Program, diamonds, affiliate, brand deals, geography, niche,
engagement, in-house dramas, with and without AI, infrastructure, staff by department, first version, regional,
global"""
"""What the mission names."""


def row_id(row: dict[str, str]) -> str:
    return row["system"]


@pytest.mark.parametrize("name", [name.strip() for name in NAMED.replace("\n", " ").split(",")])
def test_what_the_mission_names_has_a_row(name: str) -> None:
    assert any(name.lower() in row["system"].lower() for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_the_files_of_a_system_exist(row: dict[str, str]) -> None:
    for place in ("deployed by", "counted by", "test"):
        assert not row[place] or (ROOT / row[place]).is_file(), row[place]
    assert row["counted by"]
    assert row["test"]


def node_at(path: str, schema: dict[str, Any]) -> dict[str, Any] | None:
    """The part of the schema at a dotted key; None when there is no such key."""
    node: dict[str, Any] = schema
    for key in path.split("."):
        parts = [node, *node.get("anyOf", []), *node.get("oneOf", [])]
        parts += [schema["$defs"][part["$ref"].rsplit("/", 1)[-1]] for part in parts if "$ref" in part]
        node = next((part["properties"][key] for part in parts if key in part.get("properties", {})), {})
        if not node:
            return None
    return node


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_the_scenario_key_of_a_system_exists(row: dict[str, str]) -> None:
    schema = scenario_schema()
    keys = re.findall(r"`([^`]+)`", row["scenario key"])
    assert keys
    assert [key for key in keys if node_at(key, schema) is None] == []


def test_a_key_that_does_not_exist_is_found_out() -> None:
    assert node_at("payouts.creator_found", scenario_schema()) is None
    assert node_at("payouts.creator_fund", scenario_schema()) is not None


@pytest.fixture(scope="module")
def lines(prod_inventory_file: Path) -> set[tuple[str, str]]:
    """Category and sku of every line of the plans in which everything is switched on."""
    stack = load_inventory(prod_inventory_file)
    scenarios = sorted((ROOT / "tests" / "scenarios").glob("*.yaml"))
    tables = [make_plan(stack, load_scenario(str(path))).ledger for path in scenarios]
    pairs = pd.concat([table[["x_category", "sku_id"]].astype("str") for table in tables]).drop_duplicates()
    return set(pairs.itertuples(index=False, name=None))


def is_billed(line: str, lines: set[tuple[str, str]]) -> bool:
    """Whether ``category: sku`` is a line of a plan, or the beginning of one up to a dot or underscore."""
    category, sku = line.split(": ")
    return any(known == category and re.match(rf"{re.escape(sku)}([._]|$)", other) for known, other in lines)


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_the_ledger_lines_of_a_system_are_billed(row: dict[str, str], lines: set[tuple[str, str]]) -> None:
    named = [line for line in row["ledger lines"].split(", ") if line]
    assert [line for line in named if not is_billed(line, lines)] == []
