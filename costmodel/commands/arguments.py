"""Arguments that arrive as text and are told apart by what was expected of them."""

from __future__ import annotations

from datetime import date

from costmodel.errors import Fault, PlanError


def to_number(name: str, text: str) -> float:
    """A number.

    Raises:
        PlanError: the text is none; says what was found.

    >>> to_number("QUANTITY", "1e6")
    1000000.0
    """
    try:
        return float(text)
    except ValueError:
        raise PlanError([Fault(name, f'"{text}"', "a number like 51200 or 1.5e6")]) from None


def to_date(name: str, text: str | None) -> date | None:
    """A calendar day; None when there is no text.

    Raises:
        PlanError: the text is none; says what was found.

    >>> to_date("--date", "2026-11-21")
    datetime.date(2026, 11, 21)
    """
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise PlanError([Fault(name, f'"{text}"', "a date like 2026-11-21")]) from None
