from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.assumptions import GRADES, Assumptions
from costmodel.drama import charges, sales
from costmodel.drama.audience import expected_reach, series_in_their_life
from costmodel.drama.production import portfolio_profit
from costmodel.drama_market import WORDS, comparison, portfolio, published
from costmodel.inventory import Inventory
from costmodel.plan import make_plan
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Charge

MadeActivity = Callable[..., Activity]
EDGES = ("us", "asia_other")


def scenario(steady: Callable[..., Scenario], months: int = 1, **drama: Any) -> Scenario:
    section = {"releases_per_month": 20} | drama
    return Scenario.model_validate(steady(1e6, months, EDGES).model_dump() | {"drama": section})


def by_sku(found: list[Charge]) -> dict[tuple[str, str], list[float]]:
    return {(c.sku_id.removeprefix("dramas."), c.region_id): [round(float(x), 6) for x in c.cost] for c in found}


def test_the_worked_example_of_a_portfolio() -> None:
    # n = 20, C = 180,000: 3.6 million; one expected hit (5 % of 20) must bring in 3.6 million. With AI 0.72 million.
    assert 20 * 180_000 == 3_600_000
    assert portfolio_profit(20, 180_000, 0.05, 3_600_000, 0, 0) == pytest.approx(0)
    with_ai = 180_000 * (1 - Assumptions.load()["drama.ai_cost_reduction"])
    assert 20 * with_ai == pytest.approx(720_000)
    assert portfolio_profit(20, with_ai, 0.05, 720_000, 0, 0) == pytest.approx(0, abs=1e-6)
    # a lower hit rate takes the saving away again: 20 x (0.02 x 720,000 - 36,000) = -432,000
    assert portfolio_profit(20, with_ai, 0.02, 720_000, 0, 0) == pytest.approx(-432_000)


def test_a_month_of_dramas_by_hand(steady: Callable[..., Scenario], made_activity: MadeActivity) -> None:
    # One million users in each place, 15 % of them viewers; 20 releases, 60 % of whose life is their first month;
    # 3.46 % of the viewers start one: 150,000 x 12 x 0.0346 = 62,280 series started. 3 % pay, 2 % of it is refunded.
    activity = made_activity(1, EDGES, active_users=1e6)
    plan = scenario(steady, usd_per_1000_impressions={"place_0": 7.4}, price_ratio={"place_1": 0.2})
    found = charges(plan, activity, Assumptions.load())
    started = 150_000 * 20 * 0.6 * 0.0346
    payers = started * 0.03 * 0.98
    episodes = payers * 0.5 * 72 * 0.5 * 0.40  # half of them buy half of the 72 episodes behind the wall
    weeks = payers * 0.5 * 20
    ads = started * 0.97 * 10 / 1_000 * 7.4
    revenue = (episodes + weeks) * 1.2 + ads
    assert {key: cost[0] for key, cost in by_sku(found).items()} == pytest.approx(
        {
            ("episodes", "place_0"): episodes,
            ("subscription", "place_0"): weeks,
            ("advertising", "place_0"): ads,
            ("episodes", "place_1"): episodes * 0.2,
            ("subscription", "place_1"): weeks * 0.2,
            ("filmed", "global"): 20 * 180_000,
            ("promotion", "global"): revenue * 0.2,
        },
        rel=1e-6,
    )
    assert {c.category for c in found} == {"Drama", "Drama production"}


def test_tills_are_told_what_viewers_pay_and_not_what_advertisers_do(
    steady: Callable[..., Scenario], made_activity: MadeActivity
) -> None:
    activity = made_activity(1, EDGES, active_users=1e6)
    plan = scenario(steady, usd_per_1000_impressions={"place_0": 7.4})
    found = charges(plan, activity, Assumptions.load())
    paid = sum(c.cost for c in found if c.sku_id in ("dramas.episodes", "dramas.subscription"))
    store, web = sales(found, Assumptions.load())
    assert (store.till, web.till) == ("store", "web")
    assert store.usd + web.usd == pytest.approx(paid)
    assert web.usd == pytest.approx(paid * 0.25)
    assert store.purchases == pytest.approx(store.usd / 15)
    assert not store.unearned_usd.any()
    assert sales([c for c in found if c.category != "Drama"], Assumptions.load()) == []


