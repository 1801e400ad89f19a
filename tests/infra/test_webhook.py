"""Webhooks at the door: only what a provider has signed, just now and for the first time, goes to the queue."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.functions import webhook

NOW = 1_793_613_600
SECRET = b"a secret of twenty-four."
OTHER = b"the secret before that.."
BODY = json.dumps({"id": "w1", "order": {"id": "o1"}})
ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:webhook-payment"


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The table, the queue, and the secret of one provider, which nobody has written yet."""
    with mock_aws():
        for name, value in {
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "TABLE_NAME": "orders",
        }.items():
            monkeypatch.setenv(name, value)
        boto3.client("dynamodb").create_table(
            TableName="orders",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
        )
        monkeypatch.setenv("QUEUE_URL", boto3.client("sqs").create_queue(QueueName="orders")["QueueUrl"])
        arn = boto3.client("secretsmanager").create_secret(Name="webhook-payment")["ARN"]
        monkeypatch.setenv("SECRETS", json.dumps({"payment": arn}))
        monkeypatch.setattr(webhook, "_held", {})
        yield


@pytest.fixture
def agreed(account: None) -> None:
    write_secret(SECRET)


def write_secret(secret: bytes) -> None:
    boto3.client("secretsmanager").put_secret_value(
        SecretId="webhook-payment", SecretString=f"whsec_{base64.b64encode(secret).decode()}"
    )


def signature(secret: bytes, webhook_id: str, time: int, body: str) -> str:
    digest = hmac.digest(secret, f"{webhook_id}.{time}.{body}".encode(), "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"


def request(body: str = BODY, *, time: int = NOW, secret: bytes = SECRET, **headers: str) -> dict[str, Any]:
    signed = {
        "webhook-id": "w1",
        "webhook-timestamp": str(time),
        "webhook-signature": signature(secret, "w1", time, body),
    }
    return {
        "headers": signed | {name.replace("_", "-"): value for name, value in headers.items()},
        "pathParameters": {"provider": "payment"},
        "requestContext": {"timeEpoch": NOW * 1000 + 999},
        "body": body,
        "isBase64Encoded": False,
    }


def answer(event: dict[str, Any]) -> tuple[int, str]:
    """Status, and what is said."""
    reply = webhook.handler(event, object())
    body = json.loads(reply["body"])
    return reply["statusCode"], body.get("state") or body["message"]


def queued() -> list[str]:
    sqs: Any = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
    return [one["Body"] for one in found]


def test_the_example_of_the_specification_verifies() -> None:
    # The test vector of the reference libraries of Standard Webhooks: an outside signature, not one of ours.
    message = webhook.Message(
        provider="payment",
        id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        time=1614265330,
        signatures=["v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="],
        body=b'{"test": 2432232314}',
    )
    webhook.require_signature(message, [base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")])
    with pytest.raises(webhook.Refused, match="does not verify"):
        webhook.require_signature(message, [SECRET])


@pytest.mark.usefixtures("agreed")
def test_a_signed_message_is_queued_as_it_came() -> None:
    assert answer(request()) == (200, "accepted")
    assert queued() == [BODY]


@pytest.mark.usefixtures("agreed")
def test_a_message_that_comes_again_is_known_and_not_queued_twice() -> None:
    answer(request())
    # A provider signs anew when it sends a message again, with the time of the attempt.
    assert answer(request(time=NOW + 60)) == (200, "duplicate")
    assert len(queued()) == 1


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize(("off", "status"), [(-300, 200), (300, 200), (-301, 401), (301, 401)])
def test_a_message_of_another_time_is_refused(off: int, status: int) -> None:
    assert answer(request(time=NOW + off))[0] == status
    assert len(queued()) == (status == 200)


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize(
    ("event", "status"),
    [
        (request(secret=OTHER), 401),
        (request(webhook_signature="v1,"), 401),
        (request(webhook_signature=signature(SECRET, "w1", NOW, BODY).replace("v1", "v1a")), 401),
        (request(webhook_id="w2"), 401),
        (request() | {"body": BODY.replace("o1", "o2")}, 401),
        (request(webhook_signature=""), 400),
        (request(webhook_timestamp="yesterday"), 400),
        (request(webhook_timestamp="-1"), 400),
        (request() | {"pathParameters": {"provider": "somebody"}}, 404),
        (request("x" * (256 * 1024 + 1)), 413),
    ],
)
def test_what_is_forged_or_broken_goes_no_further(event: dict[str, Any], status: int) -> None:
    assert answer(event)[0] == status
    assert queued() == []


@pytest.mark.usefixtures("agreed")
def test_one_of_several_signatures_is_enough() -> None:
    both = f"{signature(OTHER, 'w1', NOW, BODY)} {signature(SECRET, 'w1', NOW, BODY)}"
    assert answer(request(webhook_signature=both)) == (200, "accepted")


@pytest.mark.usefixtures("agreed")
def test_a_body_that_api_gateway_has_encoded_is_judged_as_it_was_sent() -> None:
    encoded = request() | {"body": base64.b64encode(BODY.encode()).decode(), "isBase64Encoded": True}
    assert answer(encoded) == (200, "accepted")
    assert queued() == [BODY]


def test_before_its_secret_is_written_a_provider_is_asked_to_come_again() -> None:
    assert answer(request()) == (503, "the secret of this provider is not written yet")
    write_secret(SECRET)
    assert answer(request()) == (200, "accepted")


def test_the_secret_before_the_last_still_signs_and_the_one_before_does_not() -> None:
    for secret in (b"the first of all secrets", OTHER, SECRET):
        write_secret(secret)
    assert answer(request(secret=OTHER))[0] == 200
    assert answer(request(secret=b"the first of all secrets", time=NOW + 1))[0] == 401


@pytest.mark.usefixtures("agreed")
def test_a_new_secret_is_known_after_five_minutes() -> None:
    answer(request())
    write_secret(b"another one")
    write_secret(OTHER)
    assert answer(request(secret=OTHER, time=NOW + 299) | at(NOW + 299))[0] == 401
    assert answer(request(secret=OTHER, time=NOW + 300) | at(NOW + 300))[0] == 200


def at(now: int) -> dict[str, Any]:
    return {"requestContext": {"timeEpoch": now * 1000}}


@pytest.mark.usefixtures("agreed")
def test_what_could_not_be_queued_is_taken_when_it_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setenv("QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/gone")
        with pytest.raises(Exception, match=r"NonExistentQueue|does not exist"):
            webhook.handler(request(), object())
    assert answer(request()) == (200, "accepted")
