"""How often a schedule fires: the rate and cron expressions of EventBridge, AWS Backup and their like."""

from __future__ import annotations

import re

from costmodel.units import DAYS_PER_MONTH, HOURS_PER_DAY, MINUTES_PER_HOUR

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")

_RUNS_PER_MONTH = {
    "minute": DAYS_PER_MONTH * HOURS_PER_DAY * MINUTES_PER_HOUR,
    "hour": DAYS_PER_MONTH * HOURS_PER_DAY,
    "day": DAYS_PER_MONTH,
}
EVERY = frozenset({"*", "?"})


def runs_per_month(expression: object) -> float | None:
    """Times that a schedule fires in a mean month; None when that is not known.

    Cron expressions that leave days, months and years open are understood; other ones are rare and stay unknown.

    Source: Amazon EventBridge user guide, "Setting a schedule pattern", from memory.

    >>> runs_per_month("rate(1 day)") == runs_per_month("cron(0 3 * * ? *)") == 365 / 12
    True
    >>> runs_per_month("cron(0/15 8,20 * * ? *)") == 4 * 2 * 365 / 12
    True
    >>> runs_per_month("cron(0 3 ? * MON *)") is None
    True
    """
    if not isinstance(expression, str):
        return None
    if rate := _RATE.fullmatch(expression):
        return _RUNS_PER_MONTH[rate[2]] / int(rate[1])
    cron = _CRON.fullmatch(expression)
    if cron is None or not EVERY.issuperset(cron.groups()[2:]):
        return None
    per_hour, per_day = _times(cron[1], MINUTES_PER_HOUR), _times(cron[2], HOURS_PER_DAY)
    return None if per_hour is None or per_day is None else DAYS_PER_MONTH * per_day * per_hour


def _times(field: str, span: int) -> int | None:
    """How many values of a field match: of minutes in an hour, of hours in a day."""
    if field == "*":
        return span
    if step := re.fullmatch(r"(\*|\d+)/(\d+)", field):
        first = 0 if step[1] == "*" else int(step[1])
        return len(range(first, span, int(step[2]))) if int(step[2]) else None
    if values := re.fullmatch(r"\d+(,\d+)*", field):
        return len(set(values[0].split(",")))
    bounds = re.fullmatch(r"(\d+)-(\d+)", field)
    return int(bounds[2]) - int(bounds[1]) + 1 if bounds else None
