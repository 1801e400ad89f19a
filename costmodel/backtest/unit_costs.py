"""Money per daily user forecast from the year before: cost of revenue, revenue, and revenue from advertising."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from costmodel.backtest.figures import Figure, of, the
from costmodel.backtest.forecast import Forecast

PLATFORM = "Kuaishou"
METRICS = ("cost of revenue", "revenue", "advertising revenue")
HELD = "the figure of one earlier year; the daily users of the year that is judged are given"
DAILY_USERS = "mean DAU of the year"


def forecasts(figures: Sequence[Figure]) -> Iterator[Forecast]:
    """Each year from each year before it, with the money per daily user held and the users known."""
    for metric in METRICS:
        years = of(figures, PLATFORM, metric)
        for position, trained in enumerate(years):
            for judged in years[position + 1 :]:
                yield _forecast(metric, trained, judged, figures)


def _forecast(metric: str, trained: Figure, judged: Figure, figures: Sequence[Figure]) -> Forecast:
    users_then = the(figures, PLATFORM, DAILY_USERS, trained.period)
    users_later = the(figures, PLATFORM, DAILY_USERS, judged.period)
    per_user = trained.value / users_then.value
    predicted = per_user * users_later.value
    return Forecast(f"{metric} per DAU, held", HELD, judged, predicted, (trained, users_then), (users_later,))
