from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.assumptions import Assumptions
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Array, Users
from costmodel.usage import activity, views_per_dau_day
from costmodel.usage.creators import uploaders


def scenario(stage: str = "mature", start: str = "2027-01", months: int = 2) -> Scenario:
    growth = {
        "model": "bass",
        "launch": "2027-01",
        "ceiling_users": 1e6,
        "innovation_per_year": 0.05,
        "imitation_per_year": 0.9,
    }
    return Scenario.model_validate(
        {
            "name": "case",
            "title": "A case",
            "description": "For a test.",
            "as_of": "2026-11-21",
            "start": start,
            "months": months,
            "stage": stage,
            "geographies": {
                "us": {"edge": "us", "growth": growth},
                "europe": {"edge": "europe_israel", "growth": growth},
            },
        }
    )


def activity_of(users: list[list[float]], plan: Scenario, overrides: dict[str, float] | None = None) -> Activity:
    return activity(users_of(np.array(users)), plan, Assumptions.load(overrides))


def users_of(active: Array) -> Users:
    months = np.arange(active.shape[-1], dtype=np.float64)
    nobody = np.zeros_like(active)
    return Users(("us", "europe"), active, nobody, nobody, np.stack([months, months]))


def test_views_worked_example() -> None:
    # 58.4 min x 60 s x 0.80 / 15 s = 2803.2 s / 15 s = 186.88
    assert views_per_dau_day(58.4 * 60 * 0.80, 15) == pytest.approx(186.88)
    # Kuaishou's published 125.2 minutes and 381 impressions give back 19.7 seconds a view.
    assert views_per_dau_day(125.2 * 60, 19.7) == pytest.approx(381, rel=0.002)


def test_one_mature_month_by_hand() -> None:
    # 1,000,000 MAU x 0.52 = 520,000 DAU in 31 days of January:
    # 520,000 x 31 x 186.88 = 3,012,505,600 views; x 15 s = 45,187,584,000 s watched
    # 520,000 x 31 x 0.15 = 2,418,000 uploads; views x 1.5 = 4,518,758,400 requests; x 0.0538 reactions
    january = activity_of([[1e6, 0], [0, 0]], scenario())
    assert january.daily_active_users[0, 0] == pytest.approx(520_000)
    assert january.monthly_views[0, 0] == pytest.approx(3_012_505_600)
    assert january.monthly_watch_seconds[0, 0] == pytest.approx(45_187_584_000)
    assert january.monthly_uploads[0, 0] == pytest.approx(2_418_000)
    assert january.monthly_api_requests[0, 0] == pytest.approx(4_518_758_400)
    assert january.monthly_engagements[0, 0] == pytest.approx(3_012_505_600 * 0.0538)


def test_an_early_stage_has_its_own_habits() -> None:
    # 0.3 of the month's users daily, 25 minutes: 300,000 x 25 x 60 x 0.8 = 360,000,000 s a day
    early = activity_of([[1e6, 0], [0, 0]], scenario("early"))
    assert early.daily_active_users[0, 0] == pytest.approx(300_000)
    assert early.monthly_watch_seconds[0, 0] == pytest.approx(360_000_000 * 31)


def test_a_month_has_its_calendar_days() -> None:
    # 2028 is a leap year: January 31, February 29.
    views = activity_of([[1e6, 1e6], [0, 0]], scenario(start="2028-01")).monthly_views[0]
    assert views[1] / views[0] == pytest.approx(29 / 31)


def test_geographies_keep_their_edge_and_their_users() -> None:
    result = activity_of([[1e6, 2e6], [0, 3e6]], scenario())
    assert result.edges == ("us", "europe_israel")
    np.testing.assert_array_equal(result.monthly_active_users, [[1e6, 2e6], [0, 3e6]])
    assert result.monthly_views[1, 0] == 0


def test_an_override_reaches_the_result() -> None:
    result = activity_of([[1e6, 0], [0, 0]], scenario(), {"usage.uploads_per_dau_day": 0.30})
    assert result.monthly_uploads[0, 0] == pytest.approx(2 * 2_418_000)


@given(st.integers(0, 10**9), st.sampled_from(["early", "mature"]))
def test_views_times_seconds_per_view_is_what_is_watched(users: int, stage: str) -> None:
    result = activity_of([[users, 0], [0, users]], scenario(stage))
    seconds_per_view = Assumptions.load()["usage.seconds_watched_per_view"]
    np.testing.assert_allclose(result.monthly_views * seconds_per_view, result.monthly_watch_seconds)


