"""Streams as their readers get them: shards of a Kinesis or DynamoDB stream, and records in the shape of Lambda.

Source: Lambda developer guide, "Using Lambda with Amazon Kinesis" and "Using Lambda with Amazon DynamoDB" (example
events).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.emulator import dead_letters
from infra.emulator.dead_letters import Clients
from infra.emulator.permissions import Request, decide, role_policy

Record = Mapping[str, Any]
KINESIS, DYNAMODB = "kinesis", "dynamodb"
READING: Mapping[str, Sequence[str]] = {
    KINESIS: ("kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"),
    DYNAMODB: ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
}
"""Service -> what a reader needs on the stream. Source: Lambda developer guide, execution role permissions; EventBridge
user guide, "Permissions for Amazon EventBridge Pipes"."""
FOR_EVER = -1
"""Retries of a reader that names none."""
PATIENCE = 10
"""Retries here of who would try for ever."""


@dataclass(frozen=True)
class Batch:
    """Records of one shard, in order."""

    stream_arn: str
    shard_id: str
    records: Sequence[Record]

    def halves(self) -> tuple[Batch, Batch]:
        """The batch cut in two."""
        middle = len(self.records) // 2
        return (
            Batch(self.stream_arn, self.shard_id, self.records[:middle]),
            Batch(self.stream_arn, self.shard_id, self.records[middle:]),
        )


@dataclass(frozen=True)
class Failure:
    """A batch that was given up."""

    batch: Batch
    error: str
    attempts: int


class Cursor:
    """How far one reader has come in each shard of a stream."""

    def __init__(self, clients: Clients, stream_arn: str, position: str) -> None:
        """Begin to read.

        Args:
            clients: where the stream is.
            stream_arn: a Kinesis stream, or the stream of a DynamoDB table.
            position: LATEST reads what comes from now on, TRIM_HORIZON all that is there.
        """
        self._arn = stream_arn
        self._service = stream_arn.split(":")[2]
        self._client = clients(KINESIS if self._service == KINESIS else "dynamodbstreams")
        # The two APIs are alike but for this name.
        self._named = {"StreamARN" if self._service == KINESIS else "StreamArn": stream_arn}
        # moto wants the stream beside the iterator that knows it; DynamoDB has no such parameter.
        self._hint = self._named if self._service == KINESIS else {}
        self._iterators = {
            shard: self._client.get_shard_iterator(**self._named, ShardId=shard, ShardIteratorType=position)[
                "ShardIterator"
            ]
            for shard in self._shards()
        }

    def read(self, limit: int) -> Iterator[Batch]:
        """At most one batch of each shard that holds something new, of ``limit`` records or less."""
        for shard, iterator in self._iterators.items():
            answer = self._client.get_records(ShardIterator=iterator, Limit=limit, **self._hint)
            self._iterators[shard] = answer["NextShardIterator"]
            if answer["Records"]:
                records = [self._documented(record, shard) for record in answer["Records"]]
                yield Batch(self._arn, shard, records)

    def _shards(self) -> list[str]:
        shards = self._client.describe_stream(**self._named)["StreamDescription"]["Shards"]
        return [shard["ShardId"] for shard in shards]

    def _documented(self, record: Mapping[str, Any], shard: str) -> Record:
        common = {"awsRegion": self._arn.split(":")[3], "eventSourceARN": self._arn}
        if self._service == DYNAMODB:
            change = dict(record["dynamodb"])
            change["ApproximateCreationDateTime"] = change["ApproximateCreationDateTime"].timestamp()
            return {**record, **common, "dynamodb": _plain(change)}
        return {
            **common,
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record["PartitionKey"],
                "sequenceNumber": record["SequenceNumber"],
                "data": base64.b64encode(record["Data"]).decode(),
                "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{shard}:{record['SequenceNumber']}",
            "eventName": "aws:kinesis:record",
        }


def needs(stream_arn: str) -> list[Request]:
    """What a reader of a stream must be allowed."""
    return [Request(action, stream_arn) for action in READING[stream_arn.split(":")[2]]]


def obstacle(clients: Clients, who: str, role_arn: str, wanted: Sequence[Request]) -> str:
    """What a role lacks of what a service wants to do under it; empty when nothing.

    Args:
        clients: where the role is.
        who: has the role, for people ("function candidates", "pipe feed-changes").
        role_arn: the role.
        wanted: what is done under it.
    """
    policy = role_policy(clients("iam"), role_arn)
    decisions = {str(request): decide(policy, request) for request in wanted}
    lacking = [f"{request}: {decision.reason}" for request, decision in decisions.items() if not decision.allowed]
    return f"the role of {who} does not allow {'; '.join(lacking)}" if lacking else ""


def settle(batch: Batch, send: Callable[[Batch], str], retries: int, bisect: bool) -> Iterator[Failure]:
    """Hand a batch over until it is taken, or given up.

    A batch that fails is cut in two where the reader wants that, down to the single record that is at fault; cutting
    does not count as a retry (Lambda developer guide, "Retain discarded batch records").

    Args:
        batch: to be handed over.
        send: takes a batch; gives the error, empty when it went well.
        retries: after the first attempt, before the records are given up; ``FOR_EVER`` is cut short here.
        bisect: whether a batch that failed is cut in two.
    """
    limit = PATIENCE if retries == FOR_EVER else retries
    error = ""
    for attempt in range(1 + limit):
        error = send(batch)
        if not error:
            return
        if bisect and len(batch.records) > 1:
            for half in batch.halves():
                yield from settle(half, send, limit - attempt, bisect)
            return
    yield Failure(batch, error, 1 + limit)


def set_aside(clients: Clients, who: str, role_arn: str, queue_arn: str, failure: Failure, body: object) -> str:
    """Put into a queue what is kept of a batch that was given up.

    Args:
        clients: where the queue is.
        who: gave it up, for people.
        role_arn: under which the message is sent.
        queue_arn: where it goes; empty when there is nowhere.
        failure: what was given up.
        body: of the message, as JSON has it.

    Returns:
        What became of the records, for people.
    """
    what = f"{who} fails {len(failure.batch.records)} records: {failure.error}"
    if not queue_arn:
        return f"{what}; they are lost: nothing says where they go"
    if lacking := obstacle(clients, who, role_arn, [Request("sqs:SendMessage", queue_arn)]):
        return f"{what}; they are lost: {lacking}"
    if not dead_letters.queue_url(clients("sqs"), queue_arn):
        return f"{what}; they are lost: queue {dead_letters.name_of(queue_arn)} does not exist"
    dead_letters.send(clients("sqs"), queue_arn, json.dumps(body), failure.error)
    return f"{what}; kept in {dead_letters.name_of(queue_arn)}"


def _plain(value: Any) -> Any:
    """Binary values as JSON has them, in Base64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
