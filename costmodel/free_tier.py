"""The AWS Free Tier: what an account may use each month before it pays, as the price book lists it.

An allowance is one amount for all skus that it covers, in every region and edge geography together. It takes the
first units of their ladders, as AWS's own pages print it ("first 1 TB free, next 9 TB at ..."), and falls to the
skus and regions in proportion to their use. A price of 0 that stands inside a ladder is no allowance: it is AWS's
list price of the first units, for everyone, and in force whether the Free Tier is counted or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

import numpy as np

from costmodel.price_book import PriceBook, PriceRow
from costmodel.tables import Array
from costmodel.units import parse_unit

Pool = tuple[str, str, str]
"""(service, sku_key, region): what shares one ladder."""

COVERED_SKUS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("CloudFront", "free.dto"): ("dto.*",),
    ("CloudFront", "free.requests"): ("req.http.*", "req.https.*"),
    ("CloudFront", "functions.free"): ("functions",),
    ("DataTransfer", "dto.internet.free"): ("dto.internet",),
    ("Lambda", "duration.free"): ("duration.arm", "duration.x86"),
    ("Lambda", "requests.free"): ("requests",),
}
"""Allowance (service, sku_key) -> skus of the service that it covers, as shell patterns."""

NEVER_APPLIED: Mapping[tuple[str, str], str] = {
    ("IVS", "free.basic_input_hours"): "for the first 12 months of an account only",
}
"""Allowances that no month of a plan can rely on -> why."""


def free_shares(use: Mapping[Pool, Array], book: PriceBook) -> dict[Pool, tuple[PriceRow, Array]]:
    """What of each pool's use is free.

    Args:
        use: amount of each month [base unit of the sku]; shapes broadcast against one another.
        book: list prices, the allowances among them.

    Returns:
        For every pool that an allowance covers: the allowance's row, and the free amount [base unit of the sku],
        never more than the use.

    Raises:
        PriceNotFound: the book has lost an allowance of :data:`COVERED_SKUS`.
    """
    shares: dict[Pool, tuple[PriceRow, Array]] = {}
    for (service, allowance), patterns in COVERED_SKUS.items():
        covered = [pool for pool in use if pool[0] == service and _matches(pool[1], patterns)]
        if not covered:
            continue
        row = book.rule_row(service, allowance, "global")
        total = np.asarray(sum((use[pool] for pool in covered), start=np.float64(0)), dtype=np.float64)
        free = np.minimum(total, row.tier_to * parse_unit(row.unit).multiple)
        part = np.divide(free, total, out=np.zeros_like(total), where=total > 0)
        shares.update({pool: (row, use[pool] * part) for pool in covered})
    return shares


def _matches(sku_key: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(sku_key, pattern) for pattern in patterns)
