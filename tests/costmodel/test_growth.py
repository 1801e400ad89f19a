from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.growth import bass, logistic, logistic_midpoint, monthly_active_users, users
from costmodel.scenario import load_scenario
from costmodel.sections.growth import BassGrowth, LogisticGrowth
from costmodel.tables import Timeline

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
    curve = monthly_active_users(growth, Timeline.starting("2027-01", 4))
    # two months before the launch, then half a month and one and a half months after its beginning
    expected = [0, 0, bass(0.5 / 12, 1e6, 0.05, 0.9), bass(1.5 / 12, 1e6, 0.05, 0.9)]
    np.testing.assert_allclose(curve, np.array(expected, dtype=np.float64))


def test_a_launch_before_the_plan_goes_on_where_it_stands() -> None:
    growth = LogisticGrowth(
        model="logistic", launch="2026-01", users_at_launch=1e3, ceiling_users=1e6, rate_per_year=1.0
    )
    whole = monthly_active_users(growth, Timeline.starting("2026-01", 24))
    np.testing.assert_allclose(monthly_active_users(growth, Timeline.starting("2027-01", 12)), whole[12:])


def test_geographies_grow_each_by_its_own_curve() -> None:
    scenario = load_scenario("niche")
    grown = users(scenario)
    assert grown.geographies == tuple(scenario.geographies)
    assert grown.monthly_active_users.shape == (3, 36)
    launched = scenario.timeline.labels.index("2028-01")
    latin_america = grown.monthly_active_users[grown.geographies.index("latin_america")]
    assert np.all(latin_america[:launched] == 0)
    assert all(later > earlier for earlier, later in pairwise(latin_america[launched - 1 :]))


def test_niche_goes_from_20_thousand_to_half_a_million() -> None:
    total = users(load_scenario("niche")).monthly_active_users.sum(axis=0)
    # Middle of January 2027: 12,000 e^(1.9/24) and 8,000 e^(1.8/24), each slightly braked, are about 21,500.
    assert total[0] == pytest.approx(21_500, rel=0.01)
    assert total[-1] == pytest.approx(500_000, rel=0.01)
