"""``costmodel price``: the bill of a declared stack for one month, and how each of its numbers came about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.commands.inputs import load_together
from costmodel.commands.output import print_json

if TYPE_CHECKING:
    from costmodel.billing import Case
    from costmodel.cells import Cell
    from costmodel.price_book import PriceBook


def price(
    inventory: Annotated[
        Path,
        typer.Argument(
            help="What is declared: `infra plan` output, `pulumi preview --json` or a `pulumi stack export` file.",
            show_default=False,
        ),
    ],
    usage: Annotated[
        Path | None, typer.Option(help="Monthly quantities that you know, by resource (YAML).", show_default=False)
    ] = None,
    scenario: Annotated[
        str, typer.Option(help="Whose users to count: a shipped scenario by name, or a file.", show_default=False)
    ] = "",
    month: Annotated[
        str,
        typer.Option(
            help="Month of the scenario: 2028-06, or a number from 1. Its first when absent.", show_default=False
        ),
    ] = "",
    at_mau: Annotated[
        str,
        typer.Option("--at-mau", help="Monthly users to scale the month to: 10k,1M,50M.", show_default=False),
    ] = "",
    region: Annotated[
        str,
        typer.Option(help="Region to price the stack in; several with commas, side by side.", show_default=False),
    ] = "",
    cell: Annotated[
        list[str] | None,
        typer.Option(help="A further stack and the geographies that it serves: eu.json=europe.", show_default=False),
    ] = None,
    discounts: Annotated[
        Path | None, typer.Option(help="What a contract takes off the list prices (YAML).", show_default=False)
    ] = None,
    free_tier: Annotated[bool, typer.Option("--free-tier", help="Count the AWS Free Tier.")] = False,
    explain: Annotated[
        str,
        typer.Option(
            help="Show how a number came about: a URN, a resource, a line such as delivery/dto.us.", show_default=False
        ),
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON with Infracost's field names.")] = False,
) -> None:
    """Price a declared stack for one month: the tree of its resources, with what depends on use told apart.

    For example:

      costmodel price out/inventory.json

      costmodel price preview.json --scenario niche --month 2028-06 --at-mau 10k,1M,50M

      costmodel price inventory.json --usage usage.yaml --region eu-central-1,us-east-1

      costmodel price us.json --scenario niche --cell eu.json=europe

      costmodel price inventory.json --scenario niche --explain delivery/dto.us
    """
    from costmodel.billing import variants
    from costmodel.month_of_use import parse_sizes
    from costmodel.price_book import PriceBook
    from costmodel.regions import check_regions

    book = PriceBook.load()
    regions = [name.strip() for name in region.split(",") if name.strip()]
    given = load_together(
        case=lambda: _case(inventory, usage, scenario, month, discounts, cell or [], free_tier=free_tier),
        sizes=lambda: parse_sizes(at_mau) if at_mau else (),
        regions=lambda: check_regions(regions, book),
    )
    cases = variants(given["case"], regions, given["sizes"])
    if explain:
        _explain(cases, explain, book, json=json)
    else:
        _bill(cases, book, json=json)


def _case(
    inventory: Path,
    usage: Path | None,
    scenario: str,
    month: str,
    discounts: Path | None,
    cells: Sequence[str],
    *,
    free_tier: bool,
) -> Case:
    """All inputs; what is wrong with any of them is told together."""
    from costmodel.billing import Case, check
    from costmodel.discounts import load_discounts
    from costmodel.inventory import load_inventory
    from costmodel.scenario import load_scenario
    from costmodel.usage_file import load_usage_file

    given: dict[str, Any] = load_together(
        inventory=lambda: load_inventory(inventory),
        scenario=lambda: load_scenario(scenario) if scenario else None,
        discounts=lambda: load_discounts(discounts) if discounts else {},
        cells=lambda: tuple(_cell(text) for text in cells),
    )
    stated = load_usage_file(usage, given["inventory"]) if usage else {}
    case = Case(**given, month=month, stated=stated, free_tier=free_tier)
    check(case)
    return case


def _cell(text: str) -> Cell:
    """A stack and whose users it serves: "eu.json=europe,africa"."""
    from costmodel.cells import Cell
    from costmodel.errors import Fault, SelectionError
    from costmodel.inventory import load_inventory

    path, _, names = text.rpartition("=")
    geographies = tuple(name.strip() for name in names.split(",") if name.strip())
    if not path or not geographies:
        raise SelectionError([Fault("--cell", repr(text), "FILE=GEOGRAPHY,GEOGRAPHY, such as eu.json=europe")])
    return Cell(load_inventory(Path(path)), geographies)


def _bill(cases: dict[str, Case], book: PriceBook, *, json: bool) -> None:
    from costmodel.billing import make_bill

    bills = [make_bill(case, book, label) for label, case in cases.items()]
    if json:
        from costmodel.exports.bill_json import bill_json

        documents = [bill_json(bill) for bill in bills]
        print_json(documents[0] if len(documents) == 1 else documents)
        return
    from costmodel.exports.bill_text import bill_text, bills_text

    typer.echo(bill_text(bills[0]) if len(bills) == 1 else bills_text(bills), nl=False)


def _explain(cases: dict[str, Case], wanted: str, book: PriceBook, *, json: bool) -> None:
    from costmodel.billing import make_bill
    from costmodel.errors import Fault, SelectionError
    from costmodel.explain import explain, find_lines

    if len(cases) > 1:
        found = f"{len(cases)} bills ({'; '.join(cases)})"
        raise SelectionError([Fault("--explain", found, "one size and one region")])
    case = next(iter(cases.values()))
    bill = make_bill(case, book)
    explanations = [explain(case, bill, line, book) for line in find_lines(bill, wanted)]
    if json:
        from costmodel.exports.explain_json import explanation_json

        print_json([explanation_json(explanation) for explanation in explanations])
        return
    from costmodel.exports.explain_text import explanation_text

    typer.echo("\n".join(map(explanation_text, explanations)), nl=False)
