"""Codec Earned -> a second MediaConvert job: the same upload in a better codec, for a video that is watched a lot.

Safe to call twice: each codec of an upload is claimed once, on the record of the published video.
"""

from __future__ import annotations

import json
import logging
import os
from typing import Any

from infra.functions.job_settings import Job, Picture
from infra.functions.jobs import EARNED_PRIORITY, send_job
from infra.functions.videos import ABSENT, change_codec, read, review_prefix, table

log = logging.getLogger()
log.setLevel(logging.INFO)


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Entry point; ``event`` is "Codec Earned" of the stack's bus, its detail ``{videoId, codec}``.

    An original that has expired meanwhile ends the job in an error, and the codec as failed; the video stays as it is.
    """
    video_id, codec = event["detail"]["videoId"], event["detail"]["codec"]
    ladder = json.loads(os.environ["EARNED_LADDERS"]).get(codec)
    videos = table()
    record = read(videos, video_id)
    token = record.get("upload_token", "")
    claimed = {"state": "submitting", "earned_at": event["time"]}
    # One still in "submitting" is taken again: an earlier call died half-way.
    if not ladder or not change_codec(videos, video_id, token, codec, (ABSENT, "submitting"), claimed):
        log.info("%s of %s is made already, or never will be", codec, video_id)
        return {"video_id": video_id, "codec": codec, "state": "unchanged"}
    job_id = send_job(
        ladder,
        Job(
            source=f"s3://{os.environ['RAW_BUCKET']}/{record['source_key']}",
            destination=f"s3://{os.environ['RENDITIONS_BUCKET']}/{review_prefix(video_id, token)}{codec}/",
            picture=Picture.of_item(record["picture"]),
        ),
        f"{token}-{codec}",
        EARNED_PRIORITY,
        videoId=video_id,
        uploadToken=token,
        codec=codec,
    )
    change_codec(videos, video_id, token, codec, ("submitting",), {**claimed, "state": "transcoding", "job_id": job_id})
    return {"video_id": video_id, "codec": codec, "state": "transcoding", "job_id": job_id}
