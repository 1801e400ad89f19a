"""The price book: dated list prices with their unit, source and grade, one CSV file a service.

A row is one tier of one sku in one region, as observed on ``effective_date``. Rows of one sku, region and date
form a ladder that covers zero to infinity without gap or overlap. Dated rows are appended, never edited: a look-up
answers with the latest ladder that was observed on or before its date.

The files are checked whole and every fault of a file is reported at once; a service's file is read when the first
of its prices is asked for.
"""

from __future__ import annotations

import csv
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Literal, TypeAlias, cast

from costmodel.errors import CatalogError, Fault, PriceNotFound, UnitError
from costmodel.tiers import Tier
from costmodel.units import ListedUnit, parse_unit

Grade: TypeAlias = Literal["high", "med", "low"]
Kind: TypeAlias = Literal["price", "rule", "multiplier", "discount", "allowance"]
Key: TypeAlias = tuple[str, str]
"""(sku_key, region)"""

COLUMNS = (
    "service",
    "sku_key",
    "region",
    "unit",
    "tier_from",
    "tier_to",
    "price_usd",
    "effective_date",
    "source",
    "grade",
    "note",
)
GRADES: tuple[Grade, ...] = ("high", "med", "low")
"""Best first: seen in AWS's own data; derived or of one good source; from memory or a weak source."""

EVERY_REGION = "all"
"""Region of a row that holds wherever the service exists."""

LAST_TIER_CARRIED_ON = "no list price from"
"""How the note of a tier begins whose price is not published: the one before it stands in, an upper bound."""

PACKAGED_PRICES = Path(__file__).parent / "data" / "prices"
COMPETITOR_PRICES = PACKAGED_PRICES / "competitors"
"""What others ask for storing, encoding and delivering video: the same format, a book of its own."""

_REGIONS = "an AWS region, edge:<geography>, billing:<group>, global or all"
_REGION = re.compile(r"all|global|(?:edge|billing):[a-z_]+|[a-z]{2}-[a-z]+-[0-9]")


def kind_of(sku_key: str, unit: str) -> Kind:
    """Tell what the value of a row is: a price, or a fact that a meter needs to arrive at one.

    >>> kind_of("storage.standard", "GB-month"), kind_of("rule.min_billable_seconds", "seconds")
    ('price', 'rule')
    >>> kind_of("dto.internet.free", "GB"), kind_of("flatrate.free", "distribution-month")
    ('allowance', 'price')
    >>> kind_of("rule", "rule-month")  # WAF sells rules
    'price'
    """
    first, *_, last = sku_key.split(".") if "." in sku_key else ("", sku_key)
    if first == "rule" or last.endswith("threshold"):
        return "rule"
    if first == "multiplier":
        return "multiplier"
    if unit == "fraction":
        return "discount"
    # The free flat-rate plan of CloudFront is a thing one buys, at price 0.
    if "free" in (first, last) and first != "flatrate":
        return "allowance"
    return "price"


def is_region(text: str) -> bool:
    """Whether a text has the form of a place that prices are listed for.

    >>> is_region("eu-west-1"), is_region("edge:india"), is_region("mars")
    (True, True, False)
    """
    return _REGION.fullmatch(text) is not None


def file_name(service: str) -> str:
    """File of a service's prices.

    >>> file_name("S3"), file_name("EC2/SavingsPlans")
    ('s3.csv', 'ec2_savingsplans.csv')
    """
    return re.sub(r"[^a-z0-9]+", "_", service.lower()).strip("_") + ".csv"


@dataclass(frozen=True)
class PriceRow:
    """One row of the book."""

    service: str
    sku_key: str
    region: str
    unit: str
    """Listed unit ("10000 requests")."""
    tier_from: float
    """[listed unit] per month."""
    tier_to: float
    """[listed unit] per month; infinite for the last tier."""
    price_usd: float
    """[USD per listed unit]; of a rule, multiplier or discount: its value in ``unit``."""
    effective_date: date
    """When the source showed it; the ladder's oldest row decides for all its rows."""
    source: str
    grade: Grade
    note: str
    line: int
    """Line in the service's file."""


