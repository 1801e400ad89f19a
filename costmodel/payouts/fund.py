"""Creator fund: a fixed pool a day, shared by weighted qualified views. What 1,000 views earn is a result of it.

The more is watched, the less a view earns: the rate falls as views grow, and the pool is paid in full.
"""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.payouts.eligibility import qualified_views, views_of_creators_with
from costmodel.provenance import provenance
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Array, Charge
from costmodel.units import PER_MILLE


def charges(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    """One charge per geography with a weight; nothing is paid in a month without eligible views."""
    fund = scenario.payouts.creator_fund if scenario.payouts else None
    if fund is None:
        return []
    pool = scenario.amount(fund.usd_per_day, ("payouts", "creator_fund", "usd_per_day"), assumptions)
    followers = assumptions["payout.min_followers"]
    eligible = views_of_creators_with(followers, activity, assumptions)[..., np.newaxis, :]
    qualified = qualified_views(activity.monthly_views, eligible, assumptions["payout.qualified_share_of_views"])
    views = {
        geography: qualified[..., activity.geographies.index(geography), :] * fund.running(activity.timeline)
        for geography in fund.weights
    }
    rates = usd_per_thousand_views(views, fund.weights, pool.value * activity.timeline.days)
    return [
        Charge(
            category="Payouts",
            service_name="Creator fund",
            sku_id="payouts.creator_fund",
            description=f"creator fund, {geography.replace('_', ' ')}",
            region_id=geography,
            resource_urn="",
            quantity=views[geography] / PER_MILLE,
            unit="1000 qualified views",
            unit_price=rates[geography],
            driver="views x eligible creators' share x qualified / 1000, at pool x weight / weighted views",
            usage_based=True,
            **provenance(pool),
        )
        for geography in views
    ]


def usd_per_thousand_views(
    views: dict[str, Array], weights: dict[str, float], pool_usd: float | Array
) -> dict[str, Array]:
    """What 1,000 views of each group earn of a pool [USD/1000 views]: pool x weight / sum of weighted views.

    Args:
        views: group -> its qualified views, shape (..., month) [view].
        weights: group -> weight of one of its views, for where the viewer is, its niche and its engagement.
        pool_usd: what is paid out in full [USD].

    The example: 913 thousand dollars for 30 billion views make three cents; twice the views, half the rate.

    >>> usd_per_thousand_views({"all": np.array([30e9, 60e9])}, {"all": 1.0}, 913_000.0)["all"].round(4)
    array([0.0304, 0.0152])
    """
    weighted = np.asarray(sum(views[name] * weights[name] for name in views), dtype=np.float64)
    per_view = np.divide(pool_usd, weighted, out=np.zeros_like(weighted), where=weighted > 0)
    return {name: per_view * weights[name] * PER_MILLE for name in views}
