"""Published: what is known of platforms of TikTok's size, beside what the plan of such a platform says.

A figure that an input of the plan was set with says so: it shows that the plan is put together right, and proves
nothing. The others were not used anywhere.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from costmodel.assumptions import Grade
from costmodel.organisations import roles
from costmodel.plan import Plan
from costmodel.statements import COST_OF_REVENUE, IncomeStatement, income_statement
from costmodel.tables import PURCHASES, Array
from costmodel.units import MONTHS_PER_YEAR

DATA = Path(__file__).parent / "data" / "published.csv"

QUARTERS_PER_YEAR = 4
FAR_OFF = 2.0
"""A ratio beyond this, or below its inverse, needs an explanation."""

SAFETY = "Trust and safety"


@dataclass(frozen=True)
class Figure:
    """A published figure, with the answers to "who says so, when, and how sure?"."""

    key: str
    name: str
    unit: str
    low: float
    base: float
    high: float
    period: str
    source: str
    source_date: str
    grade: Grade
    sets: str
    """What of the plan was set with it; empty when nothing was."""
    why_off: str
    """Why the plan says something else by more than twice; empty when it does not."""


@dataclass(frozen=True)
class Comparison:
    """A published figure beside the plan's."""

    figure: Figure
    planned: float

    @property
    def ratio(self) -> float:
        """Planned / published base value."""
        return self.planned / self.figure.base

    @property
    def is_far_off(self) -> bool:
        """Whether the two differ by more than twice."""
        return not 1 / FAR_OFF <= self.ratio <= FAR_OFF

    @property
    def is_within_range(self) -> bool:
        """Whether the plan's figure lies within what was published."""
        return self.figure.low <= self.planned <= self.figure.high


@cache
def figures() -> tuple[Figure, ...]:
    """Every published figure, in the order of the file."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return tuple(_figure(row) for row in csv.DictReader(file))


def _figure(row: Mapping[str, str]) -> Figure:
    numbers = {name: float(row[name]) for name in ("low", "base", "high")}
    return Figure(**{**row, **numbers})  # type: ignore[arg-type]  # the columns are the fields; a test reads them all


def compare(plan: Plan) -> tuple[Comparison, ...]:
    """Every published figure beside that of the first twelve months of a plan."""
    year = _Year(plan)
    return tuple(Comparison(figure, PLANNED[figure.key](year)) for figure in figures())


class _Year:
    """The first twelve months of a plan, added up."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.income: IncomeStatement = income_statement(plan.ledger, plan.scenario.timeline)
        self.revenue = total(self.income.revenue)

    def cost_of_function(self, name: str) -> float:
        return total(self.income.costs_by_function[name])

    def cost_of_category(self, *categories: str) -> float:
        return sum(self._billed(category=category) for category in categories)

    def cost_of_cloud(self) -> float:
        table = self.plan.ledger
        known = set(table["x_category"].unique()) - PURCHASES - set(self.income.revenue_by_stream)
        return self.cost_of_category(*sorted(known))

    def cost_of_department(self, name: str) -> float:
        return self._billed(category="People", department=name)

    def _billed(self, *, category: str, department: str | None = None) -> float:
        table, timeline = self.plan.ledger, self.plan.scenario.timeline
        after = (timeline.months[0] + np.timedelta64(MONTHS_PER_YEAR, "M")).astype("datetime64[s]")
        chosen = (table["x_category"] == category) & (table["charge_period_start"] < after)
        if department is not None:
            chosen &= table["service_name"] == department
        return float(table.loc[chosen, "billed_cost"].sum())

    def users(self) -> float:
        return mean(self.plan.activity.monthly_active_users.sum(axis=-2))

    def daily_users(self) -> float:
        return mean(self.plan.activity.daily_active_users.sum(axis=-2))

    def employees(self) -> float:
        return self._at_work(self.plan.headcount)

    def people_of(self, department: str) -> float:
        """Employees and contractors of a department in a mean month."""
        known = roles(self.plan.scenario.people) if self.plan.scenario.people else {}
        everybody = {**self.plan.headcount, **self.plan.contractors}
        return self._at_work({name: n for name, n in everybody.items() if known[name].department == department})

    def _at_work(self, heads: Mapping[str, Array]) -> float:
        return mean(sum(heads.values(), np.zeros(self.plan.scenario.timeline.count)))


