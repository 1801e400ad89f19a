"""Gifts: coins become diamonds, and diamonds money.

What a creator keeps depends on where the coin was bought: 2.50 dollars of a thousand coins are 18 % of the price in
the app and 24 % of that on the web.
"""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.provenance import provenance
from costmodel.tables import Activity, Charge


def charges(activity: Activity, assumptions: Assumptions) -> list[Charge]:
    """The diamonds of each geography in which gifts are given."""
    if not activity.monthly_gift_coins.any():
        return []
    per_coin, value = assumptions.entry("gifts.diamonds_per_coin"), assumptions.entry("gifts.diamond_value")
    return [
        Charge(
            category="Payouts",
            service_name="Gifts",
            sku_id="payouts.gifts",
            description=f"creators' part of gifts, {geography.replace('_', ' ')}",
            region_id=geography,
            resource_urn="",
            quantity=activity.monthly_gift_coins[..., index, :] * per_coin.value,
            unit="diamond",
            unit_price=np.asarray(value.value),
            driver="coins given x diamonds per coin",
            usage_based=True,
            **provenance(value, per_coin),
        )
        for index, geography in enumerate(activity.geographies)
        if activity.monthly_gift_coins[..., index, :].any()
    ]
