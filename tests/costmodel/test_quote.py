"""`costmodel quote`: a quantity of one sku, its tier slices, and every way to ask for it wrongly."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from costmodel.cli import main
from costmodel.errors import PlanError, PriceNotFound, QuantityError
from costmodel.price_book import COLUMNS, COMPETITOR_PRICES, PriceBook
from costmodel.quote import quote

BOOK = PriceBook.load()
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `costmodel quote`; returns exit code, standard output, standard error."""

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["costmodel", "quote", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return command


def asked(run: Run, *arguments: object) -> dict[str, Any]:
    code, out, err = run(*arguments, "--json")
    assert (code, err) == (0, "")
    document: dict[str, Any] = json.loads(out)
    return document


def test_json_has_the_slices_and_where_the_price_comes_from(run: Run) -> None:
    found = asked(run, "S3", "storage.standard", 600_000)
    # 51,200 x 0.023 = 1,177.60; 460,800 x 0.022 = 10,137.60; 88,000 x 0.021 = 1,848.00
    assert found["tiers"] == [
        {"from": 0, "to": 51_200, "quantity": 51_200, "unit_price": 0.023, "cost": pytest.approx(1_177.60)},
        {"from": 51_200, "to": 512_000, "quantity": 460_800, "unit_price": 0.022, "cost": pytest.approx(10_137.60)},
        {"from": 512_000, "to": None, "quantity": 88_000, "unit_price": 0.021, "cost": pytest.approx(1_848.00)},
    ]
    assert found["cost"] == pytest.approx(13_163.20)
    assert list(found) == [
        *("service", "sku", "region", "quantity", "unit", "cost", "tiers", "source", "date", "grade", "note"),
    ]
    assert (found["service"], found["sku"], found["region"]) == ("S3", "storage.standard", "us-east-1")
    assert (found["quantity"], found["unit"], found["grade"]) == (600_000, "GB-month", "high")
    assert "AWS Price List" in found["source"]
    assert date.fromisoformat(found["date"]) <= date(2026, 11, 21)


def test_a_quantity_counts_listed_units(run: Run) -> None:
    # 310,000 PUT requests: 310 thousands x 0.005
    found = asked(run, "S3", "req.put.standard", 310)
    assert (found["unit"], found["cost"]) == ("1000 requests", pytest.approx(1.55))


def test_a_person_reads_a_table(run: Run) -> None:
    code, out, _ = run("CloudFront", "dto.india", 100_000)
    lines = [line.split("\t") for line in out.splitlines()]
    assert code == 0
    assert lines[0] == ["CloudFront dto.india in edge:india, priced per GB"]
    assert lines[2] == ["0 to 10,240", "10,240", "$0.109", "$1,116.16"]  # 10,240 x 0.109
    assert lines[5] == ["Total", "100,000", "", "$8,599.36"]
    assert lines[6][0].startswith("Price of 2025-04-25, grade high: ")


@pytest.mark.parametrize(
    ("service", "sku", "region"),
    [
        ("S3", "storage.standard", "us-east-1"),
        ("CloudFront", "dto.japan", "edge:japan"),
        ("CloudFront", "invalidation", "global"),
        ("IVS", "lowlatency.output.hd", "billing:north_america_europe"),
    ],
)
def test_the_region_that_goes_without_saying(service: str, sku: str, region: str) -> None:
    assert quote(BOOK, service, sku, 1).ladder.region == region
    assert quote(BOOK, service.lower(), sku, 1).ladder.service == service


def test_nothing_costs_nothing_and_shows_the_first_price() -> None:
    found = quote(BOOK, "S3", "storage.standard", 0)
    assert found.cost == 0
    assert [(tier.quantity, tier.unit_price) for tier in found.tiers] == [(0, 0.023)]


def test_competitors_are_quoted_like_aws(run: Run) -> None:
    # R2: 10 million reads at 0.36 per million; no egress fee
    assert asked(run, "Cloudflare R2", "standard.class_b", 10)["cost"] == pytest.approx(3.6)
    assert asked(run, "Cloudflare R2", "egress", 1e6)["cost"] == 0
    # Mux: 100,000 free minutes, then 0.0010: 200,000 x 0.0010
    mux = quote(PriceBook.load(COMPETITOR_PRICES), "Mux Video", "basic_plus.delivery.1080p", 300_000)
    assert mux.cost == pytest.approx(200)


# --- the free tier


def test_without_the_switch_every_unit_is_paid(run: Run) -> None:
    assert asked(run, "Lambda", "requests", 3)["cost"] == pytest.approx(0.60)  # 3 x 0.20
    assert asked(run, "CloudFront", "dto.us", 12_000)["cost"] == pytest.approx(1_011.20)  # 870.40 + 1,760 x 0.08


def test_the_free_tier_takes_the_first_units_of_the_ladder(run: Run) -> None:
    found = asked(run, "CloudFront", "dto.us", 12_000, "--free-tier")
    assert [(tier["from"], tier["to"], tier["quantity"], tier["unit_price"]) for tier in found["tiers"]] == [
        (0, 1_024, 1_024, 0),
        (1_024, 10_240, 9_216, 0.085),
        (10_240, 51_200, 1_760, 0.08),
    ]
    assert found["cost"] == pytest.approx(924.16)  # 9,216 x 0.085 + 1,760 x 0.08 = 783.36 + 140.80


def test_the_free_tier_never_pays_back(run: Run) -> None:
    found = asked(run, "Lambda", "requests", 0.4, "--free-tier")
    assert [(tier["quantity"], tier["cost"]) for tier in found["tiers"]] == [(0.4, 0)]


def test_a_ladder_that_begins_free_in_the_price_list_does_so_without_the_switch(run: Run) -> None:
    # AWS lists the first 25 GB of DynamoDB at 0 for everybody: 100 x 0.25
    for switch in ([], ["--free-tier"]):
        assert asked(run, "DynamoDB", "storage.standard", 125, *switch)["cost"] == pytest.approx(25)


# --- dates


@pytest.fixture
def dated(tmp_path: Path) -> PriceBook:
    """A sku whose price was seen anew in 2026, with another edge."""
    rows = [
        "Disk,stored,us-east-1,GB-month,0,,0.10,2025-03-01,list A,high,",
        "Disk,stored,us-east-1,GB-month,0,100,0.08,2026-07-01,list B,high,",
        "Disk,stored,us-east-1,GB-month,100,,0.06,2026-07-01,list B,med,",
    ]
    (tmp_path / "disk.csv").write_text("\n".join([",".join(COLUMNS), *rows, ""]), encoding="utf-8")
    return PriceBook.load(tmp_path)


@pytest.mark.parametrize(
    ("on", "usd"),
    [
        (date(2025, 3, 1), 20.0),  # 200 x 0.10
        (date(2026, 6, 30), 20.0),
        (date(2026, 7, 1), 14.0),  # 100 x 0.08 + 100 x 0.06
        (None, 14.0),
    ],
)
def test_an_appended_ladder_holds_from_its_date_on(dated: PriceBook, on: date | None, usd: float) -> None:
    assert quote(dated, "Disk", "stored", 200, on=on).cost == pytest.approx(usd)


def test_before_the_first_record_there_is_no_price(dated: PriceBook) -> None:
    with pytest.raises(PriceNotFound) as caught:
        quote(dated, "Disk", "stored", 200, on=date(2025, 2, 28))
    assert str(caught.value) == (
        "Disk stored in us-east-1: found no price as early as 2025-02-28, "
        "expected 2025-03-01 or later, the date of the oldest record"
    )


# --- what cannot be quoted


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (["S33", "storage.standard", 1], ["service S33: found no such service", "(nearest: s3)"]),
        (["S3", "storage.standrd", 1], ["S3 storage.standrd: found no such sku", "(nearest: storage.standard,"]),
        (["S3", "qqq", 1], ["(to list them: costmodel prices list --service S3)"]),
        (["S3", "storage.standard", 1, "--region", "eu-west-11"], ["found no price", "(nearest: eu-west-1)"]),
        (["S3", "storage.standard", 1, "--region", "edge:us"], ["expected one of ap-northeast-1, ap-south-1"]),
        (["CloudFront", "field_level_encryption", 1], ["in us-east-1: found no price", "edge:india"]),
        (["Fargate", "spot.discount", 1], ["found a discount [fraction], expected a price"]),
        (["S3", "rule.min_object_size_kb", 1, "--region", "mars"], ["in mars: found no price, expected one of all"]),
        (["S3", "rule.min_object_size_kb", 1], ["found a rule [KB], expected a price", "costmodel prices show S3"]),
        (["S3", "storage.standard", -5], ["quantity: found -5, expected a finite number >= 0"]),
        (["S3", "storage.standard", "nan"], ["quantity: found nan, expected a finite number >= 0"]),
        (["S3", "storage.standard", "inf"], ["quantity: found inf, expected a finite number >= 0"]),
        (["S3", "storage.standard", "1,000"], ['QUANTITY: found "1,000", expected a number like 51200 or 1.5e6']),
        (["S3", "storage.standard", "5 GB"], ['QUANTITY: found "5 GB", expected a number']),
        (["S3", "storage.standard", 1, "--date", "1.1.2027"], ['--date: found "1.1.2027", expected a date like']),
        (["S3", "storage.standard", 1, "--date", "2020-01-01"], ["no price as early as 2020-01-01"]),
        (["S3", "storage.standrd", "nan"], ["found no such sku", "found nan"]),
        (["S3", "storage.standard", "many", "--date", "soon"], ['"many"', '"soon"']),
        (["S3", "storage.standard", 1, "--regoin", "eu-west-1"], ["--regoin"]),
    ],
)
def test_a_faulty_question_is_answered_in_a_line(arguments: list[object], messages: list[str], run: Run) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    for message in messages:
        assert message in err


def test_faults_keep_their_kind() -> None:
    with pytest.raises(QuantityError):
        quote(BOOK, "S3", "storage.standard", math.nan)
    with pytest.raises(PlanError) as caught:
        quote(BOOK, "S3", "storage", math.nan)
    assert len(caught.value.faults) == 2
