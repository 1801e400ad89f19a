"""Rekognition has looked at a whole video -> what it found goes on the record, and the verdict with it.

Called by SNS. Safe to call twice: a record that is not "moderating" any more is left alone.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import boto3

from infra.functions.verdicts import CERTAIN, UNSEEN, VIDEO_PART, note, percents, settle, upload_of
from infra.functions.videos import table

log = logging.getLogger()
log.setLevel(logging.INFO)

SUCCEEDED = "SUCCEEDED"


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Entry point; ``event`` holds messages of the topic, each the end of one analysis."""
    return dict(judge(record["Sns"]) for record in event["Records"])


def judge(notification: Mapping[str, Any]) -> tuple[str, str]:
    """Name of the video, and its verdict.

    Args:
        notification: of SNS; its ``Message`` is what Rekognition says of the job.
    """
    message = json.loads(notification["Message"])
    video_id, token = upload_of(message["Video"]["S3ObjectName"])
    videos = table()
    # What nobody could look at is not clean: a person has to see it.
    done = message["Status"] == SUCCEEDED
    labels = percents(found(message["JobId"])) if done else {UNSEEN: CERTAIN}
    if not note(videos, video_id, token, VIDEO_PART, labels):
        log.info("%s does not wait for moderation", video_id)
        return video_id, "unchanged"
    return video_id, settle(videos, video_id, token, notification["Timestamp"])


def found(job_id: str) -> Iterator[Mapping[str, Any]]:
    """Labels of all moments of a video."""
    rekognition = boto3.client("rekognition")
    page: dict[str, str] = {}
    while True:
        answer = rekognition.get_content_moderation(JobId=job_id, **page)
        yield from (moment["ModerationLabel"] for moment in answer["ModerationLabels"])
        if not answer.get("NextToken"):
            return
        page = {"NextToken": answer["NextToken"]}
