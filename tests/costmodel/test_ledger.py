"""Price x quantity = cost on every row, parts = whole, and a check that notices when not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import ledger as book
from costmodel.errors import LedgerError
from costmodel.tables import Activity, Charge, Timeline

QUARTER = Timeline.starting("2027-11", 3)
CHARGE = Charge(
    category="Storage",
    service_name="S3",
    sku_id="storage.standard",
    description="S3 storage.standard, first 51,200 GB-month",
    region_id="us-east-1",
    resource_urn="urn:pulumi:dev::p::p:a:B$aws:s3/bucket:Bucket::raw",
    quantity=np.array([100.0, 0.0, 300.0]),
    unit="GB-month",
    unit_price=np.array(0.023),
    driver="GB kept",
    price_source="a price list",
    price_date="2026-07-28",
    price_grade="high",
    usage_based=True,
    tier="0-51200",
)
HEADS = replace(
    CHARGE,
    category="People",
    service_name="Engineering",
    sku_id="people.engineer",
    resource_urn="",
    quantity=np.array([1.0, 2.0, 2.0]),
    unit="head-month",
    unit_price=np.array([10_000.0, 10_000.0, 11_000.0]),
    usage_based=False,
)


@pytest.fixture
def table() -> pd.DataFrame:
    return book.ledger([CHARGE, HEADS], QUARTER, "test")


def test_one_row_per_charge_and_month_with_a_quantity(table: pd.DataFrame) -> None:
    assert list(table.columns) == list(book.COLUMNS)
    assert table["list_cost"].tolist() == pytest.approx([2.30, 6.90, 10_000, 20_000, 22_000])
    assert table["charge_category"].tolist() == ["Usage"] * 2 + ["Purchase"] * 3
    first = table.iloc[0]
    assert first["charge_period_start"] == pd.Timestamp("2027-11-01")
    assert first["charge_period_end"] == pd.Timestamp("2027-12-01")
    assert table.iloc[1]["charge_period_end"] == pd.Timestamp("2028-02-01"), "periods roll over the year"
    assert (first["resource_id"], first["resource_type"]) == ("raw", "aws:s3/bucket:Bucket")
    assert (first["x_tier"], first["x_price_date"], first["x_scenario"]) == ("0-51200", "2026-07-28", "test")
    assert table["x_usage_based"].tolist() == [True, True, False, False, False]


def test_totals(table: pd.DataFrame) -> None:
    assert book.total(table) == pytest.approx(52_009.20)
    monthly = book.monthly_by_category(table, QUARTER)
    assert monthly.to_dict("list") == {"Storage": pytest.approx([2.3, 0, 6.9]), "People": [10_000, 20_000, 22_000]}
    assert book.monthly_total(table, QUARTER).tolist() == pytest.approx([10_002.3, 20_000, 22_006.9])


def test_unit_costs_are_unknown_without_users(table: pd.DataFrame, made_activity: Callable[..., Activity]) -> None:
    activity = replace(made_activity(months=3, active_users=1000, views=50_000), timeline=QUARTER)
    activity.monthly_active_users[..., 0] = 0
    per_mau = book.cost_per_mau(table, activity)
    assert np.isnan(per_mau[0])
    assert per_mau[1] == pytest.approx(20.0)
    assert book.cost_per_thousand_views(table, activity)[1] == pytest.approx(400.0)


def test_an_empty_plan_has_an_empty_ledger() -> None:
    table = book.ledger([], QUARTER, "test")
    assert list(table.columns) == list(book.COLUMNS)
    book.check(table, [])
    assert book.total(table) == 0
    assert book.monthly_total(table, QUARTER).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("list_cost", 2.31, "found a cost that is not price x quantity"),
        ("billed_cost", 2.31, "found a billed cost that is not the list cost"),
        ("pricing_quantity", float("nan"), "found a number that is not finite"),
        ("pricing_quantity", -1.0, "found a quantity of 0 or less"),
        ("list_unit_price", -0.023, "found a negative price"),
        ("charge_period_end", pd.Timestamp("2027-11-01"), "found a period that ends before it starts"),
    ],
)
def test_check_names_the_first_row_that_breaks_an_invariant(
    table: pd.DataFrame, column: str, value: float | pd.Timestamp, message: str
) -> None:
    table.loc[1, column] = value
    with pytest.raises(LedgerError) as caught:
        book.check(table)
    assert any(str(fault).startswith("ledger row 1:") and message in str(fault) for fault in caught.value.faults)


@pytest.mark.parametrize(("column", "message"), [("x_category", "an unknown category"), ("sku_id", "an empty text")])
def test_check_reads_texts_too(table: pd.DataFrame, column: str, message: str) -> None:
    table[column] = table[column].cat.rename_categories({table[column].iloc[0]: ""})
    with pytest.raises(LedgerError, match=f"ledger row 0: found {message}"):
        book.check(table)


def test_check_notices_a_lost_row_and_a_lost_column(table: pd.DataFrame) -> None:
    book.check(table, [CHARGE, HEADS])
    with pytest.raises(LedgerError, match=r"a sum of 52,006\.90, expected the sum of its charges, 52,009\.20"):
        book.check(table.drop(index=0), [CHARGE, HEADS])
    with pytest.raises(LedgerError, match="no column x_driver"):
        book.check(table.drop(columns="x_driver"))


@given(
    quantities=st.lists(
        st.lists(st.floats(0, 1e12, allow_subnormal=False), min_size=3, max_size=3), min_size=1, max_size=5
    ),
    prices=st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=5, max_size=5),
)
def test_parts_make_the_whole(quantities: list[list[float]], prices: list[float]) -> None:
    charges = [
        replace(CHARGE, quantity=np.array(quantity), unit_price=np.array(price))
        for quantity, price in zip(quantities, prices, strict=False)
    ]
    table = book.ledger(charges, QUARTER, "test")
    book.check(table, charges)
    by_month = book.monthly_total(table, QUARTER)
    assert by_month.sum() == pytest.approx(sum(float(charge.cost.sum()) for charge in charges))
