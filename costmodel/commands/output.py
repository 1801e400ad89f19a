"""How commands print: a table for a person, tab-separated text in a pipe, JSON when asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import typer

Row = Sequence[str]


def print_table(header: Row, rows: Sequence[Row], *, total: Row | None = None, text_columns: int = 1) -> None:
    """Print rows with their heading: aligned on a terminal, tab-separated in a pipe.

    Args:
        header: name of each column.
        rows: cells as text, one for each column.
        total: a last row that sums up; set apart on a terminal.
        text_columns: how many columns, from the left, hold words; the others are aligned to the right.
    """
    if sys.stdout.isatty():
        _print_aligned(header, rows, total, text_columns)
        return
    for row in (header, *rows, *([total] if total else [])):
        typer.echo("\t".join(row))


def _print_aligned(header: Row, rows: Sequence[Row], total: Row | None, text_columns: int) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for position, heading in enumerate(header):
        table.add_column(heading, justify="left" if position < text_columns else "right")
    for row in rows:
        table.add_row(*map(escape, row))
    if total:
        table.add_row(*map(escape, total), style="bold")
    Console(highlight=False).print(table)


def print_json(document: Any) -> None:
    """Print a JSON document; a number that is not finite is a bug, not a null."""
    import json

    typer.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def progress(message: str) -> None:
    """Tell a person who waits; a pipe stays quiet."""
    if sys.stderr.isatty():
        typer.echo(message, err=True)
