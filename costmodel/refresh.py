"""What the AWS Price List of a day means for the price book: what is new, changed or gone, and is it to be believed?

Pure functions: answers of the Price List and ladders of the book in, a proposal out. An answer that cannot be true
(another currency, an unknown unit, a ladder with a gap, a price many times off, too much missing) makes no proposal
but an error that carries every reason, so that nothing of it reaches the book.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Literal, TypeAlias

from costmodel.errors import CatalogError, Fault, PriceListError, nearest
from costmodel.price_book import Grade, Ladder
from costmodel.price_list import Answers, Dimension, Offer
from costmodel.price_list_queries import Limits, QueryFile, Target

Status: TypeAlias = Literal["added", "changed", "vanished", "unclear", "unchanged"]
Sku: TypeAlias = tuple[str, str]
"""(service, sku_key)"""

STATUSES: tuple[Status, ...] = ("added", "changed", "vanished", "unclear", "unchanged")
CURRENCY = "USD"
NO_END = "Inf"
"""How the Price List writes the end of a last tier."""

FOUND_BY_AWS: Grade = "high"
"""Grade of a price that AWS's own list states."""


@dataclass(frozen=True)
class ListedTier:
    """A marginal tier, exact: as it is written into the book."""

    start: Decimal
    """[listed unit] per month."""
    end: Decimal | None
    """[listed unit] per month; None for the last tier."""
    price: Decimal
    """[USD per listed unit]."""


@dataclass(frozen=True)
class NewLadder:
    """A ladder as the Price List states it, in the unit of the book."""

    target: Target
    unit: str
    tiers: tuple[ListedTier, ...]
    effective_date: str
    """Since when AWS asks it; empty when the list does not say."""
    version: str
    """Edition of the list."""

    @property
    def source(self) -> str:
        """Source of its rows."""
        return f"AWS Price List API, {self.target.request.service_code}, edition {self.version or 'not stated'}"

    @property
    def note(self) -> str:
        """Note of its rows."""
        return f"in force since {self.effective_date}" if self.effective_date else ""


@dataclass(frozen=True)
class Finding:
    """What the Price List says about one price of the book."""

    status: Status
    target: Target
    old: Ladder | None
    """The ladder in force; None when the book has none in this region."""
    new: NewLadder | None
    """None when the list has none, or several that differ."""
    reason: str = ""
    """Why it is unclear."""

    @property
    def largest_change(self) -> Decimal | None:
        """Change of the tier that changes most, as a share of its price; None when there is nothing to compare."""
        if self.old is None or self.new is None:
            return None
        pairs = _price_pairs(tiers_of(self.old), self.new.tiers)
        return max((new / old - 1 if old else Decimal(0) for old, new in pairs), key=abs)


@dataclass(frozen=True)
class Proposal:
    """All findings of a refresh, sorted by service, sku and region."""

    on: date
    """Day of the answers: date of the ladders that are appended."""
    findings: tuple[Finding, ...]
    without_query: tuple[Sku, ...]
    """Prices of those services that no query asks for."""

    def of(self, status: Status) -> tuple[Finding, ...]:
        """Findings with a status."""
        return tuple(finding for finding in self.findings if finding.status == status)

    def ladders(self, *, confirm: bool) -> tuple[NewLadder, ...]:
        """What to append to the book.

        Args:
            confirm: also the unchanged ladders that were last seen before, so that their age starts anew.
        """
        return tuple(finding.new for finding in self.findings if finding.new and _is_due(finding, self.on, confirm))


def propose(file: QueryFile, asked: Sequence[Target], answers: Answers, book: Iterable[Ladder], on: date) -> Proposal:
    """Compare the answers of the Price List with the book.

    Args:
        file: limits and units.
        asked: the prices that were asked for.
        answers: offers by request; one entry for each request of ``asked``.
        book: every ladder of the services that were asked for, of every date and kind.
        on: day of the answers.

    Raises:
        CatalogError: a query names a sku that the book does not have.
        PriceListError: the answers cannot be believed; carries every reason.
    """
    skus = _in_force(book)
    _check_known(asked, skus)
    faults: list[Fault | str] = [*_empty_answers(answers)]
    findings = []
    for target in asked:
        finding = _finding(target, skus[target.service, target.sku_key], answers[target.request], file, on, faults)
        findings += [finding] if finding else []
    faults += _missing_faults(findings, file.limits)
    if faults:
        raise PriceListError(faults)
    without = sorted(skus.keys() - {(target.service, target.sku_key) for target in asked})
    ordered = sorted(findings, key=lambda finding: (finding.target.service, *finding.target.key))
    return Proposal(on, tuple(ordered), tuple(without))


