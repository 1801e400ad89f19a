"""Users forecast from their past: growth curves with the ceiling free, and decline after the advertising is cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from costmodel.backtest.figures import Figure, of, the
from costmodel.backtest.fitting import MODELS, Model, fit
from costmodel.backtest.forecast import HORIZONS, Forecast

GROWING: tuple[tuple[str, str, str], ...] = (
    ("TikTok", "MAU", "World"),
    ("TikTok US", "MAU", "United States"),
    ("Instagram", "MAU", "World"),
    ("Kuaishou", "DAU", "China"),
    ("Snapchat", "DAU", "World"),
)
"""Platforms that grew, whose series have the day of their launch as a figure of 0, and where their users are."""

DECLINING = ("Likee", "MAU")
"""Users since the paid acquisition was cut at the end of 2019."""

FEWEST = 4
"""Figures that a curve of three numbers is fitted to, at least: one more than it has numbers."""

FITTED = "fitted to the figures of the series that were known by then"

YEARS_APART = 0.5
"""Figures of a series are taken this far apart, so that one with many does not drown the others [year]."""


def forecasts(figures: Sequence[Figure]) -> Iterator[Forecast]:
    """Every forecast of users, by model, series, and how much of the series was known."""
    for model in MODELS:
        for series, metric, place in GROWING:
            people_online = the(figures, place, "people online", "2024")
            yield from _by_curve(model, of(figures, series, metric), people_online)
    yield from _by_decline(_apart(of(figures, *DECLINING)))


def _by_curve(model: Model, series: Sequence[Figure], people_online: Figure) -> Iterator[Forecast]:
    """A curve through what was known, with any ceiling up to the people there are; that many of 2024 are no secret."""
    launch, *known = series
    for trained, later in _origins(_apart(known), FEWEST):
        years = [figure.middle - launch.middle for figure in trained]
        curve = fit(model, years, [figure.value for figure in trained], people_online.value)
        for judged in later:
            predicted = curve.users(judged.middle - launch.middle)
            given = (launch, people_online)
            yield Forecast(f"users, {model.name} curve", FITTED, judged, predicted, tuple(trained), given)


def _by_decline(series: Sequence[Figure]) -> Iterator[Forecast]:
    """The straight line through the logarithm of the users, carried on from the last of them."""
    for trained, later in _origins(series, FEWEST - 1):
        slope = np.polyfit([f.middle for f in trained], np.log([f.value for f in trained]), 1)[0]
        for judged in later:
            predicted = trained[-1].value * np.exp(slope * (judged.middle - trained[-1].middle))
            yield Forecast("users, decline without advertising", FITTED, judged, float(predicted), tuple(trained))


def _apart(series: Sequence[Figure]) -> list[Figure]:
    kept: list[Figure] = []
    for figure in series:
        if not kept or figure.middle - kept[-1].middle >= YEARS_APART:
            kept.append(figure)
    return kept


def _origins(series: Sequence[Figure], fewest: int) -> Iterator[tuple[list[Figure], list[Figure]]]:
    """What was known at each time, and what came in the years that are judged."""
    furthest = HORIZONS[-1][1]
    for count in range(fewest, len(series)):
        trained = list(series[:count])
        later = [f for f in series[count:] if f.middle - trained[-1].middle <= furthest]
        yield trained, later
