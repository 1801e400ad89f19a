"""``costmodel prices``: what the price book holds, shown to people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.commands.arguments import to_date
from costmodel.commands.inputs import load_together
from costmodel.commands.output import print_json, print_table
from costmodel.commands.prices_refresh import refresh
from costmodel.errors import Fault, PlanError, nearest

if TYPE_CHECKING:
    from costmodel.price_book import Ladder, PriceBook, PriceRow
    from costmodel.price_survey import ServiceAge, Survey, Weakness

EXIT_STALE = 1
"""`prices age --strict` found prices older than asked for."""

STALE_AFTER_DAYS = 180
"""Age at which `prices age` warns: AWS changes its price list all year round."""

SHOWN_SKUS = 12
"""Weak skus that a table names; --json names all."""

app = typer.Typer(
    help="The price book: every list price with its unit, date, source and grade.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Service = Annotated[str | None, typer.Option(help="Only this service.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
On = Annotated[
    str | None, typer.Option(help="The day that ages are counted to; today when absent.", metavar="YYYY-MM-DD")
]
Folder = Annotated[
    Path | None,
    typer.Option("--book", help="A folder of price files instead of the shipped books.", show_default=False),
]


@app.command("list")
def list_prices(
    service: Service = None,
    region: Annotated[str | None, typer.Option(help="Only this region, edge:<geography>, global or all.")] = None,
    grade: Annotated[str | None, typer.Option(help="Only high, med or low: how good the source is.")] = None,
    json: AsJson = False,
) -> None:
    """List the skus of the price book, one line a sku, region and date.

    For example:

      costmodel prices list --service S3 --region us-east-1

      costmodel prices list --grade low --json
    """
    wanted = {"service": service, "region": region, "grade": grade}
    every = list(_ladders(_books(None)))
    _check_filters(wanted, every)
    found = [ladder for ladder in every if _is_wanted(ladder, wanted)]
    if json:
        print_json([_as_dict(ladder) for ladder in found])
        return
    header = ("Service", "Sku", "Region", "Unit", "Kind", "Price", "Date", "Grade")
    print_table(header, [_line(ladder) for ladder in found], text_columns=len(header))


@app.command("show")
def show_price(
    service: Annotated[str, typer.Argument(help="S3, CloudFront, MediaConvert, ...", show_default=False)],
    sku: Annotated[str, typer.Argument(help="As `costmodel prices list` shows it.", show_default=False)],
    json: AsJson = False,
) -> None:
    """Show every tier of a sku in every region and of every date, with source and note.

    For example:

      costmodel prices show S3 storage.standard
    """
    ladders = _book_of(service).sku(service, sku)
    if json:
        print_json([_as_dict(ladder) for ladder in ladders])
        return
    typer.echo(f"{ladders[0].service} {ladders[0].sku_key}, {ladders[0].kind} per {ladders[0].unit}")
    rows = [_tier_line(row) for ladder in ladders for row in ladder.rows]
    header = ("Region", "Date", "From", "To", "Value", "Grade", "Source", "Note")
    print_table(header, rows, text_columns=len(header))


@app.command("check")
def check_prices(on: On = None, book: Folder = None, json: AsJson = False) -> None:
    """Read the whole book, count its rows by service, region, grade and age, and name what is weak.

    Exit code 2 when a file is faulty: each fault is told with file, line and field.

    For example:

      costmodel prices check

      costmodel prices check --book my-prices --on 2027-01-01 --json
    """
    given = load_together(day=lambda: _day(on), books=lambda: _checked(book))
    from costmodel.price_survey import survey

    found = survey(_ladders(given["books"]), given["day"])
    if json:
        print_json(_survey_as_dict(found, given["day"]))
    else:
        _print_survey(found)


@app.command("age")
def age_of_prices(
    on: On = None,
    older_than: Annotated[int, typer.Option(min=0, help="Days after which a price is stale.")] = STALE_AFTER_DAYS,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 when a price is stale.")] = False,
    book: Folder = None,
    json: AsJson = False,
) -> None:
    """Tell how old the prices in force are, and warn on standard error when some are stale.

    Exit code 0, also with a warning; with --strict 1 when a price is stale; 2 when a file is faulty.

    For example:

      costmodel prices age

      costmodel prices age --on 2027-06-30 --strict
    """
    given = load_together(day=lambda: _day(on), books=lambda: _checked(book))
    from costmodel.price_survey import ages

    found = ages(_ladders(given["books"]), given["day"], older_than)
    stale, rows = sum(age.stale_count for age in found), sum(age.row_count for age in found)
    if json:
        print_json(_ages_as_dict(found, given["day"], older_than))
    else:
        lines = [_age_line(age, given["day"]) for age in found]
        print_table(
            ("Service", "Oldest", "Days", "Rows", "Stale"), lines, total=("Total", "", "", str(rows), str(stale))
        )
    if stale:
        typer.echo(f"costmodel: warning: {stale} of {rows} prices are older than {older_than} days", err=True)
        raise typer.Exit(EXIT_STALE if strict else 0)


app.command("refresh")(refresh)


# --- the books


def _books(folder: Path | None) -> list[PriceBook]:
    """A folder's book, or the shipped ones: AWS's and the competitors'."""
    from costmodel.price_book import COMPETITOR_PRICES, PriceBook

    return [PriceBook.load(folder)] if folder else [PriceBook.load(), PriceBook.load(COMPETITOR_PRICES)]