def test_an_app_with_nothing_but_dramas_earns_what_reelshort_did(
    steady: Callable[..., Scenario], made_activity: MadeActivity
) -> None:
    # 214 million USD / 12 / 50 million users = 0.36 USD a user and month (2024): the reach of a series was set by it.
    # DramaBox was not used: 217 million / 12 / 30 million users = 0.60, 1.7 times as much.
    activity = made_activity(24, EDGES, active_users=25e6)
    plan = scenario(steady, 24, audience_share=1)
    paid = sum(c.cost[-1] for c in charges(plan, activity, Assumptions.load()) if c.category == "Drama")
    per_user = paid / 50e6
    assert per_user == pytest.approx(214e6 / 12 / 50e6, rel=0.05)
    assert 1 < (217e6 / 12 / 30e6) / per_user < 2


def test_series_are_paid_for_before_they_are_released(
    steady: Callable[..., Scenario], made_activity: MadeActivity
) -> None:
    activity = made_activity(5, EDGES, active_users=1e6)
    plan = scenario(steady, 5, starts="2027-03", ends="2027-04", production_months=2)
    found = by_sku(charges(plan, activity, Assumptions.load()))
    assert found["filmed", "global"] == [3.6e6, 3.6e6, 0, 0, 0]
    episodes = found["episodes", "place_0"]
    assert episodes[:2] == [0, 0]
    # lives lived: 0.6; 0.6 + 0.24; 0.24 + 0.096 after the last release
    assert np.array(episodes[2:]) / episodes[2] == pytest.approx([1, 0.84 / 0.6, 0.336 / 0.6])


def test_generated_series_cost_a_fifth_and_are_less_often_a_hit(
    steady: Callable[..., Scenario], made_activity: MadeActivity
) -> None:
    activity = made_activity(1, EDGES, active_users=1e6)
    found = by_sku(charges(scenario(steady, ai_share=0.5), activity, Assumptions.load()))
    assert found["filmed", "global"] == [10 * 180_000]
    assert found["generated", "global"] == pytest.approx([10 * 36_000])
    # hits: 5 % x (0.5 + 0.5 x 0.7) = 4.25 %
    assert expected_reach(0.5, Assumptions.load()) == pytest.approx(0.0425 * 0.35 + 0.9575 * 0.018)
    assert expected_reach(1.0, Assumptions.load({"drama.ai_hit_rate_ratio": 1.0})) == pytest.approx(0.0346)


def test_a_pass_takes_its_payers_from_the_other_ways_and_says_that_it_is_unconfirmed(
    steady: Callable[..., Scenario], made_activity: MadeActivity
) -> None:
    activity = made_activity(2, EDGES, active_users=1e6)
    without = by_sku(charges(scenario(steady, 2), activity, Assumptions.load()))
    drama_pass = {"share_of_payers": 0.4, "starts": "2027-02"}
    found = charges(scenario(steady, 2, drama_pass=drama_pass), activity, Assumptions.load())
    costs = by_sku(found)
    for way in ("episodes", "subscription"):
        before, after = without[way, "place_0"], costs[way, "place_0"]
        assert after == pytest.approx([before[0], before[1] * 0.6])
    started = 150_000 * 20 * (0.6 + 0.24) * 0.0346
    assert costs["pass", "place_0"] == pytest.approx([0, started * 0.03 * 0.98 * 0.4 * 0.5 * 9.99])
    (line,) = [c for c in found if c.sku_id == "dramas.pass" and c.region_id == "place_0"]
    assert "unconfirmed" in line.description
    assert line.price_grade == "low"


@given(st.lists(st.floats(0, 100), min_size=1, max_size=12), st.floats(0, 0.9))
def test_a_series_lives_once(releases: list[float], kept: float) -> None:
    ended = np.array([*releases, *[0.0] * 200])
    assert series_in_their_life(ended, kept).sum() == pytest.approx(sum(releases), abs=1e-6)


def test_without_the_section_there_is_nothing(steady: Callable[..., Scenario], made_activity: MadeActivity) -> None:
    assert charges(steady(1e6, 1, EDGES), made_activity(1, EDGES, active_users=1e6), Assumptions.load()) == []


