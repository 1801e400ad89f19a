"""Duties: what a platform of each size has to have, whatever its users do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.compliance.exposure import profit
from costmodel.compliance.line import line
from costmodel.scenario import Scenario
from costmodel.sections.compliance import Compliance
from costmodel.tables import Array, Charge, Regime
from costmodel.units import MONTHS_PER_YEAR


def charges(
    scenario: Scenario, section: Compliance, duties: Regime, others: Sequence[Charge], assumptions: Assumptions
) -> list[Charge]:
    """Programme, officer, audits, reports and the Commission's fee.

    Args:
        scenario: the months.
        section: when compliance begins.
        duties: the regime of each month.
        others: every other charge of the plan: the fee is capped by the profit.
        assumptions: prices.
    """
    running = section.running(scenario.timeline)
    begun = float(section.began_before(scenario.timeline))
    return [
        *_programme(duties, running, begun, assumptions),
        *_very_large(duties, running, others, assumptions),
    ]


def supervisory_fee_users(eu_monthly_active_users: Array, profit: Array, per_user: float, most_share: float) -> Array:
    """Users in the European Union for whom the Commission's fee is really paid [EU MAU-year in a month].

    The fee is in proportion to users and at most a share of the profit: who makes none pays none.

    Args:
        eu_monthly_active_users: [user], any shape.
        profit: of the month [USD], same shape.
        per_user: fee [USD/EU MAU/year], above 0.
        most_share: most that may be taken of the profit.

    A platform of 120 million users pays 120e6 / 12 x 0.018 = 180,000 USD a month, if 0.05 % of its profit is more:

    >>> users = supervisory_fee_users(np.array([120e6, 120e6]), np.array([1e9, 1e6]), 0.018, 0.0005)
    >>> (users * 0.018).round(0)
    array([180000.,    500.])
    """
    by_users = eu_monthly_active_users / MONTHS_PER_YEAR
    return np.minimum(by_users, most_share * np.maximum(profit, 0) / per_user)


def newly_there(amount: Array, before: Array | float = 0.0) -> Array:
    """What of an amount is there for the first time in each month: its rise above all earlier months.

    Args:
        amount: shape (..., month).
        before: what was there before the plan, without the month axis.

    >>> newly_there(np.array([5.0, 8.0, 7.0, 9.0]))
    array([5., 3., 0., 1.])
    """
    known = np.broadcast_to(np.asarray(before, dtype=np.float64), amount.shape[:-1])[..., np.newaxis]
    most = np.maximum.accumulate(np.concatenate([known, amount], axis=-1), axis=-1)
    return np.diff(most, axis=-1)


def _programme(duties: Regime, running: Array, begun: float, assumptions: Assumptions) -> list[Charge]:
    """Privacy programme, officer, audit and reports of a small platform and of one of middle size.

    ``begun`` is 1 when compliance began before the plan, so that what is built once is there already; else 0.
    """
    small, mid = running * (1 - duties.mid), running * duties.mid
    built_small = newly_there(running, begun) * (1 - duties.mid)
    built_mid = newly_there(mid, begun * duties.mid[..., 0])
    year, monthly = 1 / MONTHS_PER_YEAR, "months / 12"
    lines = (
        ("privacy_build_small", "privacy programme, first build", built_small, "project", "once", "gdpr_build_small"),
        ("privacy_build", "privacy programme of middle size, build", built_mid, "project", "once", "gdpr_build"),
        ("privacy_run_small", "privacy programme, upkeep", small * year, "year", monthly, "gdpr_run_small_year"),
        ("privacy_run", "privacy programme of middle size, upkeep", mid * year, "year", monthly, "gdpr_run_year"),
        ("officer", "data protection officer", mid * year, "year", monthly, "dpo_cost"),
        ("security_audit", "SOC 2 audit", mid * year, "year", monthly, "soc2_audit"),
    )
    return [
        *(
            line(sku, words, quantity, unit, driver, assumptions.entry(f"comp.{key}"))
            for sku, words, quantity, unit, driver, key in lines
        ),
        _reports(duties, running, assumptions),
    ]


def _reports(duties: Regime, running: Array, assumptions: Assumptions) -> Charge:
    a_year = np.where(
        duties.very_large > 0,
        assumptions["comp.transparency_reports_year_very_large"],
        duties.mid * assumptions["comp.transparency_reports_year_mid"],
    )
    price = assumptions.entry("comp.transparency_report_cost")
    return line(
        "reports", "transparency reports", running * a_year / MONTHS_PER_YEAR, "report", "reports a year / 12", price
    )


def _very_large(duties: Regime, running: Array, others: Sequence[Charge], assumptions: Assumptions) -> list[Charge]:
    """Audit and supervision of a very large online platform in the European Union."""
    there = running * duties.very_large
    rate, most = map(
        assumptions.entry, ("comp.dsa_supervisory_fee_per_eu_mau_year", "comp.dsa_supervisory_fee_max_share")
    )
    payable = supervisory_fee_users(duties.eu_monthly_active_users, profit(others, there), rate.value, most.value)
    driver = "EU users / 12, or what 0.05 % of the profit pays for if that is less"
    audit = assumptions.entry("comp.dsa_audit_year")
    return [
        line("dsa_audit", "DSA audit and risk assessment", there / MONTHS_PER_YEAR, "year", "months / 12", audit),
        line("dsa_fee", "supervisory fee of the Commission", there * payable, "EU user-year", driver, rate),
    ]
