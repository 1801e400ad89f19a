"""The record of a video: how it is read, how it changes, and who is told.

submitting -> transcoding -> moderating -> published | held | rejected; held -> published | rejected; rejected -> held
(appeal); failed ends a broken upload; erased ends everything. A change names the states that it may start from, so an
event that comes twice, late or out of order changes nothing.

A published video may earn better codecs, each with a state of its own beside that of the video: submitting ->
transcoding -> transcoded -> published | failed. What moderation has said of the upload holds for them, too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

REVIEW = "review"
"""First part of the keys of what waits for moderation; the CDN cannot read it."""
PUBLISHED = "v"
"""First part of the keys that the CDN reads."""
FRAMES = "frames"
"""Folder of the sampled pictures, beside the renditions that wait."""
SPEECH = "speech"
"""Folder of the transcript, in the same place."""
EVIDENCE = (FRAMES, SPEECH)
"""Folders that only moderation looks into: nothing of them is published."""
FILES = ("hls", "dash", "mp4", "poster")
"""Attributes of a record that name one file each."""
CODECS = ("hevc", "av1")
"""Codecs that a video can earn, as they stand in keys and attributes."""
ALLOWED = "allow"
"""Verdict without which nothing reaches viewers."""
ABSENT = ""
"""State of a codec that nobody has asked for yet."""


def review_prefix(video_id: str, upload_token: str) -> str:
    """Where the renditions of one upload wait. Another upload of the same name cannot slip in behind the moderator."""
    return f"{REVIEW}/{video_id}/{upload_token}/"


def published_prefix(video_id: str) -> str:
    """Where viewers find a video."""
    return f"{PUBLISHED}/{video_id}/"


def table() -> Any:
    """The table of videos."""
    return boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def record_key(video_id: str) -> dict[str, str]:
    """Primary key of a video's record."""
    return {"pk": f"VIDEO#{video_id}", "sk": "META"}


def read(videos: Any, video_id: str) -> dict[str, Any]:
    """The record as it is now; empty when there is none."""
    return dict(videos.get_item(Key=record_key(video_id), ConsistentRead=True).get("Item", {}))


def waits(record: Mapping[str, Any], upload_token: str, states: Collection[str]) -> bool:
    """Whether a record is about this upload and in one of some states."""
    return record.get("upload_token") == upload_token and record.get("state") in states


def change(
    videos: Any, video_id: str, upload_token: str, states: Collection[str], values: Mapping[str, Any], verdict: str = ""
) -> bool:
    """Write values to a record if it is about this upload, in one of some states, and judged so.

    Args:
        videos: the table.
        video_id: whose record.
        upload_token: a record that a newer upload has taken over stays as it is.
        states: that the change may start from.
        values: attribute -> value.
        verdict: that moderation must have written before; empty for any.

    Returns:
        False when the record has moved on.
    """
    condition = f"upload_token = :token AND #state IN ({', '.join(f':from{n}' for n in range(len(states)))})"
    judged = {":verdict": verdict} if verdict else {}
    try:
        videos.update_item(
            Key=record_key(video_id),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
            ConditionExpression=f"{condition} AND verdict = :verdict" if verdict else condition,
            ExpressionAttributeNames={f"#{name}": name for name in (*values, "state")},
            ExpressionAttributeValues={
                ":token": upload_token,
                **judged,
                **{f":from{number}": state for number, state in enumerate(states)},
                **{f":{name}": value for name, value in values.items()},
            },
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def codec_attribute(codec: str) -> str:
    """Attribute of the record that holds what became of a codec.

    >>> codec_attribute("hevc")
    'codec_hevc'
    """
    return f"codec_{codec}"


def change_codec(
    videos: Any, video_id: str, upload_token: str, codec: str, states: Collection[str], value: Mapping[str, Any]
) -> bool:
    """Write what became of a codec, if the video is published from this upload and the codec is in one of some states.

    Args:
        videos: the table.
        video_id: whose record.
        upload_token: a record that a newer upload has taken over stays as it is.
        codec: one of ``CODECS``.
        states: of the codec that the change may start from; ``ABSENT`` for one that was never asked for.
        value: what the attribute holds from now on, its ``state`` included.

    Returns:
        False when the record or the codec has moved on.
    """
    known = [state for state in states if state != ABSENT]
    ways = [f"#codec.#state IN ({', '.join(f':from{n}' for n in range(len(known)))})"] if known else []
    ways += ["attribute_not_exists(#codec)"] if ABSENT in states else []
    try:
        videos.update_item(
            Key=record_key(video_id),
            UpdateExpression="SET #codec = :value",
            ConditionExpression=(
                f"upload_token = :token AND #state = :published AND verdict = :allow AND ({' OR '.join(ways)})"
            ),
            ExpressionAttributeNames={"#codec": codec_attribute(codec), "#state": "state"},
            ExpressionAttributeValues={
                ":token": upload_token,
                ":published": "published",
                ":allow": ALLOWED,
                ":value": dict(value),
                **{f":from{number}": state for number, state in enumerate(known)},
            },
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def tell(what: str, video_id: str, upload_token: str, **more: str) -> None:
    """Put an event about a video on the stack's bus; ``more`` goes into its detail.

    Raises:
        RuntimeError: the bus did not take it; PutEvents itself succeeds even then.
    """
    entry = {
        "EventBusName": os.environ["BUS_NAME"],
        "Source": os.environ["EVENT_SOURCE"],
        "DetailType": what,
        "Detail": json.dumps({"videoId": video_id, "uploadToken": upload_token, **more}, sort_keys=True),
    }
    answer = boto3.client("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"the bus refused {what}: {answer['Entries'][0]}")
