"""Appends dated ladders to the files of a price book: all files or none, and never a change of a row that is there."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

from costmodel.errors import CatalogError, Fault, OutputError
from costmodel.price_book import COLUMNS, PriceBook, file_name
from costmodel.refresh import FOUND_BY_AWS, NewLadder

Row = tuple[str, ...]
"""Cells in the order of :data:`COLUMNS`."""

_SKU_KEY, _REGION, _TIER_FROM, _DATE = map(COLUMNS.index, ("sku_key", "region", "tier_from", "effective_date"))


def append_ladders(directory: Path, ladders: Sequence[NewLadder], on: date) -> tuple[str, ...]:
    """Write the ladders into the files of their services, under the date ``on``.

    Each file is written anew beside the old one, read as a price book, and only then put in its place; if one cannot
    be, those before it are put back. The files are read again here: what a person changed in them since is kept.

    Returns:
        Names of the files that were written, sorted.

    Raises:
        CatalogError: the book would not load with them; no file was changed.
        OutputError: a file cannot be written.
    """
    texts = {name: to_csv([*read_rows(directory / name), *rows]) for name, rows in _rows_by_file(ladders, on).items()}
    _check_loads(texts)
    _replace_all(directory, {name: text.encode() for name, text in texts.items()})
    return tuple(sorted(texts))


def read_rows(path: Path) -> list[Row]:
    """Rows of a price file as text, without the heading.

    Raises:
        CatalogError: the file cannot be read.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [tuple(cells) for cells in csv.reader(file, strict=True)][1:]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CatalogError([Fault(path.name, str(error), "a price file")]) from None


def to_csv(rows: Iterable[Row]) -> str:
    """Text of a price file: sorted by sku, region, date and tier."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    ordered: list[Row] = sorted(rows, key=_place)
    writer.writerows(ordered)
    return text.getvalue()


def _place(row: Row) -> tuple[str, str, str, Decimal]:
    return row[_SKU_KEY], row[_REGION], row[_DATE], Decimal(row[_TIER_FROM])


def _rows_by_file(ladders: Iterable[NewLadder], on: date) -> dict[str, list[Row]]:
    files: dict[str, list[Row]] = defaultdict(list)
    for ladder in ladders:
        files[file_name(ladder.target.service)] += _rows(ladder, on)
    return files


def _rows(ladder: NewLadder, on: date) -> list[Row]:
    target = ladder.target
    return [
        (
            target.service,
            target.sku_key,
            target.region,
            ladder.unit,
            f"{tier.start:f}",
            "" if tier.end is None else f"{tier.end:f}",
            f"{tier.price:f}",
            on.isoformat(),
            ladder.source,
            FOUND_BY_AWS,
            ladder.note,
        )
        for tier in ladder.tiers
    ]


def _replace_all(directory: Path, contents: Mapping[str, bytes]) -> None:
    from costmodel.exports.write import replace_files

    before = {name: (directory / name).read_bytes() for name in contents}
    try:
        replace_files(directory, contents)
    except (OutputError, KeyboardInterrupt):
        # Whoever interrupts between two files gets the book back as it was, too.
        with suppress(OutputError):
            replace_files(directory, before)
        raise


def _check_loads(texts: Mapping[str, str]) -> None:
    with tempfile.TemporaryDirectory(prefix="reelplan-prices-") as staged:
        for name, text in texts.items():
            (Path(staged) / name).write_text(text, encoding="utf-8", newline="")
        PriceBook(Path(staged)).check()
