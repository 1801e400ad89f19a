"""The reviewed import: what becomes of rows that repeat, flatten, contradict or break off."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from costmodel.price_book import PACKAGED_PRICES, PriceBook, read_prices


def load_tool() -> ModuleType:
    path = Path(__file__).parents[2] / "tools" / "import_prices.py"
    spec = importlib.util.spec_from_file_location("import_prices", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


tool = load_tool()
NO_RULES = tool.Rules()
HEADER = ",".join(tool.SOURCE_COLUMNS)


def rows(tmp_path: Path, *lines: str) -> list[object]:
    path = tmp_path / "source.csv"
    path.write_text("\n".join([HEADER, *lines, ""]))
    found: list[object] = tool.read_source(path)
    return found


def imported(tmp_path: Path, *lines: str, rules: object = NO_RULES) -> list[tuple[str, ...]]:
    """(start, end, price, date, grade, note) of every row, when nothing is amiss."""
    services, log = tool.import_prices(rows(tmp_path, *lines), rules)
    assert log.faults == []
    return [(r.start, r.end, r.price, r.date, r.grade, r.note) for found in services.values() for r in found]


def faults(tmp_path: Path, *lines: str, rules: object = NO_RULES) -> list[str]:
    found: list[str] = tool.import_prices(rows(tmp_path, *lines), rules)[1].faults
    return found


def line(
    tier_from: str = "",
    tier_to: str = "",
    price: str = "0.1",
    *,
    sku: str = "stored",
    region: str = "us-east-1",
    unit: str = "GB-month",
    source: str = "list A",
    date: str = "2026-01-01",
    grade: str = "high",
    note: str = "",
) -> str:
    return f"Disk,{sku},{region},{unit},{tier_from},{tier_to},{price},{source},{date},{grade},{note}"


def test_a_flat_price_runs_from_0_without_end(tmp_path: Path) -> None:
    assert imported(tmp_path, line()) == [("0", "", "0.1", "2026-01-01", "high", "")]


def test_of_equal_prices_the_newest_of_the_best_grade_stays_and_names_the_others(tmp_path: Path) -> None:
    (row,) = imported(
        tmp_path,
        line(date="2025-05-05", note="min 30 days"),
        line(date="2026-09-29", source="list B (bulk API)", note="confirmation"),
        line(date="2026-10-10", source="hearsay", grade="low", note="second source"),
    )
    assert row == (
        "0",
        "",
        "0.1",
        "2026-09-29",
        "high",
        "min 30 days; same in hearsay 2026-10-10; same in list A 2025-05-05",
    )


def test_a_price_without_bounds_beside_a_ladder_confirms_its_first_tier(tmp_path: Path) -> None:
    found = imported(tmp_path, line("0", "100"), line("100", "", "0.05"), line(date="2026-09-29", source="list B"))
    assert found == [
        ("0", "100", "0.1", "2026-01-01", "high", "same in list A 2026-01-01; seen again 2026-09-29"),
        ("100", "", "0.05", "2026-01-01", "high", ""),
    ]


def test_a_price_without_bounds_that_contradicts_the_first_tier_stops_the_import(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, line("0", "100"), line("100", "", "0.05"), line(price="0.2"))
    assert fault == "Disk stored in us-east-1 (line 2) from 0 to 100: prices disagree: 0.1 (line 2), 0.2 (line 4)"


def test_disagreeing_prices_stop_the_import_until_a_judgement_is_written_down(tmp_path: Path) -> None:
    lines = line(price="0.1"), line(price="0.2", source="list B")
    assert faults(tmp_path, *lines) == [
        "Disk stored in us-east-1 (line 2) from 0 to infinity: prices disagree: 0.1 (line 2), 0.2 (line 3)"
    ]
    rules = tool.Rules(wrong_price={("Disk", "stored", "us-east-1", "0.2"): "0.1 kept: AWS's own data"})
    assert imported(tmp_path, *lines, rules=rules) == [
        ("0", "", "0.1", "2026-01-01", "high", "0.1 kept: AWS's own data")
    ]


def test_decimal_edges_are_the_same_ladder_as_binary_ones(tmp_path: Path) -> None:
    rules = tool.Rules(binary_edge={("Disk", "GB-month", "50000"): "51200"})
    found = imported(
        tmp_path,
        line("0", "51200"),
        line("51200", "", "0.05"),
        line("0", "50000", date="2026-07-28", source="list B"),
        line("50000", "", "0.05", date="2026-07-28", source="list B"),
        rules=rules,
    )
    assert [row[:4] for row in found] == [("0", "51200", "0.1", "2026-07-28"), ("51200", "", "0.05", "2026-07-28")]


def test_a_ladder_that_starts_above_0_gets_its_free_allowance(tmp_path: Path) -> None:
    found = imported(tmp_path, line("25", "", "0.25", note="first 25 GB free"))
    assert found == [
        ("0", "25", "0", "2026-01-01", "high", "free allowance: first 25 GB free"),
        ("25", "", "0.25", "2026-01-01", "high", "first 25 GB free"),
    ]
    assert faults(tmp_path, line("25", "", "0.25")) == [
        "Disk stored in us-east-1 (line 2): starts at 25 and no note says that the first are free"
    ]


def test_a_ladder_that_breaks_off_carries_its_last_price_on_only_by_judgement(tmp_path: Path) -> None:
    assert faults(tmp_path, line("0", "100")) == [
        "Disk stored in us-east-1 (line 2): ends at 100 and no judgement says what follows"
    ]
    rules = tool.Rules(carried_on={("Disk", "stored"): "sold by negotiation"})
    assert imported(tmp_path, line("0", "100"), rules=rules)[1] == (
        "100",
        "",
        "0.1",
        "2026-01-01",
        "low",
        "no list price from 100 (sold by negotiation): the last one carried on, an upper bound",
    )


def test_bounds_counted_in_single_things_are_turned_into_the_listed_unit(tmp_path: Path) -> None:
    lines = line("0", "1000000", unit="1000 images"), line("1000000", "", "0.05", unit="1000 images")
    rules = tool.Rules(bounds_in_base_units=frozenset({"Disk"}))
    assert [row[:2] for row in imported(tmp_path, *lines, rules=rules)] == [("0", "1000"), ("1000", "")]


def test_an_allowance_keeps_its_end(tmp_path: Path) -> None:
    assert imported(tmp_path, line("0", "100", "0", sku="moved.free"))[0][:3] == ("0", "100", "0")
    rules = tool.Rules(amount_as_price=frozenset({("Disk", "free.hours")}))
    assert imported(tmp_path, line(price="5", sku="free.hours"), rules=rules)[0][:3] == ("0", "5", "0")


@pytest.mark.parametrize(
    ("date", "whole", "note"),
    [
        ("2026-07-28", "2026-07-28", ""),
        ("2026-07", "2026-07-01", "source dated 2026-07"),
        ("2025", "2025-01-01", "source dated 2025"),
        ("unknown", tool.COLLECTED_ON, "undated source, as collected"),
        ("", tool.COLLECTED_ON, "undated source, as collected"),
    ],
)
def test_a_vague_date_becomes_its_first_day_and_says_so(tmp_path: Path, date: str, whole: str, note: str) -> None:
    (row,) = imported(tmp_path, line(date=date))
    assert (row[3], row[5]) == (whole, note)


def test_memory_never_passes_for_a_source(tmp_path: Path) -> None:
    assert imported(tmp_path, line(source="memory"))[0][4] == "low"
    remembered = line("100", "", "0.05", note="100 GB (bounds from memory)")
    assert [row[4] for row in imported(tmp_path, line("0", "100"), remembered)] == ["high", "med"]


def test_a_judgement_that_no_row_needs_stops_the_import(tmp_path: Path) -> None:
    rules = tool.Rules(left_out={("Disk", "gone"): "no source"})
    assert faults(tmp_path, line(), rules=rules) == [
        "judgement left_out ('Disk', 'gone'): no row of the source needs it"
    ]


def test_the_command_writes_a_book_that_loads_twice_the_same_and_loses_no_appended_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tool, "REVIEWED", NO_RULES)
    rows(tmp_path, line("0", "100"), line("100", "", "0.05"), line(sku="moved", unit="GB"))
    arguments = [str(tmp_path / "source.csv"), "--out", str(tmp_path / "book")]
    assert tool.main(arguments) == 0
    assert capsys.readouterr().out == f"3 rows of 1 services in {tmp_path / 'book'}\n"
    first = (tmp_path / "book" / "disk.csv").read_bytes()
    assert tool.main(arguments) == 0
    assert (tmp_path / "book" / "disk.csv").read_bytes() == first

    appended = first + b"Disk,moved,us-east-1,GB,0,,0.09,2026-06-01,list C,high,\n"
    (tmp_path / "book" / "disk.csv").write_bytes(appended)
    assert tool.main(arguments) == 2
    assert "1 rows would be lost (--replace to lose them), the first: Disk,moved" in capsys.readouterr().err
    assert (tmp_path / "book" / "disk.csv").read_bytes() == appended
    assert tool.main([*arguments, "--replace"]) == 0
    assert (tmp_path / "book" / "disk.csv").read_bytes() == first


def test_a_faulty_source_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tool, "REVIEWED", NO_RULES)
    out = tmp_path / "book"
    rows(tmp_path, line(unit="GB-mnth"), line(sku="other", price="much"))
    assert tool.main([str(tmp_path / "source.csv"), "--out", str(out)]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "Disk stored in us-east-1 (line 2): "
        'unit: found "GB-mnth", expected a unit of costmodel/units.py (nearest: "GB-month")',
        "Disk other in us-east-1 (line 3): price_usd is not a number: 'much'",
    ]
    assert not out.exists()
    assert tool.main([str(tmp_path / "nowhere.csv"), "--out", str(out)]) == 2
    assert "No such file" in capsys.readouterr().err


def test_the_shipped_book_is_as_the_import_writes_it() -> None:
    """Sorted by sku, region, date and tier, so that a change of one price is a change of one line."""
    for path in sorted(PACKAGED_PRICES.glob("*.csv")):
        ladders = [ladder for versions in read_prices(path).values() for ladder in versions]
        in_order = [row.line for ladder in ladders for row in ladder.rows]
        assert in_order == sorted(in_order), path.name
    assert len(PriceBook.load().file_names) > 50