def tiers_of(ladder: Ladder) -> tuple[ListedTier, ...]:
    """The tiers of a ladder of the book, exact."""
    starts = [Decimal(repr(tier.start)).normalize() for tier in ladder.tiers]
    prices = [Decimal(repr(tier.price)).normalize() for tier in ladder.tiers]
    ends = [*starts[1:], None]
    return tuple(ListedTier(*cells) for cells in zip(starts, ends, prices, strict=True))


# --- the book


def _in_force(book: Iterable[Ladder]) -> dict[Sku, dict[str, Ladder]]:
    """Newest ladder of each price, by sku and region."""
    skus: dict[Sku, dict[str, Ladder]] = defaultdict(dict)
    for ladder in sorted(book, key=lambda each: each.effective_date):
        if ladder.kind == "price":
            skus[ladder.service, ladder.sku_key][ladder.region] = ladder
    return skus


def _check_known(asked: Iterable[Target], skus: Mapping[Sku, object]) -> None:
    unknown = dict.fromkeys((each.service, each.sku_key) for each in asked if (each.service, each.sku_key) not in skus)
    if unknown:
        names = [" ".join(sku) for sku in skus]
        where, expected = "price_list_queries.yaml", "a price of the book"
        raise CatalogError([Fault(where, name, expected, nearest(name, names)) for name in map(" ".join, unknown)])


# --- one price


def _finding(
    target: Target,
    in_force: Mapping[str, Ladder],
    offers: Sequence[Offer],
    file: QueryFile,
    on: date,
    faults: list[Fault | str],
) -> Finding | None:
    """What the offers say of a price; None when neither they nor the book have it in this region."""
    old = in_force.get(target.region)
    # A region that is new to the book is read in the unit, and judged by the price, of a region that is not.
    model = old or next(iter(in_force.values()))
    wrong: list[Fault | str] = []
    matching = [offer for offer in offers if offer.dimensions and target.matches(offer)]
    stated = [_new_ladder(target, offer, model, file, wrong) for offer in matching]
    faults += wrong
    different = {ladder.tiers: ladder for ladder in stated if ladder is not None}
    if len(different) > 1:
        return Finding("unclear", target, old, None, f"{len(different)} products with different prices match")
    new = next(iter(different.values()), None)
    if new is None:
        return Finding("vanished", target, old, None) if old else None
    faults += _price_faults(target, model, new, file.limits)
    status = _status(old, new)
    if status == "changed" and old is not None and old.effective_date >= on:
        faults.append(Fault(str(target), f"another price of {old.effective_date} in the book", f"none since {on}"))
    return Finding(status, target, old, new)


def _status(old: Ladder | None, new: NewLadder) -> Status:
    if old is None:
        return "added"
    return "unchanged" if tiers_of(old) == new.tiers else "changed"


def _is_due(finding: Finding, on: date, confirm: bool) -> bool:
    if finding.status in ("added", "changed"):
        return True
    return confirm and finding.old is not None and finding.old.effective_date < on


# --- from the Price List's form to ours


def _new_ladder(
    target: Target, offer: Offer, model: Ladder, file: QueryFile, faults: list[Fault | str]
) -> NewLadder | None:
    found = [
        *_currency_faults(target, offer),
        *_unit_faults(target, offer, model, file),
        *_number_faults(target, offer),
    ]
    if not found:
        found += _cover_faults(target, _by_start(offer))
    if found:
        faults += found
        return None
    tiers = tuple(_listed(dimension, model.listed_unit.multiple) for dimension in _by_start(offer))
    if target.free_tier_apart and len(tiers) > 1 and tiers[0].price == 0:
        tiers = (ListedTier(Decimal(0), tiers[1].end, tiers[1].price), *tiers[2:])
    return NewLadder(target, model.unit, tiers, offer.effective_date, offer.version)


def _by_start(offer: Offer) -> list[Dimension]:
    return sorted(offer.dimensions, key=lambda dimension: Decimal(dimension.begin))


