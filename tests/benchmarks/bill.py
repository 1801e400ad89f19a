"""How long it takes to price a large ``pulumi preview --json`` in one process, start-up excluded.

The preview is the real stack, declared again and again under other names until it has the wanted number of resources.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measuring import Row, collector_paused, timed

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SIZES = (1_000, 10_000)
RUNS = 7
MILLISECONDS = 1_000


def rows() -> list[Row]:
    """A row for each size: load, meter, price and make the bill, against only parsing the JSON."""
    with tempfile.TemporaryDirectory() as folder:
        inventory = Path(folder) / "inventory.json"
        subprocess.run([BIN / "infra", "plan", "--out", inventory], cwd=ROOT, check=True, capture_output=True)
        stack = json.loads(inventory.read_text(encoding="utf-8"))
        measured = [_measured(stack, size, Path(folder)) for size in SIZES]
    first, last = measured[0], measured[-1]
    factor = last.seconds / first.seconds
    growth = f"{last.remark}; {SIZES[-1] // SIZES[0]} times the resources take {factor:.1f} times as long"
    return [first, Row(last.name, last.seconds, last.baseline, last.baseline_seconds, growth)]


def _measured(stack: dict[str, Any], size: int, folder: Path) -> Row:
    from costmodel.billing import Case, make_bill
    from costmodel.inventory import load_inventory
    from costmodel.scenario import load_scenario

    path = folder / f"preview-{size}.json"
    path.write_text(json.dumps(preview(stack, size)), encoding="utf-8")
    scenario = load_scenario("niche")
    bill = make_bill(Case(load_inventory(path), scenario))
    assert len(bill.inventory.resources) == size
    with collector_paused():
        taken = timed(lambda: make_bill(Case(load_inventory(path), scenario)), RUNS)
    parsing = timed(lambda: json.loads(path.read_bytes()), RUNS)
    remark = f"{len(bill.lines)} lines, {taken.processor * MILLISECONDS:.0f} ms of processor"
    return Row(f"price a preview of {size:,} resources", taken.wall, "json.loads of it", parsing.wall, remark)


def preview(stack: dict[str, Any], size: int) -> dict[str, Any]:
    """What ``pulumi preview --json`` would print for a program that declares the stack many times.

    Args:
        stack: an inventory as ``infra plan`` writes it.
        size: number of resources.
    """
    steps = [_step(record) for record in _repeated(stack, size - 1)]
    provider = {"urn": _PROVIDER, "type": "pulumi:providers:aws", "custom": True, "inputs": {"region": stack["region"]}}
    return {"config": {}, "steps": [{"op": "create", "urn": _PROVIDER, "newState": provider}, *steps]}


_PROVIDER = "urn:pulumi:dev::reelplan::pulumi:providers:aws::default"


def _repeated(stack: dict[str, Any], size: int) -> Iterator[dict[str, Any]]:
    """Resources of the first, second, ... copy of the stack; URNs and what refers to them carry its number."""
    text = json.dumps(stack["resources"])
    copy = made = 0
    while made < size:
        copy += 1
        for record in json.loads(text.replace("::reelplan::", f"::cell-{copy}::"))[: size - made]:
            made += 1
            yield record


def _step(record: dict[str, Any]) -> dict[str, Any]:
    state = {
        "urn": record["urn"],
        "custom": not record["type"].startswith("reelplan:"),
        "type": record["type"],
        "parent": record["parent"],
        "inputs": record["inputs"],
        "propertyDependencies": record["dependencies"],
        "provider": f"{_PROVIDER}::id",
    }
    return {"op": "create", "urn": record["urn"], "newState": state}


if __name__ == "__main__":
    for row in rows():
        milliseconds, baseline = row.seconds * MILLISECONDS, row.baseline_seconds * MILLISECONDS
        ratio = row.seconds / row.baseline_seconds
        print(f"{row.name}: {milliseconds:.1f} ms; {row.baseline} {baseline:.1f} ms; x{ratio:.1f}; {row.remark}")  # noqa: T201
