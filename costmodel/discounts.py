"""Discounts: what a contract with AWS takes off the list prices, as data with a beginning, an end and a scope.

Every dollar of list cost is discounted once at most: discounts act in the order of their file, each on what those
before it have left at list price. The ledger keeps both, ``list_cost`` and ``billed_cost``; what is paid for a
commitment whether it is used or not becomes a charge of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
from pydantic import Field, ValidationError, WrapValidator
from pydantic_core import PydanticCustomError

from costmodel.errors import DiscountError, Fault, PriceNotFound
from costmodel.price_book import PriceBook, PriceRow
from costmodel.scenario_checks import schema_faults
from costmodel.schema import ClosedModel, Month, Name, Positive, Text
from costmodel.tables import Array, Category, Charge, Timeline
from costmodel.yamlfile import read_document


def _share_or_row(value: Any, handler: Callable[[Any], Any]) -> float | str:
    if isinstance(value, str) and " " in value.strip():
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        expected = 'a share above 0 and at most 1, or the SERVICE and SKU of a discount ("CloudFront x.discount")'
        raise PydanticCustomError("share", expected)
    return float(value)


Share = Annotated[float | str, WrapValidator(_share_or_row)]
"""Share taken off the list price, or the discount row of the price book that says it."""


class Scope(ClosedModel):
    """What a discount is for; everything of AWS when nothing is said."""

    service: Text | None = None
    """Service key of the price book ("CloudFront")."""
    sku: Text | None = None
    """Sku key, or the beginning of one up to a dot ("dto")."""
    region: Text | None = None
    """Price region ("us-east-1", "edge:india")."""

    def includes(self, charge: Charge) -> bool:
        """Whether a charge falls under it."""
        return (
            self.service in (None, charge.service_name)
            and self.region in (None, charge.region_id)
            and (self.sku is None or f"{charge.sku_id}.".startswith(f"{self.sku}."))
        )


class _Discount(ClosedModel):
    start: Month | None = None
    """First month of the discount; from the beginning when absent."""
    end: Month | None = None
    """Last month of the discount; without end when absent."""


class Percentage(_Discount):
    """A share off the list price, as an enterprise agreement gives it."""

    kind: Literal["percentage"]
    """What the discount does."""
    share_off: Share
    """Share of the list price that is not paid, or the row of the price book that says it."""
    scope: Scope = Scope()
    """What it is for."""


class UnitPrice(_Discount):
    """One private price for every unit, in the place of the list price and its tiers."""

    kind: Literal["unit_price"]
    """What the discount does."""
    usd: Annotated[float, Field(ge=0)]
    """Price [USD per listed unit]."""
    unit: Text
    """Listed unit of the sku ("GB", "10000 requests"); another one is a fault."""
    scope: Scope
    """What it is for."""


class Cover(Scope):
    """What a commitment may be used for."""

    share_off: Share
    """Share off the list price while the commitment lasts, or the row of the price book that says it."""


class Commitment(_Discount):
    """Money that is paid every month, used or not, and buys at a discount (savings plans, savings bundle)."""

    kind: Literal["commitment"]
    """What the discount does."""
    usd_per_month: Positive
    """What is paid [USD/month]; a savings plan of x USD an hour is 730 x."""
    covers: Annotated[list[Cover], Field(min_length=1)]
    """What it may be used for; the highest discount first, as AWS does."""


class ReservedSlots(_Discount):
    """MediaConvert slots that are paid by the month and carry normalized minutes of a queue."""

    kind: Literal["reserved_slots"]
    """What the discount does."""
    slots: Annotated[int, Field(ge=1)]
    """Reserved transcoding slots, twelve months each."""
    normalized_minutes_per_slot: Positive
    """What one slot carries in a month at the load that you measured; AWS does not publish it [normalized minute]."""
    region: Text
    """Where the queue is."""


AnyDiscount: TypeAlias = Percentage | UnitPrice | Commitment | ReservedSlots
Discount = Annotated[AnyDiscount, Field(discriminator="kind")]
Discounts = Mapping[str, AnyDiscount]


class DiscountFile(ClosedModel):
    """A file of discounts."""

    discounts: Annotated[dict[Name, Discount], Field(min_length=1)]
    """Discounts by name; they act in this order."""


def load_discounts(path: Path | str) -> Discounts:
    """The discounts in a file.

    Raises:
        DiscountError: it is faulty; carries every fault with its line.
        ScenarioError: the file is missing or no YAML mapping.
    """
    path = Path(path)
    document = read_document(path, path.name, "a file of discounts")
    try:
        return DiscountFile.model_validate(document.data).discounts
    except ValidationError as error:
        schema = DiscountFile.model_json_schema()
        faults = [*schema_faults(error.errors(include_url=False), document, schema)]
    raise DiscountError(faults)


# --- what they do to the charges


@dataclass
class _Open:
    """A charge while discounts act on it."""

    charge: Charge
    left: Array
    """Still at list price [USD]."""
    paid: Array
    """For what is no longer at list price [USD]."""
    by: list[str] = field(default_factory=list)

    def take(self, share: Array | float, paid_share: Array | float, name: str) -> Array:
        """Pay ``paid_share`` of the list cost for a ``share`` of what is left; returns the list cost taken [USD]."""
        taken = self.left * share
        if taken.any():
            self.left = self.left - taken
            self.paid = self.paid + taken * paid_share
            self.by.append(name)
        return np.asarray(taken)

    def closed(self) -> Charge:
        if not self.by:
            return self.charge
        return replace(self.charge, billed=self.left + self.paid, discount=", ".join(self.by))


def discounted(
    charges: Sequence[Charge], discounts: Discounts, timeline: Timeline, book: PriceBook
) -> tuple[list[Charge], tuple[str, ...]]:
    """What is billed for charges at list price.

    Args:
        charges: of AWS, at list price.
        discounts: by name, in the order in which they act.
        timeline: the months of the charges.
        book: says the discounts that are given by a row of it, and the price of reserved slots.

    Returns:
        The charges in their order with what is billed for them, then the fixed part of commitments; and a note on
        every discount that changed nothing.

    Raises:
        DiscountError: a row that the book does not have, or a unit that is not the sku's; carries every fault.
    """
    _check(discounts, charges, book)
    rows = [_Open(charge, charge.cost, np.zeros_like(charge.cost)) for charge in charges]
    bought: list[Charge] = []
    notes = []
    for name, discount in discounts.items():
        active = _active(discount, timeline)
        fixed = _applied(name, discount, rows, active, book)
        bought += fixed
        if not fixed and not any(name in row.by for row in rows):
            notes.append(f"discount {name} changes nothing: no charge at list price is left in its scope and months")
    return [*(row.closed() for row in rows), *bought], tuple(notes)


def _active(discount: _Discount, timeline: Timeline) -> Array:
    """1 in the months of a discount, else 0."""
    from_start = timeline.since(discount.start) if discount.start else np.ones(timeline.count)
    if discount.end is None:
        return from_start
    return from_start * (timeline.months <= np.datetime64(discount.end, "M"))


def _applied(
    name: str,
    discount: AnyDiscount,
    rows: Sequence[_Open],
    active: Array,
    book: PriceBook,
) -> list[Charge]:
    """Let one discount act; returns what is paid for it whether it is used or not."""
    match discount:
        case Percentage():
            for row in _within(rows, discount.scope):
                row.take(active, 1 - _share(discount.share_off, book), name)
        case UnitPrice():
            for row in _within(rows, discount.scope):
                if np.any(row.charge.unit_price):
                    row.take(active, discount.usd / row.charge.unit_price, name)
        case Commitment():
            return _committed(name, discount, rows, active, book)
        case ReservedSlots():
            return _reserved(name, discount, rows, active, book)
    return []


def _within(rows: Iterable[_Open], scope: Scope) -> list[_Open]:
    return [row for row in rows if scope.includes(row.charge)]


def _share(stated: float | str, book: PriceBook) -> float:
    return stated if isinstance(stated, float) else _row(stated, book).price_usd


def _row(stated: str, book: PriceBook) -> PriceRow:
    """The newest row of a discount; where it holds is for the scope to say.

    Raises:
        PriceNotFound: the book has no such row, or it is no discount.
    """
    ladder = max(book.sku(*_service_and_sku(stated)), key=lambda found: found.effective_date)
    if ladder.kind != "discount":
        raise PriceNotFound([Fault(stated, f"a {ladder.kind} [{ladder.unit}]", "a discount of the price book")])
    return ladder.rows[0]


def _service_and_sku(text: str) -> tuple[str, str]:
    """Service and sku key in the words of a file.

    >>> _service_and_sku("CloudFront security_savings_bundle.discount")
    ('CloudFront', 'security_savings_bundle.discount')
    """
    service, _, sku = text.partition(" ")
    return service, sku.strip()


def _committed(name: str, discount: Commitment, rows: Sequence[_Open], active: Array, book: PriceBook) -> list[Charge]:
    """Spend the commitment on the highest discount first; what is left of it is paid all the same."""
    money = discount.usd_per_month * active
    covers = sorted(discount.covers, key=lambda cover: _share(cover.share_off, book), reverse=True)
    members = [row for cover in covers for row in _within(rows, cover)]
    for cover in covers:
        paid_share = 1 - _share(cover.share_off, book)
        covered = _within(rows, cover)
        demand = _sum(row.left for row in covered) * paid_share
        share = _ratio(np.minimum(money, demand), demand) * active
        money = money - _sum(row.take(share, paid_share, name) for row in covered) * paid_share
    category = members[0].charge.category if members else "Compute"
    text = f"{name}: commitment that is paid and not used"
    return _fixed(name, text, np.maximum(money, 0), category, covers[0].service or "AWS", "commitment.unused")


def _reserved(
    name: str, discount: ReservedSlots, rows: Sequence[_Open], active: Array, book: PriceBook
) -> list[Charge]:
    """Carry minutes on slots, those of the cheapest tier first: what stays on demand climbs the ladder anew."""
    scope = Scope(service="MediaConvert", sku="ntm", region=discount.region)
    members = [row for row in _within(rows, scope) if np.any(row.charge.unit_price)]
    minutes = discount.slots * discount.normalized_minutes_per_slot * active
    for price in sorted({float(row.charge.unit_price) for row in members}):
        tier = [row for row in members if float(row.charge.unit_price) == price]
        demand = _sum(row.left for row in tier) / price
        share = _ratio(np.minimum(minutes, demand), demand)
        minutes = minutes - demand * share
        for row in tier:
            row.take(share, 0.0, name)
    slot = _slot(discount, book)
    fee = discount.slots * slot.price_usd * active
    text = f"{name}: {discount.slots} reserved transcoding slots"
    bought = _fixed(name, text, fee, "Transcoding", "MediaConvert", "reserved_slot", discount.region)
    observed = slot.effective_date.isoformat()
    return [replace(c, price_source=slot.source, price_date=observed, price_grade=slot.grade) for c in bought]


def _slot(discount: ReservedSlots, book: PriceBook) -> PriceRow:
    return book.ladder("MediaConvert", "reserved_slot", discount.region, date.max).rows[0]


def _fixed(
    name: str, text: str, paid: Array, category: Category, service: str, sku: str, region: str = "global"
) -> list[Charge]:
    """What is paid besides the use: it has no list cost, for it is not in the price list's bill of that use."""
    if not paid.any():
        return []
    return [
        Charge(
            category=category,
            service_name=service,
            sku_id=sku,
            description=text,
            region_id=region,
            resource_urn="",
            quantity=np.where(paid > 0, 1.0, 0.0),
            unit="month",
            unit_price=np.zeros(()),
            driver="agreed, used or not",
            price_source=f"discount {name}, stated without a source",
            price_date="",
            price_grade="low",
            usage_based=False,
            billed=paid,
            discount=name,
        )
    ]


