"""Creator rewards: a rate times qualified views; the rate is an input, the budget a result.

Qualified views are views of eligible videos (over a minute, original, by a creator with 10,000 followers) that last
five seconds and are not advertised. Niches and engagement move money between creators and never change the sum, for
their multipliers have a mean of one over the views.
"""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumption, Assumptions
from costmodel.niches import REST, creator_multipliers, mean_one, shares_of_views
from costmodel.payouts.eligibility import eligible_share_of_views, qualified_views
from costmodel.provenance import provenance
from costmodel.scenario import Scenario
from costmodel.sections.payouts import CreatorRewards
from costmodel.tables import Activity, Array, Charge
from costmodel.units import PER_MILLE


def charges(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    """One charge per geography with a rate and per niche, in thousands of qualified views; none without a programme."""
    programme = scenario.payouts.creator_rewards if scenario.payouts else None
    if programme is None:
        return []
    paid_views = _paid_views(programme, scenario, activity, assumptions)
    rates = {
        geography: scenario.amount(
            programme.usd_per_1000_qualified_views[geography],
            ("payouts", "creator_rewards", "usd_per_1000_qualified_views", geography),
            assumptions,
        )
        for geography in activity.geographies
        if geography in programme.usd_per_1000_qualified_views
    }
    uncut = sum(paid_views[..., activity.geographies.index(name), :] * rate.value for name, rate in rates.items())
    budget = programme.usd_per_day_at_most
    cut = within_budget(np.asarray(uncut) / PER_MILLE, None if budget is None else budget * activity.timeline.days)
    shares = shares_of_views(scenario.niches)
    multipliers = mean_one(creator_multipliers(scenario.niches, assumptions), shares)
    return [
        _charge(
            geography,
            niche if len(shares) > 1 else "",
            paid_views[..., activity.geographies.index(geography), :] * share,
            rate,
            multipliers[niche] * cut,
        )
        for geography, rate in rates.items()
        for niche, share in shares.items()
    ]


def within_budget(cost: Array, budget: Array | None) -> Array:
    """Part of every rate that is paid so that the sum stays within a budget, 1 without one.

    Args:
        cost: sum at full rates, shape (..., month) [USD].
        budget: of each month [USD].

    >>> within_budget(np.array([50.0, 200.0, 0.0]), np.array([100.0, 100.0, 100.0]))
    array([1. , 0.5, 1. ])
    """
    if budget is None:
        return np.ones_like(cost)
    return np.divide(budget, cost, out=np.ones_like(cost), where=cost > budget)


def _paid_views(programme: CreatorRewards, scenario: Scenario, activity: Activity, assumptions: Assumptions) -> Array:
    eligible = eligible_share_of_views(programme, scenario, activity, assumptions)
    by_month = np.asarray(eligible)[..., np.newaxis, :] if np.ndim(eligible) else eligible
    views = activity.monthly_views * programme.running(activity.timeline)
    return qualified_views(views, by_month, assumptions["payout.qualified_share_of_views"])


def _charge(geography: str, niche: str, views: Array, rate: Assumption, factor: Array) -> Charge:
    subject = f", {niche.replace('_', ' ') if niche != REST else 'other subjects'}" if niche else ""
    return Charge(
        category="Payouts",
        service_name="Creator rewards",
        sku_id=f"payouts.creator_rewards{'.' if niche else ''}{niche}",
        description=f"creator rewards, {geography.replace('_', ' ')}{subject}",
        region_id=geography,
        resource_urn="",
        quantity=views / PER_MILLE,
        unit="1000 qualified views",
        unit_price=rate.value * factor,
        driver="views x share on eligible videos x share that qualifies / 1000",
        usage_based=True,
        **provenance(rate),
    )
