"""Prices metered quantities: one charge a resource and tier slice.

The tiers of AWS pool: all use of one sku in one region (or edge geography) by one account climbs one ladder in
a month, whichever resource caused it. So the ladder is applied to the month's sum, and every resource bears its
proportional share of every slice. The bill does not depend on the order of the resources, and splitting a
resource in two does not change it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from costmodel.errors import Fault, PlanError, PriceNotFound, QuantityError, UnitError
from costmodel.free_tier import Pool, free_shares
from costmodel.price_book import Ladder, PriceBook, PriceRow
from costmodel.tables import Array, Charge, Quantity
from costmodel.tiers import Tier, marginal_cost, tier_slices

__all__ = ["Ladder", "PriceBook", "Slice", "Tier", "marginal_cost", "price", "price_slices", "tier_slices"]


def price(quantities: Sequence[Quantity], book: PriceBook, on: date, *, free_tier: bool = False) -> list[Charge]:
    """Price what was metered.

    Args:
        quantities: amounts a month in base units; several of one sku and region share its tiers.
        book: list prices.
        on: day whose list prices apply to all months.
        free_tier: count the allowances of the AWS Free Tier. Off, the bill is the list bill.

    Returns:
        A charge for each quantity and tier slice that it uses in any month, in the order of the quantities
        and ascending by tier. What is free, by the ladder or by an allowance, is a charge of its own at price 0.

    Raises:
        PriceNotFound: skus without a price, all of them.
        UnitError: quantities that were counted in another unit than their sku's base unit.
        QuantityError: amounts that are negative or not finite.
        PlanError: faults of several of these kinds.
    """
    ladders = _checked_ladders(quantities, book, on)
    use = {pool: _sum(members) for pool, members in _pools(quantities).items()}
    free = free_shares(use, book) if free_tier else {}
    slices = {pool: price_slices(total, ladders[pool], free.get(pool)) for pool, total in use.items()}
    return [
        charge
        for quantity in quantities
        for charge in _charges(quantity, ladders[_pool(quantity)], use[_pool(quantity)], slices[_pool(quantity)])
    ]


def _pool(quantity: Quantity) -> Pool:
    return quantity.service, quantity.sku_key, quantity.region


def _pools(quantities: Sequence[Quantity]) -> Mapping[Pool, list[Quantity]]:
    """Quantities by ladder, sorted: the last bit of a sum must not depend on the order of the resources."""
    pools: dict[Pool, list[Quantity]] = {}
    for quantity in sorted(quantities, key=lambda quantity: (quantity.resource_urn, quantity.driver)):
        pools.setdefault(_pool(quantity), []).append(quantity)
    return pools


def _sum(members: Sequence[Quantity]) -> Array:
    return np.asarray(sum((quantity.amount for quantity in members), start=np.float64(0)), dtype=np.float64)


@dataclass(frozen=True)
class Slice:
    """What of a pool's month falls under one row of the price book."""

    row: PriceRow
    amount: Array
    """[listed unit of the sku]"""
    words: str
    """Name of the slice as a price page prints it (", next 460,800 GB-month"); empty for a flat price."""
    tier: str
    """Bounds in the listed unit ("0-51200", "512000+"); empty for a flat price."""


def price_slices(total: Array, ladder: Ladder, free: tuple[PriceRow, Array] | None = None) -> list[Slice]:
    """Cut what a pool uses in a month into the slices that are priced alike.

    Args:
        total: amount of each month [base unit of the ladder].
        ladder: its price.
        free: row of an allowance, and what of the amount it covers [base unit]; takes the first units of the ladder.

    Returns:
        What is free first, then every tier of the ladder; their amounts sum to the total.
    """
    multiple = ladder.listed_unit.multiple
    by_tier = tier_slices(total / multiple, ladder.tiers)
    slices = []
    if free is not None:
        allowance, amount = free
        by_tier = by_tier - tier_slices(amount / multiple, ladder.tiers)
        slices = [Slice(allowance, amount / multiple, ", Free Tier", "free")]
    tiers = (
        Slice(row, by_tier[..., tier], _slice_in_words(ladder, row), _tier_label(ladder, row))
        for tier, row in enumerate(ladder.rows)
    )
    return [*slices, *tiers]


