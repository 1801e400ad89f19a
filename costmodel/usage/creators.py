"""Creators: how many people the uploads come from; a few make most of them."""

from __future__ import annotations

from costmodel.assumptions import Assumptions
from costmodel.tables import Array


def uploaders(monthly_uploads: Array, assumptions: Assumptions) -> Array:
    """People who upload in a month [user]: uploads / uploads of one who uploads at all.

    Args:
        monthly_uploads: any shape [video].
        assumptions: uploads of an uploader.

    Kuaishou in 2020: 1.1 billion uploads a month at 8.7 are 126 million uploaders, 26 % of 485 million monthly users.

    >>> import numpy as np
    >>> float((uploaders(np.array(1.1e9), Assumptions.load()) / 485e6).round(2))
    0.26
    """
    return monthly_uploads / assumptions["usage.uploads_per_uploader_month"]
