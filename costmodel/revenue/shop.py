"""Shop: a fee on what is sold; the goods themselves and the affiliate's commission are the seller's money.

When goods are sent back the fee is returned except for a part. TikTok Shop keeps 5 dollars of an order at most, which
an order below 417 dollars does not reach: the limit is left out.
"""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.provenance import provenance
from costmodel.scenario import Scenario
from costmodel.sections.revenue import ShopMarket
from costmodel.tables import SHOP_FEES, Activity, Charge


def charges(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    """Fees on goods that were kept, and what of the fee stays when they are sent back; none without a shop."""
    if scenario.shop is None:
        return []
    lines = []
    for geography in activity.geographies:
        market = scenario.shop.market(geography)
        if market is not None:
            lines += _charges(geography, market, scenario, activity, assumptions)
    return lines


def _charges(
    geography: str, market: ShopMarket, scenario: Scenario, activity: Activity, assumptions: Assumptions
) -> list[Charge]:
    path = ("shop", "markets", geography)
    fee = scenario.amount(market.fee_share_of_goods, (*path, "fee_share_of_goods"), assumptions)
    refunded = scenario.amount(market.refunded_share, (*path, "refunded_share"), assumptions)
    kept = assumptions.entry("shop.refund_admin_fee")
    index = activity.geographies.index(geography)
    place = geography.replace("_", " ")
    fee_on_goods = Charge(
        category="Shop",
        service_name="Shop",
        sku_id=SHOP_FEES,
        description=f"fees on goods sold, {place}",
        region_id=geography,
        resource_urn="",
        quantity=activity.monthly_gmv_usd[..., index, :] * (1 - refunded.value),
        unit="USD of goods",
        unit_price=np.asarray(fee.value),
        driver="goods sold x (1 - refunded)",
        usage_based=True,
        **provenance(fee, refunded),
    )
    fee_on_refunds = Charge(
        category="Shop",
        service_name="Shop",
        sku_id="revenue.refund_fee",
        description=f"part of the fee kept on refunds, {place}",
        region_id=geography,
        resource_urn="",
        quantity=activity.monthly_gmv_usd[..., index, :] * refunded.value,
        unit="USD of goods sent back",
        unit_price=np.asarray(fee.value * kept.value),
        driver="goods sold x refunded, at fee x part of it that is kept",
        usage_based=True,
        **provenance(fee, kept, refunded),
    )
    return [fee_on_goods, fee_on_refunds]