def _book_of(service: str) -> PriceBook:
    books = _books(None)
    return next((book for book in books if book.has_service(service)), books[0])


def _checked(folder: Path | None) -> list[PriceBook]:
    books = _books(folder)
    load_together(**{str(book.directory): book.check for book in books})
    return books


def _ladders(books: list[PriceBook]) -> Iterator[Ladder]:
    for book in books:
        yield from book.ladders()


def _day(text: str | None) -> date:
    return to_date("--on", text) or datetime.now(UTC).date()


# --- list and show


def _check_filters(wanted: dict[str, str | None], every: list[Ladder]) -> None:
    known: dict[str, set[str]] = {
        "service": {ladder.service for ladder in every},
        "region": {ladder.region for ladder in every},
        "grade": {str(ladder.grade) for ladder in every},
    }
    faults = [
        Fault(f"--{name}", f'"{value}"', f"a {name} of the price book", nearest(value, sorted(known[name])))
        for name, value in wanted.items()
        if value is not None and value.lower() not in {text.lower() for text in known[name]}
    ]
    if faults:
        raise PlanError(faults)


def _is_wanted(ladder: Ladder, wanted: dict[str, str | None]) -> bool:
    return all(value is None or getattr(ladder, name).lower() == value.lower() for name, value in wanted.items())


def _line(ladder: Ladder) -> tuple[str, ...]:
    prices = [f"{row.price_usd:.10g}" for row in ladder.rows]
    price = prices[0] if ladder.is_flat else f"{prices[0]} to {prices[-1]} in {len(prices)} tiers"
    if ladder.kind == "allowance":
        price = f"{ladder.rows[0].tier_to:,.10g} free"
    place = (ladder.service, ladder.sku_key, ladder.region, ladder.unit)
    return (*place, ladder.kind, price, str(ladder.effective_date), ladder.grade)


def _tier_line(row: PriceRow) -> tuple[str, ...]:
    from math import isinf

    end = "" if isinf(row.tier_to) else f"{row.tier_to:,.10g}"
    bounds = (f"{row.tier_from:,.10g}", end)
    return (row.region, str(row.effective_date), *bounds, f"{row.price_usd:.10g}", row.grade, row.source, row.note)


def _as_dict(ladder: Ladder) -> dict[str, Any]:
    from math import isinf

    return {
        "service": ladder.service,
        "sku": ladder.sku_key,
        "region": ladder.region,
        "unit": ladder.unit,
        "kind": ladder.kind,
        "date": ladder.effective_date.isoformat(),
        "grade": ladder.grade,
        "tiers": [
            {
                "from": row.tier_from,
                "to": None if isinf(row.tier_to) else row.tier_to,
                "value": row.price_usd,
                "source": row.source,
                "grade": row.grade,
                "note": row.note,
            }
            for row in ladder.rows
        ],
    }


# --- check


def _print_survey(found: Survey) -> None:
    from costmodel.exports.formatting import percent

    counted = {"Service": found.by_service, "Region": found.by_region, "Grade": found.by_grade, "Age": found.by_age}
    for title, counts in counted.items():
        print_table((title, "Rows"), [(name, str(count)) for name, count in counts.items()])
        typer.echo("")
    for field, count in found.complete.items():
        typer.echo(f"rows with {field}: {count} of {found.row_count} ({percent(count / found.row_count)})")
    for weakness in found.weaknesses:
        typer.echo(f"\nweak: {weakness.reason}: {len(weakness.ladders)} prices of {len(weakness.skus)} skus")
        typer.echo(f"  what to do: {weakness.advice}")
        typer.echo(f"  {_shown(weakness)}")


def _shown(weakness: Weakness) -> str:
    more = len(weakness.skus) - SHOWN_SKUS
    named = ", ".join(weakness.skus[:SHOWN_SKUS])
    return f"{named} and {more} more (--json names all)" if more > 0 else named


def _survey_as_dict(found: Survey, on: date) -> dict[str, Any]:
    return {
        "on": on.isoformat(),
        "rows": found.row_count,
        "by_service": found.by_service,
        "by_region": found.by_region,
        "by_grade": found.by_grade,
        "by_age": found.by_age,
        "complete": {field: count / found.row_count for field, count in found.complete.items()},
        "weak": [
            {
                "reason": weakness.reason,
                "what_to_do": weakness.advice,
                "prices": len(weakness.ladders),
                "skus": list(weakness.skus),
            }
            for weakness in found.weaknesses
        ],
    }


# --- age


def _age_line(age: ServiceAge, on: date) -> tuple[str, ...]:
    return (age.service, str(age.oldest), str(max(0, (on - age.oldest).days)), str(age.row_count), str(age.stale_count))


def _ages_as_dict(found: list[ServiceAge], on: date, older_than: int) -> dict[str, Any]:
    return {
        "on": on.isoformat(),
        "older_than_days": older_than,
        "rows": sum(age.row_count for age in found),
        "stale": sum(age.stale_count for age in found),
        "services": [
            {
                "service": age.service,
                "oldest": age.oldest.isoformat(),
                "age_days": max(0, (on - age.oldest).days),
                "rows": age.row_count,
                "stale": age.stale_count,
            }
            for age in found
        ],
    }
