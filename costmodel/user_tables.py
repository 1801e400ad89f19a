"""Users from a CSV file beside the scenario: actual months as they were counted, and months as they are planned.

A file has the columns ``month,monthly_active_users``. It is read once, when the scenario is loaded, and stands there as
if it had been written into the scenario; a plan's digest follows its numbers, not its name.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from costmodel.errors import Fault, ScenarioError
from costmodel.schema import MONTH_PATTERN
from costmodel.yamlfile import Document, KeyPath, read_text

COLUMNS = ["month", "monthly_active_users"]


def with_user_tables(document: Document, folder: Path) -> tuple[Document, list[Fault]]:
    """A scenario file with its tables of users in place of the names of their files.

    Args:
        document: the scenario file.
        folder: where the scenario file is; paths of tables count from there.

    Returns:
        The file, and the faults of the tables. A faulty table stays a name.
    """
    faults: list[Fault] = []
    for path, growth in _tables(document):
        if "file" in growth and "monthly_active_users" in growth:
            where = document.where((*path, "file"))
            faults.append(Fault(where, "a file beside monthly_active_users", "one of the two"))
        elif isinstance(growth.get("file"), str) and growth["file"]:
            users, unreadable = _users(folder / growth["file"], growth["file"], document.where((*path, "file")))
            faults += unreadable
            if not unreadable:
                document = _in_place_of_the_file(document, path, users)
        elif not growth.get("file") and not growth.get("monthly_active_users"):
            faults.append(Fault(document.where(path), "no users", "a file, or monthly_active_users by month"))
    return document, faults


def _tables(document: Document) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    for name in document.section("geographies"):
        path = ("geographies", name, "growth")
        growth = document.section(*path)
        if growth.get("model") == "table":
            yield path, growth


def _in_place_of_the_file(document: Document, path: KeyPath, users: Mapping[str, float]) -> Document:
    growth = {key: value for key, value in document.section(*path).items() if key != "file"}
    return replace(document, data=_replaced(document.data, path, growth | {"monthly_active_users": dict(users)}))


def _replaced(data: dict[str, Any], path: KeyPath, value: Any) -> dict[str, Any]:
    key, *rest = path
    return data | {key: _replaced(data[key], tuple(rest), value) if rest else value}


def _users(path: Path, label: str, named_at: str) -> tuple[dict[str, float], list[Fault]]:
    """Month -> monthly active users [user] of a CSV file, and its faults; of an unreadable one where it is named."""
    try:
        rows = list(csv.reader(io.StringIO(read_text(path, named_at, "a CSV file of users"))))
    except ScenarioError as error:
        return {}, [fault for fault in error.faults if isinstance(fault, Fault)]
    if not rows or rows[0] != COLUMNS:
        found = f"columns {','.join(rows[0])}" if rows and rows[0] else "no columns"
        return {}, [Fault(f"{label}:1", found, f"columns {','.join(COLUMNS)}")]
    body = [(line, row) for line, row in enumerate(rows[1:], start=2) if row]
    faults = [fault for line, row in body for fault in _row_faults(f"{label}:{line}", row)]
    if not faults:
        faults = list(_order_faults(label, body))
    if not body:
        faults = [Fault(label, "no month", "a row for each month that is known")]
    return ({row[0]: float(row[1]) for _, row in body} if not faults else {}), faults


def _row_faults(where: str, row: list[str]) -> Iterator[Fault]:
    if len(row) != len(COLUMNS):
        yield Fault(where, f"{len(row)} cells", f"{len(COLUMNS)} cells: {','.join(COLUMNS)}")
        return
    month, users = row
    if not re.fullmatch(MONTH_PATTERN, month):
        yield Fault(f"{where}: month", repr(month), "a month such as 2027-01")
    if not _is_count(users):
        yield Fault(f"{where}: monthly_active_users", repr(users), "a number of at least 0, without separators")


def _order_faults(label: str, body: list[tuple[int, list[str]]]) -> Iterator[Fault]:
    for (_, before), (line, row) in pairwise(body):
        if row[0] <= before[0]:
            yield Fault(f"{label}:{line}: month", row[0], f"a month after {before[0]}")


def _is_count(text: str) -> bool:
    try:
        number = float(text)
    except ValueError:
        return False
    return math.isfinite(number) and number >= 0
