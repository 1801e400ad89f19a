"""``costmodel quote``: what a quantity of one sku costs in a month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from costmodel.commands.arguments import to_date, to_number
from costmodel.commands.inputs import load_together
from costmodel.commands.output import print_json, print_table

if TYPE_CHECKING:
    from costmodel.price_book import PriceBook
    from costmodel.quote import Quote, QuoteTier

CENT = 0.01

AMOUNT_BEFORE_OPTION = {"ignore_unknown_options": True}
"""A negative quantity must reach its check, which says more than "no such option"."""


def quote(
    service: Annotated[str, typer.Argument(help="S3, CloudFront, MediaConvert, ...", show_default=False)],
    sku: Annotated[str, typer.Argument(help="As `costmodel prices list` shows it.", show_default=False)],
    quantity: Annotated[
        str, typer.Argument(help='In the listed unit: 310 of "1000 requests" are 310,000.', show_default=False)
    ],
    region: Annotated[
        str | None,
        typer.Option(
            help="Where it is used; us-east-1, or the only place that has it, when absent.", show_default=False
        ),
    ] = None,
    date: Annotated[
        str | None, typer.Option(help="Day of use; the newest price when absent.", metavar="YYYY-MM-DD")
    ] = None,
    free_tier: Annotated[bool, typer.Option("--free-tier", help="Count what the AWS Free Tier covers.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON document instead of a table.")] = False,
) -> None:
    """Price a month's quantity of one sku, tier by tier, at list price.

    For example:

      costmodel quote S3 storage.standard 600000

      costmodel quote CloudFront dto.india 100000 --json

      costmodel quote MediaConvert ntm.basic 12000000 --region eu-west-1 --date 2026-11-21
    """
    given = load_together(
        amount=lambda: to_number("QUANTITY", quantity),
        on=lambda: to_date("--date", date),
    )
    from costmodel.quote import quote as price_quote

    quoted = price_quote(
        _book_of(service), service, sku, given["amount"], region=region, on=given["on"], free_tier=free_tier
    )
    if json:
        print_json(quoted.as_dict())
    else:
        _print_quote(quoted)


def _book_of(service: str) -> PriceBook:
    """AWS's prices, unless only a competitor offers the service."""
    from costmodel.price_book import COMPETITOR_PRICES, PriceBook

    aws = PriceBook.load()
    competitors = PriceBook.load(COMPETITOR_PRICES)
    return competitors if competitors.has_service(service) and not aws.has_service(service) else aws


def _print_quote(quoted: Quote) -> None:
    ladder = quoted.ladder
    typer.echo(f"{ladder.service} {ladder.sku_key} in {ladder.region}, priced per {ladder.unit}")
    print_table(
        ("Tier", "Quantity", "Unit price", "Cost"),
        [
            (_bounds(tier), f"{tier.quantity:,.10g}", f"${tier.unit_price:.10g}", _usd(tier.cost))
            for tier in quoted.tiers
        ],
        total=("Total", f"{quoted.quantity:,.10g}", "", _usd(quoted.cost)),
    )
    typer.echo(f"Price of {ladder.effective_date}, grade {ladder.grade}: {'; '.join(ladder.sources)}")
    if ladder.note:
        typer.echo(f"Note: {ladder.note}")


def _bounds(tier: QuoteTier) -> str:
    from math import isinf

    return f"{tier.start:,.10g}+" if isinf(tier.end) else f"{tier.start:,.10g} to {tier.end:,.10g}"


def _usd(value: float) -> str:
    """Dollars to the cent; what is less than one keeps its digits."""
    return f"${value:,.2f}" if value == 0 or value >= CENT else f"${value:.4g}"
