"""What moderation has found of a video, part by part, and what becomes of it when every part has spoken.

A part is one thing that looks: at the sampled frames, at the whole video, at the caption, at what is said. Some answer
at once, some much later and in any order. Each writes what it found on the record; whoever finds all parts there gives
the verdict.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import boto3

from infra.functions.videos import REVIEW, change, read, tell

log = logging.getLogger()
log.setLevel(logging.INFO)

Verdict = Literal["allow", "review", "block"]
Labels = Mapping[str, int]
"""Name -> confidence [percent]."""

FRAMES_PART, VIDEO_PART, CAPTION_PART, SPEECH_PART = "frames", "video", "caption", "speech"
CLEARED = "Video Cleared"
MODERATING = ("moderating",)
PENDING = "pending"
CERTAIN = 100
UNSEEN = "could not be analysed"
"""Stands among the labels of a part that failed: then a person has to look."""


def attribute(part: str) -> str:
    """Attribute of the record that holds what a part found.

    >>> attribute("frames")
    'found_frames'
    """
    return f"found_{part}"


def wanted() -> list[str]:
    """Parts that this stack asks for."""
    return list(json.loads(os.environ["PARTS"]))


def note(videos: Any, video_id: str, token: str, part: str, labels: Labels) -> bool:
    """Write what a part found; False when the video does not wait for moderation any more."""
    return change(videos, video_id, token, MODERATING, {attribute(part): dict(labels)})


def settle(videos: Any, video_id: str, token: str, time: str) -> str:
    """Give the verdict if every part has spoken, or one of them decides already.

    Returns:
        The verdict; "pending" as long as something is missing that could change it.
    """
    record = read(videos, video_id)
    found = [record[attribute(part)] for part in wanted() if attribute(part) in record]
    labels = strongest(labels for labels in found)
    reached = "review" if UNSEEN in labels else verdict(labels, json.loads(os.environ["THRESHOLDS"]))
    if len(found) < len(wanted()) and reached != "block":
        return PENDING
    apply(videos, video_id, token, time, reached, labels)
    return reached


def apply(videos: Any, video_id: str, token: str, time: str, reached: Verdict, labels: Labels) -> None:
    """Write a verdict on the record, and tell who has to know."""
    values = {"verdict": reached, "labels": dict(labels), "moderated_at": time}
    if reached == "review":
        ask_a_person(video_id, token, labels)
        change(videos, video_id, token, MODERATING, {"state": "held", **values})
    elif reached == "block":
        reason = f"moderation found {', '.join(sorted(labels))}"
        change(videos, video_id, token, MODERATING, {"state": "rejected", "reason": reason, **values})
    elif change(videos, video_id, token, MODERATING, values):
        tell(CLEARED, video_id, token)


def upload_of(key: str) -> tuple[str, str]:
    """Video and upload that a key below ``review/`` belongs to.

    >>> upload_of("review/dance/1a2b/dance_720p_mp4.mp4")
    ('dance', '1a2b')

    Raises:
        ValueError: it lies somewhere else.
    """
    first, video_id, token, _ = key.split("/", 3)
    if first != REVIEW:
        raise ValueError(f"{key} is not below {REVIEW}/")
    return video_id, token


def percents(labels: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Labels of Rekognition: name -> highest confidence, in whole percent rounded down.

    >>> percents([{"Name": "Violence", "Confidence": 71.9}, {"Name": "Violence", "Confidence": 60.0}])
    {'Violence': 71}
    """
    return strongest({label["Name"]: int(label["Confidence"])} for label in labels)


def strongest(found: Iterable[Labels]) -> dict[str, int]:
    """Name -> highest confidence of all.

    >>> strongest([{"Violence": 60, "INSULT": 90}, {"Violence": 71}])
    {'Violence': 71, 'INSULT': 90}
    """
    highest: dict[str, int] = {}
    for labels in found:
        for name, percent in labels.items():
            highest[name] = max(highest.get(name, 0), int(percent))
    return highest


def verdict(labels: Labels, thresholds: Mapping[str, Labels]) -> Verdict:
    """What becomes of a video with such labels; the strictest label decides.

    Args:
        labels: name -> confidence [percent]. Rekognition gives the categories above a label as labels, too.
        thresholds: category -> confidence from which it is blocked, and from which a person looks at it.

    >>> limits = {"Violence": {"block": 95, "review": 60}, "Gambling": {"review": 80}}
    >>> [verdict({"Violence": percent}, limits) for percent in (59, 60, 94, 95)]
    ['allow', 'review', 'review', 'block']
    >>> verdict({"Gambling": 99}, limits)
    'review'
    """
    reached = {
        what for name, percent in labels.items() for what, limit in thresholds.get(name, {}).items() if percent >= limit
    }
    return "block" if "block" in reached else "review" if "review" in reached else "allow"


def ask_a_person(video_id: str, token: str, labels: Labels) -> None:
    """Put a video into the queue of the reviewers."""
    body = {"videoId": video_id, "uploadToken": token, "labels": dict(labels)}
    boto3.client("sqs").send_message(
        QueueUrl=os.environ["REVIEW_QUEUE_URL"], MessageBody=json.dumps(body, sort_keys=True)
    )
