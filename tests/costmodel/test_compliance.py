from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.assumptions import Assumptions
from costmodel.compliance import charges, regime
from costmodel.compliance.duties import newly_there, supervisory_fee_users
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Array, Charge

EDGES = ("us", "europe_israel")
MadeActivity = Callable[..., Activity]


def scenario(steady: Callable[..., Scenario], months: int = 1, **compliance: Any) -> Scenario:
    """Places 0 (United States) and 1 (Europe)."""
    return Scenario.model_validate(steady(1e6, months, EDGES).model_dump() | {"compliance": compliance})


def activity_of(us: list[float], europe: list[float], made_activity: MadeActivity) -> Activity:
    return replace(made_activity(len(us), EDGES), monthly_active_users=np.array([us, europe]))


def lines(
    plan: Scenario, activity: Activity, others: list[Charge] | None = None, **overrides: float
) -> dict[str, Array]:
    """Sku without its prefix -> cost of each month."""
    assumptions = Assumptions.load(overrides)
    duties = regime(plan, activity, assumptions)
    found = charges(plan, activity, assumptions, duties, others or [])
    assert all(charge.category == "Compliance" for charge in found)
    return {charge.sku_id.removeprefix("compliance."): charge.cost for charge in found}


def money(category: Any, usd: list[float]) -> Charge:
    return Charge(category, "", "", "", "", "", np.array(usd), "USD", np.ones(1), "", "", "", "low", True)


def test_without_the_section_there_is_nothing(steady: Callable[..., Scenario], made_activity: MadeActivity) -> None:
    plan, activity = steady(1e6, 1, EDGES), activity_of([1e9], [1e9], made_activity)
    assert regime(plan, activity, Assumptions.load()) is None
    assert charges(plan, activity, Assumptions.load(), None) == []


