"""Video Cleared -> the files move to where viewers reach them, and the record says published.

Codec Transcoded -> the files of a codec that a published video has earned move beside them.

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
    ALLOWED,
    EVIDENCE,
    FILES,
    change,
    change_codec,
    codec_attribute,
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
CODEC_TRANSCODED = "Codec Transcoded"


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Entry point; ``event`` is "Video Cleared" or "Codec Transcoded" of the stack's bus."""
    detail = event["detail"]
    if event["detail-type"] == CODEC_TRANSCODED:
        return publish_codec(detail["videoId"], detail["uploadToken"], detail["codec"], event["time"])
    return publish_video(detail["videoId"], detail["uploadToken"], event["time"])


def publish_video(video_id: str, token: str, time: str) -> dict[str, str]:
    """Publish what moderation has cleared."""
    videos = table()
    record = read(videos, video_id)
    # The event only says that it is worth looking: what moderation wrote on the record decides.
    if not waits(record, token, CLEARED_STATES) or record.get("verdict") != ALLOWED:
        log.info("%s is not cleared, or published already", video_id)
        return {"video_id": video_id, "state": "unchanged"}
    copied = copy_files(video_id, token)
    values = {"state": "published", "published_at": time, **published_files(record, video_id, token)}
    if not change(videos, video_id, token, CLEARED_STATES, values, verdict=ALLOWED):
        return {"video_id": video_id, "state": withdraw(copied, read(videos, video_id))}
    if record["state"] == MODERATING:
        # A video that a person had to look at says nothing about the speed of the pipeline.
        metrics.record("TimeToPublish", metrics.seconds_between(record["uploaded_at"], time), "Seconds", time)
    return {"video_id": video_id, "state": "published", "files": str(len(copied))}


def publish_codec(video_id: str, token: str, codec: str, time: str) -> dict[str, str]:
    """Publish a codec that a published video has earned: same upload, so the same verdict."""
    videos = table()
    record = read(videos, video_id)
    made = record.get(codec_attribute(codec), {})
    wanted = waits(record, token, ("published",)) and record.get("verdict") == ALLOWED
    if not wanted or made.get("state") != "transcoded":
        log.info("%s waits for no %s", video_id, codec)
        return {"video_id": video_id, "codec": codec, "state": "unchanged"}
    copied = copy_files(video_id, token, f"{codec}/")
    value = {**made, "state": "published", "published_at": time, **published_files(made, video_id, token)}
    if not change_codec(videos, video_id, token, codec, ("transcoded",), value):
        return {"video_id": video_id, "codec": codec, "state": withdraw(copied, read(videos, video_id))}
    return {"video_id": video_id, "codec": codec, "state": "published", "files": str(len(copied))}


def published_files(record: Mapping[str, Any], video_id: str, token: str) -> dict[str, str]:
    """Where the files of a record, or of one of its codecs, are once they are copied."""
    before, after = review_prefix(video_id, token), published_prefix(video_id)
    return {name: after + record[name].removeprefix(before) for name in FILES if name in record}


def copy_files(video_id: str, token: str, folder: str = "") -> list[str]:
    """Copy everything but what only moderation looks at; returns the new keys.

    Args:
        video_id: whose files.
        token: of the upload.
        folder: the part of them to copy, ending in a slash; empty for all.

    Raises:
        RuntimeError: there is nothing to copy.
    """
    s3, bucket = boto3.client("s3"), os.environ["RENDITIONS_BUCKET"]
    before, after = review_prefix(video_id, token) + folder, published_prefix(video_id) + folder
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=before)
    names = [item["Key"].removeprefix(before) for page in pages for item in page.get("Contents", [])]
    wanted = [name for name in names if name.partition("/")[0] not in EVIDENCE]
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
