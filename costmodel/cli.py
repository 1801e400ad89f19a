"""The command line of the cost model, put together from ``costmodel.commands``.

Only commands print, and only this module turns a fault into an exit code.
"""

from __future__ import annotations

import gc
import sys
from typing import Annotated

import typer

from costmodel.commands.accuracy import accuracy
from costmodel.commands.assumptions import assumptions
from costmodel.commands.backtest import backtest
from costmodel.commands.price import price
from costmodel.commands.prices import app as prices
from costmodel.commands.published import published
from costmodel.commands.quote import AMOUNT_BEFORE_OPTION, quote
from costmodel.commands.report import report
from costmodel.commands.scenario import app as scenario
from costmodel.errors import PlanError

EXIT_FAULT = 2
"""An input cannot be planned with; each fault stands on its own line on standard error."""

app = typer.Typer(
    name="costmodel",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Entry point: faults of the inputs are told in a line each; a bug keeps its traceback."""
    # One command, one answer: a plan makes hardly any garbage, and looking for it in ten thousand resources takes long.
    gc.disable()
    try:
        app()
    except PlanError as error:
        for fault in error.faults:
            typer.echo(f"costmodel: {fault}", err=True)
        sys.exit(EXIT_FAULT)
    finally:
        gc.enable()


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"reelplan {version('reelplan')}")
        raise typer.Exit


@app.callback()
def costmodel(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """What a short-video platform will cost: the declared stack, the people and the creators, as users grow.

    For example:

      infra plan --out out/inventory.json

      costmodel report out/inventory.json --scenario niche --out out
    """


# One line a command, in the order of `costmodel --help`.
app.command()(report)
app.add_typer(scenario, name="scenario")
app.command()(assumptions)
app.command()(published)
app.command()(price)
app.command(context_settings=AMOUNT_BEFORE_OPTION)(quote)
app.add_typer(prices, name="prices")
app.command()(accuracy)
app.command()(backtest)
