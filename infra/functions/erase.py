"""Erasure Requested -> no trace of a video is left: original, renditions, every version, the CDN's copies, the record.

What remains is a tombstone without anything personal, so that nothing brings the video back. Safe to call twice and to
die half-way: the record keeps the address of the original until all files are gone.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Any

import boto3

from infra.functions.videos import PUBLISHED, REVIEW, read, record_key, table

log = logging.getLogger()
log.setLevel(logging.INFO)

BATCH = 1000
"""The most that DeleteObjects takes."""


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Entry point; ``event`` is "Erasure Requested" of the stack's bus, its detail ``{videoId}``."""
    video_id = event["detail"]["videoId"]
    videos = table()
    record = read(videos, video_id)
    if not record:
        log.info("%s is unknown", video_id)
        return {"video_id": video_id, "state": "unknown"}
    source = {"source_key": record["source_key"]} if "source_key" in record else {}
    tombstone = {**record_key(video_id), "state": "erased", "erased_at": record.get("erased_at", event["time"])}
    # First the record: from here on nothing publishes the video, and whatever is under way ends.
    videos.put_item(Item={**tombstone, **source})
    count = 0
    for key in source.values():
        count += delete_versions(os.environ["RAW_BUCKET"], key)
    for prefix in (REVIEW, PUBLISHED):
        count += delete_versions(os.environ["RENDITIONS_BUCKET"], f"{prefix}/{video_id}/")
    if replica := os.environ.get("REPLICA_BUCKET"):
        count += delete_versions(replica, f"{PUBLISHED}/{video_id}/", os.environ["REPLICA_REGION"])
    invalidate(video_id, event["id"])
    videos.put_item(Item=tombstone)
    return {"video_id": video_id, "state": "erased", "versions": str(count)}


def delete_versions(bucket: str, prefix: str, region: str | None = None) -> int:
    """Delete every version and delete marker of an object, or of all under a prefix that ends in a slash.

    Args:
        bucket: its name.
        prefix: of the keys.
        region: of the bucket; that of the function without it.

    Returns:
        How many there were.

    Raises:
        RuntimeError: S3 kept some.
    """
    s3 = boto3.client("s3", region_name=region)
    found = list(_versions(s3, bucket, prefix))
    for start in range(0, len(found), BATCH):
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": found[start : start + BATCH], "Quiet": True})
        if kept := answer.get("Errors"):
            raise RuntimeError(f"S3 kept {len(kept)} objects of {bucket}: {kept[0]}")
    return len(found)


def invalidate(video_id: str, request_id: str) -> None:
    """Ask CloudFront to forget the video; the same request is made only once."""
    boto3.client("cloudfront").create_invalidation(
        DistributionId=os.environ["DISTRIBUTION_ID"],
        InvalidationBatch={
            "Paths": {"Quantity": 1, "Items": [f"/{PUBLISHED}/{video_id}/*"]},
            "CallerReference": request_id,
        },
    )


def _versions(s3: Any, bucket: str, prefix: str) -> Iterator[dict[str, str]]:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for item in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
            if item["Key"] == prefix or prefix.endswith("/"):
                yield {"Key": item["Key"], "VersionId": item["VersionId"]}
