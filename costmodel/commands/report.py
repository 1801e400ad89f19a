"""``costmodel report``: a declared stack and a scenario in, the report and its tables out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from costmodel.commands.inputs import load_together
from costmodel.commands.output import print_table, progress

if TYPE_CHECKING:
    from costmodel.exports.report import Report


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
    from costmodel.exports.write import check_writable, write_report
    from costmodel.inventory import load_inventory
    from costmodel.plan import make_plan
    from costmodel.scenario import load_scenario

    given = load_together(
        stack=lambda: load_inventory(inventory),
        business=lambda: load_scenario(scenario),
        folder=lambda: check_writable(out),
    )
    plan = make_plan(given["stack"], given["business"])
    made = write_report(plan, out, progress=lambda name: progress(f"writing {out / name}"))
    if json:
        from costmodel.exports.summary import render_json, summary

        typer.echo(render_json(summary(made)), nl=False)
    else:
        _print_report(made, out)


def _print_report(made: Report, out: Path) -> None:
    """A short table; a person also reads what it is about and which file to open."""
    from costmodel.exports.write import HTML

    header, *rows, total = _summary_rows(made)
    if not sys.stdout.isatty():
        print_table(header, rows, total=total)
        return
    typer.secho(f"{made.title}\n", bold=True)
    print_table(header, rows, total=total)
    typer.echo(f"\n{_last_month_in_words(made)}")
    typer.echo(_money_in_words(made))
    unpriced = sum(len(row.names) for row in made.not_covered)
    typer.echo(f"{made.resource_count} resources accounted for; {unpriced} not covered.")
    typer.echo(f"\nopen {out / HTML}")


def _summary_rows(made: Report) -> list[tuple[str, ...]]:
    """Heading, one row per category, totals: in the first and the last month, over the plan, share of the costs."""
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
    costs = ("Total", usd(made.first.total), usd(made.last.total), usd(made.total), "")
    if not made.results.has_revenue:
        return [header, *rows, costs]
    revenue, result = (
        (name, usd(months[0]), usd(months[-1]), usd(sum(months)), "")
        for name, months in (("Revenue", made.results.revenue), ("Result", made.results.operating_result))
    )
    return [header, *rows, costs, revenue, result]


def _money_in_words(made: Report) -> str:
    from costmodel.exports.formatting import month_name, usd_short

    results = made.results
    even = f"Breaks even in {month_name(results.break_even)}" if results.break_even else "Does not break even"
    ends = f"; its cash lasts to {month_name(results.out_of_cash)}" if results.out_of_cash else ""
    return f"{even}; {usd_short(results.cash_needed)} to be found without funding{ends}."


def _last_month_in_words(made: Report) -> str:
    from costmodel.exports.formatting import count, usd

    last = made.last
    return (
        f"In {last.label}: {count(last.monthly_active_users)} monthly users (an input, not a forecast), "
        f"{usd(last.cost_per_mau)} per user, {usd(last.cost_per_thousand_views)} per 1,000 views, "
        f"{count(last.people)} people."
    )
