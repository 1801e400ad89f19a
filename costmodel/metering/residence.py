"""How much of each month's intake is still there in later months."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from costmodel.tables import Array, Timeline
from costmodel.units import DAYS_PER_MONTH

DELETION_DAYS = 7 * DAYS_PER_MONTH
"""The census behind ``usage.video_deleted_share_7m`` looked again after seven months."""

ARRIVAL_DAY_SHARE = 0.5
"""Mean share of its first day for which an object that arrives at any hour of it is there."""


def residence(timeline: Timeline, presence: Array) -> Array:
    """Mean stock of each month per unit of intake of each month: ``stock = intake @ residence.T``.

    Args:
        timeline: the months; intake is spread evenly over the days of its month.
        presence: share that is there at an age of 0, 1, 2 ... days, at least as long as the timeline.

    Returns:
        Shape (month of the stock, month of the intake); 0 before the intake.

    With ``p(a)`` the presence at age ``a`` and ``G`` its double running sum, the sum of ``p(t - s)`` over the days
    ``t`` of a stock month and ``s`` of an intake month is a second difference of ``G``: no day-by-day matrix needed.

    >>> months = Timeline.starting("2027-01", 2)
    >>> residence(months, np.ones(59)).round(2)
    array([[0.52, 0.  ],
           [1.  , 0.52]])
    """
    ends: NDArray[np.int64] = np.cumsum(timeline.days).astype(np.int64)
    starts: NDArray[np.int64] = ends - timeline.days.astype(np.int64)
    running = np.concatenate([[0.0], np.cumsum(np.cumsum(presence))])

    def double_sum(age: NDArray[np.int64]) -> Array:
        """G at ``age`` days, 0 below."""
        return np.asarray(running[np.clip(age, 0, running.size - 1)])

    t0, t1, s0, s1 = starts[:, None], ends[:, None], starts[None, :], ends[None, :]
    days_together = double_sum(t1 - s0) - double_sum(t0 - s0) - double_sum(t1 - s1) + double_sum(t0 - s1)
    return np.asarray(days_together / (timeline.days[:, None] * timeline.days[None, :]))


def presence(timeline: Timeline, from_days: float, until_days: float, deleted_share: float = 0.0) -> Array:
    """Share of an object that is in a storage class at each age in days.

    Lifecycle rules act at the midnight after the age is reached, so what expires after ``n`` days was there for half
    of its first day and ``n`` whole ones (Amazon S3 user guide, lifecycle: "rounding up to the next day at midnight").

    Args:
        timeline: sets how many ages are needed.
        from_days: age at which the object enters the class [day].
        until_days: age at which it leaves or is deleted [day]; ``inf`` for never.
        deleted_share: share that users delete within seven months, at an even rate; none after that.
    """
    ages = np.arange(int(timeline.days.sum()) + 1, dtype=np.float64)
    inside = ((ages > from_days) & (ages <= until_days)).astype(np.float64)
    if from_days == 0 and until_days > 0:
        inside[0] = ARRIVAL_DAY_SHARE
    return inside * surviving_share(ages, deleted_share)


def surviving_share(age_days: Array, deleted_share: float) -> Array:
    """Share of the videos that their owners have not deleted at an age: a line down to seven months, then level.

    Args:
        age_days: [day]; any shape.
        deleted_share: share that is deleted within seven months.
    """
    return np.asarray(1 - deleted_share * np.minimum(age_days / DELETION_DAYS, 1))


NEVER = math.inf
"""Age at which nothing happens to an object that no rule touches [day]."""
