"""Profit and loss, cash and what they say, on numbers that a reader can add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.ledger import ledger
from costmodel.sections.funding import Funding, Round
from costmodel.statements import (
    FUNCTION_OF_CATEGORY,
    break_even_month,
    burn_multiple,
    cash_statement,
    income_statement,
    month_without_cash,
    revenue_per_employee,
    unit_economics,
)
from costmodel.tables import PURCHASES, Activity, Array, Balance, Category, Charge, Timeline

QUARTER = Timeline.starting("2027-01", 3)


def charge(category: Category, amounts: list[float], service: str = "It", sku: str = "sku") -> Charge:
    return Charge(
        category=category,
        service_name=service,
        sku_id=sku,
        description="a line",
        region_id="global",
        resource_urn="",
        quantity=np.array(amounts),
        unit="USD",
        unit_price=np.asarray(1.0),
        driver="given",
        price_source="a test",
        price_date="2026-11",
        price_grade="high",
        usage_based=True,
    )


CHARGES = [
    charge("Advertising", [0, 600, 2_000]),
    charge("Gifts", [100, 100, 100]),
    charge("CDN", [50, 60, 70], "CloudFront"),
    charge("Payouts", [0, 40, 80]),
    charge("Fees", [30, 30, 30]),
    charge("People", [500, 500, 500], "Engineering"),
    charge("People", [80, 80, 80], "Trust and safety"),
    charge("People", [0, 0, 90], "Legal"),
    charge("People", [10, 10, 10], "Engineering", "people.equity"),
    charge("Marketing", [200, 0, 0]),
]
# month              1       2       3
# revenue          100     700   2,100
# cost of revenue  160     210     260   cloud + payouts + fees + moderators (50+0+30+80, 60+40+30+80, 70+80+30+80)
# R&D              510     510     510   engineers, 10 of it in shares
# S&M              200       0       0
# G&A                0       0      90   departments that are no other
# result          -770     -20   1,240


def test_profit_and_loss() -> None:
    made = income_statement(ledger(CHARGES, QUARTER, "test"), QUARTER)
    assert {name: list(amount) for name, amount in made.revenue_by_stream.items()} == {
        "Advertising": [0, 600, 2_000],
        "Gifts": [100, 100, 100],
    }
    assert {name: list(amount) for name, amount in made.costs_by_function.items()} == {
        "Cost of revenue": [160, 210, 260],
        "Research and development": [510, 510, 510],
        "Sales and marketing": [200, 0, 0],
        "General and administrative": [0, 0, 90],
    }
    assert made.operating_result.tolist() == [-770, -20, 1_240]
    assert made.gross_profit.tolist() == [-60, 490, 1_840]
    assert made.gross_margin.tolist() == pytest.approx([-0.6, 0.7, 1_840 / 2_100])


def test_nobody_pays_and_the_margin_is_unknown() -> None:
    made = income_statement(ledger([charge("CDN", [1, 1, 1])], QUARTER, "test"), QUARTER)
    assert made.revenue.tolist() == [0, 0, 0]
    assert np.isnan(made.gross_margin).all()


def test_cash_is_the_result_with_shares_balances_and_funding() -> None:
    made = income_statement(ledger(CHARGES, QUARTER, "test"), QUARTER)
    coins = Balance("coins sold and not spent", np.array([20.0, 50.0, 30.0]), "sold - spent")
    granted = Balance("shares granted to staff", np.array([10.0, 20.0, 30.0]), "sum of grants")
    funding = Funding(opening_cash_usd=1_000, rounds={"seed": Round(month="2027-02", usd=5_000)})
    cash = cash_statement(made, [coins, granted], funding, QUARTER)
    # result -770, -20, 1,240; + 10 in shares each; + 20, + 30, - 20 of coins
    assert cash.operating_cash_flow.tolist() == [-740, 20, 1_230]
    assert cash.cash.tolist() == [260, 5_280, 6_510]
    assert float(cash.cash_needed) == 740
    unfunded = cash_statement(made, [coins, granted], None, QUARTER)
    assert unfunded.cash.tolist() == [-740, -720, 510]
    assert month_without_cash(unfunded.cash) == 0
    assert month_without_cash(cash.cash) is None


def test_break_even_has_to_last() -> None:
    assert break_even_month(np.array([-770.0, -20.0, 1_240.0])) == 2
    assert break_even_month(np.array([1.0, -1.0, 0.0])) == 2
    assert break_even_month(np.array([5.0, 6.0])) == 0
    assert break_even_month(np.array([5.0, -6.0])) is None


def test_the_burn_multiple_is_of_twelve_months() -> None:
    # Sales grow from 100 to 160 a month: 60 x 12 = 720 of new yearly revenue for 12 x 120 = 1,440 burnt: 2.0.
    sales = np.r_[100.0, np.full(11, 130.0), 160.0]
    flow = np.r_[-999.0, np.full(12, -120.0)]
    multiple = burn_multiple(flow, sales)
    assert multiple[-1] == pytest.approx(2.0)
    assert np.isnan(multiple[:-1]).all()
    assert np.isnan(burn_multiple(-flow, sales)[-1]), "no burn"
    assert np.isnan(burn_multiple(flow, sales[::-1])[-1]), "no growth"


def test_revenue_per_employee_is_of_a_year() -> None:
    assert revenue_per_employee(np.array([50_000.0, 1.0]), np.array([4.0, 0.0])).tolist() == pytest.approx(
        [150_000, np.nan], nan_ok=True
    )


def test_unit_economics() -> None:
    nothing = Activity.nothing(QUARTER, ("a", "b"), ("us", "india"), upload_seconds=20, upload_mb=15)
    used: Array = np.array([[10.0, 20.0, 0.0], [30.0, 20.0, 0.0]])
    activity = Activity(**{**vars(nothing), "monthly_active_users": used, "monthly_watch_seconds": used * 3_600})
    units = unit_economics(np.array([80.0, 80.0, 80.0]), activity)
    assert units["monthly user"].tolist() == pytest.approx([2.0, 2.0, np.nan], nan_ok=True)
    assert units["hour watched"].tolist() == pytest.approx([2.0, 2.0, np.nan], nan_ok=True)
    assert np.isnan(units["upload"]).all()


def test_every_purchase_has_a_line() -> None:
    assert set(FUNCTION_OF_CATEGORY) == PURCHASES - {"People"}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Advertising", "Shop", "CDN", "Storage", "Payouts", "Fees", "People", "Compliance"]),
            st.lists(st.integers(0, 10**6), min_size=3, max_size=3),
        ),
        min_size=1,
    )
)
def test_parts_are_the_whole(lines: list[tuple[Category, list[float]]]) -> None:
    table = ledger([charge(category, amounts) for category, amounts in lines], QUARTER, "test")
    made = income_statement(table, QUARTER)
    revenue = table.loc[table["x_flow"] == "revenue", "billed_cost"].sum()
    cost = table.loc[table["x_flow"] == "cost", "billed_cost"].sum()
    assert made.operating_result.sum() == pytest.approx(revenue - cost)
    assert cash_statement(made, [], None, QUARTER).cash[-1] == pytest.approx(revenue - cost)
