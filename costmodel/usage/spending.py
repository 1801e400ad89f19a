"""Spending: the coins that viewers give and the goods that they buy; what of it is ours comes with revenue."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.coins import usd_per_coin
from costmodel.scenario import Scenario
from costmodel.tables import Array
from costmodel.units import MONTHS_PER_YEAR


def gift_coins(monthly_active_users: Array, scenario: Scenario, assumptions: Assumptions) -> Array:
    """Coins spent on gifts in each month [coin]; 0 without gifts and before they start.

    Gifts follow payers and what a payer spends, not views: users x share who pay x USD a payer / USD a coin.

    Args:
        monthly_active_users: shape (..., geography, month) [user].
        scenario: whether, when and where there are gifts, and who pays for them.
        assumptions: payers, spending of a payer, price of a coin in the app and on the web.
    """
    gifts = scenario.gifts
    if gifts is None:
        return np.zeros_like(monthly_active_users)

    def usd_per_user(geography: str) -> float:
        market = gifts.market(geography)
        if market is None:
            return 0.0
        path = ("gifts", "markets", geography)
        payers = scenario.amount(market.payer_share, (*path, "payer_share"), assumptions)
        spent = scenario.amount(market.usd_per_payer_month, (*path, "usd_per_payer_month"), assumptions)
        return payers.value * spent.value

    usd = monthly_active_users * gifts.running(scenario.timeline) * _each(scenario.geographies, usd_per_user)
    return usd / usd_per_coin(assumptions)


def gmv_usd(monthly_active_users: Array, scenario: Scenario, assumptions: Assumptions) -> Array:
    """Goods sold through the shop in each month, at the buyer's price [USD]; 0 without a shop and before it opens.

    Args:
        monthly_active_users: shape (..., geography, month) [user].
        scenario: whether, when and where there is a shop.
        assumptions: goods that a monthly user buys in a year.
    """
    shop = scenario.shop
    if shop is None:
        return np.zeros_like(monthly_active_users)

    def usd_per_user_year(geography: str) -> float:
        market = shop.market(geography)
        if market is None:
            return 0.0
        path = ("shop", "markets", geography, "usd_of_goods_per_user_year")
        return scenario.amount(market.usd_of_goods_per_user_year, path, assumptions).value

    usd_per_user = _each(scenario.geographies, usd_per_user_year) / MONTHS_PER_YEAR
    return monthly_active_users * shop.running(scenario.timeline) * usd_per_user


def orders(monthly_gmv_usd: Array, assumptions: Assumptions) -> Array:
    """Orders behind a volume of goods [order]: goods / value of a mean order."""
    return monthly_gmv_usd / assumptions["shop.order_value_usd"]


def _each(geographies: Iterable[str], amount: Callable[[str], float]) -> Array:
    """An amount of every geography, shape (geography, 1)."""
    return np.array([[amount(name)] for name in geographies])
