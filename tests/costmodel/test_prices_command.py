"""`costmodel prices`: what people see of the book, what it says about its own weakness, and faulty files."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from costmodel.cli import main
from costmodel.price_book import COLUMNS, COMPETITOR_PRICES, PriceBook
from costmodel.price_survey import ages, survey

BOOK = PriceBook.load()
COMPETITORS = PriceBook.load(COMPETITOR_PRICES)
ROWS = sum(1 for book in (BOOK, COMPETITORS) for _ in book.rows())
ON = "2026-12-01"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `costmodel prices`; returns exit code, standard output, standard error."""

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["costmodel", "prices", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return command


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """A folder of price files, each given as its rows."""

    def write(**files: list[str]) -> Path:
        for name, rows in files.items():
            (tmp_path / f"{name}.csv").write_text("\n".join([",".join(COLUMNS), *rows, ""]), encoding="utf-8")
        return tmp_path

    return write


def cells(out: str) -> list[list[str]]:
    return [line.split("\t") for line in out.splitlines()]


def test_list_filters_by_service_region_and_grade(run: Run) -> None:
    code, out, err = run("list", "--service", "fargate", "--region", "us-east-1")
    assert (code, err) == (0, "")
    header, *rows = cells(out)
    assert header == ["Service", "Sku", "Region", "Unit", "Kind", "Price", "Date", "Grade"]
    assert ["Fargate", "arm.vcpu", "us-east-1", "vCPU-hour", "price", "0.03238", "2026-07-07", "high"] in rows
    assert {(row[0], row[2]) for row in rows} == {("Fargate", "us-east-1")}
    _, out, _ = run("list", "--grade", "low", "--json")
    low = json.loads(out)
    assert low
    assert {ladder["grade"] for ladder in low} == {"low"}


def test_list_shows_tiers_and_what_is_free_in_a_line(run: Run) -> None:
    rows = cells(run("list", "--service", "CloudFront")[1])
    prices = {(row[1], row[2]): row[5] for row in rows}
    assert prices["dto.us", "edge:us"] == "0.085 to 0.02 in 7 tiers"
    assert prices["free.dto", "global"] == "1,024 free"


def test_list_holds_every_ladder_of_both_books(run: Run) -> None:
    listed = json.loads(run("list", "--json")[1])
    assert len(listed) == sum(1 for book in (BOOK, COMPETITORS) for _ in book.ladders())
    assert {"S3", "Mux Video"} <= {ladder["service"] for ladder in listed}


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--service", "CloudFrond", '--service: found "CloudFrond", expected a service of the price book'),
        ("--region", "us-east1", "(nearest: us-east-1)"),
        ("--grade", "hihg", "(nearest: high)"),
    ],
)
def test_a_filter_that_matches_nothing_is_a_fault(option: str, value: str, message: str, run: Run) -> None:
    code, out, err = run("list", option, value)
    assert (code, out) == (2, "")
    assert message in err


def test_show_has_every_tier_with_source_and_note(run: Run) -> None:
    code, out, _ = run("show", "S3", "storage.standard")
    title, header, *rows = cells(out)
    assert code == 0
    assert title == ["S3 storage.standard, price per GB-month"]
    assert header == ["Region", "Date", "From", "To", "Value", "Grade", "Source", "Note"]
    assert len(rows) == 24  # 8 regions x 3 tiers
    assert all(row[6] for row in rows)


def test_show_explains_rules_too(run: Run) -> None:
    (ladder,) = json.loads(run("show", "mediaconvert", "rule.min_billable_seconds", "--json")[1])
    assert (ladder["kind"], ladder["unit"], ladder["tiers"][0]["value"]) == ("rule", "seconds", 10)


def test_show_names_the_nearest_sku(run: Run) -> None:
    code, out, err = run("show", "S3", "storage.standrd")
    assert (code, out) == (2, "")
    assert "nearest: storage.standard" in err


# --- check


