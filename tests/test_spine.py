"""The whole slice: a stack file changes, and with it the inventory and exactly the ledger lines that depend on it.

Both command lines run as their users run them; nothing here knows how they work inside.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent

Line = tuple[str, str, str]
"""Name of the resource, sku and region: what a person calls one line of the bill."""


@dataclass(frozen=True)
class Priced:
    """A stack as priced with the shipped scenario."""

    inventory: Mapping[str, Any]
    quantities: Mapping[Line, float]
    """Sum over the plan [pricing unit]."""
    costs: Mapping[Line, float]
    """Sum over the plan [USD]."""

    def inputs(self, kind: str) -> list[Mapping[str, Any]]:
        return [entry["inputs"] for entry in self.inventory["resources"] if entry["type"].endswith(f":{kind}")]


def run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)


def priced(project: Path, edits: Mapping[str, str]) -> Priced:
    """Prices a copy of the project in which lines of Pulumi.dev.yaml are replaced and nothing else."""
    stack_file = project / "Pulumi.dev.yaml"
    text = (ROOT / "Pulumi.dev.yaml").read_text()
    for old, new in edits.items():
        assert text.count(old) == 1, f"{old!r} should stand once in Pulumi.dev.yaml"
        text = text.replace(old, new)
    stack_file.write_text(text)
    run(BIN / "infra", "plan", "--cwd", project, "--out", project / "inventory.json")
    run(BIN / "costmodel", "report", project / "inventory.json", "--scenario", "niche", "--out", project / "out")
    quantities: defaultdict[Line, float] = defaultdict(float)
    costs: defaultdict[Line, float] = defaultdict(float)
    with (project / "out" / "ledger.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            line = (row["x_resource_urn"].rpartition("::")[2], row["sku_id"], row["region_id"])
            quantities[line] += float(row["pricing_quantity"])
            costs[line] += float(row["billed_cost"])
    return Priced(json.loads((project / "inventory.json").read_text()), quantities, costs)


def changed(before: Priced, after: Priced) -> set[Line]:
    """Lines of which more or less is used.

    Where only the cost differs, the line must share its volume tiers (one sku in one region) with a line that changed.
    """
    used = _differing(before.quantities, after.quantities)
    pools = {(sku, region) for _, sku, region in used}
    assert {(sku, region) for _, sku, region in _differing(before.costs, after.costs)} <= pools
    return used


def _differing(before: Mapping[Line, float], after: Mapping[Line, float]) -> set[Line]:
    return {
        line for line in before.keys() | after.keys() if before.get(line) != pytest.approx(after.get(line), rel=1e-9)
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the project file and the program, and no stack file yet."""
    directory = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "Pulumi.yaml", directory)
    shutil.copytree(ROOT / "infra", directory / "infra", ignore=shutil.ignore_patterns("__pycache__"))
    return directory


@pytest.fixture(scope="module")
def shipped(project: Path) -> Priced:
    return priced(project, {})


def test_a_ladder_without_1080p_changes_transcoding_storage_and_delivery_only(project: Path, shipped: Priced) -> None:
    after = priced(project, {'["480p", "720p", "1080p"]': '["480p", "720p"]'})

    assert len(after.inventory["resources"]) == len(shipped.inventory["resources"])
    assert {resource for resource, _, _ in changed(shipped, after)} == {"transcode", "renditions", "delivery"}
    (encode,) = [line for line in changed(shipped, after) if line[0] == "transcode"]
    # Billed minutes weigh SD 1 and HD 2: 480p + 720p + 1080p + MP4 of 720p = 1 + 2 + 2 + 2, without 1080p 1 + 2 + 2.
    # Volume tiers price what is left out at the cheapest rate, so the saving is at most 2/7 of the bill.
    assert 1 - 2 / 7 <= after.costs[encode] / shipped.costs[encode] < 0.8
    assert sum(after.costs.values()) < sum(shipped.costs.values())


def test_another_price_class_changes_delivery_to_the_viewers_it_moves(project: Path, shipped: Priced) -> None:
    after = priced(project, {"PriceClass_100": "PriceClass_All"})

    (distribution,) = after.inputs("Distribution")
    assert distribution["priceClass"] == "PriceClass_All"
    differing = changed(shipped, after)
    assert {resource for resource, _, _ in differing} == {"delivery"}
    # South American viewers are served from South America now; their volume no longer stands on North America's tiers.
    assert any(region == "edge:south_america" for _, _, region in differing)
    assert not any(region == "edge:europe_israel" for _, _, region in differing)


def test_twice_the_task_size_doubles_what_a_task_costs_and_changes_nothing_else(project: Path, shipped: Priced) -> None:
    after = priced(
        project,
        {
            "cpu: 256": "cpu: 512",
            "memoryMib: 512": "memoryMib: 1024",
        },
    )

    (task,) = after.inputs("TaskDefinition")
    assert (task["cpu"], task["memory"]) == ("512", "1024")
    differing = changed(shipped, after)
    assert {(resource, sku) for resource, sku, _ in differing} == {("api", "arm.vcpu"), ("api", "arm.gb")}
