"""What a report says, as data: every page, file and table is made from this and from nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from costmodel.assumptions import Assumption
from costmodel.drama_market import Comparison, Portfolio, comparison, portfolio
from costmodel.exports.creators import Creators, make_creators
from costmodel.exports.results import Results, make_results
from costmodel.exports.traffic import TrafficRow, make_traffic
from costmodel.exports.words import Words
from costmodel.ledger import (
    CURRENCY,
    cost_per_mau,
    cost_per_thousand_views,
    costs,
    monthly_by_category,
    total,
)
from costmodel.organisations import roles
from costmodel.plan import Plan
from costmodel.statements import departments_of_no_function
from costmodel.tables import PURCHASES, Array

LARGEST_LINES = 15
GRADE_ORDER = ("high", "med", "low")


@dataclass(frozen=True)
class Month:
    """One month of the plan; money in USD, unrounded."""

    label: str
    """ISO ("2027-01")."""
    by_category: Mapping[str, float]
    total: float
    monthly_active_users: float
    monthly_views: float
    cost_per_mau: float
    """NaN without users."""
    cost_per_thousand_views: float
    """NaN without views."""
    people: float
    """Heads on the payroll."""


@dataclass(frozen=True)
class Year:
    """One calendar year, or the part of it that the plan covers."""

    label: str
    months: int
    by_category: Mapping[str, float]
    total: float


@dataclass(frozen=True)
class CategoryTotal:
    """One category over the whole plan."""

    name: str
    meaning: str
    total: float
    share: float


@dataclass(frozen=True)
class Line:
    """One thing that is paid for, summed over months and tiers."""

    category: str
    name: str
    service: str
    where: str
    """Region or edge geography, in words; empty when it does not matter."""
    resource: str
    driver: str
    total: float
    share: float


@dataclass(frozen=True)
class CoverageRow:
    """Resources of one type that share an answer."""

    resource_type: str
    names: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class PriceSource:
    """One source of prices."""

    source: str
    services: tuple[str, ...]
    oldest: str
    newest: str
    grade: str
    """The weakest of its rows."""
    rows: int
    """Prices taken from it."""


@dataclass(frozen=True)
class RuleUsed:
    """A billing rule of the price data."""

    service: str
    key: str
    value: float
    unit: str
    source: str
    date: str
    grade: str


CONTRACTORS = "Contractors, billed by the hour (not in the total)"
"""Where the people stand who are no employees."""


@dataclass(frozen=True)
class Department:
    """The people of one department."""

    name: str
    heads: tuple[float, ...]
    """By month."""
    roles: Mapping[str, tuple[float, ...]]
    """Role -> heads by month."""


@dataclass(frozen=True)
class Report:
    """Everything that a report shows."""

    title: str
    description: str
    scenario: str
    stack: str
    currency: str
    months: tuple[Month, ...]
    years: tuple[Year, ...]
    categories: tuple[CategoryTotal, ...]
    """Largest first."""
    total: float
    cloud_total: float
    """Of ``total``, what AWS bills."""
    cloud_list_total: float
    """What AWS would bill without the scenario's discounts."""
    idle_month: float
    """Of the last month, what AWS bills even when nobody comes."""
    geographies: tuple[str, ...]
    users_by_geography: Array
    """[user], shape (geography, month)."""
    headcount: Mapping[str, tuple[float, ...]]
    """Role -> heads by month."""
    departments: tuple[Department, ...]
    """In the order in which the scenario names them."""
    lines: tuple[Line, ...]
    """Largest first."""
    priced: tuple[CoverageRow, ...]
    free: tuple[CoverageRow, ...]
    not_covered: tuple[CoverageRow, ...]
    gaps: tuple[CoverageRow, ...]
    notes: tuple[str, ...]
    assumptions: tuple[Assumption, ...]
    price_sources: tuple[PriceSource, ...]
    rules: tuple[RuleUsed, ...]
    digests: Mapping[str, str]
    results: Results
    creators: Creators
    traffic: tuple[TrafficRow, ...]
    dramas: tuple[Comparison, ...]
    """Dramas beside those of other companies; empty without dramas."""
    portfolio: Portfolio | None
    """Releases of the last month over their lives; None without dramas."""

    @property
    def first(self) -> Month:
        """First month of the plan."""
        return self.months[0]

    @property
    def last(self) -> Month:
        """Last month of the plan."""
        return self.months[-1]

    @property
    def largest_lines(self) -> tuple[Line, ...]:
        """The lines that a reader should know."""
        return self.lines[:LARGEST_LINES]

    @property
    def resource_count(self) -> int:
        """Resources of the stack."""
        return sum(len(row.names) for row in (*self.priced, *self.free, *self.not_covered))

    @property
    def weak_assumptions(self) -> int:
        """Assumptions of the lowest grade."""
        return sum(entry.grade == GRADE_ORDER[-1] for entry in self.assumptions)


