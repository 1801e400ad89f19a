"""A number may be a range wherever it stands: the plan is made with its base, the range is kept beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from costmodel.assumptions import Range
from costmodel.errors import ScenarioError
from costmodel.scenario import Scenario, load_scenario, scenario_schema, shipped_scenarios
from costmodel.yamlfile import read_document

PLAN = """\
name: small
title: A plan
description: Reasons.
as_of: 2026-11-21
start: 2027-01
months: 3
stage: early
geographies:
  norway:
    edge: europe_israel
    growth: {model: bass, launch: 2026-01, ceiling_users: CEILING, innovation_per_year: 0.05, imitation_per_year: 0.9}
assumptions:
  usage.seconds_watched_per_view: SECONDS
people:
  roles:
    founder: {department: Engineering, salary_usd_per_year: SALARY, driver: fixed, heads: HEADS}
"""
NUMBERS = {"CEILING": "1e5", "SECONDS": "12", "SALARY": "60_000", "HEADS": "3"}


def loaded(folder: Path, **changed: str) -> Scenario:
    text = PLAN
    for name, value in (NUMBERS | changed).items():
        text = text.replace(name, value)
    path = folder / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(str(path))


RANGES = {
    "CEILING": "{low: 2e4, base: 1e5, high: 8e5, distribution: lognormal}",
    "SECONDS": "{low: 8, base: 12, high: 20}",
    "SALARY": "{low: 40_000, base: 60_000, high: 90_000}",
    "HEADS": "{low: 2, base: 3, high: 4}",
}


def test_a_range_is_its_base_and_is_kept(tmp_path: Path) -> None:
    plain, ranged = loaded(tmp_path), loaded(tmp_path, **RANGES)
    assert ranged.model_dump() == plain.model_dump()
    assert ranged.ranges == {
        "geographies.norway.growth.ceiling_users": Range(2e4, 1e5, 8e5, "lognormal"),
        "assumptions.usage.seconds_watched_per_view": Range(8, 12, 20),
        "people.roles.founder.salary_usd_per_year": Range(40_000, 60_000, 90_000),
        "people.roles.founder.heads": Range(2, 3, 4),
    }
    assert plain.ranges == {}
    assert ranged.digest != plain.digest, "how sure the author is belongs to the inputs"


def test_a_range_reaches_the_assumption_that_it_is_for(tmp_path: Path) -> None:
    assumptions = loaded(tmp_path, **RANGES).load_assumptions()
    watched = assumptions.entry("usage.seconds_watched_per_view")
    assert (watched.low, watched.value, watched.high) == (8, 12, 20)
    key = "people.roles.founder.salary_usd_per_year"
    salary = assumptions.resolve(60_000.0, name=key, unit="USD/year", stated_in="it", as_of="2026-11")
    assert (salary.low, salary.value, salary.high, salary.distribution) == (40_000, 60_000, 90_000, "pert")


@pytest.mark.parametrize(
    ("changed", "messages"),
    [
        (
            {"SECONDS": "{low: 15, base: 12, high: 20}"},
            ["13: assumptions.usage.seconds_watched_per_view: found 15 / 12 / 20, expected low <= base <= high"],
        ),
        (
            {"SECONDS": "{low: 0, base: 12, high: 20}"},
            [
                "13: assumptions.usage.seconds_watched_per_view: found 0, "
                "expected a number above 0 [s/view] (as the low of its range)"
            ],
        ),
        (
            {"SECONDS": "{lo: 8, base: 12, high: 20}"},
            [
                "13: assumptions.usage.seconds_watched_per_view.lo: found an unknown key, "
                "expected a number, or a range with low, base and high (nearest: low)"
            ],
        ),
        (
            {"SALARY": "{low: 1, base: many}", "HEADS": "{low: 1.5, base: 2, high: 3}"},
            [
                "16: people.roles.founder.salary_usd_per_year.base: found 'many', "
                "expected a number, or a range with low, base and high",
                "16: people.roles.founder.salary_usd_per_year.high: found nothing, "
                "expected a number, or a range with low, base and high",
                "16: people.roles.founder.heads: found 1.5, expected a whole number (as the low of its range)",
            ],
        ),
        (
            {"CEILING": "{low: 1, base: 2, high: 3, distribution: pret}"},
            [
                "11: geographies.norway.growth.ceiling_users.distribution: found 'pret', "
                "expected one of fixed, pert, triangular, lognormal (nearest: pert)"
            ],
        ),
    ],
)
def test_what_is_no_range_is_told_once(tmp_path: Path, changed: dict[str, str], messages: list[str]) -> None:
    with pytest.raises(ScenarioError) as refused:
        loaded(tmp_path, **changed)
    assert [str(fault).removeprefix(f"{tmp_path}/plan.yaml:") for fault in refused.value.faults] == messages


def test_the_length_of_a_plan_is_a_choice(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    text = PLAN.replace("months: 3", "months: {low: 2, base: 3, high: 4}")
    for name, value in NUMBERS.items():
        text = text.replace(name, value)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match="months: found a mapping of keys to values, expected a whole number"):
        load_scenario(str(path))


def document(path: Path) -> Any:
    return read_document(path, path.name).data


@pytest.mark.parametrize("name", shipped_scenarios())
def test_the_schema_accepts_the_shipped_scenarios(name: str) -> None:
    from costmodel.scenario import SHIPPED

    jsonschema.validate(document(SHIPPED / f"{name}.yaml"), scenario_schema())


def test_the_schema_accepts_ranges_and_refuses_what_is_none(tmp_path: Path) -> None:
    loaded(tmp_path, **RANGES)
    good = document(tmp_path / "plan.yaml")
    jsonschema.validate(good, scenario_schema())
    good["people"]["roles"]["founder"]["heads"] = {"lo": 1, "base": 2, "high": 3}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(good, scenario_schema())
