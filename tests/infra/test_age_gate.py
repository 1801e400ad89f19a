"""Who is too young gets no account."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.functions import age_gate

TODAY = date(2026, 11, 21)


def signup(**attributes: str) -> dict[str, Any]:
    return {"request": {"userAttributes": attributes}, "response": {}}


@pytest.mark.parametrize("birthdate", ["2013-11-21", "1950-01-01"])
def test_old_enough_on_the_birthday_and_after(birthdate: str) -> None:
    age_gate.refuse_the_young(birthdate, TODAY, 13)


@pytest.mark.parametrize("birthdate", ["2013-11-22", "2026-11-21"])
def test_too_young_the_day_before_the_birthday(birthdate: str) -> None:
    with pytest.raises(age_gate.TooYoung, match="at least 13"):
        age_gate.refuse_the_young(birthdate, TODAY, 13)


@pytest.mark.parametrize("birthdate", ["", "21.11.1990", "1990-13-01", "2026-11-22"])
def test_an_age_that_cannot_be_known_is_refused(birthdate: str) -> None:
    with pytest.raises(age_gate.UnknownBirthdate):
        age_gate.refuse_the_young(birthdate, TODAY, 13)


@given(born=st.dates(date(1900, 1, 1), date(2026, 1, 1)), days=st.integers(0, 40_000))
def test_age_is_the_number_of_birthdays(born: date, days: int) -> None:
    today = date.fromordinal(min(born.toordinal() + days, date(2100, 12, 31).toordinal()))
    age = age_gate.age(born, today)
    assert age == sum(
        1
        for year in range(born.year + 1, today.year + 1)
        if (year, born.month, born.day) <= (today.year, today.month, today.day)
    )


def test_the_trigger_gives_the_event_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIMUM_AGE", "16")
    event = signup(birthdate="1990-01-01")
    assert age_gate.handler(event, object()) is event


def test_the_trigger_reads_the_clock_and_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIMUM_AGE", "16")
    fifteen = datetime.now(UTC).year - 15
    with pytest.raises(age_gate.TooYoung, match="at least 16"):
        age_gate.handler(signup(birthdate=f"{fifteen}-01-01"), object())
