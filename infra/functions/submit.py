"""S3 "Object Created" -> probe -> MediaConvert job.

Safe to call twice with one event: the record is claimed by the upload's token, which MediaConvert is given too.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

import boto3
from botocore.exceptions import ClientError

from infra.functions.job_settings import (
    JOB_DEFINITION,
    Job,
    Picture,
    Sampling,
    UnreadableVideo,
    picture,
)
from infra.functions.jobs import UPLOAD_PRIORITY, send_job
from infra.functions.videos import CODECS, codec_attribute, record_key, review_prefix

log = logging.getLogger()
log.setLevel(logging.INFO)

TOKEN_LENGTH = 32
UNREADABLE = ("BadRequestException", "UnprocessableEntityException")
"""Errors of Probe that say something about the file: of no known format, or damaged."""


OF_ONE_UPLOAD = (
    *("job_id", "finished_at", "reason", "renditions", "hls", "dash", "mp4", "poster", "picture"),
    *("caption", "found_frames", "found_video", "found_caption", "found_speech"),
    *("verdict", "labels", "moderated_at", "published_at", "reviewed_by", "reviewed_at", "appealed_at"),
    *(codec_attribute(codec) for codec in CODECS),
)
"""What the record says of one upload, and must not say of the next one under the same name."""


@dataclass(frozen=True)
class Upload:
    """One version of one uploaded file."""

    bucket: str
    key: str
    etag: str
    time: str
    """When S3 had it [ISO 8601]."""

    @property
    def user_id(self) -> str:
        """Who uploaded: ``raw/<user>/<video>``."""
        return self.key.split("/")[1]

    @property
    def video_id(self) -> str:
        """Name of the file without its ending."""
        return self.key.rsplit("/", 1)[-1].split(".")[0]

    @property
    def url(self) -> str:
        """Address for MediaConvert."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def token(self) -> str:
        """The same for the same content under the same key, whenever the event comes."""
        return hashlib.sha256(f"{self.bucket}/{self.key}@{self.etag}".encode()).hexdigest()[:TOKEN_LENGTH]


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Entry point; ``event`` is an EventBridge event of S3."""
    upload = read_event(event)
    table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
    if not claim(table, upload):
        log.info("%s is in work or done already", upload.url)
        return {"video_id": upload.video_id, "state": "duplicate"}
    try:
        seen = probe(upload)
    except UnreadableVideo as reason:
        log.warning("%s: %s", upload.url, reason)
        update(table, upload, state="failed", reason=str(reason))
        return {"video_id": upload.video_id, "state": "failed"}
    said = caption(upload)
    job_id = create_job(upload, seen)
    update(table, upload, state="transcoding", job_id=job_id, picture=seen.as_item(), **said)
    return {"video_id": upload.video_id, "state": "transcoding", "job_id": job_id}


def read_event(event: dict[str, Any]) -> Upload:
    """The upload that an event tells of."""
    detail = event["detail"]
    return Upload(
        bucket=detail["bucket"]["name"],
        key=unquote_plus(detail["object"]["key"]),
        etag=detail["object"]["etag"].strip('"'),
        time=event["time"],
    )


def claim(table: Any, upload: Upload) -> bool:
    """Takes the upload on, unless it is past this step already.

    A record still in "submitting" is taken again: an earlier call died half-way.
    """
    try:
        table.update_item(
            Key=record_key(upload.video_id),
            UpdateExpression=(
                "SET #state = :submitting, upload_token = :token, user_id = :user, source_key = :key,"
                " uploaded_at = :time, job_definition = :definition"
                # Nothing of an earlier upload under the same name may look as if it came from this one.
                f" REMOVE {', '.join(OF_ONE_UPLOAD)}"
            ),
            # What was erased stays so, even if somebody still holds an upload form for its name.
            ConditionExpression=(
                "attribute_not_exists(pk) OR (#state <> :erased AND (upload_token <> :token OR #state = :submitting))"
            ),
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={
                ":submitting": "submitting",
                ":erased": "erased",
                ":token": upload.token,
                ":user": upload.user_id,
                ":key": upload.key,
                ":time": upload.time,
                ":definition": JOB_DEFINITION,
            },
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def probe(upload: Upload) -> Picture:
    """What MediaConvert sees in the file.

    Raises:
        UnreadableVideo: the file is not a video; any other failure of the call is raised as it is and retried.
    """
    try:
        answer = boto3.client("mediaconvert").probe(InputFiles=[{"FileUrl": upload.url}])
    except ClientError as error:
        if error.response["Error"]["Code"] in UNREADABLE:
            raise UnreadableVideo(error.response["Error"]["Message"]) from error
        raise
    return picture(answer["ProbeResults"][0])


def caption(upload: Upload) -> dict[str, str]:
    """What the author wrote about the video, as it travelled with the file; empty when there is nothing."""
    told = boto3.client("s3").head_object(Bucket=upload.bucket, Key=upload.key)["Metadata"].get("caption")
    return {"caption": base64.b64decode(told).decode(errors="replace")} if told else {}


def create_job(upload: Upload, seen: Picture) -> str:
    """Submits the job and returns its id."""
    destination = f"s3://{os.environ['RENDITIONS_BUCKET']}/{review_prefix(upload.video_id, upload.token)}"
    sampling = Sampling(**json.loads(os.environ["SAMPLING"])) if os.environ.get("SAMPLING") else None
    return send_job(
        json.loads(os.environ["LADDER"]),
        Job(source=upload.url, destination=destination, picture=seen, sampling=sampling),
        upload.token,
        UPLOAD_PRIORITY,
        videoId=upload.video_id,
        uploadToken=upload.token,
    )


def update(table: Any, upload: Upload, **values: Any) -> None:
    """Writes values to the record, as long as it still waits for this call.

    It does not when a newer upload has taken it over, or when the job ended before it could be noted here.
    """
    names = {f"#{name}": name for name in values}
    try:
        table.update_item(
            Key=record_key(upload.video_id),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
            ConditionExpression="upload_token = :token AND #state = :submitting",
            ExpressionAttributeNames=names | {"#state": "state"},
            ExpressionAttributeValues={
                ":token": upload.token,
                ":submitting": "submitting",
                **{f":{name}": value for name, value in values.items()},
            },
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        log.info("the record of %s has moved on", upload.url)
