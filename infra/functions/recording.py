"""A live stream was recorded -> MediaConvert job: from there on a recording is a video like any other.

IVS chooses where a recording lies (``ivs/v1/<account>/<channel>/...``), so it cannot be put under ``raw/`` like an
upload; its playlist is given to MediaConvert where it is.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from typing import Any

import boto3

from infra.functions import submit
from infra.functions.job_settings import Picture, UnreadableVideo

log = logging.getLogger()
log.setLevel(logging.INFO)

MS_PER_SECOND = 1000
SUMMARY = "events/recording-ended.json"
"""What IVS says of a recording when it is done; under the recording's prefix."""


@dataclass(frozen=True)
class Recording(submit.Upload):
    """One recorded stream, in the place of an upload: ``key`` is its playlist, ``etag`` the id of the recording."""

    creator_id: str = ""
    """A channel has the name of its creator."""

    @property
    def user_id(self) -> str:
        """Who streamed."""
        return self.creator_id

    @property
    def video_id(self) -> str:
        """The id of the recording, marked: no upload can take its name."""
        return f"live-{self.etag}"


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Entry point; ``event`` is an "IVS Recording State Change" of status "Recording End"."""
    prefix = event["detail"]["recording_s3_key_prefix"]
    summary = read_summary(event["detail"]["recording_s3_bucket_name"], f"{prefix}/{SUMMARY}")
    recording = read_event(event, summary)
    table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
    if not submit.claim(table, recording):
        return {"video_id": recording.video_id, "state": "duplicate"}
    try:
        seen = picture(summary)
    except UnreadableVideo as reason:
        submit.update(table, recording, state="failed", reason=str(reason))
        return {"video_id": recording.video_id, "state": "failed"}
    job_id = submit.create_job(recording, seen)
    submit.update(table, recording, state="transcoding", job_id=job_id, picture=seen.as_item())
    return {"video_id": recording.video_id, "state": "transcoding", "job_id": job_id}


def read_summary(bucket: str, key: str) -> dict[str, Any]:
    """The metadata file of a recording."""
    body = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return dict(json.loads(body))


def read_event(event: dict[str, Any], summary: dict[str, Any]) -> Recording:
    """The recording that an event tells of.

    Args:
        event: of IVS.
        summary: its metadata file.
    """
    detail = event["detail"]
    hls = summary["media"]["hls"]
    return Recording(
        bucket=detail["recording_s3_bucket_name"],
        key=f"{detail['recording_s3_key_prefix']}/{hls['path']}/{hls['playlist']}",
        etag=detail["recording_s3_key_prefix"].rsplit("/", 1)[-1],
        time=event["time"],
        creator_id=detail["channel_name"],
    )


def picture(summary: dict[str, Any]) -> Picture:
    """The largest picture of a recording.

    Raises:
        UnreadableVideo: it has no rendition: nothing was sent, or the channel broke off at once.
    """
    hls = summary["media"]["hls"]
    sizes = [(one["resolution_width"], one["resolution_height"]) for one in hls["renditions"]]
    if not sizes:
        raise UnreadableVideo("the recording has no rendition")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return Picture(width, height, has_audio=True, seconds=hls["duration_ms"] / MS_PER_SECOND)
