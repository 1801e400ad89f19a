"""Growth curves: users as a function of the time since launch; every argument broadcasts, a trial axis too."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from costmodel.tables import Array
from costmodel.units import MONTHS_PER_YEAR


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


def gompertz(years: ArrayLike, at_launch: ArrayLike, ceiling: ArrayLike, rate: ArrayLike) -> Array:
    """Users on a Gompertz curve, K (N(0) / K)^(e^(-c t)).

    Args:
        years: time t since launch [year].
        at_launch: users N(0) at time 0, fewer than the ceiling [user].
        ceiling: K, users that are never passed [user].
        rate: c, how fast ln(K / N) shrinks [1/year].

    Returns:
        Users [user]; arguments broadcast.

    Source: Winsor (1932), "The Gompertz curve as a growth curve". A thousandth of the ceiling at launch becomes, when
    e^(-c t) is 1/3, its cube root:

    >>> float(gompertz(np.log(3), 1_000.0, 1e6, 1.0).round(6))
    100000.0
    """
    share = np.divide(at_launch, ceiling) ** np.exp(-np.multiply(rate, years))
    return np.asarray(np.multiply(ceiling, share), dtype=np.float64)


def declining(users: Array, last: int, rate: ArrayLike) -> Array:
    """Users who follow ``users`` up to the month ``last`` and fall from there, N(last) e^(-d t).

    Args:
        users: monthly active users, shape (..., month) [user].
        last: position of the last month before the decline.
        rate: d [1/year].

    After two and a half years of Likee's 0.289 a year half of them are gone:

    >>> float(declining(np.full(31, 100.0), 0, 0.289)[-1].round(1))
    48.6
    """
    years = np.maximum(np.arange(users.shape[-1]) - last, 0) / MONTHS_PER_YEAR
    held = np.minimum(np.arange(users.shape[-1]), last)
    return np.asarray(users[..., held] * np.exp(-np.multiply(rate, years)), dtype=np.float64)
