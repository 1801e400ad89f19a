"""Growth: how many people use the platform in each month, how many of them are new, and how many installs are bought.

Users are an input that a founder answers for, never a forecast: curves fitted to the early years of real platforms
miss by 29 % (median) 1.3 to 3 years ahead and by 45 % up to five (``costmodel backtest``). New users of a curve or a
table are the installs that it takes when cohorts shrink as those of apps do.
"""

from __future__ import annotations

from typing import assert_never

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.growth import cohorts, curves
from costmodel.scenario import Scenario
from costmodel.sections.growth import (
    AdvertisingBudget,
    BassGrowth,
    BoughtInstalls,
    CohortGrowth,
    Curve,
    GompertzGrowth,
    Growth,
    LogisticGrowth,
    TableGrowth,
)
from costmodel.tables import Array, Timeline, Users
from costmodel.units import MONTHS_PER_YEAR


def users(scenario: Scenario, assumptions: Assumptions) -> Users:
    """Monthly active users, new users and bought installs; arrays of shape (geography, month).

    Args:
        scenario: the growth model of each geography.
        assumptions: retention of new users, price and share of installs that are bought, decline without advertising.
    """
    history = _history(scenario)
    growths = {name: geography.growth for name, geography in scenario.geographies.items()}
    bought = np.stack([_budgeted_installs(name, scenario, history, assumptions) for name in growths])
    active, new = _paths(list(growths.values()), bought, history, assumptions)
    bought += new * np.stack([_bought_share(name, scenario, history, assumptions) for name in growths])
    planned = history.months >= scenario.timeline.months[0]
    return Users(
        geographies=tuple(growths),
        monthly_active_users=active[:, planned],
        monthly_new_users=new[:, planned],
        monthly_bought_installs=bought[:, planned],
        months_since_launch=np.stack([history.age(launch(growth)) for growth in growths.values()])[:, planned],
    )


def launch(growth: Growth) -> str:
    """First month with users ("2027-01"); of a table its first month."""
    return min(growth.monthly_active_users) if isinstance(growth, TableGrowth) else growth.launch


def monthly_active_users(growth: Curve | TableGrowth, timeline: Timeline, decline_per_year: float) -> Array:
    """Monthly active users [user] that a curve or a table gives, shape (month,).

    A curve gives those of the middle of a month, at (whole months since launch + 1/2) / 12 years, and 0 before the
    launch. Between the months of a table lies a straight line.

    Args:
        growth: the model of one geography.
        timeline: the months.
        decline_per_year: how fast users fall when the advertising has stopped [1/year].
    """
    active = _table(growth, timeline) if isinstance(growth, TableGrowth) else _curve(growth, timeline)
    if growth.advertising is None or growth.advertising.stops is None:
        return active
    first_without = int((timeline.months < np.datetime64(growth.advertising.stops, "M")).sum())
    return curves.declining(active, max(first_without - 1, 0), decline_per_year)


def _history(scenario: Scenario) -> Timeline:
    """The months from the earliest launch, or the plan's start, to the plan's end: cohorts of the past count."""
    plan = scenario.timeline
    start = min(plan.labels[0], *(launch(geography.growth) for geography in scenario.geographies.values()))
    return Timeline.between(start, plan.labels[-1])


def _paths(growths: list[Growth], bought: Array, history: Timeline, assumptions: Assumptions) -> tuple[Array, Array]:
    """Monthly active users and new users, each of shape (geography, month)."""
    active, new = np.zeros((2, len(growths), history.count))
    given = {row: growth for row, growth in enumerate(growths) if not isinstance(growth, CohortGrowth)}
    grown = {row: growth for row, growth in enumerate(growths) if isinstance(growth, CohortGrowth)}
    if given:
        rows = list(given)
        active[rows] = [_given_users(growth, history, assumptions) for growth in given.values()]
        new[rows] = cohorts.installs_behind(active[rows], _power_law(history, assumptions))
    for row, growth in grown.items():
        installs = bought[row] + _organic_installs(growth, history)
        survival = _survival(growth, history, assumptions)
        active[row], new[row] = cohorts.users_of(installs, growth.invited_installs_per_user_month, survival)
    return active, new


