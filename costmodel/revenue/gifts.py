"""Gifts: coins that viewers buy, keep for a while and give to creators.

Revenue is earned when a coin is given; until then its price is owed to whoever holds it. A refunded purchase is no
revenue, and the creator keeps what was given with it.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.coins import share_of_coins_from_web, usd_per_coin
from costmodel.provenance import provenance
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Array, Balance, Charge, Sale

Till = Literal["store", "web"]
PRICE_KEYS: dict[Till, str] = {"store": "gifts.coin_price_ios", "web": "gifts.coin_price_web"}


def charges(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    """Coins given in each geography, by where they were bought; none without gifts."""
    if scenario.gifts is None:
        return []
    return [
        _charge(till, geography, scenario, activity, assumptions)
        for geography in activity.geographies
        if scenario.gifts.market(geography)
        for till in PRICE_KEYS
    ]


def sales(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Sale]:
    """Coins given, at each till."""
    if scenario.gifts is None:
        return []
    given = _everywhere(activity)
    held = coins_held(given, assumptions["gifts.coins_held_months"])
    return [_sale(till, given, held, assumptions) for till in PRICE_KEYS]


def balances(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Balance]:
    """Coins that are paid for and not given yet."""
    if scenario.gifts is None:
        return []
    held = coins_held(_everywhere(activity), assumptions["gifts.coins_held_months"])
    return [
        Balance(
            name="coins sold and not spent",
            owed=held * usd_per_coin(assumptions),
            driver="coins given in a month x months of spending that viewers hold x mean price of a coin",
        )
    ]


def coins_held(given: Array, months_held: float) -> Array:
    """Coins in the hands of viewers at the end of each month [coin].

    They hold ``months_held`` months of what they give. When giving falls they first use up what they have: coins
    sold, which are those given plus the change of those held, are never negative.

    Args:
        given: coins given in each month, shape (..., month) [coin].
        months_held: stock in months of spending [month].

    >>> coins_held(np.array([100.0, 200.0, 0.0, 0.0]), 0.5)
    array([ 50., 100., 100., 100.])
    """
    held = np.empty_like(given)
    before: Array = np.zeros(given.shape[:-1])
    for month in range(given.shape[-1]):
        before = np.maximum(months_held * given[..., month], before - given[..., month])
        held[..., month] = before
    return held


def _everywhere(activity: Activity) -> Array:
    return np.asarray(activity.monthly_gift_coins.sum(axis=-2), dtype=np.float64)


def _part(till: Till, assumptions: Assumptions) -> float:
    """Part of the coins that is bought at a till [share of coins]."""
    on_web = share_of_coins_from_web(assumptions)
    return on_web if till == "web" else 1 - on_web


def _charge(till: Till, geography: str, scenario: Scenario, activity: Activity, assumptions: Assumptions) -> Charge:
    price = assumptions.entry(PRICE_KEYS[till])
    refunded = assumptions.entry("iap.refunded_share")
    coins = activity.monthly_gift_coins[..., activity.geographies.index(geography), :]
    return Charge(
        category="Gifts",
        service_name="Coins",
        sku_id=f"revenue.coins.{till}",
        description=f"coins bought {'on the web' if till == 'web' else 'in the app'}, {geography.replace('_', ' ')}",
        region_id=geography,
        resource_urn="",
        quantity=coins * _part(till, assumptions) * (1 - refunded.value),
        unit="coin",
        unit_price=np.asarray(price.value),
        driver="coins given x share bought here x (1 - refunds)",
        usage_based=True,
        **provenance(price, refunded),
    )


def _sale(till: Till, given: Array, held: Array, assumptions: Assumptions) -> Sale:
    bought = given * _part(till, assumptions)
    price = assumptions[PRICE_KEYS[till]]
    return Sale(
        product="coins",
        till=till,
        usd=bought * (1 - assumptions["iap.refunded_share"]) * price,
        purchases=bought / assumptions["gifts.common_pack_coins"],
        unearned_usd=held * _part(till, assumptions) * price,
    )