def make_report(plan: Plan, words: Words) -> Report:
    """All that a report says about a plan."""
    table = costs(plan.ledger)
    monthly = monthly_by_category(table, plan.scenario.timeline)
    whole = total(table)
    return Report(
        title=plan.scenario.title,
        description=" ".join(plan.scenario.description.split()),
        scenario=plan.scenario.name,
        stack=f"{plan.inventory.project}/{plan.inventory.stack}".strip("/"),
        currency=CURRENCY,
        months=_months(plan, monthly),
        years=_years(monthly),
        categories=tuple(
            CategoryTotal(str(name), words.categories[str(name)], float(cost), _share(float(cost), whole))
            for name, cost in monthly.sum().sort_values(ascending=False, kind="stable").items()
        ),
        total=whole,
        cloud_total=total(table[~table["x_category"].isin(PURCHASES)]),
        cloud_list_total=float(table.loc[~table["x_category"].isin(PURCHASES), "list_cost"].sum()),
        idle_month=_idle_month(table),
        geographies=tuple(name.replace("_", " ").title() for name in plan.users.geographies),
        users_by_geography=plan.users.monthly_active_users,
        headcount={role: tuple(map(float, heads)) for role, heads in plan.headcount.items()},
        departments=_departments(plan),
        lines=_lines(table, words, whole),
        priced=_coverage(plan, dict.fromkeys(plan.coverage.priced, "")),
        free=_coverage(plan, plan.coverage.free),
        not_covered=_coverage(plan, plan.coverage.not_covered),
        gaps=_coverage(plan, {urn: "; ".join(reasons) for urn, reasons in plan.coverage.gaps.items()}),
        notes=(*plan.notes, *_departments_apart(plan)),
        assumptions=plan.assumptions,
        price_sources=_price_sources(table),
        rules=tuple(
            RuleUsed(r.service, r.sku_key, r.price_usd, r.unit, r.source, str(r.effective_date), r.grade)
            for r in plan.rules
        ),
        digests=plan.digests,
        results=make_results(plan),
        creators=make_creators(plan),
        traffic=make_traffic(plan),
        dramas=comparison(plan),
        portfolio=portfolio(plan),
    )


def _idle_month(table: pd.DataFrame) -> float:
    cloud = ~table["x_category"].isin(PURCHASES) & ~table["x_usage_based"]
    return total(table[cloud & (table["charge_period_start"] == table["charge_period_start"].max())])


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _months(plan: Plan, monthly: pd.DataFrame) -> tuple[Month, ...]:
    users = plan.activity.monthly_active_users.sum(axis=-2)
    views = plan.activity.monthly_views.sum(axis=-2)
    per_mau = cost_per_mau(costs(plan.ledger), plan.activity)
    per_views = cost_per_thousand_views(costs(plan.ledger), plan.activity)
    people = sum(plan.headcount.values(), np.zeros(plan.scenario.timeline.count))
    totals = monthly.sum(axis=1).to_numpy()
    cost_by_month = monthly.to_dict("records")
    return tuple(
        Month(
            label=label,
            by_category={str(name): float(cost) for name, cost in cost_by_month[i].items()},
            total=float(totals[i]),
            monthly_active_users=float(users[i]),
            monthly_views=float(views[i]),
            cost_per_mau=float(per_mau[i]),
            cost_per_thousand_views=float(per_views[i]),
            people=float(people[i]),
        )
        for i, label in enumerate(plan.scenario.timeline.labels)
    )