def _listed(dimension: Dimension, multiple: int) -> ListedTier:
    end = None if dimension.end == NO_END else (Decimal(dimension.end) / multiple).normalize()
    price = (Decimal(dimension.prices[CURRENCY]) * multiple).normalize()
    return ListedTier((Decimal(dimension.begin) / multiple).normalize(), end, price)


def _currency_faults(target: Target, offer: Offer) -> Iterator[Fault]:
    for currencies in {tuple(sorted(dimension.prices)) for dimension in offer.dimensions}:
        if CURRENCY not in currencies:
            yield Fault(str(target), f"a price in {', '.join(currencies) or 'no currency'}", f"a price in {CURRENCY}")


def _unit_faults(target: Target, offer: Offer, model: Ladder, file: QueryFile) -> Iterator[Fault]:
    base = model.listed_unit.base
    for unit in sorted({dimension.unit for dimension in offer.dimensions}):
        if base not in file.base_units(unit):
            known = " or ".join(each for each, bases in file.units.items() if base in bases)
            hint = "if it is the same, add it under units of price_list_queries.yaml"
            yield Fault(str(target), f'unit "{unit}"', f"{known or 'a known unit'} for our {base}", hint)


def _number_faults(target: Target, offer: Offer) -> Iterator[Fault]:
    for each in offer.dimensions:
        ends = [] if each.end == NO_END else [each.end]
        for text in (each.begin, *ends, each.prices.get(CURRENCY, "0")):
            if not _is_amount(text):
                yield Fault(str(target), f'"{text}"', "a number >= 0")


def _is_amount(text: str) -> bool:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    return number.is_finite() and number >= 0


def _cover_faults(target: Target, tiers: Sequence[Dimension]) -> Iterator[Fault]:
    if Decimal(tiers[0].begin) != 0:
        yield Fault(str(target), f"a first tier from {tiers[0].begin}", "one from 0")
    for lower, upper in pairwise(tiers):
        if lower.end == NO_END or Decimal(lower.end) != Decimal(upper.begin):
            found = f"a tier to {lower.end} before one from {upper.begin}"
            yield Fault(str(target), found, "tiers without gap or overlap")
    if tiers[-1].end != NO_END:
        yield Fault(str(target), f"a last tier that ends at {tiers[-1].end}", "one without end")


# --- is it plausible?


def _empty_answers(answers: Answers) -> Iterator[Fault]:
    for request, offers in answers.items():
        if not offers:
            yield Fault(str(request), "an empty answer", "products with an on-demand price")


def _price_faults(target: Target, model: Ladder, new: NewLadder, limits: Limits) -> Iterator[Fault]:
    pairs = list(_price_pairs(tiers_of(model), new.tiers))
    for old, price in pairs:
        if (old == 0) != (price == 0):
            yield Fault(str(target), f"{price:f} USD per {model.unit}", f"about {old:f}", _BY_HAND)
            return
    largest = Decimal(repr(limits.largest_factor))
    for old, price in pairs:
        if old and not 1 / largest < price / old < largest:
            expected = f"less than {largest.normalize():f} times more or less than {old:f}"
            yield Fault(str(target), f"{price:f} USD per {model.unit}", expected, _BY_HAND)
            return


_BY_HAND = "if AWS's page says so too, append it to the book by hand"


def _price_pairs(old: Sequence[ListedTier], new: Sequence[ListedTier]) -> Iterator[tuple[Decimal, Decimal]]:
    """Old and new price of the next unit, at every bound of either ladder."""
    for quantity in sorted({tier.start for tier in (*old, *new)}):
        yield _price_at(old, quantity), _price_at(new, quantity)


def _price_at(tiers: Sequence[ListedTier], quantity: Decimal) -> Decimal:
    return next(tier.price for tier in reversed(tiers) if tier.start <= quantity)


def _missing_faults(findings: Sequence[Finding], limits: Limits) -> Iterator[Fault]:
    known = [finding for finding in findings if finding.old is not None]
    missing = [finding for finding in known if finding.new is None]
    if len(missing) > limits.largest_missing_share * len(known):
        found = f"{len(missing)} of {len(known)} prices of the book are missing, the first: {missing[0].target}"
        yield Fault("the Price List", found, f"at most {limits.largest_missing_share:.0%}")
