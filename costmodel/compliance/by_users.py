"""What the law asks for by the user: requests for data, checks of age, data kept in the country."""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.compliance.duties import newly_there
from costmodel.compliance.line import GEOGRAPHY_AXIS, line
from costmodel.scenario import Scenario
from costmodel.sections.compliance import AgeChecks, Compliance, Residency
from costmodel.tables import Activity, Array, Charge
from costmodel.units import MONTHS_PER_YEAR

USERS_PER_MILLION = 10**6
"""Requests and reports are counted per million users."""


def charges(scenario: Scenario, section: Compliance, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    """Requests, reports of abused children, age checks and residency."""
    return [
        *_requests(activity, section.running(scenario.timeline), assumptions),
        *(_age_checks(scenario, section.age_checks, activity, assumptions) if section.age_checks else ()),
        *(
            charge
            for geography, residency in section.residency.items()
            for charge in _kept_in(geography, residency, scenario, activity, assumptions)
        ),
    ]


def _requests(activity: Activity, running: Array, assumptions: Assumptions) -> list[Charge]:
    """Requests of users for their data, and reports of abused children, by the million users."""
    millions = running * activity.monthly_active_users.sum(axis=GEOGRAPHY_AXIS) / USERS_PER_MILLION / MONTHS_PER_YEAR
    kinds = (
        ("access_requests", "requests for one's data", "comp.dsr_access_per_M_mau_year", "comp.access_request_cost"),
        ("erasure_requests", "requests to be erased", "comp.dsr_delete_per_M_mau_year", "comp.delete_request_cost"),
        ("child_abuse_reports", "reports of child abuse", "comp.csam_reports_per_M_mau_year", "comp.csam_report_cost"),
    )
    driver = "monthly active users in millions x a year's number per million / 12"
    return [
        line(sku, words, millions * assumptions[rate], "case", driver, assumptions.entry(price))
        for sku, words, rate, price in kinds
    ]


def _age_checks(scenario: Scenario, checks: AgeChecks, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    shares = np.array([_checked_share(checks, name, assumptions) for name in activity.geographies])
    checked = np.einsum("...gm,g->...m", activity.monthly_new_users, shares) * checks.running(scenario.timeline)
    price = assumptions.entry(f"comp.age_check_{checks.method}_price")
    driver = "new users x share that is checked, which is 1 where the law asks for all"
    return [line("age_checks", f"age checks by {checks.method}", checked, "check", driver, price)]


def _checked_share(checks: AgeChecks, geography: str, assumptions: Assumptions) -> float:
    return 1.0 if geography in checks.everyone_in else assumptions["comp.age_check_share_new_users"]


def _kept_in(
    geography: str, residency: Residency, scenario: Scenario, activity: Activity, assumptions: Assumptions
) -> list[Charge]:
    """Moving the users of a geography to data centres of their own, and keeping them there.

    Who was there before the plan starts has been moved before, when residency began before.
    """
    users = activity.monthly_active_users[..., activity.geographies.index(geography), :]
    there = users * residency.running(scenario.timeline)
    moved_before = there[..., 0] if residency.began_before(scenario.timeline) else 0.0
    path = ("compliance", "residency", geography)
    moved = scenario.amount(residency.usd_per_user_moved, (*path, "usd_per_user_moved"), assumptions)
    kept = scenario.amount(residency.usd_per_user_year, (*path, "usd_per_user_year"), assumptions)
    place = geography.replace("_", " ")
    return [
        line(
            "residency_build",
            f"data residency, build, {place}",
            newly_there(there, moved_before),
            "user",
            "users there for the first time",
            moved,
            geography,
        ),
        line(
            "residency", f"data residency, {place}", there / MONTHS_PER_YEAR, "user-year", "users / 12", kept, geography
        ),
    ]
