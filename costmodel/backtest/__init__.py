"""Back-tests: what the model's methods would have said about real platforms, against what was published.

Every forecast carries the figures that set it, the figure that judges it, and the assumptions that it reads; none may
be judged by what set it.
"""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.backtest import advertising, moderation, unit_costs, users
from costmodel.backtest.figures import Figure
from costmodel.backtest.forecast import Forecast


def backtest(figures: Sequence[Figure]) -> list[Forecast]:
    """Every forecast that the figures allow."""
    return [part for test in (users, unit_costs, moderation, advertising) for part in test.forecasts(figures)]
