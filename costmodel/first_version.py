"""First version: what building the product costs before anybody can use it, by team, month and work package.

A studio bills hours: people x months x hours of a month x rate, shared out over the work packages. The people of the
plan may build it instead; then their salaries are its cost and stand under People, and nothing is counted here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from costmodel.assumptions import Assumption, Assumptions
from costmodel.provenance import provenance
from costmodel.scenario import Scenario
from costmodel.sections.first_version import OutsourcedVersion, OwnVersion
from costmodel.tables import Array, Charge, Timeline
from costmodel.units import MONTHS_PER_YEAR

WORK_PACKAGES = {
    "build.share_mobile": "mobile apps",
    "build.share_backend": "backend",
    "build.share_video_pipeline": "video pipeline",
    "build.share_recommendation": "recommendation",
    "build.share_moderation_compliance": "moderation and compliance",
    "build.share_design_qa_pm": "design, testing, management",
}
"""Assumption with the size of a work package -> the team that does it."""


def charges(scenario: Scenario, assumptions: Assumptions) -> list[Charge]:
    """One charge per work package and one for upkeep by the studio; none when the payroll builds it."""
    version = scenario.first_version
    if not isinstance(version, OutsourcedVersion):
        return []
    team = scenario.amount(version.people, ("first_version", "people"), assumptions)
    months = scenario.amount(version.months, ("first_version", "months"), assumptions)
    rate = scenario.amount(version.usd_per_hour, ("first_version", "usd_per_hour"), assumptions)
    worked = months_worked(scenario.timeline, version.starts or scenario.start, months.value)
    hours = team.value * worked * hours_per_month(assumptions)
    packages = [_package(words, hours, assumptions.entry(key), rate) for key, words in WORK_PACKAGES.items()]
    if version.maintained_by == "payroll":
        return packages
    cost = team.value * months.value * hours_per_month(assumptions) * rate.value * _size(assumptions)
    finished = scenario.timeline.since(version.starts or scenario.start) - worked
    return [*packages, _upkeep(finished * cost / MONTHS_PER_YEAR, assumptions)]


def notes(scenario: Scenario, staff: Sequence[Charge], assumptions: Assumptions) -> tuple[str, ...]:
    """What a first version costs that the people of the plan build; nothing when a studio does or it is there already.

    Args:
        scenario: who builds it, and when.
        staff: what the people of the plan cost; counted there and not again.
        assumptions: how long it takes, where the scenario does not say.
    """
    version = scenario.first_version
    if not isinstance(version, OwnVersion):
        return ()
    months = scenario.amount(version.months, ("first_version", "months"), assumptions)
    worked = months_worked(scenario.timeline, version.starts or scenario.start, months.value)
    usd = sum(float((charge.billed_cost * worked).sum()) for charge in staff)
    return (f"the payroll builds the first version: {usd:,.0f} USD in {months.value:g} months, counted under People",)


def months_worked(timeline: Timeline, starts: str, months: float) -> Array:
    """Part of each month in which the first version is built [month]; they sum to ``months``, within the plan.

    >>> months_worked(Timeline.starting("2027-01", 4), "2027-02", 1.5)
    array([0. , 1. , 0.5, 0. ])
    """
    since_start = (timeline.months - np.datetime64(starts, "M")).astype(np.float64)
    return np.where(since_start >= 0, np.clip(months - since_start, 0, 1), 0.0)


def hours_per_month(assumptions: Assumptions) -> float:
    """Hours that one person of a studio bills in a month [hour]."""
    return assumptions["staff.working_days_per_month"] * assumptions["staff.hours_per_working_day"]


def _size(assumptions: Assumptions) -> float:
    """The work packages together, of a whole first version; a package that is left out (0) is not built."""
    return sum(assumptions[key] for key in WORK_PACKAGES)


def _package(words: str, hours: Array, share: Assumption, rate: Assumption) -> Charge:
    return Charge(
        category="First version",
        service_name="First version",
        sku_id=f"first_version.{share.key.removeprefix('build.share_')}",
        description=words,
        region_id="global",
        resource_urn="",
        quantity=hours * share.value,
        unit="hour",
        unit_price=np.asarray(rate.value),
        driver=f"people of the studio x part of the month x hours of a month x {share.key}",
        usage_based=False,
        **provenance(rate),
    )


def _upkeep(built_usd: Array, assumptions: Assumptions) -> Charge:
    share = assumptions.entry("build.maintenance_share_year")
    return Charge(
        category="First version",
        service_name="First version",
        sku_id="first_version.maintenance",
        description="maintenance by the studio",
        region_id="global",
        resource_urn="",
        quantity=built_usd,
        unit="USD of build cost",
        unit_price=np.asarray(share.value),
        driver="what was built / 12, from the month after it is finished",
        usage_based=False,
        **provenance(share),
    )
