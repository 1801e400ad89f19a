"""Interactions from the stream -> scores of the candidates that the ranking service draws from.

Kinesis may deliver a batch again, whole or in halves. Each candidate remembers how far it has counted in each shard,
so no interaction counts twice.
"""

from __future__ import annotations

import base64
import json
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import boto3
from botocore.exceptions import ClientError

log = logging.getLogger()
log.setLevel(logging.INFO)

DAY_SECONDS = 24 * 3600
SEQUENCE_DIGITS = 64
"""Longer than any sequence number: filled up with zeros they compare as text like numbers."""
EVERYWHERE = "ALL"
"""Pool of who says no country."""


@dataclass(frozen=True)
class Interaction:
    """What a viewer did with a video."""

    video_id: str
    country: str
    kind: str
    shard: str
    sequence: str
    arrived: int
    """[Unix second]"""


@dataclass(frozen=True)
class Gain:
    """What a batch adds to one candidate."""

    country: str
    video_id: str
    shard: str
    sequence: str
    """The last one that it counts."""
    score: Decimal
    arrived: int


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """Entry point; ``event`` is a batch of Kinesis records of one shard."""
    table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
    weights = {kind: Decimal(str(weight)) for kind, weight in json.loads(os.environ["WEIGHTS"]).items()}
    keep_seconds = int(os.environ["CANDIDATE_DAYS"]) * DAY_SECONDS
    made = gains(read(event["Records"]), weights)
    counted = sum(count(table, gain, gain.arrived + keep_seconds) for gain in made)
    return {"counted": counted, "known": len(made) - counted}


def read(records: Iterable[Mapping[str, Any]]) -> Iterator[Interaction]:
    """The interactions in a batch; a record that is none is noted and left out, for it would block the shard."""
    for record in records:
        kinesis = record["kinesis"]
        try:
            said = json.loads(base64.b64decode(kinesis["data"]))
            video_id, kind = str(said["video_id"]), str(said["kind"])
        except (KeyError, TypeError, ValueError) as error:
            log.warning("record %s is no interaction: %s", kinesis["sequenceNumber"], error)
            continue
        yield Interaction(
            video_id=video_id,
            country=said.get("country") or EVERYWHERE,
            kind=kind,
            # "shardId-000000000006:49590338..." -> the shard
            shard=record["eventID"].partition(":")[0],
            sequence=kinesis["sequenceNumber"].zfill(SEQUENCE_DIGITS),
            arrived=int(kinesis["approximateArrivalTimestamp"]),
        )


def gains(interactions: Iterable[Interaction], weights: Mapping[str, Decimal]) -> list[Gain]:
    """Sum of the weights by candidate; kinds without a weight count nothing."""
    by_candidate: dict[tuple[str, str], Gain] = {}
    for one in interactions:
        before = by_candidate.get((one.country, one.video_id))
        by_candidate[one.country, one.video_id] = Gain(
            country=one.country,
            video_id=one.video_id,
            shard=one.shard,
            sequence=max(one.sequence, before.sequence if before else ""),
            score=weights.get(one.kind, Decimal(0)) + (before.score if before else 0),
            arrived=max(one.arrived, before.arrived if before else 0),
        )
    return list(by_candidate.values())


def count(table: Any, gain: Gain, expires_at: int) -> bool:
    """Adds to a candidate's score; False when it has counted this batch before."""
    try:
        table.update_item(
            Key={"pk": f"POOL#{gain.country}", "sk": f"VIDEO#{gain.video_id}"},
            UpdateExpression="SET #shard = :sequence, expires_at = :expires ADD score :score",
            ConditionExpression="attribute_not_exists(#shard) OR #shard < :sequence",
            ExpressionAttributeNames={"#shard": f"counted {gain.shard}"},
            ExpressionAttributeValues={
                ":sequence": gain.sequence,
                ":expires": expires_at,
                ":score": gain.score,
            },
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True
