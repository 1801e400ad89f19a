"""What creators are paid: the published examples, and that no money is made or lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import payouts, revenue
from costmodel.assumptions import Assumptions
from costmodel.distributions import lognormal_shares
from costmodel.niches import mean_multiplier, mean_one
from costmodel.payouts import fund, rewards, to_creators, transfers
from costmodel.payouts.ad_share import split
from costmodel.payouts.eligibility import eligible_share_of_views, qualified_views, views_of_creators_with
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Array, Charge

Make = Callable[..., Scenario]
Made = Callable[..., Activity]

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
    (charge,) = rewards.charges(plan, activity_of(plan, views), Assumptions.load(shares))
    assert charge.quantity[0] == pytest.approx(30.0)
    assert charge.cost[0] == pytest.approx(20.10)
    assert charge.cost[0] / 70 == pytest.approx(0.29, abs=0.005)


def test_a_platform_of_146_billion_views_a_day_as_in_the_notes() -> None:
    # 146e9 x 0.05 eligible x 0.43 qualified x 0.70 / 1000 = 2.2 million dollars a day, 0.8 billion a year
    plan = scenario({"us": "payout.rewards_rpm"})
    views = np.array([[146e9, 0.0], [0.0, 0.0], [0.0, 0.0]])
    (charge,) = rewards.charges(plan, activity_of(plan, views), Assumptions.load())
    assert charge.cost[0] == pytest.approx(2_197_300)
    assert charge.cost[0] * 365 == pytest.approx(0.8e9, rel=0.01)


def test_each_geography_has_its_rate_and_its_source() -> None:
    plan = scenario({"europe": "payout.rewards_rpm_UK", "us": 1.25})
    lines = rewards.charges(plan, activity_of(plan, np.full((3, 2), 1e6)), Assumptions.load())
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
    (charge,) = rewards.charges(plan, activity_of(plan, np.full((3, 2), 1e6)), Assumptions.load())
    assert list(charge.cost) == [0.0, pytest.approx(21.5)]


def test_a_plan_without_payouts_has_no_payout_lines() -> None:
    plan = scenario(None)
    assert rewards.charges(plan, activity_of(plan, np.ones((3, 2))), Assumptions.load()) == []


@given(st.floats(0, 1e15), st.floats(0, 1), st.floats(0, 1))
def test_no_more_views_are_paid_than_watched(views: float, eligible: float, qualified: float) -> None:
    assert 0 <= qualified_views(np.array([views]), eligible, qualified)[0] <= views


def test_trials_broadcast() -> None:
    plan = scenario({"us": 1.0})
    one = np.full((3, 2), 1e6)
    (charge,) = rewards.charges(plan, activity_of(plan, np.stack([one, 3 * one])), Assumptions.load())
    np.testing.assert_allclose(charge.cost, [[21.5, 21.5], [64.5, 64.5]])


# Rewards: who is eligible, what niches earn, and the budget ----------------------------------------------------------


def with_rewards(rate: float | str = 1.0, **more: Any) -> dict[str, Any]:
    return {"payouts": {"creator_rewards": {"usd_per_1000_qualified_views": {"place_0": rate}, **more}}}


def eligible(scenario: Scenario, activity: Activity, **overrides: float) -> Array:
    programme = scenario.payouts.creator_rewards if scenario.payouts else None
    assert programme is not None
    return np.asarray(eligible_share_of_views(programme, scenario, activity, Assumptions.load(dict(overrides))))


def test_eligibility_is_made_of_followers_length_originality_and_views(
    made_scenario: Make, made_activity: Made
) -> None:
    # Zipf, a million users: ln(1e6 / 1e4) / ln(1e6) = 1/3 of the views on creators with 10,000 followers.
    # Lengths of mean 20.5 and median 14 s: 21.4 % of the views on a minute and more. 80 % original.
    # 1,000 views per video, 430 qualified, spread 2.5: Phi((ln(0.43) + 3.125) / 2.5) = Phi(0.912) = 81.9 %.
    scenario = made_scenario(**with_rewards(eligibility={}))
    activity = made_activity(active_users=1e6, views=1e8, uploads=1e5)
    share = eligible(scenario, activity)
    assert share == pytest.approx([1 / 3 * 0.214 * 0.80 * 0.819], rel=0.002)


@pytest.mark.parametrize(
    ("rule", "factor"),
    [("minimum_followers", 1 / 3), ("minimum_video_seconds", 0.2139), ("minimum_qualified_views", 0.8192)],
)
def test_each_rule_takes_its_part(made_scenario: Make, made_activity: Made, rule: str, factor: float) -> None:
    activity = made_activity(active_users=1e6, views=1e8, uploads=1e5)
    rules = {"minimum_followers": 0, "minimum_video_seconds": 0, "minimum_qualified_views": 0}
    everyone = eligible(made_scenario(**with_rewards(eligibility=rules)), activity)
    assert everyone == pytest.approx(0.8)
    del rules[rule]
    assert eligible(made_scenario(**with_rewards(eligibility=rules)), activity) == pytest.approx(0.8 * factor, rel=1e-3)


def test_nobody_is_eligible_where_nobody_can_have_the_followers(made_scenario: Make, made_activity: Made) -> None:
    scenario = made_scenario(**with_rewards(eligibility={}))
    assert eligible(scenario, made_activity(active_users=10_000.0, views=1e8, uploads=1e3)) == 0
    assert eligible(scenario, made_activity(active_users=11_000.0, views=1e8, uploads=1e3)) > 0
    assert eligible(scenario, made_activity(active_users=1e6)) == 0, "without videos nothing qualifies"


def test_the_formula_is_the_sum_over_videos(made_scenario: Make, made_activity: Made) -> None:
    """Against a count: half a million videos, each paid by its own views, length and engagement."""
    random, videos, spread = np.random.default_rng(1), 500_000, 1.2
    views = random.lognormal(np.log(1000) - spread**2 / 2, spread, videos)  # mean 1,000
    engagement = random.lognormal(-(0.7**2) / 2, 0.7, videos)  # mean one
    qualified = views * 0.43
    paid = np.where(qualified >= 1000, qualified / 1000 * 0.7 * engagement, 0.0).sum() * 0.8
    rules = {"minimum_followers": 0, "minimum_video_seconds": 0}
    activity = made_activity(active_users=1e6, views=views.sum(), uploads=float(videos))
    (line,) = rewards.charges(
        made_scenario(**with_rewards(0.7, eligibility=rules)),
        activity,
        Assumptions.load({"payout.view_spread": spread}),
    )
    assert line.cost[0] == pytest.approx(paid, rel=0.01)
    assert line.cost[0] < 0.5 * views.sum() * 0.43 * 0.8 / 1000 * 0.7, "the threshold takes more than half here"


@given(st.floats(1, 1e9), st.floats(1, 1e9), st.floats(1.01, 10), st.floats(0.5, 1.5))
def test_fewer_views_stand_above_a_higher_threshold(users: float, followers: float, more: float, tail: float) -> None:
    nothing = Activity.nothing(
        scenario(None).timeline, GEOGRAPHIES, ("us", "europe_israel", "india"), upload_seconds=20.5, upload_mb=15.0
    )
    activity = replace(nothing, monthly_active_users=np.full((3, 2), users))
    assumptions = Assumptions.load({"payout.follower_tail": tail})
    low = views_of_creators_with(followers, activity, assumptions)
    high = views_of_creators_with(followers * more, activity, assumptions)
    assert (high >= 0).all()
    assert (high <= low).all()
    assert (low <= 1).all()
    assert (views_of_creators_with(1.0, activity, assumptions) == 1).all()


def test_niches_move_money_and_not_the_budget(made_scenario: Make, made_activity: Made) -> None:
    # finance 2.0 on a quarter of the views, the rest 1.0: mean 1.25, so that finance earns 1.6 and the rest 0.8
    activity = made_activity(views=1e6)
    plain = rewards.charges(made_scenario(**with_rewards()), activity, Assumptions.load())
    finance, rest = rewards.charges(
        made_scenario(**with_rewards(), niches={"finance": 0.25}), activity, Assumptions.load()
    )
    assert [finance.unit_price[0], rest.unit_price[0]] == pytest.approx([1.6, 0.8])
    assert [finance.quantity[0], rest.quantity[0]] == pytest.approx([21.5 / 4, 21.5 * 3 / 4])
    assert finance.cost[0] + rest.cost[0] == pytest.approx(plain[0].cost[0])


@given(st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.floats(0.01, 1), st.floats(0.01, 5)), min_size=1))
def test_normalised_multipliers_have_a_mean_of_one(drawn: dict[str, tuple[float, float]]) -> None:
    whole = sum(share for share, _ in drawn.values())
    shares = {name: share / whole for name, (share, _) in drawn.items()}
    multipliers = {name: multiplier for name, (_, multiplier) in drawn.items()}
    assert mean_multiplier(mean_one(multipliers, shares), shares) == pytest.approx(1.0)


def test_a_budget_cuts_every_rate_by_the_same_part(made_scenario: Make, made_activity: Made) -> None:
    # 21.5 thousand qualified views each at 1.00 and 0.20 dollars are 25.80 a month; 0.50 a day are 15.50 in January
    edges = ("us", "india")
    programme = {"usd_per_1000_qualified_views": {"place_0": 1.0, "place_1": 0.2}, "usd_per_day_at_most": 0.5}
    scenario = made_scenario(edges=edges, payouts={"creator_rewards": programme})
    lines = rewards.charges(scenario, made_activity(edges=edges, views=1e6), Assumptions.load())
    assert sum(line.cost[0] for line in lines) == pytest.approx(15.50)
    assert lines[1].unit_price[0] / lines[0].unit_price[0] == pytest.approx(0.2)


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=12), st.floats(0.01, 1e9))
def test_prorated_rewards_are_the_budget_or_less(full_cost: list[float], budget: float) -> None:
    cost = np.array(full_cost)
    paid = cost * rewards.within_budget(cost, np.full_like(cost, budget))
    np.testing.assert_allclose(paid, np.minimum(cost, budget))


# Creator fund --------------------------------------------------------------------------------------------------------


def test_the_funds_rate_is_three_cents_at_tiktoks_size(made_scenario: Make, made_activity: Made) -> None:
    # 146 billion views a day; of 1.59 billion users' attention ln(159,000) / ln(1.59e9) = 56.5 % goes to creators with
    # 10,000 followers, 43 % of that qualifies: 35.5 billion for 913 thousand dollars are 2.6 cents a thousand,
    # inside the two to four cents that creators reported.
    pool = {"usd_per_day": "payout.fund_daily_pool", "weights": {"place_0": 1}}
    scenario = made_scenario(payouts={"creator_fund": pool})
    activity = made_activity(views=146e9 * 31, active_users=1.59e9)
    (line,) = fund.charges(scenario, activity, Assumptions.load())
    assert line.quantity[0] == pytest.approx(35.5e9 * 31 / 1000, rel=0.002)
    assert line.unit_price[0] == pytest.approx(0.0257, abs=0.0001)
    assert line.cost[0] == pytest.approx(913_000 * 31)


def test_the_example_of_the_notes() -> None:
    rate = fund.usd_per_thousand_views({"all": np.array([30e9])}, {"all": 1.0}, 913_000.0)["all"]
    assert rate[0] == pytest.approx(0.0304, abs=0.00005)


group = st.tuples(st.just(0.0) | st.floats(1, 1e12), st.floats(0.001, 1000))


@given(st.dictionaries(st.sampled_from("abcde"), group, min_size=1), st.floats(0, 1e8))
def test_the_pool_is_paid_in_full(drawn: dict[str, tuple[float, float]], pool: float) -> None:
    views = {name: np.array([count]) for name, (count, _) in drawn.items()}
    weights = {name: weight for name, (_, weight) in drawn.items()}
    rates = fund.usd_per_thousand_views(views, weights, pool)
    paid = sum(float(views[name][0] / 1000 * rates[name][0]) for name in views)
    anybody = any(count > 0 for count, _ in drawn.values())
    assert paid == pytest.approx(pool if anybody else 0, rel=1e-6)


def test_views_that_weigh_more_earn_more_of_the_same_pool(made_scenario: Make, made_activity: Made) -> None:
    edges = ("us", "india", "japan")
    pool = {"usd_per_day": 100.0, "weights": {"place_0": 3, "place_1": 1}, "ends": "2027-01"}
    scenario = made_scenario(months=2, edges=edges, payouts={"creator_fund": pool})
    activity = made_activity(months=2, edges=edges, views=1e6, active_users=1e6)
    us, india = fund.charges(scenario, activity, Assumptions.load())
    assert us.cost == pytest.approx([3 / 4 * 3100, 0])
    assert india.cost == pytest.approx([1 / 4 * 3100, 0])


# Advertising shared, bonus, music ------------------------------------------------------------------------------------


def advertised(make: Make, **programmes: Any) -> Scenario:
    """A scenario that earns a million dollars with a billion impressions."""
    market = {"priced_by": "cpm", "usd_per_1000_impressions": 1.0, "load": 1.0, "fill": 1.0}
    return make(advertising={"in_feed": {"place_0": market}}, payouts=programmes)


NO_SEASON = {f"growth.season_revenue_q{quarter}": 1.0 for quarter in (1, 2, 3, 4)}


def shared(scenario: Scenario, activity: Activity, **overrides: float) -> dict[str, float]:
    """Sum of each programme [USD]."""
    assumptions = Assumptions.load(NO_SEASON | overrides)
    income = revenue.charges(scenario, activity, assumptions)
    lines = payouts.payouts(scenario, activity, income, assumptions).charges
    return {line.sku_id: float(line.cost.sum()) for line in lines if line.category == "Payouts"}


def test_the_shorts_example(made_scenario: Make, made_activity: Made) -> None:
    # 1 million of ads, half of the views with one track: music 250,000; of the other 750,000 creators get 45 %
    everyone = {"geographies": ["place_0"], "minimum_followers": 1}
    tracks = {"share_of_views_with_one_track": 0.5, "share_of_views_with_two_tracks": 0.0}
    activity = made_activity(views=1e9, active_users=1e6)
    paid = shared(advertised(made_scenario, ad_pool=everyone | tracks), activity)
    assert paid == pytest.approx({"payouts.ad_pool": 337_500, "payouts.music_pool": 250_000})
    # creators of a third of the views are in the programme: a third of both
    members = {"geographies": ["place_0"], "minimum_followers": 10_000}
    assert shared(advertised(made_scenario, ad_pool=members | tracks), activity) == pytest.approx(
        {"payouts.ad_pool": 112_500, "payouts.music_pool": 250_000 / 3}
    )


def test_two_tracks_leave_a_third() -> None:
    both = split(0.0, 1.0, 1 / 2, 2 / 3, 0.45)
    assert (both.music, both.creators) == pytest.approx((2 / 3, 0.15))


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_pool_is_never_shared_twice(one: float, rest: float, creator_share: float) -> None:
    parts = split(one, (1 - one) * rest, 1 / 2, 2 / 3, creator_share)
    assert 0 <= parts.music <= 2 / 3 + 1e-12
    assert 0 <= parts.creators <= 1 - parts.music + 1e-12


def test_half_of_premium_ads_and_the_pool_of_the_rest(made_scenario: Make, made_activity: Made) -> None:
    # a tenth of the million is premium, half of it for creators; the pool shares the other 900,000
    pool = {
        "geographies": ["place_0"],
        "minimum_followers": 1,
        "share_of_views_with_one_track": 0,
        "share_of_views_with_two_tracks": 0,
    }
    scenario = advertised(made_scenario, premium_ads={"share_of_in_feed": 0.1}, ad_pool=pool)
    paid = shared(scenario, made_activity(views=1e9, active_users=1e6))
    assert paid["payouts.premium_ads"] == pytest.approx(50_000)
    assert paid["payouts.ad_pool"] == pytest.approx(900_000 * 0.45)


def test_music_is_not_paid_twice(made_scenario: Make, made_activity: Made) -> None:
    # 3 % of a million; beside a pool of everything there is nothing left to license
    activity = made_activity(views=1e9, active_users=1e6)
    assert shared(advertised(made_scenario, music_licences={}), activity) == pytest.approx(
        {"payouts.music_licences": 30_000}
    )
    everything = {"geographies": ["place_0"], "minimum_followers": 1}
    both = shared(advertised(made_scenario, music_licences={}, ad_pool=everything), activity)
    assert both["payouts.music_licences"] == pytest.approx(0, abs=1e-6)


def test_music_has_a_part_of_revenue_and_not_of_costs(made_scenario: Make, made_activity: Made) -> None:
    # What is handed over as income may hold costs of the same stage, such as the production of dramas.
    scenario, activity = advertised(made_scenario, music_licences={}), made_activity(views=1e9, active_users=1e6)
    assumptions = Assumptions.load(NO_SEASON)
    income = revenue.charges(scenario, activity, assumptions)
    cost = replace(income[0], category="Drama production", sku_id="drama.production")
    (licence,) = payouts.music.charges(scenario, activity, [*income, cost], assumptions)
    assert licence.cost[0] == pytest.approx(30_000)


def test_a_daily_bonus_is_paid_when_anything_is_watched(made_scenario: Make, made_activity: Made) -> None:
    scenario = made_scenario(months=2, payouts={"daily_bonus": {"starts": "2027-02"}})
    assert shared(scenario, made_activity(months=2, views=1.0)) == pytest.approx({"payouts.daily_bonus": 28e6})
    assert shared(scenario, made_activity(months=2)) == {"payouts.daily_bonus": 0}


def test_creators_get_seventy_percent_of_their_subscriptions(made_scenario: Make, made_activity: Made) -> None:
    scenario = made_scenario(subscriptions={"creator": {}, "ad_free": {}})
    paid = shared(scenario, made_activity(active_users=1e6), **{"iap.refunded_share": 0.0})
    assert paid == pytest.approx({"payouts.subscriptions": 1e6 * 0.001 * 4.99 * 0.7})


# What passes by, and when the money leaves ---------------------------------------------------------------------------


def test_affiliates_and_brands_are_income_and_no_cost(made_scenario: Make, made_activity: Made) -> None:
    # One order of 100 dollars sold by an affiliate for 15 %: the creator 15.00, the platform 6.00, the seller 79.00.
    # Deals of 20,000 dollars less a tenth for the platform.
    market = {"refunded_share": 0.0}
    deals = {"fee_share_of_deals": 0.1, "markets": {"place_0": {"sponsored_share_of_views": 1.0}}}
    scenario = made_scenario(shop={"markets": {"place_0": market}}, marketplace=deals)
    assumptions = Assumptions.load({"shop.affiliate_share_of_gmv": 1.0, "shop.affiliate_commission": 0.15})
    activity = made_activity(gmv_usd=100.0, orders=1.0, views=1e6)
    income = revenue.charges(scenario, activity, assumptions)
    paid = payouts.payouts(scenario, activity, income, assumptions)
    assert paid.charges == []
    assert paid.balances == []
    affiliate = paid.creator_income_usd["Affiliate commissions"][0]
    fee = next(line for line in income if line.category == "Shop").cost[0]
    assert (affiliate, fee, 100 - affiliate - fee) == pytest.approx((15.0, 6.0, 79.0))
    assert paid.creator_income_usd["Brand deals"] == pytest.approx([18_000])


def test_a_plan_without_anything_pays_nothing(made_scenario: Make, made_activity: Made) -> None:
    nothing = payouts.payouts(made_scenario(), made_activity(views=1e6), [], Assumptions.load())
    assert (nothing.charges, nothing.balances, nothing.creator_income_usd) == ([], [], {})


def test_small_balances_wait_and_are_paid_later() -> None:
    # Two creators earn 10 and 30 dollars a month, the minimum is 25: one is paid every month from the second on, the
    # other in the fourth month the 30 dollars of the first three.
    done = transfers.sent(np.full(4, 40.0), np.full(4, 2.0), 25.0, np.array([0.25, 0.75]))
    assert done.usd == pytest.approx([0, 30, 30, 60])
    assert done.count == pytest.approx([0, 1, 1, 2])
    assert done.owed_usd == pytest.approx([40, 50, 60, 40])


@pytest.mark.parametrize(("minimum", "paid"), [(40.0, 40.0), (40.01, 0.0)])
def test_the_edge_of_the_minimum(minimum: float, paid: float) -> None:
    done = transfers.sent(np.array([40.0, 0.0]), np.ones(2), minimum, np.ones(1))
    assert done.usd[1] == paid


months = st.lists(st.floats(0, 1e9), min_size=1, max_size=40)


@given(months, st.floats(0, 1e7), st.floats(0, 1e4), st.floats(0, 4))
def test_what_is_earned_is_sent_or_owed(earned: list[float], payees: float, minimum: float, spread: float) -> None:
    usd = np.array(earned)
    shares = lognormal_shares(spread, 7)
    done = transfers.sent(usd, np.full(usd.size, payees), minimum, shares)
    np.testing.assert_allclose(np.cumsum(usd), np.cumsum(done.usd) + done.owed_usd, rtol=1e-9, atol=1e-6)
    assert (done.count <= payees + 1e-6).all()
    assert (done.owed_usd >= 0).all()


def test_sending_costs_a_part_a_transfer_and_an_account(made_scenario: Make, made_activity: Made) -> None:
    # 1,000 payees who all earn the same, 500,000 diamonds x 0.005 = 2,500 dollars: 2.50 each, minimum 2:
    # in the second month 1,000 transfers: 2,500 x 0.25 % + 1,000 x 0.25 + 1,000 x 2
    scenario = made_scenario(months=2, gifts={}, payouts={"minimum_usd": 2})
    same = {"payout.payee_share_mau": 0.01, "payout.view_spread": 0.0, "payout.engagement_spread": 0.0}
    activity = made_activity(months=2, gift_coins=1e6, active_users=1e5)
    paid = payouts.payouts(scenario, activity, [], Assumptions.load(same))
    fees = [line for line in paid.charges if line.category == "Fees"]
    assert [line.cost[1] for line in fees] == pytest.approx([2500 * 0.0025, 250.0, 2000.0])
    assert [line.cost[0] for line in fees] == [0, 0, 0]
    (owed,) = paid.balances
    assert owed.owed == pytest.approx([2500, 2500])


def test_gifts_are_paid_without_a_payouts_section(made_scenario: Make, made_activity: Made) -> None:
    lines = to_creators(made_scenario(gifts={}), made_activity(gift_coins=1000.0), [], Assumptions.load())
    assert [(line.sku_id, line.cost[0]) for line in lines] == [("payouts.gifts", pytest.approx(2.50))]


ALL_PROGRAMMES: dict[str, Any] = {
    "creator_rewards": {
        "usd_per_1000_qualified_views": {"place_0": 1.0},
        "eligibility": {},
        "usd_per_day_at_most": 1.0,
    },
    "creator_fund": {"usd_per_day": 10.0, "weights": {"place_0": 1.0}},
    "ad_pool": {"geographies": ["place_0"]},
    "premium_ads": {},
    "daily_bonus": {"usd_per_day": 5.0},
    "music_licences": {},
}


def every_line(scenario: Scenario, activity: Activity) -> list[Charge]:
    assumptions = Assumptions.load()
    income = revenue.charges(scenario, activity, assumptions)
    return payouts.payouts(scenario, activity, income, assumptions).charges


def test_all_programmes_together_in_trials(made_scenario: Make, made_activity: Made, in_trials: Made) -> None:
    market = {"priced_by": "cpm", "usd_per_1000_impressions": 1.0}
    scenario = made_scenario(
        months=3,
        niches={"gaming": 0.5},
        advertising={"in_feed": {"place_0": market}},
        gifts={},
        subscriptions={"creator": {}},
        payouts=ALL_PROGRAMMES,
    )
    amounts = {"views": 1e8, "uploads": 1e5, "gift_coins": 1e6, "active_users": 1e6}
    one = made_activity(months=3, **amounts)
    two = in_trials(one, 1, 2)
    single, double = every_line(scenario, one), every_line(scenario, two)
    assert {line.service_name for line in single} == {
        "Creator rewards", "Creator fund", "Ad revenue share", "Premium ads", "Daily bonus", "Gifts",
        "Creator subscriptions", "Music", "Payment services",
    }  # fmt: skip
    for before, after in zip(single, double, strict=True):
        assert before.category in ("Payouts", "Fees")
        assert before.driver
        assert before.price_source
        np.testing.assert_allclose(np.broadcast_to(after.cost, (2, 3))[0], before.cost)
