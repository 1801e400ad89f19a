"""Video Transcoded -> everything looks that the stack asks for: cleared, held for a person, or rejected.

Frames and caption are judged at once. The whole video takes Rekognition minutes, and what is said takes Transcribe as
long: here they are only started, ``judge.py`` and ``hear.py`` take the end. Safe to call twice: a record that is not
"moderating" any more is left alone, what has been found is not paid for again, and both services know their job by the
upload's token.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

import boto3

from infra.functions.verdicts import (
    CAPTION_PART,
    FRAMES_PART,
    MODERATING,
    PENDING,
    SPEECH_PART,
    VIDEO_PART,
    attribute,
    note,
    percents,
    settle,
    strongest,
    wanted,
)
from infra.functions.videos import FRAMES, SPEECH, read, review_prefix, table, waits

log = logging.getLogger()
log.setLevel(logging.INFO)

LEAST_CONFIDENCE = 50
"""Labels below this are not asked for [percent]; Rekognition's own default."""
PERCENT = 100
LANGUAGE = "en"
"""The only language whose toxicity Comprehend knows."""
SPOKEN_LANGUAGE = "en-US"
"""The only one in which Transcribe detects toxic speech."""
SEGMENT_BYTES = 1000
"""Of one piece of text; Comprehend takes up to 1 KB."""
SEGMENTS = 10
"""Most pieces of one request."""

Record = Mapping[str, Any]


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Entry point; ``event`` is "Video Transcoded" of the stack's bus."""
    video_id, token = event["detail"]["videoId"], event["detail"]["uploadToken"]
    videos = table()
    record = read(videos, video_id)
    if not waits(record, token, MODERATING):
        log.info("%s does not wait for moderation", video_id)
        return {"video_id": video_id, "verdict": "unchanged"}
    asked = [part for part in wanted() if attribute(part) not in record]
    for part in asked:
        if part in LOOKS:
            note(videos, video_id, token, part, LOOKS[part](video_id, token, record))
    if SPEECH_PART in asked and not record["picture"]["has_audio"]:
        note(videos, video_id, token, SPEECH_PART, {})
        asked.remove(SPEECH_PART)
    reached = settle(videos, video_id, token, event["time"])
    for part in asked:
        if reached == PENDING and part in STARTS:
            STARTS[part](video_id, token, record)
    return {"video_id": video_id, "verdict": reached}


def frames(video_id: str, token: str, _record: Record) -> dict[str, int]:
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
    return percents(label for answer in answers for label in answer)


def caption(_video_id: str, _token: str, record: Record) -> dict[str, int]:
    """Toxic content of what the author wrote, each kind with its highest confidence [percent]."""
    pieces = segments(record.get("caption", ""))
    if not pieces:
        return {}
    answer = boto3.client("comprehend").detect_toxic_content(
        TextSegments=[{"Text": piece} for piece in pieces], LanguageCode=LANGUAGE
    )
    labels = (label for result in answer["ResultList"] for label in result["Labels"])
    scores = strongest({label["Name"]: round(label["Score"] * PERCENT)} for label in labels)
    # Comprehend scores every kind; what it does not believe itself would only fill the record.
    return {name: percent for name, percent in scores.items() if percent >= LEAST_CONFIDENCE}


def segments(text: str) -> list[str]:
    """Text in pieces that Comprehend takes; what is beyond its limit is longer than any caption that is let in.

    >>> segments(""), segments("abc"), [len(piece) for piece in segments("x" * 2500)]
    ([], ['abc'], [1000, 1000, 500])
    """
    data = text.encode()
    pieces = [data[start : start + SEGMENT_BYTES] for start in range(0, len(data), SEGMENT_BYTES)]
    # A letter that is cut in two is read by neither half; its piece keeps all others.
    return [piece.decode(errors="ignore") for piece in pieces[:SEGMENTS]]


LOOKS: Mapping[str, Callable[[str, str, Record], dict[str, int]]] = {FRAMES_PART: frames, CAPTION_PART: caption}
"""Parts that answer at once."""


def start_video(video_id: str, token: str, record: Record) -> None:
    """Have Rekognition look at the whole MP4; it tells the topic when it is done."""
    boto3.client("rekognition").start_content_moderation(
        Video={"S3Object": {"Bucket": os.environ["RENDITIONS_BUCKET"], "Name": record["mp4"]}},
        MinConfidence=LEAST_CONFIDENCE,
        ClientRequestToken=token,
        JobTag=token,
        NotificationChannel={
            "SNSTopicArn": os.environ["MODERATED_TOPIC"],
            "RoleArn": os.environ["MODERATED_ROLE_ARN"],
        },
    )
    log.info("Rekognition looks at %s", video_id)


def start_speech(video_id: str, token: str, record: Record) -> None:
    """Have Transcribe listen; EventBridge tells when it is done. A job that was started before goes on."""
    transcribe, bucket = boto3.client("transcribe"), os.environ["RENDITIONS_BUCKET"]
    try:
        transcribe.start_transcription_job(
            TranscriptionJobName=f"{os.environ['WORKFLOW']}-{token}",
            LanguageCode=SPOKEN_LANGUAGE,
            Media={"MediaFileUri": f"s3://{bucket}/{record['mp4']}"},
            OutputBucketName=bucket,
            OutputKey=f"{review_prefix(video_id, token)}{SPEECH}/transcript.json",
            ToxicityDetection=[{"ToxicityCategories": ["ALL"]}],
        )
    except transcribe.exceptions.ConflictException:
        log.info("Transcribe listens to %s already", video_id)


STARTS: Mapping[str, Callable[[str, str, Record], None]] = {VIDEO_PART: start_video, SPEECH_PART: start_speech}
"""Parts that answer later."""
