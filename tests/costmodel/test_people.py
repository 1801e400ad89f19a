from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.assumptions import Assumptions
from costmodel.people import balances, charges, employees, headcount
from costmodel.people import contractors as contractors_of
from costmodel.people.pay import loaded_usd_per_month
from costmodel.people.workload import (
    paid_around,
    report_reviewers,
    reviewers,
    support_agents,
    usd_per_year,
    whole_heads,
)
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Array, Business, Charge, Regime


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


def company(people: dict[str, Any], months: int = 3, **sections: Any) -> Scenario:
    content = scenario(None, months).model_dump(exclude_none=True, exclude_defaults=True)
    return Scenario.model_validate(content | {"people": people} | sections)


def heads_for(people: dict[str, Any], users: list[float], business: Business | None = None) -> dict[str, list[float]]:
    plan = company(people, months=len(users))
    heads = headcount(plan, activity_of(plan, np.array([users])), Assumptions.load(), business)
    return {name: list(of_role) for name, of_role in heads.items()}


def test_a_hire_is_paid_before_and_after_the_months_that_need_it() -> None:
    # needed: 1, 1, 4, 2, 2; paid two months ahead and one month after
    one = role("monthly_active_users", units_per_head=100, lead_months=2, notice_months=1)
    assert heads_of(one, [100.0, 100.0, 400.0, 200.0, 200.0]) == [4, 4, 4, 4, 2]
    assert heads_of({**one, "starts": "2027-02"}, [100.0, 100.0, 400.0, 200.0, 200.0]) == [0, 4, 4, 4, 2]


def test_the_lead_of_the_plan_holds_for_roles_that_name_none() -> None:
    one, two = (role("monthly_active_users", units_per_head=100, **extra) for extra in ({}, {"lead_months": 0}))
    found = heads_for({"lead_months": 1, "roles": {"one": one, "two": two}}, [100.0, 300.0])
    assert found == {"one": [3, 3], "two": [1, 3]}


@given(st.lists(st.integers(0, 50), min_size=1, max_size=24), st.integers(0, 6), st.integers(0, 6))
def test_whoever_is_needed_is_paid_and_nobody_beyond_the_most(needed: list[int], lead: int, notice: int) -> None:
    heads = np.array(needed, dtype=np.float64)
    paid = paid_around(heads, lead, notice)
    assert paid.shape == heads.shape
    assert np.all(paid >= heads)
    assert paid.max() == heads.max()
    for month, full in enumerate(heads):  # everyone who carries a full load has been paid for the months of the lead
        assert np.all(paid[max(month - lead, 0) : month + 1] >= full)


def test_a_role_begins_at_a_size_and_grows_with_a_power() -> None:
    # (1,600,000 / 100,000) ^ 0.5 = 4
    one = role("monthly_active_users", units_per_head=100_000, exponent=0.5, from_monthly_active_users=1_000_000)
    assert heads_of(one, [900_000.0, 1_600_000.0]) == [0, 4]
    assert heads_of({**one, "floor": 6}, [900_000.0, 1_600_000.0]) == [0, 6]


def test_sellers_follow_the_advertising_of_a_year_and_not_its_season() -> None:
    # 1 million a month for a year, then 2 million in a December: 13 / 12 x 12 = 13 million a year, so 13 heads of 1M.
    monthly = np.array([1e6] * 12 + [2e6])
    assert usd_per_year(monthly)[[0, 11, 12]] == pytest.approx([12e6, 12e6, 13e6])
    sold = Charge("Advertising", "", "", "", "", "", monthly, "USD", np.ones(1), "", "", "", "low", True)
    drama = replace(sold, category="Drama")
    one = role("advertising_usd_per_year", units_per_head=1e6)
    plan = company({"roles": {"one": one}}, months=13)
    nobody = activity_of(plan, np.zeros((1, 13)))
    heads = headcount(plan, nobody, Assumptions.load(), Business(revenue=[sold, drama]))["one"]
    assert list(heads) == [12] * 12 + [13]
    assert not headcount(plan, nobody, Assumptions.load())["one"].any()


def test_roles_follow_services_and_the_duties_of_the_law() -> None:
    months = np.array([0.0, 1.0, 1.0])
    duties = Regime(eu_monthly_active_users=months, mid=months, very_large=np.array([0.0, 0.0, 1.0]))
    roles = {
        "platform": role("cloud_services", units_per_head=10),
        "counsel": role("regulation", baseline=1, mid=3, very_large=300),
    }
    found = heads_for({"roles": roles}, [0.0, 0.0, 0.0], Business(cloud_services=21, regime=duties))
    assert found == {"platform": [3, 3, 3], "counsel": [1, 3, 300]}
    assert heads_for({"roles": roles}, [0.0])["counsel"] == [1]


