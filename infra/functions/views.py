"""Views from the stream of interactions -> a count for each video, and "Codec Earned" when it is high enough.

Counted as candidates are: however often Kinesis delivers a batch, no view counts twice. The count lies beside the
video's record, since an item is written as a whole and this one is small. It expires with the original, without which
no codec can be made.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from infra.functions.candidates import DAY_SECONDS, EVERYWHERE, Gain, gains, read
from infra.functions.videos import record_key, table, tell

log = logging.getLogger()
log.setLevel(logging.INFO)

VIEW = "view"
EARNED = "Codec Earned"


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """Entry point; ``event`` is a batch of Kinesis records of one shard."""
    videos = table()
    thresholds = json.loads(os.environ["EARNED_VIEWS"])
    keep_seconds = int(os.environ["KEEP_DAYS"]) * DAY_SECONDS
    # Views of all countries count together.
    seen = (replace(one, country=EVERYWHERE) for one in read(event["Records"]) if one.kind == VIEW)
    told = 0
    made = gains(seen, {VIEW: Decimal(1)})
    for gain in made:
        item = count(videos, gain, gain.arrived + keep_seconds)
        for codec in earned(int(item["views"]), item.get("told", ()), thresholds):
            # First the event, then the note: told twice is harmless, never told is not.
            tell(EARNED, gain.video_id, "", codec=codec)
            note(videos, gain.video_id, codec)
            told += 1
    return {"videos": len(made), "told": told}


def count(videos: Any, gain: Gain, expires_at: int) -> Mapping[str, Any]:
    """Add a batch's views to a video's count, unless it has counted them before; returns the item as it is then."""
    try:
        answer = videos.update_item(
            Key=key(gain.video_id),
            UpdateExpression="SET #shard = :sequence, expires_at = :expires ADD #views :gain",
            ConditionExpression="attribute_not_exists(#shard) OR #shard < :sequence",
            ExpressionAttributeNames={"#shard": f"counted {gain.shard}", "#views": "views"},
            ExpressionAttributeValues={":sequence": gain.sequence, ":expires": expires_at, ":gain": gain.score},
            ReturnValues="ALL_NEW",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        # A call that counted may have died before it told anybody: look again.
        return dict(videos.get_item(Key=key(gain.video_id), ConsistentRead=True)["Item"])
    return dict(answer["Attributes"])


def earned(views: int, told: Collection[str], thresholds: Mapping[str, int]) -> list[str]:
    """Codecs that so many views earn and nobody was told of.

    >>> [earned(views, (), {"hevc": 100, "av1": 1000}) for views in (99, 100, 1000)]
    [[], ['hevc'], ['hevc', 'av1']]
    >>> earned(1000, {"hevc"}, {"hevc": 100, "av1": 1000})
    ['av1']
    """
    return [codec for codec, threshold in thresholds.items() if views >= threshold and codec not in told]


def note(videos: Any, video_id: str, codec: str) -> None:
    """Remember that a codec was told of."""
    videos.update_item(
        Key=key(video_id), UpdateExpression="ADD told :codec", ExpressionAttributeValues={":codec": {codec}}
    )


def key(video_id: str) -> dict[str, str]:
    """Primary key of a video's count: in the same partition as its record."""
    return {**record_key(video_id), "sk": "VIEWS"}
