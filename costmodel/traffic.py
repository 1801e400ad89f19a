"""Traffic: what the servers see of the users, in the figures that an engineer plans capacity with.

No charge depends on these figures; they say the same as the quantities behind the charges in the units of a network
plan. What the stack delivers is taken from the bill, so that the two cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from costmodel.plan import Plan
from costmodel.tables import Array, Timeline
from costmodel.units import BITS_PER_BYTE, BYTES_PER_GIB, BYTES_PER_MB, HOURS_PER_DAY, SECONDS_PER_DAY, SECONDS_PER_HOUR

BITS_PER_GBIT = 10**9

DELIVERY = "CloudFront"
TRANSFER = "dto."
"""Beginning of the skus of data to viewers."""


@dataclass(frozen=True)
class Flow:
    """One figure of the traffic."""

    name: str
    unit: str
    amount: Array
    """In each month, shape (month,); NaN where nothing tells it."""
    formula: str
    """How it is made, in words."""


def traffic(plan: Plan) -> tuple[Flow, ...]:
    """The figures of a plan over all geographies, by month."""
    activity, days = plan.activity, plan.activity.timeline.days
    assumptions = plan.scenario.load_assumptions()
    peak = assumptions["usage.peak_to_average"]
    ranked = everywhere(activity.monthly_views) * assumptions["usage.feed_requests_per_view"]
    sent_bytes = delivered_gb(plan.ledger, activity.timeline) * BYTES_PER_GIB
    daily_users = everywhere(activity.daily_active_users)
    per_user = np.divide(sent_bytes, daily_users * days, out=np.full(days.shape, np.nan), where=daily_users > 0)
    of_peak = "x peak to average / seconds of the month"
    return (
        Flow("Views", "a day", everywhere(activity.monthly_views) / days, "daily users x views a day"),
        Flow(
            "Watched",
            "hours a day",
            everywhere(activity.monthly_watch_seconds) / days / SECONDS_PER_HOUR,
            "views x seconds",
        ),
        Flow("Uploads", "a day", everywhere(activity.monthly_uploads) / days, "daily users x uploads a day"),
        Flow("Creators who upload", "in the month", everywhere(activity.monthly_uploaders), "uploads / uploads of one"),
        Flow("Delivered", "MB a daily user and day", per_user / BYTES_PER_MB, "billed bytes / daily users / days"),
        Flow(
            "Delivered at the peak",
            "Gbit/s",
            peak_gbps(sent_bytes, activity.timeline, peak),
            f"billed bytes x 8 {of_peak}",
        ),
        Flow(
            "API requests at the peak",
            "a second",
            at_peak(everywhere(activity.monthly_api_requests), activity.timeline, peak),
            f"requests {of_peak}",
        ),
        Flow(
            "Feed pages ranked at the peak",
            "a second",
            at_peak(ranked, activity.timeline, peak),
            f"views x feed requests a view {of_peak}",
        ),
        Flow(
            "Live viewers at once",
            "mean of the month",
            everywhere(activity.monthly_live_hours_watched) / (days * HOURS_PER_DAY),
            "live hours watched / hours of the month",
        ),
    )


def at_peak(monthly: Array, timeline: Timeline, peak_to_average: float) -> Array:
    """Rate in the busiest time [1/second]: the mean of the month x how much the peak is above it.

    Args:
        monthly: amounts, shape (..., month).
        timeline: the months; a month has its calendar days.
        peak_to_average: at least 1.

    Ten million daily users with 187 views and 0.15 feed requests a view, twice the mean at the peak:

    >>> january = Timeline.starting("2027-01", 1)
    >>> at_peak(np.array([10e6 * 31 * 187 * 0.15]), january, 2.0).round()
    array([6493.])
    """
    return np.asarray(monthly / (timeline.days * SECONDS_PER_DAY) * peak_to_average)


def peak_gbps(monthly_bytes: Array, timeline: Timeline, peak_to_average: float) -> Array:
    """Data rate in the busiest time [Gbit/s], decimal as networks count; what 95th-percentile contracts follow.

    >>> peak_gbps(np.array([31 * 86_400 * 1e9 / 8]), Timeline.starting("2027-01", 1), 2.0)
    array([2.])
    """
    return at_peak(monthly_bytes, timeline, peak_to_average) * BITS_PER_BYTE / BITS_PER_GBIT


def delivered_gb(ledger: pd.DataFrame, timeline: Timeline) -> Array:
    """Data to viewers by month [GB as billed], shape (month,); NaN in every month when the bill has no such line."""
    skus = ledger["sku_id"].astype("str")
    sent = ledger[(ledger["service_name"] == DELIVERY) & skus.str.startswith(TRANSFER)]
    if sent.empty:
        return np.full(timeline.count, np.nan)
    months = sent["charge_period_start"].to_numpy().astype("datetime64[M]")
    position = (months - timeline.months[0]).astype(np.int64)
    weights = sent["pricing_quantity"].to_numpy(dtype=np.float64)
    return np.bincount(position, weights=weights, minlength=timeline.count).astype(np.float64)


def everywhere(by_geography: Array) -> Array:
    """Sum over the geographies: (..., geography, month) -> (..., month)."""
    return np.asarray(by_geography.sum(axis=-2))
