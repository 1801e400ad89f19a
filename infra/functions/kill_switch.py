"""Spending has reached the budget -> new videos wait; somebody says go on -> they are transcoded."""

from __future__ import annotations

import json
import logging
import os
from typing import Any

import boto3

log = logging.getLogger()
log.setLevel(logging.INFO)

PAUSE, RESUME = "Pause Transcoding", "Resume Transcoding"
"""Detail-types of the events by which a person moves the switch."""

STATUS = {PAUSE: "PAUSED", RESUME: "ACTIVE"}
"""What each does to the MediaConvert queue. Jobs that have begun go on; those that have not wait in a paused queue."""


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Entry point; ``event`` is a message of the budget's topic, or an event of ours."""
    wanted, reason = order(event)
    mediaconvert = boto3.client("mediaconvert")
    queue = os.environ["QUEUE_NAME"]
    before = mediaconvert.get_queue(Name=queue)["Queue"]["Status"]
    if before == wanted:
        # The budget repeats itself, and SNS may deliver twice: what is done already is not announced again.
        log.info("queue %s is %s already", queue, wanted)
        return {"queue": queue, "status": wanted, "changed": False}
    mediaconvert.update_queue(Name=queue, Status=wanted)
    subject, text = announcement(queue, wanted, reason)
    boto3.client("sns").publish(TopicArn=os.environ["ALERTS_TOPIC"], Subject=subject, Message=text)
    return {"queue": queue, "status": wanted, "changed": True}


def order(event: dict[str, Any]) -> tuple[str, str]:
    """What is wanted of the queue, and why.

    Raises:
        ValueError: an event that is neither; it goes to the dead letters instead of moving the switch.
    """
    if "Records" in event:
        # Only the budget may publish on this topic, so any message there means: the limit is reached.
        return STATUS[PAUSE], str(event["Records"][0]["Sns"]["Subject"] or "the budget is spent")
    detail_type = event.get("detail-type")
    if detail_type not in STATUS:
        raise ValueError(f"found an event of type {detail_type!r}, expected one of {', '.join(STATUS)}")
    return STATUS[detail_type], str(event.get("detail", {}).get("reason", "by hand"))


def announcement(queue: str, status: str, reason: str) -> tuple[str, str]:
    """Subject and text of the message to the people in charge."""
    workflow = os.environ["WORKFLOW"]
    if status == STATUS[RESUME]:
        return f"{workflow}: transcoding resumed", f"Queue {queue} works again: {reason}. Waiting videos come first."
    entry = {
        "EventBusName": os.environ["EVENT_BUS"],
        "Source": os.environ["EVENT_SOURCE"],
        "DetailType": RESUME,
        "Detail": json.dumps({"reason": "budget raised"}),
    }
    return (
        f"{workflow}: transcoding paused",
        f"Queue {queue} is paused: {reason}. Uploads are still accepted, and wait.\n"
        f"To go on: aws events put-events --entries '{json.dumps([entry])}'",
    )