def test_trials_broadcast(steady: Callable[..., Scenario], made_activity: MadeActivity) -> None:
    plan = scenario(steady, 3, ai_share=0.3, drama_pass={"share_of_payers": 0.1})
    users = np.array([[[1e5, 2e6, 1e6], [1e5, 2e6, 1e6]], [[1e6, 2e6, 4e6], [8e6, 8e6, 1e5]]])
    activity = replace(made_activity(3, EDGES), monthly_active_users=users)
    together = charges(plan, activity, Assumptions.load())
    for trial in range(2):
        single = charges(plan, replace(activity, monthly_active_users=users[trial]), Assumptions.load())
        for many, one in zip(together, single, strict=True):
            np.testing.assert_allclose(np.broadcast_to(many.cost, (2, 3))[trial], one.cost)


def test_the_dramas_of_a_plan_stand_beside_those_of_others(steady: Callable[..., Scenario]) -> None:
    plan = make_plan(Inventory.empty(), scenario(steady, 14, audience_share=1, releases_per_month=2))
    rows = {row.figure: row for row in comparison(plan)}
    table = plan.ledger[plan.ledger["charge_period_start"] >= "2027-03-01"]  # the last twelve of 14 months
    by_sku = table.groupby("sku_id", observed=True)["billed_cost"].sum()
    revenue = by_sku["dramas.episodes"] + by_sku["dramas.subscription"]
    assert rows["revenue"].here == pytest.approx(revenue)
    assert rows["revenue_per_viewer"].here == pytest.approx(revenue / 12 / 2e6, rel=1e-6)
    # a payer of a series: half 36 episodes at 0.40, half a week at 20, less 2 % refunds
    assert rows["revenue_per_payer"].here == pytest.approx((0.5 * 36 * 0.4 + 0.5 * 20) * 0.98)
    assert rows["promotion_to_revenue"].here == pytest.approx(0.2)
    # stores and cards keep 0.75 x 30 % + 0.25 x 2.9 % = 23.225 %
    gross = 1 - 0.23225 - 24 * 180_000 / revenue
    assert rows["gross_margin"].here == pytest.approx(gross)
    assert rows["margin"].here == pytest.approx(gross - 0.2)
    assert [entry.company for entry in rows["margin"].others] == ["DramaBox"]
    assert {row.words for row in rows.values()} == set(WORDS.values())


def test_a_plan_without_dramas_is_not_compared(steady: Callable[..., Scenario]) -> None:
    assert comparison(make_plan(Inventory.empty(), steady(1e6))) == ()


def test_published_figures_say_who_and_when() -> None:
    assert {entry.figure for entry in published()} == set(WORDS)
    assert all(entry.source and entry.source_date and entry.period and entry.grade in GRADES for entry in published())
    by_year = {(entry.company, entry.period): entry.value for entry in published() if entry.figure == "revenue"}
    assert by_year["ReelShort", "2024"] == 214e6
    assert by_year["DramaBox", "2025Q1 x 4"] == 4 * 120e6


def test_a_portfolio_earns_over_its_life_what_the_plan_says(steady: Callable[..., Scenario]) -> None:
    # With steady users and releases a month of the plan is a month's releases over their lives.
    plan = make_plan(Inventory.empty(), scenario(steady, 60, ai_share=0.5, usd_per_1000_impressions={"place_0": 7.4}))
    found = portfolio(plan)
    assert found is not None
    last = plan.ledger[plan.ledger["charge_period_start"] == "2031-12-01"]
    by_sku = last.groupby("sku_id", observed=True)["billed_cost"].sum()
    paid = by_sku["dramas.episodes"] + by_sku["dramas.subscription"]
    costs = by_sku["dramas.filmed"] + by_sku["dramas.generated"] + by_sku["dramas.promotion"]
    expected = paid * (1 - 0.23225) + by_sku["dramas.advertising"] - costs
    assert found.expected_usd == pytest.approx(expected, rel=1e-6)
    assert found.usd_per_series == pytest.approx((180_000 + 36_000) / 2)
    assert found.hit_rate == pytest.approx(0.0425)
    assert found.usd_per_hit / found.usd_per_other == pytest.approx(0.35 / 0.018)
    assert portfolio(make_plan(Inventory.empty(), steady(1e6))) is None
