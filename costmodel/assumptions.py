"""Assumptions: the numbers that nobody can look up exactly, each with unit, range, source, date and grade.

The data are the CSV files of ``costmodel/data/assumptions/``, one row a key. All files are checked whole when they
are loaded; a row without unit, source, date or grade does not load. A scenario may override the base value of a
key; which keys were read is remembered, so that a report can list the sources of exactly what it used.
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, cast, get_args

from costmodel.errors import AssumptionNotFound, CatalogError, Fault, nearest

Grade = Literal["high", "med", "low"]
Distribution = Literal["fixed", "pert", "triangular", "lognormal"]
Domain = Literal["", ">0", ">=1", "<1"]

GRADES: tuple[Grade, ...] = get_args(Grade)
"""From strongest to weakest."""

DEFAULT_DISTRIBUTION: Distribution = "pert"
"""A three-point estimate without a word on its shape: most weight on the middle, none beyond the ends."""

SHIPPED = Path(__file__).parent / "data" / "assumptions"

REQUIRED_COLUMNS = ("key", "unit", "low", "base", "high", "distribution", "source", "source_date", "grade")
OPTIONAL_COLUMNS = ("applies_to", "note", "domain")

SUM_TO_ONE = ("usage.playback_share_",)
"""Key prefixes whose values are parts of one whole."""

SUM_TOLERANCE = 1e-6
"""How far parts may be from their whole: decimal shares are not exact in binary."""


@dataclass(frozen=True)
class Range:
    """A three-point estimate, in the unit of the key where it stands."""

    low: float
    base: float
    high: float
    distribution: Distribution = DEFAULT_DISTRIBUTION


@dataclass(frozen=True)
class Assumption:
    """One number with the answers to "who says so, when, and how sure?"."""

    key: str
    unit: str
    low: float
    base: float
    """Shipped default [unit]; the value in use unless a scenario overrides it."""
    high: float
    distribution: Distribution
    applies_to: str
    source: str
    source_date: str
    """Year, month or day of the source ("2025", "2025-02", "2025-02-14")."""
    grade: Grade
    note: str = ""
    domain: Domain = ""
    """Values that have a meaning, beyond "not negative" and, for a share, "at most 1": a divisor is ">0"."""
    override: float | None = None
    """Value that a scenario puts in the place of ``base`` [unit]."""

    @cached_property
    def text(self) -> str:
        """Everything about it, for a digest; the shipped ones are spelled once for all plans."""
        return repr(self)

    @property
    def overridden(self) -> bool:
        """Whether a scenario replaced the base value."""
        return self.override is not None

    @property
    def value(self) -> float:
        """The number that the plan uses [unit]."""
        return self.base if self.override is None else self.override

    @property
    def allowed(self) -> str:
        """The values that have a meaning, in words.

        >>> Assumption("a", "share", 0, 0.3, 0.5, "pert", "", "memory", "2026", "low", domain="<1").allowed
        'a number of at least 0 and below 1 [share]'
        """
        lower = {">0": "above 0", ">=1": "of at least 1"}.get(self.domain, "of at least 0")
        upper = {"<1": " and below 1"}.get(self.domain, " and at most 1") if self._is_share else ""
        return f"a number {lower}{upper} [{self.unit}]"

    def allows(self, value: float) -> bool:
        """Whether ``value`` [unit] has a meaning for this key; the range low..high is no limit."""
        if not math.isfinite(value) or value < 0 or (self._is_share and value > 1):
            return False
        return {"": True, ">0": value > 0, ">=1": value >= 1, "<1": value < 1}[self.domain]

    @property
    def _is_share(self) -> bool:
        return self.unit.startswith("share")


@dataclass(frozen=True)
class Assumptions:
    """The assumptions of one plan: shipped values with the overrides of a scenario on top.

    >>> assumptions = Assumptions.load({"usage.seconds_watched_per_view": 12})
    >>> assumptions["usage.seconds_watched_per_view"]
    12.0
    >>> [entry.key for entry in assumptions.used]
    ['usage.seconds_watched_per_view']
    """

    entries: Mapping[str, Assumption]
    ranges: Mapping[str, Range] = field(default_factory=dict)
    """Dotted key of a scenario -> the range that it gives for an amount of its own."""
    _read: set[str] = field(default_factory=set, repr=False, compare=False)

    @classmethod
    def load(
        cls,
        overrides: Mapping[str, float] | None = None,
        *,
        as_of: str = "",
        ranges: Mapping[str, Range] | None = None,
        directory: Path = SHIPPED,
    ) -> Assumptions:
        """The shipped assumptions with ``overrides`` in place of their base values.

        Args:
            overrides: key -> value [unit of the key].
            as_of: date of the overrides; each then carries it in place of the date of the default's source.
            ranges: dotted key of the scenario ("assumptions.<key>" for an override) -> the range that it gives.
            directory: where the CSV files are.

        Raises:
            CatalogError: the data or the overrides are malformed; carries every fault.
            AssumptionNotFound: an override of a key that does not exist.
        """
        entries = dict(_shipped(directory))
        unknown = [_unknown(key, entries) for key in overrides or {} if key not in entries]
        if unknown:
            raise AssumptionNotFound(unknown)
        for key, value in (overrides or {}).items():
            entries[key] = _overridden(entries[key], value, as_of, (ranges or {}).get(f"assumptions.{key}"))
        faults = [
            *_bad_values(entries),
            *unequal_wholes({key: entry.value for key, entry in entries.items()}),
        ]
        if faults:
            raise CatalogError(faults)
        return cls(entries, ranges or {})

    def __getitem__(self, key: str) -> float:
        """The value in use of ``key`` [its unit].

        Raises:
            AssumptionNotFound: no file defines the key; names the nearest one.
        """
        return self.entry(key).value

    def entry(self, key: str) -> Assumption:
        """The assumption behind ``key``, with unit, range and source; counts as read.

        Raises:
            AssumptionNotFound: no file defines the key; names the nearest one.
        """
        if key not in self.entries:
            raise AssumptionNotFound([_unknown(key, self.entries)])
        self._read.add(key)
        return self.entries[key]

    def resolve(self, stated: float | str, *, name: str, unit: str, stated_in: str, as_of: str) -> Assumption:
        """The assumption behind an amount that a scenario states as a number or as the key of an assumption.

        Args:
            stated: an amount [unit], or the key whose value is wanted.
            name: what the amount is ("people.roles.founder.salary_usd_per_year"); the key of a stated number.
            unit: unit of a stated number.
            stated_in: where a stated number comes from ("scenario niche").
            as_of: its date.
        """
        if isinstance(stated, str):
            return self.entry(stated)
        known = self.ranges.get(name, Range(stated, stated, stated, "fixed"))
        return Assumption(
            key=name,
            unit=unit,
            low=known.low,
            base=stated,
            high=known.high,
            distribution=known.distribution,
            applies_to="",
            source=f"stated in {stated_in} without a source",
            source_date=as_of,
            grade="low",
        )

    @property
    def used(self) -> tuple[Assumption, ...]:
        """Every assumption that was read so far, by key."""
        return tuple(self.entries[key] for key in sorted(self._read))

    @property
    def ineffective_overrides(self) -> tuple[str, ...]:
        """Keys that the scenario overrides and that nothing has read: the plan does not depend on them."""
        return tuple(sorted(key for key, entry in self.entries.items() if entry.overridden and key not in self._read))

    @property
    def digest(self) -> str:
        """SHA-256 of all entries, overrides included."""
        content = "\n".join(self.entries[key].text for key in sorted(self.entries))
        return hashlib.sha256(content.encode()).hexdigest()


def unequal_wholes(values: Mapping[str, float]) -> Iterator[Fault]:
    """Families of shares (``SUM_TO_ONE``) whose parts do not add up to 1.

    Args:
        values: key -> value in use, of all keys.
    """
    for prefix in SUM_TO_ONE:
        parts = {key: value for key, value in values.items() if key.startswith(prefix)}
        total = math.fsum(parts.values())
        if parts and abs(total - 1) > SUM_TOLERANCE:
            listed = " + ".join(f"{value:g}" for value in parts.values())
            yield Fault(f"{prefix}*", f"{listed} = {total:g}", "shares that sum to 1", f"keys: {', '.join(parts)}")


def _overridden(entry: Assumption, value: float, as_of: str, known: Range | None) -> Assumption:
    source = f"override of the scenario; default {entry.base:g} from {entry.source}"
    if known:
        entry = replace(entry, low=known.low, high=known.high, distribution=known.distribution)
    return replace(entry, override=float(value), source=source, source_date=as_of or entry.source_date, grade="low")


def _unknown(key: str, known: Mapping[str, Assumption]) -> Fault:
    return Fault("assumptions", f"key {key!r}", "a key of costmodel/data/assumptions", nearest(key, known))


def _bad_values(entries: Mapping[str, Assumption]) -> Iterator[Fault]:
    for key, entry in entries.items():
        if not entry.allows(entry.value):
            yield Fault(f"assumptions: {key}", f"{entry.value:g}", entry.allowed)


@cache
def _shipped(directory: Path) -> Mapping[str, Assumption]:
    """Every assumption of the CSV files in ``directory``, by key; raises CatalogError with every fault."""
    faults: list[Fault] = []
    entries: list[Assumption] = []
    places: dict[str, list[str]] = {}
    for path in sorted(directory.glob("*.csv")):
        for line, row in _rows(path, faults):
            where = f"{path.name}:{line}: {row['key'] or 'key'}"
            row_faults = list(_row_faults(where, row))
            faults += row_faults
            places.setdefault(row["key"], []).append(f"{path.name}:{line}")
            if not row_faults:
                entries.append(_entry(row))
    faults += [
        Fault(found[-1], f"key {key!r} again", f"each key once (first at {found[0]})")
        for key, found in places.items()
        if len(found) > 1
    ]
    if not places and not faults:
        faults.append(Fault(str(directory), "no assumption", "CSV files with one row per key"))
    if faults:
        raise CatalogError(faults)
    return {entry.key: entry for entry in entries}


def _rows(path: Path, faults: list[Fault]) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        header = Counter(reader.fieldnames or ())
        missing = [column for column in REQUIRED_COLUMNS if column not in header]
        strange = [column for column in header if column not in REQUIRED_COLUMNS + OPTIONAL_COLUMNS]
        if missing or strange:
            expected = ",".join(REQUIRED_COLUMNS + OPTIONAL_COLUMNS)
            faults.append(Fault(f"{path.name}:1", f"columns {','.join(header)}", f"columns {expected}"))
            return
        for row in reader:
            if None in row or None in row.values():
                where = f"{path.name}:{reader.line_num}"
                faults.append(Fault(where, "more or fewer cells than columns", f"{len(header)} cells"))
            else:
                yield reader.line_num, dict.fromkeys(OPTIONAL_COLUMNS, "") | row


def _row_faults(where: str, row: Mapping[str, str]) -> Iterator[Fault]:
    for column in REQUIRED_COLUMNS:
        if not row[column].strip():
            yield Fault(f"{where}.{column}", "nothing", "a value: a number without it does not load")
    for column, known in (
        ("distribution", get_args(Distribution)),
        ("grade", GRADES),
        ("domain", get_args(Domain)),
    ):
        if row[column] not in ("", *known):
            yield Fault(f"{where}.{column}", repr(row[column]), f"one of {', '.join(filter(None, known))}")
    if row["source"].startswith("memory") and row["grade"] != "low":
        yield Fault(f"{where}.grade", repr(row["grade"]), "low, as the source is memory")
    numbers = [_number(row[column]) for column in ("low", "base", "high")]
    for column, number in zip(("low", "base", "high"), numbers, strict=True):
        if row[column].strip() and not math.isfinite(number):
            yield Fault(f"{where}.{column}", repr(row[column]), "a number")
    if all(map(math.isfinite, numbers)) and numbers != sorted(numbers):
        yield Fault(where, " / ".join(row[column] for column in ("low", "base", "high")), "low <= base <= high")


def _number(text: str) -> float:
    """The number that ``text`` spells; not-a-number when it spells none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _entry(row: Mapping[str, str]) -> Assumption:
    return Assumption(
        key=row["key"],
        unit=row["unit"],
        low=float(row["low"]),
        base=float(row["base"]),
        high=float(row["high"]),
        distribution=cast(Distribution, row["distribution"]),
        applies_to=row["applies_to"],
        source=row["source"],
        source_date=row["source_date"],
        grade=cast(Grade, row["grade"]),
        note=row["note"],
        domain=cast(Domain, row["domain"]),
    )