@dataclass(frozen=True)
class Ladder:
    """The price of one sku in one region on one date: one tier when it is flat."""

    rows: tuple[PriceRow, ...]
    """Ascending by tier, from 0 to infinity."""

    @property
    def service(self) -> str:
        """Service key ("S3")."""
        return self.rows[0].service

    @property
    def sku_key(self) -> str:
        """Sku key ("storage.standard")."""
        return self.rows[0].sku_key

    @property
    def region(self) -> str:
        """AWS region, ``edge:<geography>``, ``billing:<group>``, ``global`` or ``all``."""
        return self.rows[0].region

    @property
    def kind(self) -> Kind:
        """What the values of its rows are."""
        return kind_of(self.sku_key, self.unit)

    @property
    def unit(self) -> str:
        """Listed unit ("10000 requests")."""
        return self.rows[0].unit

    @cached_property
    def listed_unit(self) -> ListedUnit:
        """The listed unit as multiple and base unit."""
        return parse_unit(self.unit)

    @cached_property
    def tiers(self) -> tuple[Tier, ...]:
        """Marginal tiers in the listed unit."""
        return tuple(Tier(start=row.tier_from, price=row.price_usd) for row in self.rows)

    @property
    def is_flat(self) -> bool:
        """Whether there is one price for every quantity."""
        return len(self.rows) == 1

    @property
    def effective_date(self) -> date:
        """When the ladder was observed."""
        return self.rows[0].effective_date

    @property
    def sources(self) -> tuple[str, ...]:
        """Sources of the tiers, each once."""
        return tuple(dict.fromkeys(row.source for row in self.rows))

    @property
    def grade(self) -> Grade:
        """The worst grade of its tiers."""
        return max((row.grade for row in self.rows), key=GRADES.index)

    @property
    def note(self) -> str:
        """Notes of the tiers, each once."""
        return "; ".join(dict.fromkeys(row.note for row in self.rows if row.note))

    @property
    def breaks_off(self) -> bool:
        """Whether the price of the last tier is not published, and the one before it is carried on."""
        return self.rows[-1].note.startswith(LAST_TIER_CARRIED_ON)


ServicePrices: TypeAlias = Mapping[Key, Sequence[Ladder]]
"""All ladders of a service by sku and region, oldest first."""


