from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import marketing
from costmodel.assumptions import Assumptions
from costmodel.errors import ScenarioError
from costmodel.growth import monthly_active_users, users
from costmodel.growth.cohorts import churn_survival, installs_behind, power_law_survival, retention, users_of
from costmodel.growth.curves import bass, declining, gompertz, logistic, logistic_midpoint
from costmodel.inventory import Inventory
from costmodel.plan import make_plan
from costmodel.scenario import Scenario, load_scenario
from costmodel.sections.growth import BassGrowth, LogisticGrowth
from costmodel.tables import Array, Timeline, Users

CEILING = st.floats(1e3, 2e9)
P = st.floats(1e-4, 0.2)
Q = st.floats(0, 2)
RATE = st.floats(0.1, 3)


def test_bass_worked_example_tiktok_world() -> None:
    # e^-(0.5171 x 5) = 0.0754; N = 1.786e9 x 0.9246 / (1 + 4.3254 x 0.0754) = 1.6513e9 / 1.3261 = 1.245e9
    assert bass(5.0, 1.786e9, 0.0971, 0.42) == pytest.approx(1.245e9, rel=5e-4)


def test_bass_solves_its_differential_equation() -> None:
    # dN/du = (p + q N / K) (K - N): new users come by themselves or through those who are there.
    ceiling, p, q, step = 1e6, 0.03, 0.5, 1e-5
    years = np.linspace(0.5, 15, 30)
    there = bass(years, ceiling, p, q)
    slope = (bass(years + step, ceiling, p, q) - bass(years - step, ceiling, p, q)) / (2 * step)
    np.testing.assert_allclose(slope, (p + q * there / ceiling) * (ceiling - there), rtol=1e-6)


def test_bass_without_imitation_is_a_saturating_exponential() -> None:
    # q = 0: N = K (1 - e^-pu); after ln 2 / p years half of the ceiling.
    assert bass(np.log(2) / 0.1, 1000.0, 0.1, 0.0) == pytest.approx(500.0)


@given(ceiling=CEILING, p=P, q=Q)
def test_bass_begins_with_nobody_rises_and_stays_below_the_ceiling(ceiling: float, p: float, q: float) -> None:
    curve = bass(np.linspace(0, 60, 121), ceiling, p, q)
    assert curve[0] == 0
    assert np.all(np.diff(curve) >= 0)
    assert np.all(curve <= ceiling)


@given(ceiling=CEILING, rate=RATE, share=st.floats(0.001, 0.999))
def test_logistic_passes_through_launch_and_half_the_ceiling(ceiling: float, rate: float, share: float) -> None:
    midpoint = logistic_midpoint(share * ceiling, ceiling, rate)
    assert logistic(0.0, ceiling, rate, midpoint) == pytest.approx(share * ceiling)
    assert logistic(midpoint, ceiling, rate, midpoint) == pytest.approx(ceiling / 2)


def test_logistic_grows_e_to_the_rate_while_far_below_the_ceiling() -> None:
    midpoint = logistic_midpoint(1.0, 1e9, 1.9)
    assert logistic(1.0, 1e9, 1.9, midpoint) == pytest.approx(np.exp(1.9), rel=1e-6)


def test_curves_broadcast_over_trials() -> None:
    ceilings = np.array([[1e5], [2e5], [3e5]])
    years = np.linspace(0.0, 3.0, 36)
    by_trial = bass(years, ceilings, 0.05, 0.9)
    assert by_trial.shape == (3, 36)
    np.testing.assert_allclose(by_trial[1], bass(years, 2e5, 0.05, 0.9))


def test_a_month_is_evaluated_in_its_middle_and_before_launch_there_is_nobody() -> None:
    growth = BassGrowth(
        model="bass", launch="2027-03", ceiling_users=1e6, innovation_per_year=0.05, imitation_per_year=0.9
    )
    curve = monthly_active_users(growth, Timeline.starting("2027-01", 4), 0)
    # two months before the launch, then half a month and one and a half months after its beginning
    expected = [0, 0, bass(0.5 / 12, 1e6, 0.05, 0.9), bass(1.5 / 12, 1e6, 0.05, 0.9)]
    np.testing.assert_allclose(curve, np.array(expected, dtype=np.float64))


