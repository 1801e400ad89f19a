"""Reviewed import of collected list prices into the price book.

    python tools/import_prices.py SOURCE.csv [--competitors] [--out DIR] [--replace]

SOURCE has the columns of ``SOURCE_COLUMNS``, one row a tier as one source states it, and may state the same price
several times. The book (``costmodel/data/prices/<service>.csv``) states it once, as a whole ladder. Every judgement
that lies between the two is written below as data with its reason, or is a named rule; what none of them settles
stops the import. A judgement that no row needs any more stops it too. What competitors ask is imported likewise,
into a book of its own.

The result depends on SOURCE alone, byte for byte. It is the book's first edition: later prices are appended to the
files, so an import that would lose rows is refused unless ``--replace`` is given.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from costmodel.errors import CatalogError, PlanError, UnitError
from costmodel.price_book import (
    COLUMNS,
    COMPETITOR_PRICES,
    GRADES,
    LAST_TIER_CARRIED_ON,
    PACKAGED_PRICES,
    PriceBook,
    file_name,
    kind_of,
)
from costmodel.units import parse_unit

SOURCE_COLUMNS = (
    "service",
    "sku_key",
    "region",
    "unit",
    "tier_from",
    "tier_to",
    "price_usd",
    "source",
    "source_date",
    "confidence",
    "note",
)

COLLECTED_ON = "2026-11-21"
"""Day of the collection; dates the rows whose source bears no date."""

Key = TypeVar("Key", bound=tuple[str, ...])

Sku = tuple[str, str]
"""(service, sku_key)"""


@dataclass(frozen=True)
class Rules:
    """Judgements on single rows and skus, each with its reason."""

    left_out: Mapping[Sku, str] = field(default_factory=dict)
    """Not a price that the book can hold -> why."""
    wrong_price: Mapping[tuple[str, str, str, str], str] = field(default_factory=dict)
    """(service, sku, region, price): the one of two disagreeing prices that is not kept -> why."""
    renamed: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """(service, sku, price) -> sku: two things under one key."""
    region: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """(service, sku, region) -> region: a tier that was filed apart from its ladder."""
    unit: Mapping[Sku, str] = field(default_factory=dict)
    """Listed unit where the source's word is incomplete."""
    binary_edge: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """(service, unit, edge) -> edge: an AWS tier edge that a source wrote in decimal TB."""
    bounds_in_base_units: frozenset[str] = frozenset()
    """Services whose tier bounds are counted in single things although the price is per thousand."""
    amount_as_price: frozenset[Sku] = frozenset()
    """Free allowances whose amount stands in the price column."""
    starts_at: Mapping[Sku, str] = field(default_factory=dict)
    """A flat price of which a note says that the first units are free -> where it starts."""
    free_start: Mapping[Sku, str] = field(default_factory=dict)
    """Ladders that start above 0 -> why what lies below is free, when no note of theirs says so."""
    bounds_scaled: Mapping[Sku, int] = field(default_factory=dict)
    """Tier bounds in a unit of their own -> listed units in one of it."""
    carried_on: Mapping[Sku, str] = field(default_factory=dict)
    """Ladders whose last price is not published -> why the last listed one may stand in, as an upper bound."""


_BY_NEGOTIATION = "AWS quotes larger volumes on request"
_ONE_TIER_KNOWN = "the further tiers were not found"

