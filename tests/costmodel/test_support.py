"""AWS Support as a share of the bill, worked by hand on both sides of every edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import support
from costmodel.billing import Case, make_bill
from costmodel.discounts import Percentage
from costmodel.exports.bill_text import bill_text
from costmodel.inventory import Inventory, Resource
from costmodel.plan import make_plan
from costmodel.pricing import PriceBook
from costmodel.scenario import Scenario
from costmodel.tables import Charge, SupportPlan

BOOK = PriceBook.load()


def spent(*usd: float) -> Charge:
    """AWS charges of so much in each month."""
    return Charge(
        category="Compute",
        service_name="Lambda",
        sku_id="requests",
        description="Lambda requests",
        region_id="us-east-1",
        resource_urn="urn:x",
        quantity=np.array(usd),
        unit="requests",
        unit_price=np.ones(()),
        driver="calls",
        price_source="made up",
        price_date="2026-11-22",
        price_grade="low",
        usage_based=True,
    )


def paid(plan: SupportPlan, *usd: float) -> list[float]:
    charges = support.charges(plan, [spent(*usd)], BOOK, date.max)
    months = [charge.cost for charge in charges]
    return [float(month) for month in sum(months[1:], months[0])]


@pytest.mark.parametrize(
    ("plan", "bill", "dollars"),
    [
        # 9 % of the first 10,000, 7 % to 80,000, 5 % to 250,000, 3 % above; at least 29.
        ("business_plus", 0, 29),
        ("business_plus", 100, 29),
        ("business_plus", 29 / 0.09, 29),
        ("business_plus", 400, 36),
        ("business_plus", 10_000, 900),
        ("business_plus", 10_100, 900 + 7),
        ("business_plus", 80_000, 900 + 4_900),
        ("business_plus", 80_100, 5_800 + 5),
        ("business_plus", 250_000, 5_800 + 8_500),
        ("business_plus", 250_100, 14_300 + 3),
        # 10 % of the first 150,000, 7 % to 500,000, 5 % to 1,000,000, 3 % above; at least 5,000.
        ("enterprise", 49_999, 5_000),
        ("enterprise", 50_100, 5_010),
        ("enterprise", 150_100, 15_000 + 7),
        ("enterprise", 500_100, 15_000 + 24_500 + 5),
        ("enterprise", 1_000_100, 39_500 + 25_000 + 3),
        # 10 %, at least 50,000.
        ("unified_operations", 499_000, 50_000),
        ("unified_operations", 600_000, 60_000),
    ],
)
def test_a_share_of_each_slice_of_the_bill_and_a_minimum(plan: SupportPlan, bill: float, dollars: float) -> None:
    assert paid(plan, bill) == pytest.approx([dollars])


def test_each_month_has_its_own_ladder() -> None:
    assert paid("business_plus", 100, 10_100) == pytest.approx([29, 907])


def test_a_leading_trial_axis_passes() -> None:
    trials = replace(spent(0), quantity=np.array([[100.0, 400.0], [10_100.0, 80_100.0]]))
    charges = support.charges("business_plus", [trials], BOOK, date.max)
    assert sum(charge.cost for charge in charges) == pytest.approx(np.array([[29, 36], [907, 5_805]]))


def test_what_is_billed_counts_and_not_the_list_price() -> None:
    halved = replace(spent(20_000), billed=np.array([10_000.0]))
    assert sum(c.cost for c in support.charges("business_plus", [halved], BOOK, date.max)) == pytest.approx([900])


def test_nothing_to_support() -> None:
    assert support.charges("enterprise", [], BOOK, date.max) == []


@given(
    plan=st.sampled_from(["business_plus", "enterprise", "unified_operations"]),
    one=st.floats(0, 1e8),
    more=st.floats(0, 1e8),
)
def test_support_never_falls_when_the_bill_rises(plan: SupportPlan, one: float, more: float) -> None:
    less, greater = paid(plan, one, one + more)
    assert greater >= less * (1 - 1e-12) > 0


def test_price_times_quantity_is_cost_on_every_line() -> None:
    for charge in support.charges("business_plus", [spent(100_000.0)], BOOK, date.max):
        assert charge.category == "Support"
        assert charge.price_source
        assert charge.cost == pytest.approx(charge.quantity * charge.unit_price)


def gateways() -> Inventory:
    nat = Resource("urn:nat", "aws:ec2/natGateway:NatGateway", "out", "", {}, {}, "us-east-1")
    return Inventory("shop", "dev", "us-east-1", {nat.urn: nat})


def test_the_bill_of_a_stack_and_its_plan_show_it(steady: Callable[..., Scenario]) -> None:
    scenario = steady(1000).model_copy(update={"support": "business_plus"})
    bill = make_bill(Case(gateways(), scenario))
    # 730 h x 0.045 = 32.85, of which 9 % are less than 29.
    assert bill.cost == pytest.approx(32.85 + 29)
    assert not bill.is_discounted
    text = bill_text(bill)
    assert "AWS Support, business plus" in text
    assert "By share of the bill            $29.00" in text
    ledger = make_plan(gateways(), scenario).ledger
    lines = ledger[ledger["x_category"] == "Support"]
    assert lines["billed_cost"].sum() == pytest.approx(29)
    assert set(lines["charge_category"]) == {"Usage"}


def test_discounts_act_before_it(steady: Callable[..., Scenario]) -> None:
    off = {"deal": Percentage(kind="percentage", share_off=0.5)}
    scenario = steady(1000).model_copy(update={"support": "business_plus", "discounts": off})
    bill = make_bill(Case(gateways(), scenario))
    assert bill.billed_cost == pytest.approx(32.85 / 2 + 29)
    assert bill.cost == pytest.approx(32.85 + 29)
    assert bill.is_discounted
