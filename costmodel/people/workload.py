"""Workload: how many heads a role needs, by its driver; whole people, paid before and after they carry a full load."""

from __future__ import annotations

from typing import assert_never

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.sections.people import (
    FixedRole,
    ModerationRole,
    OverheadRole,
    RegulationRole,
    Role,
    ScaledRole,
    SupportRole,
)
from costmodel.tables import Activity, Array, Business
from costmodel.units import DAYS_PER_WEEK, MONTHS_PER_YEAR

GEOGRAPHY_AXIS = -2
"""Activity has shape (..., geography, month)."""

CEIL_TOLERANCE = 1e-9
"""Part of a head below which a quotient counts as whole: 3 x 0.1 / 0.1 is 3 heads, not 4."""

USERS_PER_MILLION = 10**6
"""Notices are counted per million users."""


def whole_heads(needed: Array, floor: float) -> Array:
    """Heads for a need of ``needed`` full-time heads: whole, and at least ``floor`` (rounded up too).

    >>> whole_heads(np.array([0.0, 0.2, 2.0, 2.1]), 1)
    array([1., 1., 2., 3.])
    """
    return np.ceil(np.maximum(np.maximum(needed, floor) - CEIL_TOLERANCE, 0))


def paid_around(heads: Array, lead_months: int, notice_months: int) -> Array:
    """Heads on the payroll when each is paid before and after the months in which it is needed [head].

    The most that is needed in any month from ``notice_months`` ago to ``lead_months`` ahead; the need of the last
    month is taken to go on after the plan.

    Args:
        heads: heads needed at full load, shape (..., month).
        lead_months: months from the first pay to a full load.
        notice_months: months of pay after the work has gone.

    >>> paid_around(np.array([1.0, 1.0, 5.0, 2.0, 2.0]), 1, 0)
    array([1., 5., 5., 2., 2.])
    >>> paid_around(np.array([1.0, 1.0, 5.0, 2.0, 2.0]), 0, 1)
    array([1., 1., 5., 5., 2.])
    """
    months = np.arange(heads.shape[-1])
    paid = heads
    for shift in range(-notice_months, lead_months + 1):
        paid = np.maximum(paid, heads[..., np.clip(months + shift, 0, months[-1])])
    return paid


def heads_needed(role: Role, activity: Activity, assumptions: Assumptions, business: Business) -> Array:
    """Full-time heads before rounding and floor [head], shape (..., month).

    Args:
        role: any but one that follows the headcount of the others, which has no work of its own.
        activity: what the users do.
        assumptions: what one head carries.
        business: revenue, services and duties.
    """
    match role:
        case FixedRole():
            return np.full(activity.timeline.count, float(role.heads))
        case ScaledRole():
            return (_quantity(role, activity, business) / role.units_per_head) ** role.exponent
        case ModerationRole():
            return _moderators(role, activity, assumptions) * role.share_of_work
        case SupportRole():
            return support_agents(everywhere(activity.monthly_active_users), assumptions) * role.share_of_work
        case RegulationRole():
            return _by_regime(role, activity, business)
        case OverheadRole():
            raise AssertionError("follows the headcount of the others")
        case _:
            assert_never(role)


def floor_heads(role: Role, assumptions: Assumptions) -> float:
    """Heads that are there however little the work is [head]; of seats around the clock not rounded yet."""
    match role:
        case FixedRole() | RegulationRole():
            return 0
        case ModerationRole(languages_round_the_clock=languages) if languages:
            return max(role.floor, languages * assumptions["staff.moderator_floor_per_language_24x7"])
        case _:
            return role.floor


def driver_in_words(role: Role) -> str:
    """The number of heads as a formula in words."""
    match role:
        case FixedRole():
            return f"{role.heads} heads, fixed"
        case ScaledRole():
            driver = role.driver.replace("_", " ").replace("usd", "USD")
            needed = f"{driver} / {role.units_per_head:,.0f} per head"
            needed = needed if role.exponent == 1 else f"({needed}) ^ {role.exponent:g}"
        case ModerationRole(review="reports"):
            needed = "monthly active users x notices per user / notices per moderator-month"
        case ModerationRole():
            shift = "share reviewed / videos per moderator day x 7 / working days / attendance"
            needed = f"daily uploads x {shift} x other queues"
        case SupportRole():
            needed = "monthly active users x contact rate x (1 - self-service) / tickets per agent-month"
        case RegulationRole():
            return f"{role.baseline}, {role.mid} or {role.very_large} heads, by the duties of the law"
        case OverheadRole():
            needed = f"employees of all other roles x {role.share_of_others:g}"
    if isinstance(role, ModerationRole | SupportRole) and role.share_of_work < 1:
        needed = f"{needed} x {role.share_of_work:.0%} of the work"
    return f"max(floor, ceil({needed}))"


