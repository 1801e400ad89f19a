"""What a head costs: the salary of an employee with load and overhead, or the hours of a contractor."""

from __future__ import annotations

from typing import NamedTuple

from costmodel.assumptions import GRADES, Assumption, Assumptions, Grade
from costmodel.scenario import Scenario
from costmodel.sections.people import Locations, Role
from costmodel.units import MONTHS_PER_YEAR

LOADS = ("staff.load_factor", "staff.overhead_per_head")


class Rate(NamedTuple):
    """The price of one head for a month, and how it came about."""

    units_per_month: float
    """Billing units of a head in a month: one head-month, or the hours of a contractor."""
    unit: str
    usd: float
    """Price of a unit [USD]."""
    source: str
    date: str
    grade: Grade


def employed(role: Role) -> bool:
    """Whether the role is on the payroll, and not billed by the hour."""
    return role.usd_per_hour is None


def rate(name: str, role: Role, scenario: Scenario, assumptions: Assumptions) -> Rate:
    """What a head of the role costs."""
    if role.usd_per_hour is not None:
        hour = scenario.amount(role.usd_per_hour, ("people", "roles", name, "usd_per_hour"), assumptions)
        hours = billed_hours_per_month(assumptions)
        return Rate(hours, "contractor hour", hour.value, f"{hour.key}: {hour.source}", hour.source_date, hour.grade)
    paid = _salary(name, role, scenario, assumptions)
    usd = loaded_usd_per_month(paid.value * salary_index(role.locations, assumptions), assumptions)
    source = f"({paid.key}: {paid.source}{_places(role.locations)}) x {' + '.join(LOADS)}"
    return Rate(1, "head-month", usd, source, paid.source_date, _weakest(paid, *map(assumptions.entry, LOADS)))


def salary_usd_per_year(name: str, role: Role, scenario: Scenario, assumptions: Assumptions) -> float:
    """Salary of an employee where the role works, before load and overhead [USD/year]."""
    return _salary(name, role, scenario, assumptions).value * salary_index(role.locations, assumptions)


def loaded_usd_per_month(salary_usd_per_year: float, assumptions: Assumptions) -> float:
    """What a head costs in a month [USD/month]: salary with the employer's load, and its share of overhead."""
    loaded_usd_per_year = salary_usd_per_year * assumptions["staff.load_factor"]
    return (loaded_usd_per_year + assumptions["staff.overhead_per_head"]) / MONTHS_PER_YEAR


def salary_index(locations: Locations, assumptions: Assumptions) -> float:
    """Salaries of a team over those of the same roles in the United States [USD/USD].

    Args:
        locations: place -> share of the heads; empty: where salaries are already as paid.
        assumptions: salaries by place over those of the United States.

    >>> round(salary_index({"US": 0.5, "DE": 0.5}, Assumptions.load()), 4)
    0.6965
    """
    if not locations:
        return 1.0
    indexes = {place: 1.0 if place == "US" else assumptions[f"staff.salary_index_{place}"] for place in locations}
    return sum(share * indexes[place] for place, share in locations.items())


def billed_hours_per_month(assumptions: Assumptions) -> float:
    """Hours of a contractor that are billed in a month [hour]: those on shift, not holidays and sickness."""
    paid = assumptions["staff.working_days_per_month"] * assumptions["staff.hours_per_working_day"]
    return paid * assumptions["staff.attendance_share"]


def _salary(name: str, role: Role, scenario: Scenario, assumptions: Assumptions) -> Assumption:
    if role.salary_usd_per_year is None:
        raise AssertionError(f"{name} is billed by the hour")  # the section allows exactly one of the two
    path = ("people", "roles", name, "salary_usd_per_year")
    return scenario.amount(role.salary_usd_per_year, path, assumptions)


def _places(locations: Locations) -> str:
    """How a salary of the United States became that of a team, in words."""
    if set(locations) <= {"US"}:
        return ""
    team = ", ".join(f"{share:.0%} in {place}" for place, share in locations.items())
    return f" x staff.salary_index of the team ({team})"


def _weakest(*entries: Assumption) -> Grade:
    """A price made of several numbers is as well known as the worst of them."""
    return max((entry.grade for entry in entries), key=GRADES.index)
