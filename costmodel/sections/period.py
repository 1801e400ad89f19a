"""When something that a scenario switches on is there."""

from __future__ import annotations

import numpy as np

from costmodel.schema import ClosedModel, Month
from costmodel.tables import Array, Timeline


class Period(ClosedModel):
    """Something that is on for a part of the plan."""

    starts: Month | None = None
    """First month; the plan's start when absent."""
    ends: Month | None = None
    """Last month; the plan's end when absent."""

    def running(self, timeline: Timeline) -> Array:
        """1 in the months in which it is on, else 0; shape (month,)."""
        return self.months_open(timeline).clip(max=1)

    def months_open(self, timeline: Timeline) -> Array:
        """Which month of its own each month of the plan is: 1 in its first, 0 while it is off; shape (month,)."""
        first = np.datetime64(self.starts, "M") if self.starts else timeline.months[0]
        count = (timeline.months - first).astype(np.float64) + 1
        over = timeline.months > np.datetime64(self.ends, "M") if self.ends else np.False_
        return np.where(over, 0.0, np.maximum(count, 0.0))

    def began_before(self, timeline: Timeline) -> bool:
        """Whether it was on already on the day before the plan starts."""
        return self.starts is not None and np.datetime64(self.starts, "M") < timeline.months[0]