def test_trials_broadcast() -> None:
    one = np.array([[1e6, 2e6], [0.0, 3e6]])
    trials = activity(users_of(np.stack([one, 2 * one])), scenario(), Assumptions.load())
    assert trials.monthly_views.shape == (2, 2, 2)
    np.testing.assert_allclose(trials.monthly_views[1], 2 * trials.monthly_views[0])


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("growth.dau_mau_mature", {"daily_active_users", "monthly_views", "monthly_watch_seconds", "monthly_uploads",
                                   "monthly_uploaders", "monthly_api_requests", "monthly_engagements"}),
        ("usage.minutes_per_dau_day", {"monthly_views", "monthly_watch_seconds", "monthly_api_requests",
                                       "monthly_engagements"}),
        ("usage.uploads_per_dau_day", {"monthly_uploads", "monthly_uploaders"}),
        ("usage.api_calls_per_view", {"monthly_api_requests"}),
        ("usage.engagement_per_view", {"monthly_engagements"}),
        ("usage.video_length_s_mean", {"upload_seconds"}),
        ("usage.upload_mb_per_video", {"upload_mb"}),
    ],
)  # fmt: skip
def test_ten_percent_more_of_an_assumption_moves_what_depends_on_it_and_nothing_else(
    key: str, fields: set[str]
) -> None:
    default = Assumptions.load()[key]
    base = activity_of([[1e6, 0], [0, 1e5]], scenario())
    more = activity_of([[1e6, 0], [0, 1e5]], scenario(), {key: 1.1 * default})
    for name in ("monthly_active_users", "daily_active_users", "monthly_views", "monthly_watch_seconds",
                 "monthly_uploads", "monthly_uploaders", "upload_seconds", "upload_mb", "monthly_api_requests",
                 "monthly_engagements"):  # fmt: skip
        factor = 1.1 if name in fields else 1.0
        np.testing.assert_allclose(getattr(more, name), factor * getattr(base, name), err_msg=name)


def test_longer_views_are_fewer_views_in_the_same_time() -> None:
    base = activity_of([[1e6, 0], [0, 1e5]], scenario())
    longer = activity_of([[1e6, 0], [0, 1e5]], scenario(), {"usage.seconds_watched_per_view": 30})
    np.testing.assert_allclose(longer.monthly_watch_seconds, base.monthly_watch_seconds)
    np.testing.assert_allclose(longer.monthly_views, base.monthly_views / 2)


# --- creators, and a product that grows up


def test_uploaders_worked_example() -> None:
    # Kuaishou H1-2020: 1.1e9 uploads a month / 8.7 = 126.4e6 people, 26 % of 485e6 monthly users
    assert uploaders(np.array(1.1e9), Assumptions.load()) / 485e6 == pytest.approx(0.26, abs=0.005)
    # 1,000,000 x 0.52 x 31 x 0.15 = 2,418,000 uploads; / 8.7 = 277,931
    january = activity_of([[1e6, 0], [0, 0]], scenario())
    assert january.monthly_uploaders[0, 0] == pytest.approx(277_931, rel=1e-5)


def test_a_maturing_product_goes_from_early_to_mature_habits_by_the_months_since_launch() -> None:
    # Half way, at month 30 of 60: 0.30 + (0.52 - 0.30) / 2 = 0.41 daily, and (25 + 58.4) / 2 = 41.7 minutes
    months = 91
    active = np.full((2, months), 1e6)
    grown = activity(users_of(active), scenario("maturing", months=months), Assumptions.load())
    early = activity(users_of(active), scenario("early", months=months), Assumptions.load())
    mature = activity(users_of(active), scenario("mature", months=months), Assumptions.load())
    np.testing.assert_allclose(grown.daily_active_users[0, [0, 30, 60, 90]], [300_000, 410_000, 520_000, 520_000])
    days = grown.timeline.days
    seconds = grown.monthly_watch_seconds[0] / days / grown.daily_active_users[0]
    np.testing.assert_allclose(seconds[30], 41.7 * 60 * 0.8)
    assert np.all(np.diff(grown.daily_active_users[0]) >= 0)
    for name in ("daily_active_users", "monthly_watch_seconds"):
        np.testing.assert_allclose(getattr(grown, name)[:, 0], getattr(early, name)[:, 0])
        np.testing.assert_allclose(getattr(grown, name)[:, 60:], getattr(mature, name)[:, 60:])


def test_a_product_that_is_not_maturing_reads_the_habits_of_its_own_stage_alone() -> None:
    for stage, others in (("early", "growth.dau_mau_mature"), ("mature", "growth.dau_mau_early")):
        assumptions = Assumptions.load()
        activity(users_of(np.full((2, 2), 1e6)), scenario(stage), assumptions)
        read = {entry.key for entry in assumptions.used}
        assert others not in read
        assert "growth.months_to_maturity" not in read
