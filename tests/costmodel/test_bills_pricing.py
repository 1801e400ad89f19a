"""Bills worked by hand from the shipped book; the arithmetic stands in the test."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from costmodel.pricing import PriceBook, marginal_cost, price
from costmodel.tables import Category, Quantity
from costmodel.units import HOURS_PER_MONTH

ON = date(2027, 1, 1)
BOOK = PriceBook.load()
CENT = 0.005


def bill(*used: tuple[str, str, str, str, float], category: Category = "Storage") -> float:
    """Bill of one month [USD] for (service, sku, region, base unit, amount)."""
    quantities = [
        Quantity(
            resource_urn="urn:bill",
            resource_type="aws:any:Thing",
            service=service,
            sku_key=sku_key,
            region=region,
            unit=unit,
            amount=np.array([amount]),
            category=category,
            driver="by hand",
            usage_based=True,
        )
        for service, sku_key, region, unit, amount in used
    ]
    return sum(float(charge.cost[0]) for charge in price(quantities, BOOK, ON))


def to_the_cent(usd: float) -> object:
    return pytest.approx(usd, abs=CENT)


# --- S3 Standard in us-east-1: 0.023 to 50 TB, 0.022 to 500 TB, 0.021 above; a TB has 1,024 GB


@pytest.mark.parametrize(
    ("gb_month", "usd"),
    [
        (0, 0.0),
        (1_000, 23.00),  # 1,000 x 0.023
        (51_199, 1_177.577),  # 51,199 x 0.023
        (51_200, 1_177.60),  # 51,200 x 0.023
        (51_201, 1_177.622),  # + 1 x 0.022
        (511_999, 11_315.178),  # 1,177.60 + 460,799 x 0.022
        (512_000, 11_315.20),  # 1,177.60 + 460,800 x 0.022 = 1,177.60 + 10,137.60
        (512_001, 11_315.221),  # + 1 x 0.021
        (600_000, 13_163.20),  # 11,315.20 + 88,000 x 0.021 = 11,315.20 + 1,848.00
    ],
)
def test_s3_standard_across_50_and_500_tb(gb_month: float, usd: float) -> None:
    assert bill(("S3", "storage.standard", "us-east-1", "GB-month", gb_month)) == pytest.approx(usd, abs=1e-6)


def test_s3_requests() -> None:
    # 3.2 million PUTs: 3,200 thousands x 0.005 = 16.00; 45 million GETs: 45,000 thousands x 0.0004 = 18.00
    assert bill(
        ("S3", "req.put.standard", "us-east-1", "requests", 3_200_000),
        ("S3", "req.get.standard", "us-east-1", "requests", 45_000_000),
    ) == to_the_cent(34.00)


# --- CloudFront: a ladder for each edge geography


@pytest.mark.parametrize(
    ("geography", "gb", "usd"),
    [
        ("us", 10_240, 870.40),  # 10,240 x 0.085
        ("us", 10_241, 870.48),  # + 1 x 0.080
        ("us", 51_200, 4_147.20),  # 870.40 + 40,960 x 0.080 = 870.40 + 3,276.80
        ("us", 51_201, 4_147.26),  # + 1 x 0.060
        ("us", 100_000, 7_075.20),  # 4,147.20 + 48,800 x 0.060 = 4,147.20 + 2,928.00
        ("india", 10_240, 1_116.16),  # 10,240 x 0.109
        ("india", 10_241, 1_116.245),  # + 1 x 0.085
        ("india", 51_200, 4_597.76),  # 1,116.16 + 40,960 x 0.085 = 1,116.16 + 3,481.60
        ("india", 51_201, 4_597.842),  # + 1 x 0.082
        ("india", 100_000, 8_599.36),  # 4,597.76 + 48,800 x 0.082 = 4,597.76 + 4,001.60
    ],
)
def test_cloudfront_across_three_tiers(geography: str, gb: float, usd: float) -> None:
    used = ("CloudFront", f"dto.{geography}", f"edge:{geography}", "GB", gb)
    assert bill(used, category="CDN") == pytest.approx(usd, abs=1e-6)


def test_cloudfront_geographies_climb_their_own_ladders() -> None:
    # The same 200,000 GB: all in the US 7,075.20 + 53,600 x 0.06 + 46,400 x 0.04 = 12,147.20;
    # half in the US and half in India 7,075.20 + 8,599.36 = 15,674.56.
    everything = bill(("CloudFront", "dto.us", "edge:us", "GB", 200_000))
    halves = bill(
        ("CloudFront", "dto.us", "edge:us", "GB", 100_000),
        ("CloudFront", "dto.india", "edge:india", "GB", 100_000),
    )
    assert everything == to_the_cent(12_147.20)
    assert halves == to_the_cent(15_674.56)


def test_cloudfront_requests() -> None:
    # 250 million HTTPS requests are 25,000 lots of 10,000: x 0.0100 = 250.00 in the US
    used = ("CloudFront", "req.https.us", "edge:us", "requests", 250_000_000)
    assert bill(used, category="CDN") == to_the_cent(250.00)


# --- MediaConvert Basic in us-east-1, normalized minutes


@pytest.mark.parametrize(
    ("minutes", "usd"),
    [
        (100_000, 750.00),  # 100,000 x 0.0075
        (100_001, 750.0053),  # + 1 x 0.0053
        (1_000_000, 5_520.00),  # 750 + 900,000 x 0.0053 = 750 + 4,770
        (1_000_001, 5_520.0038),  # + 1 x 0.0038
        (10_000_000, 39_720.00),  # 5,520 + 9,000,000 x 0.0038 = 5,520 + 34,200
        (10_000_001, 39_720.0019),  # + 1 x 0.0019
        (12_000_000, 43_520.00),  # 39,720 + 2,000,000 x 0.0019 = 39,720 + 3,800
    ],
)
def test_mediaconvert_basic_across_its_tiers(minutes: float, usd: float) -> None:
    used = ("MediaConvert", "ntm.basic", "us-east-1", "normalized minute", minutes)
    assert bill(used, category="Transcoding") == pytest.approx(usd, abs=1e-6)


def test_a_mediaconvert_ladder_in_normalized_minutes() -> None:
    # One minute in three SD and two HD renditions, AVC single pass at 30 fps: 3 x 1 + 2 x 2 = 7 normalized minutes,
    # x 0.0075 = 0.0525 per minute of video.
    sd = BOOK.rule("MediaConvert", "multiplier.basic.avc.single.sd.le30")
    hd = BOOK.rule("MediaConvert", "multiplier.basic.avc.single.hd.le30")
    used = ("MediaConvert", "ntm.basic", "us-east-1", "normalized minute", 3 * sd + 2 * hd)
    assert bill(used, category="Transcoding") == pytest.approx(0.0525)


# --- Fargate on ARM for a month in us-east-1


def test_fargate_arm_for_a_month() -> None:
    # Two tasks of 1 vCPU and 2 GB, all month: 2 x 1 x 730 = 1,460 vCPU-hours x 0.03238 = 47.2748
    # and 2 x 2 x 730 = 2,920 GB-hours x 0.00356 = 10.3952; together 57.67.
    tasks, vcpu, gb = 2, 1, 2
    assert bill(
        ("Fargate", "arm.vcpu", "us-east-1", "vCPU-hour", tasks * vcpu * HOURS_PER_MONTH),
        ("Fargate", "arm.gb", "us-east-1", "GB-hour", tasks * gb * HOURS_PER_MONTH),
        category="Compute",
    ) == pytest.approx(57.67, abs=1e-6)


# --- DynamoDB on demand in us-east-1


def test_dynamodb_on_demand() -> None:
    # 250 million WRU x 0.625 = 156.25; 1,200 million RRU x 0.125 = 150.00; 125 GB less 25 free x 0.25 = 25.00
    assert bill(
        ("DynamoDB", "ondemand.wru", "us-east-1", "WRU", 250_000_000),
        ("DynamoDB", "ondemand.rru", "us-east-1", "RRU", 1_200_000_000),
        ("DynamoDB", "storage.standard", "us-east-1", "GB-month", 125),
        category="Database",
    ) == to_the_cent(331.25)


@pytest.mark.parametrize(("gb_month", "usd"), [(24, 0.0), (25, 0.0), (26, 0.25), (125, 25.0)])
def test_dynamodb_storage_after_its_free_allowance(gb_month: float, usd: float) -> None:
    assert bill(("DynamoDB", "storage.standard", "us-east-1", "GB-month", gb_month)) == pytest.approx(usd)


# --- the edges of a ladder whose price is per thousand or per million


@pytest.mark.parametrize(
    ("service", "sku_key", "unit", "amount", "usd"),
    [
        # First million images at 1.00 per 1,000, the next four million at 0.80: 1,000 + 800
        ("Rekognition", "image.labels_moderation_text", "images", 2_000_000, 1_800.00),
        # First 72 million at 0.055555 per 1,000, then 0.027777: 72,000 x 0.055555 + 28,000 x 0.027777
        ("Personalize", "custom_v1.realtime", "recommendations", 100_000_000, 4_777.716),
        # First 10 million at 0.16 per 1,000, then 0.14: 1,600 + 700
        ("SES", "essentials.email", "emails", 15_000_000, 2_300.00),
        # First 300 million at 1.00 per million, then 0.90: 300 + 90
        ("APIGateway", "http_api", "requests", 400_000_000, 390.00),
        # First 100 billion at 0.40 per million, then 0.30: 40,000 + 15,000
        ("SQS", "standard", "requests", 150_000_000_000, 55_000.00),
    ],
)
def test_an_edge_counts_what_the_price_page_counts(
    service: str, sku_key: str, unit: str, amount: float, usd: float
) -> None:
    assert bill((service, sku_key, "us-east-1", unit, amount)) == to_the_cent(usd)


# --- figures that others worked out


PETABYTE_GB = 1024 * 1024
"""A binary PB in AWS's GB: the convention of each figure below that speaks of PB."""


