"""Marketplace: a fee on deals between brands and creators, which may be 0."""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumption, Assumptions
from costmodel.niches import creator_multipliers, mean_multiplier, shares_of_views
from costmodel.provenance import provenance
from costmodel.scenario import Scenario
from costmodel.sections.revenue import DealMarket, Marketplace
from costmodel.tables import BRAND_DEALS, Activity, Charge
from costmodel.units import PER_MILLE


def charges(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    """The fee on the deals of each geography; none without a marketplace."""
    marketplace = scenario.marketplace
    if marketplace is None:
        return []
    path = ("marketplace", "fee_share_of_deals")
    fee = scenario.amount(marketplace.fee_share_of_deals, path, assumptions)
    markets = {geography: marketplace.market(geography) for geography in activity.geographies}
    return [
        _charge(geography, market, marketplace, fee, scenario, activity, assumptions)
        for geography, market in markets.items()
        if market
    ]


def deal_usd(views: float, usd_per_1000_views: float, niche_multiplier: float = 1.0) -> float:
    """What a brand pays for a sponsored post [USD].

    Args:
        views: of the post [view].
        usd_per_1000_views: deal CPM of a mean niche [USD/1000 views].
        niche_multiplier: of the subject, 1 for the mean.

    The example: a million views at 20 dollars.

    >>> deal_usd(1_000_000, 20)
    20000.0
    """
    return views / PER_MILLE * usd_per_1000_views * niche_multiplier


def _charge(
    geography: str,
    market: DealMarket,
    marketplace: Marketplace,
    fee: Assumption,
    scenario: Scenario,
    activity: Activity,
    assumptions: Assumptions,
) -> Charge:
    path = ("marketplace", "markets", geography)
    share = scenario.amount(market.sponsored_share_of_views, (*path, "sponsored_share_of_views"), assumptions)
    cpm = scenario.amount(market.usd_per_1000_views, (*path, "usd_per_1000_views"), assumptions)
    multipliers = creator_multipliers(scenario.niches, assumptions)
    usd_per_view = deal_usd(share.value, cpm.value, mean_multiplier(multipliers, shares_of_views(scenario.niches)))
    views = activity.monthly_views[..., activity.geographies.index(geography), :]
    return Charge(
        category="Marketplace",
        service_name="Marketplace",
        sku_id=BRAND_DEALS,
        description=f"fees on brand deals, {geography.replace('_', ' ')}",
        region_id=geography,
        resource_urn="",
        quantity=views * usd_per_view * marketplace.running(activity.timeline),
        unit="USD of deals",
        unit_price=np.asarray(fee.value),
        driver="views x sponsored share / 1000 x deal CPM x niche",
        usage_based=True,
        **provenance(fee, share, cpm),
    )