def test_check_counts_every_row_in_every_way(run: Run) -> None:
    code, out, err = run("check", "--on", ON, "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert found["rows"] == ROWS
    for way in ("by_service", "by_region", "by_grade", "by_age"):
        assert sum(found[way].values()) == ROWS, way
    assert found["complete"] == {"source": 1, "date": 1, "unit": 1}
    assert list(found["by_grade"]) == ["high", "med", "low"]
    assert found["by_age"]["up to 2 years"] > found["by_age"]["up to 180 days"]


def test_check_for_people_says_100_percent_and_what_is_weak(run: Run) -> None:
    _, out, _ = run("check", "--on", ON)
    for field in ("source", "date", "unit"):
        assert f"rows with {field}: {ROWS} of {ROWS} (100 %)" in out
    assert "weak: the price of the last tier is not published" in out
    assert "what to do: above that edge the bill is an upper bound" in out
    assert "\x1b" not in out


def test_what_breaks_off_is_named(run: Run) -> None:
    weak = {found["reason"]: found for found in json.loads(run("check", "--on", ON, "--json")[1])["weak"]}
    (breaks_off,) = [found for reason, found in weak.items() if "last tier is not published" in reason]
    aws = [sku for sku in breaks_off["skus"] if not sku.startswith(("Azure", "Fastly"))]
    assert aws == [
        "Cognito advanced_security_legacy.mau",
        "Firehose direct_put",
        "IVS lowlatency.output.audio",
        "IVS lowlatency.output.fhd",
        "IVS lowlatency.output.hd",
        "IVS lowlatency.output.sd",
        "Rekognition image.bulk_moderation",
        "Route53 query.geo",
        "Route53 query.latency",
        "SES enterprise.email",
        "SES pro.email",
    ]
    assert all(found["what_to_do"] for found in weak.values())


def test_a_confirmed_price_is_no_longer_weak(folder: Callable[..., Path]) -> None:
    old = "Disk,stored,us-east-1,GB-month,0,,0.1,2025-01-01,list A,high,"
    book = PriceBook(folder(disk=[old]))
    assert [weak.skus for weak in survey(book.ladders(), date(2026, 6, 1)).weaknesses] == [("Disk stored",)]
    again = PriceBook(folder(disk=[old, old.replace("2025-01-01", "2026-05-01")]))
    assert survey(again.ladders(), date(2026, 6, 1)).weaknesses == ()
    assert len(survey(again.ladders(), date(2026, 4, 30)).weaknesses) == 1, "not yet seen again on that day"


def test_faulty_files_are_told_by_file_line_and_field(run: Run, folder: Callable[..., Path]) -> None:
    book = folder(
        disk=["Disk,stored,us-east-1,GB-mnth,0,,cheap,2026-01-01,,high,"],
        tape=["Tape,stored,us-east-1,GB-month,0,50,0.1,2026-01-01,a list,high,"],
    )
    code, out, err = run("check", "--book", book, "--on", "soon")
    assert (code, out) == (2, "")
    assert [line.split(": found")[0] for line in err.splitlines()] == [
        "costmodel: --on",
        "costmodel: prices/disk.csv:2: source",
        "costmodel: prices/disk.csv:2: unit",
        "costmodel: prices/disk.csv:2: price_usd",
        "costmodel: prices/tape.csv:2: tier_to",
    ]


def test_a_folder_without_prices_is_a_fault(run: Run, tmp_path: Path) -> None:
    code, out, err = run("check", "--book", tmp_path / "nothing")
    assert (code, out) == (2, "")
    assert "found no price file, expected one CSV file a service" in err


# --- age


@pytest.fixture
def two_ages(folder: Callable[..., Path]) -> Path:
    return folder(
        disk=["Disk,stored,us-east-1,GB-month,0,,0.1,2026-01-01,a list,high,"],
        tape=["Tape,stored,us-east-1,GB-month,0,,0.1,2026-05-01,a list,high,"],
    )


@pytest.mark.parametrize(
    ("on", "stale"),
    [
        ("2026-06-30", 0),  # 180 days after January 1: the last day of a price that is not stale
        ("2026-07-01", 1),
        ("2026-10-28", 1),  # 180 days after May 1
        ("2026-10-29", 2),
    ],
)
def test_age_warns_after_180_days(on: str, stale: int, two_ages: Path, run: Run) -> None:
    code, out, err = run("age", "--on", on, "--book", two_ages)
    assert code == 0
    assert cells(out)[-1] == ["Total", "", "", "2", str(stale)]
    assert err == (f"costmodel: warning: {stale} of 2 prices are older than 180 days\n" if stale else "")


def test_age_can_fail_a_build(two_ages: Path, run: Run) -> None:
    assert run("age", "--on", "2026-07-01", "--book", two_ages, "--strict")[0] == 1
    assert run("age", "--on", "2026-06-30", "--book", two_ages, "--strict")[0] == 0
    assert run("age", "--on", "2026-07-01", "--book", two_ages, "--strict", "--older-than", "365")[0] == 0


def test_age_as_json(two_ages: Path, run: Run) -> None:
    found: dict[str, Any] = json.loads(run("age", "--on", "2026-07-01", "--book", two_ages, "--json")[1])
    assert found["services"] == [
        {"service": "Disk", "oldest": "2026-01-01", "age_days": 181, "rows": 1, "stale": 1},
        {"service": "Tape", "oldest": "2026-05-01", "age_days": 61, "rows": 1, "stale": 0},
    ]
    assert (found["on"], found["older_than_days"], found["rows"], found["stale"]) == ("2026-07-01", 180, 2, 1)


def test_only_prices_in_force_have_an_age(folder: Callable[..., Path]) -> None:
    rows = [f"Disk,stored,us-east-1,GB-month,0,,0.1,{day},a list,high," for day in ("2024-01-01", "2026-05-01")]
    book = PriceBook(folder(disk=rows))
    (age,) = ages(book.ladders(), date(2026, 6, 1), 180)
    assert (age.oldest, age.row_count, age.stale_count) == (date(2026, 5, 1), 1, 0)


def test_today_is_the_default_day(run: Run, two_ages: Path) -> None:
    found = json.loads(run("age", "--book", two_ages, "--json")[1])
    assert date.fromisoformat(found["on"]) >= date(2026, 11, 21)


@pytest.mark.parametrize(
    "command", [["prices", name] for name in ("list", "show", "check", "age")] + [["quote"], ["accuracy"]], ids=" ".join
)
def test_every_help_has_an_example(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["costmodel", *command, "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    out = capsys.readouterr().out
    assert not ended.value.code
    assert f"For example:\n\n    costmodel {' '.join(command)}" in out
