"""One line of dramas: what it is, how much of it, and what one costs."""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumption
from costmodel.provenance import provenance
from costmodel.tables import Array, Category, Charge

ADVERTISING = "dramas.advertising"
"""Sku of what advertisers pay: no till keeps a fee of it."""

COSTS = ("dramas.filmed", "dramas.generated", "dramas.promotion")
"""Skus of what dramas cost."""


def line(
    category: Category,
    sku: str,
    description: str,
    quantity: Array,
    unit: str,
    price: Assumption,
    driver: str,
    region: str = "global",
    *,
    unit_price: float | None = None,
) -> Charge:
    """A charge of dramas.

    Args:
        category: what viewers pay, or what dramas cost.
        sku: name of the line, without the prefix.
        description: what it is, for people.
        quantity: how much of it in each month [unit], shape (..., month).
        unit: what is counted.
        price: of one unit [USD], with its source.
        driver: how the quantity comes about, in words.
        region: geography, or "global".
        unit_price: what is really paid for a unit, when ``price`` was scaled [USD].
    """
    return Charge(
        category=category,
        service_name="Short dramas",
        sku_id=f"dramas.{sku}",
        description=description,
        region_id=region,
        resource_urn="",
        quantity=quantity,
        unit=unit,
        unit_price=np.asarray(price.value if unit_price is None else unit_price),
        driver=driver,
        usage_based=True,
        **provenance(price),
    )
