"""Every price has a unit, a date, a source and a grade, and stands where its name says."""

from __future__ import annotations

from datetime import date

import pytest

from costmodel.price_book import COMPETITOR_PRICES, GRADES, PriceBook, file_name
from costmodel.units import BASE_UNITS, parse_unit

BOOK = PriceBook.load()
COMPETITORS = PriceBook.load(COMPETITOR_PRICES)
REGIONS = {
    "us-east-1",
    "eu-west-1",
    "eu-central-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-northeast-1",
    "sa-east-1",
}
NEEDED_IN_EVERY_REGION = [
    ("S3", "storage.standard"),
    ("S3", "req.put.standard"),
    ("S3", "req.get.standard"),
    ("MediaConvert", "ntm.basic"),
    ("MediaConvert", "ntm.professional"),
    ("Fargate", "arm.vcpu"),
    ("Fargate", "arm.gb"),
    ("DynamoDB", "ondemand.rru"),
    ("DynamoDB", "ondemand.wru"),
    ("DynamoDB", "storage.standard"),
    ("Lambda", "requests"),
    ("Lambda", "duration.arm"),
    ("SQS", "standard"),
    ("EventBridge", "custom_events"),
    ("ALB", "hour"),
    ("ALB", "lcu"),
    ("NAT", "hour"),
    ("NAT", "data"),
    ("CloudWatch", "logs.ingest"),
    ("KMS", "key"),
    ("ECR", "storage"),
    ("DataTransfer", "dto.internet"),
]
EDGES = [
    "us",
    "canada",
    "europe_israel",
    "south_africa_kenya",
    "middle_east",
    "south_america",
    "japan",
    "australia_nz",
    "india",
    "asia_other",
]


@pytest.mark.parametrize("book", [BOOK, COMPETITORS], ids=["aws", "competitors"])
def test_the_whole_book_loads(book: PriceBook) -> None:
    book.check()


@pytest.mark.parametrize("name", [*BOOK.file_names, *COMPETITORS.file_names])
def test_every_row_has_unit_date_source_and_grade(name: str) -> None:
    book = BOOK if name in BOOK.file_names else COMPETITORS
    rows = [row for row in book.rows() if file_name(row.service) == name]
    assert rows
    for row in rows:
        assert parse_unit(row.unit).base in BASE_UNITS, row
        assert date(2020, 1, 1) < row.effective_date < date(2027, 1, 1), row
        assert row.source.strip(), row
        assert row.grade in GRADES, row


def test_what_is_from_memory_is_graded_low() -> None:
    remembered = [row for row in BOOK.rows() if row.source.startswith("memory")]
    assert remembered
    assert {row.grade for row in remembered} == {"low"}


def test_every_unit_of_the_registry_is_used() -> None:
    rows = [*BOOK.rows(), *COMPETITORS.rows()]
    assert {parse_unit(row.unit).base for row in rows} == set(BASE_UNITS)


def test_no_competitor_hides_a_service_of_aws() -> None:
    assert not set(BOOK.file_names) & set(COMPETITORS.file_names)


@pytest.mark.parametrize(("service", "sku_key"), NEEDED_IN_EVERY_REGION)
def test_what_a_stack_needs_is_priced_in_every_region(service: str, sku_key: str) -> None:
    for region in sorted(REGIONS):
        assert BOOK.ladder(service, sku_key, region, date(2027, 1, 1)).tiers


@pytest.mark.parametrize("sku", ["dto", "req.https", "req.http", "dto_to_origin"])
def test_every_edge_geography_is_priced(sku: str) -> None:
    for edge in EDGES:
        assert BOOK.ladder("CloudFront", f"{sku}.{edge}", f"edge:{edge}", date(2027, 1, 1)).tiers


def test_a_price_of_0_says_why() -> None:
    """A free allowance, a free plan, a free route: never a gap in the data."""
    free = [ladder for ladder in BOOK.ladders() if ladder.kind == "price" and ladder.tiers[0].price == 0]
    whole = {(ladder.rows[0].service, ladder.rows[0].sku_key) for ladder in free if ladder.is_flat}
    assert whole == {
        ("CloudFront", "flatrate.free"),
        ("DataTransfer", "aws_origin_to_cloudfront"),
        ("IVS", "recording"),
        ("S3", "retrieval.glacier_flexible.bulk"),
        ("S3", "transfer.to_cloudfront"),
    }
    for ladder in free:
        if not ladder.is_flat:
            assert "free" in ladder.rows[0].note or ladder.rows[0].sku_key == "invalidation", ladder
