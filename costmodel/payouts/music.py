"""Music: what labels and publishers are paid, as a part of revenue and out of ad pools.

Advertising that a pool shares pays music inside the pool; the licence on revenue leaves it out, or music would be paid
twice for it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.payouts.ad_share import in_feed, pool_split, pooled_usd
from costmodel.provenance import provenance
from costmodel.scenario import Scenario
from costmodel.tables import REVENUE, Activity, Array, Charge


def charges(scenario: Scenario, activity: Activity, income: Sequence[Charge], assumptions: Assumptions) -> list[Charge]:
    """Music's part of ad pools, and of the rest of revenue; none without pool and licence."""
    return [
        *_from_pools(scenario, activity, income, assumptions),
        *_from_revenue(scenario, activity, income, assumptions),
    ]


def _from_pools(
    scenario: Scenario, activity: Activity, income: Sequence[Charge], assumptions: Assumptions
) -> list[Charge]:
    pool = scenario.payouts.ad_pool if scenario.payouts else None
    if pool is None:
        return []
    shares, sources = pool_split(pool, scenario, assumptions)
    return [
        Charge(
            category="Payouts",
            service_name="Music",
            sku_id="payouts.music_pool",
            description=f"music's part of advertising, {ads.region_id.replace('_', ' ')}",
            region_id=ads.region_id,
            resource_urn="",
            quantity=pooled_usd(ads, scenario, activity, assumptions),
            unit="USD of ads",
            unit_price=np.asarray(shares.music),
            driver="in-feed ads x views of creators in the programme, at music's share by tracks",
            usage_based=True,
            **provenance(*sources[1:]),
        )
        for ads in in_feed(income)
        if ads.region_id in pool.geographies
    ]


def _from_revenue(
    scenario: Scenario, activity: Activity, income: Sequence[Charge], assumptions: Assumptions
) -> list[Charge]:
    licences = scenario.payouts.music_licences if scenario.payouts else None
    if licences is None:
        return []
    path = ("payouts", "music_licences", "share_of_revenue")
    share = scenario.amount(licences.share_of_revenue, path, assumptions)
    nothing: Array = np.zeros(activity.timeline.count)
    revenue = sum((charge.cost for charge in income if charge.category in REVENUE), nothing)
    pooled = sum((pooled_usd(ads, scenario, activity, assumptions) for ads in in_feed(income)), nothing)
    return [
        Charge(
            category="Payouts",
            service_name="Music",
            sku_id="payouts.music_licences",
            description="music licences",
            region_id="global",
            resource_urn="",
            quantity=np.maximum(revenue - pooled, 0.0) * licences.running(activity.timeline),
            unit="USD of revenue",
            unit_price=np.asarray(share.value),
            driver="revenue - advertising that an ad pool shares",
            usage_based=True,
            **provenance(share),
        )
    ]
