"""Transcribe has heard a video -> toxic speech goes on the record, and the verdict with it.

Safe to call twice: a record that is not "moderating" any more is left alone. Transcribe forgets the job at once, not
after its 90 days: it names the video.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

import boto3

from infra.functions.verdicts import CERTAIN, SPEECH_PART, UNSEEN, note, settle, strongest, upload_of
from infra.functions.videos import table

log = logging.getLogger()
log.setLevel(logging.INFO)

COMPLETED = "COMPLETED"
PERCENT = 100
LEAST_CONFIDENCE = 50
"""Below this a kind is not kept [percent], as with pictures."""


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Entry point; ``event`` is "Transcribe Job State Change" of a job that has ended."""
    name, status = event["detail"]["TranscriptionJobName"], event["detail"]["TranscriptionJobStatus"]
    transcribe = boto3.client("transcribe")
    try:
        job = transcribe.get_transcription_job(TranscriptionJobName=name)["TranscriptionJob"]
    except transcribe.exceptions.BadRequestException:
        log.info("job %s was taken before", name)
        return {"job": name, "verdict": "unchanged"}
    bucket, _, key = job["Media"]["MediaFileUri"].removeprefix("s3://").partition("/")
    video_id, token = upload_of(key)
    # What nobody could hear is not clean: a person has to.
    labels = heard(bucket, job["Transcript"]["TranscriptFileUri"]) if status == COMPLETED else {UNSEEN: CERTAIN}
    videos = table()
    waits = note(videos, video_id, token, SPEECH_PART, labels)
    reached = settle(videos, video_id, token, event["time"]) if waits else "unchanged"
    transcribe.delete_transcription_job(TranscriptionJobName=name)
    return {"video_id": video_id, "verdict": reached}


def heard(bucket: str, address: str) -> dict[str, int]:
    """Toxic speech of a transcript.

    Args:
        bucket: that the transcript was written to.
        address: of the transcript, ``https://s3.<region>.amazonaws.com/<bucket>/<key>``.
    """
    key = address.partition(f"/{bucket}/")[2]
    body = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return toxic(json.loads(body))


def toxic(transcript: Mapping[str, Any]) -> dict[str, int]:
    """Kind of toxic speech -> highest confidence, under the names that Comprehend has for text.

    Source: Transcribe developer guide, "Using toxic speech detection", example output.

    >>> piece = {"text": "...", "toxicity": 0.76, "categories": {"hate_speech": 0.82, "insult": 0.1}}
    >>> toxic({"results": {"toxicity_detection": [piece]}})
    {'HATE_SPEECH': 82}
    """
    pieces = transcript["results"].get("toxicity_detection", [])
    scores = ({kind.upper(): round(score * PERCENT) for kind, score in piece["categories"].items()} for piece in pieces)
    return {kind: percent for kind, percent in strongest(scores).items() if percent >= LEAST_CONFIDENCE}
