"""The page that tells how far forecasts of real platforms were off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np

from costmodel.backtest.figures import Figure
from costmodel.backtest.forecast import Errors, Forecast, errors
from costmodel.exports.formatting import count_short, percent

REASONS: Mapping[str, str] = {
    "users, decline without advertising": (
        "Likee's users held for a year and a half before they fell: three figures of that time do not show how fast "
        "they will."
    ),
    "moderators, video queue alone": (
        "Most moderators of a large platform look at something else than new videos: live, comments, accounts, "
        "advertisements, appeals. The plan multiplies with `staff.moderation_other_queues_factor`, which two of these "
        "reports have set, so that it is not judged here."
    ),
    "advertising revenue of the US, ads per view as in the world": (
        "The United States see more advertisements: what is published implies one for 28 % of the views there and for "
        "18 % in the world. A plan states load and fill by geography."
    ),
}
"""Test -> why it is off by as much as it is."""


def to_markdown(forecasts: Sequence[Forecast]) -> str:
    """The page: all errors by test and horizon, those of the curves by platform, and every forecast of the others."""
    curves = [forecast for forecast in forecasts if forecast.test.endswith("curve")]
    others = [forecast for forecast in forecasts if not forecast.test.endswith("curve")]
    parts = (_head(len(forecasts)), _summary(errors(forecasts)), _platforms(curves), _each(others))
    return "\n".join(line for part in parts for line in (*part, ""))


def _head(count: int) -> Iterator[str]:
    yield "# Back-tests: what the model would have said, and what came"
    yield ""
    yield "Made by `costmodel backtest --out docs/backtest.md` from `costmodel/data/backtest/series.csv`."
    yield ""
    yield f"{count} forecasts of published figures. Each was made from older figures, or from those of another place,"
    yield "alone; a figure that has set an assumption judges nothing that reads it, and a test holds both."
    yield "The tables say how large the errors were: half of them were below the median, nine tenths below the third"
    yield "number (of fewer than ten forecasts, all). The bias is negative when most forecasts were too low."
    yield ""
    yield "What it teaches: what a daily user costs can be planned; what one brings in, less; how many there will be,"
    yield "not. A curve through the first years of a platform is a way to write down a belief, not to find one. Read a"
    yield "plan for several user counts."


def _summary(found: Sequence[Errors]) -> Iterator[str]:
    yield "| what | trained on | ahead | forecasts | median error | nine tenths below | bias |"
    yield "|---|---|---|---:|---:|---:|---:|"
    for row in found:
        sizes = f"{row.count} | {percent(row.median)} | {percent(row.high)} | {signed(row.bias)}"
        yield f"| {row.test} | {row.trained} | {row.horizon} | {sizes} |"


def _platforms(curves: Sequence[Forecast]) -> Iterator[str]:
    yield "## Curves by platform"
    yield ""
    yield "| platform | curve | forecasts | median error | bias |"
    yield "|---|---|---:|---:|---:|"
    for series in dict.fromkeys(forecast.judged_on.series for forecast in curves):
        for test in dict.fromkeys(forecast.test for forecast in curves):
            found = [f.error for f in curves if (f.judged_on.series, f.test) == (series, test)]
            median, bias = float(np.median(np.abs(found))), float(np.median(found))
            yield f"| {series} | {test.removeprefix('users, ')} | {len(found)} | {percent(median)} | {signed(bias)} |"


def _each(forecasts: Sequence[Forecast]) -> Iterator[str]:
    for test, found in groupby(forecasts, key=lambda forecast: forecast.test):
        yield f"## {test[0].upper()}{test[1:]}"
        yield ""
        if test in REASONS:
            yield REASONS[test]
            yield ""
        yield "| judged by | made from | forecast | published | error |"
        yield "|---|---|---:|---:|---:|"
        for forecast in found:
            yield _line(forecast)
        yield ""


def _line(forecast: Forecast) -> str:
    judged = forecast.judged_on
    known = "; ".join(_named(forecast.trained_on)) or "the formula and its assumptions"
    figures = f"{count_short(forecast.predicted)} | {count_short(judged.value)} {judged.unit}"
    return f"| {judged} | {known} | {figures} | {signed(forecast.error)} |"


def _named(figures: Sequence[Figure]) -> Iterator[str]:
    """Figures in words, those of one series together."""
    for (series, metric), same in groupby(figures, key=lambda figure: (figure.series, figure.metric)):
        yield f"{series}, {metric} {', '.join(figure.period for figure in same)}"


def signed(share: float) -> str:
    """An error with its direction.

    >>> signed(-0.064), signed(1.2)
    ('-6 %', '+120 %')
    """
    return f"{share:+.0%}".replace("%", " %")
