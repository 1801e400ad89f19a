"""Volume ladders: what a quantity costs when each tier prices only its own slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from costmodel.tables import Array


@dataclass(frozen=True)
class Tier:
    """A marginal tier: from ``start`` up to the next tier's start, a unit costs ``price``."""

    start: float
    """[pricing unit] per month."""
    price: float
    """[USD per pricing unit]; 0 is a free allowance."""


def tier_slices(quantity: Array, tiers: Sequence[Tier]) -> Array:
    """How much of a quantity falls into each tier.

    Args:
        quantity: amount of each month [pricing unit of the tiers], >= 0; any shape.
        tiers: ascending by start; the first starts at 0.

    Returns:
        [pricing unit], shape ``(*quantity.shape, len(tiers))``; the last axis sums to the quantity.

    >>> tier_slices(np.array([50.0, 150.0]), [Tier(0, 0.10), Tier(100, 0.05)])
    array([[ 50.,   0.],
           [100.,  50.]])
    """
    starts = np.array([tier.start for tier in tiers], dtype=np.float64)
    widths = np.diff(starts, append=np.inf)
    amount = np.asarray(quantity, dtype=np.float64)
    slices = np.empty((len(tiers), *amount.shape))
    for tier, (start, width) in enumerate(zip(starts, widths, strict=True)):
        np.clip(amount - start, 0.0, width, out=slices[tier, ...])
    # Each slice is contiguous in memory: pricing goes through 10,000 trials slice by slice.
    return np.moveaxis(slices, 0, -1)


def marginal_cost(quantity: Array, tiers: Sequence[Tier]) -> Array:
    """Cost of a month's quantity when each tier prices only its own slice.

    Args:
        quantity: amount of each month [pricing unit of the tiers], >= 0; any shape.
        tiers: ascending by start; the first starts at 0.

    Returns:
        [USD], unrounded, of the quantity's shape.

    >>> marginal_cost(np.array([50.0, 150.0]), [Tier(0, 0.10), Tier(100, 0.05)])
    array([ 5. , 12.5])
    """
    prices = np.array([tier.price for tier in tiers], dtype=np.float64)
    return np.asarray(tier_slices(quantity, tiers) @ prices)
