"""A reviewer's decision, or an author's appeal -> the record, and on to publishing.

The reviewers' tool puts "Review Decided" (approve or reject) and "Review Appealed" on the stack's bus. Who may do that
is a matter of IAM: the bus takes events of this account only.
"""

from __future__ import annotations

import json
import logging
import os
from typing import Any

import boto3

from infra.functions.videos import change, read, table, tell, waits

log = logging.getLogger()
log.setLevel(logging.INFO)

CLEARED = "Video Cleared"
APPEALED = "Review Appealed"


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Entry point; ``event`` is of the stack's bus, its detail ``{videoId, uploadToken, decision?, reviewer?}``."""
    detail = event["detail"]
    if event["detail-type"] == APPEALED:
        return appeal(detail, event["time"])
    return {"approve": approve, "reject": reject}[detail["decision"]](detail, event["time"])


def approve(detail: dict[str, Any], time: str) -> dict[str, str]:
    """The video may be published: the verdict changes, the state only when its files are in place."""
    note = {"verdict": "allow", "reviewed_by": detail["reviewer"], "reviewed_at": time}
    done = change(table(), detail["videoId"], detail["uploadToken"], ("held",), note)
    if done:
        tell(CLEARED, detail["videoId"], detail["uploadToken"])
    return _answer(detail, "approved" if done else "unchanged")


def reject(detail: dict[str, Any], time: str) -> dict[str, str]:
    """The video stays where no viewer can reach it."""
    values = {
        "state": "rejected",
        "verdict": "block",
        "reviewed_by": detail["reviewer"],
        "reviewed_at": time,
        "reason": detail.get("reason", "a reviewer rejected it"),
    }
    done = change(table(), detail["videoId"], detail["uploadToken"], ("held",), values)
    return _answer(detail, "rejected" if done else "unchanged")


def appeal(detail: dict[str, Any], time: str) -> dict[str, str]:
    """The author asks for a second look: once, by a person."""
    videos = table()
    record = read(videos, detail["videoId"])
    if not waits(record, detail["uploadToken"], ("rejected",)) or "appealed_at" in record:
        log.info("nothing to appeal against: %s", detail["videoId"])
        return _answer(detail, "unchanged")
    body = {"videoId": detail["videoId"], "uploadToken": detail["uploadToken"], "appeal": True}
    boto3.client("sqs").send_message(
        QueueUrl=os.environ["REVIEW_QUEUE_URL"], MessageBody=json.dumps(body, sort_keys=True)
    )
    values = {"state": "held", "verdict": "review", "appealed_at": time}
    done = change(videos, detail["videoId"], detail["uploadToken"], ("rejected",), values)
    return _answer(detail, "held" if done else "unchanged")


def _answer(detail: dict[str, Any], what: str) -> dict[str, str]:
    return {"video_id": detail["videoId"], "decision": what}
