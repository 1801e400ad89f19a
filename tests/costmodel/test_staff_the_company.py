"""The how-to on people, compliance, first version and dramas, run as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from costmodel.inventory import Inventory
from costmodel.plan import Plan, make_plan
from costmodel.scenario import load_scenario
from costmodel.sections.people import Role

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "staff-the-company.md"
BEGINNING = """\
name: page
title: A page
description: Of the docs.
as_of: 2026-11-22
start: 2027-01
months: 24
stage: early
geographies:
  north_america:
    edge: us
    growth: {model: bass, launch: 2027-06, ceiling_users: 5e6, innovation_per_year: 0.1, imitation_per_year: 1}
  europe:
    edge: europe_israel
    growth: {model: bass, launch: 2027-06, ceiling_users: 5e6, innovation_per_year: 0.1, imitation_per_year: 1}
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    (block,) = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    path = tmp_path_factory.mktemp("page") / "page.yaml"
    path.write_text(BEGINNING + block, encoding="utf-8")
    return make_plan(Inventory.empty(), load_scenario(str(path)))


def usd_by_month(plan: Plan, sku: str) -> dict[str, float]:
    rows = plan.ledger[plan.ledger["sku_id"] == sku]
    return {f"{month:%Y-%m}": usd for month, usd in zip(rows["charge_period_start"], rows["billed_cost"], strict=True)}


def test_the_page_does_what_its_comments_say(plan: Plan) -> None:
    assert "live_manager" not in plan.headcount
    assert list(plan.headcount["designer"]) == [2] * 24
    assert "night_agent" in plan.contractors
    first_version = plan.ledger[plan.ledger["x_category"] == "First version"]["charge_period_start"]
    assert {f"{month:%Y-%m}" for month in first_version} == {f"2027-0{month}" for month in range(1, 6)}
    assert min(usd_by_month(plan, "dramas.filmed")) == "2027-06"
    assert min(usd_by_month(plan, "dramas.episodes")) == "2027-09"
    assert min(usd_by_month(plan, "compliance.age_checks")) == "2027-06"
    assert min(usd_by_month(plan, "compliance.residency_build")) == "2028-01"


def test_the_page_names_every_driver() -> None:
    page = PAGE.read_text(encoding="utf-8")
    drivers = {str(member.model_fields["driver"].annotation) for member in get_args(get_args(Role)[0])}
    named = {word for text in drivers for word in re.findall(r"'(\w+)'", text)}
    quantities = {word for word in named if word.startswith(("monthly_", "daily_"))}
    assert {driver for driver in named - quantities if f"`{driver}`" not in page} == set()
    assert quantities & set(re.findall(r"`(\w+)`", page))
