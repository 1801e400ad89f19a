from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.assumptions import Assumptions
from costmodel.payouts import charges, qualified_views
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Array

GEOGRAPHIES = ("us", "europe", "india")


def scenario(rates: dict[str, float | str] | None, starts: str | None = None) -> Scenario:
    growth = {
        "model": "bass",
        "launch": "2027-01",
        "ceiling_users": 1e6,
        "innovation_per_year": 0.05,
        "imitation_per_year": 0.9,
    }
    edges = {"us": "us", "europe": "europe_israel", "india": "india"}
    content: dict[str, Any] = {
        "name": "case",
        "title": "A case",
        "description": "For a test.",
        "as_of": "2026-11-21",
        "start": "2027-01",
        "months": 2,
        "stage": "early",
        "geographies": {name: {"edge": edge, "growth": growth} for name, edge in edges.items()},
    }
    if rates:
        content["payouts"] = {"creator_rewards": {"usd_per_1000_qualified_views": rates, "starts": starts}}
    return Scenario.model_validate(content)


def activity_of(plan: Scenario, views: Array) -> Activity:
    nothing = Activity.nothing(
        plan.timeline, GEOGRAPHIES, ("us", "europe_israel", "india"), upload_seconds=20.5, upload_mb=15.0
    )
    return replace(nothing, monthly_views=views)


def test_the_published_example() -> None:
    # 70,000 views, 30,000 of them qualified, 20 dollars: 20 / 30 = 0.67 per 1,000 qualified, 0.29 per 1,000 views.
    paid_views = qualified_views(np.array([70_000.0]), 1.0, 30_000 / 70_000)
    assert paid_views[0] == pytest.approx(30_000)
    plan = scenario({"us": 0.67})
    views = np.array([[70_000.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    shares = {"payout.eligible_view_share": 1.0, "payout.qualified_share_of_views": 30_000 / 70_000}
    (charge,) = charges(plan, activity_of(plan, views), Assumptions.load(shares))
    assert charge.quantity[0] == pytest.approx(30.0)
    assert charge.cost[0] == pytest.approx(20.10)
    assert charge.cost[0] / 70 == pytest.approx(0.29, abs=0.005)


def test_a_platform_of_146_billion_views_a_day_as_in_the_notes() -> None:
    # 146e9 x 0.05 eligible x 0.43 qualified x 0.70 / 1000 = 2.2 million dollars a day, 0.8 billion a year
    plan = scenario({"us": "payout.rewards_rpm"})
    views = np.array([[146e9, 0.0], [0.0, 0.0], [0.0, 0.0]])
    (charge,) = charges(plan, activity_of(plan, views), Assumptions.load())
    assert charge.cost[0] == pytest.approx(2_197_300)
    assert charge.cost[0] * 365 == pytest.approx(0.8e9, rel=0.01)


def test_each_geography_has_its_rate_and_its_source() -> None:
    plan = scenario({"europe": "payout.rewards_rpm_UK", "us": 1.25})
    lines = charges(plan, activity_of(plan, np.full((3, 2), 1e6)), Assumptions.load())
    # 1,000,000 views x 0.05 x 0.43 / 1000 = 21.5 thousand qualified views
    assert [line.region_id for line in lines] == ["us", "europe"]
    assert [line.quantity[0] for line in lines] == pytest.approx([21.5, 21.5])
    assert [line.cost[0] for line in lines] == pytest.approx([21.5 * 1.25, 21.5 * 1.20])
    assert lines[0].price_source.endswith("stated in scenario case without a source")
    assert lines[1].price_source == "payout.rewards_rpm_UK: calculatecreator.com (2026)"
    assert {line.category for line in lines} == {"Payouts"}
    assert {line.unit for line in lines} == {"1000 qualified views"}


def test_nothing_is_paid_before_the_programme_starts() -> None:
    plan = scenario({"us": 1.0}, starts="2027-02")
    (charge,) = charges(plan, activity_of(plan, np.full((3, 2), 1e6)), Assumptions.load())
    assert list(charge.cost) == [0.0, pytest.approx(21.5)]


def test_a_plan_without_payouts_has_no_payout_lines() -> None:
    plan = scenario(None)
    assert charges(plan, activity_of(plan, np.ones((3, 2))), Assumptions.load()) == []


@given(st.floats(0, 1e15), st.floats(0, 1), st.floats(0, 1))
def test_no_more_views_are_paid_than_watched(views: float, eligible: float, qualified: float) -> None:
    assert 0 <= qualified_views(np.array([views]), eligible, qualified)[0] <= views


def test_trials_broadcast() -> None:
    plan = scenario({"us": 1.0})
    one = np.full((3, 2), 1e6)
    (charge,) = charges(plan, activity_of(plan, np.stack([one, 3 * one])), Assumptions.load())
    np.testing.assert_allclose(charge.cost, [[21.5, 21.5], [64.5, 64.5]])
