"""A company in a whole plan: what its parts tell one another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from costmodel.inventory import Inventory, Resource
from costmodel.plan import Plan, make_plan
from costmodel.scenario import Scenario

TYPES = (
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:lambda/function:Function",
    "pulumi:providers:aws",
)


def inventory() -> Inventory:
    return Inventory("", "", "us-east-1", {t: Resource(t, t, "x", "", {}, {}, "us-east-1") for t in TYPES})


def role(driver: str, **extra: Any) -> dict[str, Any]:
    return {"department": "Some", "salary_usd_per_year": 60_000, "driver": driver, **extra}


@pytest.fixture
def plan(steady: Callable[..., Scenario]) -> Plan:
    """61 million users in Europe, 45.75 million of them in the Union, and in-feed advertising."""
    contractor = {"department": "Some", "usd_per_hour": 8, "driver": "fixed", "heads": 7}
    roles = {
        "seller": role("advertising_usd_per_year", units_per_head=100e6),
        "counsel": role("regulation", mid=3, very_large=40),
        "contractor": contractor,
    }
    market = {"priced_by": "cpm", "usd_per_1000_impressions": 1.0}
    sections = {
        "people": {"roles": roles, "equity_to_cash_pay": 0.5},
        "compliance": {},
        "advertising": {"in_feed": {"place_0": market}},
    }
    content = steady(61e6, 2, ("europe_israel",)).model_dump() | sections
    return make_plan(Inventory.empty(), Scenario.model_validate(content))


def usd(plan: Plan, column: str, *values: str) -> float:
    return float(plan.ledger.loc[plan.ledger[column].isin(values), "billed_cost"].sum())


def test_sellers_follow_the_advertising_that_the_plan_sells(plan: Plan) -> None:
    sold = plan.ledger[(plan.ledger["x_category"] == "Advertising")]
    january = float(sold.loc[sold["charge_period_start"] == "2027-01-01", "billed_cost"].sum())
    assert january > 0
    assert plan.headcount["seller"][0] == np.ceil(january * 12 / 100e6)


def test_counsel_follows_the_duties_and_contractors_are_no_employees(plan: Plan) -> None:
    assert list(plan.headcount["counsel"]) == [40, 40]
    assert set(plan.headcount) == {"seller", "counsel"}
    assert list(plan.contractors["contractor"]) == [7, 7]


def test_fines_are_a_share_of_all_that_customers_pay(plan: Plan) -> None:
    revenue = float(plan.ledger.loc[plan.ledger["x_flow"] == "revenue", "billed_cost"].sum())
    assert usd(plan, "sku_id", "compliance.expected_fines") == pytest.approx(revenue * 0.013)


def test_the_fee_of_the_commission_is_capped_by_the_result_of_the_month(plan: Plan) -> None:
    fees = plan.ledger[plan.ledger["sku_id"] == "compliance.dsa_fee"]
    other_costs = plan.ledger[(plan.ledger["x_flow"] == "cost") & (plan.ledger["x_category"] != "Compliance")]
    for month in ("2027-01-01", "2027-02-01"):
        earned = float(
            plan.ledger.loc[
                (plan.ledger["x_flow"] == "revenue") & (plan.ledger["charge_period_start"] == month), "billed_cost"
            ].sum()
        )
        spent = float(other_costs.loc[other_costs["charge_period_start"] == month, "billed_cost"].sum())
        paid = float(fees.loc[fees["charge_period_start"] == month, "billed_cost"].sum())
        assert paid == pytest.approx(min(45.75e6 / 12 * 0.018, 0.0005 * max(earned - spent, 0)), rel=1e-6)


def test_shares_granted_are_owed_for_ever(plan: Plan) -> None:
    (shares,) = [balance for balance in plan.balances if balance.name == "shares granted to staff"]
    assert shares.owed[-1] == pytest.approx(usd(plan, "sku_id", "people.equity"))


def test_services_of_a_stack_are_counted_once() -> None:
    assert inventory().service_count == 2
    assert Inventory.empty().service_count == 0