def reviewers(daily_uploads: Array, assumptions: Assumptions, reviewed_share: float | None = None) -> Array:
    """Full-time reviewers of videos that the uploads need, before other queues and rounding [head].

    Reviewed videos / videos a reviewer does in a day x (7 days / 5 worked) / share of paid time on shift.

    Args:
        daily_uploads: videos uploaded in a day, any shape [video/day].
        assumptions: share reviewed by people, videos a day, attendance.
        reviewed_share: share that people look at; what machines pick out when absent.

    >>> reviewers(np.array([150_000.0]), Assumptions.load()).round(1)
    array([30.9])
    """
    if reviewed_share is None:
        reviewed_share = assumptions["staff.human_review_share_uploads"]
    on_shift = daily_uploads * reviewed_share / assumptions["staff.videos_per_moderator_day"]
    return on_shift * _heads_per_seat(assumptions)


def report_reviewers(monthly_active_users: Array, assumptions: Assumptions) -> Array:
    """Full-time reviewers of what users report as illegal, before rounding [head].

    Args:
        monthly_active_users: any shape [user].
        assumptions: notices per million users, notices a reviewer decides in a working day.
    """
    notices = monthly_active_users / USERS_PER_MILLION * assumptions["usage.dsa_notices_per_million_mau_month"]
    return notices / (assumptions["staff.notices_per_moderator_day"] * assumptions["staff.working_days_per_month"])


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


def usd_per_year(monthly_usd: Array) -> Array:
    """Yearly rate of the last twelve months, or of those that there are [USD/year]; free of the season.

    Args:
        monthly_usd: amounts, shape (..., month) [USD].

    >>> usd_per_year(np.array([10.0, 20.0, 30.0]))
    array([120., 180., 240.])
    """
    months = np.arange(1, monthly_usd.shape[-1] + 1)
    so_far = np.cumsum(monthly_usd, axis=-1)
    before = np.zeros_like(so_far)
    before[..., MONTHS_PER_YEAR:] = so_far[..., :-MONTHS_PER_YEAR]
    return (so_far - before) / np.minimum(months, MONTHS_PER_YEAR) * MONTHS_PER_YEAR


def everywhere(by_geography: Array) -> Array:
    """Sum over all geographies, shape (..., month)."""
    return np.asarray(by_geography.sum(axis=GEOGRAPHY_AXIS), dtype=np.float64)


def _quantity(role: ScaledRole, activity: Activity, business: Business) -> Array:
    """What the number of people follows, over all geographies, shape (..., month)."""
    match role.driver:
        case "advertising_usd_per_year":
            sold = [charge.billed_cost for charge in business.revenue if charge.category == "Advertising"]
            return usd_per_year(sum(sold, np.zeros(activity.timeline.count)))
        case "cloud_services":
            return np.full(activity.timeline.count, float(business.cloud_services))
        case _:
            return everywhere(getattr(activity, role.driver))


def _moderators(role: ModerationRole, activity: Activity, assumptions: Assumptions) -> Array:
    """Full-time heads for all reviews, other queues included."""
    if role.review == "reports":
        return report_reviewers(everywhere(activity.monthly_active_users), assumptions)
    daily_uploads = everywhere(activity.monthly_uploads) / activity.timeline.days
    reviewed_share = 1.0 if role.review == "everything" else None
    needed = reviewers(daily_uploads, assumptions, reviewed_share)
    return needed * assumptions["staff.moderation_other_queues_factor"]


def _by_regime(role: RegulationRole, activity: Activity, business: Business) -> Array:
    baseline = np.full(activity.timeline.count, float(role.baseline))
    if business.regime is None:
        return baseline
    mid = np.where(business.regime.mid > 0, float(role.mid), baseline)
    return np.where(business.regime.very_large > 0, float(role.very_large), mid)


def _heads_per_seat(assumptions: Assumptions) -> float:
    """Heads that fill one seat on every day of the week."""
    return DAYS_PER_WEEK / assumptions["staff.working_days_per_week"] / assumptions["staff.attendance_share"]
