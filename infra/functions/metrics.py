"""A metric as one line of log: CloudWatch makes it a metric by itself (embedded metric format), without a call."""

from __future__ import annotations

import json
import os
from datetime import datetime

NAMESPACE = "Reelplan"
MS_PER_SECOND = 1000


def record(name: str, value: float, unit: str, time: str) -> None:
    """Write one value of a metric of this stack.

    Args:
        name: of the metric.
        value: in the unit.
        unit: as CloudWatch names it ("Seconds").
        time: when it was so [ISO 8601].
    """
    print(line(name, value, unit, time, os.environ["WORKFLOW"]))  # noqa: T201 - standard output is the log of a function


def line(name: str, value: float, unit: str, time: str, stack: str) -> str:
    """The line of log. Source: CloudWatch user guide, "Embedded metric format specification".

    >>> line("TimeToPublish", 42.0, "Seconds", "1970-01-01T00:00:01Z", "reelplan-dev")[:37]
    '{"Stack": "reelplan-dev", "TimeToPubl'
    """
    directive = {"Namespace": NAMESPACE, "Dimensions": [["Stack"]], "Metrics": [{"Name": name, "Unit": unit}]}
    milliseconds = int(datetime.fromisoformat(time).timestamp() * MS_PER_SECOND)
    return json.dumps(
        {"Stack": stack, name: value, "_aws": {"Timestamp": milliseconds, "CloudWatchMetrics": [directive]}}
    )


def seconds_between(earlier: str, later: str) -> float:
    """Time that passed [second].

    >>> seconds_between("2026-01-01T00:00:00Z", "2026-01-01T00:01:30Z")
    90.0
    """
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