def test_a_launch_before_the_plan_goes_on_where_it_stands() -> None:
    growth = LogisticGrowth(
        model="logistic", launch="2026-01", users_at_launch=1e3, ceiling_users=1e6, rate_per_year=1.0
    )
    whole = monthly_active_users(growth, Timeline.starting("2026-01", 24), 0)
    np.testing.assert_allclose(monthly_active_users(growth, Timeline.starting("2027-01", 12), 0), whole[12:])


def test_geographies_grow_each_by_its_own_curve() -> None:
    scenario = load_scenario("niche")
    result = users(scenario, Assumptions.load())
    assert result.geographies == tuple(scenario.geographies)
    assert result.monthly_active_users.shape == (3, 36)
    launched = scenario.timeline.labels.index("2028-01")
    latin_america = result.monthly_active_users[result.geographies.index("latin_america")]
    assert np.all(latin_america[:launched] == 0)
    assert all(later > earlier for earlier, later in pairwise(latin_america[launched - 1 :]))


def test_niche_goes_from_20_thousand_to_half_a_million() -> None:
    total = users(load_scenario("niche"), Assumptions.load()).monthly_active_users.sum(axis=0)
    # Middle of January 2027: 12,000 e^(1.9/24) and 8,000 e^(1.8/24), each slightly braked, are about 21,500.
    assert total[0] == pytest.approx(21_500, rel=0.01)
    assert total[-1] == pytest.approx(500_000, rel=0.01)


# --- Gompertz, decline


def test_gompertz_worked_example() -> None:
    # ln(K / N) shrinks on its e^-c in a year: from ln 1000 = 6.908 to 2.541 in the first, K / N = e^2.541 = 12.7
    assert gompertz(1.0, 1e3, 1e6, 1.0) == pytest.approx(1e6 / 12.70, rel=1e-3)


@given(ceiling=CEILING, rate=RATE, share=st.floats(0.001, 0.999))
def test_gompertz_begins_at_launch_rises_and_stays_below_the_ceiling(ceiling: float, rate: float, share: float) -> None:
    curve = gompertz(np.linspace(0, 20, 41), share * ceiling, ceiling, rate)
    assert curve[0] == pytest.approx(share * ceiling)
    assert np.all(np.diff(curve) >= 0)
    assert np.all(curve <= ceiling)


def test_likee_lost_half_of_its_users_in_29_months_without_advertising() -> None:
    # e^(-0.289 x 29/12) = e^-0.698 = 0.497
    users_left = declining(np.full(30, 100e6), 0, Assumptions.load()["growth.decay_rate_when_UA_cut"])
    assert users_left[29] == pytest.approx(49.7e6, rel=2e-3)
    # 115.3M in Q4-2019 to 33.9M in Q3-2024: e^(-0.289 x 4.75) = 0.253 of it is 29.2M, 14 % below what was counted
    assert declining(np.full(58, 115.3e6), 0, 0.289)[57] == pytest.approx(29.2e6, rel=2e-3)


def test_users_follow_the_curve_until_the_advertising_stops_and_fall_from_its_last_month() -> None:
    growth = BassGrowth.model_validate(
        {
            "model": "bass",
            "launch": "2027-01",
            "ceiling_users": 1e6,
            "innovation_per_year": 0.05,
            "imitation_per_year": 0.9,
            "advertising": {"usd_per_install": 2, "stops": "2027-04"},
        }
    )
    curve = monthly_active_users(growth, Timeline.starting("2027-01", 6), 0.3)
    undisturbed = bass((np.arange(3) + 0.5) / 12, 1e6, 0.05, 0.9)
    np.testing.assert_allclose(curve[:3], undisturbed)
    np.testing.assert_allclose(curve[3:], undisturbed[2] * np.exp(-0.3 * np.array([1, 2, 3]) / 12))


# --- cohorts


