"""Cohorts: those who came in one month, and how many of them are still there in later months.

Users are the sum of the cohorts, ``MAU(t) = sum over s of new(s) x survival(t - s)``. Read forwards it makes users of
installs; read backwards it says how many installs a curve takes, which no curve tells by itself. Every function
broadcasts over leading axes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from costmodel.tables import Array
from costmodel.units import DAYS_PER_MONTH, DAYS_PER_WEEK


def retention(days: ArrayLike, first_day: ArrayLike, seventh_day: ArrayLike) -> Array:
    """Share of those who installed who come on a given day after it, ``R1 d^-b`` with ``b = ln(R1 / R7) / ln 7``.

    Args:
        days: age d [day], above 0.
        first_day: R1, share that comes on the day after the install.
        seventh_day: R7, share that comes a week after it; more than R1 counts as R1, for nobody comes back to stay.

    The published example: 40 % on the first day and 20 % on the seventh make 11.9 % on the thirtieth.

    >>> retention([1, 7, 30], 0.40, 0.20).round(3)
    array([0.4  , 0.2  , 0.119])
    """
    exponent = np.maximum(np.log(np.divide(first_day, seventh_day)) / np.log(DAYS_PER_WEEK), 0)
    return np.asarray(np.multiply(first_day, np.power(np.asarray(days, dtype=np.float64), -exponent)), dtype=np.float64)


def power_law_survival(months: int, first_day: ArrayLike, seventh_day: ArrayLike, daily_share: ArrayLike) -> Array:
    """Share of a cohort that is active in each month after its own, by the power law of daily retention.

    Who is active in a month comes on ``daily_share`` of its days, so that the share active in a month is the share
    that comes on a day / ``daily_share``: installs x retention and monthly users x DAU/MAU are the same people. All are
    active in the month of their install, and never more than all.

    Args:
        months: how many ages, from 0.
        first_day: R1, share that comes on the day after the install.
        seventh_day: R7, share that comes a week after it.
        daily_share: share of a month's users who come on a given day.

    Returns:
        Shape (..., age in months).

    >>> power_law_survival(4, 0.40, 0.20, 0.30).round(3)
    array([1.   , 0.395, 0.309, 0.267])
    """
    ages = np.arange(1, months) * DAYS_PER_MONTH
    later = np.minimum(np.divide(retention(ages, first_day, seventh_day), daily_share), 1.0)
    return np.concatenate([np.ones((*later.shape[:-1], min(months, 1))), later], axis=-1)


def churn_survival(months: int, monthly_churn_share: ArrayLike) -> Array:
    """Share of a cohort that is active in each month after its own when the same share leaves every month.

    >>> churn_survival(3, 0.1).round(2)
    array([1.  , 0.9 , 0.81])
    """
    return np.asarray((1 - np.asarray(monthly_churn_share)) ** np.arange(months), dtype=np.float64)


def users_of(installs: Array, invited: ArrayLike, survival: Array) -> tuple[Array, Array]:
    """Users that installs make, month by month.

    Args:
        installs: people who come without being invited, shape (..., month) [install].
        invited: people whom a user of the month before brings, shape (..., 1) or a number [install/user].
        survival: share of a cohort that is there at each age, shape (..., month).

    Returns:
        Monthly active users and all new users, both of shape (..., month) [user]. The users of a month are exactly the
        sum over the cohorts.

    Ten come in each month, half of them leave every month, and every user brings a tenth of another:
    10; 10 + 1 + 5 = 16; 10 + 1.6 + 11/2 + 10/4 = 19.6.

    >>> users_of(np.full(3, 10.0), 0.1, churn_survival(3, 0.5))
    (array([10. , 16. , 19.6]), array([10. , 11. , 11.6]))
    """
    months = installs.shape[-1]
    shape = np.broadcast_shapes(installs.shape, survival.shape, (*np.shape(invited)[:-1], months))
    active, new = np.zeros(shape), np.zeros(shape)
    new[..., :1] = installs[..., :1]
    for month in range(months):
        if month:
            by_users = np.multiply(invited, active[..., month - 1 : month])
            new[..., month : month + 1] = installs[..., month : month + 1] + by_users
        active[..., month] = (new[..., : month + 1] * survival[..., month::-1]).sum(axis=-1)
    return active, new


def installs_behind(active: Array, survival: Array) -> Array:
    """New users that a curve takes: what of its users is not there from earlier cohorts.

    Args:
        active: monthly active users, shape (..., month) [user]; those of the first month are one cohort.
        survival: share of a cohort that is there at each age, shape (..., month), 1 at age 0.

    Returns:
        New users, shape (..., month) [user]. 0 where users fall faster than cohorts shrink; the sum over the cohorts
        is then above ``active``, and everywhere else it is exactly that.

    A hundred users who stay a hundred, while half of them leave every month, are fifty new ones a month:

    >>> installs_behind(np.full(3, 100.0), churn_survival(3, 0.5))
    array([100.,  50.,  50.])
    """
    new = np.zeros(np.broadcast_shapes(active.shape, survival.shape))
    for month in range(active.shape[-1]):
        still_there = (new[..., :month] * survival[..., month:0:-1]).sum(axis=-1)
        new[..., month] = np.maximum(active[..., month] - still_there, 0.0)
    return new
