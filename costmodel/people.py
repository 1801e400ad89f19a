"""People: how many heads each role needs and what they cost.

A head is a whole person: headcount = max(floor, ceil(driver / what one head carries)), in every month. A month of a
head costs (salary x load + overhead) / 12; hiring, ramp-up and notice are not modelled yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

import numpy as np

from costmodel.assumptions import GRADES, Assumption, Assumptions, Grade
from costmodel.scenario import Scenario
from costmodel.sections.people import FixedRole, ModerationRole, Role, ScaledRole, SupportRole
from costmodel.tables import Activity, Array, Charge
from costmodel.units import DAYS_PER_WEEK, MONTHS_PER_YEAR

GEOGRAPHY_AXIS = -2
"""Activity has shape (..., geography, month)."""

CEIL_TOLERANCE = 1e-9
"""Part of a head below which a quotient counts as whole: 3 x 0.1 / 0.1 is 3 heads, not 4."""


def charges(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    """One charge per role, in head-months; none when the scenario has no people."""
    heads = headcount(scenario, activity, assumptions)
    return [_charge(name, role, heads[name], scenario, assumptions) for name, role in _roles(scenario).items()]


def headcount(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> dict[str, Array]:
    """Heads of each role, whole numbers [head], shape (..., month); 0 before the role's first month."""
    return {
        name: scenario.timeline.since(role.starts or scenario.start)
        * whole_heads(_heads_needed(role, activity, assumptions), _floor(role, assumptions))
        for name, role in _roles(scenario).items()
    }


def whole_heads(needed: Array, floor: float) -> Array:
    """Heads for a need of ``needed`` full-time heads: whole, and at least ``floor`` (rounded up too).

    >>> whole_heads(np.array([0.0, 0.2, 2.0, 2.1]), 1)
    array([1., 1., 2., 3.])
    """
    return np.ceil(np.maximum(np.maximum(needed, floor) - CEIL_TOLERANCE, 0))


def reviewers(daily_uploads: Array, assumptions: Assumptions) -> Array:
    """Full-time reviewers of videos that the uploads need, before other queues and rounding [head].

    Reviewed videos / videos a reviewer does in a day x (7 days / 5 worked) / share of paid time on shift.

    Args:
        daily_uploads: videos uploaded in a day, any shape [video/day].
        assumptions: share reviewed by people, videos a day, attendance.

    >>> reviewers(np.array([150_000.0]), Assumptions.load()).round(1)
    array([30.9])
    """
    reviewed = daily_uploads * assumptions["staff.human_review_share_uploads"]
    on_shift = reviewed / assumptions["staff.videos_per_moderator_day"]
    heads_per_seat = DAYS_PER_WEEK / assumptions["staff.working_days_per_week"] / assumptions["staff.attendance_share"]
    return on_shift * heads_per_seat


def support_agents(monthly_active_users: Array, assumptions: Assumptions) -> Array:
    """Full-time agents that the tickets of a month need, before rounding [head].

    Args:
        monthly_active_users: any shape [user].
        assumptions: contact rate, share solved without a person, tickets an agent solves in a working day.
    """
    contacts = monthly_active_users * assumptions["usage.support_contact_rate_mau_month"]
    tickets = contacts * (1 - assumptions["staff.support_self_service_share"])
    monthly_tickets_per_agent = (
        assumptions["staff.support_agent_tickets_day"] * assumptions["staff.working_days_per_month"]
    )
    return tickets / monthly_tickets_per_agent


def loaded_usd_per_month(salary_usd_per_year: float, assumptions: Assumptions) -> float:
    """What a head costs in a month [USD/month]: salary with the employer's load, and its share of overhead."""
    loaded_usd_per_year = salary_usd_per_year * assumptions["staff.load_factor"]
    return (loaded_usd_per_year + assumptions["staff.overhead_per_head"]) / MONTHS_PER_YEAR


def _roles(scenario: Scenario) -> Mapping[str, Role]:
    return scenario.people.roles if scenario.people else {}


def _heads_needed(role: Role, activity: Activity, assumptions: Assumptions) -> Array:
    """Full-time heads before rounding and floor, shape (..., month)."""
    match role:
        case FixedRole():
            return np.full(activity.timeline.count, float(role.heads))
        case ScaledRole():
            driver: Array = getattr(activity, role.driver)
            return _everywhere(driver) / role.units_per_head
        case ModerationRole():
            daily_uploads = _everywhere(activity.monthly_uploads) / activity.timeline.days
            other_queues = assumptions["staff.moderation_other_queues_factor"]
            return reviewers(daily_uploads, assumptions) * other_queues
        case SupportRole():
            return support_agents(_everywhere(activity.monthly_active_users), assumptions)
        case _:
            assert_never(role)


def _floor(role: Role, assumptions: Assumptions) -> float:
    match role:
        case FixedRole():
            return 0
        case ModerationRole(languages_round_the_clock=languages) if languages:
            return max(role.floor, languages * assumptions["staff.moderator_floor_per_language_24x7"])
        case _:
            return role.floor


def _everywhere(by_geography: Array) -> Array:
    return np.asarray(by_geography.sum(axis=GEOGRAPHY_AXIS), dtype=np.float64)


def _charge(name: str, role: Role, heads: Array, scenario: Scenario, assumptions: Assumptions) -> Charge:
    salary = assumptions.resolve(
        role.salary_usd_per_year,
        name=f"people.roles.{name}.salary_usd_per_year",
        unit="USD/year",
        stated_in=f"scenario {scenario.name}",
        as_of=scenario.as_of,
    )
    return Charge(
        category="People",
        service_name=role.department,
        sku_id=f"people.{name}",
        description=name.replace("_", " "),
        region_id="global",
        resource_urn="",
        quantity=heads,
        unit="head-month",
        unit_price=np.asarray(loaded_usd_per_month(salary.value, assumptions)),
        driver=_driver(role),
        price_source=f"({salary.key}: {salary.source}) x staff.load_factor + staff.overhead_per_head",
        price_date=salary.source_date,
        price_grade=_weakest(
            salary, assumptions.entry("staff.load_factor"), assumptions.entry("staff.overhead_per_head")
        ),
        usage_based=not isinstance(role, FixedRole),
    )


def _driver(role: Role) -> str:
    """The number of heads as a formula in words."""
    match role:
        case FixedRole():
            return f"{role.heads} heads, fixed"
        case ScaledRole():
            needed = f"{role.driver.replace('_', ' ')} / {role.units_per_head:,.0f} per head"
        case ModerationRole():
            shift = "share reviewed / videos per moderator day x 7 / working days / attendance"
            needed = f"daily uploads x {shift} x other queues"
        case SupportRole():
            needed = "monthly active users x contact rate x (1 - self-service) / tickets per agent-month"
    return f"max(floor, ceil({needed}))"


def _weakest(*entries: Assumption) -> Grade:
    """A price made of several numbers is as well known as the worst of them."""
    return max((entry.grade for entry in entries), key=GRADES.index)
