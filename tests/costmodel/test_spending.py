"""What viewers spend on coins and goods, by geography and in time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from costmodel.assumptions import Assumptions
from costmodel.coins import share_of_coins_from_web, usd_per_coin
from costmodel.scenario import Scenario
from costmodel.sections.period import Period
from costmodel.tables import Activity, Timeline
from costmodel.usage import spending

Make = Callable[..., Scenario]

USERS = np.full((2, 3), 1e6)
EDGES = ("us", "india")


def test_coins_by_hand(made_scenario: Make) -> None:
    # 1,000,000 users x 0.6 % x 77 dollars = 462,000 dollars at 0.0141 = 32.77 million coins, all bought in the app
    scenario = made_scenario(months=3, edges=EDGES, gifts={})
    coins = spending.gift_coins(USERS, scenario, Assumptions.load({"iap.web_purchase_share": 0.0}))
    np.testing.assert_allclose(coins, np.full((2, 3), 462_000 / 0.0141))


def test_money_and_coins_agree_at_the_mixed_price() -> None:
    # of 100 dollars 25 go to the web: 25 / 0.0105 + 75 / 0.0141 = 7,700 coins, 1.2987 cents each, 30.9 % from the web
    assumptions = Assumptions.load()
    coins = 25 / 0.0105 + 75 / 0.0141
    assert usd_per_coin(assumptions) == pytest.approx(100 / coins)
    assert share_of_coins_from_web(assumptions) == pytest.approx(25 / 0.0105 / coins)


def test_each_market_has_its_payers_and_the_others_none(made_scenario: Make) -> None:
    markets = {"place_1": {"payer_share": 0.01, "usd_per_payer_month": 14.1}}
    scenario = made_scenario(months=3, edges=EDGES, gifts={"starts": "2027-02", "ends": "2027-02", "markets": markets})
    coins = spending.gift_coins(USERS, scenario, Assumptions.load({"iap.web_purchase_share": 0.0}))
    # 1,000,000 x 1 % x 14.1 / 0.0141 = 10 million coins
    np.testing.assert_allclose(coins, np.array([[0, 0, 0], [0, 1e7, 0]]))


def test_goods_by_geography(made_scenario: Make) -> None:
    markets = {"place_0": {"usd_of_goods_per_user_year": "shop.gmv_per_mau_year_US"}}
    scenario = made_scenario(months=3, edges=EDGES, shop={"ends": "2027-02", "markets": markets})
    goods = spending.gmv_usd(USERS, scenario, Assumptions.load())
    np.testing.assert_allclose(goods, np.array([[53e6 / 12, 53e6 / 12, 0], [0, 0, 0]]))
    np.testing.assert_allclose(spending.orders(goods, Assumptions.load()), goods / 30)


def test_without_the_features_nothing_is_spent(made_scenario: Make) -> None:
    scenario = made_scenario(months=3, edges=EDGES)
    assert not spending.gift_coins(USERS, scenario, Assumptions.load()).any()
    assert not spending.gmv_usd(USERS, scenario, Assumptions.load()).any()


@pytest.mark.parametrize(
    ("starts", "ends", "months"),
    [
        (None, None, [1, 2, 3, 4]),
        ("2027-02", None, [0, 1, 2, 3]),
        ("2026-11", "2027-03", [3, 4, 5, 0]),
        ("2027-04", "2027-04", [0, 0, 0, 1]),
    ],
)
def test_a_period_counts_its_own_months(starts: str | None, ends: str | None, months: list[int]) -> None:
    period = Period(starts=starts, ends=ends)
    timeline = Timeline.starting("2027-01", 4)
    assert list(period.months_open(timeline)) == months
    assert list(period.running(timeline)) == [min(month, 1) for month in months]


def test_volumes_that_share_an_array_cannot_be_written_to(made_activity: Callable[..., Activity]) -> None:
    idle = made_activity()
    with pytest.raises(ValueError, match="read-only"):
        idle.monthly_gift_coins[:] = 1.0
    assert not idle.monthly_views.any()
