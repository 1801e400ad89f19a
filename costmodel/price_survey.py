"""What a price book holds, how old it is, where it is weak, and what to do about that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from costmodel.price_book import GRADES, Ladder, PriceRow

UNCONFIRMED_AFTER_DAYS = 365
"""Age at which a price counts as weak [day]: seen once, and not in the year since."""

AGE_CLASSES = {180: "up to 180 days", 365: "up to 1 year", 730: "up to 2 years"}
"""Upper bound [day] and name of each class of age; what is older falls into the last."""

OLDEST = "over 2 years"


@dataclass(frozen=True)
class Weakness:
    """One way in which prices are weaker than AWS's own list of today."""

    reason: str
    advice: str
    """What to do about it."""
    ladders: tuple[Ladder, ...]

    @property
    def skus(self) -> tuple[str, ...]:
        """The skus concerned ("Firehose direct_put"), each once, in the order of the book."""
        return tuple(dict.fromkeys(f"{ladder.service} {ladder.sku_key}" for ladder in self.ladders))


@dataclass(frozen=True)
class Survey:
    """Counts of the rows of one or several books."""

    row_count: int
    by_service: Mapping[str, int]
    by_region: Mapping[str, int]
    by_grade: Mapping[str, int]
    """Best first."""
    by_age: Mapping[str, int]
    """Youngest first."""
    complete: Mapping[str, int]
    """Field ("source", "date", "unit") -> rows that have it."""
    weaknesses: tuple[Weakness, ...]
    """None of those without a ladder."""


@dataclass(frozen=True)
class ServiceAge:
    """How old the prices of a service are."""

    service: str
    row_count: int
    stale_count: int
    """Rows older than asked for."""
    oldest: date


def survey(ladders: Iterable[Ladder], on: date) -> Survey:
    """Count rows by service, region, grade and age, and gather what is weak.

    Args:
        ladders: all ladders of one or several books.
        on: the day that ages are counted to.
    """
    every = tuple(ladders)
    rows = [row for ladder in every for row in ladder.rows]
    return Survey(
        row_count=len(rows),
        by_service=_sorted(Counter(row.service for row in rows)),
        by_region=_sorted(Counter(row.region for row in rows)),
        by_grade=_counted((row.grade for row in rows), GRADES),
        by_age=_counted((_age_class(row, on) for row in rows), [*AGE_CLASSES.values(), OLDEST]),
        complete={
            "source": sum(bool(row.source.strip()) for row in rows),
            "date": sum(isinstance(row.effective_date, date) for row in rows),
            "unit": sum(bool(row.unit.strip()) for row in rows),
        },
        weaknesses=_weaknesses(every, on),
    )


def ages(ladders: Iterable[Ladder], on: date, older_than_days: int) -> list[ServiceAge]:
    """Age of the prices in force, service by service, the oldest first.

    Args:
        ladders: all ladders of one or several books; of a sku and region only the newest counts.
        on: the day that ages are counted to.
        older_than_days: what counts as stale.
    """
    services: dict[str, list[PriceRow]] = {}
    for ladder in _in_force(ladders, on):
        services.setdefault(ladder.service, []).extend(ladder.rows)
    found = [
        ServiceAge(
            service=service,
            row_count=len(rows),
            stale_count=sum(age_days(row, on) > older_than_days for row in rows),
            oldest=min(row.effective_date for row in rows),
        )
        for service, rows in services.items()
    ]
    return sorted(found, key=lambda age: (age.oldest, age.service))


def age_days(row: PriceRow, on: date) -> int:
    """Days since a price was seen; 0 for one that is dated later."""
    return max(0, (on - row.effective_date).days)


def _in_force(ladders: Iterable[Ladder], on: date) -> list[Ladder]:
    """The newest ladder of each sku and region that is dated on or before a day, else its first."""
    newest: dict[tuple[str, str, str], Ladder] = {}
    for ladder in ladders:
        key = (ladder.service, ladder.sku_key, ladder.region)
        if key not in newest or newest[key].effective_date < ladder.effective_date <= on:
            newest[key] = ladder
    return list(newest.values())


def _weaknesses(ladders: Sequence[Ladder], on: date) -> tuple[Weakness, ...]:
    in_force = _in_force(ladders, on)
    kinds: list[tuple[str, str, Callable[[Ladder], bool]]] = [
        (
            "the price of the last tier is not published; the one before it is carried on",
            "above that edge the bill is an upper bound: ask the vendor for a quote and append the tier",
            lambda ladder: ladder.breaks_off,
        ),
        (
            "from memory, or of one weak source",
            "look it up on the vendor's price page and append a ladder with date and source",
            lambda ladder: ladder.grade == "low" and not ladder.breaks_off,
        ),
        (
            f"not seen for over {UNCONFIRMED_AFTER_DAYS} days",
            "exact when it was seen; confirm it against the price list and append it under the new date",
            lambda ladder: age_days(ladder.rows[0], on) > UNCONFIRMED_AFTER_DAYS,
        ),
    ]
    found = (
        Weakness(reason, advice, tuple(ladder for ladder in in_force if is_weak(ladder)))
        for reason, advice, is_weak in kinds
    )
    return tuple(weakness for weakness in found if weakness.ladders)


def _age_class(row: PriceRow, on: date) -> str:
    age = age_days(row, on)
    return next((name for limit, name in AGE_CLASSES.items() if age <= limit), OLDEST)


def _counted(found: Iterable[str], order: Sequence[str]) -> dict[str, int]:
    counts = Counter(found)
    return {name: counts[name] for name in order}


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: counts[name] for name in sorted(counts)}
