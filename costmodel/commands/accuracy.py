"""``costmodel accuracy``: the model beside bills that AWS has published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from costmodel.commands.output import print_json, print_table

if TYPE_CHECKING:
    from costmodel.accuracy import Comparison

EXIT_UNEXPLAINED = 1
"""A bill differs from AWS's by more than rounding and the stated reason."""


def accuracy(
    out: Annotated[Path | None, typer.Option(help="Write the page as Markdown.", show_default=False)] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Price the examples of AWS's own pages and show the difference.

    Exit code 1 when a difference is not explained by rounding or by the reason that stands with the example.

    For example:

      costmodel accuracy

      costmodel accuracy --out docs/accuracy.md
    """
    from costmodel.accuracy import compare, load_examples, to_markdown
    from costmodel.price_book import PriceBook

    found = compare(load_examples(), PriceBook.load())
    if out is not None:
        _write(out, to_markdown(found))
    if json:
        print_json([_as_dict(comparison) for comparison in found])
    else:
        print_table(("Bill", "AWS", "Ours", "Difference"), [_row(comparison) for comparison in found])
    if not all(comparison.is_explained for comparison in found):
        raise typer.Exit(EXIT_UNEXPLAINED)


def _write(path: Path, text: str) -> None:
    from costmodel.exports.write import check_writable, replace_files

    check_writable(path.parent)
    replace_files(path.parent, {path.name: text.encode()})


def _row(comparison: Comparison) -> tuple[str, ...]:
    example = comparison.example
    figures = (f"${example.published_usd:,.2f}", f"${comparison.ours_usd:,.4f}", f"{comparison.difference_usd:+.4f}")
    return (example.title, *figures)


def _as_dict(comparison: Comparison) -> dict[str, Any]:
    example = comparison.example
    return {
        "title": example.title,
        "published_usd": example.published_usd,
        "ours_usd": comparison.ours_usd,
        "difference_usd": comparison.difference_usd,
        "explained": comparison.is_explained,
        "because": example.because,
        "source": example.source,
    }
