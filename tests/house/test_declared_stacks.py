"""Every resource that a stack of this repository declares has an answer: priced, free with a reason, or listed."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from costmodel.billing import Case, make_bill
from costmodel.inventory import load_inventory
from costmodel.metering import FREE, METERS, NOT_COVERED
from costmodel.price_book import PriceBook
from costmodel.regions import known_regions, relocated
from costmodel.scenario import load_scenario

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
STACKS = sorted(path.stem.removeprefix("Pulumi.") for path in ROOT.glob("Pulumi.*.yaml"))


@pytest.fixture(scope="module", params=STACKS)
def inventory_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `infra plan` writes for a stack."""
    path = tmp_path_factory.mktemp(request.param) / "inventory.json"
    command = [BIN / "infra", "plan", "--stack", request.param, "--out", path]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return path


def test_there_is_a_stack() -> None:
    assert "dev" in STACKS


def test_every_type_has_one_answer(inventory_file: Path) -> None:
    declared = Counter(resource.type for resource in load_inventory(inventory_file).resources.values())
    ours = {token for token in declared if token.startswith("reelplan:")}
    assert set(declared) - ours - {*METERS, *FREE, *NOT_COVERED} == set()


def test_every_resource_is_priced_free_or_left_out_with_a_reason(inventory_file: Path) -> None:
    stack = load_inventory(inventory_file)
    coverage = make_bill(Case(stack, load_scenario("niche"))).coverage
    answers = Counter([*coverage.priced, *coverage.free, *coverage.not_covered])
    assert answers == Counter(dict.fromkeys(stack.resources, 1))
    for reason in [*coverage.free.values(), *coverage.not_covered.values()]:
        assert len(reason.split()) >= 3, reason


MODELLED = ("Transcoding", "MediaStorage", "Network", "Api", "Delivery")
"""Components whose use follows from the users' activity; the others wait for activity of their own (gifts, review)."""


def test_nothing_of_the_modelled_components_is_left_out(inventory_file: Path) -> None:
    bill = make_bill(Case(load_inventory(inventory_file), load_scenario("niche")))
    left_out = {urn: bill.inventory.resources[urn].type for urn in bill.coverage.not_covered}
    ours = {urn for urn, kind in left_out.items() if kind not in NOT_COVERED and _component(urn) in MODELLED}
    assert ours == set()
    assert bill.unknown == ()


def _component(urn: str) -> str:
    """Outermost component of a resource, by its kind ("Transcoding")."""
    return urn.split("::")[2].partition("$")[0].rpartition(":")[2]


def test_every_region_of_the_book_prices_it(inventory_file: Path) -> None:
    stack, book = load_inventory(inventory_file), PriceBook.load()
    for region in known_regions(book):
        assert make_bill(Case(relocated(stack, region)), book).cost > 0