def test_the_ways_to_moderate() -> None:
    uploads = [150_000.0 * 31]
    # everything: ten times the tenth that machines pick out, 772.06 with the other queues
    assert heads_of(role("moderation", review="everything"), [0.0], uploads) == [773]
    # reports: 2,000,000 users x 261 notices a million / (100 a day x 21 days) = 0.249; 20 million: 2.49
    assert report_reviewers(np.array([2e6]), Assumptions.load())[0] == pytest.approx(2 * 261 / 2_100)
    assert heads_of(role("moderation", review="reports"), [20e6], uploads) == [3]
    # 30 % of 77.2 is 23.2
    assert heads_of(role("moderation", share_of_work=0.3), [0.0], uploads) == [24]
    assert heads_of(role("support_tickets", share_of_work=0.5), [1e6]) == [2]


def test_administrators_follow_the_employees_and_not_the_contractors() -> None:
    contractors = {"department": "Operations", "usd_per_hour": 10, "driver": "fixed", "heads": 500}
    roles = {
        "office": role("headcount", share_of_others=0.1),
        "engineer": role("fixed", heads=41),
        "agent": contractors,
    }
    plan = company({"roles": roles}, months=1)
    heads = headcount(plan, activity_of(plan, np.zeros((1, 1))), Assumptions.load())
    assert {name: of_role[0] for name, of_role in heads.items()} == {"office": 5, "engineer": 41, "agent": 500}
    assert list(employees(plan, heads)) == ["office", "engineer"]
    assert list(contractors_of(plan, heads)) == ["agent"]


def test_an_hour_of_a_contractor_by_hand() -> None:
    # 21 days x 8 hours x 85 % on shift = 142.8 hours; x 8 USD = 1,142.40 a month, without load and overhead
    agent = {"department": "Safety", "usd_per_hour": "staff.moderator_bpo_hour_offshore", "driver": "fixed", "heads": 1}
    plan = company({"roles": {"agent": agent}}, months=1)
    (charge,) = charges(plan, activity_of(plan, np.zeros((1, 1))), Assumptions.load())
    assert charge.cost.sum() == pytest.approx(1_142.40)
    assert (charge.unit, charge.price_grade) == ("contractor hour", "med")
    assert charge.price_source.startswith("staff.moderator_bpo_hour_offshore: ctnp-corp.com")


def test_a_salary_of_the_united_states_in_two_places() -> None:
    # half at home, half at 35,000 / 132,930 = 0.263 of it: 90,000 x (0.5 + 0.5 x 0.263) = 56,835
    spread = role("fixed", heads=1, locations={"US": 0.5, "EE_IN": 0.5}) | {"salary_usd_per_year": 90_000}
    plan = company({"roles": {"one": spread}}, months=1)
    (charge,) = charges(plan, activity_of(plan, np.zeros((1, 1))), Assumptions.load())
    assert float(charge.unit_price) == pytest.approx((56_835 * 1.42 + 15_000) / 12)
    assert "x staff.salary_index of the team (50% in US, 50% in EE_IN)" in charge.price_source


def test_shares_granted_are_a_cost_that_stays_in_the_bank() -> None:
    people = {"equity_to_cash_pay": 0.3, "roles": {"one": role("fixed", heads=2)}}
    plan = company(people, months=2)
    staff = charges(plan, activity_of(plan, np.zeros((1, 2))), Assumptions.load())
    # 2 heads x 60,000 / 12 x 0.3 = 3,000 a month
    assert staff[1].cost == pytest.approx([3_000, 3_000])
    (balance,) = balances(staff)
    assert list(balance.owed) == pytest.approx([3_000, 6_000])
    assert balances(staff[:1]) == []


def test_trials_broadcast_through_every_driver() -> None:
    roles = {
        "office": role("headcount", share_of_others=0.1),
        "moderator": role("moderation", lead_months=1),
        "agent": role("support_tickets", share_of_work=1, notice_months=1),
        "counsel": role("regulation", mid=1, very_large=2),
        "seller": role("advertising_usd_per_year", units_per_head=1e6),
    }
    plan = company({"roles": roles, "equity_to_cash_pay": 0.1}, advertising={}, compliance={})
    users = np.array([[[1e6, 2e6, 3e6]], [[2e6, 4e6, 6e6]]])
    trials = activity_of(plan, users, users)
    sold = Charge("Advertising", "", "", "", "", "", users[:, 0], "USD", np.ones(1), "", "", "", "low", True)
    duties = Regime(users[:, 0], (users[:, 0] > 2e6).astype(float), np.zeros((2, 3)))
    business = Business(revenue=[sold], regime=duties)
    heads = headcount(plan, trials, Assumptions.load(), business)
    assert {name: of_role.shape for name, of_role in heads.items()} == dict.fromkeys(roles, (2, 3))
    for trial in range(2):
        alone = activity_of(plan, users[trial], users[trial])
        one = replace(sold, quantity=users[trial, 0])
        regime = Regime(users[trial, 0], duties.mid[trial], duties.very_large[trial])
        single = headcount(plan, alone, Assumptions.load(), Business(revenue=[one], regime=regime))
        for name in roles:
            np.testing.assert_array_equal(heads[name][trial], single[name])
    assert all(charge.cost.shape == (2, 3) for charge in charges(plan, trials, Assumptions.load(), business))
