from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.assumptions import Assumptions
from costmodel.people import charges, headcount, loaded_usd_per_month, reviewers, support_agents, whole_heads
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Array


def scenario(roles: dict[str, dict[str, Any]] | None, months: int = 3) -> Scenario:
    content: dict[str, Any] = {
        "name": "case",
        "title": "A case",
        "description": "For a test.",
        "as_of": "2026-11-21",
        "start": "2027-01",
        "months": months,
        "stage": "early",
        "geographies": {
            "us": {
                "edge": "us",
                "growth": {
                    "model": "bass",
                    "launch": "2027-01",
                    "ceiling_users": 1e6,
                    "innovation_per_year": 0.05,
                    "imitation_per_year": 0.9,
                },
            }
        },
    }
    if roles:
        content["people"] = {"roles": roles}
    return Scenario.model_validate(content)


def role(driver: str, **extra: object) -> dict[str, Any]:
    return {"department": "Some", "salary_usd_per_year": 60_000, "driver": driver, **extra}


def activity_of(plan: Scenario, users: Array, uploads: Array | None = None) -> Activity:
    nothing = Activity.nothing(plan.timeline, ("us",), ("us",), upload_seconds=20.5, upload_mb=15.0)
    return replace(
        nothing,
        monthly_active_users=users,
        daily_active_users=users / 2,
        monthly_uploads=np.zeros_like(users) if uploads is None else uploads,
    )


def heads_of(one: dict[str, Any], users: list[float], uploads: list[float] | None = None) -> list[float]:
    plan = scenario({"one": one}, months=len(users))
    activity = activity_of(plan, np.array([users]), None if uploads is None else np.array([uploads]))
    return list(headcount(plan, activity, Assumptions.load())["one"])


def test_reviewers_worked_example_of_a_million_daily_users() -> None:
    # 1,000,000 x 0.15 = 150,000 uploads; 10 % reviewed = 15,000; / 800 = 18.75 on shift; x 7/5 / 0.85 = 30.88
    assumptions = Assumptions.load()
    video_reviewers = reviewers(np.array([150_000.0]), assumptions)
    assert video_reviewers[0] == pytest.approx(18.75 * 1.4 / 0.85)
    assert round(video_reviewers[0]) == 31
    assert round(video_reviewers[0] * assumptions["staff.moderation_other_queues_factor"]) == 77


def test_reviewers_of_the_european_union_as_in_the_notes() -> None:
    # 159.1M MAU x 0.52 x 0.15 = 12.41M uploads a day; x 0.1 / 800 x 1.4 / 0.85 = 2,555; the notes say 2,553.
    needed = reviewers(np.array([159.1e6 * 0.52 * 0.15]), Assumptions.load())
    assert needed[0] == pytest.approx(2_553, rel=0.002)


def test_moderators_are_whole_people_for_uploads_of_a_calendar_day() -> None:
    # 150,000 uploads a day: 77.2 with the other queues, so 78 people, in January (31) and February (28) alike.
    uploads = [150_000.0 * 31, 150_000.0 * 28, 0.0]
    assert heads_of(role("moderation"), [0, 0, 0], uploads) == [78, 78, 0]
    assert heads_of(role("moderation", floor=5), [0, 0, 0], uploads) == [78, 78, 5]


def test_a_language_round_the_clock_takes_five_people() -> None:
    assert heads_of(role("moderation", languages_round_the_clock=2), [0.0], [0.0]) == [10]
    assert heads_of(role("moderation", languages_round_the_clock=2, floor=12), [0.0], [0.0]) == [12]


def test_support_agents_by_hand() -> None:
    # 1,000,000 users x 0.002 contacts x 0.5 without an answer in the help pages = 1,000 tickets
    # an agent: 18 a day x 21 days = 378; 1,000 / 378 = 2.65, so 3 people
    assert support_agents(np.array([1e6]), Assumptions.load())[0] == pytest.approx(1_000 / 378)
    assert heads_of(role("support_tickets"), [1e6, 0.0]) == [3, 0]


