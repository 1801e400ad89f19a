"""The work of pricing grows with the number of resources and not with its square; counted in calls, not in seconds."""

from __future__ import annotations

import cProfile
import importlib.util
import json
import pstats
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from costmodel.billing import Case, make_bill
from costmodel.inventory import load_inventory
from costmodel.scenario import load_scenario

HERE = Path(__file__).parent
BENCHMARK = HERE.parent / "benchmarks" / "bill.py"
Write = Callable[..., Path]


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The benchmark's module, for the preview that it makes."""
    spec = importlib.util.spec_from_file_location("benchmark_bill", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A script finds the modules beside it; a test has to say where they are.
    monkeypatch.syspath_prepend(BENCHMARK.parent)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def preview(benchmark: ModuleType, written: Write) -> Callable[[int], Path]:
    """Writes a preview with so many resources."""
    stack = json.loads((HERE / "inventories" / "platform.json").read_text())
    return lambda size: written(benchmark.preview(stack, size), f"preview-{size}.json")


def calls(path: Path) -> int:
    """Function calls that it takes to load and price a file."""
    scenario = load_scenario("niche")
    make_bill(Case(load_inventory(path), scenario))  # prices are read once a process
    profile = cProfile.Profile()
    profile.runcall(lambda: make_bill(Case(load_inventory(path), scenario)))
    stats: Any = pstats.Stats(profile)
    return int(stats.total_calls)


def test_ten_times_the_resources_are_ten_times_the_work(preview: Callable[[int], Path]) -> None:
    small, large = calls(preview(400)), calls(preview(4000))
    assert large < 11 * small


def test_every_resource_of_a_large_preview_has_an_answer(preview: Callable[[int], Path]) -> None:
    bill = make_bill(Case(load_inventory(preview(1000)), load_scenario("niche")))
    coverage = bill.coverage
    answers = [*coverage.priced, *coverage.free, *coverage.not_covered]
    assert sorted(answers) == sorted(bill.inventory.resources)
    assert len(answers) == 1000


def test_a_preview_costs_what_its_inventory_costs(preview: Callable[[int], Path], platform: dict[str, Any]) -> None:
    """One whole copy in Pulumi's own format, against the inventory itself."""
    scenario = load_scenario("niche")
    size = len(platform["resources"]) + 1
    of_preview = make_bill(Case(load_inventory(preview(size)), scenario, month="7"))
    of_inventory = make_bill(Case(load_inventory(HERE / "inventories" / "platform.json"), scenario, month="7"))
    assert of_preview.cost == pytest.approx(of_inventory.cost, rel=1e-12)
    assert [line.name for line in of_preview.lines] == [line.name for line in of_inventory.lines]
