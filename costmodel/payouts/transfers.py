"""Transfers: when earned money leaves, to how many, and what sending it costs.

Creators are taken as classes of equal number whose earnings are spread lognormally. A class is paid, in the month
after, once its balance per creator has reached the minimum; until then it is owed. Earned = transferred + owed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.distributions import lognormal_shares
from costmodel.provenance import provenance
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Array, Balance, Charge

CLASSES = 40
"""Classes of creators, each 1/40 of their number: fine enough that the smallest wait years and the largest a month."""


@dataclass(frozen=True)
class Transfers:
    """What is sent to creators in each month; all of shape (..., month)."""

    usd: Array
    """Money [USD]."""
    count: Array
    """Creators who are sent money [transfer]."""
    owed_usd: Array
    """Earned and not sent at the end of the month [USD]."""


def transfers(earned_usd: Array, scenario: Scenario, activity: Activity, assumptions: Assumptions) -> Transfers:
    """What is sent of what creators earn.

    Args:
        earned_usd: of all programmes, shape (..., month) [USD].
        scenario: the minimum, when it states one.
        activity: users, of whom a share earns something.
        assumptions: that share, the spread of earnings, the minimum.
    """
    if not earned_usd.any():
        return Transfers(usd=earned_usd, count=earned_usd, owed_usd=earned_usd)
    payees = activity.monthly_active_users.sum(axis=-2) * assumptions["payout.payee_share_mau"]
    spread = math.hypot(assumptions["payout.view_spread"], assumptions["payout.engagement_spread"])
    return sent(earned_usd, payees, _minimum_usd(scenario, assumptions), lognormal_shares(spread, CLASSES))


def sent(earned_usd: Array, payees: Array, minimum_usd: float, shares: Array) -> Transfers:
    """What is sent when each class of creators is paid once its balance per creator reaches a minimum.

    Args:
        earned_usd: of all creators, shape (..., month) [USD].
        payees: creators who earn, shape (..., month) [creator].
        minimum_usd: balance per creator below which nothing is sent [USD/creator].
        shares: part of the earnings of each class, shape (class,); classes are of equal number.

    Two creators who earn 10 and 30 dollars a month, and a minimum of 25:

    >>> sent(np.full(4, 40.0), np.full(4, 2.0), 25.0, np.array([0.25, 0.75]))
    Transfers(usd=array([ 0., 30., 30., 60.]), count=array([0., 1., 1., 2.]), owed_usd=array([40., 50., 60., 40.]))
    """
    earned_usd, payees = np.broadcast_arrays(earned_usd, payees)
    usd, count, owed = (np.zeros_like(earned_usd) for _ in range(3))
    balance: Array = np.zeros((*earned_usd.shape[:-1], shares.size))
    for month in range(earned_usd.shape[-1]):
        class_size = payees[..., month, np.newaxis] / shares.size
        ready = (balance >= minimum_usd * class_size) & (balance > 0)
        usd[..., month] = np.sum(balance, axis=-1, where=ready)
        count[..., month] = np.sum(ready * class_size, axis=-1)
        balance = np.where(ready, 0.0, balance) + earned_usd[..., month, np.newaxis] * shares
        owed[..., month] = balance.sum(axis=-1)
    return Transfers(usd=usd, count=count, owed_usd=owed)


def charges(transfers: Transfers, assumptions: Assumptions) -> list[Charge]:
    """What payment services keep: a part of the money, a fixed fee for each transfer and for each active account."""
    if not transfers.owed_usd.any():
        return []
    lines = (
        ("payout_volume", "USD sent", "pay.payout_fee_pct", transfers.usd, "money sent to creators"),
        ("payout_transfer", "transfer", "pay.payout_fee_fixed", transfers.count, "creators above the minimum"),
        ("payout_account", "account-month", "pay.payout_account_month", transfers.count, "creators above the minimum"),
    )
    return [
        Charge(
            category="Fees",
            service_name="Payment services",
            sku_id=f"fees.{sku}",
            description=f"sending money to creators, by {unit.removesuffix('-month')}",
            region_id="global",
            resource_urn="",
            quantity=quantity,
            unit=unit,
            unit_price=np.asarray(assumptions[key]),
            driver=driver,
            usage_based=True,
            **provenance(assumptions.entry(key)),
        )
        for sku, unit, key, quantity, driver in lines
    ]


def balances(transfers: Transfers) -> list[Balance]:
    """What creators have earned and not been sent yet."""
    if not transfers.owed_usd.any():
        return []
    driver = "earned this month, and balances below the minimum of earlier months"
    return [Balance(name="owed to creators", owed=transfers.owed_usd, driver=driver)]


def _minimum_usd(scenario: Scenario, assumptions: Assumptions) -> float:
    stated = scenario.payouts.minimum_usd if scenario.payouts else "payout.minimum_usd"
    return scenario.amount(stated, ("payouts", "minimum_usd"), assumptions).value