REVIEWED = Rules(
    left_out={
        ("IVS", "realtime.participant_hour"): "no usable source: third parties say 0.01 to 0.05",
        ("MediaConvert", "vod_solution_doc.sd"): "a sentence of a cost page that contradicts the price list",
        ("MediaConvert", "vod_solution_doc.hd"): "a sentence of a cost page; the price list has the same price",
        ("Personalize", "domain_recommender.hour"): (
            "priced per hour by the users in the dataset, bounds from memory: no ladder over a monthly quantity"
        ),
    },
    wrong_price={
        ("S3", "req.restore.glacier_flexible.standard", "us-east-1", "0.03"): (
            "0.05 kept: AWS's own data; 0.03, in an Infracost golden, is the price of a transition into the class"
        ),
        ("OpenSearch", "serverless.ocu", "us-east-1", "0.2"): (
            "0.24 kept: AWS Price List of 2026-09-29; 0.20 is an example text of an MCP server"
        ),
        ("NAT", "data", "eu-west-1", "0.045"): (
            "0.048 kept: in each region a GB costs what an hour costs; the file that says 0.045 is wrong on Asia"
        ),
    },
    renamed={
        ("S3", "transfer_acceleration", "0.04"): "transfer_acceleration.us_europe_japan_edges",
        ("S3", "transfer_acceleration", "0.08"): "transfer_acceleration.other_edges",
    },
    region={("Cognito", "lite.mau", "global"): "us-east-1"},
    unit={
        # The source says "hour": an hour of one vCPU, an hour of one GB.
        ("Fargate", "arm.vcpu"): "vCPU-hour",
        ("Fargate", "arm.gb"): "GB-hour",
        ("Fargate", "x86.vcpu"): "vCPU-hour",
        ("Fargate", "x86.gb"): "GB-hour",
    },
    # AWS counts 50 TB as 51,200 GB; one source wrote down the words of the price page in decimal.
    binary_edge={("S3", "GB-month", "50000"): "51200", ("S3", "GB-month", "500000"): "512000"},
    # "First 1 million images", "first 72 million recommendations", "first 10 million e-mails", priced per 1,000.
    bounds_in_base_units=frozenset({"Rekognition", "Personalize", "SES"}),
    amount_as_price=frozenset({("IVS", "free.basic_input_hours")}),
    carried_on={
        ("Firehose", "direct_put"): _BY_NEGOTIATION,
        ("Rekognition", "image.bulk_moderation"): _BY_NEGOTIATION,
        ("SES", "pro.email"): _ONE_TIER_KNOWN,
        ("SES", "enterprise.email"): _ONE_TIER_KNOWN,
        ("Route53", "query.latency"): _ONE_TIER_KNOWN,
        ("Route53", "query.geo"): _ONE_TIER_KNOWN,
        ("Cognito", "advanced_security_legacy.mau"): _ONE_TIER_KNOWN,
        ("IVS", "lowlatency.output.fhd"): _ONE_TIER_KNOWN,
        ("IVS", "lowlatency.output.hd"): _ONE_TIER_KNOWN,
        ("IVS", "lowlatency.output.sd"): _ONE_TIER_KNOWN,
        ("IVS", "lowlatency.output.audio"): _ONE_TIER_KNOWN,
    },
)


_NOT_PUBLISHED = "larger volumes by contract"

COMPETITORS = Rules(
    left_out={
        ("AWS IVS", "lowlatency.output.fhd"): "stands in the book of AWS",
        ("AWS IVS", "lowlatency.input.standard"): "stands in the book of AWS",
        ("Mux Video", "delivery.2025_price"): "replaced by the price of 2026",
    },
    region={
        ("Bunny CDN", "standard.europe_north_america", "europe_north_america"): "billing:europe_north_america",
        ("Bunny CDN", "standard.asia_oceania", "asia_oceania"): "billing:asia_oceania",
        ("Bunny CDN", "standard.south_america", "south_america"): "billing:south_america",
        ("Bunny CDN", "standard.middle_east_africa", "middle_east_africa"): "billing:middle_east_africa",
        ("Bunny Stream", "delivery.eu_na", "europe_north_america"): "billing:europe_north_america",
        ("Fastly CDN", "bandwidth.na_eu", "north_america_europe"): "billing:europe_north_america",
        ("Fastly CDN", "bandwidth.max_zone", "most expensive zone"): "billing:most_expensive_zone",
        ("Azure", "egress.internet", "eastus"): "billing:azure_eastus",
    },
    # "First 10 TB free", and OCI counts 1,024 GB to the TB.
    starts_at={("OCI", "egress"): "10240"},
    free_start={
        ("Fastly CDN", "bandwidth.na_eu"): "free allowance: the first 100 GB of a month",
        ("Fastly CDN", "bandwidth.max_zone"): "free allowance: the first 100 GB of a month",
        ("Fastly CDN", "requests"): "free allowance: the first million requests of a month",
    },
    # Bounds in millions of requests, price per 10,000.
    bounds_scaled={("Fastly CDN", "requests"): 100},
    carried_on={
        ("Azure", "egress.internet"): "the further tiers were not found",
        ("Fastly CDN", "bandwidth.na_eu"): _NOT_PUBLISHED,
    },
)


@dataclass(frozen=True)
class Row:
    """A tier as one source states it, on its way into the book."""

    line: int
    """Line of SOURCE."""
    service: str
    sku_key: str
    region: str
    unit: str
    start: str
    """First unit of the tier; empty when the source gives no bounds at all."""
    end: str
    """Where the next tier starts; empty when open."""
    price: str
    source: str
    date: str
    grade: str
    note: str

    @property
    def sku(self) -> Sku:
        """Service and sku key."""
        return self.service, self.sku_key


