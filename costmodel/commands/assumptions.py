"""``costmodel assumptions``: the numbers that nobody can look up exactly, weakest first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.commands.output import print_json, print_table

if TYPE_CHECKING:
    from costmodel.assumptions import Assumption, Assumptions


def assumptions(
    group: Annotated[str | None, typer.Option(help="Only keys that begin like this: usage, payout, ...")] = None,
    weak: Annotated[bool, typer.Option("--weak", help="Only those of the lowest grade.")] = False,
    scenario: Annotated[
        str | None, typer.Option(help="Show the values of this scenario, and which of them its plan reads.")
    ] = None,
    inventory: Annotated[
        Path | None, typer.Option(help="With --scenario: the stack that is planned; none when absent.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, with the sources, instead of a table.")] = False,
) -> None:
    """List every assumption of the model, weakest first: lowest grade, then widest range.

    All of them are read by some plan; a number that no formula reads is not shipped.

    For example:

      costmodel assumptions --group payout

      costmodel assumptions --weak --scenario niche --inventory out/inventory.json

      costmodel assumptions --json | jq '.[] | select(.source == "memory") | .key'
    """
    known, read = _values(scenario, inventory)
    entries = _selected(known, group, weak)
    if json:
        print_json([_as_dict(entry, read) for entry in entries])
        return
    header = ["Key", "Grade", "Unit", "Value", "Low", "High", "Date", "Source"]
    rows = [_line(entry) for entry in entries]
    if read is not None:
        header.append("Read")
        rows = [[*row, "yes" if entry.key in read else "no"] for row, entry in zip(rows, entries, strict=True)]
    print_table(header, rows, text_columns=len(header))


def _values(scenario: str | None, inventory: Path | None) -> tuple[Assumptions, set[str] | None]:
    """The assumptions in use, and the keys that the plan of the scenario reads; None without a scenario."""
    from costmodel.assumptions import Assumptions
    from costmodel.commands.inputs import load_together
    from costmodel.errors import Fault, PlanError
    from costmodel.inventory import Inventory, load_inventory
    from costmodel.plan import make_plan
    from costmodel.scenario import load_scenario

    if scenario is None:
        if inventory is not None:
            raise PlanError([Fault("--inventory", "no --scenario", "a scenario whose plan reads the assumptions")])
        return Assumptions.load(), None
    given = load_together(
        business=lambda: load_scenario(scenario),
        stack=lambda: load_inventory(inventory) if inventory else Inventory.empty(),
    )
    plan = make_plan(given["stack"], given["business"])
    return given["business"].load_assumptions(), {entry.key for entry in plan.assumptions}


def _selected(known: Assumptions, group: str | None, weak: bool) -> list[Assumption]:
    from costmodel.assumptions import GRADES
    from costmodel.errors import Fault, PlanError, nearest

    groups = sorted({key.partition(".")[0] for key in known.entries})
    entries = [entry for key, entry in known.entries.items() if group is None or key.startswith(group)]
    if not entries:
        expected = f"one of {', '.join(groups)}, or the beginning of a key"
        raise PlanError([Fault("--group", repr(group), expected, nearest(str(group), groups))])
    weakest = [entry for entry in entries if not weak or entry.grade == GRADES[-1]]
    return sorted(weakest, key=lambda entry: (-GRADES.index(entry.grade), -_spread(entry), entry.key))


def _spread(entry: Assumption) -> float:
    """Width of the range as a share of the base value; what has no base is as wide as can be."""
    return (entry.high - entry.low) / entry.base if entry.base else float("inf")


def _line(entry: Assumption) -> list[str]:
    numbers = (f"{number:g}" for number in (entry.value, entry.low, entry.high))
    return [entry.key, entry.grade, entry.unit, *numbers, entry.source_date, entry.source]


def _as_dict(entry: Assumption, read: set[str] | None) -> dict[str, Any]:
    used = {} if read is None else {"read": entry.key in read}
    return {
        "key": entry.key,
        "value": entry.value,
        "unit": entry.unit,
        "low": entry.low,
        "base": entry.base,
        "high": entry.high,
        "distribution": entry.distribution,
        "grade": entry.grade,
        "applies_to": entry.applies_to,
        "source": entry.source,
        "source_date": entry.source_date,
        "note": entry.note,
        "overridden": entry.overridden,
        **used,
    }