def test_retention_worked_example() -> None:
    # b = ln(0.40 / 0.20) / ln 7 = 0.693 / 1.946 = 0.356; R30 = 0.40 x 30^-0.356 = 0.119
    np.testing.assert_allclose(retention([1, 7, 30], 0.40, 0.20), [0.40, 0.20, 0.119], atol=5e-4)
    # Indian clones: 54 % on the first day and 13 % on the seventh are b = 0.73
    assert retention(30, 0.54, 0.13) == pytest.approx(0.54 * 30**-0.7317, rel=1e-3)


def test_survival_is_daily_retention_over_the_share_of_days_that_a_user_comes() -> None:
    # A month is 30.42 days: R = 0.40 x 30.42^-0.356 = 0.1186; / 0.30 = 0.395. The month of the install is whole.
    survival = power_law_survival(3, 0.40, 0.20, 0.30)
    np.testing.assert_allclose(survival, [1, 0.395, 0.40 * 60.83**-0.35621 / 0.30], atol=5e-4)
    assert power_law_survival(2, 0.40, 0.20, 0.05).tolist() == [1, 1]  # never more than all


def test_churn_is_the_recursion_of_users_and_installs() -> None:
    # MAU(t+1) = MAU(t) (1 - churn) + installs: 1000; 1000 x 0.9 + 100 = 1000; it stays where churn = installs
    active, new = users_of(np.array([1000.0, 100.0, 100.0]), 0.0, churn_survival(3, 0.1))
    np.testing.assert_allclose(active, [1000, 1000, 1000])
    np.testing.assert_allclose(new, [1000, 100, 100])


INSTALLS = st.lists(st.floats(0, 1e7), min_size=1, max_size=24).map(np.array)
SURVIVALS = st.tuples(st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.05, 1))


@given(installs=INSTALLS, invited=st.floats(0, 0.2), rates=SURVIVALS)
def test_cohorts_sum_to_the_users(installs: Array, invited: float, rates: tuple[float, float, float]) -> None:
    survival = power_law_survival(installs.size, *rates)
    active, new = users_of(installs, invited, survival)
    cohorts = [[new[s] * survival[t - s] if s <= t else 0.0 for s in range(new.size)] for t in range(new.size)]
    np.testing.assert_allclose(np.sum(cohorts, axis=1), active, rtol=1e-12, atol=1e-9)
    assert np.all(np.diff(survival) <= 0)
    np.testing.assert_allclose(installs_behind(active, survival), new, rtol=1e-9, atol=1e-6 * max(active.max(), 1))


@given(users_then=st.lists(st.floats(0, 1e9), min_size=1, max_size=24).map(np.array), rates=SURVIVALS)
def test_the_cohorts_behind_a_curve_sum_to_it_or_are_empty(
    users_then: Array, rates: tuple[float, float, float]
) -> None:
    survival = power_law_survival(users_then.size, *rates)
    new = installs_behind(users_then, survival)
    total = np.array([(new[: t + 1] * survival[t::-1]).sum() for t in range(new.size)])
    assert np.all(new >= 0)
    slack = 1e-9 * max(users_then.max(), 1)
    assert np.all((np.abs(total - users_then) <= slack) | ((new == 0) & (total >= users_then - slack)))


def test_cohorts_take_a_trial_axis() -> None:
    survival = power_law_survival(5, np.array([[0.3], [0.4]]), np.array([[0.1], [0.2]]), 0.3)
    installs = np.arange(5.0) * 100
    active, new = users_of(np.stack([installs, 2 * installs]), np.array([[0.0], [0.1]]), survival)
    for trial in range(2):
        alone = users_of((trial + 1) * installs, 0.1 * trial, survival[trial])
        np.testing.assert_allclose(active[trial], alone[0])
        np.testing.assert_allclose(new[trial], alone[1])
    np.testing.assert_allclose(installs_behind(active, survival), new, atol=1e-9)


# --- scenarios of each kind

