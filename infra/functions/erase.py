"""Erasure Requested -> no trace of a video is left: files, every version of them, the CDN's copies, the record.

Files are the original or the recording, what waited, what is published, and the copies in the second region. Jobs that
still write are cancelled; what one of them leaves behind all the same is announced ("Files After Erasure") and erased
again. Beside the record its count of views goes, and in the feed what others have said about the video.

What remains is a tombstone without anything personal, so that nothing brings the video back. Safe to call twice and to
die half-way: the record keeps what is needed to find the rest until all of it is gone.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from infra.functions.videos import CODECS, PUBLISHED, REVIEW, codec_attribute, read, record_key, table

log = logging.getLogger()
log.setLevel(logging.INFO)

BATCH = 1000
"""The most that DeleteObjects takes."""
RECORDING = "/media/"
"""In the key of a recording's playlist, behind the recording's own prefix. Source: IVS user guide, "Auto-record"."""
ENDED = ("ConflictException", "NotFoundException")
"""Errors of CancelJob that say that there is nothing to cancel any more."""


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Entry point; ``event`` is "Erasure Requested" of the stack's bus, its detail ``{videoId}``."""
    video_id = event["detail"]["videoId"]
    videos = table()
    record = read(videos, video_id)
    if not record:
        log.info("%s is unknown", video_id)
        return {"video_id": video_id, "state": "unknown"}
    needed: dict[str, Any] = {name: record[name] for name in ("source_key", "jobs") if name in record}
    if jobs := jobs_of(record):
        needed["jobs"] = jobs
    tombstone = {**record_key(video_id), "state": "erased", "erased_at": record.get("erased_at", event["time"])}
    # First the record: from here on nothing publishes the video, and whatever is under way ends.
    videos.put_item(Item={**tombstone, **needed})
    for job_id in needed.get("jobs", []):
        cancel(job_id)
    count = delete_files(video_id, needed.get("source_key", ""))
    rows = delete_rows(videos, "pk", f"VIDEO#{video_id}", keep=record_key(video_id)["sk"])
    rows += delete_rows(boto3.resource("dynamodb").Table(os.environ["FEED_TABLE"]), "pk", f"VIDEO#{video_id}")
    invalidate(video_id, event["id"])
    videos.put_item(Item=tombstone)
    return {"video_id": video_id, "state": "erased", "versions": str(count), "rows": str(rows)}


def jobs_of(record: Mapping[str, Any]) -> list[str]:
    """Ids of all MediaConvert jobs that a record knows."""
    made = [record, *(record.get(codec_attribute(codec), {}) for codec in CODECS)]
    return [one["job_id"] for one in made if "job_id" in one]


def cancel(job_id: str) -> None:
    """Keep a job from writing more; one that has ended stays as it is."""
    try:
        boto3.client("mediaconvert").cancel_job(Id=job_id)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ENDED:
            raise


def delete_files(video_id: str, source_key: str) -> int:
    """Delete every version of everything that was uploaded, made or copied of a video; returns how many."""
    count = delete_versions(os.environ["RAW_BUCKET"], source_prefix(source_key)) if source_key else 0
    for prefix in (REVIEW, PUBLISHED):
        count += delete_versions(os.environ["RENDITIONS_BUCKET"], f"{prefix}/{video_id}/")
    if replica := os.environ.get("REPLICA_BUCKET"):
        count += delete_versions(replica, f"{PUBLISHED}/{video_id}/", os.environ["REPLICA_REGION"])
    return count


def source_prefix(source_key: str) -> str:
    """What of the raw bucket belongs to a video: its upload, or all of the recording that its playlist is part of.

    >>> source_prefix("raw/ann/dance.mp4")
    'raw/ann/dance.mp4'
    >>> source_prefix("ivs/v1/123456789012/AsXego4U6tnj/2026/11/21/20/12/j8Z9O91ndcVs/media/hls/master.m3u8")
    'ivs/v1/123456789012/AsXego4U6tnj/2026/11/21/20/12/j8Z9O91ndcVs/'
    """
    recording, media, _ = source_key.partition(RECORDING)
    return f"{recording}/" if media else source_key


def delete_rows(rows: Any, attribute: str, value: str, *, index: str = "", keep: str = "") -> int:
    """Delete the items of a table in which an attribute, the partition key of the table or of an index, has a value.

    Args:
        rows: the table.
        attribute: partition key.
        value: of it.
        index: whose partition key it is; empty for the table's own.
        keep: sort key of an item that stays.

    Returns:
        How many there were.
    """
    asked: dict[str, Any] = {"KeyConditionExpression": Key(attribute).eq(value), "ProjectionExpression": "pk, sk"}
    if index:
        asked["IndexName"] = index
    count = 0
    while True:
        answer = rows.query(**asked)
        found = [{"pk": item["pk"], "sk": item["sk"]} for item in answer["Items"] if item["sk"] != keep]
        for key in found:
            rows.delete_item(Key=key)
        count += len(found)
        if "LastEvaluatedKey" not in answer:
            return count
        asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


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