class PriceBook:
    """List prices by service, sku, region and date."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._services: dict[str, ServicePrices] = {}

    @classmethod
    def load(cls, directory: Path = PACKAGED_PRICES) -> PriceBook:
        """Open the book in a directory; one instance a process and directory, files read on demand.

        Raises:
            CatalogError: the directory holds no price files.
        """
        return _open(directory)

    def ladder(self, service: str, sku_key: str, region: str, on: date) -> Ladder:
        """Tiers of a sku in a region on a date.

        Rows are dated by when a price was *observed*, not by when AWS introduced it. A date before the first
        observation is therefore answered with the first one, and a future date with the latest.

        Args:
            service: service key ("S3").
            sku_key: sku key ("storage.standard").
            region: AWS region, ``edge:<geography>``, ``billing:<group>`` or ``global``; a row for ``all`` answers
                for each of them.
            on: day of use.

        Raises:
            PriceNotFound: no such price; names the nearest sku keys and the regions that have it.
            CatalogError: the service's file is faulty.
        """
        ladder = self._find(service, sku_key, region, on)
        if ladder.kind != "price":
            raise PriceNotFound([_not_a_price(ladder)])
        return ladder

    def rule(self, service: str, sku_key: str, region: str = EVERY_REGION, on: date = date.max) -> float:
        """Value of a rule, multiplier, discount or free allowance, in the unit of its row.

        Args:
            service: service key ("MediaConvert").
            sku_key: key ("rule.min_billable_seconds", "multiplier.basic.avc.single.hd.le30", "free.dto").
            region: as for :meth:`ladder`.
            on: day of use; the latest when not given.

        Raises:
            PriceNotFound: no such key, or it is a price.
            CatalogError: the service's file is faulty.
        """
        row = self.rule_row(service, sku_key, region, on)
        return row.tier_to if kind_of(sku_key, row.unit) == "allowance" else row.price_usd

    def rule_row(self, service: str, sku_key: str, region: str = EVERY_REGION, on: date = date.max) -> PriceRow:
        """Row behind :meth:`rule`, for its unit, source and grade."""
        ladder = self._find(service, sku_key, region, on)
        if ladder.kind == "price":
            raise PriceNotFound([_is_a_price(ladder)])
        return ladder.rows[0]

    def sku(self, service: str, sku_key: str) -> tuple[Ladder, ...]:
        """Every ladder of a sku, of any kind: by region, the oldest first.

        Raises:
            PriceNotFound: no such service or sku; names the nearest.
            CatalogError: the service's file is faulty.
        """
        prices = self._service(service)
        found = [ladder for key, versions in prices.items() if key[0] == sku_key for ladder in versions]
        if not found:
            raise PriceNotFound([_no_such_sku(f"{service} {sku_key}", service, sku_key, prices)])
        return tuple(found)

    def has_service(self, service: str) -> bool:
        """Whether the book prices a service; upper and lower case are the same."""
        return file_name(service) in self.file_names

    def check(self) -> None:
        """Read every file of the book.

        Raises:
            CatalogError: every fault of every file.
        """
        faults: list[Fault | str] = []
        for name in self.file_names:
            try:
                self._read(name)
            except CatalogError as error:
                faults.extend(error.faults)
        if faults:
            raise CatalogError(faults)

    @cached_property
    def file_names(self) -> tuple[str, ...]:
        """Names of the price files, sorted."""
        return tuple(sorted(path.name for path in self.directory.glob("*.csv")))

    def ladders(self) -> Iterator[Ladder]:
        """Every ladder of the book, of every kind and date, in the order of the files."""
        for name in self.file_names:
            for versions in self._read(name).values():
                yield from versions

    def rows(self) -> Iterator[PriceRow]:
        """Every row of the book."""
        for ladder in self.ladders():
            yield from ladder.rows

    def _find(self, service: str, sku_key: str, region: str, on: date) -> Ladder:
        prices = self._service(service)
        versions = prices.get((sku_key, region)) or prices.get((sku_key, EVERY_REGION))
        if not versions:
            raise PriceNotFound([_missing(service, sku_key, region, on, prices)])
        observed = [ladder for ladder in versions if ladder.effective_date <= on]
        return observed[-1] if observed else versions[0]

    def _service(self, service: str) -> ServicePrices:
        name = file_name(service)
        if name not in self.file_names:
            raise PriceNotFound([_unknown_service(service, self.file_names)])
        return self._read(name)

    def _read(self, name: str) -> ServicePrices:
        if name not in self._services:
            self._services[name] = read_prices(self.directory / name)
        return self._services[name]


@cache
def _open(directory: Path) -> PriceBook:
    book = PriceBook(directory)
    if not book.file_names:
        raise CatalogError([Fault(where=str(directory), found="no price file", expected="one CSV file a service")])
    return book


def read_prices(path: Path) -> ServicePrices:
    """Read and check one service's file.

    Raises:
        CatalogError: every fault of the file, each with line and field.
    """
    faults: list[Fault | str] = []
    rows = list(_parsed(path, faults))
    prices = _grouped(rows)
    faults.extend(_ladder_faults(path, prices))
    if faults:
        raise CatalogError(faults)
    return prices


def _grouped(rows: Iterable[PriceRow]) -> dict[Key, list[Ladder]]:
    versions: dict[tuple[str, str, date], list[PriceRow]] = defaultdict(list)
    for row in rows:
        versions[row.sku_key, row.region, row.effective_date].append(row)
    prices: dict[Key, list[Ladder]] = defaultdict(list)
    for sku_key, region, on in sorted(versions):
        tiers = sorted(versions[sku_key, region, on], key=lambda row: (row.tier_from, row.tier_to))
        prices[sku_key, region].append(Ladder(tuple(tiers)))
    return dict(prices)


# --- one row


def _parsed(path: Path, faults: list[Fault | str]) -> Iterator[PriceRow]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = tuple(next(reader, ()))
            if header != COLUMNS:
                faults.append(_fault(path, 1, "header", ",".join(header) or "nothing", ",".join(COLUMNS)))
                return
            for cells in reader:
                row = _parse_row(path, reader.line_num, cells, faults)
                if row is not None:
                    yield row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        faults.append(Fault(where=_where(path), found=str(error), expected="a UTF-8 CSV file that can be read"))


def _parse_row(path: Path, line: int, cells: Sequence[str], faults: list[Fault | str]) -> PriceRow | None:
    if len(cells) != len(COLUMNS):
        faults.append(_fault(path, line, "row", f"{len(cells)} fields", f"{len(COLUMNS)} fields"))
        return None
    text = dict(zip(COLUMNS, cells, strict=True))
    found: list[Fault | str] = [*_text_faults(path, line, text)]
    tier_from = _number(path, line, "tier_from", text, found)
    tier_to = _number(path, line, "tier_to", text, found) if text["tier_to"] else math.inf
    price = _number(path, line, "price_usd", text, found)
    on = _date(path, line, text, found)
    if found or on is None:
        faults.extend(found)
        return None
    return PriceRow(
        service=text["service"],
        sku_key=text["sku_key"],
        region=text["region"],
        unit=text["unit"],
        tier_from=tier_from,
        tier_to=tier_to,
        price_usd=price,
        effective_date=on,
        source=text["source"],
        grade=cast(Grade, text["grade"]),
        note=text["note"],
        line=line,
    )


def _text_faults(path: Path, line: int, text: Mapping[str, str]) -> Iterator[Fault]:
    if file_name(text["service"]) != path.name:
        yield _fault(path, line, "service", f'"{text["service"]}"', f"the service of {path.name}")
    if not text["sku_key"]:
        yield _fault(path, line, "sku_key", "nothing", "a sku key")
    if not text["source"]:
        yield _fault(path, line, "source", "nothing", "where the price was seen")
    if not is_region(text["region"]):
        yield _fault(path, line, "region", f'"{text["region"]}"', _REGIONS)
    if text["grade"] not in GRADES:
        yield _fault(path, line, "grade", f'"{text["grade"]}"', "high, med or low")
    unit_fault = _unit_fault(text["unit"])
    if unit_fault:
        yield _fault(path, line, "unit", unit_fault.found, unit_fault.expected, unit_fault.hint)


@cache
def _unit_fault(unit: str) -> Fault | None:
    try:
        parse_unit(unit)
    except UnitError as error:
        return cast(Fault, error.faults[0])
    return None


def _number(path: Path, line: int, field: str, text: Mapping[str, str], faults: list[Fault | str]) -> float:
    try:
        value = float(text[field])
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        faults.append(_fault(path, line, field, f'"{text[field]}"', "a finite number >= 0"))
    return value


def _date(path: Path, line: int, text: Mapping[str, str], faults: list[Fault | str]) -> date | None:
    try:
        return date.fromisoformat(text["effective_date"])
    except ValueError:
        faults.append(_fault(path, line, "effective_date", f'"{text["effective_date"]}"', "a date like 2026-11-21"))
        return None


# --- one ladder


def _ladder_faults(path: Path, prices: ServicePrices) -> Iterator[Fault]:
    for versions in prices.values():
        yield from _unit_faults(path, [row for ladder in versions for row in ladder.rows])
        for ladder in versions:
            yield from _cover_faults(path, ladder.rows)


def _unit_faults(path: Path, rows: Sequence[PriceRow]) -> Iterator[Fault]:
    first = rows[0]
    for row in rows:
        if row.unit != first.unit:
            expected = f'"{first.unit}" as in line {first.line}'
            yield _fault(path, row.line, "unit", f'"{row.unit}"', expected, "a sku has one unit")


def _cover_faults(path: Path, rows: Sequence[PriceRow]) -> Iterator[Fault]:
    first = rows[0]
    if first.tier_from != 0:
        yield _fault(path, first.line, "tier_from", _g(first.tier_from), f"a first tier of {first.sku_key} from 0")
    for lower, upper in pairwise(rows):
        if upper.tier_from == lower.tier_from:
            expected = f"one, as in line {lower.line}"
            yield _fault(path, upper.line, "row", f"a second tier from {_g(upper.tier_from)}", expected)
        elif upper.tier_from != lower.tier_to:
            what = "a gap" if upper.tier_from > lower.tier_to else "an overlap"
            expected = f"{_g(lower.tier_to)}, where line {lower.line} ends"
            yield _fault(path, upper.line, "tier_from", f"{_g(upper.tier_from)}, {what}", expected)
    yield from _end_faults(path, rows[-1])


def _end_faults(path: Path, last: PriceRow) -> Iterator[Fault]:
    is_allowance = kind_of(last.sku_key, last.unit) == "allowance"
    if last.tier_to <= last.tier_from:
        yield _fault(path, last.line, "tier_to", _g(last.tier_to), f"more than {_g(last.tier_from)}")
    elif is_allowance and math.isinf(last.tier_to):
        yield _fault(path, last.line, "tier_to", "nothing", "the amount that is free")
    elif not is_allowance and math.isfinite(last.tier_to):
        yield _fault(path, last.line, "tier_to", _g(last.tier_to), "nothing: the last tier has no end")


# --- what is missing


def _missing(service: str, sku_key: str, region: str, on: date, prices: ServicePrices) -> Fault:
    regions = sorted(there for key, there in prices if key == sku_key)
    where = f"{service} {sku_key} in {region} on {on}"
    add_it = f"append it to costmodel/data/prices/{file_name(service)} with unit, date and source"
    if regions:
        return Fault(where=where, found="no price", expected=f"one of {', '.join(regions)}", hint=add_it)
    return _no_such_sku(where, service, sku_key, prices)


def _no_such_sku(where: str, service: str, sku_key: str, prices: ServicePrices) -> Fault:
    near = get_close_matches(sku_key, {key for key, _ in prices}, n=3)
    to_list = f"to list them: costmodel prices list --service {service}"
    hint = f"nearest: {', '.join(near)}" if near else to_list
    return Fault(where=where, found="no such sku", expected=f"a sku key of {file_name(service)}", hint=hint)


def _unknown_service(service: str, names: Sequence[str]) -> Fault:
    stems = [name.removesuffix(".csv") for name in names]
    near = get_close_matches(file_name(service).removesuffix(".csv"), stems, n=1)
    hint = f"nearest: {near[0]}" if near else f"priced are {', '.join(stems)}"
    return Fault(where=f"service {service}", found="no such service", expected="one of the price book", hint=hint)


def _not_a_price(ladder: Ladder) -> Fault:
    row = ladder.rows[0]
    return Fault(
        where=f"{row.service} {row.sku_key}",
        found=f"a {kind_of(row.sku_key, row.unit)} [{row.unit}]",
        expected="a price",
        hint=f"to read it: costmodel prices show {row.service} {row.sku_key}",
    )


def _is_a_price(ladder: Ladder) -> Fault:
    row = ladder.rows[0]
    return Fault(
        where=f"{row.service} {row.sku_key}",
        found=f"a price per {row.unit}",
        expected="a rule, multiplier, discount or allowance",
        hint="look it up with PriceBook.ladder",
    )


def _g(bound: float) -> str:
    return "infinity" if math.isinf(bound) else f"{bound:.15g}"


def _where(path: Path) -> str:
    return f"prices/{path.name}"


def _fault(path: Path, line: int, field: str, found: str, expected: str, hint: str = "") -> Fault:
    return Fault(where=f"{_where(path)}:{line}: {field}", found=found, expected=expected, hint=hint)