COHORTS: dict[str, Any] = {
    "model": "cohorts",
    "launch": "2026-12",
    "users_at_launch": 1000,
    "organic_installs_per_month": 200,
    "monthly_churn_share": 0.5,
    "advertising": {"usd_per_install": 4, "usd_per_month": {"2026-11": 400, "2027-02": 800, "2027-03": 0}},
}


def grown(growth: dict[str, Any], months: int = 3, **more: Any) -> tuple[Scenario, Assumptions, Users]:
    scenario = Scenario.model_validate(
        {
            "name": "case",
            "title": "A case",
            "description": "For a test.",
            "as_of": "2026-11-21",
            "start": "2027-01",
            "months": months,
            "stage": "early",
            "geographies": {"us": {"edge": "us", "growth": growth}},
        }
        | more
    )
    assumptions = scenario.load_assumptions()
    return scenario, assumptions, users(scenario, assumptions)


def test_installs_come_by_themselves_and_by_budget_and_old_cohorts_shrink() -> None:
    # December 2026, before the plan: 1000 there on the first day + 200 organic + 400 USD / 4 = 1300
    # January: 1300 / 2 + 200 + 100 = 950. February: 475 + 200 + 800/4 = 875. March: 437.5 + 200 + 0 = 637.5
    scenario, assumptions, result = grown(COHORTS)
    np.testing.assert_allclose(result.monthly_active_users[0], [950, 875, 637.5])
    np.testing.assert_allclose(result.monthly_new_users[0], [300, 400, 200])
    np.testing.assert_allclose(result.monthly_bought_installs[0], [100, 200, 0])
    (charge,) = marketing.charges(scenario, result, assumptions)
    np.testing.assert_allclose(charge.cost, [400, 800, 0])  # the budget, to the cent
    assert charge.category == "Marketing"
    assert not charge.usage_based


def test_the_plan_spends_the_budget() -> None:
    plan = make_plan(Inventory.empty(), grown(COHORTS)[0])
    spent = plan.ledger[plan.ledger["x_category"] == "Marketing"].groupby("charge_period_start")["billed_cost"].sum()
    np.testing.assert_allclose(spent.to_numpy(), [400, 800])
    assert set(plan.ledger["x_flow"]) == {"cost"}


def test_a_curve_says_how_many_installs_it_takes_and_a_part_of_them_is_bought() -> None:
    # 100 users who stay 100; of a cohort 0.30 / 0.30 x 30.42^-b are there in the next month.
    table = {"model": "table", "monthly_active_users": {"2027-01": 100, "2027-03": 100}}
    bought = {"usd_per_install": "growth.cpi_NA", "share_of_installs": 0.25}
    retained = {"growth.retention_d1": 0.3, "growth.retention_d7": 0.15, "growth.dau_mau_early": 0.3}
    scenario, assumptions, result = grown(table | {"advertising": bought}, assumptions=retained)
    kept = 30.4167 ** -(np.log(2) / np.log(7))
    kept_longer = 60.8333 ** -(np.log(2) / np.log(7))
    new = [100, 100 * (1 - kept), 100 - 100 * kept_longer - 100 * (1 - kept) * kept]
    np.testing.assert_allclose(result.monthly_new_users[0], new, rtol=1e-5)
    np.testing.assert_allclose(result.monthly_bought_installs[0], np.multiply(new, 0.25), rtol=1e-5)
    (charge,) = marketing.charges(scenario, result, assumptions)
    np.testing.assert_allclose(charge.cost, np.multiply(new, 0.25 * 5.30), rtol=1e-5)
    assert charge.price_source.startswith("growth.cpi_NA: ")


def test_no_install_is_bought_after_the_advertising_has_stopped() -> None:
    growth = {
        "model": "gompertz",
        "launch": "2027-01",
        "users_at_launch": 1e3,
        "ceiling_users": 1e6,
        "rate_per_year": 1,
        "advertising": {"usd_per_install": 2, "stops": "2027-03"},
    }
    _, assumptions, result = grown(growth, months=4)
    assert np.all(result.monthly_bought_installs[0, :2] == 0.5 * result.monthly_new_users[0, :2])
    assert np.all(result.monthly_bought_installs[0, 2:] == 0)
    fall = np.exp(-assumptions["growth.decay_rate_when_UA_cut"] / 12)
    np.testing.assert_allclose(result.monthly_active_users[0, 2:] / result.monthly_active_users[0, 1:3], fall)


