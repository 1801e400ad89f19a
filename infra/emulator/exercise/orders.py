"""A payment provider tells of an order: only what it has signed just now gets in, and each change is kept once."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any

from infra.emulator.exercise.causes import require_none
from infra.emulator.exercise.journey import Absent, Stopped
from infra.emulator.exercise.playback import NOW
from infra.emulator.exercise.travel import Travel
from infra.emulator.http_requests import Caller, Reply

SECRETS = "SECRETS"
"""Variable of the function that lets webhooks in: provider -> ARN of its secret."""
SECRET = b"the exercise signs with this"
OK = 200
HOUR_SECONDS = 3600
WEBHOOK = Caller(now=NOW)


def take_orders(travel: Travel) -> str:
    """Signed webhooks become one order; what is forged, old or repeated changes nothing."""
    orders = travel.table("orders")
    if not orders:
        raise Absent("the stack has no shop (shop.enabled)")
    first, *_, last = [*(providers := agree_on_secrets(travel)), *providers]
    order_id = f"{travel.run}-order"
    require_none(fault for provider in providers for fault in _forgeries_let_in(travel, provider, order_id))
    if (started := travel.item(orders, f"ORDER#{order_id}", "STATE")) or waiting(travel):
        raise Stopped(f"a refused webhook made an order: {dict(started)}, {waiting(travel)} messages wait")
    placed, paid = webhook(order_id, "placed", 0), webhook(order_id, "paid", 1)
    require_none(_answers(travel, {placed: first, paid: last}))
    travel.settle()
    # SQS may deliver a message again, long after a newer one.
    for late in (placed, paid):
        travel.client("sqs").send_message(QueueUrl=queue(travel), MessageBody=late)
        travel.settle()
    order = travel.item(orders, f"ORDER#{order_id}", "STATE")
    if order.get("order_state") != "paid":
        raise Stopped(f"the order is {json.dumps(dict(order), sort_keys=True)}, expected state paid")
    told = [
        event["detail"]["state"]
        for event in travel.delivery.seen
        if event["detail-type"] == "Order Changed" and event["detail"]["orderId"] == order_id
    ]
    if sorted(told) != ["paid", "placed"]:
        raise Stopped(f"the bus heard of {', '.join(told) or 'nothing'}, expected placed and paid, once each")
    return "placed and paid, kept and announced once each; forged, altered, old and repeated webhooks changed nothing"


def agree_on_secrets(travel: Travel) -> list[str]:
    """Write the providers' secrets, as a person does after the first deployment; the names of the providers."""
    found = [one.environment[SECRETS] for one in travel.functions() if SECRETS in one.environment]
    if not found:
        raise Stopped(f"no function of the stack has {SECRETS} in its environment: nobody takes webhooks")
    text = f"whsec_{base64.b64encode(SECRET).decode()}"
    providers = dict(json.loads(found[0]))
    for arn in providers.values():
        travel.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=text)
    return sorted(providers)


def webhook(order_id: str, state: str, hours: int) -> str:
    """What a provider says of an order, so many hours after it began."""
    about = {"id": order_id, "buyerId": "ann", "sellerId": "bob", "totalCents": 1999, "currency": "EUR"}
    message = {"id": f"{order_id}-{state}", "occurredAt": f"2026-11-02T{8 + hours:02}:00:00Z"}
    return json.dumps({**message, "order": {**about, "state": state}})


def signed(body: str, *, now: int = NOW, secret: bytes = SECRET) -> dict[str, str]:
    """Headers of a webhook. Source: Standard Webhooks specification."""
    webhook_id = json.loads(body)["id"]
    digest = hmac.digest(secret, f"{webhook_id}.{now}.{body}".encode(), "sha256")
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def send(travel: Travel, provider: str, body: str, headers: Mapping[str, str]) -> Reply:
    """Send a webhook."""
    return travel.request("POST", f"/webhooks/{provider}", WEBHOOK, body, headers)


def queue(travel: Travel) -> str:
    """URL of the queue on which webhooks wait, as the deployed function has it."""
    return next(one.environment["QUEUE_URL"] for one in travel.functions() if SECRETS in one.environment)


def waiting(travel: Travel) -> int:
    """Messages in the queue."""
    asked = {"QueueUrl": queue(travel), "AttributeNames": ["ApproximateNumberOfMessages"]}
    return int(travel.client("sqs").get_queue_attributes(**asked)["Attributes"]["ApproximateNumberOfMessages"])


def _forgeries_let_in(travel: Travel, provider: str, order_id: str) -> list[str]:
    """Webhooks that should be refused and are not."""
    body = webhook(order_id, "paid", 1)
    good = signed(body)
    forged: dict[str, tuple[str, Mapping[str, Any]]] = {
        "that nobody signed": (body, {name: good[name] for name in ("webhook-id", "webhook-timestamp")}),
        "signed with another secret": (body, signed(body, secret=b"somebody else's")),
        "whose body was changed": (body.replace("1999", "1"), good),
        "whose id was changed": (body, {**good, "webhook-id": "another"}),
        "of an hour ago": (body, signed(body, now=NOW - HOUR_SECONDS)),
        "of the future": (body, signed(body, now=NOW + HOUR_SECONDS)),
    }
    return [
        f"a webhook {what} is taken"
        for what, (text, headers) in forged.items()
        if send(travel, provider, text, headers).status == OK
    ]


def _answers(travel: Travel, bodies: Mapping[str, str]) -> list[str]:
    """Webhooks (with who sends them) that are not answered as they should: taken the first time, known the second."""
    faults = []
    for body, provider in bodies.items():
        for expected in ("accepted", "duplicate"):
            reply = send(travel, provider, body, signed(body))
            if (found := reply.body.get("state")) != expected:
                name = json.loads(body)["id"]
                faults.append(f"the webhook {name} of {provider} is answered {reply.status} {found}, not {expected}")
    if (count := waiting(travel)) != len(bodies):
        faults.append(f"{count} messages wait in the queue, expected {len(bodies)}")
    return faults