def test_duties_follow_the_users(steady: Callable[..., Scenario], made_activity: MadeActivity) -> None:
    # three quarters of Europe are in the Union: 59,999,999 there are just below 45 million, 60,000,000 are it
    us = [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    europe = [999_999.0, 999_999.0, 59_999_999.0, 60_000_000.0, 60_000_000.0, 10.0]
    duties = regime(scenario(steady, 6), activity_of(us, europe, made_activity), Assumptions.load())
    assert duties is not None
    assert list(duties.mid) == [0, 1, 1, 1, 1, 1]
    assert list(duties.very_large) == [0, 0, 0, 1, 1, 1]  # a designation stays
    assert duties.eu_monthly_active_users[3] == pytest.approx(45e6)


def test_the_share_in_the_union_can_be_said(steady: Callable[..., Scenario], made_activity: MadeActivity) -> None:
    plan = scenario(steady, eu_share={"place_0": 0.1, "place_1": 0.5})
    duties = regime(plan, activity_of([300e6], [40e6], made_activity), Assumptions.load())
    assert duties is not None
    assert duties.eu_monthly_active_users[0] == pytest.approx(30e6 + 20e6)
    assert duties.very_large[0] == 1


def test_a_small_platform_by_hand(steady: Callable[..., Scenario], made_activity: MadeActivity) -> None:
    found = lines(scenario(steady, 2), activity_of([500_000.0] * 2, [0.0] * 2, made_activity))
    assert list(found["privacy_build_small"]) == [15_000, 0]
    assert list(found["privacy_run_small"]) == pytest.approx([8_000 / 12] * 2)
    # half a million users: 0.5 x 175 / 12 requests at 20; 0.5 x 1,000 / 12 at 2; 0.5 x 370 / 12 at 10
    assert found["access_requests"][0] == pytest.approx(0.5 * 175 / 12 * 20)
    assert found["erasure_requests"][0] == pytest.approx(0.5 * 1_000 / 12 * 2)
    assert found["child_abuse_reports"][0] == pytest.approx(0.5 * 370 / 12 * 10)
    # one fine of 5.7 million in 500 years: 950 USD a month
    assert found["expected_fines_small"][0] == pytest.approx(5.7e6 * 0.002 / 12)
    for sku in ("privacy_build", "officer", "security_audit", "reports", "dsa_audit", "dsa_fee", "expected_fines"):
        assert not found[sku].any()


def test_middle_size_takes_the_place_of_small(steady: Callable[..., Scenario], made_activity: MadeActivity) -> None:
    found = lines(scenario(steady, 3), activity_of([900_000.0, 1_000_000.0, 2e6], [0.0] * 3, made_activity))
    assert list(found["privacy_build_small"]) == [15_000, 0, 0]
    assert list(found["privacy_build"]) == [0, 200_000, 0]
    assert list(found["privacy_run_small"]) == pytest.approx([8_000 / 12, 0, 0])
    assert list(found["privacy_run"]) == pytest.approx([0, 70_000 / 12, 70_000 / 12])
    assert list(found["officer"]) == pytest.approx([0, 5_000, 5_000])
    assert list(found["security_audit"]) == pytest.approx([0, 2_500, 2_500])
    assert list(found["reports"]) == pytest.approx([0, 40_000 / 12, 40_000 / 12])


def test_what_was_built_before_the_plan_is_not_built_again(
    steady: Callable[..., Scenario], made_activity: MadeActivity
) -> None:
    old, large = scenario(steady, 2, starts="2025-01"), activity_of([2e6] * 2, [0.0] * 2, made_activity)
    assert not lines(old, large)["privacy_build"].any()
    assert not lines(old, activity_of([2.0] * 2, [0.0] * 2, made_activity))["privacy_build_small"].any()
    later = scenario(steady, 2, starts="2027-02")
    assert list(lines(later, large)["privacy_build"]) == [0, 200_000]
    assert not lines(later, large)["privacy_build_small"].any()  # who begins at middle size builds once
    assert not any(cost[0] for cost in lines(later, large).values())
    grown = activity_of([2.0, 2e6], [0.0] * 2, made_activity)
    assert list(lines(old, grown)["privacy_build"]) == [0, 200_000]


def test_a_very_large_platform_by_hand(steady: Callable[..., Scenario], made_activity: MadeActivity) -> None:
    # revenue 100 and 20 million, costs 80 million a month; 159.1 million users in Europe, three quarters in the Union
    others = [money("Advertising", [100e6]), money("Gifts", [20e6]), money("People", [80e6])]
    found = lines(scenario(steady), activity_of([0.0], [159.1e6], made_activity), others)
    assert found["dsa_audit"][0] == pytest.approx(2e6 / 12)
    assert found["reports"][0] == pytest.approx(2 * 40_000 / 12)
    # by users 159.1e6 x 0.75 / 12 x 0.018 = 178,987; 0.05 % of the profit of 40 million is 20,000
    assert found["dsa_fee"][0] == pytest.approx(20_000)
    assert found["expected_fines"][0] == pytest.approx(120e6 * 0.013)
    assert not found["expected_fines_small"].any()
    rich = [money("Advertising", [1e9])]
    assert lines(scenario(steady), activity_of([0.0], [159.1e6], made_activity), rich)["dsa_fee"][0] == pytest.approx(
        159.1e6 * 0.75 / 12 * 0.018
    )


def test_fines_are_a_choice_and_say_what_they_are(steady: Callable[..., Scenario], made_activity: MadeActivity) -> None:
    activity = activity_of([1e6], [0.0], made_activity)
    assert "expected_fines_small" not in lines(scenario(steady, expected_fines=False), activity)
    plan = scenario(steady)
    found = charges(plan, activity, Assumptions.load(), regime(plan, activity, Assumptions.load()))
    fines = [charge for charge in found if "fines" in charge.sku_id]
    assert len(fines) == 2
    assert all("not a bill" in charge.description and "expected value" in charge.driver for charge in fines)


def test_expected_fines_give_back_what_they_were_derived_from(
    steady: Callable[..., Scenario], made_activity: MadeActivity
) -> None:
    # EUR 345M and 530M and GBP 12.7M in 2023 to 2025, on about 69 billion USD of revenue: 23 billion a year
    monthly = [money("Advertising", [69e9 / 36])]
    expected = lines(scenario(steady), activity_of([0.0], [159.1e6], made_activity), monthly)["expected_fines"][0]
    fined = (345e6 + 530e6) * 1.08 + 12.7e6 * 1.25
    assert expected * 36 == pytest.approx(fined, rel=0.1)


def test_age_checks_by_hand(steady: Callable[..., Scenario], made_activity: MadeActivity) -> None:
    activity = made_activity(1, EDGES, new_users=10_000.0)
    by_face = scenario(steady, age_checks={"method": "estimate"})
    # 20,000 new users, 5 % checked, 0.10 each
    assert lines(by_face, activity)["age_checks"][0] == pytest.approx(20_000 * 0.05 * 0.1)
    by_document = scenario(steady, age_checks={"method": "document", "everyone_in": ["place_1"]})
    # all 10,000 of Europe and 5 % of the others, 0.50 each
    assert lines(by_document, activity)["age_checks"][0] == pytest.approx((10_000 + 500) * 0.5)
    assert "age_checks" not in lines(scenario(steady), activity)


def test_residency_reproduces_the_two_projects(steady: Callable[..., Scenario], made_activity: MadeActivity) -> None:
    # Project Texas: 1.5 billion for 150 million users; Project Clover: 1.2 billion EUR a year for 159.1 million
    plan = scenario(steady, 2, residency={"place_0": {}, "place_1": {"starts": "2027-02"}})
    activity = activity_of([150e6, 151e6], [159.1e6] * 2, made_activity)
    assumptions = Assumptions.load()
    found = charges(plan, activity, assumptions, regime(plan, activity, assumptions))
    costs = {(c.sku_id, c.region_id): c.cost for c in found if "residency" in c.sku_id}
    assert list(costs["compliance.residency_build", "place_0"]) == pytest.approx([1.5e9, 10e6])
    assert list(costs["compliance.residency_build", "place_1"]) == pytest.approx([0, 1.591e9])
    yearly = costs["compliance.residency", "place_1"] * 12
    assert yearly[0] == 0
    assert yearly[1] == pytest.approx(1.2e9 * 1.08, rel=0.01)


def test_users_who_were_moved_before_the_plan_are_not_moved_again(
    steady: Callable[..., Scenario], made_activity: MadeActivity
) -> None:
    plan = scenario(steady, 3, residency={"place_0": {"starts": "2023-01"}})
    found = lines(plan, activity_of([150e6, 149e6, 151e6], [0.0] * 3, made_activity))
    assert list(found["residency_build"]) == pytest.approx([0, 0, 10e6])
    assert list(found["residency"]) == pytest.approx([users * 8.1 / 12 for users in (150e6, 149e6, 151e6)])


def test_residency_at_prices_of_its_own(steady: Callable[..., Scenario], made_activity: MadeActivity) -> None:
    plan = scenario(steady, residency={"place_0": {"usd_per_user_moved": 3, "usd_per_user_year": 1.2}})
    found = lines(plan, activity_of([10e6], [0.0], made_activity))
    assert found["residency_build"][0] == pytest.approx(30e6)
    assert found["residency"][0] == pytest.approx(1e6)


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=24), st.floats(0, 1e9))
def test_what_is_there_for_the_first_time_sums_to_the_most(amounts: list[float], before: float) -> None:
    new = newly_there(np.array(amounts), before)
    assert np.all(new >= 0)
    assert new.sum() == pytest.approx(max(max(amounts) - before, 0), abs=1e-3)


