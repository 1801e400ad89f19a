"""Account Erasure Requested -> every video of a user is erased, and what feed and user pool know of the person.

Each video is asked to be erased by an event of its own. Entries of the gift ledger and orders stay: the law wants books
kept. They name the user by the id of the pool, which names nobody once the user is gone from there and from the feed.
So do interactions until they expire. Safe to call twice and to die half-way: the user goes last.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from typing import Any

import boto3
from boto3.dynamodb.conditions import Key

from infra.functions.erase import delete_rows
from infra.functions.videos import table

log = logging.getLogger()
log.setLevel(logging.INFO)

BY_USER = "by-user"
"""Index of the table of videos."""
FEED_KEYS = {"": "pk", "by-author": "author_pk", "by-target": "target_pk"}
"""Index of the feed table, empty for the table itself -> its partition key, under which rows of a user stand."""
REQUESTED = "Erasure Requested"
ENTRIES = 10
"""The most that PutEvents takes."""


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Entry point; ``event`` is "Account Erasure Requested" of the stack's bus, its detail ``{userId}``."""
    user_id = event["detail"]["userId"]
    videos = list(videos_of(user_id))
    for start in range(0, len(videos), ENTRIES):
        request(videos[start : start + ENTRIES])
    feed = boto3.resource("dynamodb").Table(os.environ["FEED_TABLE"])
    rows = sum(delete_rows(feed, key, f"USER#{user_id}", index=index) for index, key in FEED_KEYS.items())
    known = delete_user(user_id)
    return {"user_id": user_id, "videos": str(len(videos)), "rows": str(rows), "user": "deleted" if known else "gone"}


def videos_of(user_id: str) -> Iterator[str]:
    """Ids of the videos of a user."""
    asked: dict[str, Any] = {"IndexName": BY_USER, "KeyConditionExpression": Key("user_id").eq(user_id)}
    while True:
        answer = table().query(**asked)
        yield from (item["pk"].removeprefix("VIDEO#") for item in answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def request(video_ids: Sequence[str]) -> None:
    """Ask for the erasure of up to ten videos.

    Raises:
        RuntimeError: the bus did not take all; PutEvents itself succeeds even then.
    """
    entry = {
        "EventBusName": os.environ["BUS_NAME"],
        "Source": os.environ["EVENT_SOURCE"],
        "DetailType": REQUESTED,
    }
    answer = boto3.client("events").put_events(
        Entries=[{**entry, "Detail": json.dumps({"videoId": video_id})} for video_id in video_ids]
    )
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"the bus refused {answer['FailedEntryCount']} erasures: {answer['Entries']}")


def delete_user(user_id: str) -> bool:
    """Delete the user from the pool; False when there is none any more."""
    cognito = boto3.client("cognito-idp")
    try:
        cognito.admin_delete_user(UserPoolId=os.environ["USER_POOL_ID"], Username=user_id)
    except cognito.exceptions.UserNotFoundException:
        return False
    return True
