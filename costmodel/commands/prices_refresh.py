"""``costmodel prices refresh``: the price book beside the AWS Price List of today."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.commands.arguments import to_date
from costmodel.commands.output import print_json, print_table, progress
from costmodel.errors import Fault, PriceListError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from costmodel.price_list_queries import QueryFile
    from costmodel.refresh import Finding, ListedTier, NewLadder, Proposal

SHOWN_SKUS = 12
"""Skus without a query that are named without --json."""


def refresh(
    live: Annotated[bool, typer.Option("--live", help="Reach AWS. Without it the command refuses to run.")] = False,
    service: Annotated[list[str] | None, typer.Option(help="Only this service of the book; may be repeated.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the differences and write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Also append unchanged prices under the new date: seen again.")
    ] = False,
    book: Annotated[
        Path | None, typer.Option(help="A folder of price files instead of the shipped book.", show_default=False)
    ] = None,
    on: Annotated[
        str | None, typer.Option(help="Date of the new prices; today when absent.", metavar="YYYY-MM-DD")
    ] = None,
    endpoint_url: Annotated[str | None, typer.Option(help="Ask another address than AWS.", show_default=False)] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Read the AWS Price List, show what differs from the book, and append the new prices with their date.

    Needs AWS credentials that may call pricing:GetProducts, which costs nothing. An answer that cannot be true is
    refused with exit code 2, and the book stays as it was. A price is never overwritten: each one that changed is
    appended as a whole new ladder.

    For example:

      costmodel prices refresh --live --dry-run

      costmodel prices refresh --live --service S3 --service CloudFront --yes
    """
    _check_switches(live=live, dry_run=dry_run, yes=yes)
    from costmodel.price_book import PACKAGED_PRICES
    from costmodel.price_list_queries import load_queries

    directory, file = book or PACKAGED_PRICES, load_queries()
    _check_services(file, service or [])
    proposal = _proposal(file, service or [], directory, on, endpoint_url)
    ladders = proposal.ladders(confirm=confirm)
    if not json:
        _print_proposal(proposal)
    written = _write(directory, ladders, proposal, yes=yes) if ladders and not dry_run else ()
    if json:
        print_json(_as_dict(proposal, ladders, written))
    else:
        typer.echo(_result(ladders, written))


def _check_switches(*, live: bool, dry_run: bool, yes: bool) -> None:
    if not live:
        hint = "it reads the AWS Price List over the network, with your AWS credentials"
        raise PriceListError([Fault("prices refresh", "no --live", "--live, because this reaches AWS", hint)])
    if not (dry_run or yes or sys.stdin.isatty()):
        found = "no terminal to ask at before writing"
        raise PriceListError([Fault("prices refresh", found, "--yes to write or --dry-run to look")])


def _check_services(file: QueryFile, services: list[str]) -> None:
    known = {query.service for query in file.queries}
    faults = [
        Fault("--service", f'"{name}"', "a service with a query", nearest(name, known))
        for name in services
        if name not in known
    ]
    if faults:
        raise PriceListError(faults)


def _proposal(
    file: QueryFile, services: list[str], directory: Path, on: str | None, endpoint_url: str | None
) -> Proposal:
    from costmodel.price_book import PriceBook
    from costmodel.price_list import read_price_list
    from costmodel.price_list_queries import targets
    from costmodel.refresh import propose

    day = to_date("--on", on) or datetime.now(UTC).date()
    # Read anew, whatever this process has read of the book before.
    ladders = PriceBook(PriceBook.load(directory).directory).ladders()
    concerned = [ladder for ladder in ladders if not services or ladder.service in services]
    asked = list(targets(file, services))
    answers = read_price_list((target.request for target in asked), endpoint_url, progress)
    return propose(file, asked, answers, concerned, day)


def _write(directory: Path, ladders: tuple[NewLadder, ...], proposal: Proposal, *, yes: bool) -> tuple[str, ...]:
    from costmodel.price_append import append_ladders

    if yes or typer.confirm(f"Append {len(ladders)} ladders to {directory}?", err=True):
        return append_ladders(directory, ladders, proposal.on)
    return ()


def _result(ladders: tuple[NewLadder, ...], written: tuple[str, ...]) -> str:
    if not ladders:
        return "nothing to append"
    return f"{len(ladders)} ladders appended to {', '.join(written)}" if written else "nothing written"


# --- table


def _print_proposal(proposal: Proposal) -> None:
    shown = [finding for finding in proposal.findings if finding.status != "unchanged"]
    header = ("Status", "Service", "Sku", "Region", "Unit", "Book", "Price List", "Change")
    if shown:
        print_table(header, [_line(finding) for finding in shown], text_columns=len(header) - 1)
    for status, count in _counts(proposal).items():
        typer.echo(f"{status}: {count}")
    without = proposal.without_query
    if without:
        more = f" and {len(without) - SHOWN_SKUS} more (--json names all)" if len(without) > SHOWN_SKUS else ""
        named = ", ".join(map(" ".join, without[:SHOWN_SKUS]))
        typer.echo(f"not refreshed, no query: {len(without)} skus: {named}{more}")


def _line(finding: Finding) -> tuple[str, ...]:
    from costmodel.refresh import tiers_of

    target, change = finding.target, finding.largest_change
    return (
        finding.status,
        target.service,
        target.sku_key,
        target.region,
        _unit(finding),
        _prices(tiers_of(finding.old)) if finding.old else "",
        _prices(finding.new.tiers) if finding.new else finding.reason,
        "" if change is None else f"{change:+.2%}" if change else "bounds",
    )


def _unit(finding: Finding) -> str:
    ladder = finding.old or finding.new
    return ladder.unit if ladder else ""


def _prices(tiers: Iterable[ListedTier]) -> str:
    return " / ".join(f"{tier.price:f}" for tier in tiers)


def _counts(proposal: Proposal) -> dict[str, int]:
    from costmodel.refresh import STATUSES

    return {status: len(proposal.of(status)) for status in STATUSES}


# --- JSON


def _as_dict(proposal: Proposal, ladders: tuple[NewLadder, ...], written: tuple[str, ...]) -> dict[str, Any]:
    return {
        "on": proposal.on.isoformat(),
        "counts": _counts(proposal),
        "findings": [_finding_as_dict(finding) for finding in proposal.findings],
        "not_refreshed": [
            {"service": service, "sku": sku_key, "reason": "no query"} for service, sku_key in proposal.without_query
        ],
        "to_append": len(ladders),
        "written": list(written),
    }


def _finding_as_dict(finding: Finding) -> dict[str, Any]:
    from costmodel.refresh import tiers_of

    change = finding.largest_change
    return {
        "status": finding.status,
        "service": finding.target.service,
        "sku": finding.target.sku_key,
        "region": finding.target.region,
        "unit": _unit(finding),
        "book": _tiers_as_dicts(tiers_of(finding.old)) if finding.old else None,
        "price_list": _tiers_as_dicts(finding.new.tiers) if finding.new else None,
        "largest_change": None if change is None else float(change),
        "reason": finding.reason,
    }


def _tiers_as_dicts(tiers: Iterable[ListedTier]) -> list[dict[str, float | None]]:
    return [
        {"from": float(tier.start), "to": None if tier.end is None else float(tier.end), "price": float(tier.price)}
        for tier in tiers
    ]