def test_a_scaled_role_hires_when_the_next_head_is_needed() -> None:
    users = [0.0, 1.0, 100_000.0, 100_001.0]
    one = role("monthly_active_users", units_per_head=100_000)
    assert heads_of(one, users) == [0, 1, 1, 2]
    assert heads_of({**one, "floor": 1}, users) == [1, 1, 1, 2]
    assert heads_of(role("daily_active_users", units_per_head=100_000), [200_002.0]) == [2]


def test_nobody_is_paid_before_the_first_month() -> None:
    assert heads_of(role("fixed", heads=3, starts="2027-03"), [0.0, 0.0, 0.0, 0.0]) == [0, 0, 3, 3]
    assert heads_of(role("fixed", heads=3, starts="2020-01"), [0.0]) == [3]


def test_a_month_of_a_head_by_hand() -> None:
    # (60,000 x 1.42 + 15,000) / 12 = (85,200 + 15,000) / 12 = 8,350
    assert loaded_usd_per_month(60_000, Assumptions.load()) == pytest.approx(8_350)


def test_a_charge_costs_heads_times_months() -> None:
    plan = scenario({"founder": role("fixed", heads=3)})
    (charge,) = charges(plan, activity_of(plan, np.zeros((1, 3))), Assumptions.load())
    # 3 heads x 3 months x 8,350 = 75,150
    assert charge.cost.sum() == pytest.approx(75_150)
    assert (charge.category, charge.unit, charge.description) == ("People", "head-month", "founder")
    assert "stated in scenario case without a source" in charge.price_source
    assert (charge.price_date, charge.price_grade, charge.usage_based) == ("2026-11-21", "low", False)


def test_a_salary_by_assumption_carries_its_source() -> None:
    plan = scenario({"engineer": role("fixed", heads=1) | {"salary_usd_per_year": "staff.swe_salary_US"}})
    (charge,) = charges(plan, activity_of(plan, np.zeros((1, 3))), Assumptions.load())
    # (132,930 x 1.42 + 15,000) / 12 = 203,760.6 / 12 = 16,980.05
    assert float(charge.unit_price) == pytest.approx(16_980.05)
    assert charge.price_source.startswith("(staff.swe_salary_US: BLS OEWS May-2022")
    assert charge.price_grade == "low"  # the overhead is from memory, and a sum is as well known as its worst part


def test_a_plan_without_people_has_no_staff_lines() -> None:
    plan = scenario(None)
    assert charges(plan, activity_of(plan, np.zeros((1, 3))), Assumptions.load()) == []


@given(
    needed=st.lists(st.floats(0, 1e6), min_size=1, max_size=20),
    floor=st.integers(0, 50),
)
def test_heads_are_whole_never_negative_and_enough(needed: list[float], floor: int) -> None:
    heads = whole_heads(np.array(needed), floor)
    assert np.array_equal(heads, np.round(heads))
    assert np.all(heads >= floor)
    assert np.all(heads > np.array(needed) - 1e-6)
    assert np.all(heads < np.maximum(np.array(needed), floor) + 1)


def test_a_quotient_that_is_whole_but_for_rounding_hires_nobody_more() -> None:
    # 0.1 + 0.1 + 0.1 is 0.30000000000000004: three heads of 0.1 each, not four.
    assert whole_heads(np.array([(0.1 + 0.1 + 0.1) / 0.1]), 0)[0] == 3


def test_trials_broadcast() -> None:
    plan = scenario({"one": role("monthly_active_users", units_per_head=100_000), "two": role("fixed", heads=2)})
    trials = activity_of(plan, np.array([[[1e5, 2e5, 3e5]], [[2e5, 4e5, 6e5]]]))
    heads = headcount(plan, trials, Assumptions.load())
    np.testing.assert_array_equal(heads["one"], [[1, 2, 3], [2, 4, 6]])
    assert [charge.cost.sum() > 0 for charge in charges(plan, trials, Assumptions.load())] == [True, True]
