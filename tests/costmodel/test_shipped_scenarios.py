"""Each shipped scenario tells a story of its own: who comes, what it earns, and whether the money lasts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from costmodel.exports.results import Results, make_results
from costmodel.inventory import load_inventory
from costmodel.plan import Plan, make_plan
from costmodel.scenario import load_scenario, shipped_scenarios

PLATFORM = Path(__file__).parent / "inventories" / "platform.json"


@cache
def plan_of(name: str) -> Plan:
    return make_plan(load_inventory(PLATFORM), load_scenario(name))


def users(plan: Plan) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return plan.activity.monthly_active_users.sum(axis=-2)  # type: ignore[no-any-return]  # numpy loses the shape


@pytest.fixture
def results() -> Callable[[str], Results]:
    return lambda name: make_results(plan_of(name))


def test_the_five_stories_are_shipped() -> None:
    assert shipped_scenarios() == ("drama-first", "failure", "global", "niche", "regional")


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_story_says_where_its_numbers_come_from(name: str) -> None:
    plan = plan_of(name)
    assert plan.scenario.ranges, "a founder who is sure of every number has not thought"
    assert len(plan.scenario.description.split()) > 100


def test_niche_goes_from_twenty_thousand_to_half_a_million_with_three_founders() -> None:
    plan = plan_of("niche")
    assert users(plan)[0] == pytest.approx(20_000, rel=0.1)
    assert users(plan)[-1] == pytest.approx(500_000, rel=0.05)
    assert plan.headcount["founder"].tolist() == [3] * 36


def test_regional_goes_to_twenty_million_and_buys_them(results: Callable[[str], Results]) -> None:
    plan = plan_of("regional")
    assert users(plan)[-1] == pytest.approx(19e6, rel=0.1)
    costs = plan.ledger[plan.ledger["x_flow"] == "cost"]
    early = costs[costs["charge_period_start"] < "2029-01-01"].groupby("x_category", observed=True)["billed_cost"].sum()
    assert early.idxmax() in ("People", "Marketing")
    assert results("regional").out_of_cash is not None, "what the rounds of the file do not cover is said"


def test_global_is_of_tiktoks_size(results: Callable[[str], Results]) -> None:
    plan = plan_of("global")
    assert 1.6e9 < users(plan)[0] < users(plan)[-1] < 1.79e9
    heads = sum(heads[0] for heads in plan.headcount.values())
    assert 30_000 < heads < 50_000
    (first, *_) = results("global").years
    assert 16.1e9 < first.revenue < 33.1e9, "the range that was published for TikTok"
    billed, listed = (plan.ledger[column].sum() for column in ("billed_cost", "list_cost"))
    assert billed < listed, "nobody pays list prices at this size"


def test_drama_first_lives_on_its_dramas(results: Callable[[str], Results]) -> None:
    streams = results("drama-first").years[-1].revenue_by_stream
    assert max(streams, key=lambda name: streams[name]) == "Drama"


def test_failure_loses_half_of_its_users_in_29_months(results: Callable[[str], Results]) -> None:
    plan = plan_of("failure")
    labels = plan.scenario.timeline.labels
    cut = labels.index("2029-07")
    assert users(plan)[cut - 1] == users(plan).max()
    # e^(-0.289 x 29 / 12) = 0.497: Likee's half-life
    assert users(plan)[cut + 28] / users(plan)[cut - 1] == pytest.approx(0.497, abs=0.02)
    made = results("failure")
    assert made.out_of_cash is not None
    assert made.years[-1].operating_result < 0, "costs do not leave as fast as users"
