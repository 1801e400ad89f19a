"""What holds for every ladder of the shipped book, not just for the ones that a bill happens to use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.errors import PriceNotFound
from costmodel.price_book import Ladder
from costmodel.pricing import PriceBook, Tier, marginal_cost, price, tier_slices
from costmodel.tables import Charge, Quantity

ON = date(2027, 1, 1)
BOOK = PriceBook.load()
PRICES: tuple[Ladder, ...] = tuple(ladder for ladder in BOOK.ladders() if ladder.kind == "price")
SHAPES: tuple[tuple[Tier, ...], ...] = tuple(sorted({ladder.tiers for ladder in PRICES}, key=repr))
"""The distinct ladders: many skus and regions share one."""

BEGIN_FREE = {
    ("CloudFront", "invalidation"): "1,000 paths a month",
    ("CloudWatch", "dashboard"): "3 dashboards",
    ("Cognito", "essentials.mau"): "10,000 users",
    ("Cognito", "lite.mau"): "10,000 users",
    ("Cognito", "saml_oidc.mau"): "50 users",
    ("DynamoDB", "storage.standard"): "25 GB",
    ("DynamoDB", "streams.read"): "2.5 million reads",
    ("EventBridge", "scheduler"): "14 million invocations",
    ("Route53", "health_check.aws"): "50 checks of AWS endpoints",
}
"""Ladders that AWS lists with a first slice at price 0: the average price rises when it is used up, and only then."""

multiples = st.lists(st.floats(min_value=0, max_value=4), min_size=2, max_size=12).map(sorted)
amounts = st.floats(min_value=0, max_value=1e9)


def scale(tiers: tuple[Tier, ...]) -> float:
    """A quantity that reaches beyond the last edge of a ladder."""
    return max(tiers[-1].start, 1.0)


def is_close_or_above(upper: np.ndarray, lower: np.ndarray) -> np.bool_:
    return np.all(upper >= lower * (1 - 1e-12))


@given(multiples)
@settings(max_examples=60, deadline=None)
def test_cost_never_falls_when_usage_rises(usage: list[float]) -> None:
    for tiers in SHAPES:
        cost = marginal_cost(np.array(usage) * scale(tiers), tiers)
        assert is_close_or_above(cost[1:], cost[:-1]), tiers


@given(multiples)
@settings(max_examples=60, deadline=None)
def test_average_price_never_rises_beyond_the_free_allowance(usage: list[float]) -> None:
    for tiers in SHAPES:
        paid = tiers[1:] if tiers[0].price == 0 and len(tiers) > 1 else tiers
        shifted = [Tier(tier.start - paid[0].start, tier.price) for tier in paid]
        quantity = np.array([amount for amount in usage if amount > 1e-9]) * scale(tiers)
        average = marginal_cost(quantity, shifted) / quantity
        assert is_close_or_above(average[:-1], average[1:]), tiers


def test_prices_rise_along_a_ladder_only_after_a_free_allowance() -> None:
    rising = {
        (ladder.rows[0].service, ladder.rows[0].sku_key)
        for ladder in PRICES
        if any(upper.price > lower.price for lower, upper in pairwise(ladder.tiers))
    }
    assert rising == set(BEGIN_FREE)
    for ladder in PRICES:
        paid = ladder.tiers[1:] if ladder.tiers[0].price == 0 else ladder.tiers
        assert all(upper.price <= lower.price for lower, upper in pairwise(paid)), ladder


@pytest.mark.parametrize("side", [-1, 1])
def test_cost_is_continuous_at_every_edge(side: int) -> None:
    for tiers in SHAPES:
        step = scale(tiers) * 1e-9
        dearest = max(tier.price for tier in tiers)
        for tier in tiers[1:]:
            edge = np.array([tier.start, tier.start + side * step])
            at, beside = marginal_cost(edge, tiers)
            assert abs(beside - at) <= dearest * step * 1.001 + abs(at) * 1e-12, tiers


def test_one_tier_is_flat() -> None:
    quantity = np.array([0.0, 0.5, 1e3, 1e12])
    flat = [tiers for tiers in SHAPES if len(tiers) == 1]
    assert flat
    for tiers in flat:
        np.testing.assert_allclose(marginal_cost(quantity, tiers), quantity * tiers[0].price)


@given(st.floats(min_value=0, max_value=1e12))
@settings(max_examples=60, deadline=None)
def test_slices_sum_to_the_quantity(amount: float) -> None:
    for tiers in SHAPES:
        assert tier_slices(np.array([amount]), tiers).sum() == pytest.approx(amount, rel=1e-12)


def charges(ladder: Ladder, *used: float) -> list[Charge]:
    return price(list(quantities(ladder, *used)), BOOK, ON)


def quantities(ladder: Ladder, *used: float) -> Iterator[Quantity]:
    row = ladder.rows[0]
    for number, amount in enumerate(used):
        yield Quantity(
            resource_urn=f"urn:{number}",
            resource_type="aws:any:Thing",
            service=row.service,
            sku_key=row.sku_key,
            region=row.region,
            unit=ladder.listed_unit.base,
            amount=np.array([amount]),
            category="Storage",
            driver="drawn",
            usage_based=True,
        )


def bill(found: list[Charge]) -> float:
    return sum(float(charge.cost[0]) for charge in found)


@given(ladder=st.sampled_from(PRICES), one=amounts, other=amounts)
@settings(max_examples=200, deadline=None)
def test_splitting_a_quantity_between_two_resources_gives_the_same_bill(
    ladder: Ladder, one: float, other: float
) -> None:
    whole = bill(charges(ladder, one + other))
    assert bill(charges(ladder, one, other)) == pytest.approx(whole, rel=1e-9, abs=1e-9)
    assert bill(charges(ladder, other, one)) == pytest.approx(whole, rel=1e-9, abs=1e-9)


@given(ladder=st.sampled_from(PRICES), used=amounts)
@settings(max_examples=200, deadline=None)
def test_the_free_tier_only_ever_lowers_the_bill_and_loses_no_use(ladder: Ladder, used: float) -> None:
    with_it = price(list(quantities(ladder, used)), BOOK, ON, free_tier=True)
    assert bill(with_it) <= bill(charges(ladder, used)) * (1 + 1e-12)
    assert sum(float(charge.quantity[0]) for charge in with_it) == pytest.approx(
        used / ladder.listed_unit.multiple, rel=1e-9, abs=1e-12
    )


@given(ladder=st.sampled_from(PRICES), used=amounts)
@settings(max_examples=200, deadline=None)
def test_charges_add_up_to_what_was_metered_and_what_the_ladder_says(ladder: Ladder, used: float) -> None:
    found = charges(ladder, used)
    listed = used / ladder.listed_unit.multiple
    assert sum(float(charge.quantity[0]) for charge in found) == pytest.approx(listed, rel=1e-9, abs=1e-12)
    assert bill(found) == pytest.approx(marginal_cost(np.array([listed]), ladder.tiers)[0], rel=1e-9, abs=1e-9)
    assert all(charge.unit == ladder.unit for charge in found)


# --- what is not known


REGIONS = sorted({ladder.region for ladder in PRICES} - {"all"})
SKUS = sorted({(ladder.service, ladder.sku_key) for ladder in PRICES})


def test_every_sku_has_a_price_of_its_own_or_an_error_in_every_region() -> None:
    """What a region lacks is refused: 21 regions and groups times every sku."""
    listed = {(ladder.service, ladder.sku_key, ladder.region) for ladder in PRICES}
    for service, sku_key in SKUS:
        for region in REGIONS:
            if {(service, sku_key, region), (service, sku_key, "all")} & listed:
                assert BOOK.ladder(service, sku_key, region, ON).tiers
            else:
                with pytest.raises(PriceNotFound):
                    BOOK.ladder(service, sku_key, region, ON)


@given(sku=st.sampled_from(SKUS), typo=st.text(alphabet="abcxyz._0", min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_an_unknown_sku_never_costs_0(sku: tuple[str, str], typo: str) -> None:
    service, sku_key = sku
    with pytest.raises(PriceNotFound):
        BOOK.ladder(service, f"{sku_key}-{typo}", "us-east-1", ON)


def test_a_price_of_0_is_listed_as_such() -> None:
    """A sku that costs nothing at any quantity is one of a handful that AWS gives away, not a hole in the data."""
    nothing = {(ladder.service, ladder.sku_key) for ladder in PRICES if ladder.tiers[-1].price == 0}
    assert nothing == {
        ("CloudFront", "flatrate.free"),
        ("DataTransfer", "aws_origin_to_cloudfront"),
        ("IVS", "recording"),
        ("S3", "retrieval.glacier_flexible.bulk"),
        ("S3", "transfer.to_cloudfront"),
    }