@pytest.mark.parametrize(
    ("used", "usd"),
    [
        # The sum of the tier lines that Infracost's golden files print for the same volume.
        (("S3", "storage.standard", "us-east-1", "GB-month", 1 * PETABYTE_GB), 22_583),
        (("CloudFront", "dto.us", "edge:us", "GB", 5 * PETABYTE_GB), 145_582),
        # Published rounded to a thousand, for ten million users a month.
        (("Cognito", "essentials.mau", "us-east-1", "MAU", 10_000_000), 149_850),
        (("Cognito", "lite.mau", "us-east-1", "MAU", 10_000_000), 33_885),
    ],
)
def test_totals_agree_with_an_outside_calculation(used: tuple[str, str, str, str, float], usd: float) -> None:
    assert round(bill(used)) == usd


@pytest.mark.parametrize(
    ("service", "sku_key", "region", "gb", "flat_usd", "times_too_high"),
    [
        ("S3", "storage.standard", "us-east-1", 1 * PETABYTE_GB, 24_117, 1.068),
        ("CloudFront", "dto.us", "edge:us", 5 * PETABYTE_GB, 445_645, 3.06),
    ],
)
def test_one_rate_for_all_tiers_is_too_high_by_what_the_comparison_says(
    service: str, sku_key: str, region: str, gb: float, flat_usd: float, times_too_high: float
) -> None:
    tiers = BOOK.ladder(service, sku_key, region, ON).tiers
    flat, tiered = gb * tiers[0].price, float(marginal_cost(np.array([gb]), tiers)[0])
    assert round(flat) == flat_usd
    assert flat / tiered == pytest.approx(times_too_high, abs=0.005)
