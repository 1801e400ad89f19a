"""Usage: what the users do in a month; how often they come, watch, upload, call the service and react.

Only seconds and views leave this stage, no bytes. Metering turns seconds into bytes with the bitrates of the ladder;
meter-based megabytes per minute already contain prefetched bytes and must not be mixed with that.
"""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Array, Users
from costmodel.units import SECONDS_PER_MINUTE
from costmodel.usage import creators, live, spending


def activity(users: Users, scenario: Scenario, assumptions: Assumptions) -> Activity:
    """The monthly activity of ``users``; a month has its calendar days.

    Args:
        users: monthly active users, shape (..., geography, month).
        scenario: says which habits hold, and the CloudFront edge of each geography.
        assumptions: minutes and seconds watched, uploads, requests and reactions per user, day or view.
    """
    days = scenario.timeline.days
    daily_active_users = users.monthly_active_users * dau_mau_ratio(users, scenario, assumptions)
    feed_seconds = feed_seconds_per_dau_day(users, scenario, assumptions)
    seconds_per_view = assumptions["usage.seconds_watched_per_view"]
    monthly_views = daily_active_users * days * views_per_dau_day(feed_seconds, seconds_per_view)
    monthly_uploads = daily_active_users * days * assumptions["usage.uploads_per_dau_day"]
    live_hours = live.hours_watched(users.monthly_active_users, scenario, assumptions)
    goods = spending.gmv_usd(users.monthly_active_users, scenario, assumptions)
    return Activity(
        timeline=scenario.timeline,
        geographies=users.geographies,
        edges=tuple(scenario.geographies[name].edge for name in users.geographies),
        monthly_active_users=users.monthly_active_users,
        daily_active_users=daily_active_users,
        monthly_views=monthly_views,
        monthly_watch_seconds=daily_active_users * days * feed_seconds,
        monthly_uploads=monthly_uploads,
        monthly_uploaders=creators.uploaders(monthly_uploads, assumptions),
        upload_seconds=assumptions["usage.video_length_s_mean"],
        upload_mb=assumptions["usage.upload_mb_per_video"],
        monthly_api_requests=monthly_views * assumptions["usage.api_calls_per_view"],
        monthly_engagements=monthly_views * assumptions["usage.engagement_per_view"],
        monthly_new_users=users.monthly_new_users,
        monthly_live_hours_watched=live_hours,
        monthly_live_hours_streamed=live.hours_streamed(live_hours, assumptions),
        monthly_gift_coins=spending.gift_coins(users.monthly_active_users, scenario, assumptions),
        monthly_gmv_usd=goods,
        monthly_orders=spending.orders(goods, assumptions),
    )


def views_per_dau_day(feed_seconds: float | Array, seconds_per_view: float | Array) -> float | Array:
    """Videos that a daily user starts in a day [view/DAU/day].

    Args:
        feed_seconds: time in the feed [second/DAU/day].
        seconds_per_view: time on one video [second/view].

    The published means: 58.4 minutes, of which 80 % in the feed, 15 seconds a video.

    >>> round(views_per_dau_day(58.4 * 60 * 0.80, 15))
    187
    """
    return np.divide(feed_seconds, seconds_per_view)


def feed_seconds_per_dau_day(users: Users, scenario: Scenario, assumptions: Assumptions) -> float | Array:
    """Time that a daily user spends watching the feed [second/DAU/day]; the rest is comments, search, profiles."""
    minutes = _by_stage("usage.minutes_per_dau_day_startup", "usage.minutes_per_dau_day", users, scenario, assumptions)
    return minutes * SECONDS_PER_MINUTE * assumptions["usage.feed_watch_share_of_time"]


def dau_mau_ratio(users: Users, scenario: Scenario, assumptions: Assumptions) -> float | Array:
    """Share of a month's users who come on a given day."""
    return _by_stage("growth.dau_mau_early", "growth.dau_mau_mature", users, scenario, assumptions)


def maturity(months_since_launch: Array, months_to_maturity: float) -> Array:
    """How far the habits of a young product have turned into those of a grown one: 0 at launch, 1 when mature.

    A line in time since the launch, not in users: a small community can have old habits.

    >>> maturity(np.array([0.0, 15.0, 60.0, 90.0]), 60)
    array([0.  , 0.25, 1.  , 1.  ])
    """
    return np.minimum(months_since_launch / months_to_maturity, 1.0)


def _by_stage(early: str, mature: str, users: Users, scenario: Scenario, assumptions: Assumptions) -> float | Array:
    """The value of the scenario's stage; of a maturing product early + (mature - early) x maturity."""
    if scenario.stage != "maturing":
        return assumptions[{"early": early, "mature": mature}[scenario.stage]]
    reached = maturity(users.months_since_launch, assumptions["growth.months_to_maturity"])
    return assumptions[early] + (assumptions[mature] - assumptions[early]) * reached
