"""Every assumption moves a total, and in the direction that a person would expect.

``sensitivity.csv`` says for each key by how much it is changed (a tenth, unless a smaller step cannot be seen: a class
of pictures, a cap) and what has to happen to costs, revenue, the cash at the end, and the income that creators get from
others: more, less, or nothing. A key that moves nothing is a failure: it should not be shipped.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from costmodel.assumptions import SUM_TO_ONE, Assumptions
from costmodel.inventory import Inventory, load_inventory
from costmodel.ledger import costs, revenue, total
from costmodel.plan import Plan, make_plan
from costmodel.scenario import Scenario, load_scenario
from costmodel.statements import cash_statement, income_statement

HERE = Path(__file__).parent
TOTALS = ("costs", "revenue", "cash", "creators")
NOISE = 1e-13
"""Change of a total, as a share of it, that is the rounding of floats."""


@dataclass(frozen=True)
class Case:
    """What a change of one assumption should do."""

    key: str
    scenario: str
    """A shipped scenario, or one of ``tests/scenarios``."""
    stack: str
    """The least that it takes to see it: the business alone ("none"), our stack with every capability ("all"), or one
    of somebody else ("others"), who moves old videos to colder classes and traces functions."""
    factor: float
    costs: str
    revenue: str
    cash: str
    creators: str
    why: str
    """What a reader may not expect, explained."""


def read() -> list[Case]:
    with (HERE / "sensitivity.csv").open(encoding="utf-8", newline="") as file:
        return [Case(**{**row, "factor": float(row["factor"])}) for row in csv.DictReader(file)]  # type: ignore[arg-type]


CASES = read()
KNOWN = Assumptions.load().entries


def test_every_assumption_has_a_row_and_the_reverse() -> None:
    assert sorted(case.key for case in CASES) == sorted(KNOWN)


def test_no_row_expects_nothing() -> None:
    idle = [case.key for case in CASES if {getattr(case, name) for name in TOTALS} == {"0"}]
    assert idle == []


@cache
def scenario_of(name: str) -> Scenario:
    own = HERE.parent / "scenarios" / f"{name}.yaml"
    return load_scenario(str(own) if own.exists() else name)


@cache
def stack_of(path: Path | None) -> Inventory:
    return load_inventory(path) if path else Inventory.empty()


@cache
def before(name: str, path: Path | None) -> tuple[float, ...]:
    return totals(make_plan(stack_of(path), scenario_of(name)))


def totals(plan: Plan) -> tuple[float, ...]:
    """Costs, revenue, cash at the end, and what creators get from others [USD]."""
    timeline = plan.scenario.timeline
    cash = cash_statement(income_statement(plan.ledger, timeline), plan.balances, None, timeline).cash
    creators = sum(float(np.sum(months)) for months in plan.creator_income_usd.values())
    return total(costs(plan.ledger)), total(revenue(plan.ledger)), float(cash[-1]), creators


def changed(scenario: Scenario, key: str, factor: float) -> Scenario:
    """The scenario with one assumption times ``factor``; parts of one whole give way in proportion."""
    values = scenario.load_assumptions().entries
    new = values[key].value * factor
    overrides = {**scenario.assumptions, key: new}
    for prefix in SUM_TO_ONE:
        if key.startswith(prefix):
            others = {name: entry.value for name, entry in values.items() if name.startswith(prefix) and name != key}
            rest = sum(others.values())
            overrides |= {name: value * (1 - new) / rest for name, value in others.items()}
    return scenario.model_copy(update={"assumptions": overrides})


def direction(old: float, new: float) -> str:
    if abs(new - old) <= NOISE * max(abs(old), 1):
        return "0"
    return "+" if new > old else "-"


def observed(case: Case, path: Path | None) -> dict[str, str]:
    """What the change does; a factor below 1 is told as if the assumption had risen."""
    plan = make_plan(stack_of(path), changed(scenario_of(case.scenario), case.key, case.factor))
    pairs = zip(before(case.scenario, path), totals(plan), strict=True)
    seen = [direction(old, new) if case.factor > 1 else direction(new, old) for old, new in pairs]
    return dict(zip(TOTALS, seen, strict=True))


def expected(case: Case) -> dict[str, str]:
    return {name: getattr(case, name) for name in TOTALS}


def of_somebody_else(document: dict[str, Any]) -> dict[str, Any]:
    """Our stack with what other stacks have and ours does not."""
    for resource in document["resources"]:
        if resource["type"].endswith("LifecycleConfiguration") and resource["name"] == "renditions":
            colder = [{"days": 30, "storageClass": "STANDARD_IA"}]
            resource["inputs"]["rules"].append(
                {"id": "colder", "status": "Enabled", "filter": {"prefix": ""}, "transitions": colder}
            )
        if resource["type"] == "aws:lambda/function:Function":
            resource["inputs"]["tracingConfig"] = {"mode": "Active"}
    return document


@pytest.fixture(scope="module")
def others_inventory_file(everything_inventory_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("others") / "inventory.json"
    document = json.loads(everything_inventory_file.read_text(encoding="utf-8"))
    path.write_text(json.dumps(of_somebody_else(document)), encoding="utf-8")
    return path


@pytest.mark.parametrize("case", [case for case in CASES if case.stack == "none"], ids=lambda case: case.key)
def test_an_assumption_of_the_business(case: Case) -> None:
    assert observed(case, None) == expected(case)


@pytest.mark.parametrize("case", [case for case in CASES if case.stack == "all"], ids=lambda case: case.key)
def test_an_assumption_of_the_stack(case: Case, everything_inventory_file: Path) -> None:
    assert observed(case, everything_inventory_file) == expected(case)


@pytest.mark.parametrize("case", [case for case in CASES if case.stack == "others"], ids=lambda case: case.key)
def test_an_assumption_of_other_stacks(case: Case, others_inventory_file: Path) -> None:
    assert observed(case, others_inventory_file) == expected(case)
