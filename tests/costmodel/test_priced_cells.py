"""Cells: two stacks of one account, each with the users of some geographies, priced together."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from costmodel.bill import Bill
from costmodel.billing import Case, make_bill
from costmodel.cells import Cell
from costmodel.cli import main
from costmodel.errors import SelectionError
from costmodel.explain import explain, find_lines
from costmodel.inventory import Inventory, load_inventory
from costmodel.price_book import PriceBook
from costmodel.regions import relocated
from costmodel.scenario import Scenario

PLATFORM = Path(__file__).parent / "inventories" / "platform.json"
Steady = Callable[..., Scenario]


def written(folder: Path, stack: str, region: str = "us-east-1") -> Path:
    """The platform as another stack."""
    text = PLATFORM.read_text(encoding="utf-8").replace("urn:pulumi:dev::", f"urn:pulumi:{stack}::")
    document: dict[str, Any] = json.loads(text) | {"stack": stack, "region": region}
    path = folder / f"{stack}.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.fixture
def american(tmp_path: Path) -> Inventory:
    return load_inventory(written(tmp_path, "us"))


@pytest.fixture
def european(tmp_path: Path) -> Inventory:
    stack = load_inventory(written(tmp_path, "eu"))
    return replace(relocated(stack, "eu-west-1"), source="eu.json")


def cost(bill: Bill, service: str, sku: str = "", region: str = "") -> float:
    found = [
        line
        for line in bill.lines
        if line.service == service and line.sku_key.startswith(sku) and region in ("", line.region)
    ]
    assert found
    return sum(line.cost or 0.0 for line in found)


@pytest.fixture
def scenario(steady: Steady) -> Scenario:
    """A million users in each of two places."""
    return steady(1e6, edges=("us", "europe_israel"))


def test_each_cell_has_its_own_users(american: Inventory, european: Inventory, scenario: Scenario) -> None:
    alone = make_bill(Case(american, scenario))
    both = make_bill(Case(american, scenario, cells=(Cell(european, ("place_1",)),)))

    def uploads(bill: Bill, stack: str) -> float:
        (line,) = [
            one
            for one in bill.lines
            if one.sku_key == "req.put.standard" and one.resource.urn.startswith(f"urn:pulumi:{stack}::")
            if one.resource.name == "raw"
        ]
        return line.quantity or 0.0

    # Both places upload the same; half of it arrives in each cell.
    assert uploads(both, "us") == pytest.approx(uploads(alone, "us") / 2)
    assert uploads(both, "eu") == pytest.approx(uploads(alone, "us") / 2)


def test_tiers_of_the_edges_pool_and_those_of_regions_do_not(
    american: Inventory, european: Inventory, scenario: Scenario
) -> None:
    alone = make_bill(Case(american, scenario))
    both = make_bill(Case(american, scenario, cells=(Cell(european, ("place_1",)),)))
    # Viewers are where they were: what the edges send costs the same to the cent.
    assert cost(both, "CloudFront", "dto.") == pytest.approx(cost(alone, "CloudFront", "dto."))
    # Two ladders of MediaConvert: each climbs less far, and Ireland is dearer.
    assert cost(both, "MediaConvert") > cost(alone, "MediaConvert")
    # Two load balancers instead of one.
    assert cost(both, "ALB", "hour") == pytest.approx(730 * (0.0225 + 0.0252))


def test_two_cells_in_one_region_share_the_tiers_of_the_account(
    american: Inventory, tmp_path: Path, scenario: Scenario
) -> None:
    second = load_inventory(written(tmp_path, "second"))
    alone = make_bill(Case(american, scenario))
    both = make_bill(Case(american, scenario, cells=(Cell(second, ("place_1",)),)))
    for service in ("MediaConvert", "S3", "CloudFront"):
        assert cost(both, service) == pytest.approx(cost(alone, service))


def test_nothing_of_a_cell_is_left_out(american: Inventory, european: Inventory, scenario: Scenario) -> None:
    bill = make_bill(Case(american, scenario, cells=(Cell(european, ("place_1",)),)))
    coverage = bill.coverage
    answered = {*coverage.priced, *coverage.free, *coverage.not_covered}
    assert answered == {*american.resources, *european.resources}
    assert bill.inventory.stack == "us + eu"


def test_a_number_of_a_cell_is_explained_with_its_own_users(
    american: Inventory, european: Inventory, scenario: Scenario
) -> None:
    case = Case(american, scenario, cells=(Cell(european, ("place_1",)),))
    bill = make_bill(case)
    lines = [line for line in find_lines(bill, "videos/ondemand.rru") if line.region == "eu-west-1"]
    shown = explain(case, bill, lines[0], PriceBook.load())
    assert shown.line.quantity == pytest.approx(lines[0].quantity)


def test_all_faults_of_cells_at_once(american: Inventory, european: Inventory, scenario: Scenario) -> None:
    cells = (Cell(european, ("place_1", "plase_0")), Cell(replace(american, source="again.json"), ("place_1",)))
    with pytest.raises(SelectionError) as found:
        make_bill(Case(american, scenario, cells=cells))
    faults = "\n".join(map(str, found.value.faults))
    assert "no geography 'plase_0' in the scenario" in faults
    assert "place_0" in faults, "the nearest is named"
    assert "place_1, which eu.json serves already" in faults
    assert "resources that us.json declares, too" in faults


# --- on the command line


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["costmodel", "price", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    captured = capsys.readouterr()
    return int(ended.value.code or 0), captured.out, captured.err


def test_cells_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    us, eu = written(tmp_path, "us"), written(tmp_path, "eu", "eu-west-1")
    code, out, err = run(monkeypatch, capsys, us, "--scenario", "niche", "--cell", f"{eu}=europe", "--json")
    assert (code, err) == (0, "")
    assert "urn:pulumi:us::" in out
    assert "urn:pulumi:eu::" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--scenario", "niche", "--cell", "eu.json"), "FILE=GEOGRAPHY,GEOGRAPHY"),
        (("--scenario", "niche", "--cell", "{eu}=atlantis"), "no geography 'atlantis' in the scenario"),
        (("--cell", "{eu}=europe"), "no scenario that says who is where"),
    ],
)
def test_what_is_wrong_with_a_cell(
    arguments: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    us, eu = written(tmp_path, "us"), written(tmp_path, "eu", "eu-west-1")
    code, out, err = run(monkeypatch, capsys, us, *(word.format(eu=eu) for word in arguments))
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
