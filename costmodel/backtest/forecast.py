"""A forecast of something that is known by now: what it was made from, what it said, and what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from costmodel.backtest.figures import Figure

HORIZONS: tuple[tuple[str, float], ...] = (
    ("same time", 0.0),
    ("up to 1.3 years", 1.3),
    ("1.3 to 3 years", 3.0),
    ("3 to 5 years", 5.0),
)
"""Name -> most years ahead. What lies further is not judged."""


@dataclass(frozen=True)
class Forecast:
    """A forecast made from what was known, and what was published later or elsewhere."""

    test: str
    """What is tried ("users, Bass curve")."""
    trained: str
    """What the model was set by, in words ("fitted to the figures known by then")."""
    judged_on: Figure
    """What was published."""
    predicted: float
    """What the model said [unit of the figure]."""
    trained_on: tuple[Figure, ...] = ()
    """Figures that set the model for this forecast."""
    given: tuple[Figure, ...] = ()
    """Figures that the forecast takes as known without being about them (users, for a cost per user)."""
    read: tuple[str, ...] = ()
    """Assumptions that the forecast reads."""

    @property
    def years_ahead(self) -> float:
        """From the last figure that it was made from to the one that judges [year]; 0 for another place."""
        known = max((figure.middle for figure in self.trained_on), default=self.judged_on.middle)
        return max(self.judged_on.middle - known, 0.0)

    @property
    def horizon(self) -> str:
        """Name of the horizon; empty beyond the last."""
        return next((name for name, most in HORIZONS if self.years_ahead <= most), "")

    @property
    def error(self) -> float:
        """Forecast / published - 1 [share]; negative when the forecast was too low."""
        return self.predicted / self.judged_on.value - 1


@dataclass(frozen=True)
class Errors:
    """How far the forecasts of one test and horizon were off."""

    test: str
    trained: str
    """What the model was set by, in words."""
    horizon: str
    count: int
    """Forecasts."""
    low: float
    """Size of the error that a tenth of them stayed below [share]; of fewer than ten forecasts the smallest."""
    median: float
    """Size of the error that half of them stayed below [share]."""
    high: float
    """Size of the error that nine tenths of them stayed below [share]; of fewer than ten forecasts the largest."""
    bias: float
    """Median of the signed errors [share]; negative when most were too low."""


LOW, MEDIAN, HIGH = 0.1, 0.5, 0.9
"""Quantiles that are told."""

FEWEST = round(1 / LOW)
"""Forecasts that have a tenth."""


def errors(forecasts: Sequence[Forecast]) -> list[Errors]:
    """Errors by test and horizon, in the order of the forecasts."""
    tests = dict.fromkeys((forecast.test, forecast.trained) for forecast in forecasts)
    groups = [
        (test, trained, horizon, [f.error for f in forecasts if (f.test, f.horizon) == (test, horizon)])
        for test, trained in tests
        for horizon, _ in HORIZONS
    ]
    return [_errors(test, trained, horizon, found) for test, trained, horizon, found in groups if found]


def _errors(test: str, trained: str, horizon: str, found: Sequence[float]) -> Errors:
    sizes = np.abs(found)
    ends = (LOW, HIGH) if len(found) >= FEWEST else (0.0, 1.0)
    low, median, high = np.quantile(sizes, [ends[0], MEDIAN, ends[1]])
    return Errors(test, trained, horizon, len(found), float(low), float(median), float(high), float(np.median(found)))