def _sum(parts: Iterable[Array]) -> Array:
    return np.asarray(sum(parts, start=np.float64(0)))


def _ratio(part: Array, whole: Array) -> Array:
    """Share of a whole; 0 of nothing."""
    return np.divide(part, whole, out=np.zeros(np.broadcast_shapes(part.shape, whole.shape)), where=whole > 0)


# --- what cannot be


def _check(discounts: Discounts, charges: Sequence[Charge], book: PriceBook) -> None:
    faults = [fault for name, discount in discounts.items() for fault in _faults(name, discount, charges, book)]
    if faults:
        raise DiscountError(faults)


def _faults(name: str, discount: AnyDiscount, charges: Sequence[Charge], book: PriceBook) -> Iterator[Fault | str]:
    where = f"discounts.{name}"
    if discount.start and discount.end and discount.end < discount.start:
        yield Fault(f"{where}.end", discount.end, f"a month from its start on, {discount.start}")
    match discount:
        case Percentage():
            yield from _row_faults(discount.share_off, book)
        case Commitment():
            for cover in discount.covers:
                yield from _row_faults(cover.share_off, book)
        case UnitPrice():
            units = {charge.unit for charge in charges if discount.scope.includes(charge)}
            for unit in sorted(units - {discount.unit}):
                yield Fault(f"{where}.unit", f'"{discount.unit}"', f'"{unit}", the listed unit in its scope')
        case ReservedSlots():
            yield from _book_faults(lambda: _slot(discount, book))


def _row_faults(share: float | str, book: PriceBook) -> Iterator[Fault | str]:
    if isinstance(share, str):
        yield from _book_faults(lambda: _row(share, book))


def _book_faults(look_up: Callable[[], object]) -> Iterator[Fault | str]:
    try:
        look_up()
    except PriceNotFound as error:
        yield from error.faults
