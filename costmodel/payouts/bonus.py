"""Daily bonus: a fixed sum for the most watched videos of every day, whoever made them."""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.provenance import provenance
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Charge


def charges(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    """The sums of all days on which anything was watched; none without a bonus."""
    bonus = scenario.payouts.daily_bonus if scenario.payouts else None
    if bonus is None:
        return []
    sum_a_day = scenario.amount(bonus.usd_per_day, ("payouts", "daily_bonus", "usd_per_day"), assumptions)
    watched = activity.monthly_views.sum(axis=-2) > 0
    return [
        Charge(
            category="Payouts",
            service_name="Daily bonus",
            sku_id="payouts.daily_bonus",
            description="bonus for the best videos of each day",
            region_id="global",
            resource_urn="",
            quantity=activity.timeline.days * bonus.running(activity.timeline) * watched,
            unit="day",
            unit_price=np.asarray(sum_a_day.value),
            driver="days of the month",
            usage_based=False,
            **provenance(sum_a_day),
        )
    ]
