"""Video Transcoded -> Rekognition looks at the sampled frames -> cleared, held for a person, or rejected.

Safe to call twice: a record that is not "moderating" any more is left alone, and no picture is paid for again.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import boto3

from infra.functions.videos import FRAMES, change, read, review_prefix, table, tell, waits

log = logging.getLogger()
log.setLevel(logging.INFO)

Verdict = Literal["allow", "review", "block"]

CLEARED = "Video Cleared"
LEAST_CONFIDENCE = 50
"""Labels below this are not asked for [percent]; Rekognition's own default."""
MODERATING = ("moderating",)


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Entry point; ``event`` is "Video Transcoded" of the stack's bus."""
    video_id, token = event["detail"]["videoId"], event["detail"]["uploadToken"]
    videos = table()
    if not waits(read(videos, video_id), token, MODERATING):
        log.info("%s does not wait for moderation", video_id)
        return {"video_id": video_id, "verdict": "unchanged"}
    labels = look(video_id, token) if os.environ["MODE"] == "frames" else {}
    found = verdict(labels, json.loads(os.environ["THRESHOLDS"]))
    note = {"verdict": found, "labels": labels, "moderated_at": event["time"]}
    if found == "review":
        ask_a_person(video_id, token, labels)
        change(videos, video_id, token, MODERATING, {"state": "held", **note})
    elif found == "block":
        reason = f"moderation found {', '.join(sorted(labels))}"
        change(videos, video_id, token, MODERATING, {"state": "rejected", "reason": reason, **note})
    elif change(videos, video_id, token, MODERATING, note):
        tell(CLEARED, video_id, token)
    return {"video_id": video_id, "verdict": found}


def look(video_id: str, token: str) -> dict[str, int]:
    """Labels of all sampled frames of an upload, each with its highest confidence [percent].

    Raises:
        RuntimeError: there is no frame; a video that nobody has looked at must not get on.
    """
    bucket, prefix = os.environ["RENDITIONS_BUCKET"], f"{review_prefix(video_id, token)}{FRAMES}/"
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    if not keys:
        raise RuntimeError(f"there are no frames under s3://{bucket}/{prefix}")
    rekognition = boto3.client("rekognition")
    answers = (
        rekognition.detect_moderation_labels(
            Image={"S3Object": {"Bucket": bucket, "Name": key}}, MinConfidence=LEAST_CONFIDENCE
        )["ModerationLabels"]
        for key in keys
    )
    return strongest(label for answer in answers for label in answer)


def strongest(labels: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Name -> highest confidence, in whole percent rounded down.

    >>> strongest([{"Name": "Violence", "Confidence": 71.9}, {"Name": "Violence", "Confidence": 60.0}])
    {'Violence': 71}
    """
    found: dict[str, int] = {}
    for label in labels:
        found[label["Name"]] = max(found.get(label["Name"], 0), int(label["Confidence"]))
    return found


def verdict(labels: Mapping[str, int], thresholds: Mapping[str, Mapping[str, int]]) -> Verdict:
    """What becomes of a video with such labels; the strictest label decides.

    Args:
        labels: name -> confidence [percent]. Rekognition gives the categories above a label as labels, too.
        thresholds: category -> confidence from which it is blocked, and from which a person looks at it.

    >>> limits = {"Violence": {"block": 95, "review": 60}, "Gambling": {"review": 80}}
    >>> [verdict({"Violence": percent}, limits) for percent in (59, 60, 94, 95)]
    ['allow', 'review', 'review', 'block']
    >>> verdict({"Gambling": 99}, limits)
    'review'
    """
    reached = {
        what for name, percent in labels.items() for what, limit in thresholds.get(name, {}).items() if percent >= limit
    }
    return "block" if "block" in reached else "review" if "review" in reached else "allow"


def ask_a_person(video_id: str, token: str, labels: Mapping[str, int]) -> None:
    """Put a video into the queue of the reviewers."""
    body = {"videoId": video_id, "uploadToken": token, "labels": labels}
    boto3.client("sqs").send_message(
        QueueUrl=os.environ["REVIEW_QUEUE_URL"], MessageBody=json.dumps(body, sort_keys=True)
    )
