"""What the users do in the one month that a bill is for: of a scenario, at chosen sizes, or nobody at all."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from costmodel import growth, usage
from costmodel.assumptions import Assumptions
from costmodel.errors import Fault, SelectionError
from costmodel.scenario import Scenario
from costmodel.tables import EDGES, Activity, Timeline, Users

ANY_MONTH = "2027-01"
"""What nobody uses costs the same in every month; arrays need one."""

SIZES = {"k": 1e3, "m": 1e6, "b": 1e9}


@dataclass(frozen=True)
class MonthOfUse:
    """The months up to the one that is asked for: what is stored then has been uploaded before."""

    activity: Activity
    """Ends with the month."""
    users: float | None
    """Monthly active users of the month; None when nothing is known about use."""

    @property
    def month(self) -> str:
        """The month of the bill ("2028-06")."""
        return self.activity.timeline.labels[-1]

    @property
    def is_known(self) -> bool:
        """Whether anything is known about use; if not, what depends on it has no price."""
        return self.users is not None


def month_of_use(scenario: Scenario, month: str, at_users: float | None, assumptions: Assumptions) -> MonthOfUse:
    """The activity of a scenario up to a month.

    Args:
        scenario: the business.
        month: "2028-06", or a number counted from 1; the first month when empty.
        at_users: monthly active users to scale the month to. The mix of geographies and the way there stay: the
            months before are scaled by the same factor. The scenario's own users when None.
        assumptions: with the overrides of the scenario.

    Raises:
        SelectionError: the plan has no such month, or nobody uses the product in it.
    """
    index = month_index(scenario.timeline, month)
    upto = scenario.model_copy(update={"months": index + 1})
    users = growth.users(upto, assumptions)
    there = float(users.monthly_active_users[:, -1].sum())
    if at_users is not None:
        users = _scaled(users, at_users, upto.timeline.labels[-1])
    return MonthOfUse(usage.activity(users, upto, assumptions), there if at_users is None else at_users)


def _scaled(users: Users, at_users: float, month: str) -> Users:
    there = users.monthly_active_users[:, -1].sum()
    if there == 0:
        raise SelectionError([Fault("--at-mau", f"no users in {month} to scale", "a month after the launch")])
    scale = at_users / there
    return replace(
        users,
        monthly_active_users=users.monthly_active_users * scale,
        monthly_new_users=users.monthly_new_users * scale,
        monthly_bought_installs=users.monthly_bought_installs * scale,
    )


def month_index(timeline: Timeline, month: str) -> int:
    """Position of a month in a plan.

    >>> month_index(Timeline.starting("2027-11", 3), "2027-12"), month_index(Timeline.starting("2027-11", 3), "3")
    (1, 2)
    """
    labels = timeline.labels
    if not month:
        return 0
    if month in labels:
        return labels.index(month)
    if month.isdecimal() and 1 <= int(month) <= len(labels):
        return int(month) - 1
    expected = f"a month from {labels[0]} to {labels[-1]}, or a number from 1 to {len(labels)}"
    raise SelectionError([Fault("--month", repr(month), expected)])


def unknown_use(assumptions: Assumptions, month: str = "") -> MonthOfUse:
    """Nobody does anything, anywhere: what a stack costs before it is used, and which lines depend on use."""
    return MonthOfUse(
        activity=Activity.nothing(
            Timeline.starting(month or ANY_MONTH, 1),
            geographies=EDGES,
            edges=EDGES,
            upload_seconds=assumptions["usage.video_length_s_mean"],
            upload_mb=assumptions["usage.upload_mb_per_video"],
        ),
        users=None,
    )


def parse_sizes(text: str) -> tuple[float, ...]:
    """Numbers of users in the words of a command line.

    >>> parse_sizes("10k,1.5M,2500")
    (10000.0, 1500000.0, 2500.0)

    Raises:
        SelectionError: every part that is no number of users above 0.
    """
    parts = [part.strip() for part in text.split(",")]
    sizes = [_size(part) for part in parts]
    expected = "numbers of users such as 10k,1M,50M"
    faults = [Fault("--at-mau", repr(part), expected) for part, size in zip(parts, sizes, strict=True) if not size]
    if faults:
        raise SelectionError(faults)
    return tuple(size for size in sizes if size)


def in_short(users: float) -> str:
    """A number of users in the words of a command line.

    >>> in_short(10_000), in_short(1_500_000), in_short(950)
    ('10k', '1.5M', '950')
    """
    for letter, scale in reversed(SIZES.items()):
        if users >= scale:
            return f"{users / scale:g}{letter.upper() if letter != 'k' else letter}"
    return f"{users:g}"


def _size(text: str) -> float | None:
    scale = SIZES.get(text[-1:].lower(), 1.0)
    digits = text[:-1] if scale > 1 else text
    try:
        value = float(digits) * scale
    except ValueError:
        return None
    return value if np.isfinite(value) and value > 0 else None
