"""Webhooks of payment and shipping providers -> state of an order, and an event for everybody who wants to know.

Providers send a webhook more than once and in any order. The newest one wins, by the provider's own time, and of two at
the same time the one that is further on an order's way; an event is announced again when it is not known to have been:
whoever listens must bear hearing it twice.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

log = logging.getLogger()
log.setLevel(logging.INFO)

STATES = ("placed", "paid", "shipped", "delivered", "canceled", "refunded")
"""The way of an order. Providers' clocks often count whole seconds, in which two of these may happen."""
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""One width for all times: DynamoDB compares them as text."""


class NotAnOrder(ValueError):
    """A message that no retry can turn into an order."""


@dataclass(frozen=True)
class Webhook:
    """What a provider says of an order."""

    webhook_id: str
    time: str
    """When it happened there [ISO 8601, UTC]."""
    order_id: str
    state: str
    buyer_id: str
    seller_id: str
    total_cents: int
    currency: str


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Entry point; ``event`` is a batch of SQS. Says which messages failed; the others are deleted."""
    table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
    failures = []
    for record in event["Records"]:
        try:
            webhook = read(record["body"])
            log.info("order %s: %s", webhook.order_id, take(table, boto3.client("events"), webhook))
        except (NotAnOrder, ClientError, Unannounced) as error:
            log.warning("message %s: %s", record["messageId"], error)
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def read(body: str) -> Webhook:
    """The webhook in a message.

    Raises:
        NotAnOrder: no JSON, a member is missing, or has no meaning.
    """
    try:
        message = json.loads(body)
        order = message["order"]
        webhook = Webhook(
            webhook_id=_name(message["id"]),
            time=datetime.fromisoformat(message["occurredAt"]).astimezone(UTC).strftime(TIME_FORMAT),
            order_id=_name(order["id"]),
            state=order["state"],
            buyer_id=_name(order["buyerId"]),
            seller_id=_name(order["sellerId"]),
            total_cents=order["totalCents"],
            currency=order["currency"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotAnOrder(f"{type(error).__name__}: {error}") from error
    if webhook.state not in STATES:
        raise NotAnOrder(f"state is {webhook.state!r}, expected one of {', '.join(STATES)}")
    if not isinstance(webhook.total_cents, int) or webhook.total_cents < 0:
        raise NotAnOrder(f"totalCents is {webhook.total_cents!r}, expected a whole number")
    return webhook


def _name(value: Any) -> str:
    """An id as it is; nothing, null or a structure would make a key that belongs to nobody."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"an id is {value!r}, expected text")
    return value


def take(table: Any, events: Any, webhook: Webhook) -> str:
    """Writes the state and announces it; what it was, "changed", "duplicate" or "stale"."""
    outcome = "changed" if write(table, webhook) else ""
    if not outcome:
        held = table.get_item(Key=key(webhook.order_id), ConsistentRead=True)["Item"]
        if held["webhook_id"] != webhook.webhook_id:
            return "stale"
        if held.get("announced_id") == webhook.webhook_id:
            return "duplicate"
        outcome = "announced late"
    announce(events, webhook)
    mark_announced(table, webhook)
    return outcome


def write(table: Any, webhook: Webhook) -> bool:
    """Writes the order unless something newer stands there; whether it was written."""
    values: Mapping[str, Any] = {
        "order_state": webhook.state,
        "state_rank": STATES.index(webhook.state),
        "changed_at": webhook.time,
        "webhook_id": webhook.webhook_id,
        "buyer_id": webhook.buyer_id,
        "seller_id": webhook.seller_id,
        "total_cents": webhook.total_cents,
        "currency": webhook.currency,
    }
    try:
        table.update_item(
            Key=key(webhook.order_id),
            UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in values),
            ConditionExpression="attribute_not_exists(changed_at) OR changed_at < :changed_at"
            " OR (changed_at = :changed_at AND state_rank < :state_rank)",
            ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


class Unannounced(RuntimeError):
    """The bus did not take an event."""


def announce(events: Any, webhook: Webhook) -> None:
    """Tells the bus.

    Raises:
        Unannounced: the bus refused the event; ``put_events`` itself raises nothing then.
    """
    detail = {
        "orderId": webhook.order_id,
        "state": webhook.state,
        "buyerId": webhook.buyer_id,
        "sellerId": webhook.seller_id,
        "totalCents": webhook.total_cents,
        "currency": webhook.currency,
        "changedAt": webhook.time,
    }
    answer = events.put_events(
        Entries=[
            {
                "EventBusName": os.environ["BUS_NAME"],
                "Source": os.environ["EVENT_SOURCE"],
                "DetailType": "Order Changed",
                "Detail": json.dumps(detail),
            }
        ]
    )
    if answer["FailedEntryCount"]:
        raise Unannounced(answer["Entries"][0].get("ErrorMessage", "the bus refused the event"))


def mark_announced(table: Any, webhook: Webhook) -> None:
    """Notes that this webhook was announced; a newer one may have been written meanwhile."""
    table.update_item(
        Key=key(webhook.order_id),
        UpdateExpression="SET announced_id = :id",
        ExpressionAttributeValues={":id": webhook.webhook_id},
    )


def key(order_id: str) -> dict[str, str]:
    """Primary key of an order."""
    return {"pk": f"ORDER#{order_id}", "sk": "STATE"}
