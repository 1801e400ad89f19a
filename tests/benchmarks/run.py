"""``make bench``: how long things take, each as a ratio to a baseline measured in the same run.

Machines differ and this one may be shared, so the ratio is the figure to compare; the seconds only show the scale.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import bill
import plans
import stand_up
from measuring import RUNS, Row, called
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SLOW_RUNS = 3
MONTHS = 60


def main() -> None:
    """Measures and prints."""
    rows = [*start_up(), *stack(), *stand_up.rows(), *projection(), *plans.rows(), *bill.rows()]
    table = Table(title="Median times")
    for heading in ("what", "time", "baseline", "time", "ratio", ""):
        table.add_column(heading, justify="right" if heading in ("time", "ratio") else "left")
    for row in rows:
        ratio = row.seconds / row.baseline_seconds
        table.add_row(
            row.name, _shown(row.seconds), row.baseline, _shown(row.baseline_seconds), f"{ratio:.2f}", row.remark
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def start_up() -> list[Row]:
    """What a person waits for before a command line says anything."""
    baseline = command(sys.executable, "-c", "import typer")
    return [
        Row(f"{name} --help", command(BIN / name, "--help"), "import typer", baseline)
        for name in ("costmodel", "infra")
    ]


def stack() -> list[Row]:
    """Planning and standing up the dev stack, as commands: start-up included."""
    inventory = json.loads(subprocess.run([BIN / "infra", "plan"], cwd=ROOT, check=True, capture_output=True).stdout)
    resources = len(inventory["resources"])
    plan = command(BIN / "infra", "plan", runs=SLOW_RUNS)
    validate = command(BIN / "infra", "validate", "--json", runs=SLOW_RUNS)
    libraries = command(sys.executable, "-c", "import pulumi_aws, pulumi_aws.ec2", runs=SLOW_RUNS)
    server = command(sys.executable, "-c", "import pulumi_aws.ec2, boto3, moto.server", runs=SLOW_RUNS)
    return [
        Row("infra plan", plan, "import pulumi_aws", libraries, f"{resources / plan:.0f} resources/s"),
        Row(
            "infra validate",
            validate,
            "import pulumi_aws, boto3, moto",
            server,
            f"{resources / validate:.0f} resources/s",
        ),
    ]


def projection() -> list[Row]:
    """A plan of 60 months, in one process after import, against reading its inventory from JSON."""
    from costmodel.inventory import load_inventory
    from costmodel.plan import make_plan
    from costmodel.scenario import load_scenario

    path = ROOT / "out" / "bench-inventory.json"
    path.parent.mkdir(exist_ok=True)
    subprocess.run([BIN / "infra", "plan", "--out", path], cwd=ROOT, check=True, capture_output=True)
    inventory = load_inventory(path)
    scenario = load_scenario("niche").model_copy(update={"months": MONTHS})
    plan = make_plan(inventory, scenario)
    seconds = called(lambda: make_plan(inventory, scenario))
    parsing = called(lambda: json.loads(path.read_bytes()))
    path.unlink()
    remark = f"{len(plan.ledger):,} ledger rows"
    return [Row(f"plan of {MONTHS} months", seconds, "json.loads of the inventory", parsing, remark)]


def command(*words: str | Path, runs: int = RUNS) -> float:
    """Median wall time of a whole process [second], after one run that warms the file cache."""
    return called(lambda: _run(words), runs)


def _run(words: Sequence[str | Path]) -> None:
    subprocess.run(list(words), cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _shown(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


if __name__ == "__main__":
    main()
