"""A viewer's gift in a live stream -> coins debited, diamonds credited, one entry in the ledger.

All three are one transaction, and the entry is keyed by the gift's id: an event that comes twice, or a function that
dies after the transaction, changes nothing more.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

log = logging.getLogger()
log.setLevel(logging.INFO)

CHECK_FAILED = "ConditionalCheckFailed"
ENTRY, DEBIT, CREDIT = range(3)
"""Positions in the transaction; DynamoDB gives the reasons of a refusal in the same order."""


class NotAGift(ValueError):
    """An event that no retry can turn into a gift; it goes to the dead letters."""


@dataclass(frozen=True)
class Gift:
    """One gift."""

    gift_id: str
    """Made by the app of the giver, once per tap."""
    sender_id: str
    creator_id: str
    stream_id: str
    coins: int
    """What the giver pays [coin]."""
    time: str
    """When it was given [ISO 8601]."""


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Entry point; ``event`` is a "Gift Sent" of the platform's bus."""
    gift = read_event(event)
    state = transfer(boto3.client("dynamodb"), os.environ["TABLE_NAME"], gift, diamonds(gift.coins))
    log.info("gift %s: %s", gift.gift_id, state)
    return {"gift_id": gift.gift_id, "state": state}


def read_event(event: Mapping[str, Any]) -> Gift:
    """The gift that an event tells of.

    Raises:
        NotAGift: a member is missing, or the coins are no positive whole number.
    """
    detail = event["detail"]
    names = ("giftId", "senderId", "creatorId", "streamId", "coins")
    if missing := [name for name in names if not detail.get(name)]:
        raise NotAGift(f"the event has no {', '.join(missing)}")
    coins = detail["coins"]
    if not isinstance(coins, int) or isinstance(coins, bool) or coins <= 0:
        raise NotAGift(f"coins are {coins!r}, expected a positive whole number")
    if detail["senderId"] == detail["creatorId"]:
        raise NotAGift("nobody can give to themselves")
    return Gift(
        gift_id=detail["giftId"],
        sender_id=detail["senderId"],
        creator_id=detail["creatorId"],
        stream_id=detail["streamId"],
        coins=coins,
        time=event["time"],
    )


def diamonds(coins: int) -> int:
    """What the creator gets [diamond], in whole diamonds, rounded down: never more than was paid for."""
    per_hundred_coins = int(os.environ["DIAMONDS_PER_100_COINS"])
    return coins * per_hundred_coins // 100


def transfer(dynamodb: Any, table: str, gift: Gift, credit: int) -> str:
    """Books the gift, all of it or nothing.

    Returns:
        "credited", "duplicate" when it was booked before, or "insufficient" when the giver has too few coins.
    """
    try:
        dynamodb.transact_write_items(TransactItems=transaction(table, gift, credit))
    except ClientError as error:
        reasons = [reason["Code"] for reason in error.response.get("CancellationReasons", [])]
        if not reasons:
            raise
        if reasons[ENTRY] == CHECK_FAILED:
            return "duplicate"
        if reasons[DEBIT] == CHECK_FAILED:
            return "insufficient"
        # Another gift was being booked for one of the two at the same moment: Lambda tries again.
        raise
    return "credited"


def transaction(table: str, gift: Gift, credit: int) -> list[dict[str, Any]]:
    """The three writes: entry, debit, credit."""
    entry = {
        "pk": f"GIFT#{gift.gift_id}",
        "sk": "ENTRY",
        "sender_id": gift.sender_id,
        "creator_id": gift.creator_id,
        "stream_id": gift.stream_id,
        "given_at": gift.time,
    }
    return [
        {
            "Put": {
                "TableName": table,
                "Item": {
                    **{name: {"S": value} for name, value in entry.items()},
                    "coins": {"N": str(gift.coins)},
                    "diamonds": {"N": str(credit)},
                },
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        },
        {
            "Update": {
                "TableName": table,
                "Key": balance_key(gift.sender_id),
                "UpdateExpression": "SET coins = coins - :coins",
                "ConditionExpression": "coins >= :coins",
                "ExpressionAttributeValues": {":coins": {"N": str(gift.coins)}},
            }
        },
        {
            "Update": {
                "TableName": table,
                "Key": balance_key(gift.creator_id),
                "UpdateExpression": "ADD diamonds :diamonds",
                "ExpressionAttributeValues": {":diamonds": {"N": str(credit)}},
            }
        },
    ]


def balance_key(user_id: str) -> dict[str, dict[str, str]]:
    """Primary key of a user's balance of coins and diamonds."""
    return {"pk": {"S": f"USER#{user_id}"}, "sk": {"S": "BALANCE"}}