def test_nothing_is_charged_without_advertising() -> None:
    scenario, assumptions, result = grown({**COHORTS, "advertising": None})
    assert marketing.charges(scenario, result, assumptions) == []
    assert not result.monthly_bought_installs.any()


def test_a_table_has_a_straight_line_between_its_months() -> None:
    table = {"model": "table", "monthly_active_users": {"2026-12": 0, "2027-02": 1000, "2027-03": 400}}
    _, _, result = grown(table)
    np.testing.assert_allclose(result.monthly_active_users[0], [500, 1000, 400])


def test_the_cohorts_of_a_shipped_scenario_sum_to_its_users() -> None:
    scenario = load_scenario("niche")
    assumptions = scenario.load_assumptions()
    result = users(scenario, assumptions)
    survival = power_law_survival(scenario.months, 0.40, 0.20, 0.30)
    for active, new in zip(result.monthly_active_users, result.monthly_new_users, strict=True):
        there = [(new[: month + 1] * survival[month::-1]).sum() for month in range(scenario.months)]
        np.testing.assert_allclose(there, active, rtol=1e-9)
    # What a curve does not tell: half a million users at the end take 2.3 million installs on the way.
    assert result.monthly_new_users.sum() == pytest.approx(2.3e6, rel=0.01)


# --- tables of users in files

PLAN = """\
name: small
title: A plan
description: Reasons.
as_of: 2026-11-21
start: 2027-01
months: 3
stage: early
geographies:
  us:
    edge: us
    growth: {model: table, file: counts/users.csv}
"""


def table_of(tmp_path: Path, text: str) -> Scenario:
    (tmp_path / "counts").mkdir(exist_ok=True)
    (tmp_path / "counts" / "users.csv").write_text(text, encoding="utf-8")
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    return load_scenario(str(tmp_path / "plan.yaml"))


def test_a_table_is_read_from_beside_the_scenario_and_counts_by_its_content(tmp_path: Path) -> None:
    scenario = table_of(tmp_path, "month,monthly_active_users\n2027-01,1e3\n2027-03,4000\n")
    result = users(scenario, Assumptions.load())
    np.testing.assert_allclose(result.monthly_active_users[0], [1000, 2500, 4000])
    assert table_of(tmp_path, "month,monthly_active_users\n2027-01,1000\n\n2027-03,4000.0\n").digest == scenario.digest
    assert table_of(tmp_path, "month,monthly_active_users\n2027-01,1000\n2027-03,4001\n").digest != scenario.digest


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [":1: found no columns, expected columns month,monthly_active_users"]),
        ("month,users\n", [":1: found columns month,users, expected columns month,monthly_active_users"]),
        ("month,monthly_active_users\n", [": found no month, expected a row for each month that is known"]),
        (
            "month,monthly_active_users\n2027-13,1\n2027-02,-5\n2027-03\n2027-04,1 000\n",
            [
                ":2: month: found '2027-13', expected a month such as 2027-01",
                ":3: monthly_active_users: found '-5', expected a number of at least 0, without separators",
                ":4: found 1 cells, expected 2 cells: month,monthly_active_users",
                ":5: monthly_active_users: found '1 000', expected a number of at least 0, without separators",
            ],
        ),
        (
            "month,monthly_active_users\n2027-02,1\n2027-02,2\n2027-01,3\n",
            [
                ":3: month: found 2027-02, expected a month after 2027-02",
                ":4: month: found 2027-01, expected a month after 2027-02",
            ],
        ),
    ],
)
def test_every_fault_of_a_table_has_its_file_and_line(tmp_path: Path, text: str, faults: list[str]) -> None:
    with pytest.raises(ScenarioError) as refused:
        table_of(tmp_path, text)
    assert [str(fault).removeprefix("counts/users.csv") for fault in refused.value.faults] == faults
