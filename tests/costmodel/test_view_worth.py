"""What a thousand views bring and pay in each geography."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from costmodel.assumptions import Assumptions
from costmodel.exports.creators import make_creators
from costmodel.inventory import Inventory
from costmodel.ledger import ledger
from costmodel.payouts import payouts
from costmodel.plan import make_plan
from costmodel.revenue import charges
from costmodel.scenario import Scenario
from costmodel.tables import Activity
from costmodel.view_worth import view_worth

Make = Callable[..., Scenario]
Made = Callable[..., Activity]

EDGES = ("india", "us", "japan")
SECTIONS = {
    "advertising": {
        "in_feed": {
            "place_0": {"priced_by": "cpm", "usd_per_1000_impressions": 0.5, "load": 1, "fill": 1},
            "place_1": {"priced_by": "cpm", "usd_per_1000_impressions": 8, "load": 1, "fill": 1},
        },
        "branded_effects": {"per_year": 12},
    },
    "payouts": {"premium_ads": {"share_of_in_feed": 0.5}},
}


def test_a_thousand_views_by_hand(made_scenario: Make, made_activity: Made) -> None:
    # The last twelve of 18 months are a year, so that the season is a mean of one: 8 dollars for a thousand views, of
    # which creators get half of one half. Nobody pays in place_2; the campaigns belong to no place.
    scenario = made_scenario(months=18, edges=EDGES, **SECTIONS)
    activity, assumptions = made_activity(months=18, edges=EDGES, views=1e6, active_users=1e6), Assumptions.load()
    income = charges(scenario, activity, assumptions)
    paid = payouts(scenario, activity, income, assumptions)
    table = ledger([*income, *paid.charges], scenario.timeline, "case")
    dear, cheap = view_worth(table, activity)
    assert (dear.geography, cheap.geography) == ("place_1", "place_0")
    assert dear.views == 12e6
    assert (dear.advertising_usd, dear.revenue_usd, dear.creators_usd) == pytest.approx((8.0, 8.0, 2.0))
    assert (cheap.advertising_usd, cheap.revenue_usd, cheap.creators_usd) == pytest.approx((0.5, 0.5, 0.125))


def test_a_plan_shorter_than_a_year_counts_as_a_whole(made_scenario: Make, made_activity: Made) -> None:
    scenario = made_scenario(months=2, edges=EDGES, **SECTIONS)
    activity = made_activity(months=2, edges=EDGES, views=1e6)
    table = ledger(charges(scenario, activity, Assumptions.load()), scenario.timeline, "case")
    assert [row.views for row in view_worth(table, activity)] == [2e6, 2e6]
    assert view_worth(table.iloc[:0], activity) == ()


def test_the_report_tells_who_pays_creators(made_scenario: Make) -> None:
    sections = {"gifts": {"starts": "2028-02"}, "shop": {}}
    plan = make_plan(Inventory("p", "s", "us-east-1", {}), made_scenario(months=14, **sections))
    income = {row.source: row for row in make_creators(plan).income}
    assert {name: row.paid_by for name, row in income.items()} == {
        "Affiliate commissions": "sellers and brands",
        "Gifts": "the platform",
    }
    assert income["Gifts"].by_year[0] == 0
    gifts = plan.ledger[(plan.ledger["x_category"] == "Payouts")]["billed_cost"].sum()
    assert income["Gifts"].by_year[1] == pytest.approx(gifts)
    assert np.sum(income["Affiliate commissions"].by_year) == pytest.approx(
        plan.creator_income_usd["Affiliate commissions"].sum()
    )
