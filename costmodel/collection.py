"""Money that is earned and has not arrived yet."""

from __future__ import annotations

import numpy as np

from costmodel.tables import Array
from costmodel.units import DAYS_PER_MONTH


def outstanding(billed_usd: Array, days: float) -> Array:
    """What customers still owe at the end of each month when each pays after ``days`` [USD].

    The bills of the last ``days / 30.4`` months: whole months, and of the month before them a part.

    Args:
        billed_usd: bills of each month, shape (..., month) [USD].
        days: time from bill to payment [day].

    >>> outstanding(np.array([100.0, 100.0, 100.0]), 1.5 * 365 / 12)
    array([100., 150., 150.])
    """
    months = days / DAYS_PER_MONTH
    owed: Array = np.zeros_like(billed_usd)
    for age in range(billed_usd.shape[-1]):
        part = min(max(months - age, 0.0), 1.0)
        if not part:
            break
        owed[..., age:] += part * billed_usd[..., : billed_usd.shape[-1] - age]
    return owed
