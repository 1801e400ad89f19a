"""Units, tiers, and how charges arise from quantities, on a small made-up book."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from costmodel.errors import PlanError, PriceNotFound, QuantityError, UnitError
from costmodel.price_book import COLUMNS
from costmodel.pricing import PriceBook, Tier, marginal_cost, price, tier_slices
from costmodel.tables import Array, Charge, Quantity
from costmodel.units import BASE_UNITS, DAYS_PER_MONTH, HOURS_PER_MONTH, ListedUnit, parse_unit

ON = date(2027, 1, 1)
TIERS = [Tier(0, 0.10), Tier(100, 0.05), Tier(400, 0.02)]


def test_a_month_has_730_hours() -> None:
    assert HOURS_PER_MONTH == 730  # 365 days x 24 hours / 12 months
    assert pytest.approx(365) == DAYS_PER_MONTH * 12


@pytest.mark.parametrize(
    ("text", "multiple", "base"),
    [
        ("requests", 1, "requests"),
        ("10000 requests", 10_000, "requests"),
        ("1000000 RRU", 1_000_000, "RRU"),
        ("GB each direction", 1, "GB each direction"),
        ("1000000 write IOs", 1_000_000, "write IOs"),
        ("normalized minutes per output minute", 1, "normalized minutes per output minute"),
    ],
)
def test_listed_units_are_multiples_of_base_units(text: str, multiple: int, base: str) -> None:
    assert parse_unit(text) == ListedUnit(multiple, base)


@pytest.mark.parametrize("base", sorted(BASE_UNITS))
def test_every_base_unit_parses_alone_and_in_thousands(base: str) -> None:
    assert parse_unit(base) == ListedUnit(1, base)
    assert parse_unit(f"1000 {base}") == ListedUnit(1000, base)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1000 request", 'unit: found "1000 request", expected a unit of costmodel/units.py (nearest: "requests")'),
        ("gb-month", 'unit: found "gb-month", expected a unit of costmodel/units.py (nearest: "GB-month")'),
        ("0 GB", 'unit: found "0 GB", expected a unit of costmodel/units.py (nearest: "GB")'),
        ("1e6 requests", 'unit: found "1e6 requests", expected a unit of costmodel/units.py (nearest: "requests")'),
        ("", 'unit: found "", expected a unit of costmodel/units.py'),
    ],
)
def test_an_unknown_unit_is_an_error(text: str, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_unit(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("quantity", "cost"),
    [
        (0.0, 0.0),
        (50.0, 5.0),  # 50 x 0.10
        (99.0, 9.9),
        (100.0, 10.0),  # 100 x 0.10: the edge belongs to the first tier
        (101.0, 10.05),  # 10 + 1 x 0.05
        (400.0, 25.0),  # 10 + 300 x 0.05
        (401.0, 25.02),
        (1000.0, 37.0),  # 10 + 15 + 600 x 0.02
    ],
)
def test_each_tier_prices_only_its_own_slice(quantity: float, cost: float) -> None:
    assert marginal_cost(np.array([quantity]), TIERS) == pytest.approx([cost], abs=1e-12)


def test_slices_sum_to_the_quantity_on_any_leading_shape() -> None:
    quantity = np.array([[0.0, 100.0, 250.0], [400.0, 1e9, 3.5]])
    slices = tier_slices(quantity, TIERS)
    assert slices.shape == (2, 3, 3)
    np.testing.assert_allclose(slices.sum(axis=-1), quantity)
    np.testing.assert_array_equal(slices[0, 2], [100.0, 150.0, 0.0])


def test_a_single_quantity_needs_no_axis() -> None:
    assert tier_slices(np.array(250.0), TIERS).tolist() == [100.0, 150.0, 0.0]
    assert float(marginal_cost(np.array(250.0), TIERS)) == 17.5  # 100 x 0.10 + 150 x 0.05


def test_one_tier_is_a_flat_price() -> None:
    quantity = np.array([0.0, 1.0, 1e12])
    np.testing.assert_array_equal(marginal_cost(quantity, [Tier(0, 0.25)]), quantity * 0.25)


# --- charges, on a book of three skus


@pytest.fixture
def book(tmp_path: Path) -> PriceBook:
    rows = [
        "Disk,stored,us-east-1,GB-month,0,100,0.1,2026-01-01,list A,high,",
        "Disk,stored,us-east-1,GB-month,100,400,0.05,2026-01-01,list A,med,",
        "Disk,stored,us-east-1,GB-month,400,,0.02,2026-01-01,list B,low,",
        "Disk,stored,eu-west-1,GB-month,0,,0.2,2026-01-01,list A,high,",
        "Disk,asked,all,1000 requests,0,2,0,2026-02-01,list A,high,free allowance",
        "Disk,asked,all,1000 requests,2,,0.4,2026-02-01,list A,high,",
        "Disk,rule.smallest,all,KB,0,,128,2026-02-01,list A,high,",
    ]
    (tmp_path / "disk.csv").write_text("\n".join([",".join(COLUMNS), *rows, ""]))
    return PriceBook.load(tmp_path)


def metered(
    amount: Array | list[float],
    *,
    urn: str = "urn:disk",
    sku_key: str = "stored",
    region: str = "us-east-1",
    unit: str = "GB-month",
) -> Quantity:
    return Quantity(
        resource_urn=urn,
        resource_type="aws:disk:Disk",
        service="Disk",
        sku_key=sku_key,
        region=region,
        unit=unit,
        amount=np.asarray(amount, dtype=np.float64),
        category="Storage",
        driver="videos x size",
        usage_based=True,
    )


def total(charges: list[Charge]) -> Array:
    return np.asarray(sum((charge.cost for charge in charges), start=np.float64(0)))


def test_a_quantity_becomes_one_charge_a_tier_that_it_uses(book: PriceBook) -> None:
    charges = price([metered([50.0, 150.0])], book, ON)
    assert [(charge.tier, charge.quantity.tolist(), float(charge.unit_price)) for charge in charges] == [
        ("0-100", [50.0, 100.0], 0.1),
        ("100-400", [0.0, 50.0], 0.05),
    ]
    np.testing.assert_allclose(total(charges), [5.0, 12.5])  # 50 x 0.10; 100 x 0.10 + 50 x 0.05


def test_a_charge_says_what_it_is_and_where_its_price_comes_from(book: PriceBook) -> None:
    charge = price([metered([500.0])], book, ON)[-1]
    assert charge.description == "Disk stored, over 400 GB-month"
    assert (charge.service_name, charge.sku_id, charge.region_id) == ("Disk", "stored", "us-east-1")
    assert (charge.resource_urn, charge.category, charge.unit) == ("urn:disk", "Storage", "GB-month")
    assert (charge.price_source, charge.price_date, charge.price_grade) == ("list B", "2026-01-01", "low")
    assert (charge.driver, charge.usage_based, charge.tier) == ("videos x size", True, "400+")


def test_a_flat_price_has_no_tier(book: PriceBook) -> None:
    (charge,) = price([metered([500.0], region="eu-west-1")], book, ON)
    assert (charge.tier, charge.description) == ("", "Disk stored")
    assert charge.cost.tolist() == [100.0]  # 500 x 0.20


def test_a_free_allowance_that_is_used_is_a_charge_at_price_0(book: PriceBook) -> None:
    free, paid = price([metered([5000.0], sku_key="asked", unit="requests")], book, ON)
    assert (free.description, float(free.unit_price), free.quantity.tolist()) == (
        "Disk asked, 2,000 requests free",
        0.0,
        [2.0],
    )
    # 5,000 requests, 2,000 of them free: 3 thousands x 0.40
    assert (paid.description, paid.unit, paid.cost.tolist()) == (
        "Disk asked, over 2,000 requests",
        "1000 requests",
        [pytest.approx(1.2)],
    )


def test_resources_share_one_ladder_in_proportion_to_their_use(book: PriceBook) -> None:
    charges = price([metered([300.0], urn="urn:a"), metered([100.0], urn="urn:b")], book, ON)
    # Sum 400: 100 x 0.10 + 300 x 0.05 = 25.00; three quarters of each slice belong to a.
    assert [(charge.resource_urn, charge.tier, charge.quantity.tolist()) for charge in charges] == [
        ("urn:a", "0-100", [75.0]),
        ("urn:a", "100-400", [225.0]),
        ("urn:b", "0-100", [25.0]),
        ("urn:b", "100-400", [75.0]),
    ]
    assert total(charges).tolist() == [25.0]
    assert total(charges[:2]).tolist() == [18.75]


def test_regions_do_not_share_a_ladder(book: PriceBook) -> None:
    here, there = metered([100.0]), metered([100.0], region="eu-west-1")
    assert total(price([here, there], book, ON)).tolist() == [30.0]  # 100 x 0.10 + 100 x 0.20


def test_order_does_not_change_a_single_bit(book: PriceBook) -> None:
    quantities = [metered([amount], urn=f"urn:{i}") for i, amount in enumerate((0.1, 0.7, 211.3, 1e-7))]
    bills = {
        tuple(sorted((charge.resource_urn, charge.tier, *charge.cost) for charge in price(list(order), book, ON)))
        for order in itertools.permutations(quantities)
    }
    assert len(bills) == 1


def test_an_unused_quantity_makes_no_charge_and_a_month_without_use_costs_nothing(book: PriceBook) -> None:
    assert price([metered([0.0, 0.0])], book, ON) == []
    assert price([], book, ON) == []
    used, idle = metered([0.0, 10.0]), metered([0.0, 0.0], urn="urn:idle")
    (charge,) = price([used, idle], book, ON)
    assert charge.cost.tolist() == [0.0, 1.0]


def test_a_trial_axis_broadcasts_through(book: PriceBook) -> None:
    trials = metered(np.array([[50.0, 150.0], [500.0, 0.0]]))
    certain = metered([100.0, 100.0], urn="urn:certain")
    bill = total(price([trials, certain], book, ON))
    one_by_one = [
        total(price([metered(trials.amount[trial]), certain], book, ON)) for trial in range(len(trials.amount))
    ]
    assert bill.shape == (2, 2)
    np.testing.assert_allclose(bill, one_by_one)


# --- what cannot be priced


def test_another_unit_than_the_skus_is_an_error_that_names_both(book: PriceBook) -> None:
    with pytest.raises(UnitError) as caught:
        price([metered([1.0], sku_key="asked", unit="1000 requests")], book, ON)
    assert str(caught.value) == (
        'urn:disk: Disk asked in us-east-1: found "1000 requests", expected "requests" (listed per "1000 requests")'
    )


@pytest.mark.parametrize(("amount", "found"), [(-1.0, "-1"), (np.nan, "nan"), (np.inf, "inf")])
def test_an_impossible_amount_is_an_error_not_a_price(book: PriceBook, amount: float, found: str) -> None:
    with pytest.raises(QuantityError) as caught:
        price([metered([1.0, amount])], book, ON)
    assert str(caught.value) == (
        f"urn:disk: Disk stored in us-east-1: found {found} GB-month, expected a finite amount >= 0 (videos x size)"
    )


def test_a_missing_price_is_never_0(book: PriceBook) -> None:
    with pytest.raises(PriceNotFound) as caught:
        price([metered([1.0], sku_key="storde"), metered([1.0], region="sa-east-1")], book, ON)
    assert [str(fault) for fault in caught.value.faults] == [
        "Disk storde in us-east-1 on 2027-01-01: found no such sku, expected a sku key of disk.csv (nearest: stored)",
        "Disk stored in sa-east-1 on 2027-01-01: found no price, expected one of eu-west-1, us-east-1 "
        "(append it to costmodel/data/prices/disk.csv with unit, date and source)",
    ]


def test_a_rule_cannot_be_bought(book: PriceBook) -> None:
    with pytest.raises(PriceNotFound, match=r"found a rule \[KB\], expected a price"):
        price([metered([1.0], sku_key="rule.smallest", unit="KB")], book, ON)


def test_faults_of_several_kinds_are_reported_together(book: PriceBook) -> None:
    with pytest.raises(PlanError) as caught:
        price([metered([-1.0]), metered([1.0], unit="GB"), metered([1.0], region="sa-east-1")], book, ON)
    assert len(caught.value.faults) == 3
    assert type(caught.value) is PlanError
