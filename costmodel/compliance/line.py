"""One line of compliance: what it is, how much of it, and what one costs."""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumption
from costmodel.provenance import provenance
from costmodel.tables import Array, Charge

GEOGRAPHY_AXIS = -2
"""Activity has shape (..., geography, month)."""


def line(
    sku: str, description: str, quantity: Array, unit: str, driver: str, price: Assumption, region: str = "global"
) -> Charge:
    """A charge of the category.

    Args:
        sku: name of the line, without the prefix.
        description: what it is, for people.
        quantity: how much of it in each month [unit], shape (..., month).
        unit: what is counted.
        driver: how the quantity comes about, in words.
        price: of one unit [USD].
        region: geography, or "global".
    """
    return Charge(
        category="Compliance",
        service_name="Compliance",
        sku_id=f"compliance.{sku}",
        description=description,
        region_id=region,
        resource_urn="",
        quantity=quantity,
        unit=unit,
        unit_price=np.asarray(price.value),
        driver=driver,
        usage_based=True,
        **provenance(price),
    )
