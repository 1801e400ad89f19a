"""What a quantity of one sku costs in a month, with the slices of its tiers and where the price comes from."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

import numpy as np

from costmodel.errors import Fault, PlanError, PriceNotFound, QuantityError
from costmodel.free_tier import free_shares
from costmodel.price_book import EVERY_REGION, Ladder, PriceBook, PriceRow, is_region
from costmodel.pricing import Slice, price_slices
from costmodel.tables import Array

DEFAULT_REGION = "us-east-1"
"""AWS's largest region and the one that its price pages show first; taken when a sku is sold in several."""


@dataclass(frozen=True)
class QuoteTier:
    """A slice of the quantity under one price."""

    start: float
    """[listed unit]"""
    end: float
    """[listed unit]; infinite for the last tier."""
    quantity: float
    """[listed unit]"""
    unit_price: float
    """[USD per listed unit]"""

    @property
    def cost(self) -> float:
        """[USD], unrounded."""
        return self.quantity * self.unit_price

    def as_dict(self) -> dict[str, float | None]:
        """JSON form; an open end is null."""
        return {
            "from": self.start,
            "to": None if math.isinf(self.end) else self.end,
            "quantity": self.quantity,
            "unit_price": self.unit_price,
            "cost": self.cost,
        }


@dataclass(frozen=True)
class Quote:
    """The price of a quantity."""

    ladder: Ladder
    quantity: float
    """[listed unit]"""
    tiers: tuple[QuoteTier, ...]
    """Ascending; those that the quantity reaches. Their quantities sum to it."""

    @property
    def cost(self) -> float:
        """[USD a month], unrounded: the sum of the tiers."""
        return math.fsum(tier.cost for tier in self.tiers)

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        ladder = self.ladder
        return {
            "service": ladder.service,
            "sku": ladder.sku_key,
            "region": ladder.region,
            "quantity": self.quantity,
            "unit": ladder.unit,
            "cost": self.cost,
            "tiers": [tier.as_dict() for tier in self.tiers],
            "source": "; ".join(ladder.sources),
            "date": ladder.effective_date.isoformat(),
            "grade": ladder.grade,
            "note": ladder.note,
        }


def quote(
    book: PriceBook,
    service: str,
    sku_key: str,
    quantity: float,
    *,
    region: str | None = None,
    on: date | None = None,
    free_tier: bool = False,
) -> Quote:
    """Price a month's quantity of one sku.

    Args:
        book: list prices.
        service: service key ("S3"), in upper or lower case.
        sku_key: sku key ("storage.standard").
        quantity: in the sku's listed unit: 310 of "1000 requests" are 310,000 requests.
        region: price region; when absent us-east-1, or the only place where the sku is sold.
        on: day of use; the newest price when absent.
        free_tier: count what the AWS Free Tier covers, as if nothing else used it.

    Raises:
        PriceNotFound: no such service, sku or region, nothing that is sold, or no price known so early.
        QuantityError: a quantity that is negative or not finite.
        PlanError: several of these.
    """
    faults: list[Fault | str] = [*_quantity_faults(service, sku_key, quantity)]
    try:
        ladder = find_ladder(book, service, sku_key, region, on)
    except PriceNotFound as error:
        raise PlanError([*error.faults, *faults]) if faults else error from None
    if faults:
        raise QuantityError(faults)
    amount = np.asarray(quantity * ladder.listed_unit.multiple, dtype=np.float64)
    free = _free_share(book, ladder, amount) if free_tier else None
    return Quote(ladder, quantity, tuple(_used_tiers(price_slices(amount, ladder, free), ladder)))


def _used_tiers(slices: list[Slice], ladder: Ladder) -> Iterator[QuoteTier]:
    """Slices that hold something; of nothing at all the first tier, so that its price is seen."""
    floor = 0.0
    used = [piece for piece in slices if piece.amount > 0] or [slices[-len(ladder.rows)]]
    for piece in used:
        amount, row = float(piece.amount), piece.row
        if row not in ladder.rows:
            floor = amount
            yield QuoteTier(0.0, amount, amount, row.price_usd)
        else:
            yield QuoteTier(max(row.tier_from, floor), row.tier_to, amount, row.price_usd)


def _free_share(book: PriceBook, ladder: Ladder, amount: Array) -> tuple[PriceRow, Array] | None:
    pool = (ladder.service, ladder.sku_key, ladder.region)
    return free_shares({pool: amount}, book).get(pool)


# --- which price


def find_ladder(book: PriceBook, service: str, sku_key: str, region: str | None, on: date | None = None) -> Ladder:
    """The price of a sku, in the region that goes without saying when none is given.

    Args:
        book: list prices.
        service: service key, in upper or lower case.
        sku_key: sku key.
        region: price region; when absent us-east-1, or the only place where the sku is sold.
        on: day of use; the newest price when absent.

    Raises:
        PriceNotFound: no such service, sku or region, nothing that is sold, or no price known so early.
    """
    oldest: dict[str, Ladder] = {}
    for ladder in book.sku(service, sku_key):
        oldest.setdefault(ladder.region, ladder)
    where = f"{service} {sku_key}"
    place = _place(where, region, sorted(oldest))
    first = oldest[place].effective_date
    if on is not None and on < first:
        raise PriceNotFound(
            [
                Fault(
                    f"{where} in {place}",
                    f"no price as early as {on}",
                    f"{first} or later, the date of the oldest record",
                )
            ]
        )
    return book.ladder(service, sku_key, place, on or date.max)


def _place(where: str, region: str | None, sold_in: list[str]) -> str:
    """Region whose price holds: the one asked for, or the one that goes without saying."""
    if sold_in == [EVERY_REGION] and (region is None or is_region(region)):
        return EVERY_REGION
    if region is None and len(sold_in) == 1:
        return sold_in[0]
    wanted = region or DEFAULT_REGION
    if wanted in sold_in:
        return wanted
    near = get_close_matches(wanted, sold_in, n=1)
    hint = f"nearest: {near[0]}" if near else "choose one with --region"
    raise PriceNotFound([Fault(f"{where} in {wanted}", "no price", f"one of {', '.join(sold_in)}", hint)])


def _quantity_faults(service: str, sku_key: str, quantity: float) -> Iterator[Fault]:
    if not (math.isfinite(quantity) and quantity >= 0):
        yield Fault(f"{service} {sku_key}: quantity", f"{quantity:g}", "a finite number >= 0")
