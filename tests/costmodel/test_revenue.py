"""Revenue, stream by stream, with the worked examples that are published or in the notes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import revenue
from costmodel.assumptions import Assumptions
from costmodel.revenue import ads, gifts, marketplace
from costmodel.scenario import Scenario
from costmodel.sections.revenue import Advertising
from costmodel.tables import REVENUE, Activity, Charge, Timeline

Make = Callable[..., Scenario]
Made = Callable[..., Activity]

FLAT_YEAR = {f"growth.season_revenue_q{quarter}": 1.0 for quarter in (1, 2, 3, 4)}
WITHOUT_REFUNDS = {"iap.refunded_share": 0.0}


def lines(scenario: Scenario, activity: Activity, **overrides: float) -> dict[str, Charge]:
    """Charges by sku and geography."""
    assumptions = Assumptions.load(dict(overrides))
    return {f"{c.sku_id} {c.region_id}": c for c in revenue.charges(scenario, activity, assumptions)}


def in_feed(cpm: float | str = 7.4, **market: float | str) -> dict[str, object]:
    return {"priced_by": "cpm", "usd_per_1000_impressions": cpm, **market}


def test_a_scenario_without_streams_earns_nothing(made_scenario: Make, made_activity: Made) -> None:
    scenario, activity = made_scenario(), made_activity(views=1e6, active_users=1e6)
    assert revenue.charges(scenario, activity, Assumptions.load()) == []
    assert revenue.sales(scenario, activity, Assumptions.load()) == []
    assert revenue.balances(scenario, activity, Assumptions.load()) == []


# Advertising ---------------------------------------------------------------------------------------------------------


def test_the_advertising_of_tiktok_2024_solves_back(made_scenario: Make, made_activity: Made) -> None:
    # 1.58 billion users, 52 % daily, 187 views a day: 1.58e9 x 0.52 x 187 x 365 = 56,078 billion views a year.
    # At a CPM of 1.80 a full load would earn 100.9 billion dollars, 122.9 for each daily user; 18.49 billion were
    # published, 22.5 for each daily user, so that 18 % of the views carry an ad: 0.20 offered x 0.916 sold.
    daily_users = 1.58e9 * 0.52
    views_a_month = daily_users * 187 * 365 / 12
    market = in_feed(1.80, load=0.20, fill=0.916)
    scenario = made_scenario(months=12, advertising={"in_feed": {"place_0": market}})
    line = lines(scenario, made_activity(months=12, views=views_a_month))["revenue.in_feed_ads place_0"]
    usd_at_full_load = 187 * 365 * 1.80 / 1000
    assert usd_at_full_load == pytest.approx(122.9, abs=0.05)
    assert line.cost.sum() / daily_users == pytest.approx(22.5, abs=0.05)
    assert line.cost.sum() == pytest.approx(18.49e9, rel=0.002)


def test_a_thousand_views_by_hand(made_scenario: Make, made_activity: Made) -> None:
    # 10,000 views x 0.2 offered x 0.9 sold = 1,800 impressions at 5 dollars a thousand = 9 dollars
    scenario = made_scenario(advertising={"in_feed": {"place_0": in_feed(5.0, load=0.2, fill=0.9)}})
    line = lines(scenario, made_activity(views=10_000), **FLAT_YEAR)["revenue.in_feed_ads place_0"]
    assert line.quantity[0] == pytest.approx(1.8)
    assert line.cost[0] == pytest.approx(9.0)
    assert line.unit == "1000 impressions"
    assert line.price_source.count("stated in scenario made") == 3


def test_a_market_that_is_not_named_sells_nothing(made_scenario: Make, made_activity: Made) -> None:
    scenario = made_scenario(edges=("us", "india"), advertising={"in_feed": {"place_1": in_feed()}})
    assert set(lines(scenario, made_activity(edges=("us", "india"), views=1e6))) == {"revenue.in_feed_ads place_1"}


@given(st.lists(st.floats(0.5, 2.0), min_size=4, max_size=4), st.integers(1, 12))
def test_the_season_has_a_mean_of_one_over_a_year(quarters: list[float], start: int) -> None:
    overrides = {f"growth.season_revenue_q{i + 1}": value for i, value in enumerate(quarters)}
    year = Timeline.starting(f"2027-{start:02}", 12)
    assert ads.season(year, Assumptions.load(overrides)).mean() == pytest.approx(1.0)


def test_the_season_follows_the_quarters_of_the_calendar() -> None:
    # (0.949 + 0.977 + 0.972 + 1.102) / 4 = 1: the published indices are a mean of one already
    factors = ads.season(Timeline.starting("2027-11", 3), Assumptions.load())
    assert factors == pytest.approx([1.102, 1.102, 0.949])


def test_the_season_multiplies_prices_and_not_impressions(made_scenario: Make, made_activity: Made) -> None:
    scenario = made_scenario(months=12, advertising={"in_feed": {"place_0": in_feed()}})
    line = lines(scenario, made_activity(months=12, views=1e6))["revenue.in_feed_ads place_0"]
    assert np.ptp(line.quantity) == 0
    assert line.unit_price[[0, 11]] == pytest.approx([7.4 * 0.949, 7.4 * 1.102])


def test_a_value_index_holds_price_load_and_fill(made_scenario: Make, made_activity: Made) -> None:
    # United States: 0.15 x 0.9 x 7.4 = 0.999 dollars a thousand views; an index of 0.31 makes 0.31 of the whole.
    edges = ("us", "europe_israel")
    market = {"priced_by": "value_index", "value_index": "ads.value_index_EU", "relative_to": "place_0"}
    prices = {"place_0": in_feed("ads.cpm_infeed_NA"), "place_1": market}
    scenario = made_scenario(edges=edges, advertising={"in_feed": prices})
    activity = made_activity(edges=edges, views=1e6)
    both = lines(scenario, activity, **FLAT_YEAR)
    assert both["revenue.in_feed_ads place_0"].cost[0] == pytest.approx(999.0)
    assert both["revenue.in_feed_ads place_1"].cost[0] == pytest.approx(0.31 * 999.0)
    # a load of its own geography does not act on it a second time, the reference's does once
    half = lines(scenario, activity, **FLAT_YEAR, **{"ads.load_share_of_feed_items": 0.075})
    assert half["revenue.in_feed_ads place_1"].cost[0] == pytest.approx(0.31 * 999.0 / 2)


def test_finance_views_are_dearer_and_the_rest_is_the_mean(made_scenario: Make, made_activity: Made) -> None:
    # half of the views on finance at 12 / 7.4 of the market, half on nothing in particular: 0.5 x 1.6216 + 0.5
    activity = made_activity(views=1e6)
    advertising = {"in_feed": {"place_0": in_feed()}}
    plain = lines(made_scenario(advertising=advertising), activity)["revenue.in_feed_ads place_0"]
    finance = made_scenario(advertising=advertising, niches={"finance": 0.5})
    richer = lines(finance, activity)["revenue.in_feed_ads place_0"]
    assert richer.cost[0] / plain.cost[0] == pytest.approx(0.5 * 12 / 7.4 + 0.5)


def test_sales_begin_grow_and_end(made_scenario: Make, made_activity: Made) -> None:
    period = {"starts": "2027-02", "ends": "2027-05", "ramp_months": 4}
    scenario = made_scenario(months=6, advertising={**period, "in_feed": {"place_0": in_feed()}})
    line = lines(scenario, made_activity(months=6, views=1e6), **FLAT_YEAR)["revenue.in_feed_ads place_0"]
    full = 1e6 * 0.15 * 0.9 / 1000
    np.testing.assert_allclose(line.quantity, full * np.array([0, 0.25, 0.5, 0.75, 1.0, 0]))
    # without a ramp the first month is a full one
    assert ads.ramp(Advertising(), Timeline.starting("2027-01", 2)) == pytest.approx([1, 1])


def test_who_pays_for_a_feed_without_ads_sees_none(made_scenario: Make, made_activity: Made) -> None:
    tier = {"ad_free": {"subscriber_share": 0.1, "usd_per_month": 5}}
    scenario = made_scenario(advertising={"in_feed": {"place_0": in_feed()}}, subscriptions=tier)
    without = made_scenario(advertising={"in_feed": {"place_0": in_feed()}})
    activity = made_activity(views=1e6, active_users=1000.0)
    with_tier = lines(scenario, activity, **WITHOUT_REFUNDS)
    assert with_tier["revenue.in_feed_ads place_0"].quantity[0] == pytest.approx(
        0.9 * lines(without, activity)["revenue.in_feed_ads place_0"].quantity[0]
    )
    assert with_tier["revenue.subscriptions.ad_free place_0"].cost[0] == pytest.approx(1000 * 0.1 * 5)


def test_takeovers_and_campaigns(made_scenario: Make, made_activity: Made) -> None:
    # 1,000 daily users x 31 days x a fifth of the days sold = 6,200 impressions at 75 dollars a thousand = 465
    advertising = {
        "topview": {"place_0": {"sold_share_of_days": 0.2}},
        "hashtag_challenges": {"per_year": 6},
        "branded_effects": {"per_year": 12, "usd_per_campaign": 10_000},
    }
    activity = replace(made_activity(), daily_active_users=np.full((1, 1), 1000.0))
    sold = lines(made_scenario(advertising=advertising), activity, **FLAT_YEAR)
    assert sold["revenue.topview place_0"].cost[0] == pytest.approx(465.0)
    assert sold["revenue.hashtag_challenge global"].cost[0] == pytest.approx(75_000)
    assert sold["revenue.branded_effect global"].cost[0] == pytest.approx(10_000)
    over = made_scenario(months=2, advertising=advertising | {"ends": "2027-01"})
    both_months = replace(made_activity(months=2), daily_active_users=np.full((1, 2), 1000.0))
    for line in lines(over, both_months).values():
        assert line.cost[0] > 0
        assert line.cost[1] == 0


def test_advertisers_pay_after_sixty_days(made_scenario: Make, made_activity: Made) -> None:
    # 60 days are 1.97 months: at the end of the third month all of it and 97 % of the second are open
    scenario = made_scenario(months=3, advertising={"in_feed": {"place_0": in_feed()}})
    activity, assumptions = made_activity(months=3, views=1e6), Assumptions.load(FLAT_YEAR)
    (line,) = revenue.charges(scenario, activity, assumptions)
    (open_invoices,) = revenue.balances(scenario, activity, assumptions)
    months = 60 / (365 / 12)
    assert open_invoices.owed == pytest.approx(-line.cost[0] * np.array([1, months, months]))


# Gifts ---------------------------------------------------------------------------------------------------------------


def test_gifts_follow_payers_and_the_web_is_cheaper(made_scenario: Make, made_activity: Made) -> None:
    # half of the money on the web: 100 dollars buy 50 / 0.0141 = 3,546 coins in the app and 50 / 0.0105 = 4,762 there
    scenario = made_scenario(gifts={})
    activity = made_activity(gift_coins=50 / 0.0141 + 50 / 0.0105)
    sold = lines(scenario, activity, **WITHOUT_REFUNDS, **{"iap.web_purchase_share": 0.5})
    assert sold["revenue.coins.store place_0"].quantity[0] == pytest.approx(3546.1, abs=0.1)
    assert sold["revenue.coins.web place_0"].quantity[0] == pytest.approx(4761.9, abs=0.1)
    assert [line.cost[0] for line in sold.values()] == pytest.approx([50, 50])


def test_refunded_coins_are_no_revenue(made_scenario: Make, made_activity: Made) -> None:
    activity = made_activity(gift_coins=1000.0)
    before = lines(made_scenario(gifts={}), activity, **{"iap.refunded_share": 0.0})
    after = lines(made_scenario(gifts={}), activity, **{"iap.refunded_share": 0.25})
    for name, line in after.items():
        assert line.cost[0] == pytest.approx(0.75 * before[name].cost[0])


coins = st.lists(st.floats(0, 1e9), min_size=1, max_size=36)


@given(coins, st.floats(0, 3))
def test_coins_sold_are_given_or_held(given_coins: list[float], months_held: float) -> None:
    spent = np.array(given_coins)
    held = gifts.coins_held(spent, months_held)
    sold = spent + np.diff(held, prepend=0.0)
    slack = 1e-9 * (1 + spent.max())
    assert (sold >= -slack).all(), "nobody sells coins back"
    assert (held >= 0).all()
    assert sold.sum() == pytest.approx(spent.sum() + held[-1])


def test_unspent_coins_are_owed_to_those_who_hold_them(made_scenario: Make, made_activity: Made) -> None:
    # 1,000 coins given in a month, 0.2 months of that held, at the mean price of a coin
    scenario, activity = made_scenario(gifts={}), made_activity(gift_coins=1000.0)
    only_app = Assumptions.load({"iap.web_purchase_share": 0.0})
    (owed,) = revenue.balances(scenario, activity, only_app)
    assert owed.owed == pytest.approx([200 * 0.0141])
    (in_app, on_web) = revenue.sales(scenario, activity, only_app)
    assert in_app.unearned_usd == pytest.approx(owed.owed)
    assert on_web.usd == pytest.approx([0.0])


# Shop, marketplace, subscriptions ------------------------------------------------------------------------------------


def test_the_order_of_a_hundred_dollars(made_scenario: Make, made_activity: Made) -> None:
    # 6 % of 100 = 6.00 for the platform; of an order that is sent back it keeps 20 % of that, 1.20
    market = {"fee_share_of_goods": "shop.referral_fee_US", "refunded_share": 0.0}
    activity = made_activity(gmv_usd=100.0, orders=1.0)
    kept = lines(made_scenario(shop={"markets": {"place_0": market}}), activity)
    assert kept["revenue.shop_fee place_0"].cost[0] == pytest.approx(6.00)
    assert kept["revenue.refund_fee place_0"].cost[0] == 0
    returned = made_scenario(shop={"markets": {"place_0": market | {"refunded_share": 1.0}}})
    sent_back = lines(returned, activity)
    assert sent_back["revenue.shop_fee place_0"].cost[0] == 0
    assert sent_back["revenue.refund_fee place_0"].cost[0] == pytest.approx(1.20)


def test_each_geography_has_its_shop(made_scenario: Make, made_activity: Made) -> None:
    edges = ("us", "europe_israel", "india")
    markets = {"place_0": {}, "place_1": {"fee_share_of_goods": "shop.referral_fee_UK"}}
    scenario = made_scenario(edges=edges, shop={"markets": markets})
    fees = lines(scenario, made_activity(edges=edges, gmv_usd=100.0, orders=3.0))
    assert [name for name in fees if "shop_fee" in name] == ["revenue.shop_fee place_0", "revenue.shop_fee place_1"]
    assert fees["revenue.shop_fee place_0"].cost[0] == pytest.approx(100 * 0.9 * 0.06)
    assert fees["revenue.shop_fee place_1"].cost[0] == pytest.approx(100 * 0.9 * 0.09)


def test_a_million_views_at_a_deal_cpm_of_twenty(made_scenario: Make, made_activity: Made) -> None:
    assert marketplace.deal_usd(1e6, 20.0) == 20_000
    market = {"sponsored_share_of_views": 1.0}
    free = made_scenario(marketplace={"markets": {"place_0": market}})
    line = lines(free, made_activity(views=1e6))["revenue.brand_deals place_0"]
    assert line.quantity[0] == pytest.approx(20_000)
    assert line.cost[0] == 0, "TikTok takes nothing"
    tenth = made_scenario(marketplace={"fee_share_of_deals": 0.1, "markets": {"place_0": market}})
    assert lines(tenth, made_activity(views=1e6))["revenue.brand_deals place_0"].cost[0] == pytest.approx(2_000)


def test_deals_on_finance_pay_twice(made_scenario: Make, made_activity: Made) -> None:
    market = {"sponsored_share_of_views": 1.0}
    scenario = made_scenario(marketplace={"markets": {"place_0": market}}, niches={"finance": 1.0})
    line = lines(scenario, made_activity(views=1e6))["revenue.brand_deals place_0"]
    assert line.quantity[0] == pytest.approx(2 * 20_000)


def test_subscriptions_are_paid_by_month(made_scenario: Make, made_activity: Made) -> None:
    # 100,000 users x 0.1 % = 100 subscribers at 4.99, of whom 2 % get their money back
    offer = {"creator": {"starts": "2027-02"}}
    scenario = made_scenario(months=2, subscriptions=offer)
    line = lines(scenario, made_activity(months=2, active_users=100_000.0))["revenue.subscriptions.creator place_0"]
    assert line.cost == pytest.approx([0, 100 * 4.99 * 0.98])


# All of them ---------------------------------------------------------------------------------------------------------

EVERYTHING = {
    "niches": {"gaming": 0.3},
    "advertising": {
        "in_feed": {"place_0": in_feed()},
        "topview": {"place_0": {"sold_share_of_days": 0.1}},
        "hashtag_challenges": {"per_year": 2},
        "branded_effects": {"per_year": 2},
    },
    "gifts": {},
    "shop": {},
    "marketplace": {"fee_share_of_deals": 0.1},
    "subscriptions": {"creator": {}, "ad_free": {}},
}
ACTIVITY = {"views": 1e6, "gift_coins": 1e4, "gmv_usd": 1e4, "orders": 300.0, "active_users": 1e4, "new_users": 10.0}


def test_every_line_says_where_it_comes_from(made_scenario: Make, made_activity: Made) -> None:
    for line in revenue.charges(made_scenario(**EVERYTHING), made_activity(**ACTIVITY), Assumptions.load()):
        assert line.category in REVENUE
        assert line.driver
        assert line.price_source
        assert (line.cost >= 0).all()


def test_trials_broadcast(made_scenario: Make, made_activity: Made, in_trials: Made) -> None:
    scenario, one = made_scenario(months=3, **EVERYTHING), made_activity(months=3, **ACTIVITY)
    two = in_trials(one, 1, 3)
    assumptions = Assumptions.load()
    for single, double in zip(
        revenue.charges(scenario, one, assumptions), revenue.charges(scenario, two, assumptions), strict=True
    ):
        trials = np.broadcast_to(double.cost, (2, 3))
        np.testing.assert_allclose(trials[0], single.cost)
        scale = 1 if single.service_name == "Campaigns" else 3
        np.testing.assert_allclose(trials[1], scale * single.cost)
