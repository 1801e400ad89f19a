"""A finding of GuardDuty, or a notice of AWS Health -> a message that people understand, on the topic of the alarms."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

import boto3

log = logging.getLogger()
log.setLevel(logging.INFO)

FINDING, HEALTH = "GuardDuty Finding", "AWS Health Event"
"""Detail-types of the events."""
SEVERITIES = ((9, "critical"), (7, "high"), (4, "medium"), (1, "low"))
"""From which number on. Source: GuardDuty user guide, "Severity levels of GuardDuty findings"."""
LONGEST_SUBJECT = 99
"""SNS refuses a subject of 100 characters or more, of several lines, or beyond ASCII. Source: SNS API, Publish."""


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Entry point; ``event`` is from the account's default bus."""
    about, text = message(event)
    subject = fitting(f"{os.environ['WORKFLOW']}: {about}")
    boto3.client("sns").publish(TopicArn=os.environ["ALERTS_TOPIC"], Subject=subject, Message=text)
    log.info("told: %s", subject)
    return {"subject": subject}


def message(event: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and text about an event.

    Raises:
        ValueError: an event that this function does not know; it goes to the dead letters.
    """
    if event["detail-type"] == FINDING:
        return finding(event["detail"])
    if event["detail-type"] == HEALTH:
        return health(event["detail"])
    raise ValueError(f"found an event of type {event['detail-type']!r}, expected {FINDING} or {HEALTH}")


def finding(detail: Mapping[str, Any]) -> tuple[str, str]:
    """What GuardDuty has found."""
    level = severity(detail["severity"])
    link = (
        f"https://{detail['region']}.console.aws.amazon.com/guardduty/home#/findings?macros=current&fId={detail['id']}"
    )
    lines = [
        detail["description"],
        f"Type: {detail['type']}, severity {detail['severity']} ({level})",
        f"Account {detail['accountId']}, region {detail['region']}, last seen {detail['updatedAt']}",
        link,
    ]
    return f"{level} finding: {detail['title']}", "\n".join(lines)


def health(detail: Mapping[str, Any]) -> tuple[str, str]:
    """What AWS says of its own health, as far as it concerns this account."""
    texts = [one["latestDescription"] for one in detail.get("eventDescription", [])]
    entities = [one["entityValue"] for one in detail.get("affectedEntities", [])]
    lines = [
        *texts,
        f"Kind: {detail['eventTypeCategory']}, {detail['eventTypeCode']}, from {detail['startTime']}",
        *([f"Concerns: {', '.join(entities)}"] if entities else []),
    ]
    return f"AWS Health, {detail['service']}: {detail['eventTypeCode']}", "\n".join(lines)


def severity(number: float) -> str:
    """A severity in words.

    >>> severity(8), severity(6.9), severity(9.5)
    ('high', 'medium', 'critical')
    """
    return next((word for limit, word in SEVERITIES if number >= limit), "low")


def fitting(subject: str) -> str:
    r"""A subject that SNS takes.

    >>> fitting("é" + "\n" + "x" * 200) == "? " + "x" * 97
    True
    """
    line = " ".join(subject.split())
    return "".join(char if char.isascii() and char.isprintable() else "?" for char in line)[:LONGEST_SUBJECT]
