"""The results in a report: profit and loss, cash, and what they say, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from costmodel.plan import Plan
from costmodel.statements import (
    CashStatement,
    IncomeStatement,
    break_even_month,
    burn_multiple,
    cash_statement,
    income_statement,
    month_without_cash,
    revenue_per_employee,
    unit_economics,
)
from costmodel.tables import Array


@dataclass(frozen=True)
class ResultYear:
    """One calendar year, or the part of it that the plan covers; money in USD, unrounded."""

    label: str
    revenue_by_stream: Mapping[str, float]
    revenue: float
    costs_by_function: Mapping[str, float]
    gross_profit: float
    gross_margin: float
    """NaN without revenue."""
    operating_result: float
    operating_cash_flow: float
    funding: float
    cash: float
    """At the end of the year; below 0 it has to be found."""


@dataclass(frozen=True)
class UnitRow:
    """What one unit of use brings in and costs in a month; NaN without such use."""

    unit: str
    revenue: float
    cost: float
    result: float


@dataclass(frozen=True)
class Results:
    """Whether the plan earns its keep."""

    years: tuple[ResultYear, ...]
    revenue: tuple[float, ...]
    """[USD/month], by month, as the next three."""
    costs: tuple[float, ...]
    operating_result: tuple[float, ...]
    cash: tuple[float, ...]
    """At the end of each month."""
    units: tuple[UnitRow, ...]
    """Of the last month."""
    cash_needed: float
    """What has to be found before the business carries itself, within this plan [USD]."""
    is_funded: bool
    """Whether the scenario says where money comes from."""
    break_even: str | None
    """Month from which on no month loses money ("2029-04")."""
    break_even_users: float
    """Monthly active users in that month; NaN when there is none."""
    out_of_cash: str | None
    """First month that ends with less cash than nothing; None when it lasts, or nothing is known of funding."""
    runway_months: float
    """At the last month's burn, how long its cash would last; infinite without burn, NaN when it is spent."""
    burn_multiple: float
    """Of the last twelve months; NaN without burn or growth of revenue."""
    revenue_per_employee: float
    """Of the last month, for a year [USD/head/year]; NaN without heads."""

    @property
    def has_revenue(self) -> bool:
        """Whether anybody pays anything."""
        return any(self.revenue)


def make_results(plan: Plan) -> Results:
    """The statements of a plan, as a report shows them."""
    timeline = plan.scenario.timeline
    income = income_statement(plan.ledger, timeline)
    cash = cash_statement(income, plan.balances, plan.scenario.funding, timeline)
    even = break_even_month(income.operating_result)
    empty = month_without_cash(cash.cash) if plan.scenario.funding else None
    users = plan.activity.monthly_active_users.sum(axis=-2)
    heads = sum(plan.headcount.values(), np.zeros(timeline.count))
    return Results(
        years=_years(plan, income, cash),
        revenue=_numbers(income.revenue),
        costs=_numbers(income.operating_costs),
        operating_result=_numbers(income.operating_result),
        cash=_numbers(cash.cash),
        units=_units(plan, income),
        cash_needed=float(cash.cash_needed),
        is_funded=plan.scenario.funding is not None,
        break_even=None if even is None else timeline.labels[even],
        break_even_users=float("nan") if even is None else float(users[even]),
        out_of_cash=None if empty is None else timeline.labels[empty],
        runway_months=_runway(float(cash.cash[-1]), float(cash.operating_cash_flow[-1])),
        burn_multiple=float(burn_multiple(cash.operating_cash_flow, income.revenue)[-1]),
        revenue_per_employee=float(revenue_per_employee(income.revenue, heads)[-1]),
    )


def _numbers(months: Array) -> tuple[float, ...]:
    return tuple(map(float, months))


def _runway(cash: float, flow: float) -> float:
    """Months that ``cash`` lasts at a flow of ``flow`` [USD/month].

    >>> _runway(100.0, -20.0), _runway(100.0, 1.0), _runway(-1.0, -20.0)
    (5.0, inf, nan)
    """
    if cash < 0:
        return float("nan")
    return cash / -flow if flow < 0 else float("inf")


def _years(plan: Plan, income: IncomeStatement, cash: CashStatement) -> tuple[ResultYear, ...]:
    labels = np.array([label[:4] for label in plan.scenario.timeline.labels])
    return tuple(_year(str(year), labels == year, income, cash) for year in np.unique(labels))


def _year(label: str, months: Array, income: IncomeStatement, cash: CashStatement) -> ResultYear:
    revenue, gross = _total(income.revenue, months), _total(income.gross_profit, months)
    return ResultYear(
        label=label,
        revenue_by_stream={name: _total(amount, months) for name, amount in income.revenue_by_stream.items()},
        revenue=revenue,
        costs_by_function={name: _total(amount, months) for name, amount in income.costs_by_function.items()},
        gross_profit=gross,
        gross_margin=gross / revenue if revenue else float("nan"),
        operating_result=_total(income.operating_result, months),
        operating_cash_flow=_total(cash.operating_cash_flow, months),
        funding=_total(cash.funding, months),
        cash=float(cash.cash[months][-1]),
    )


def _total(amount: Array, months: Array) -> float:
    return float(amount[months].sum())


def _units(plan: Plan, income: IncomeStatement) -> tuple[UnitRow, ...]:
    revenue, cost, result = (
        unit_economics(amount, plan.activity)
        for amount in (income.revenue, income.operating_costs, income.operating_result)
    )
    return tuple(
        UnitRow(unit, float(revenue[unit][-1]), float(cost[unit][-1]), float(result[unit][-1])) for unit in revenue
    )
