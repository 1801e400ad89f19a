"""Eligibility: which part of the views a programme pays for.

Views follow attention, which follows the followers: with a power law of followers the part of the views that goes to
creators above a threshold depends on the size of the platform. Where nobody can have 10,000 followers nobody is paid.
"""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.distributions import lognormal_mass_above, lognormal_sigma, power_law_mass_above
from costmodel.scenario import Scenario
from costmodel.sections.payouts import CreatorRewards, Eligibility
from costmodel.tables import Activity, Array


def qualified_views(views: Array, eligible_share: float | Array, qualified_share: float) -> Array:
    """Views that are paid for [view].

    Args:
        views: all views, any shape [view].
        eligible_share: share of them on videos of the programme.
        qualified_share: share of those that qualify.

    The published example: of 70,000 views of one eligible video 30,000 qualified (43 %).

    >>> qualified_views(np.array([70_000.0]), 1, 0.43)
    array([30100.])
    """
    return np.asarray(views * eligible_share * qualified_share, dtype=np.float64)


def views_of_creators_with(followers: float, activity: Activity, assumptions: Assumptions) -> Array:
    """Share of the views on videos of creators with at least ``followers``; shape (..., month).

    The most followed has at most all users of the platform.
    """
    users = activity.monthly_active_users.sum(axis=-2)
    return power_law_mass_above(followers, users, assumptions["payout.follower_tail"])


def eligible_share_of_views(
    programme: CreatorRewards, scenario: Scenario, activity: Activity, assumptions: Assumptions
) -> float | Array:
    """Share of the views on videos that the rewards programme pays for; shape (..., month) or one number.

    Without ``eligibility`` the published share; with it followers x length x originality x views of the video.
    """
    rules = programme.eligibility
    if rules is None:
        return assumptions["payout.eligible_view_share"]
    path = ("payouts", "creator_rewards", "eligibility")
    followers = scenario.amount(rules.minimum_followers, (*path, "minimum_followers"), assumptions).value
    original = 1 - assumptions["payout.promoted_or_copied_share"]
    return (
        views_of_creators_with(followers, activity, assumptions)
        * _long_enough(rules, scenario, assumptions)
        * original
        * _seen_enough(rules, scenario, activity, assumptions)
    )


def _long_enough(rules: Eligibility, scenario: Scenario, assumptions: Assumptions) -> Array:
    """Share of the views on videos that are long enough.

    Longer videos get more views, in proportion to their length: at TikTok's lengths 21 % of the views are on videos
    of a minute and more, which at 35 of a mean view's 15 seconds is the half of the time that TikTok named.
    """
    path = ("payouts", "creator_rewards", "eligibility", "minimum_video_seconds")
    seconds = scenario.amount(rules.minimum_video_seconds, path, assumptions).value
    mean = assumptions["usage.video_length_s_mean"]
    sigma = lognormal_sigma(mean, assumptions["usage.video_length_s_median"])
    return lognormal_mass_above(seconds, mean, sigma) if seconds else np.asarray(1.0)


def _seen_enough(rules: Eligibility, scenario: Scenario, activity: Activity, assumptions: Assumptions) -> Array:
    """Share of qualified views on videos that have the fewest from which on they are paid; shape (..., month)."""
    path = ("payouts", "creator_rewards", "eligibility", "minimum_qualified_views")
    fewest = scenario.amount(rules.minimum_qualified_views, path, assumptions).value
    views, uploads = activity.monthly_views.sum(axis=-2), activity.monthly_uploads.sum(axis=-2)
    views_per_video = np.divide(views, uploads, out=np.zeros_like(views), where=uploads > 0)
    mean = views_per_video * assumptions["payout.qualified_share_of_views"]
    return lognormal_mass_above(fewest, mean, assumptions["payout.view_spread"]) if fewest else np.asarray(1.0)
