"""How long three whole businesses take in one process, start-up excluded: 60 months and 8 geographies each.

All stages run, from users to a ledger whose sums are checked. The baseline only parses the JSON of the stack.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

from measuring import Row, timed

if TYPE_CHECKING:
    from costmodel.scenario import Scenario

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SCENARIOS = ("niche", "regional", "global")
MONTHS = 60
GEOGRAPHIES = 8
RUNS = 7
MILLISECONDS = 1_000


def rows() -> list[Row]:
    """Two rows: the plans of three scenarios one after the other, the businesses alone and on the declared stack."""
    from costmodel.inventory import Inventory, load_inventory
    from costmodel.plan import make_plan
    from costmodel.price_book import PriceBook

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inventory.json"
        subprocess.run([BIN / "infra", "plan", "--out", path], cwd=ROOT, check=True, capture_output=True)
        inventory, book = load_inventory(path), PriceBook.load()
        parsing = timed(lambda: json.loads(path.read_bytes()), RUNS)
    scenarios = [widened(name) for name in SCENARIOS]
    stacks = {"no stack": Inventory.empty(), f"a stack of {len(inventory.resources)}": inventory}
    made = []
    for words, stack in stacks.items():
        plans = timed(lambda stack=stack: [make_plan(stack, one, book) for one in scenarios], RUNS)  # type: ignore[misc]  # bound here
        name = f"{len(SCENARIOS)} scenarios, {MONTHS} months, {GEOGRAPHIES} geographies, {words}"
        remark = f"{plans.processor * MILLISECONDS:.0f} ms of processor time"
        made.append(Row(name, plans.wall, "json.loads of the inventory", parsing.wall, remark))
    return made


def widened(name: str) -> Scenario:
    """A shipped scenario over 60 months, its geographies repeated under other names until there are eight."""
    from costmodel.scenario import load_scenario

    scenario = load_scenario(name)
    geographies = dict(scenario.geographies)
    repeated = cycle(scenario.geographies.values())
    while len(geographies) < GEOGRAPHIES:
        geographies[f"place_{len(geographies)}"] = next(repeated)
    return scenario.model_copy(update={"months": MONTHS, "geographies": geographies})


if __name__ == "__main__":
    for row in rows():
        print(f"{row.name}: {row.seconds * MILLISECONDS:.0f} ms, {row.remark}")  # noqa: T201
