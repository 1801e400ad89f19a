"""``costmodel published``: a plan of TikTok's size beside what is known of such platforms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.commands.output import print_json, print_table

if TYPE_CHECKING:
    from costmodel.published import Comparison


def published(
    inventory: Annotated[Path, typer.Argument(help="What is deployed, as for `costmodel report`.", show_default=False)],
    scenario: Annotated[str, typer.Option(help="A shipped scenario by name, or a scenario file.")] = "global",
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/published.md.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show the first year of a plan beside published figures of platforms of TikTok's size, with the ratio.

    For example:

      costmodel published out/inventory.json --scenario global
    """
    from costmodel.commands.inputs import load_together
    from costmodel.inventory import load_inventory
    from costmodel.plan import make_plan
    from costmodel.published import as_markdown, compare, number
    from costmodel.scenario import load_scenario

    given = load_together(stack=lambda: load_inventory(inventory), business=lambda: load_scenario(scenario))
    compared = compare(make_plan(given["stack"], given["business"]))
    if markdown:
        typer.echo(as_markdown(compared), nl=False)
        return
    if json:
        print_json([_as_dict(found) for found in compared])
        return
    header = ("Figure", "Unit", "Planned", "Published", "Range", "Ratio", "Set with it")
    rows = [
        (
            found.figure.name,
            found.figure.unit,
            number(found.planned),
            number(found.figure.base),
            f"{number(found.figure.low)} to {number(found.figure.high)}",
            f"{found.ratio:.2f}",
            found.figure.sets or "-",
        )
        for found in compared
    ]
    print_table(header, rows, text_columns=2)


def _as_dict(found: Comparison) -> dict[str, Any]:
    figure = found.figure
    return {
        "figure": figure.key,
        "unit": figure.unit,
        "planned": found.planned,
        "published": {"low": figure.low, "base": figure.base, "high": figure.high},
        "ratio": found.ratio,
        "sets": figure.sets or None,
        "source": figure.source,
        "source_date": figure.source_date,
        "grade": figure.grade,
        "why_off": figure.why_off or None,
    }
