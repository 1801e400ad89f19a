"""Webhooks of providers, twice, late and out of order: the newest state stands, and every change is announced."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.functions import order

ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "TABLE_NAME": "orders",
    "BUS_NAME": "platform",
    "EVENT_SOURCE": "reelplan.shop",
}


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The table, the bus, and a queue that hears every event of it."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        boto3.client("dynamodb").create_table(
            TableName="orders",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
        )
        events: Any = boto3.client("events")
        events.create_event_bus(Name="platform")
        queue = boto3.client("sqs").create_queue(QueueName="heard")["QueueUrl"]
        arn = boto3.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
        events.put_rule(Name="all", EventBusName="platform", EventPattern='{"source": ["reelplan.shop"]}')
        events.put_targets(Rule="all", EventBusName="platform", Targets=[{"Id": "heard", "Arn": arn["QueueArn"]}])
        yield


def message(number: int, hour: int, **changed: Any) -> dict[str, Any]:
    about = {"id": "o1", "buyerId": "ann", "sellerId": "bob", "totalCents": 1999, "currency": "EUR"}
    webhook = {"id": f"w{number}", "occurredAt": f"2026-11-21T{hour:02}:00:00Z", "order": about | changed}
    return {"messageId": f"m{number}", "body": json.dumps(webhook)}


def handle(*messages: dict[str, Any]) -> list[str]:
    """Ids of the messages that failed."""
    answer = order.handler({"Records": list(messages)}, object())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def state() -> Any:
    item = boto3.resource("dynamodb").Table("orders").get_item(Key=order.key("o1"))["Item"]
    return item["order_state"]


def heard() -> list[str]:
    sqs: Any = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="heard")["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for one in found:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    return [json.loads(one["Body"])["detail"]["state"] for one in found]


def test_an_order_takes_its_way_and_each_step_is_announced() -> None:
    assert handle(message(1, 9, state="placed"), message(2, 10, state="paid")) == []
    assert state() == "paid"
    assert sorted(heard()) == ["paid", "placed"]


def test_a_webhook_that_comes_twice_is_announced_once() -> None:
    handle(message(1, 9, state="placed"))
    handle(message(1, 9, state="placed"))
    assert heard() == ["placed"]


def test_a_late_webhook_does_not_turn_the_order_back() -> None:
    handle(message(2, 10, state="paid"), message(1, 9, state="placed"))
    assert state() == "paid"
    assert heard() == ["paid"]


@pytest.mark.parametrize("states", [("placed", "paid"), ("paid", "placed")])
def test_of_two_changes_in_the_same_second_the_one_further_on_the_way_stands(states: tuple[str, str]) -> None:
    for number, state_ in enumerate(states):
        assert handle(message(number, 9, state=state_)) == []
    assert state() == "paid"


def test_times_are_compared_as_times_and_not_as_text() -> None:
    handle(message(1, 9, state="placed"))
    # 10:30 in India is 05:00 UTC, before 09:00 UTC, though its text is larger.
    webhook = json.loads(message(2, 9, state="paid")["body"]) | {"occurredAt": "2026-11-21T10:30:00+05:30"}
    assert handle({"messageId": "m2", "body": json.dumps(webhook)}) == []
    assert state() == "placed"


def test_a_change_that_was_not_announced_is_announced_when_the_message_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(events: Any, webhook: order.Webhook) -> None:
        raise order.Unannounced("throttled")

    with monkeypatch.context() as broken:
        broken.setattr(order, "announce", refused)
        assert handle(message(1, 9, state="placed")) == ["m1"]
    assert heard() == []
    assert handle(message(1, 9, state="placed")) == []
    assert heard() == ["placed"]


@pytest.mark.parametrize("changed", [{"state": "lost"}, {"totalCents": -1}, {"totalCents": "19.99"}, {"id": None}])
def test_only_the_bad_message_of_a_batch_fails(changed: dict[str, Any]) -> None:
    assert handle(message(1, 9, state="placed"), message(7, 10, **{"state": "paid"} | changed)) == ["m7"]
    assert state() == "placed"


def test_a_message_that_is_no_json_fails_alone() -> None:
    assert handle({"messageId": "m9", "body": "<xml/>"}, message(1, 9, state="placed")) == ["m9"]
    assert state() == "placed"
