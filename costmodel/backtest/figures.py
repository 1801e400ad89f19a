"""Published figures of real platforms, each with period, unit, source and grade; what the model is judged by.

A figure that has set an assumption names it in ``sets``: the same figure must not judge what reads that assumption.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np

from costmodel.assumptions import GRADES, Grade
from costmodel.errors import CatalogError, Fault
from costmodel.units import DAYS_PER_YEAR, MONTHS_PER_YEAR

SHIPPED = Path(__file__).parents[1] / "data" / "backtest" / "series.csv"

COLUMNS = ("series", "metric", "period", "value", "unit", "source", "grade", "sets")

PERIOD = re.compile(r"(?P<year>\d{4})(Q(?P<quarter>[1-4])|H(?P<half>[12])|-(?P<month>\d{2})(-(?P<day>\d{2}))?)?")
"""2020, 2020H1, 2020Q3, 2020-09 or 2020-09-30."""

MONTHS_PER_QUARTER = 3
MONTHS_PER_HALF = 6


@dataclass(frozen=True)
class Figure:
    """A published number."""

    series: str
    """Platform and place ("TikTok US")."""
    metric: str
    period: str
    """What it counts or when it was counted: a day, month, quarter, half-year or year."""
    value: float
    unit: str
    source: str
    grade: Grade
    sets: tuple[str, ...] = ()
    """Keys of assumptions that this figure has set."""

    def __str__(self) -> str:
        return f"{self.series}, {self.metric}, {self.period}"

    @cached_property
    def begins(self) -> float:
        """Beginning of the period [year, decimal]."""
        return _span(self.period)[0]

    @cached_property
    def ends(self) -> float:
        """End of the period [year, decimal]; of a day its beginning."""
        return _span(self.period)[1]

    @property
    def middle(self) -> float:
        """Middle of the period [year, decimal]: where its mean stands on a curve."""
        return (self.begins + self.ends) / 2


def _span(period: str) -> tuple[float, float]:
    """Beginning and end [year, decimal].

    >>> _span("2020"), _span("2020H2"), _span("2020Q2")
    ((2020.0, 2021.0), (2020.5, 2021.0), (2020.25, 2020.5))
    """
    parts = PERIOD.fullmatch(period)
    if parts is None:
        raise ValueError(period)
    year = float(parts["year"])
    if parts["day"]:
        days = np.datetime64(period) - np.datetime64(parts["year"], "D")
        moment = year + float(days.astype(np.float64)) / DAYS_PER_YEAR
        return moment, moment
    months = {"month": 1, "quarter": MONTHS_PER_QUARTER, "half": MONTHS_PER_HALF}
    for name, count in months.items():
        if parts[name]:
            first = (int(parts[name]) - 1) * count
            return year + first / MONTHS_PER_YEAR, year + (first + count) / MONTHS_PER_YEAR
    return year, year + 1


def load_figures(path: Path = SHIPPED) -> tuple[Figure, ...]:
    """The figures of a CSV file, in its order.

    Raises:
        CatalogError: the file is faulty; carries every fault with its line.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            found = ",".join(reader.fieldnames or ())
            raise CatalogError([Fault(f"{path.name}:1", f"columns {found}", f"columns {','.join(COLUMNS)}")])
        rows = [(reader.line_num, row) for row in reader]
    faults = [fault for line, row in rows for fault in _faults(f"{path.name}:{line}", row)]
    if faults:
        raise CatalogError(faults)
    return tuple(_figure(row) for _, row in rows)


def _faults(where: str, row: dict[str, str]) -> Iterator[Fault]:
    if None in row or None in row.values():
        yield Fault(where, "more or fewer cells than columns", f"{len(COLUMNS)} cells")
        return
    for column in COLUMNS[:-1]:
        if not row[column].strip():
            yield Fault(f"{where}.{column}", "nothing", "a value: a figure without it does not load")
    if row["period"] and not PERIOD.fullmatch(row["period"]):
        yield Fault(f"{where}.period", repr(row["period"]), "a period such as 2020, 2020H1, 2020Q3 or 2020-09-30")
    if row["value"] and not _is_number(row["value"]):
        yield Fault(f"{where}.value", repr(row["value"]), "a number of at least 0")
    if row["grade"] and row["grade"] not in GRADES:
        yield Fault(f"{where}.grade", repr(row["grade"]), f"one of {', '.join(GRADES)}")


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and float(text) >= 0
    except ValueError:
        return False


def _figure(row: dict[str, str]) -> Figure:
    return Figure(
        series=row["series"],
        metric=row["metric"],
        period=row["period"],
        value=float(row["value"]),
        unit=row["unit"],
        source=row["source"],
        grade=cast(Grade, row["grade"]),
        sets=tuple(row["sets"].split()),
    )


def of(figures: Sequence[Figure], series: str, metric: str) -> list[Figure]:
    """The figures of one series and metric, by the end of their period."""
    return sorted((f for f in figures if (f.series, f.metric) == (series, metric)), key=lambda f: (f.ends, f.begins))


def the(figures: Sequence[Figure], series: str, metric: str, period: str) -> Figure:
    """One figure."""
    (found,) = (figure for figure in of(figures, series, metric) if figure.period == period)
    return found
