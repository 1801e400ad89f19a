"""Growth: how many people use the platform in each month, by geography.

Users are an input that a founder answers for, never a forecast: curves fitted to the early years of real platforms
miss by 32 % (median) up to three years ahead and by 58 % up to five. Monthly values are the curve in the middle of
the month, at (whole months since launch + 1/2) / 12 years; before the launch month there are no users.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from costmodel.scenario import Scenario
from costmodel.sections.growth import BassGrowth, LogisticGrowth
from costmodel.tables import Array, Timeline, Users
from costmodel.units import MONTHS_PER_YEAR


def users(scenario: Scenario) -> Users:
    """Monthly active users [user] of each geography, shape (geography, month)."""
    curves = [monthly_active_users(geography.growth, scenario.timeline) for geography in scenario.geographies.values()]
    active = np.stack(curves)
    return Users(
        geographies=tuple(scenario.geographies), monthly_active_users=active, monthly_new_users=new_users(active)
    )


def new_users(monthly_active_users: Array) -> Array:
    """Users that a curve adds in each month [user]; those of the first month were there before the plan or come in it.

    A curve says nothing about who left and was replaced, so that these are the fewest that there can be.

    >>> new_users(np.array([100.0, 150.0, 140.0]))
    array([100.,  50.,   0.])
    """
    return np.maximum(np.diff(monthly_active_users, axis=-1, prepend=0.0), 0.0)


def monthly_active_users(growth: LogisticGrowth | BassGrowth, timeline: Timeline) -> Array:
    """Monthly active users [user] of one geography, shape (month,); 0 before the launch."""
    months = (timeline.months - np.datetime64(growth.launch, "M")).astype(np.float64)
    years = np.maximum((months + 1 / 2) / MONTHS_PER_YEAR, 0)
    return np.where(months >= 0, _curve(growth, years), 0.0)


def _curve(growth: LogisticGrowth | BassGrowth, years: Array) -> Array:
    if isinstance(growth, BassGrowth):
        return bass(years, growth.ceiling_users, growth.innovation_per_year, growth.imitation_per_year)
    midpoint = logistic_midpoint(growth.users_at_launch, growth.ceiling_users, growth.rate_per_year)
    return logistic(years, growth.ceiling_users, growth.rate_per_year, midpoint)


def logistic(years: ArrayLike, ceiling: ArrayLike, rate: ArrayLike, midpoint: ArrayLike) -> Array:
    """Users on a logistic curve, K / (1 + e^(-r (t - t0))).

    Args:
        years: time t since launch [year].
        ceiling: K, users that are never passed [user].
        rate: r, growth while far below the ceiling [1/year].
        midpoint: t0, time at which half of the ceiling is reached [year since launch].

    Returns:
        Users [user]; arguments broadcast.

    >>> logistic([0.0, 2.0], ceiling=1000.0, rate=1.0, midpoint=2.0).round(1)
    array([119.2, 500. ])
    """
    exponent = np.multiply(rate, np.subtract(years, midpoint))
    return np.asarray(np.divide(ceiling, 1 + np.exp(-exponent)), dtype=np.float64)


def logistic_midpoint(at_launch: ArrayLike, ceiling: ArrayLike, rate: ArrayLike) -> Array:
    """Time t0 at which a logistic curve that starts with ``at_launch`` users has half of the ceiling.

    From K / (1 + e^(r t0)) = N(0): t0 = ln(K / N(0) - 1) / r.

    Args:
        at_launch: users N(0) at time 0, fewer than the ceiling [user].
        ceiling: K [user].
        rate: r [1/year].

    Returns:
        t0 [year since launch]; negative when more than half is there at launch.

    >>> float(logistic_midpoint(100.0, 1000.0, 1.0).round(4))
    2.1972
    """
    return np.asarray(np.log(np.divide(ceiling, at_launch) - 1) / rate, dtype=np.float64)


def bass(years: ArrayLike, ceiling: ArrayLike, innovation: ArrayLike, imitation: ArrayLike) -> Array:
    """Users on a Bass curve, K (1 - e^-(p+q)u) / (1 + (q/p) e^-(p+q)u).

    Args:
        years: time u since launch [year].
        ceiling: K, users that are never passed [user].
        innovation: p, share of those not yet won who come by themselves [1/year], above 0.
        imitation: q, share of those not yet won whom a full user base would bring [1/year].

    Returns:
        Users [user], 0 at launch; arguments broadcast.

    Source: Bass (1969), "A new product growth for model consumer durables". The example is TikTok's world fit.

    >>> float((bass(5.0, 1.786e9, 0.0971, 0.42) / 1e9).round(3))
    1.245
    """
    decay = np.exp(-np.multiply(np.add(innovation, imitation), years))
    users_won = np.multiply(ceiling, 1 - decay) / (1 + np.divide(imitation, innovation) * decay)
    return np.asarray(users_won, dtype=np.float64)
