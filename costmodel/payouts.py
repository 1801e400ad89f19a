"""Payouts: what creators are paid.

Creator rewards are a rate times qualified views: views of eligible videos (over a minute, original, by a creator with
10,000 followers) that last five seconds and are not advertised. The rate is an input here; in a pool such as the
retired Creator Fund it would be a result.
"""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.scenario import Scenario
from costmodel.sections.payouts import CreatorRewards
from costmodel.tables import Activity, Array, Charge

VIEWS_PER_RATE_UNIT = 1000
"""Rates are quoted per 1,000 views (RPM, revenue per mille)."""


def charges(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    """One charge per geography that has a rate, in thousands of qualified views; none without a programme."""
    if scenario.payouts is None:
        return []
    rewards = scenario.payouts.creator_rewards
    return [
        _charge(geography, rewards, activity, scenario, assumptions)
        for geography in activity.geographies
        if geography in rewards.usd_per_1000_qualified_views
    ]


def qualified_views(views: Array, eligible_share: float, qualified_share: float) -> Array:
    """Views that are paid for [view].

    A creator's video needs 1,000 qualified views before it pays; the few below that are counted here all the same.

    Args:
        views: all views, any shape [view].
        eligible_share: share of them on videos of the programme.
        qualified_share: share of those that qualify.

    The published example: of 70,000 views of one eligible video 30,000 qualified (43 %).

    >>> qualified_views(np.array([70_000.0]), 1, 0.43)
    array([30100.])
    """
    return views * eligible_share * qualified_share


def _charge(
    geography: str, rewards: CreatorRewards, activity: Activity, scenario: Scenario, assumptions: Assumptions
) -> Charge:
    rate = assumptions.resolve(
        rewards.usd_per_1000_qualified_views[geography],
        name=f"payouts.creator_rewards.usd_per_1000_qualified_views.{geography}",
        unit="USD/1000 qualified views",
        stated_in=f"scenario {scenario.name}",
        as_of=scenario.as_of,
    )
    views = activity.monthly_views[..., activity.geographies.index(geography), :]
    qualified = qualified_views(
        views, assumptions["payout.eligible_view_share"], assumptions["payout.qualified_share_of_views"]
    )
    return Charge(
        category="Payouts",
        service_name="Creator rewards",
        sku_id="payouts.creator_rewards",
        description=f"creator rewards, {geography.replace('_', ' ')}",
        region_id=geography,
        resource_urn="",
        quantity=scenario.timeline.since(rewards.starts or scenario.start) * qualified / VIEWS_PER_RATE_UNIT,
        unit="1000 qualified views",
        unit_price=np.asarray(rate.value),
        driver="views x share on eligible videos x share that qualifies / 1000",
        price_source=f"{rate.key}: {rate.source}",
        price_date=rate.source_date,
        price_grade=rate.grade,
        usage_based=True,
    )
