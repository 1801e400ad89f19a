from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.assumptions import Assumptions
from costmodel.first_version import charges, months_worked
from costmodel.inventory import Inventory
from costmodel.plan import make_plan
from costmodel.scenario import Scenario
from costmodel.tables import Charge, Timeline


def built(steady: Callable[..., Scenario], **version: Any) -> list[Charge]:
    """Charges of a plan of a year."""
    plan = Scenario.model_validate(steady(1.0, 12).model_dump() | {"first_version": version})
    return charges(plan, plan.load_assumptions())


def test_a_studio_by_hand(steady: Callable[..., Scenario]) -> None:
    # 7 people x 6 months x 21 days x 8 hours = 7,056 hours at 60 USD: 423,360 USD, 70,560 in each month
    packages = built(steady, by="studio")
    by_month = np.sum([charge.cost for charge in packages], axis=0)
    assert list(by_month) == pytest.approx([70_560] * 6 + [0] * 6)
    by_team = {charge.description: float(charge.cost.sum()) for charge in packages}
    assert by_team == pytest.approx(
        {
            "mobile apps": 0.32 * 423_360,
            "backend": 0.27 * 423_360,
            "video pipeline": 0.13 * 423_360,
            "recommendation": 0.10 * 423_360,
            "moderation and compliance": 0.08 * 423_360,
            "design, testing, management": 0.10 * 423_360,
        }
    )
    assert all((c.category, c.unit, c.usage_based) == ("First version", "hour", False) for c in packages)


def test_it_lies_between_a_published_app_and_a_published_product() -> None:
    # Krit: 50-100 thousand USD for an app without video; 20 engineers for 3 years at 100,000 USD: 6 million
    assert 100_000 < 7 * 6 * 21 * 8 * 60 < 6_000_000


def test_upkeep_by_the_studio_begins_when_it_is_finished(steady: Callable[..., Scenario]) -> None:
    *packages, upkeep = built(steady, by="studio", months=1.5, maintained_by="studio")
    cost = sum(float(charge.cost.sum()) for charge in packages)
    assert cost == pytest.approx(7 * 1.5 * 21 * 8 * 60)
    # 20 % a year; half of the second month is still building
    assert list(upkeep.cost) == pytest.approx([0, cost * 0.2 / 12 / 2] + [cost * 0.2 / 12] * 10)


def test_stated_numbers_take_the_place_of_the_defaults(steady: Callable[..., Scenario]) -> None:
    packages = built(steady, by="studio", starts="2027-03", people=2, months=1, usd_per_hour=100)
    assert list(np.sum([charge.cost for charge in packages], axis=0)[:4]) == pytest.approx([0, 0, 2 * 168 * 100, 0])
    assert all("stated in scenario steady" in charge.price_source for charge in packages)


def test_what_the_payroll_builds_is_not_counted_twice(steady: Callable[..., Scenario]) -> None:
    assert built(steady, by="payroll", months=3) == []
    assert charges(steady(1.0), Assumptions.load()) == []


@given(st.integers(0, 12), st.floats(0, 12))
def test_months_worked_sum_to_the_months(begins: int, months: float) -> None:
    worked = months_worked(Timeline.starting("2027-01", 24), f"2027-{begins:02}" if begins else "2027-01", months)
    assert worked.sum() == pytest.approx(months)
    assert worked.min() >= 0
    assert worked.max() <= 1


def test_the_plan_says_what_the_payroll_spends_on_it(steady: Callable[..., Scenario]) -> None:
    role = {"department": "Engineering", "salary_usd_per_year": 60_000, "driver": "fixed", "heads": 3}
    sections = {"people": {"roles": {"founder": role}}, "first_version": {"by": "payroll", "months": 2.5}}
    plan = make_plan(Inventory.empty(), Scenario.model_validate(steady(1.0, 6).model_dump() | sections))
    # 3 heads x 8,350 USD x 2.5 months = 62,625
    assert "the payroll builds the first version: 62,625 USD in 2.5 months, counted under People" in plan.notes
    assert "First version" not in set(plan.ledger["x_category"])
