"""The price book: what it refuses to load, and how it answers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from costmodel.errors import CatalogError, PriceNotFound
from costmodel.price_book import COLUMNS, PACKAGED_PRICES, PriceBook, read_prices
from costmodel.tiers import Tier

HEADER = ",".join(COLUMNS)
FLAT = "Disk,stored,us-east-1,GB-month,0,,0.1,2026-01-01,a list,high,"
FIRST = "Disk,stored,us-east-1,GB-month,0,100,0.1,2026-01-01,a list,high,"
SECOND = "Disk,stored,us-east-1,GB-month,100,,0.05,2026-01-01,a list,high,"


def faults(tmp_path: Path, *rows: str, header: str = HEADER, name: str = "disk.csv") -> list[str]:
    """Messages that a file with these rows is refused with; no message when it loads."""
    path = tmp_path / name
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    try:
        read_prices(path)
    except CatalogError as error:
        return [str(fault) for fault in error.faults]
    return []


def test_a_sound_file_loads(tmp_path: Path) -> None:
    assert faults(tmp_path, FIRST, SECOND) == []
    assert faults(tmp_path, FLAT) == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            FLAT.replace("GB-month", "GB-mnth"),
            'prices/disk.csv:2: unit: found "GB-mnth", expected a unit of costmodel/units.py (nearest: "GB-month")',
        ),
        (FLAT.replace("0.1", "-0.1"), 'prices/disk.csv:2: price_usd: found "-0.1", expected a finite number >= 0'),
        (FLAT.replace("0.1", "nan"), 'prices/disk.csv:2: price_usd: found "nan", expected a finite number >= 0'),
        (FLAT.replace("0.1", "inf"), 'prices/disk.csv:2: price_usd: found "inf", expected a finite number >= 0'),
        (FLAT.replace("0.1", ""), 'prices/disk.csv:2: price_usd: found "", expected a finite number >= 0'),
        (FLAT.replace("0.1", "cheap"), 'prices/disk.csv:2: price_usd: found "cheap", expected a finite number >= 0'),
        (FLAT.replace("a list", ""), "prices/disk.csv:2: source: found nothing, expected where the price was seen"),
        (FLAT.replace("stored", ""), "prices/disk.csv:2: sku_key: found nothing, expected a sku key"),
        (FLAT.replace("high", "good"), 'prices/disk.csv:2: grade: found "good", expected high, med or low'),
        (
            FLAT.replace("2026-01-01", "2026-13-01"),
            'prices/disk.csv:2: effective_date: found "2026-13-01", expected a date like 2026-11-21',
        ),
        (
            FLAT.replace("us-east-1", "virginia"),
            'prices/disk.csv:2: region: found "virginia", '
            "expected an AWS region, edge:<geography>, billing:<group>, global or all",
        ),
        (FLAT.replace("Disk", "Disc"), 'prices/disk.csv:2: service: found "Disc", expected the service of disk.csv'),
        (FLAT + ",more", "prices/disk.csv:2: row: found 12 fields, expected 11 fields"),
        ("Disk,stored", "prices/disk.csv:2: row: found 2 fields, expected 11 fields"),
        (
            FLAT.replace(",0,,", ",5,,"),
            "prices/disk.csv:2: tier_from: found 5, expected a first tier of stored from 0",
        ),
        (FIRST, "prices/disk.csv:2: tier_to: found 100, expected nothing: the last tier has no end"),
        (
            FLAT.replace("stored", "moved.free"),
            "prices/disk.csv:2: tier_to: found nothing, expected the amount that is free",
        ),
    ],
)
def test_a_faulty_row_is_refused_by_line_and_field(tmp_path: Path, row: str, message: str) -> None:
    assert faults(tmp_path, row) == [message]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (
            SECOND.replace(",100,", ",150,"),
            "prices/disk.csv:3: tier_from: found 150, a gap, expected 100, where line 2 ends",
        ),
        (
            SECOND.replace(",100,", ",50,"),
            "prices/disk.csv:3: tier_from: found 50, an overlap, expected 100, where line 2 ends",
        ),
        (FLAT, "prices/disk.csv:3: row: found a second tier from 0, expected one, as in line 2"),
        (
            SECOND.replace("GB-month", "GB-hour"),
            'prices/disk.csv:3: unit: found "GB-hour", expected "GB-month" as in line 2 (a sku has one unit)',
        ),
    ],
)
def test_a_ladder_covers_0_to_infinity_without_gap_or_overlap(tmp_path: Path, second: str, message: str) -> None:
    assert faults(tmp_path, FIRST, second) == [message]


def test_a_repeated_row_is_refused(tmp_path: Path) -> None:
    assert faults(tmp_path, FLAT, FLAT) == [
        "prices/disk.csv:3: row: found a second tier from 0, expected one, as in line 2"
    ]


def test_a_tier_must_end_after_it_starts(tmp_path: Path) -> None:
    allowance = FIRST.replace("stored", "moved.free").replace(",0,100,", ",0,0,")
    assert faults(tmp_path, allowance) == ["prices/disk.csv:2: tier_to: found 0, expected more than 0"]


def test_all_faults_of_a_file_are_reported_at_once(tmp_path: Path) -> None:
    broken = FLAT.replace("0.1", "cheap").replace("high", "good").replace("a list", "")
    found = faults(tmp_path, broken, SECOND)
    assert [message.split(": found")[0] for message in found] == [
        "prices/disk.csv:2: source",
        "prices/disk.csv:2: grade",
        "prices/disk.csv:2: price_usd",
        "prices/disk.csv:3: tier_from",
    ]


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    (message,) = faults(tmp_path, FLAT, header="service,price")
    assert message.startswith("prices/disk.csv:1: header: found service,price, expected service,sku_key,region,")
    (tmp_path / "disk.csv").write_bytes(b"")
    with pytest.raises(CatalogError, match="header: found nothing"):
        read_prices(tmp_path / "disk.csv")
    (tmp_path / "disk.csv").write_bytes(HEADER.encode() + b"\n\xff\xfe\n")
    with pytest.raises(CatalogError, match="expected a UTF-8 CSV file that can be read"):
        read_prices(tmp_path / "disk.csv")
    (tmp_path / "disk.csv").write_text(f'{HEADER}\nDisk,"stored')
    with pytest.raises(CatalogError, match="expected a UTF-8 CSV file that can be read"):
        read_prices(tmp_path / "disk.csv")


def test_check_reports_the_faults_of_every_file(tmp_path: Path) -> None:
    (tmp_path / "disk.csv").write_text(f"{HEADER}\n{FIRST}\n")
    (tmp_path / "tape.csv").write_text(f"{HEADER}\n{FLAT.replace('Disk', 'Tape').replace('high', 'good')}\n")
    with pytest.raises(CatalogError) as caught:
        PriceBook.load(tmp_path).check()
    assert [str(fault).split(": found")[0] for fault in caught.value.faults] == [
        "prices/disk.csv:2: tier_to",
        "prices/tape.csv:2: grade",
    ]


def test_an_empty_directory_is_no_book(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="found no price file, expected one CSV file a service"):
        PriceBook.load(tmp_path)


def test_a_faulty_file_does_not_hide_the_prices_of_another(tmp_path: Path) -> None:
    (tmp_path / "disk.csv").write_text(f"{HEADER}\n{FLAT}\n")
    (tmp_path / "tape.csv").write_text("nonsense")
    book = PriceBook.load(tmp_path)
    assert book.ladder("Disk", "stored", "us-east-1", date(2027, 1, 1)).is_flat
    with pytest.raises(CatalogError):
        book.ladder("Tape", "stored", "us-east-1", date(2027, 1, 1))


# --- look-up


@pytest.fixture
def dated(tmp_path: Path) -> PriceBook:
    rows = [
        FLAT,
        FLAT.replace("0.1", "0.08").replace("2026-01-01", "2026-07-01"),
        FIRST.replace("0.1", "0.07").replace("2026-01-01", "2027-01-01"),
        SECOND.replace("2026-01-01", "2027-01-01"),
    ]
    (tmp_path / "disk.csv").write_text("\n".join([HEADER, *rows, ""]))
    return PriceBook.load(tmp_path)


@pytest.mark.parametrize(
    ("on", "first_price", "tiers"),
    [
        (date(2020, 1, 1), 0.1, 1),  # before the first observation: the first one answers
        (date(2026, 1, 1), 0.1, 1),
        (date(2026, 6, 30), 0.1, 1),
        (date(2026, 7, 1), 0.08, 1),
        (date(2026, 12, 31), 0.08, 1),
        (date(2027, 1, 1), 0.07, 2),
        (date(2040, 1, 1), 0.07, 2),
    ],
)
def test_a_look_up_answers_with_what_was_observed_last(
    dated: PriceBook, on: date, first_price: float, tiers: int
) -> None:
    ladder = dated.ladder("Disk", "stored", "us-east-1", on)
    assert (ladder.tiers[0].price, len(ladder.tiers)) == (first_price, tiers)


def test_a_ladder_tells_its_tiers_source_date_and_worst_grade(tmp_path: Path) -> None:
    low = SECOND.replace("high", "low").replace("a list", "hearsay") + "who knows"
    (tmp_path / "disk.csv").write_text(f"{HEADER}\n{low}\n{FIRST}\n")
    ladder = PriceBook.load(tmp_path).ladder("Disk", "stored", "us-east-1", date(2027, 1, 1))
    assert ladder.tiers == (Tier(0, 0.1), Tier(100, 0.05))
    assert (ladder.unit, ladder.effective_date, ladder.grade) == ("GB-month", date(2026, 1, 1), "low")
    assert (ladder.sources, ladder.note) == (("a list", "hearsay"), "who knows")


def test_an_unknown_service_is_named_with_its_nearest() -> None:
    with pytest.raises(PriceNotFound, match=r"service CloudFrond: found no such service, .*nearest: cloudfront"):
        PriceBook.load().ladder("CloudFrond", "dto.us", "edge:us", date(2027, 1, 1))


def test_a_region_that_the_book_lacks_is_an_error_not_a_guess() -> None:
    with pytest.raises(PriceNotFound) as caught:
        PriceBook.load().ladder("S3", "storage.standard", "eu-north-1", date(2027, 1, 1))
    assert str(caught.value) == (
        "S3 storage.standard in eu-north-1 on 2027-01-01: found no price, expected one of ap-northeast-1, ap-south-1, "
        "ap-southeast-1, eu-central-1, eu-west-1, sa-east-1, us-east-1, us-west-2 "
        "(append it to costmodel/data/prices/s3.csv with unit, date and source)"
    )


def test_a_misspelt_sku_suggests_near_ones() -> None:
    with pytest.raises(PriceNotFound, match=r"no such sku, expected a sku key of s3.csv \(nearest: storage.standard"):
        PriceBook.load().ladder("S3", "storage.standart", "us-east-1", date(2027, 1, 1))


def test_rules_multipliers_discounts_and_allowances_are_kept_apart_from_prices() -> None:
    book = PriceBook.load()
    assert book.rule("MediaConvert", "rule.min_billable_seconds") == 10
    assert book.rule("MediaConvert", "multiplier.basic.avc.single_hq.hd.le30") == 2
    assert book.rule("Fargate", "spot.discount") == 0.7
    assert book.rule("CloudFront", "free.dto", "global") == 1024  # the allowance's amount, not its price
    assert book.rule_row("MediaConvert", "rule.min_billable_seconds").unit == "seconds"
    with pytest.raises(PriceNotFound, match=r"found a price per GB-month, expected a rule"):
        book.rule("S3", "storage.standard", "us-east-1")
    with pytest.raises(PriceNotFound, match=r"found a multiplier .*costmodel prices show MediaConvert"):
        book.ladder("MediaConvert", "multiplier.basic.avc.single_hq.hd.le30", "us-east-1", date(2027, 1, 1))


def test_the_book_is_opened_once_a_process_and_reads_only_what_is_asked() -> None:
    assert PriceBook.load() is PriceBook.load()
    fresh = PriceBook(PACKAGED_PRICES)
    fresh.ladder("KMS", "key", "us-east-1", date(2027, 1, 1))
    assert list(fresh._services) == ["kms.csv"]