def _given_users(growth: Curve | TableGrowth, history: Timeline, assumptions: Assumptions) -> Array:
    stops = growth.advertising is not None and growth.advertising.stops is not None
    return monthly_active_users(growth, history, assumptions["growth.decay_rate_when_UA_cut"] if stops else 0.0)


def _table(growth: TableGrowth, timeline: Timeline) -> Array:
    months = np.array(sorted(growth.monthly_active_users), dtype="datetime64[M]")
    counted = [growth.monthly_active_users[str(month)] for month in months]
    given = np.interp(timeline.months.astype(np.float64), months.astype(np.float64), counted, left=0.0)
    return np.asarray(given, dtype=np.float64)


def _curve(growth: Curve, timeline: Timeline) -> Array:
    years = (timeline.age(growth.launch) + 1 / 2) / MONTHS_PER_YEAR
    match growth:
        case LogisticGrowth(users_at_launch=first, ceiling_users=ceiling, rate_per_year=rate):
            there = curves.logistic(years, ceiling, rate, curves.logistic_midpoint(first, ceiling, rate))
        case GompertzGrowth(users_at_launch=first, ceiling_users=ceiling, rate_per_year=rate):
            there = curves.gompertz(years, first, ceiling, rate)
        case BassGrowth(ceiling_users=ceiling, innovation_per_year=innovation, imitation_per_year=imitation):
            there = curves.bass(years, ceiling, innovation, imitation)
        case _:
            assert_never(growth)
    return there * timeline.since(growth.launch)


def _survival(growth: CohortGrowth, history: Timeline, assumptions: Assumptions) -> Array:
    if growth.monthly_churn_share is not None:
        return cohorts.churn_survival(history.count, growth.monthly_churn_share)
    return _power_law(history, assumptions)


def _power_law(history: Timeline, assumptions: Assumptions) -> Array:
    return cohorts.power_law_survival(
        history.count,
        assumptions["growth.retention_d1"],
        assumptions["growth.retention_d7"],
        assumptions["growth.dau_mau_early"],
    )


def _organic_installs(growth: CohortGrowth, history: Timeline) -> Array:
    """People who come by themselves [install], those who are there on the first day among them."""
    there = history.since(growth.launch)
    first = np.diff(there, prepend=0.0)
    return there * growth.organic_installs_per_month + first * growth.users_at_launch


def _budgeted_installs(name: str, scenario: Scenario, history: Timeline, assumptions: Assumptions) -> Array:
    """Installs that a budget buys in a geography: budget / price of an install [install]."""
    growth = scenario.geographies[name].growth
    if not isinstance(growth.advertising, AdvertisingBudget):
        return np.zeros(history.count)
    path = ("geographies", name, "growth", "advertising", "usd_per_install")
    price = scenario.amount(growth.advertising.usd_per_install, path, assumptions).value
    return budget(growth.advertising, history) * history.since(launch(growth)) / price


def budget(advertising: AdvertisingBudget, timeline: Timeline) -> Array:
    """Budget of each month [USD]: what was last given, 0 before the first."""
    given = sorted(advertising.usd_per_month)
    last = np.searchsorted(np.array(given, dtype="datetime64[M]"), timeline.months, side="right")
    return np.array([0.0, *(advertising.usd_per_month[month] for month in given)])[last]


def _bought_share(name: str, scenario: Scenario, history: Timeline, assumptions: Assumptions) -> Array:
    """Share of the new users of a geography whose install is bought; a budget has its own way and is none of them."""
    advertising = scenario.geographies[name].growth.advertising
    if not isinstance(advertising, BoughtInstalls):
        return np.zeros(history.count)
    path = ("geographies", name, "growth", "advertising", "share_of_installs")
    share = scenario.amount(advertising.share_of_installs, path, assumptions).value
    over = history.since(advertising.stops) if advertising.stops else np.zeros(history.count)
    return share * (1 - over)
