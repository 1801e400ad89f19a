"""The command line of the cost model: ``costmodel report | scenarios``.

Only this module prints and exits. What is heavy is imported by the command that needs it, so ``--help`` is instant.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.errors import Fault, PlanError

if TYPE_CHECKING:
    from costmodel.exports.report import Report
    from costmodel.inventory import Inventory
    from costmodel.scenario import Scenario

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
    try:
        app()
    except PlanError as error:
        for fault in error.faults:
            typer.echo(f"costmodel: {fault}", err=True)
        sys.exit(EXIT_FAULT)


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


@app.command()
def report(
    inventory: Annotated[
        Path,
        typer.Argument(
            help="What is deployed: `infra plan` output, `pulumi preview --json` or a `pulumi stack export` file.",
            show_default=False,
        ),
    ],
    scenario: Annotated[str, typer.Option(help="A shipped scenario by name, or a scenario file.")] = "niche",
    out: Annotated[Path, typer.Option(help="Folder to write to; made when missing.")] = Path("out"),
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON instead of a table.")] = False,
) -> None:
    """Price a declared stack month by month and write report.html, ledger.csv, ledger.parquet and summary.json.

    For example:

      costmodel report out/inventory.json --scenario niche --out out

      pulumi preview --json > preview.json && costmodel report preview.json --scenario my-plan.yaml --out plan

      costmodel report inventory.json --json | jq .total
    """
    stack, business = _inputs(inventory, scenario, out)
    from costmodel.exports.write import write_report
    from costmodel.plan import make_plan

    plan = make_plan(stack, business)
    made = write_report(plan, out, progress=lambda name: _progress(f"writing {out / name}"))
    if json:
        from costmodel.exports.summary import render_json, summary

        typer.echo(render_json(summary(made)), nl=False)
    else:
        _print_report(made, out)


@app.command()
def scenarios() -> None:
    """List the scenarios that come with the program.

    For example:

      costmodel scenarios
    """
    from costmodel.scenario import load_scenario, shipped_scenarios

    for name in shipped_scenarios():
        typer.echo(f"{name:<12}{load_scenario(name).title}")


def _inputs(inventory: Path, scenario: str, out: Path) -> tuple[Inventory, Scenario]:
    """Both inputs; the faults of both and of the output folder are told together, before any work."""
    from costmodel.exports.write import check_writable
    from costmodel.inventory import load_inventory
    from costmodel.scenario import load_scenario

    faults: list[Fault | str] = []
    loaded: dict[str, Any] = {}
    checks: dict[str, Callable[[], object]] = {
        "stack": lambda: load_inventory(inventory),
        "business": lambda: load_scenario(scenario),
        "folder": lambda: check_writable(out),
    }
    for name, check in checks.items():
        try:
            loaded[name] = check()
        except PlanError as error:
            faults += error.faults
    if faults:
        raise PlanError(faults)
    return loaded["stack"], loaded["business"]


def _progress(message: str) -> None:
    """Tell a person who waits; a pipe stays quiet."""
    if sys.stderr.isatty():
        typer.echo(message, err=True)


def _print_report(made: Report, out: Path) -> None:
    """A short table: rich on a terminal, tab-separated text in a pipe."""
    from costmodel.exports.write import HTML

    if sys.stdout.isatty():
        _print_table(made)
        typer.echo(f"\nopen {out / HTML}")
        return
    for row in _summary_rows(made):
        typer.echo("\t".join(row))


def _summary_rows(made: Report) -> list[tuple[str, ...]]:
    """Heading, one row per category, total: cost in the first and the last month, over the plan, share."""
    from costmodel.exports.formatting import percent, usd

    header = ("Category", made.first.label, made.last.label, f"{len(made.months)} months", "Share")
    rows = [
        (
            category.name,
            usd(made.first.by_category[category.name]),
            usd(made.last.by_category[category.name]),
            usd(category.total),
            percent(category.share),
        )
        for category in made.categories
    ]
    return [header, *rows, ("Total", usd(made.first.total), usd(made.last.total), usd(made.total), "")]


def _print_table(made: Report) -> None:
    from rich.console import Console
    from rich.table import Table

    from costmodel.exports.formatting import count, usd

    header, *rows, totals = _summary_rows(made)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for position, heading in enumerate(header):
        table.add_column(heading, justify="right" if position else "left")
    for row in rows:
        table.add_row(*row)
    table.add_row(*totals, style="bold")
    console = Console(highlight=False)
    console.print(f"{made.title}\n", style="bold")
    console.print(table)
    last = made.last
    console.print(
        f"\nIn {last.label}: {count(last.monthly_active_users)} monthly users (an input, not a forecast), "
        f"{usd(last.cost_per_mau)} per user, {usd(last.cost_per_thousand_views)} per 1,000 views, "
        f"{count(last.people)} people."
    )
    unpriced = sum(len(row.names) for row in made.not_covered)
    console.print(f"{made.resource_count} resources accounted for; {unpriced} not covered.")
