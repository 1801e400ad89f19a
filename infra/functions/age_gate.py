"""Cognito's pre-sign-up trigger: who is too young gets no account."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from typing import Any


class TooYoung(Exception):
    """Sign-up refused; Cognito shows the text to the user."""


class UnknownBirthdate(Exception):
    """Sign-up refused, because the age cannot be known; Cognito shows the text to the user."""


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Entry point; ``event`` is Cognito's, and is given back to let the user in."""
    attributes = event["request"]["userAttributes"]
    refuse_the_young(attributes.get("birthdate", ""), datetime.now(UTC).date(), int(os.environ["MINIMUM_AGE"]))
    return event


def refuse_the_young(birthdate: str, today: date, minimum_age: int) -> None:
    """Lets pass who is old enough.

    Args:
        birthdate: as the user gave it [ISO 8601 date].
        today: date of the sign-up [UTC].
        minimum_age: [year].

    Raises:
        TooYoung: the user is below the minimum age.
        UnknownBirthdate: no date, or none that has been.
    """
    try:
        born = date.fromisoformat(birthdate)
    except ValueError:
        raise UnknownBirthdate("Please give your date of birth as YYYY-MM-DD.") from None
    if born > today:
        raise UnknownBirthdate("Please give a date of birth in the past.")
    if age(born, today) < minimum_age:
        raise TooYoung(f"You must be at least {minimum_age} years old.")


def age(born: date, today: date) -> int:
    """Full years; who was born on 29 February has their birthday on 1 March of common years.

    >>> age(date(2012, 2, 29), date(2025, 2, 28)), age(date(2012, 2, 29), date(2025, 3, 1))
    (12, 13)
    """
    before_birthday = (today.month, today.day) < (born.month, born.day)
    return today.year - born.year - before_birthday
