"""Audience: the series that viewers start, over hits and all others."""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.scenario import Scenario
from costmodel.sections.drama import Drama
from costmodel.tables import Activity, Array


def series_started(scenario: Scenario, drama: Drama, activity: Activity, assumptions: Assumptions) -> Array:
    """Series that viewers start in each month [viewer x series], shape (..., geography, month)."""
    audience = scenario.amount(drama.audience_share, ("drama", "audience_share"), assumptions)
    releases = drama.releases_per_month * drama.running(scenario.timeline)
    fresh = series_in_their_life(releases, assumptions["drama.revenue_kept_next_month"])
    return activity.monthly_active_users * audience.value * fresh * expected_reach(drama.ai_share, assumptions)


def expected_reach(ai_share: float, assumptions: Assumptions) -> float:
    """Viewers of a month who start a series over its life, in the mean over hits and others [share].

    Args:
        ai_share: share of the releases made with generated pictures.
        assumptions: hit rate, what generated pictures do to it, reach of a hit and of the others.

    5 % hits that 35 % start, 95 % others that 1.8 % start: 0.05 x 0.35 + 0.95 x 0.018 = 0.0346

    >>> round(expected_reach(0.0, Assumptions.load()), 4)
    0.0346
    """
    hits = hit_rate(ai_share, assumptions)
    return hits * assumptions["drama.reach_hit"] + (1 - hits) * assumptions["drama.reach_other"]


def hit_rate(ai_share: float, assumptions: Assumptions) -> float:
    """Hits among the releases [share], when ``ai_share`` of them are made with generated pictures."""
    filmed = assumptions["drama.hit_rate"]
    return filmed if ai_share == 0 else filmed * (1 - ai_share + ai_share * assumptions["drama.ai_hit_rate_ratio"])


def series_in_their_life(releases: Array, kept: float) -> Array:
    """Lives of series that are lived in each month [series]: a release lives 1 - k at once, k(1 - k) a month later ...

    Args:
        releases: series released in each month, shape (..., month); none before the plan.
        kept: k, starts of a month over those of the month before [share], below 1.

    >>> series_in_their_life(np.array([10.0, 0.0, 0.0]), 0.4).round(2)
    array([6.  , 2.4 , 0.96])
    """
    months = np.arange(releases.shape[-1])
    age = months[:, np.newaxis] - months
    lived = np.where(age >= 0, (1 - kept) * kept ** np.maximum(age, 0), 0.0)
    return np.asarray(releases @ lived.T, dtype=np.float64)
