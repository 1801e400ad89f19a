"""What passes by the platform: sellers pay affiliates and brands pay creators; it is their income and not our cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.tables import BRAND_DEALS, SHOP_FEES, Activity, Array, Charge


def creator_income_usd(income: Sequence[Charge], activity: Activity, assumptions: Assumptions) -> dict[str, Array]:
    """Source -> what creators get from others in each month [USD], shape (..., month).

    Args:
        income: what customers pay; the quantities of its shop fees are goods, those of its marketplace are deals.
        activity: gives the months.
        assumptions: goods that affiliates sell, and the commission that sellers set.
    """
    sources: dict[str, Array] = {}
    goods = [charge for charge in income if charge.sku_id == SHOP_FEES]
    deals = [charge for charge in income if charge.sku_id == BRAND_DEALS]
    nothing = np.zeros(activity.timeline.count)
    if goods:
        kept = sum((charge.quantity for charge in goods), nothing)
        sources["Affiliate commissions"] = (
            kept * assumptions["shop.affiliate_share_of_gmv"] * assumptions["shop.affiliate_commission"]
        )
    if deals:
        sources["Brand deals"] = sum((charge.quantity - charge.cost for charge in deals), nothing)
    return sources
