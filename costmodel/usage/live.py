"""Live: hours of live video that are watched and sent."""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.scenario import Scenario
from costmodel.tables import Array


def hours_watched(monthly_active_users: Array, scenario: Scenario, assumptions: Assumptions) -> Array:
    """Hours of live video watched in each month [hour]; 0 without live streaming and before it starts.

    Args:
        monthly_active_users: shape (..., geography, month) [user].
        scenario: whether and from when on there is live streaming.
        assumptions: hours a monthly user watches.
    """
    if scenario.live is None:
        return np.zeros_like(monthly_active_users)
    there = scenario.timeline.since(scenario.live.starts or scenario.start)
    return monthly_active_users * there * assumptions["usage.live_hours_per_mau_month"]


def hours_streamed(monthly_hours_watched: Array, assumptions: Assumptions) -> Array:
    """Hours that broadcasters send [hour]: what is watched / viewers of a mean stream.

    Args:
        monthly_hours_watched: any shape [hour].
        assumptions: viewers that a stream has on average.
    """
    return monthly_hours_watched / assumptions["usage.live_viewers_per_stream"]
