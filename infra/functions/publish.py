"""Video Cleared -> the files move to where viewers reach them, and the record says published.

Safe to call twice and to die half-way: copying again changes nothing, and the state changes last.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3

from infra.functions import metrics
from infra.functions.videos import (
    FILES,
    FRAMES,
    change,
    published_prefix,
    read,
    review_prefix,
    table,
    waits,
)

log = logging.getLogger()
log.setLevel(logging.INFO)

MODERATING = "moderating"
CLEARED_STATES = (MODERATING, "held")
COPIES_AT_ONCE = 16
ALLOWED = "allow"


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Entry point; ``event`` is "Video Cleared" of the stack's bus."""
    video_id, token = event["detail"]["videoId"], event["detail"]["uploadToken"]
    videos = table()
    record = read(videos, video_id)
    # The event only says that it is worth looking: what moderation wrote on the record decides.
    if not waits(record, token, CLEARED_STATES) or record.get("verdict") != ALLOWED:
        log.info("%s is not cleared, or published already", video_id)
        return {"video_id": video_id, "state": "unchanged"}
    copied = copy_files(video_id, token)
    values = {"state": "published", "published_at": event["time"], **published_files(record, video_id, token)}
    if not change(videos, video_id, token, CLEARED_STATES, values, verdict=ALLOWED):
        return {"video_id": video_id, "state": withdraw(copied, read(videos, video_id))}
    if record["state"] == MODERATING:
        # A video that a person had to look at says nothing about the speed of the pipeline.
        metrics.record(
            "TimeToPublish", metrics.seconds_between(record["uploaded_at"], event["time"]), "Seconds", event["time"]
        )
    return {"video_id": video_id, "state": "published", "files": str(len(copied))}


def published_files(record: Mapping[str, Any], video_id: str, token: str) -> dict[str, str]:
    """Where the files of a record are once they are copied."""
    before, after = review_prefix(video_id, token), published_prefix(video_id)
    return {name: after + record[name].removeprefix(before) for name in FILES if name in record}


def copy_files(video_id: str, token: str) -> list[str]:
    """Copy everything but the frames; returns the new keys.

    Raises:
        RuntimeError: there is nothing to copy.
    """
    s3, bucket = boto3.client("s3"), os.environ["RENDITIONS_BUCKET"]
    before, after = review_prefix(video_id, token), published_prefix(video_id)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=before)
    names = [item["Key"].removeprefix(before) for page in pages for item in page.get("Contents", [])]
    wanted = [name for name in names if not name.startswith(f"{FRAMES}/")]
    if not wanted:
        raise RuntimeError(f"there are no files under s3://{bucket}/{before}")

    def copy(name: str) -> str:
        s3.copy_object(
            Bucket=bucket,
            Key=after + name,
            CopySource={"Bucket": bucket, "Key": before + name},
            # With tags to copy, S3 would ask for permissions on tags, too.
            TaggingDirective="REPLACE",
        )
        return after + name

    with ThreadPoolExecutor(COPIES_AT_ONCE) as pool:
        return list(pool.map(copy, wanted))


def withdraw(keys: list[str], record: Mapping[str, Any]) -> str:
    """Take copies away again when the video was erased while they were made."""
    if record.get("state") != "erased":
        return "unchanged"
    s3, bucket = boto3.client("s3"), os.environ["RENDITIONS_BUCKET"]
    for key in keys:
        s3.delete_object(Bucket=bucket, Key=key)
    return "erased"
