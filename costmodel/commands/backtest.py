"""``costmodel backtest``: the model's methods on real platforms, beside what was published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.commands.output import print_json, print_table

if TYPE_CHECKING:
    from costmodel.backtest.forecast import Errors, Forecast

HEADER = ("What", "Trained on", "Ahead", "Forecasts", "Median error", "Nine tenths below", "Bias")
WORDS = 3
"""Columns of words, from the left."""


def backtest(
    out: Annotated[Path | None, typer.Option(help="Write the page as Markdown.", show_default=False)] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, with every forecast.")] = False,
) -> None:
    """Forecast what real platforms published, and show the error.

    Users by growth curves, money per daily user, moderators, advertising revenue. No figure judges what it has set.

    For example:

      costmodel backtest

      costmodel backtest --out docs/backtest.md
    """
    from costmodel.backtest import backtest as forecasts_of
    from costmodel.backtest.figures import load_figures
    from costmodel.backtest.forecast import errors
    from costmodel.backtest.page import to_markdown

    found = forecasts_of(load_figures())
    if out is not None:
        _write(out, to_markdown(found))
    if json:
        print_json({"errors": [_errors(row) for row in errors(found)], "forecasts": [_forecast(one) for one in found]})
    else:
        print_table(HEADER, [_row(row) for row in errors(found)], text_columns=WORDS)


def _write(path: Path, text: str) -> None:
    from costmodel.exports.write import check_writable, replace_files

    check_writable(path.parent)
    replace_files(path.parent, {path.name: text.encode()})


def _row(row: Errors) -> tuple[str, ...]:
    from costmodel.backtest.page import signed
    from costmodel.exports.formatting import percent

    sizes = (percent(row.median), percent(row.high), signed(row.bias))
    return (row.test, row.trained, row.horizon, str(row.count), *sizes)


def _errors(row: Errors) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(row)


def _forecast(forecast: Forecast) -> dict[str, Any]:
    judged = forecast.judged_on
    return {
        "test": forecast.test,
        "judged_on": str(judged),
        "published": judged.value,
        "unit": judged.unit,
        "source": judged.source,
        "grade": judged.grade,
        "predicted": forecast.predicted,
        "error": forecast.error,
        "years_ahead": forecast.years_ahead,
        "trained_on": [str(figure) for figure in forecast.trained_on],
        "given": [str(figure) for figure in forecast.given],
        "assumptions": list(forecast.read),
    }