PLANNED: Mapping[str, Callable[[_Year], float]] = {
    "revenue": lambda year: year.revenue,
    "advertising": lambda year: total(year.income.revenue_by_stream["Advertising"]),
    "gift_spending": lambda year: total(year.income.revenue_by_stream["Gifts"]) / year.users(),
    "goods": lambda year: total(year.plan.activity.monthly_gmv_usd.sum(axis=-2)) / year.users(),
    "employees": lambda year: year.employees(),
    "revenue_per_employee": lambda year: year.revenue / year.employees(),
    "safety_people": lambda year: year.people_of(SAFETY),
    "safety_spend": lambda year: year.cost_of_department(SAFETY) + year.cost_of_category("Moderation"),
    "infrastructure_per_dau": lambda year: year.cost_of_cloud() / year.daily_users() / QUARTERS_PER_YEAR,
    "infrastructure_share": lambda year: year.cost_of_cloud() / year.revenue,
    "creator_share": lambda year: year.cost_of_category("Payouts") / year.revenue,
    "research_share": lambda year: year.cost_of_function("Research and development") / year.revenue,
    "marketing_share": lambda year: year.cost_of_function("Sales and marketing") / year.revenue,
    "gross_margin": lambda year: 1 - year.cost_of_function(COST_OF_REVENUE) / year.revenue,
}
"""Key of a published figure -> the same figure of a plan's first year."""


def total(months: Array) -> float:
    """Sum of the first twelve months."""
    return float(months[..., :MONTHS_PER_YEAR].sum())


def mean(months: Array) -> float:
    """Mean of the first twelve months."""
    return float(months[..., :MONTHS_PER_YEAR].mean())


HEADER = """# A platform of TikTok's size: the plan beside what is published

Made by `make docs` (`costmodel published INVENTORY --markdown`, on the stack of `infra plan --stack prod`).
The plan is the shipped scenario `global`, its first twelve months. *Ratio* is planned / published base value. A figure
that an input was set with is marked: it shows that the plan is put together right, and proves nothing.
"""


def as_markdown(compared: tuple[Comparison, ...]) -> str:
    """The page ``docs/published.md``."""
    return "\n".join([HEADER, *_table(compared), "", *_explanations(compared)])


def _table(compared: tuple[Comparison, ...]) -> Iterator[str]:
    yield "| figure | unit | planned | published | range | ratio | period | set with it | grade | source |"
    yield "|---|---|---:|---:|---:|---:|---|---|---|---|"
    for found in compared:
        figure = found.figure
        numbers = (number(value) for value in (found.planned, figure.base))
        ends = f"{number(figure.low)} to {number(figure.high)}"
        cells = (figure.name, figure.unit, *numbers, ends, f"{found.ratio:.2f}", figure.period)
        yield f"| {' | '.join(cells)} | {figure.sets or '-'} | {figure.grade} | {figure.source}, {figure.source_date} |"


def _explanations(compared: tuple[Comparison, ...]) -> Iterator[str]:
    """Why the plan is off by more than twice, figure by figure."""
    far = [found for found in compared if found.is_far_off]
    if far:
        yield "## Off by more than twice, and why\n"
        for found in far:
            yield f"- **{found.figure.name}** ({found.ratio:.2f}): {found.figure.why_off}"
        yield ""


def number(value: float) -> str:
    """Three significant digits with a scale.

    >>> number(23e9), number(38578), number(0.6871)
    ('23.0B', '38.6k', '0.687')
    """
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}" if abs(value) >= 100 * size else f"{value / size:#.3g}{letter}"
    return f"{value:#.3g}"