@given(st.floats(0, 1e9), st.floats(-1e10, 1e10))
def test_the_fee_is_never_more_than_its_share_of_profit(users: float, profit: float) -> None:
    paid = supervisory_fee_users(np.array([users]), np.array([profit]), 0.018, 0.0005)[0] * 0.018
    assert 0 <= paid <= max(profit, 0) * 0.0005 * (1 + 1e-9)
    assert paid <= users / 12 * 0.018 * (1 + 1e-9)


def test_trials_broadcast(steady: Callable[..., Scenario], made_activity: MadeActivity) -> None:
    plan = scenario(steady, 2, age_checks={"method": "estimate"}, residency={"place_1": {}})
    users = np.array([[[1e5, 2e6], [1e5, 2e6]], [[1e6, 2e6], [80e6, 80e6]]])
    activity = replace(made_activity(2, EDGES), monthly_active_users=users, monthly_new_users=users / 10)
    assumptions = Assumptions.load()
    duties = regime(plan, activity, assumptions)
    together = charges(plan, activity, assumptions, duties, [money("Advertising", [1e6, 2e6])])
    for trial in range(2):
        alone = replace(activity, monthly_active_users=users[trial], monthly_new_users=users[trial] / 10)
        single = charges(plan, alone, assumptions, regime(plan, alone, assumptions), [money("Advertising", [1e6, 2e6])])
        for many, one in zip(together, single, strict=True):
            np.testing.assert_allclose(np.broadcast_to(many.cost, (2, 2))[trial], one.cost)
