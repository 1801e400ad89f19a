"""Creator subscriptions: the larger part of what subscribers pay, before the fee of the store."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.provenance import provenance
from costmodel.tables import CREATOR_SUBSCRIPTIONS, Charge


def charges(income: Sequence[Charge], assumptions: Assumptions) -> list[Charge]:
    """The creators' part of the subscriptions of each geography; none without subscriptions."""
    return [
        Charge(
            category="Payouts",
            service_name="Creator subscriptions",
            sku_id="payouts.subscriptions",
            description=f"creators' part of subscriptions, {paid.region_id.replace('_', ' ')}",
            region_id=paid.region_id,
            resource_urn="",
            quantity=paid.cost,
            unit="USD of subscriptions",
            unit_price=np.asarray(assumptions["subs.creator_share"]),
            driver="creator subscriptions",
            usage_based=True,
            **provenance(assumptions.entry("subs.creator_share")),
        )
        for paid in income
        if paid.sku_id == CREATOR_SUBSCRIPTIONS
    ]
