"""Scores of candidates: summed by weight, and no interaction counts twice however often Kinesis delivers it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.functions import candidates

ARRIVED = 1_795_000_000


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "TABLE_NAME": "candidates",
        "WEIGHTS": json.dumps({"view": 1, "like": 2.5, "report": -20}),
        "CANDIDATE_DAYS": "14",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        boto3.client("dynamodb").create_table(
            TableName="candidates",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
        )
        yield


def record(number: int, kind: str, video: str = "v1", shard: str = "0", data: bytes | None = None) -> dict[str, Any]:
    said = json.dumps({"video_id": video, "kind": kind, "country": "DE"}).encode()
    return {
        "eventID": f"shardId-{shard}:{number}",
        "kinesis": {
            "data": base64.b64encode(said if data is None else data).decode(),
            "sequenceNumber": str(number),
            "approximateArrivalTimestamp": ARRIVED + 0.5,
        },
    }


def handle(*records: dict[str, Any]) -> dict[str, int]:
    return candidates.handler({"Records": list(records)}, object())


def item(video: str = "v1") -> dict[str, Any]:
    table = boto3.resource("dynamodb").Table("candidates")
    return dict(table.get_item(Key={"pk": "POOL#DE", "sk": f"VIDEO#{video}"})["Item"])


def test_weights_are_summed_by_candidate() -> None:
    assert handle(record(1, "view"), record(2, "like"), record(3, "view", "v2"), record(4, "sneeze")) == {
        "counted": 2,
        "known": 0,
    }
    assert item()["score"] == Decimal("3.5")
    # 14 days of 86,400 seconds after it arrived.
    assert item("v2")["expires_at"] == ARRIVED + 1_209_600


def test_a_batch_that_comes_again_counts_once() -> None:
    batch = [record(1, "view"), record(2, "like")]
    handle(*batch)
    assert handle(*batch) == {"counted": 0, "known": 1}
    assert item()["score"] == Decimal("3.5")


def test_halves_of_a_batch_that_was_counted_count_nothing() -> None:
    first, second = record(9, "view"), record(10, "like")
    handle(first, second)
    handle(first)
    # "10" is after "9": compared as numbers, not as text.
    handle(second)
    assert item()["score"] == Decimal("3.5")


def test_halves_of_a_batch_that_was_not_counted_count_all() -> None:
    handle(record(9, "view"))
    handle(record(10, "like"))
    assert item()["score"] == Decimal("3.5")


def test_shards_count_apart() -> None:
    handle(record(5, "view", shard="0"))
    handle(record(3, "view", shard="1"))
    assert item()["score"] == 2


def test_a_record_that_is_no_interaction_does_not_block_the_shard() -> None:
    assert handle(record(1, "view", data=b"\xff"), record(2, "view", data=b"[]"), record(3, "view"))["counted"] == 1
    assert item()["score"] == 1
