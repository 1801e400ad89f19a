"""What stores and cards keep, and the gift chain from the coin to the creator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import fees, payouts, revenue
from costmodel.assumptions import Assumptions
from costmodel.collection import outstanding
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Array, Charge, Sale, Timeline

Make = Callable[..., Scenario]
Made = Callable[..., Activity]

YEARS = Timeline.starting("2027-11", 26)


def sale(till: str, usd: list[float], purchases: list[float] | None = None) -> Sale:
    amount: Array = np.array(usd)
    bought = np.array(purchases) if purchases else amount
    return Sale("coins", "web" if till == "web" else "store", amount, bought, np.zeros_like(amount))


def total(charges: list[Charge]) -> float:
    return float(sum(np.sum(charge.cost) for charge in charges))


def split_of_a_thousand_coins(
    scenario: Scenario, activity: Activity, overrides: dict[str, float]
) -> tuple[float, float, float]:
    """What viewers pay, what till and creators get of it [USD]."""
    assumptions = Assumptions.load({"iap.refunded_share": 0.0, "gifts.common_pack_coins": 1000.0} | overrides)
    paid = total(revenue.charges(scenario, activity, assumptions))
    till = total(fees.charges(revenue.sales(scenario, activity, assumptions), activity.timeline, assumptions))
    creator = total(payouts.to_creators(scenario, activity, [], assumptions))
    return paid, till, creator


def test_a_thousand_coins_in_the_app(made_scenario: Make, made_activity: Made) -> None:
    # 1,000 x 0.0139 = 13.90; the store keeps 30 % = 4.17; 500 diamonds x 0.005 = 2.50 (18 %); 7.23 are left
    app = {"iap.web_purchase_share": 0.0, "gifts.coin_price_ios": 0.0139, "iap.store_fee_first_million": 0.30}
    paid, store, creator = split_of_a_thousand_coins(made_scenario(gifts={}), made_activity(gift_coins=1000.0), app)
    assert (paid, store, creator) == pytest.approx((13.90, 4.17, 2.50))
    assert paid - store - creator == pytest.approx(7.23)
    assert creator / paid == pytest.approx(0.18, abs=0.001)


def test_a_thousand_coins_on_the_web(made_scenario: Make, made_activity: Made) -> None:
    # 1,000 x 0.0105 = 10.50; a card keeps 2.9 % + 0.30 = 0.60; the creator 2.50 (24 %); 7.40 are left
    paid, card, creator = split_of_a_thousand_coins(
        made_scenario(gifts={}), made_activity(gift_coins=1000.0), {"iap.web_purchase_share": 1.0}
    )
    assert (paid, card, creator) == pytest.approx((10.50, 0.6045, 2.50))
    assert paid - card - creator == pytest.approx(7.40, abs=0.005)
    assert creator / paid == pytest.approx(0.24, abs=0.002)


def test_the_creators_part_is_a_parameter(made_scenario: Make, made_activity: Made) -> None:
    # The BBC gave 106 dollars and the creator received 33.03, 31 %: more than our 18 %, so that a diamond was worth
    # 33.03 / 106 of a coin's price, two coins each. "50 %" after a store's 30 % would have been 35 %.
    diamond = 33.03 / 106 * 0.0141 * 2
    assert diamond == pytest.approx(0.0088, abs=0.0001)
    activity = made_activity(gift_coins=106 / 0.0141)
    overrides = {"iap.web_purchase_share": 0.0, "gifts.diamond_value": diamond}
    paid, _, creator = split_of_a_thousand_coins(made_scenario(gifts={}), activity, overrides)
    assert (paid, creator) == pytest.approx((106.0, 33.03))
    assert 0.5 * (1 - Assumptions.load()["iap.store_fee"]) == pytest.approx(0.35)


@given(
    coins=st.floats(1, 1e12),
    on_web=st.floats(0, 1),
    store=st.floats(0, 1),
    value=st.floats(0, 0.01),
)
def test_coins_in_are_creator_and_till_and_platform(coins: float, on_web: float, store: float, value: float) -> None:
    timeline = Timeline.starting("2027-01", 1)
    scenario = Scenario.model_validate(
        {
            "name": "case",
            "title": "A case",
            "description": "For a test.",
            "as_of": "2026-11-21",
            "start": "2027-01",
            "months": 1,
            "stage": "early",
            "geographies": {
                "here": {
                    "edge": "us",
                    "growth": {
                        "model": "bass",
                        "launch": "2027-01",
                        "ceiling_users": 1e6,
                        "innovation_per_year": 0.05,
                        "imitation_per_year": 0.9,
                    },
                }
            },
            "gifts": {},
        }
    )
    nothing = Activity.nothing(timeline, ("here",), ("us",), upload_seconds=20.0, upload_mb=15.0)
    activity = replace(nothing, monthly_gift_coins=np.full((1, 1), coins))
    keys = {"iap.web_purchase_share": on_web, "iap.store_fee": store, "gifts.diamond_value": value}
    paid, till, creator = split_of_a_thousand_coins(scenario, activity, keys)
    # by hand, from money: dollars of all coins at the mixed price, each part at its till
    usd = coins / (on_web / 0.0105 + (1 - on_web) / 0.0141)
    first = min(usd * (1 - on_web), 1e6)
    store_usd = first * 0.15 + (usd * (1 - on_web) - first) * store
    card_usd = usd * on_web * (0.029 + 0.30 / (1000 * 0.0105))
    assert paid == pytest.approx(usd)
    assert till == pytest.approx(store_usd + card_usd, rel=1e-6, abs=1e-9)
    assert creator == pytest.approx(coins * 0.5 * value)
    platform = paid - till - creator
    assert creator + till + platform == pytest.approx(paid)


def test_the_first_million_of_a_year_is_cheaper() -> None:
    # From November: 600,000 a month. The million of 2027 is full in December (400,000 of it), that of 2028 in February.
    charges = fees.charges([sale("store", [6e5] * 4)], Timeline.starting("2027-11", 4), Assumptions.load())
    cheap, full = charges
    assert (cheap.tier, full.tier) == ("0-1000000", "1000000-")
    assert cheap.quantity == pytest.approx([6e5, 4e5, 6e5, 4e5])
    assert full.quantity == pytest.approx([0, 2e5, 0, 2e5])
    assert total(charges) == pytest.approx(2e6 * 0.15 + 4e5 * 0.30)


@pytest.mark.parametrize(("usd", "fee"), [(1e6, 150_000.0), (1e6 + 10, 150_003.0)])
def test_the_edge_of_the_first_million(usd: float, fee: float) -> None:
    charges = fees.charges([sale("store", [usd])], Timeline.starting("2027-01", 1), Assumptions.load())
    assert total(charges) == pytest.approx(fee)


@given(st.lists(st.floats(0, 1e7), min_size=26, max_size=26), st.floats(0, 2e6))
def test_tiers_are_parts_of_the_sales(usd: list[float], ceiling: float) -> None:
    sold = np.array(usd)
    below = fees.below_ceiling(sold, YEARS, ceiling)
    assert (below >= 0).all()
    assert (below <= sold).all()
    years = YEARS.months.astype("datetime64[Y]")
    for year in np.unique(years):
        assert below[years == year].sum() == pytest.approx(min(sold[years == year].sum(), ceiling), abs=1e-6)


def test_several_products_fill_one_million() -> None:
    two = [sale("store", [8e5]), sale("store", [8e5])]
    assert total(fees.charges(two, Timeline.starting("2027-01", 1), Assumptions.load())) == pytest.approx(
        1e6 * 0.15 + 6e5 * 0.30
    )


def test_without_sales_there_are_no_fees_and_no_balances() -> None:
    timeline = Timeline.starting("2027-01", 1)
    assert fees.charges([], timeline, Assumptions.load()) == []
    assert fees.balances([], timeline, Assumptions.load()) == []


def test_stores_pay_late_and_have_kept_their_fee_of_coins_not_spent() -> None:
    # 100 dollars a month less 15 %; 45 days are 1.479 months of sales that have not arrived
    usd = np.array([100.0, 100.0, 100.0])
    coins = Sale("coins", "store", usd, usd, np.array([20.0, 20.0, 20.0]))
    ahead, open_sales = fees.balances([coins], Timeline.starting("2027-01", 3), Assumptions.load())
    assert ahead.owed == pytest.approx([-3.0, -3.0, -3.0])
    months = 45 / (365 / 12)
    assert open_sales.owed == pytest.approx(-85 * np.array([1, months, months]))


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=24), st.floats(0, 300))
def test_what_is_billed_arrives_or_is_outstanding(billed: list[float], days: float) -> None:
    usd = np.array(billed)
    open_usd = outstanding(usd, days)
    arrived = usd - np.diff(open_usd, prepend=0.0)
    assert (open_usd >= 0).all()
    assert (arrived >= -1e-6).all()
    assert arrived.sum() + open_usd[-1] == pytest.approx(usd.sum(), abs=1e-3)
