"""What part of a whole belongs to the few: followers, views and earnings are spread very unevenly."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from costmodel.tables import Array

_normal = NormalDist()
_share_below = np.vectorize(_normal.cdf, otypes=[np.float64])


def lognormal_mass_above(threshold: ArrayLike, mean: ArrayLike, sigma: float) -> Array:
    """Part of the sum of a lognormal quantity that lies in values above ``threshold``.

    With the mean M and the sigma s of the logarithm: Phi((ln(M / threshold) + s^2 / 2) / s). Where the mean is 0
    nothing lies above.

    Args:
        threshold: in the unit of the mean, above 0.
        mean: of the quantity; arguments broadcast.
        sigma: standard deviation of its logarithm; 0 means that all values are the mean.

    Lengths of videos with a mean of 20.5 s and a median of 14 s: those of a minute and more hold 21 % of the seconds.

    >>> lognormal_mass_above([60.0], 20.5, lognormal_sigma(20.5, 14.0)).round(3)
    array([0.214])
    """
    ratio = np.divide(mean, threshold)
    if sigma == 0:
        return np.asarray(ratio >= 1, dtype=np.float64)
    there = ratio > 0
    distance = (np.log(np.where(there, ratio, 1.0)) + sigma**2 / 2) / sigma
    return np.asarray(np.where(there, _share_below(distance), 0.0), dtype=np.float64)


def lognormal_sigma(mean: float, median: float) -> float:
    """Standard deviation of the logarithm of a lognormal quantity, sqrt(2 ln(mean / median))."""
    return math.sqrt(2 * math.log(mean / median))


def lognormal_shares(sigma: float, classes: int) -> Array:
    """Parts of the sum that belong to classes of equal number, from the smallest to the largest values; sum 1.

    >>> lognormal_shares(0.0, 2)
    array([0.5, 0.5])
    >>> lognormal_shares(2.0, 2).round(3)  # half of the creators earn 2 % of the money
    array([0.023, 0.977])
    """
    bounds = [_normal.inv_cdf(step / classes) for step in range(1, classes)]
    return np.diff([0.0, *(_normal.cdf(bound - sigma) for bound in bounds), 1.0])


def power_law_mass_above(threshold: float, largest: ArrayLike, exponent: float) -> Array:
    """Part of the sum of a power-law quantity between 1 and ``largest`` that lies in values above ``threshold``.

    The number of values above x falls as x^-a, so that the sum gathers as x^(1-a): with s = 1 - a the part is
    (L^s - t^s) / (L^s - 1), for Zipf's law (a = 1) ln(L / t) / ln L.

    Args:
        threshold: t; from 1 on, 1 means everything.
        largest: L, any shape; nothing is above a threshold that it does not reach.
        exponent: a.

    Of a million users' attention a third goes to those with ten thousand followers, of a thousand's nothing.

    >>> power_law_mass_above(1e4, [1e6, 1e3], 1.0).round(3)
    array([0.333, 0.   ])
    """
    most = np.log(np.maximum(largest, 1.0))
    least = np.minimum(math.log(max(threshold, 1.0)), most)
    whole = _gathered(most, 1 - exponent)
    above = whole - _gathered(least, 1 - exponent)
    return np.divide(above, whole, out=np.zeros_like(above), where=whole > 0)


def _gathered(log_value: Array, power: float) -> Array:
    """The integral of x^(power - 1) from 1 to a value that is given by its logarithm."""
    return np.expm1(power * log_value) / power if power else log_value
