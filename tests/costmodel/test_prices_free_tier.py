"""The Free Tier as a switch of the pricing: whose use it takes, in which order, and what it leaves alone."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from costmodel.free_tier import COVERED_SKUS, NEVER_APPLIED
from costmodel.price_book import PriceBook
from costmodel.pricing import price
from costmodel.tables import Charge, Quantity

ON = date(2027, 1, 1)
BOOK = PriceBook.load()


def used(service: str, sku_key: str, region: str, amount: float | list[float], urn: str = "urn:a") -> Quantity:
    return Quantity(
        resource_urn=urn,
        resource_type="aws:any:Thing",
        service=service,
        sku_key=sku_key,
        region=region,
        unit=BOOK.ladder(service, sku_key, region, ON).listed_unit.base,
        amount=np.atleast_1d(np.asarray(amount, dtype=np.float64)),
        category="CDN",
        driver="by hand",
        usage_based=True,
    )


def bill(charges: list[Charge]) -> float:
    return float(sum(charge.cost.sum() for charge in charges))


def test_every_allowance_of_the_book_is_applied_or_left_out_for_a_reason() -> None:
    listed = {(ladder.service, ladder.sku_key) for ladder in BOOK.ladders() if ladder.kind == "allowance"}
    assert listed == set(COVERED_SKUS) | set(NEVER_APPLIED)
    assert not set(COVERED_SKUS) & set(NEVER_APPLIED)


@pytest.mark.parametrize(("allowance", "patterns"), COVERED_SKUS.items(), ids=lambda value: str(value))
def test_every_pattern_covers_something_in_the_allowances_unit(
    allowance: tuple[str, str], patterns: tuple[str, ...]
) -> None:
    from fnmatch import fnmatchcase

    service, key = allowance
    unit = BOOK.sku(service, key)[0].listed_unit.base
    for pattern in patterns:
        covered = [
            ladder
            for ladder in BOOK.ladders()
            if ladder.service == service and ladder.kind == "price" and fnmatchcase(ladder.sku_key, pattern)
        ]
        assert covered, pattern
        assert {ladder.listed_unit.base for ladder in covered} == {unit}


def test_what_is_free_is_a_charge_of_its_own_with_its_source() -> None:
    free, first = price([used("CloudFront", "dto.us", "edge:us", 3_000)], BOOK, ON, free_tier=True)
    assert (free.description, free.tier, free.unit) == ("CloudFront dto.us, Free Tier", "free", "GB")
    assert (float(free.unit_price), free.quantity.tolist()) == (0.0, [1_024.0])
    assert free.price_source == BOOK.rule_row("CloudFront", "free.dto", "global").source
    assert first.quantity.tolist() == [1_976.0]
    assert bill([free, first]) == pytest.approx(167.96)  # 1,976 x 0.085


def test_one_allowance_is_shared_over_geographies_in_proportion_to_use() -> None:
    # 1,024 GB for 6,000 in the US and 2,000 in India: 768 and 256. 5,232 x 0.085 + 1,744 x 0.109
    charges = price(
        [used("CloudFront", "dto.us", "edge:us", 6_000), used("CloudFront", "dto.india", "edge:india", 2_000)],
        BOOK,
        ON,
        free_tier=True,
    )
    assert [charge.quantity.item() for charge in charges if charge.tier == "free"] == pytest.approx([768, 256])
    assert bill(charges) == pytest.approx(444.72 + 190.096)


def test_one_allowance_is_shared_over_http_and_https() -> None:
    # 10 of 20 million are free, half of each: 4 million at 0.0075 and 6 million at 0.0100 per 10,000 remain,
    # 400 x 0.0075 + 600 x 0.0100
    charges = price(
        [
            used("CloudFront", "req.http.us", "edge:us", 8_000_000),
            used("CloudFront", "req.https.us", "edge:us", 12_000_000),
        ],
        BOOK,
        ON,
        free_tier=True,
    )
    assert bill(charges) == pytest.approx(9.0)


def test_resources_share_what_their_pool_has_free() -> None:
    # 3 million requests, 1 million free: two thirds of each are paid, 2 million x 0.20 in all
    whole = price([used("Lambda", "requests", "us-east-1", 3e6)], BOOK, ON, free_tier=True)
    parts = price(
        [used("Lambda", "requests", "us-east-1", 1e6), used("Lambda", "requests", "us-east-1", 2e6, "urn:b")],
        BOOK,
        ON,
        free_tier=True,
    )
    assert bill(whole) == pytest.approx(0.40)
    assert bill(parts) == pytest.approx(0.40)
    assert [charge.quantity.item() for charge in parts if charge.tier == "free"] == pytest.approx([1 / 3, 2 / 3])


def test_each_month_has_its_own_allowance() -> None:
    charges = price([used("Lambda", "requests", "us-east-1", [0.5e6, 1e6, 4e6])], BOOK, ON, free_tier=True)
    free, paid = charges
    assert free.quantity.tolist() == pytest.approx([0.5, 1.0, 1.0])
    assert paid.cost.tolist() == pytest.approx([0.0, 0.0, 0.60])  # 3 x 0.20


def test_the_switch_is_off_and_leaves_other_skus_alone() -> None:
    lambda_requests = used("Lambda", "requests", "us-east-1", 3e6)
    storage = used("S3", "storage.standard", "us-east-1", 1_000)
    assert bill(price([lambda_requests], BOOK, ON)) == pytest.approx(0.60)
    assert bill(price([storage], BOOK, ON, free_tier=True)) == bill(price([storage], BOOK, ON))


def test_no_month_is_dearer_with_the_free_tier() -> None:
    for service, sku_key, region in (
        ("DataTransfer", "dto.internet", "us-east-1"),
        ("CloudFront", "functions", "global"),
        ("Lambda", "duration.arm", "eu-west-1"),
        ("CloudFront", "dto.south_america", "edge:south_america"),
    ):
        for amount in (0.0, 1.0, 99.0, 100.0, 101.0, 1e5, 1e9):
            quantity = used(service, sku_key, region, amount)
            assert bill(price([quantity], BOOK, ON, free_tier=True)) <= bill(price([quantity], BOOK, ON)) + 1e-12
