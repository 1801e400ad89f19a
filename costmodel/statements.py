"""Statements: what the lines of a plan come to; profit and loss, cash, and what they say of the business.

Every amount is made from the sums of ledger categories and departments. Arrays end in a month axis [USD], a leading
trial axis broadcasts. Taxes, interest, depreciation and working capital beyond the stated balances are not modelled:
the operating result is where the statement ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from costmodel.sections.funding import Funding
from costmodel.tables import PURCHASES, REVENUE, Activity, Array, Balance, Category, Timeline
from costmodel.units import MONTHS_PER_YEAR, SECONDS_PER_HOUR

Function = Literal["Cost of revenue", "Research and development", "Sales and marketing", "General and administrative"]
FUNCTIONS: tuple[Function, ...] = get_args(Function)
"""The costs of an income statement by function, in their usual order."""

COST_OF_REVENUE: Function = "Cost of revenue"

FUNCTION_OF_CATEGORY: Mapping[Category, Function] = {
    "Payouts": COST_OF_REVENUE,
    "Fees": COST_OF_REVENUE,
    "Drama production": COST_OF_REVENUE,
    "Marketing": "Sales and marketing",
    "Compliance": "General and administrative",
    "First version": "Research and development",
}
"""Costs that are bought; the cloud is cost of revenue, people go by their department."""

FUNCTION_OF_DEPARTMENT: Mapping[str, Function] = {
    "Trust and safety": COST_OF_REVENUE,
    "Operations": COST_OF_REVENUE,
    "Support": COST_OF_REVENUE,
    "Content": COST_OF_REVENUE,
    "Engineering": "Research and development",
    "Data and machine learning": "Research and development",
    "Product and design": "Research and development",
    "Product": "Research and development",
    "Sales": "Sales and marketing",
    "Marketing": "Sales and marketing",
    "Legal and compliance": "General and administrative",
    "Legal": "General and administrative",
    "Finance": "General and administrative",
    "General and administration": "General and administrative",
}
"""Departments whose line is known; any other is counted as general and administrative, and named in the report."""

PER_THOUSAND = 1000
"""Views are told by the thousand."""

Months = Mapping[str, Array]
"""Name -> amount of each month [USD], shape (..., month)."""


@dataclass(frozen=True)
class IncomeStatement:
    """Profit and loss of each month, before tax and interest."""

    revenue_by_stream: Months
    costs_by_function: Months
    """In the order of ``FUNCTIONS``."""

    @property
    def revenue(self) -> Array:
        """What customers pay [USD/month]."""
        return _sum(self.revenue_by_stream, like=self.costs_by_function)

    @property
    def gross_profit(self) -> Array:
        """Revenue less what it takes to earn it [USD/month]."""
        return self.revenue - self.costs_by_function[COST_OF_REVENUE]

    @property
    def operating_costs(self) -> Array:
        """All costs [USD/month]."""
        return _sum(self.costs_by_function)

    @property
    def operating_result(self) -> Array:
        """Profit, or loss below 0 [USD/month]."""
        return self.revenue - self.operating_costs

    @property
    def gross_margin(self) -> Array:
        """Gross profit / revenue; NaN in a month without revenue."""
        return ratio(self.gross_profit, self.revenue)


@dataclass(frozen=True)
class CashStatement:
    """Where the cash of each month comes from and goes to."""

    operating_result: Array
    """[USD/month]"""
    change_of_balances: Array
    """Money of others that is here longer, less what is ours and not here yet [USD/month]."""
    funding: Array
    """Money that investors put in [USD/month]."""
    opening_cash: float
    """[USD] before the first month."""

    @property
    def operating_cash_flow(self) -> Array:
        """Cash that the business earns, or burns below 0 [USD/month]."""
        return self.operating_result + self.change_of_balances

    @property
    def cash(self) -> Array:
        """Cash at the end of each month [USD]; below 0 it has to be found."""
        return self.opening_cash + np.cumsum(self.operating_cash_flow + self.funding, axis=-1)

    @property
    def cash_needed(self) -> Array:
        """The deepest point of the business without any funding or opening cash [USD]; 0 when it never burns."""
        lowest = np.min(np.cumsum(self.operating_cash_flow, axis=-1), axis=-1)
        return np.asarray(np.maximum(-lowest, 0.0), dtype=np.float64)


def income_statement(table: pd.DataFrame, timeline: Timeline) -> IncomeStatement:
    """Profit and loss from a ledger."""
    by_line = _monthly(table, ["x_category", "service_name"], timeline)
    streams: dict[str, Array] = {}
    functions: dict[str, Array] = {name: np.zeros(timeline.count) for name in FUNCTIONS}
    for (category, service), amount in by_line.items():
        into, name = (streams, category) if category in REVENUE else (functions, function_of(category, service))
        into[name] = into.get(name, np.zeros(timeline.count)) + amount
    return IncomeStatement(streams, functions)


def function_of(category: str, service: str) -> Function:
    """The line of the income statement that a cost goes to.

    >>> function_of("CDN", "CloudFront"), function_of("People", "Engineering"), function_of("People", "Legal")
    ('Cost of revenue', 'Research and development', 'General and administrative')
    """
    if category == "People":
        return FUNCTION_OF_DEPARTMENT.get(service, "General and administrative")
    if category not in PURCHASES:
        return COST_OF_REVENUE
    return FUNCTION_OF_CATEGORY[category]


def departments_of_no_function(departments: Iterable[str]) -> tuple[str, ...]:
    """Departments that are counted as general and administrative because nothing is known of their work.

    >>> departments_of_no_function(["Engineering", "Magic"])
    ('Magic',)
    """
    return tuple(name for name in departments if name not in FUNCTION_OF_DEPARTMENT)


def cash_statement(
    result: IncomeStatement, balances: Sequence[Balance], funding: Funding | None, timeline: Timeline
) -> CashStatement:
    """Cash from profit: what is owed to others stays a while, investors add, shares cost no cash."""
    owed = sum((balance.owed for balance in balances), np.zeros(timeline.count))
    return CashStatement(
        operating_result=result.operating_result,
        change_of_balances=np.diff(owed, prepend=0.0, axis=-1),
        funding=funding_by_month(funding, timeline),
        opening_cash=funding.opening_cash_usd if funding else 0.0,
    )


def funding_by_month(funding: Funding | None, timeline: Timeline) -> Array:
    """What investors put in, by month of the plan [USD]."""
    rounds = funding.rounds.values() if funding else ()
    arriving = (timeline.months == np.datetime64(one.month, "M") for one in rounds)
    return sum((here * one.usd for here, one in zip(arriving, rounds, strict=True)), np.zeros(timeline.count))


def break_even_month(operating_result: Array) -> int | None:
    """First month from which on no month of the plan loses money; None when there is none.

    >>> break_even_month(np.array([-5.0, 1.0, -1.0, 2.0, 3.0])), break_even_month(np.array([1.0, -1.0]))
    (3, None)
    """
    losing = np.flatnonzero(operating_result < 0)
    first = int(losing[-1]) + 1 if losing.size else 0
    return first if first < operating_result.size else None


def month_without_cash(cash: Array) -> int | None:
    """First month that ends with less than nothing; None when the cash lasts for the whole plan.

    >>> month_without_cash(np.array([5.0, 0.0, -1.0])), month_without_cash(np.array([5.0]))
    (2, None)
    """
    short = np.flatnonzero(cash < 0)
    return int(short[0]) if short.size else None


def burn_multiple(operating_cash_flow: Array, revenue: Array) -> Array:
    """Cash burnt for each dollar of new yearly revenue, over the twelve months that end with each month.

    Net burn of twelve months / (revenue of the month x 12 - revenue of the month a year before x 12); NaN in the
    first year, without burn, and when revenue does not grow. Source: Sacks (2020), "The Burn Multiple".

    >>> flow, sales = np.full(13, -10.0), np.r_[0.0, np.full(12, 5.0)]
    >>> float(burn_multiple(flow, sales)[-1])  # 120 burnt for 60 of new yearly revenue
    2.0
    """
    year = int(MONTHS_PER_YEAR)
    result = np.full(revenue.shape, np.nan)
    total = np.cumsum(operating_cash_flow, axis=-1)
    burnt = total[..., :-year] - total[..., year:]
    added = (revenue[..., year:] - revenue[..., :-year]) * year
    result[..., year:] = np.where((burnt > 0) & (added > 0), ratio(burnt, added), np.nan)
    return result


def revenue_per_employee(revenue: Array, heads: Array) -> Array:
    """Yearly revenue at the rate of each month for each head [USD/head/year]; NaN without heads."""
    return ratio(revenue * MONTHS_PER_YEAR, heads)


def unit_economics(amount: Array, activity: Activity) -> Months:
    """An amount of each month for each unit of what the users do; NaN in a month without it.

    Args:
        amount: revenue, costs or result [USD/month].
        activity: users, views, seconds watched and uploads.
    """
    units = {
        "monthly user": activity.monthly_active_users,
        "daily user": activity.daily_active_users,
        "1,000 views": activity.monthly_views / PER_THOUSAND,
        "hour watched": activity.monthly_watch_seconds / SECONDS_PER_HOUR,
        "upload": activity.monthly_uploads,
    }
    return {name: ratio(amount, volume.sum(axis=-2)) for name, volume in units.items()}


def ratio(amount: Array, units: Array) -> Array:
    """Amount / units; NaN where there are no units."""
    amount, units = np.broadcast_arrays(amount, units)
    quotient: Array = np.divide(amount, units, out=np.full(amount.shape, np.nan), where=units > 0)
    return quotient


def _monthly(table: pd.DataFrame, keys: list[str], timeline: Timeline) -> Mapping[tuple[str, ...], Array]:
    """Sum of what is billed [USD] by the given columns, for each month."""
    position = (table["charge_period_start"].to_numpy().astype("datetime64[M]") - timeline.months[0]).astype(int)
    sums = table["billed_cost"].groupby([*(table[key] for key in keys), position], observed=True).sum()
    found: dict[tuple[str, ...], Array] = {}
    for (*names, month), amount in zip(sums.index, sums, strict=True):
        found.setdefault(tuple(map(str, names)), np.zeros(timeline.count))[month] = amount
    return found


def _sum(lines: Months, like: Months | None = None) -> Array:
    shape = next(iter((lines or like or {}).values())).shape
    return sum(lines.values(), np.zeros(shape))
