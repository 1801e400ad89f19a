"""Every shipped assumption is used, and every key that the code or a scenario names is shipped."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import costmodel
from costmodel.amounts import AMOUNTS
from costmodel.assumptions import GRADES, SHIPPED, Assumption, Assumptions
from costmodel.scenario import load_scenario, shipped_scenarios

PACKAGE = Path(costmodel.__file__).parent
ENTRIES = Assumptions.load().entries
GROUPS = "|".join(sorted({key.split(".")[0] for key in ENTRIES}))


def texts(tree: ast.AST) -> Iterator[str]:
    """Patterns of all texts in a module; the gap in f"eng.bitrate_kbps_{rung}p_avc" matches any word."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else None for part in node.values)
            yield "".join(r"\w+" if part is None else re.escape(str(part)) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.escape(node.value)


def patterns_in_code() -> set[str]:
    """Every text of the package that begins like the key of an assumption."""
    beginning = re.compile(rf"({GROUPS})\\\.")
    modules = (ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py"))
    return {text for module in modules for text in texts(module) if beginning.match(text)}


PATTERNS = patterns_in_code()


def is_choice(entry: Assumption) -> bool:
    """A scenario may choose any amount of the unit that it wants by its key."""
    return entry.unit in AMOUNTS.values()


@pytest.mark.parametrize("key", sorted(ENTRIES))
def test_every_assumption_is_used(key: str) -> None:
    named = any(re.fullmatch(pattern, key) for pattern in PATTERNS)
    assert named or is_choice(ENTRIES[key]), f"no module reads {key} and no scenario can choose it: do not ship it"


def test_every_key_that_the_code_names_is_shipped() -> None:
    keys = re.compile(rf"({GROUPS})\\\.[\w\\+]+[^_]")  # a text that ends in "_" is the beginning of several keys
    named = {pattern for pattern in PATTERNS if keys.fullmatch(pattern)}
    assert named
    assert {pattern for pattern in named if not any(re.fullmatch(pattern, key) for key in ENTRIES)} == set()


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.key)
def test_every_assumption_has_unit_source_date_and_grade(entry: Assumption) -> None:
    assert entry.unit
    assert entry.source
    assert re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", entry.source_date)
    assert entry.grade in GRADES
    assert entry.allows(entry.low)
    assert entry.allows(entry.high)


def test_no_file_repeats_the_columns_of_another_kind() -> None:
    headers = {path.read_text(encoding="utf-8").splitlines()[0] for path in SHIPPED.glob("*.csv")}
    assert len(headers) == 1


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_shipped_scenario_loads_and_gives_its_reasons(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert len(scenario.description.split()) >= 50, "a shipped scenario explains its numbers"
    assert set(scenario.assumptions) <= set(ENTRIES)
