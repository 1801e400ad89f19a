"""Growth curves through published users: least squares, with the ceiling free and two more numbers of shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from costmodel.growth import curves
from costmodel.tables import Array

GRID = 41
"""Values tried of each number of shape in each round; evenly spaced in the logarithm, odd so that the best is one."""

ROUNDS = 9
"""Each round looks four grid steps around the best of the last, a tenth of its range: to a billionth in the end."""

KEPT = 2
"""Grid steps to each side of the best that the next round looks at."""

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Model:
    """A curve of two numbers of shape, as a share of its ceiling."""

    name: str
    share: Callable[[ArrayLike, ArrayLike, ArrayLike], Array]
    """(years since launch, first, second) -> share of the ceiling."""
    first: Bounds
    """Between which values the first number is looked for."""
    second: Bounds
    """Between which values the second number is looked for."""


MODELS: tuple[Model, ...] = (
    Model("Bass", lambda years, p, q: curves.bass(years, 1.0, p, q), (1e-4, 0.5), (0.05, 3.0)),
    Model("logistic", lambda years, rate, middle: curves.logistic(years, 1.0, rate, middle), (0.1, 5.0), (0.1, 30.0)),
    Model("Gompertz", lambda years, rate, depth: _gompertz(years, rate, depth), (0.02, 3.0), (0.5, 50.0)),
)
"""Bounds a few times wider than what any platform has shown: p 0.0008 to 0.11 and q 0.34 to 1.41 a year."""


@dataclass(frozen=True)
class Fit:
    """A curve with its numbers."""

    model: Model
    ceiling: float
    """[user]"""
    first: float
    second: float

    def users(self, years: float) -> float:
        """Users that many years after the launch."""
        return float(self.ceiling * self.model.share(years, self.first, self.second))


def _gompertz(years: ArrayLike, rate: ArrayLike, depth: ArrayLike) -> Array:
    """Share of the ceiling on a Gompertz curve that begins at e^-depth of it."""
    return curves.gompertz(years, np.exp(-np.asarray(depth)), 1.0, rate)


def fit(model: Model, years: Sequence[float], users: Sequence[float], most: float) -> Fit:
    """The curve with the smallest sum of squared differences to the users.

    For given numbers of shape the best ceiling is a division: users = ceiling x share is a line through 0. The two
    numbers of shape are looked for on a grid that closes in on its best point.

    Args:
        model: the curve.
        years: since launch [year].
        users: published then [user].
        most: the ceiling is at most this [user], and at least the largest of ``users``.
    """
    times, known = np.asarray(years), np.asarray(users, dtype=np.float64)
    firsts, seconds = np.geomspace(*model.first, GRID), np.geomspace(*model.second, GRID)
    for _ in range(ROUNDS):
        shares = model.share(times, firsts[:, None, None], seconds[None, :, None])
        ceilings = _best_ceilings(shares, known, most)
        misses = np.square(ceilings[..., None] * shares - known).sum(axis=-1)
        row, column = np.unravel_index(int(np.argmin(misses)), misses.shape)
        best = Fit(model, float(ceilings[row, column]), float(firsts[row]), float(seconds[column]))
        firsts, seconds = _closer(firsts, int(row)), _closer(seconds, int(column))
    return best


def _best_ceilings(shares: Array, known: Array, most: float) -> Array:
    squares = np.square(shares).sum(axis=-1)
    products = (shares * known).sum(axis=-1)
    free = np.divide(products, squares, out=np.full_like(products, most), where=squares > 0)
    return np.asarray(np.clip(free, known.max(), most))


def _closer(values: Array, best: int) -> Array:
    """A finer grid around the best value; at an edge it stays inside."""
    return np.geomspace(values[max(best - KEPT, 0)], values[min(best + KEPT, GRID - 1)], GRID)