@dataclass
class Log:
    """What the import found: faults stop it, the rest is told."""

    faults: list[str] = field(default_factory=list)
    used: set[tuple[str, object]] = field(default_factory=set)
    """(rule, key) of every judgement that a row needed."""
    left_out: Counter[Sku] = field(default_factory=Counter)


def import_prices(source: Iterable[Row], rules: Rules) -> tuple[dict[str, list[Row]], Log]:
    """Turn collected rows into whole ladders by service, sorted; the log tells what was decided."""
    log = Log()
    wanted = [row for row in source if not is_left_out(row, rules, log)]
    kept = [corrected(row, rules, log) for row in wanted if is_readable(row, log)]
    services: dict[str, list[Row]] = defaultdict(list)
    for _, group in groupby(sorted(kept, key=_ladder_key), key=_ladder_key):
        ladder = whole_ladder(list(group), rules, log)
        services[ladder[0].service].extend(ladder)
    log.faults.extend(unused(rules, log))
    return dict(services), log


def _ladder_key(row: Row) -> tuple[str, str, str]:
    return row.service, row.sku_key, row.region


# --- rows


def is_left_out(row: Row, rules: Rules, log: Log) -> bool:
    """Whether a reviewed reason keeps the row out of the book."""
    if row.sku in rules.left_out:
        log.used.add(("left_out", row.sku))
        log.left_out[row.sku] += 1
        return True
    wrong = (row.service, row.sku_key, row.region, row.price)
    if wrong in rules.wrong_price:
        log.used.add(("wrong_price", wrong))
        return True
    return False


def is_readable(row: Row, log: Log) -> bool:
    """Whether numbers and unit of a row can be read at all; logs what cannot."""
    found = [
        f"{_name(row)}: {field} is not a number: '{text}'"
        for field, text in (("tier_from", row.start or "0"), ("tier_to", row.end or "0"), ("price_usd", row.price))
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text)
    ]
    try:
        parse_unit(row.unit)
    except UnitError as error:
        found.append(f"{_name(row)}: {error}")
    log.faults.extend(found)
    return not found


def corrected(row: Row, rules: Rules, log: Log) -> Row:
    """The row with its key, unit, bounds, date and grade as the book writes them."""

    def judged(rule: str, table: Mapping[Key, str], key: Key, value: str) -> str:
        if key not in table:
            return value
        log.used.add((rule, key))
        return table[key]

    def edge(value: str) -> str:
        return judged("binary_edge", rules.binary_edge, (row.service, row.unit, value), value)

    fixed = replace(
        row,
        sku_key=judged("renamed", rules.renamed, (row.service, row.sku_key, row.price), row.sku_key),
        region=judged("region", rules.region, (row.service, row.sku_key, row.region), row.region),
        unit=judged("unit", rules.unit, row.sku, row.unit),
        start=edge(row.start),
        end=edge(row.end),
    )
    if row.service in rules.bounds_in_base_units:
        log.used.add(("bounds_in_base_units", row.service))
        fixed = in_listed_units(fixed)
    if row.sku in rules.bounds_scaled:
        log.used.add(("bounds_scaled", row.sku))
        fixed = scaled(fixed, rules.bounds_scaled[row.sku])
    if row.sku in rules.starts_at:
        log.used.add(("starts_at", row.sku))
        fixed = replace(fixed, start=rules.starts_at[row.sku])
    if row.sku in rules.amount_as_price:
        log.used.add(("amount_as_price", row.sku))
        fixed = replace(fixed, start="0", end=row.price, price="0")
    return graded(dated(fixed))


def in_listed_units(row: Row) -> Row:
    """Bounds counted in single things, divided by the multiple of the listed unit."""
    return scaled(row, 1 / Decimal(parse_unit(row.unit).multiple))


def scaled(row: Row, factor: Decimal | int) -> Row:
    """Bounds in listed units, from bounds in another unit of which one is ``factor`` listed units."""

    def listed(bound: str) -> str:
        return format((Decimal(bound) * factor).normalize(), "f") if bound else ""

    return replace(row, start=listed(row.start), end=listed(row.end))