def _charges(quantity: Quantity, ladder: Ladder, total: Array, slices: Sequence[Slice]) -> Iterator[Charge]:
    share = np.divide(quantity.amount, total, out=np.zeros_like(total), where=total > 0)
    for piece in slices:
        amount = share * piece.amount
        if amount.any():
            yield _charge(quantity, ladder, piece, amount)


def _charge(quantity: Quantity, ladder: Ladder, piece: Slice, amount: Array) -> Charge:
    row = piece.row
    return Charge(
        category=quantity.category,
        service_name=quantity.service,
        sku_id=quantity.sku_key,
        description=f"{quantity.service} {quantity.sku_key}{piece.words}",
        region_id=quantity.region,
        resource_urn=quantity.resource_urn,
        quantity=amount,
        unit=ladder.unit,
        unit_price=np.asarray(row.price_usd, dtype=np.float64),
        driver=quantity.driver,
        price_source=row.source,
        price_date=row.effective_date.isoformat(),
        price_grade=row.grade,
        usage_based=quantity.usage_based,
        tier=piece.tier,
    )


def _tier_label(ladder: Ladder, row: PriceRow) -> str:
    if ladder.is_flat:
        return ""
    if np.isinf(row.tier_to):
        return f"{row.tier_from:.12g}+"
    return f"{row.tier_from:.12g}-{row.tier_to:.12g}"


def _slice_in_words(ladder: Ladder, row: PriceRow) -> str:
    if ladder.is_flat:
        return ""
    unit = ladder.listed_unit
    start, width = row.tier_from * unit.multiple, (row.tier_to - row.tier_from) * unit.multiple
    if np.isinf(width):
        return f", over {start:,.0f} {unit.base}"
    if row.price_usd == 0:
        return f", {width:,.0f} {unit.base} free"
    return f", {'next' if start else 'first'} {width:,.0f} {unit.base}"


# --- what cannot be priced


def _checked_ladders(quantities: Sequence[Quantity], book: PriceBook, on: date) -> Mapping[Pool, Ladder]:
    """The ladder of every pool, once every quantity has been found fit to be priced."""
    ladders: dict[Pool, Ladder] = {}
    errors: list[PlanError] = []
    for pool, quantity in {_pool(quantity): quantity for quantity in quantities}.items():
        try:
            ladders[pool] = book.ladder(quantity.service, quantity.sku_key, quantity.region, on)
        except PriceNotFound as error:
            errors.append(error)
    for quantity in quantities:
        errors.extend(_quantity_errors(quantity, ladders.get(_pool(quantity))))
    if errors:
        raise _joined(errors)
    return ladders


def _quantity_errors(quantity: Quantity, ladder: Ladder | None) -> Iterator[PlanError]:
    where = f"{quantity.resource_urn}: {quantity.service} {quantity.sku_key} in {quantity.region}"
    if ladder is not None and quantity.unit != (base := ladder.listed_unit.base):
        yield UnitError([Fault(where, f'"{quantity.unit}"', f'"{base}"', f'listed per "{ladder.unit}"')])
    amount = np.asarray(quantity.amount)
    wrong = amount[~(np.isfinite(amount) & (amount >= 0))]
    if wrong.size:
        found = f"{wrong.flat[0]:g} {quantity.unit}"
        yield QuantityError([Fault(where, found, "a finite amount >= 0", quantity.driver)])


def _joined(errors: Sequence[PlanError]) -> PlanError:
    """One error with all faults: of the errors' own kind when they are of one kind."""
    kinds = {type(error) for error in errors}
    kind = kinds.pop() if len(kinds) == 1 else PlanError
    return kind([fault for error in errors for fault in error.faults])
