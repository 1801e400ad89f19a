"""Where a price comes from, when it is made of one or several assumptions."""

from __future__ import annotations

from typing import TypedDict

from costmodel.assumptions import GRADES, Assumption, Grade


class Provenance(TypedDict):
    """The part of a charge that says who vouches for its price."""

    price_source: str
    price_date: str
    price_grade: Grade


def provenance(*entries: Assumption) -> Provenance:
    """Source, date and grade of a price that is made of ``entries``: as old as the oldest, as sure as the weakest.

    >>> from costmodel.assumptions import Assumptions
    >>> provenance(Assumptions.load().entry("gifts.diamond_value"))["price_source"]
    'gifts.diamond_value: calculatecreator.com (2026)'
    """
    return Provenance(
        price_source="; ".join(f"{entry.key}: {entry.source}" for entry in entries),
        price_date=min(entry.source_date for entry in entries),
        price_grade=max((entry.grade for entry in entries), key=GRADES.index),
    )