def _departments(plan: Plan) -> tuple[Department, ...]:
    by_department: dict[str, dict[str, Array]] = defaultdict(dict)
    known = roles(plan.scenario.people) if plan.scenario.people else {}
    for name, heads in plan.headcount.items():
        if heads.any():
            by_department[known[name].department][name] = heads
    for name, heads in plan.contractors.items():
        if heads.any():
            by_department[CONTRACTORS][name] = heads
    return tuple(
        Department(
            name=department,
            heads=tuple(map(float, np.sum(list(heads.values()), axis=0))),
            roles={name: tuple(map(float, of_role)) for name, of_role in heads.items()},
        )
        for department, heads in by_department.items()
    )


def _departments_apart(plan: Plan) -> tuple[str, ...]:
    """A note on the departments of which the profit and loss does not know the line."""
    names = departments_of_no_function(department.name for department in _departments(plan))
    line = "of which the profit and loss knows no line, count as general and administrative"
    return (f"the departments {', '.join(names)}, {line}",) if names else ()


def _years(monthly: pd.DataFrame) -> tuple[Year, ...]:
    years = pd.DatetimeIndex(monthly.index).year
    return tuple(
        Year(
            label=str(year),
            months=len(rows),
            by_category={str(name): float(cost) for name, cost in rows.sum().items()},
            total=float(rows.to_numpy().sum()),
        )
        for year, rows in monthly.groupby(years)
    )


def _lines(table: pd.DataFrame, words: Words, whole: float) -> tuple[Line, ...]:
    keys = ["x_category", "service_name", "sku_id", "region_id", "resource_id"]
    lines = [_line(rows, words, whole) for _, rows in table.groupby(keys, observed=True)]
    return tuple(sorted(lines, key=lambda line: -line.total))


def _line(rows: pd.DataFrame, words: Words, whole: float) -> Line:
    """Rows of one sku of one resource, as one line."""
    first = {name: str(rows[name].iloc[0]) for name in rows.columns}
    cost = total(rows)
    return Line(
        category=first["x_category"],
        name=words.sku(first["service_name"], first["sku_id"]) or first["charge_description"],
        service=first["service_name"],
        where="" if first["x_category"] in PURCHASES else words.region(first["region_id"]),
        resource=first["resource_id"],
        driver="; ".join(dict.fromkeys(rows["x_driver"])),
        total=cost,
        share=_share(cost, whole),
    )


def _coverage(plan: Plan, reasons: Mapping[str, str]) -> tuple[CoverageRow, ...]:
    """Resources by type and reason, in alphabetical order."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for urn, reason in reasons.items():
        resource = plan.inventory.resources[urn]
        groups[resource.type, reason].append(resource.name)
    return tuple(CoverageRow(token, tuple(names), reason) for (token, reason), names in sorted(groups.items()))


def _price_sources(table: pd.DataFrame) -> tuple[PriceSource, ...]:
    columns = [
        "x_price_source",
        "service_name",
        "sku_id",
        "region_id",
        "x_tier",
        "x_price_date",
        "x_price_grade",
    ]
    prices = table[columns].astype("str").drop_duplicates()
    return tuple(
        PriceSource(
            source=str(source),
            services=tuple(sorted(rows["service_name"].unique())),
            oldest=str(rows["x_price_date"].min()),
            newest=str(rows["x_price_date"].max()),
            grade=max(rows["x_price_grade"], key=GRADE_ORDER.index),
            rows=len(rows),
        )
        for source, rows in prices.groupby("x_price_source")
    )
