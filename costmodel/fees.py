"""Fees: what app stores and card networks keep of what consumers pay.

A store keeps less of the first million dollars of a calendar year, as Google does it every year; Apple gives the
lower rate only while a developer stays below. Two stores have a million each, which is counted once here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from costmodel.assumptions import Assumption, Assumptions
from costmodel.collection import outstanding
from costmodel.provenance import provenance
from costmodel.tables import Array, Balance, Charge, Sale, Timeline

CEILING = "iap.store_fee_ceiling"
FIRST_MILLION = "iap.store_fee_first_million"
STANDARD = "iap.store_fee"


def charges(sales: Sequence[Sale], timeline: Timeline, assumptions: Assumptions) -> list[Charge]:
    """Store fees by tier, and card fees by amount and by payment; none without sales at that till."""
    return [*_store_fees(sales, timeline, assumptions), *_card_fees(sales, assumptions)]


def balances(sales: Sequence[Sale], timeline: Timeline, assumptions: Assumptions) -> list[Balance]:
    """Fees paid ahead on what is not used yet, and what stores have not passed on yet: ours, and held by others."""
    in_store = [sale for sale in sales if sale.till == "store"]
    if not in_store:
        return []
    sold = _total(in_store, "usd")
    fee = _fee_usd(in_store, timeline, assumptions)
    share = np.divide(fee, sold, out=np.zeros_like(fee), where=sold > 0)
    days = assumptions["iap.store_payment_days"]
    return [
        Balance(
            name="store fees paid ahead",
            owed=-_total(in_store, "unearned_usd") * share,
            driver="coins sold and not spent x share that the store keeps",
        ),
        Balance(
            name="sales that stores have not passed on",
            owed=-outstanding(sold - fee, days),
            driver=f"sales less fee of the last {days:g} days (iap.store_payment_days)",
        ),
    ]


def below_ceiling(monthly_usd: Array, timeline: Timeline, ceiling_usd: float) -> Array:
    """The part of each month's sales that belongs to the first ``ceiling_usd`` of its calendar year [USD].

    Args:
        monthly_usd: sales, shape (..., month) [USD].
        timeline: the months; sales of a first year before it are not known and count as none.
        ceiling_usd: size of the first tier [USD/year].

    >>> below_ceiling(np.array([600.0, 600.0, 600.0]), Timeline.starting("2027-11", 3), 1000.0)
    array([600., 400., 600.])
    """
    below = np.zeros_like(monthly_usd)
    years = timeline.months.astype("datetime64[Y]")
    for year in np.unique(years):
        months = years == year
        sold = monthly_usd[..., months]
        sold_before = np.cumsum(sold, axis=-1) - sold
        below[..., months] = np.minimum(sold, np.maximum(ceiling_usd - sold_before, 0.0))
    return below


def _total(sales: Sequence[Sale], column: Literal["usd", "purchases", "unearned_usd"]) -> Array:
    return np.asarray(sum(getattr(sale, column) for sale in sales), dtype=np.float64)


def _tiers(
    in_store: Sequence[Sale], timeline: Timeline, assumptions: Assumptions
) -> list[tuple[str, Array, Assumption]]:
    """Bounds of the tier, sales in it, and the share that the store keeps."""
    sold = _total(in_store, "usd")
    ceiling = assumptions[CEILING]
    below = below_ceiling(sold, timeline, ceiling)
    return [
        (f"0-{ceiling:.0f}", below, assumptions.entry(FIRST_MILLION)),
        (f"{ceiling:.0f}-", sold - below, assumptions.entry(STANDARD)),
    ]


def _fee_usd(in_store: Sequence[Sale], timeline: Timeline, assumptions: Assumptions) -> Array:
    tiers = _tiers(in_store, timeline, assumptions)
    return np.asarray(sum(sold * share.value for _, sold, share in tiers), dtype=np.float64)


def _store_fees(sales: Sequence[Sale], timeline: Timeline, assumptions: Assumptions) -> list[Charge]:
    in_store = [sale for sale in sales if sale.till == "store"]
    if not in_store:
        return []
    return [
        Charge(
            category="Fees",
            service_name="App stores",
            sku_id="fees.store",
            description=f"what app stores keep of {_products(in_store)}",
            region_id="global",
            resource_urn="",
            quantity=sold,
            unit="USD of sales",
            unit_price=np.asarray(share.value),
            driver="sales in the app, by tier of the calendar year",
            usage_based=True,
            tier=bounds,
            **provenance(share),
        )
        for bounds, sold, share in _tiers(in_store, timeline, assumptions)
    ]


def _card_fees(sales: Sequence[Sale], assumptions: Assumptions) -> list[Charge]:
    on_web = [sale for sale in sales if sale.till == "web"]
    if not on_web:
        return []
    amount, payment = assumptions.entry("pay.card_fee_pct"), assumptions.entry("pay.card_fee_fixed")
    return [
        Charge(
            category="Fees",
            service_name="Cards",
            sku_id="fees.card",
            description=f"what cards keep of {_products(on_web)}",
            region_id="global",
            resource_urn="",
            quantity=_total(on_web, "usd"),
            unit="USD of sales",
            unit_price=np.asarray(amount.value),
            driver="sales on the web",
            usage_based=True,
            **provenance(amount),
        ),
        Charge(
            category="Fees",
            service_name="Cards",
            sku_id="fees.card_payment",
            description=f"what cards keep of each payment for {_products(on_web)}",
            region_id="global",
            resource_urn="",
            quantity=_total(on_web, "purchases"),
            unit="payment",
            unit_price=np.asarray(payment.value),
            driver="purchases on the web",
            usage_based=True,
            **provenance(payment),
        ),
    ]


def _products(sales: Sequence[Sale]) -> str:
    """For people: "coins, dramas"."""
    return ", ".join(dict.fromkeys(sale.product for sale in sales))
