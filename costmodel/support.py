"""AWS Support: a share of the whole bill that falls by tier, and at least so much a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from costmodel.price_book import PriceBook
from costmodel.pricing import price
from costmodel.tables import Array, Charge, Quantity, SupportPlan

SERVICE = "Support"


def charges(plan: SupportPlan, stack: Sequence[Charge], book: PriceBook, on: date) -> list[Charge]:
    """What a support plan costs beside the charges of a stack.

    Each slice of the month's bill has its share; where they come to less than the plan's minimum, the rest of it is
    paid as well.

    Args:
        plan: which plan.
        stack: all charges of AWS, discounts included; without any there is no account to support.
        book: list prices.
        on: day whose prices apply.

    Returns:
        A charge for each slice of the bill, and one for what the minimum adds.

    Raises:
        PriceNotFound: the book does not price the plan.
    """
    if not stack:
        return []
    bill = np.asarray(sum(charge.billed_cost for charge in stack), dtype=np.float64)
    share = _quantity(f"{plan}.fraction", "fraction of monthly spend", bill, "what AWS bills in the month [USD]")
    shares = price([share], book, on)
    least = book.ladder(SERVICE, f"{plan}.minimum", "global", on).rows[0].price_usd
    by_share = sum((charge.cost for charge in shares), np.zeros_like(bill))
    missing = np.maximum(1 - by_share / least, 0)
    minimum = _quantity(f"{plan}.minimum", "month", missing, "1 - share of the bill / minimum of the plan")
    words = f"AWS Support, {plan.replace('_', ' ')}"
    return [replace(charge, description=words) for charge in (*shares, *price([minimum], book, on))]


def _quantity(sku_key: str, unit: str, amount: Array, driver: str) -> Quantity:
    return Quantity(
        resource_urn="",
        resource_type="",
        service=SERVICE,
        sku_key=sku_key,
        region="global",
        unit=unit,
        amount=amount,
        category="Support",
        driver=driver,
        usage_based=True,
    )