def dated(row: Row) -> Row:
    """A whole date: the first day of a month or year that stands alone; the collection's when there is none."""
    if row.date in ("", "unknown"):
        return replace(row, date=COLLECTED_ON, note=_joined(row.note, "undated source, as collected"))
    year, month, day = (*row.date.split("-"), "", "")[:3]
    if day:
        return row
    whole = f"{year}-{month or '01'}-01"
    return replace(row, date=whole, note=_joined(row.note, f"source dated {row.date}"))


def graded(row: Row) -> Row:
    """The grade; memory never passes for a source."""
    return replace(row, grade="low") if row.source.startswith("memory") else row


# --- ladders


def whole_ladder(rows: Sequence[Row], rules: Rules, log: Log) -> list[Row]:
    """One row a tier from 0 to infinity, out of all rows on one sku in one region."""
    tiers = merged_tiers(with_bounds(rows), log)
    noted = [replace(row, note=_joined(row.note, *_decisions(row, rules))) for row in tiers]
    if kind_of(rows[0].sku_key, rows[0].unit) != "allowance":
        noted = open_ended(from_zero(noted, rules, log), rules, log)
    return of_one_date(bounds_graded(noted))


def with_bounds(rows: Sequence[Row]) -> list[Row]:
    """Rows without bounds are flat prices; beside a ladder they flatten it and confirm its first tier only."""
    first = min((row for row in rows if row.start), key=lambda row: Decimal(row.start), default=None)
    if first is None:
        return [replace(row, start="0") for row in rows]
    return [row if row.start else replace(row, start=first.start, end=first.end) for row in rows]


def merged_tiers(rows: Sequence[Row], log: Log) -> list[Row]:
    """One row a tier: the newest of the best grade, when all agree on the price."""
    tiers = []
    ordered = sorted(rows, key=lambda row: (Decimal(row.start), Decimal(row.end or "Infinity")))
    for (start, end), group in groupby(ordered, key=lambda row: (row.start, row.end)):
        same = sorted(group, key=lambda row: row.date, reverse=True)
        best = min(same, key=lambda row: GRADES.index(row.grade))
        if len({Decimal(row.price) for row in same}) > 1:
            prices = ", ".join(f"{row.price} (line {row.line})" for row in same)
            log.faults.append(f"{_name(best)} from {start} to {end or 'infinity'}: prices disagree: {prices}")
        tiers.append(_with_confirmations(best, [row for row in same if row is not best]))
    return tiers


def from_zero(rows: Sequence[Row], rules: Rules, log: Log) -> list[Row]:
    """A ladder that starts above 0 gets its free allowance as a first tier at price 0, if a note speaks of one."""
    first = rows[0]
    if Decimal(first.start) == 0:
        return list(rows)
    note = f"free allowance: {first.note}"
    if first.sku in rules.free_start:
        log.used.add(("free_start", first.sku))
        note = rules.free_start[first.sku]
    elif "free" not in first.note:
        log.faults.append(f"{_name(first)}: starts at {first.start} and no note says that the first are free")
    return [replace(first, start="0", end=first.start, price="0", note=note), *rows]


def open_ended(rows: Sequence[Row], rules: Rules, log: Log) -> list[Row]:
    """A ladder that ends carries its last price on, graded low, if that was judged to be an upper bound."""
    last = rows[-1]
    if not last.end:
        return list(rows)
    if last.sku not in rules.carried_on:
        log.faults.append(f"{_name(last)}: ends at {last.end} and no judgement says what follows")
        return list(rows)
    log.used.add(("carried_on", last.sku))
    note = f"{LAST_TIER_CARRIED_ON} {last.end} ({rules.carried_on[last.sku]}): the last one carried on, an upper bound"
    return [*rows, replace(last, start=last.end, end="", grade="low", note=note)]


def bounds_graded(rows: Sequence[Row]) -> list[Row]:
    """Tiers above the first are at most med when the bounds of the ladder are from memory."""
    if not any("bounds from memory" in row.note for row in rows):
        return list(rows)
    return [rows[0], *(replace(row, grade="med") if row.grade == "high" else row for row in rows[1:])]


def of_one_date(rows: Sequence[Row]) -> list[Row]:
    """A ladder is one statement: it is as old as its oldest tier, and a newer tier says so in its note."""
    oldest = min(row.date for row in rows)
    return [
        row if row.date == oldest else replace(row, date=oldest, note=_joined(row.note, f"seen again {row.date}"))
        for row in rows
    ]


def unused(rules: Rules, log: Log) -> list[str]:
    """Judgements that no row needed: the source has moved on, so they want a second look."""
    return [
        f"judgement {rule} {key}: no row of the source needs it"
        for rule, table in vars(rules).items()
        for key in sorted(table)
        if (rule, key) not in log.used
    ]


