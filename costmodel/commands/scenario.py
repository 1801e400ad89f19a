"""``costmodel scenario``: write a plan of the business, check it, compare two."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.commands.output import print_json, print_table

if TYPE_CHECKING:
    import pandas as pd

    from costmodel.assumptions import Range
    from costmodel.scenario import Scenario

SCHEMA_FILE = "scenario.schema.json"
EDITOR_HINT = f"# yaml-language-server: $schema={SCHEMA_FILE}\n"
"""Tells editors where the schema is, for completion and faults while typing."""

app = typer.Typer(help="Plans of the business: shipped ones and your own.", no_args_is_help=True, rich_markup_mode=None)

Named = Annotated[str, typer.Argument(help="A shipped scenario by name, or a file.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@app.command("list")
def list_scenarios() -> None:
    """List the scenarios that come with the program.

    For example:

      costmodel scenario list
    """
    from costmodel.scenario import load_scenario, shipped_scenarios

    rows = [(name, load_scenario(name).title) for name in shipped_scenarios()]
    print_table(("Scenario", "Title"), rows, text_columns=2)


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="File to write; must not exist.", show_default=False)],
    start_from: Annotated[str, typer.Option("--from", help="The shipped scenario to start from.")] = "niche",
    as_of: Annotated[
        str | None, typer.Option(help="Date of the numbers that you state; today when absent.", metavar="YYYY-MM-DD")
    ] = None,
) -> None:
    """Write a scenario file to change, with every comment of the shipped one, and the schema for editors beside it.

    For example:

      costmodel scenario init my-plan.yaml --from niche
    """
    from costmodel.commands.arguments import to_date
    from costmodel.commands.inputs import load_together
    from costmodel.exports.summary import render_json
    from costmodel.exports.write import replace_files
    from costmodel.scenario import scenario_schema

    given = load_together(
        place=lambda: _free_place(file),
        text=lambda: _shipped_text(start_from),
        day=lambda: to_date("--as-of", as_of) or date.today(),  # noqa: DTZ011  # the author's day
    )
    text = _renamed(given["text"], _scenario_name(file), given["day"].isoformat())
    contents = {file.name: EDITOR_HINT + text, SCHEMA_FILE: render_json(scenario_schema())}
    replace_files(file.parent, {name: content.encode() for name, content in contents.items()})
    typer.echo(f"wrote {file} and {file.parent / SCHEMA_FILE}")


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(help="Scenario files, or names of shipped ones.", show_default=False)],
) -> None:
    """Check scenario files: every fault of every file at once, exit code 2 when there is one.

    For example:

      costmodel scenario check plans/*.yaml
    """
    from costmodel.commands.inputs import load_together
    from costmodel.scenario import load_scenario

    loaded = load_together(**{name: lambda name=name: load_scenario(name) for name in files})
    for name, scenario in loaded.items():
        months = f"{scenario.timeline.labels[0]} to {scenario.timeline.labels[-1]}"
        typer.echo(f"{name}: {scenario.title}, {months}, {len(scenario.geographies)} geographies: no fault")


@app.command()
def schema() -> None:
    """Print the JSON Schema of a scenario file.

    For example:

      costmodel scenario schema > scenario.schema.json
    """
    from costmodel.scenario import scenario_schema

    print_json(scenario_schema())


@app.command()
def diff(
    before: Named,
    after: Named,
    inventory: Annotated[
        Path | None,
        typer.Option(help="The stack to price with both; without it only the business is compared."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Show what two scenarios say differently, and what that does to each category over the plan.

    For example:

      costmodel scenario diff niche my-plan.yaml --inventory out/inventory.json
    """
    from costmodel.commands.inputs import load_together
    from costmodel.inventory import Inventory, load_inventory
    from costmodel.plan import make_plan
    from costmodel.scenario import load_scenario

    given = load_together(
        before=lambda: load_scenario(before),
        after=lambda: load_scenario(after),
        stack=lambda: load_inventory(inventory) if inventory else Inventory.empty(),
    )
    keys = list(_differences(given["before"], given["after"]))
    effect = list(_effects(*(make_plan(given["stack"], given[side]).ledger for side in ("before", "after"))))
    if json:
        differs = [{"key": key, "before": old, "after": new} for key, old, new in keys]
        print_json({"differs": differs, "effect": [_effect_as_dict(*row) for row in effect]})
        return
    print_table(("Key", before, after), [(key, _text(old), _text(new)) for key, old, new in keys], text_columns=3)
    typer.echo()
    rows = [(category, flow, f"{old:,.0f}", f"{new:,.0f}", f"{new - old:+,.0f}") for category, flow, old, new in effect]
    print_table(("Category", "Flow", f"{before} [USD]", f"{after} [USD]", "Change"), rows, text_columns=2)


def _scenario_name(file: Path) -> str:
    """The name of a scenario in a file of that name: small letters, digits and "_" for the rest."""
    letters = "".join(letter if letter.isalnum() else "_" for letter in file.stem.lower())
    return letters if letters[:1].isalpha() else f"plan_{letters}"


def _free_place(file: Path) -> None:
    from costmodel.errors import Fault, OutputError

    if file.exists():
        raise OutputError([Fault(str(file), "a file that exists", "the name of a new file")])
    if not file.parent.is_dir():
        raise OutputError([Fault(str(file), "no such folder", "a file in a folder that exists")])


def _shipped_text(name: str) -> str:
    from costmodel.errors import Fault, ScenarioError, nearest
    from costmodel.scenario import SHIPPED, shipped_scenarios

    known = shipped_scenarios()
    if name not in known:
        raise ScenarioError([Fault("--from", repr(name), f"one of {', '.join(known)}", nearest(name, known))])
    return (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")


def _renamed(text: str, name: str, as_of: str) -> str:
    """The file with another name and date; everything else, comments included, stays."""
    changed = {"name:": f"name: {name}", "as_of:": f"as_of: {as_of}"}
    lines = (changed.get(line.split(" ")[0], line) for line in text.splitlines())
    return "\n".join(lines) + "\n"


def _differences(before: Scenario, after: Scenario) -> Iterator[tuple[str, Any, Any]]:
    """Dotted key, value before, value after; None where a side does not mention it."""
    old, new = _flat(before), _flat(after)
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key):
            yield key, old.get(key), new.get(key)


def _flat(scenario: Scenario) -> dict[str, Any]:
    """Dotted key -> number, text, or range; what the file leaves out is left out."""
    found: dict[str, Any] = {}
    todo: list[tuple[str, Any]] = [("", scenario.model_dump(mode="json", exclude_none=True))]
    while todo:
        path, value = todo.pop(0)
        if isinstance(value, dict):
            todo = [(f"{path}.{key}" if path else key, child) for key, child in value.items()] + todo
        else:
            known = scenario.ranges.get(path)
            found[path] = _range_in_words(known) if known else value
    return found


def _range_in_words(known: Range) -> str:
    return " .. ".join(f"{number:,.10g}" for number in (known.low, known.base, known.high))


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:,.10g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _effects(before: pd.DataFrame, after: pd.DataFrame) -> Iterator[tuple[str, str, float, float]]:
    """Category, flow, and its sum over the plan before and after [USD]; those of neither are left out."""
    from costmodel.ledger import CATEGORIES, total
    from costmodel.tables import REVENUE

    for category in CATEGORIES:
        old, new = (total(table[table["x_category"] == category]) for table in (before, after))
        if old or new:
            yield category, "revenue" if category in REVENUE else "cost", old, new


def _effect_as_dict(category: str, flow: str, before: float, after: float) -> dict[str, Any]:
    return {"category": category, "flow": flow, "before_usd": round(before, 2), "after_usd": round(after, 2)}
