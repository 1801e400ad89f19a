"""Spending: the coins that viewers give and the goods that they buy; what of it is ours comes with revenue."""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.scenario import Scenario
from costmodel.tables import Array
from costmodel.units import MONTHS_PER_YEAR


def gift_coins(monthly_active_users: Array, scenario: Scenario, assumptions: Assumptions) -> Array:
    """Coins spent on gifts in each month [coin]; 0 without gifts and before they start.

    Gifts follow payers and what a payer spends, not views: users x share who pay x USD a payer / USD a coin.

    Args:
        monthly_active_users: shape (..., geography, month) [user].
        scenario: whether and from when on there are gifts.
        assumptions: payers, spending of a payer, price of a coin in the app and on the web.
    """
    if scenario.gifts is None:
        return np.zeros_like(monthly_active_users)
    there = scenario.timeline.since(scenario.gifts.starts or scenario.start)
    payers = monthly_active_users * there * assumptions["gifts.payer_share_mau"]
    return payers * assumptions["gifts.arppu_month"] / usd_per_coin(assumptions)


def usd_per_coin(assumptions: Assumptions) -> float:
    """Mean price of a coin [USD/coin] over what is spent in the app and on the web.

    A coin is dearer in the app; coins of a dollar spent: share on the web / web price + rest / app price.
    """
    on_web = assumptions["iap.web_purchase_share"]
    coins_per_usd = on_web / assumptions["gifts.coin_price_web"] + (1 - on_web) / assumptions["gifts.coin_price_ios"]
    return 1 / coins_per_usd


def gmv_usd(monthly_active_users: Array, scenario: Scenario, assumptions: Assumptions) -> Array:
    """Goods sold through the shop in each month, at the buyer's price [USD]; 0 without a shop and before it opens.

    Args:
        monthly_active_users: shape (..., geography, month) [user].
        scenario: whether and from when on there is a shop.
        assumptions: goods that a monthly user buys in a year.
    """
    if scenario.shop is None:
        return np.zeros_like(monthly_active_users)
    there = scenario.timeline.since(scenario.shop.starts or scenario.start)
    return monthly_active_users * there * assumptions["shop.gmv_per_mau_year"] / MONTHS_PER_YEAR


def orders(monthly_gmv_usd: Array, assumptions: Assumptions) -> Array:
    """Orders behind a volume of goods [order]: goods / value of a mean order."""
    return monthly_gmv_usd / assumptions["shop.order_value_usd"]