_CONFIRMS = ("confirmation", "most recent confirmation", "second source")


def _with_confirmations(best: Row, others: Sequence[Row]) -> Row:
    notes = [row.note for row in (best, *others) if not row.note.startswith(_CONFIRMS)]
    seen = [f"same in {row.source.split(' (')[0]} {row.date}" for row in others]
    return replace(best, note=_joined(*notes, *seen))


def _decisions(row: Row, rules: Rules) -> list[str]:
    return [reason for key, reason in rules.wrong_price.items() if key[:3] == _ladder_key(row)]


def _joined(*notes: str) -> str:
    return "; ".join(dict.fromkeys(note for note in notes if note))


def _name(row: Row) -> str:
    return f"{row.service} {row.sku_key} in {row.region} (line {row.line})"


# --- files


def read_source(path: Path) -> list[Row]:
    """Rows of the collected CSV file.

    Raises:
        CatalogError: not a file with the columns of the collection.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = tuple(next(reader, ()))
            if header != SOURCE_COLUMNS:
                raise CatalogError([f"{path}:1: found {','.join(header)}, expected {','.join(SOURCE_COLUMNS)}"])
            return [Row(reader.line_num, *cells) for cells in reader]
    except (OSError, UnicodeDecodeError, csv.Error, TypeError) as error:
        raise CatalogError([f"{path}: {error}"]) from error


def to_csv(rows: Sequence[Row]) -> str:
    """Text of a service's file: sorted by sku, region, date and tier."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in sorted(rows, key=lambda row: (row.sku_key, row.region, row.date, Decimal(row.start))):
        key = (row.service, row.sku_key, row.region, row.unit)
        writer.writerow((*key, row.start, row.end, row.price, row.date, row.source, row.grade, row.note))
    return text.getvalue()


def write_book(files: Mapping[str, str], out: Path, *, replace_rows: bool) -> None:
    """Write all files of the book or none: checked beside their place, then renamed into it.

    Raises:
        CatalogError: the book would not load, or would lose rows that were appended to it.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".import-", dir=out) as staged:
        for name, text in files.items():
            (Path(staged) / name).write_text(text, encoding="utf-8", newline="")
        PriceBook(Path(staged)).check()
        if not replace_rows:
            _check_nothing_lost(files, out)
        for name in sorted(files):
            (Path(staged) / name).replace(out / name)


def _check_nothing_lost(files: Mapping[str, str], out: Path) -> None:
    lost = [
        f"{out / name}: {len(missing)} rows would be lost (--replace to lose them), the first: {missing[0]}"
        for name, text in files.items()
        if (out / name).exists() and (missing := _missing_lines((out / name).read_text(encoding="utf-8"), text))
    ]
    if lost:
        raise CatalogError(lost)


def _missing_lines(old: str, new: str) -> list[str]:
    return sorted(set(old.splitlines()) - set(new.splitlines()))


def main(argv: Sequence[str] | None = None) -> int:
    """Import, report, and return the exit code: 2 when nothing was written."""
    parser = argparse.ArgumentParser(description="Reviewed import of collected list prices into the price book.")
    parser.add_argument("source", type=Path, metavar="SOURCE.csv")
    parser.add_argument("--competitors", action="store_true", help="SOURCE holds the prices of AWS's competitors")
    parser.add_argument("--out", type=Path, metavar="DIR", help="the shipped book when absent")
    parser.add_argument("--replace", action="store_true", help="write even if rows of the present book get lost")
    options = parser.parse_args(argv)
    rules, shipped = (COMPETITORS, COMPETITOR_PRICES) if options.competitors else (REVIEWED, PACKAGED_PRICES)
    out = options.out or shipped
    try:
        services, log = import_prices(read_source(options.source), rules)
        if log.faults:
            raise CatalogError(log.faults)
        files = {file_name(service): to_csv(rows) for service, rows in services.items()}
        write_book(files, out, replace_rows=options.replace)
    except PlanError as error:
        sys.stderr.write("".join(f"{fault}\n" for fault in error.faults))
        return 2
    for (service, sku_key), count in sorted(log.left_out.items()):
        sys.stdout.write(f"left out {service} {sku_key}, {count} rows: {rules.left_out[service, sku_key]}\n")
    sys.stdout.write(f"{sum(map(len, services.values()))} rows of {len(services)} services in {out}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
