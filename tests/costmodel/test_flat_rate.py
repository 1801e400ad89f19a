"""CloudFront's flat-rate plans beside what a distribution is billed by GB and request, worked by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from costmodel import flat_rate
from costmodel.billing import Case, make_bill
from costmodel.inventory import Inventory, Resource
from costmodel.plan import Plan
from costmodel.pricing import PriceBook
from costmodel.scenario import Scenario
from costmodel.tables import Charge, Timeline

BOOK = PriceBook.load()
EDGE = Resource("urn:edge", "aws:cloudfront/distribution:Distribution", "edge", "", {}, {}, "us-east-1")
STACK = Inventory("shop", "dev", "us-east-1", {EDGE.urn: EDGE})


def charge(sku: str, unit: str, quantity: list[float], usd: float) -> Charge:
    return Charge(
        category="CDN",
        service_name="CloudFront",
        sku_id=sku,
        description=sku,
        region_id="edge:us",
        resource_urn=EDGE.urn,
        quantity=np.array(quantity),
        unit=unit,
        unit_price=np.asarray(usd),
        driver="",
        price_source="made up",
        price_date="2026-11-22",
        price_grade="low",
        usage_based=True,
    )


def noted(gb: list[float], millions: list[float], **options: bool) -> list[str]:
    """Notes on months of so many GB at 0.085, and so many million requests at 0.0100 per 10,000."""
    charges = [
        charge("dto.us", "GB", gb, 0.085),
        charge("req.https.us", "10000 requests", [n * 100 for n in millions], 0.01),
        charge("origin_shield", "10000 requests", [9e9] * len(gb), 0.01),  # no plan takes its place
    ]
    timeline = Timeline.starting("2027-01", len(gb))
    return list(flat_rate.notes(charges, STACK, timeline, BOOK, **options))


def test_the_plans_are_those_of_the_price_book() -> None:
    keys = {ladder.sku_key for ladder in BOOK.ladders() if ladder.sku_key.startswith("flatrate.")}
    listed = {f"flatrate.{name}" for name in flat_rate.PLANS}
    assert keys == listed | {"flatrate.premium.level_50tb"}  # the first level of premium, by another name
    assert [plan.usd_per_month for plan in flat_rate.flat_rates(BOOK)] == [
        0, 15, 200, 1000, 1450, 2250, 3500, 6000, 10_000,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("gb", "millions", "plan", "fee", "paid"),
    [
        (100, 1, "free", 0, 8.5 + 1),
        (101, 1, "pro", 15, None),  # 8.59 + 1 are less than 15
        (1_000, 10, "pro", 15, 85 + 10),
        (1_000, 11, "business", 200, None),  # 85 + 11 are less than 200
        (50_000, 10, "pro", 15, 4_250 + 10),
        (50_000, 125, "business", 200, 4_250 + 125),
        (50_000, 126, "premium", 1_000, 4_250 + 126),
        (50_001, 1, "premium.level_75tb", 1_450, 4_250.085 + 1),
        (600_000, 6_000, "premium.level_600tb", 10_000, 51_000 + 6_000),
        (600_001, 1, "", 0, None),  # beyond all plans
        (1, 6_001, "", 0, None),
    ],
)
def test_the_cheapest_plan_that_carries_both(
    gb: float, millions: float, plan: str, fee: float, paid: float | None
) -> None:
    found = noted([gb], [millions])
    if paid is None:
        assert found == []
    else:
        assert (
            f"edge: a flat-rate plan of CloudFront would be cheaper in 2027-01, when {plan} costs ${fee:,.0f}"
            in found[0]
        )
        assert f"instead of ${paid:,.0f};" in found[0]


def test_of_several_months_the_one_that_saves_most_is_the_example() -> None:
    found = noted([10, 40_000, 700_000, 20_000], [1, 1, 1, 1])
    # 0.85 + 1 against 0, 3,401 against 15, no plan, 1,701 against 15.
    assert "cheaper in 3 of 4 months; most in 2027-02, when pro costs $15 instead of $3,401" in found[0]
    assert (
        "in 2027-04, when pro costs $15 instead of $1,701"
        in noted([10, 40_000, 700_000, 20_000], [1] * 4, last_only=True)[0]
    )


def test_a_private_price_is_what_it_is_compared_with() -> None:
    private = replace(charge("dto.us", "GB", [10_000.0], 0.085), billed=np.array([14.0]))
    assert list(flat_rate.notes([private], STACK, Timeline.starting("2027-01", 1), BOOK)) == []


def test_trials_are_not_compared() -> None:
    trials = replace(charge("dto.us", "GB", [], 0.085), quantity=np.ones((3, 1)) * 1000)
    assert list(flat_rate.notes([trials], STACK, Timeline.starting("2027-01", 1), BOOK)) == []


def test_the_bill_and_the_plan_tell_it(
    niche: Scenario, niche_plan: Plan, loaded: Callable[[object], Inventory]
) -> None:
    bill = make_bill(Case(niche_plan.inventory, niche, month="6"))
    assert any("flat-rate plan of CloudFront would be cheaper in 2027-" in note for note in bill.notes)
    assert any(
        "flat-rate plan of CloudFront would be cheaper in" in note and " months; most in" in note
        for note in niche_plan.notes
    )
    nobody = make_bill(Case(niche_plan.inventory))
    assert not any("flat-rate" in note for note in nobody.notes)
