"""People: how many heads each role needs and what they cost.

A head is a whole person: headcount = max(floor, ceil(driver / what one head carries)), in every month; somebody is paid
some months before carrying a full load (hiring, learning) and after the work has gone (notice). A month of an
employee costs (salary x load + overhead) / 12; a contractor is billed by the hour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from costmodel.assumptions import Assumption, Assumptions
from costmodel.organisations import roles
from costmodel.people import pay
from costmodel.people.pay import employed
from costmodel.people.workload import driver_in_words, everywhere, floor_heads, heads_needed, paid_around, whole_heads
from costmodel.scenario import Scenario
from costmodel.sections.people import FixedRole, OverheadRole, Role
from costmodel.tables import Activity, Array, Balance, Business, Charge
from costmodel.units import MONTHS_PER_YEAR

EQUITY = "people.equity"
"""Sku of shares granted."""


def charges(
    scenario: Scenario, activity: Activity, assumptions: Assumptions, business: Business | None = None
) -> list[Charge]:
    """One charge per role, in head-months or contractor hours, and the shares granted; none without people.

    Args:
        scenario: the roles.
        activity: what the users do.
        assumptions: pay, load and what one head carries.
        business: revenue, services and duties that other roles follow; none of them when absent.
    """
    if scenario.people is None:
        return []
    heads = headcount(scenario, activity, assumptions, business)
    return [
        *(_charge(name, role, heads[name], scenario, assumptions) for name, role in _roles(scenario).items()),
        *_grants(scenario, heads, assumptions),
    ]


def balances(staff: Sequence[Charge]) -> list[Balance]:
    """The shares granted so far: a cost that never leaves the bank account [USD]; none without grants.

    Args:
        staff: charges of this stage.
    """
    granted = [charge.cost for charge in staff if charge.sku_id == EQUITY]
    if not granted:
        return []
    owed = np.cumsum(sum(granted[1:], granted[0]), axis=-1)
    return [Balance(name="shares granted to staff", owed=owed, driver="sum of all grants: paid in shares, not in cash")]


def headcount(
    scenario: Scenario, activity: Activity, assumptions: Assumptions, business: Business | None = None
) -> dict[str, Array]:
    """Heads of each role, whole numbers [head], shape (..., month); 0 before the role's first month.

    Employees and contractors alike; ``employees`` and ``contractors`` tell them apart.
    """
    company = _roles(scenario)
    heads: dict[str, Array] = {}
    for name, role in company.items():
        if not isinstance(role, OverheadRole):
            needed = heads_needed(role, activity, assumptions, business or Business())
            heads[name] = _on_payroll(role, needed, scenario, activity, assumptions)
    payroll = sum((heads[name] for name in heads if employed(company[name])), np.zeros(activity.timeline.count))
    for name, role in company.items():
        if isinstance(role, OverheadRole):
            heads[name] = _on_payroll(role, payroll * role.share_of_others, scenario, activity, assumptions)
    return {name: heads[name] for name in company}


def employees(scenario: Scenario, heads: Mapping[str, Array]) -> dict[str, Array]:
    """Heads of each role that is on the payroll [head], shape (..., month)."""
    return {name: heads[name] for name, role in _roles(scenario).items() if employed(role)}


def contractors(scenario: Scenario, heads: Mapping[str, Array]) -> dict[str, Array]:
    """Heads of each role that is billed by the hour [head], shape (..., month)."""
    return {name: heads[name] for name, role in _roles(scenario).items() if not employed(role)}


def _roles(scenario: Scenario) -> Mapping[str, Role]:
    return roles(scenario.people) if scenario.people else {}


def _on_payroll(role: Role, needed: Array, scenario: Scenario, activity: Activity, assumptions: Assumptions) -> Array:
    """Heads on the payroll for a need in full-time heads, shape (..., month)."""
    heads = whole_heads(needed, floor_heads(role, assumptions))
    if not isinstance(role, FixedRole) and scenario.people is not None:
        users = everywhere(activity.monthly_active_users)
        lead = scenario.people.lead_months if role.lead_months is None else role.lead_months
        notice = scenario.people.notice_months if role.notice_months is None else role.notice_months
        heads = paid_around(heads * (users >= role.from_monthly_active_users), lead, notice)
    return scenario.timeline.since(role.starts or scenario.start) * heads


def _charge(name: str, role: Role, heads: Array, scenario: Scenario, assumptions: Assumptions) -> Charge:
    rate = pay.rate(name, role, scenario, assumptions)
    return Charge(
        category="People",
        service_name=role.department,
        sku_id=f"people.{name}",
        description=name.replace("_", " "),
        region_id="global",
        resource_urn="",
        quantity=heads * rate.units_per_month,
        unit=rate.unit,
        unit_price=np.asarray(rate.usd),
        driver=driver_in_words(role),
        price_source=rate.source,
        price_date=rate.date,
        price_grade=rate.grade,
        usage_based=not isinstance(role, FixedRole),
    )


def _grants(scenario: Scenario, heads: Mapping[str, Array], assumptions: Assumptions) -> list[Charge]:
    """Shares granted to the employees of each department, in dollars of their salaries; none when none are granted."""
    if scenario.people is None or scenario.people.equity_to_cash_pay == 0:
        return []
    rate = scenario.amount(scenario.people.equity_to_cash_pay, ("people", "equity_to_cash_pay"), assumptions)
    salaries: dict[str, Array] = {}
    for name, role in _roles(scenario).items():
        if employed(role):
            monthly = heads[name] * pay.salary_usd_per_year(name, role, scenario, assumptions) / MONTHS_PER_YEAR
            salaries[role.department] = salaries.get(role.department, np.zeros(())) + monthly
    return [_grant(department, salary, rate) for department, salary in salaries.items()]


def _grant(department: str, salaries: Array, rate: Assumption) -> Charge:
    return Charge(
        category="People",
        service_name=department,
        sku_id=EQUITY,
        description=f"shares granted, {department}",
        region_id="global",
        resource_urn="",
        quantity=salaries,
        unit="USD of salary",
        unit_price=np.asarray(rate.value),
        driver="heads x salary / 12; a cost that is not paid in cash",
        price_source=f"{rate.key}: {rate.source}",
        price_date=rate.source_date,
        price_grade=rate.grade,
        usage_based=True,
    )
