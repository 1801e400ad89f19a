"""Payouts: what creators and rights holders are paid, programme by programme, and when the money leaves.

A programme's cost is what creators earn in a month. It is transferred in the month after, and only to those whose
balance has reached the minimum; the rest is owed. What sellers and brands pay to creators passes by the platform: it
is creators' income and no cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.payouts import ad_share, bonus, fund, gifts, music, passed_by, rewards, subscriptions, transfers
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Array, Balance, Charge


@dataclass(frozen=True)
class Payouts:
    """What creators and rights holders get."""

    charges: list[Charge]
    """What is earned, and the fees of transferring it."""
    balances: list[Balance]
    """What is earned and not transferred yet."""
    creator_income_usd: Mapping[str, Array]
    """Source -> what creators earn in each month [USD], shape (..., month); sellers' and brands' money included."""


def payouts(scenario: Scenario, activity: Activity, income: Sequence[Charge], assumptions: Assumptions) -> Payouts:
    """What creators and rights holders get, of all programmes.

    Args:
        scenario: which programmes there are.
        activity: views and coins.
        income: what customers pay, for the programmes that share it.
        assumptions: rates, shares and distributions.
    """
    earned = to_creators(scenario, activity, income, assumptions)
    sent = transfers.transfers(_sum(earned, activity), scenario, activity, assumptions)
    return Payouts(
        charges=[
            *earned,
            *music.charges(scenario, activity, income, assumptions),
            *transfers.charges(sent, assumptions),
        ],
        balances=transfers.balances(sent),
        creator_income_usd={
            **{name: _sum([c for c in earned if c.service_name == name], activity) for name in _names(earned)},
            **passed_by.creator_income_usd(income, activity, assumptions),
        },
    )


def to_creators(
    scenario: Scenario, activity: Activity, income: Sequence[Charge], assumptions: Assumptions
) -> list[Charge]:
    """What creators earn from the platform; none without a programme, gifts or subscriptions."""
    return [
        *fund.charges(scenario, activity, assumptions),
        *rewards.charges(scenario, activity, assumptions),
        *ad_share.charges(scenario, activity, income, assumptions),
        *bonus.charges(scenario, activity, assumptions),
        *gifts.charges(activity, assumptions),
        *subscriptions.charges(income, assumptions),
    ]


def _names(charges: Sequence[Charge]) -> list[str]:
    return list(dict.fromkeys(charge.service_name for charge in charges))


def _sum(charges: Sequence[Charge], activity: Activity) -> Array:
    """Sum of charges in each month [USD], shape (..., month)."""
    return np.asarray(sum((c.cost for c in charges), np.zeros(activity.timeline.count)), dtype=np.float64)
