"""POST /webhooks/{provider} -> the queue of orders, for messages that a provider has really signed, and lately.

Signed as "Standard Webhooks" says: HMAC-SHA256 over id, time and body, with the secret that was agreed with the
provider. Called by API Gateway (HTTP API, payload 2.0), which anybody can call: nothing of a request is believed before
the signature holds.

A message is noted after it is queued, and looked for before: what is lost between the two comes again from the
provider, and what is queued twice changes an order once (``infra/functions/order.py``).

Source: Standard Webhooks specification 1.0.0, "Webhook headers", "Verifying webhook authenticity".
"""

from __future__ import annotations

import base64
import hmac
import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import boto3

log = logging.getLogger()
log.setLevel(logging.INFO)

TOLERANCE_SECONDS = 300
"""Between the time of a message and ours, either way. Source: the specification's own libraries."""
RECEIPT_SECONDS = 24 * 3600
"""How long a message is remembered: longer than its signature is taken."""
SECRET_SECONDS = 300
"""How long a secret is kept before it is asked for again: so long a new one may be unknown."""
MOST_BYTES = 256 * 1024
"""Of one message. Source: the limit that SQS had before 2025; orders are a hundredth of it."""
SECRET_MARK = "whsec_"
STAGES = ("AWSCURRENT", "AWSPREVIOUS")
"""Both sign while a provider changes over to a new secret."""
MS_PER_SECOND = 1000
OK, BAD_REQUEST, UNAUTHORIZED, NOT_FOUND, TOO_LARGE, UNAVAILABLE = 200, 400, 401, 404, 413, 503


class Refused(Exception):
    """A request that goes no further.

    Attributes:
        status: of the answer.
    """

    def __init__(self, status: int, why: str) -> None:
        self.status = status
        super().__init__(why)


@dataclass(frozen=True)
class Message:
    """What a provider sent, before anything of it is believed."""

    provider: str
    id: str
    """Given by the provider, the same however often it sends the message."""
    time: int
    """Of this attempt [Unix second]."""
    signatures: Sequence[str]
    """"v1,<Base64>", several while a provider changes its secret."""
    body: bytes


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Entry point."""
    now = event["requestContext"]["timeEpoch"] // MS_PER_SECOND
    try:
        message = read(event)
        require_recent(message, now)
        require_signature(message, keys(message.provider, now))
        state = take(message, now)
    except Refused as why:
        log.warning("webhook refused: %s", why)
        return _answer(why.status, {"message": str(why)})
    log.info("webhook %s of %s: %s", message.id, message.provider, state)
    return _answer(OK, {"state": state})


def read(event: Mapping[str, Any]) -> Message:
    """The message in a request.

    Raises:
        Refused: a header is missing or no number, the body is no text or too large.
    """
    headers = event["headers"]
    if missing := [name for name in ("webhook-id", "webhook-timestamp", "webhook-signature") if not headers.get(name)]:
        raise Refused(BAD_REQUEST, f"the request has no {', '.join(missing)}")
    if not headers["webhook-timestamp"].isdecimal():
        raise Refused(BAD_REQUEST, "webhook-timestamp is no whole number of seconds")
    text = event.get("body") or ""
    body = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()
    if len(body) > MOST_BYTES:
        raise Refused(TOO_LARGE, f"the body has more than {MOST_BYTES} bytes")
    return Message(
        provider=event["pathParameters"]["provider"],
        id=headers["webhook-id"],
        time=int(headers["webhook-timestamp"]),
        signatures=headers["webhook-signature"].split(),
        body=body,
    )


def require_recent(message: Message, now: int) -> None:
    """Lets pass what was signed just now: who has recorded an old message cannot use it.

    Raises:
        Refused: the message is from the past or the future.
    """
    if abs(now - message.time) > TOLERANCE_SECONDS:
        raise Refused(UNAUTHORIZED, "webhook-timestamp is too far from the time of day")


def require_signature(message: Message, secrets: Sequence[bytes]) -> None:
    """Lets pass what one of the secrets has signed.

    Raises:
        Refused: none has.
    """
    content = b".".join([message.id.encode(), str(message.time).encode(), message.body])
    wanted = [b"v1," + base64.b64encode(hmac.digest(secret, content, "sha256")) for secret in secrets]
    given = [signature.encode() for signature in message.signatures]
    # A comparison takes the same time whatever is given: nobody can guess a signature byte by byte.
    if not any(hmac.compare_digest(one, other) for one in wanted for other in given):
        raise Refused(UNAUTHORIZED, "webhook-signature does not verify")


_held: dict[str, tuple[int, list[bytes]]] = {}
"""Provider -> when its secrets were fetched [Unix second], and the secrets."""


def keys(provider: str, now: int) -> list[bytes]:
    """Secrets that a provider may sign with.

    Args:
        provider: as the request names it.
        now: time of the request [Unix second].

    Raises:
        Refused: there is no such provider, or nobody has written its secret yet.
    """
    arn = json.loads(os.environ["SECRETS"]).get(provider)
    if arn is None:
        raise Refused(NOT_FOUND, "no such provider")
    fetched, found = _held.get(provider, (0, []))
    if now - fetched >= SECRET_SECONDS:
        found = [secret for secret in (_secret(arn, stage) for stage in STAGES) if secret]
        if found:
            _held[provider] = (now, found)
    if not found:
        raise Refused(UNAVAILABLE, "the secret of this provider is not written yet")
    return found


def _secret(arn: str, stage: str) -> bytes:
    """One version of a secret; empty when there is none."""
    client = boto3.client("secretsmanager")
    try:
        text = client.get_secret_value(SecretId=arn, VersionStage=stage)["SecretString"]
    except client.exceptions.ResourceNotFoundException:
        return b""
    return base64.b64decode(text.strip().removeprefix(SECRET_MARK))


def take(message: Message, now: int) -> str:
    """Queues a message that was not queued before; "accepted" or "duplicate"."""
    table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
    key = receipt_key(message)
    if table.get_item(Key=key, ConsistentRead=True).get("Item"):
        return "duplicate"
    try:
        body = message.body.decode()
    except UnicodeDecodeError:
        raise Refused(BAD_REQUEST, "the body is no text") from None
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=body)
    table.put_item(Item={**key, "received_at": now, "expires_at": now + RECEIPT_SECONDS})
    return "accepted"


def receipt_key(message: Message) -> dict[str, str]:
    """Primary key of the note that a message was queued."""
    return {"pk": f"WEBHOOK#{message.provider}#{message.id}", "sk": "RECEIPT"}


def _answer(status: int, body: Mapping[str, Any]) -> dict[str, Any]:
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body, sort_keys=True)}
