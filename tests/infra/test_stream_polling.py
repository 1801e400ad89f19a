"""Streams reach functions and buses as Lambda and Pipes deliver them: from where, cut in halves, given up, refused."""

from __future__ import annotations

import base64
import functools
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from infra.emulator import gaps
from infra.emulator.delivery import Delivery
from infra.emulator.function_runner import DeployedFunction, FunctionError, Outcome
from infra.emulator.pipe_polling import Flow, PipePolling
from infra.emulator.polling import Polling
from infra.emulator.stream_polling import Reading, StreamPolling
from infra.emulator.streams import Batch, settle

ACCOUNT, REGION = "123456789012", "us-east-1"
STREAM = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/interactions"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:count"
DEAD = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/platform"
READ = ["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]


@functools.cache
def client(service: str) -> Any:
    make: Any = boto3.client  # its stubs know services as literals only
    config = Config(account_id_endpoint_mode="disabled")
    return make(
        service, region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing", config=config
    )


@dataclass
class FakeRunner:
    """Notes what it is asked to run; fails batches that hold a certain record."""

    poison: bytes = b""
    events: list[Mapping[str, Any]] = field(default_factory=list)

    def invoke(self, function: DeployedFunction, event: Mapping[str, Any], request_id: str) -> Outcome:
        self.events.append(event)
        failed = self.poison and self.poison in texts(event)
        error = FunctionError("ValueError", "boom", "app.py:3") if failed else None
        return Outcome(result="done", error=error, logs=(), calls=())


def texts(event: Mapping[str, Any]) -> list[bytes]:
    """What the records of an event hold."""
    return [base64.b64decode(one["kinesis"]["data"]) for one in event["Records"]]


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    """A stream of one shard, a function with a role, a queue for what fails, a table with a stream, and a bus."""
    gaps.install()
    with mock_aws(config={"lambda": {"use_docker": False}, "iam": {"load_aws_managed_policies": False}}):
        client("kinesis").create_stream(StreamName="interactions", ShardCount=1)
        client("sqs").create_queue(QueueName="dead")
        client("events").create_event_bus(Name="platform")
        for role, service in (("count", "lambda"), ("changes", "pipes")):
            trust = policy({"Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"})
            client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=trust)
        grant("count", {"Action": READ, "Resource": STREAM}, {"Action": "sqs:SendMessage", "Resource": DEAD})
        client("lambda").create_function(
            FunctionName="count",
            Runtime="python3.13",
            Handler="app.handler",
            Role=f"arn:aws:iam::{ACCOUNT}:role/count",
            Code={"ZipFile": package()},
        )
        yield


def policy(*raw: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in raw]})


def grant(role: str, *raw: dict[str, Any]) -> None:
    client("iam").put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=policy(*raw))


def package() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): return event")
    return buffer.getvalue()


def map_stream(**more: Any) -> None:
    settings = {"StartingPosition": "LATEST", "BatchSize": 100, "MaximumRetryAttempts": 2} | more
    client("lambda").create_event_source_mapping(EventSourceArn=STREAM, FunctionName="count", **settings)


def put(*data: bytes) -> None:
    records = [{"Data": one, "PartitionKey": "k"} for one in data]
    client("kinesis").put_records(StreamARN=STREAM, Records=records)


def polling(runner: FakeRunner) -> StreamPolling:
    return StreamPolling(client, runner, Delivery(client, runner).function)


def read(runner: FakeRunner, *data: bytes) -> Reading:
    """The one batch that records put now become."""
    reader = polling(runner)
    put(*data)
    (reading,) = reader.poll()
    return reading


def kept() -> list[Any]:
    url = client("sqs").get_queue_url(QueueName="dead")["QueueUrl"]
    found = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(one["Body"]) for one in found]


def test_records_arrive_in_the_documented_shape() -> None:
    map_stream()
    runner = FakeRunner()
    reading = read(runner, b"one", b"two")
    assert (reading.records, reading.faults) == (2, ())
    first, second = runner.events[0]["Records"]
    assert texts(runner.events[0]) == [b"one", b"two"]
    assert first["eventID"] == f"shardId-000000000000:{first['kinesis']['sequenceNumber']}"
    assert (first["eventSource"], first["eventName"]) == ("aws:kinesis", "aws:kinesis:record")
    assert (first["eventSourceARN"], first["awsRegion"]) == (STREAM, REGION)
    assert first["invokeIdentityArn"] == f"arn:aws:iam::{ACCOUNT}:role/count"
    assert int(second["kinesis"]["sequenceNumber"]) > int(first["kinesis"]["sequenceNumber"])
    assert isinstance(first["kinesis"]["approximateArrivalTimestamp"], float)


@pytest.mark.parametrize(("position", "expected"), [("LATEST", [b"new"]), ("TRIM_HORIZON", [b"old", b"new"])])
def test_a_mapping_begins_where_it_says(position: str, expected: list[bytes]) -> None:
    map_stream(StartingPosition=position)
    put(b"old")
    runner = FakeRunner()
    read(runner, b"new")
    assert texts(runner.events[0]) == expected


def test_nothing_is_read_twice_and_batches_are_as_large_as_they_may_be() -> None:
    map_stream(BatchSize=2)
    runner = FakeRunner()
    reader = polling(runner)
    put(b"1", b"2", b"3")
    sizes = [[reading.records for reading in reader.poll()] for _ in range(3)]
    assert sizes == [[2], [1], []]


def test_two_functions_read_a_stream_each_at_its_own_pace() -> None:
    map_stream(BatchSize=1)
    map_stream(BatchSize=10)
    runner = FakeRunner()
    reader = polling(runner)
    put(b"1", b"2")
    assert sorted(reading.records for reading in reader.poll()) == [1, 2]
    assert [reading.records for reading in reader.poll()] == [1]


def test_a_bad_record_is_found_by_halves_and_the_others_are_taken() -> None:
    map_stream(BisectBatchOnFunctionError=True, DestinationConfig={"OnFailure": {"Destination": DEAD}})
    runner = FakeRunner(poison=b"bad")
    reading = read(runner, b"a", b"bad", b"c", b"d")
    taken = [text for event in runner.events for text in texts(event) if runner.poison not in texts(event)]
    assert taken == [b"a", b"c", b"d"]
    # All four; the first two; a; bad, three times; the last two.
    assert [len(texts(event)) for event in runner.events] == [4, 2, 1, 1, 1, 1, 2]
    assert reading.faults == ("function count fails 1 records: ValueError: boom (app.py:3); kept in dead",)


def test_what_was_given_up_is_told_by_its_place_and_not_by_its_content() -> None:
    map_stream(DestinationConfig={"OnFailure": {"Destination": DEAD}})
    runner = FakeRunner(poison=b"bad")
    read(runner, b"a", b"bad")
    assert len(runner.events) == 3
    (note,) = kept()
    numbers = [one["kinesis"]["sequenceNumber"] for one in runner.events[0]["Records"]]
    about = note["KinesisBatchInfo"]
    assert [about["startSequenceNumber"], about["endSequenceNumber"]] == numbers
    assert (about["shardId"], about["batchSize"], about["streamArn"]) == ("shardId-000000000000", 2, STREAM)
    assert note["requestContext"]["approximateInvokeCount"] == 3
    assert "bad" not in json.dumps(note)


def test_without_a_destination_the_records_are_lost_and_it_is_said() -> None:
    map_stream()
    reading = read(FakeRunner(poison=b"bad"), b"bad")
    assert "1 records: ValueError: boom (app.py:3); they are lost" in reading.faults[0]


def test_without_permission_to_send_the_note_is_lost_and_the_role_named() -> None:
    map_stream(DestinationConfig={"OnFailure": {"Destination": DEAD}})
    grant("count", {"Action": READ, "Resource": STREAM})
    reading = read(FakeRunner(poison=b"bad"), b"bad")
    assert "they are lost: the role of function count does not allow sqs:SendMessage" in reading.faults[0]
    assert kept() == []


def test_without_permission_to_read_the_function_is_not_called() -> None:
    map_stream()
    grant("count", {"Action": READ[:-1], "Resource": STREAM})
    runner = FakeRunner()
    reading = read(runner, b"one")
    assert f"the role of function count does not allow kinesis:ListShards on {STREAM}" in reading.faults[0]
    assert runner.events == []


def test_a_batch_can_come_twice() -> None:
    map_stream()
    runner = FakeRunner()
    reader = polling(runner)
    put(b"one")
    (first,) = reader.poll()
    (second,) = reader.repeat()
    assert first == second
    assert runner.events[0] == runner.events[1]


def test_a_mapping_that_is_off_reads_nothing() -> None:
    map_stream(Enabled=False)
    reader = polling(FakeRunner())
    put(b"one")
    assert list(reader.poll()) == []


def test_who_would_try_for_ever_is_cut_short() -> None:
    tried: list[int] = []

    def send(batch: Batch) -> str:
        tried.append(len(batch.records))
        return "no"

    (failure,) = settle(Batch(STREAM, "shard", [{}, {}]), send, retries=-1, bisect=False)
    assert (len(tried), failure.attempts) == (11, 11)


# ---- pipes ----


def make_table() -> str:
    table = client("dynamodb").create_table(
        TableName="feed",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return str(table["TableDescription"]["LatestStreamArn"])


READ_TABLE = [f"dynamodb:{action}" for action in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")]


def make_pipe(change: Callable[[dict[str, Any]], None] = lambda request: None) -> None:
    """A pipe from the table to the bus whose role allows what it needs."""
    source = make_table()
    grant(
        "changes",
        {"Action": READ_TABLE, "Resource": source},
        {"Action": "events:PutEvents", "Resource": BUS},
        {"Action": "sqs:SendMessage", "Resource": DEAD},
    )
    request: dict[str, Any] = {
        "Name": "changes",
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/changes",
        "Source": source,
        "SourceParameters": {
            "DynamoDBStreamParameters": {
                "StartingPosition": "LATEST",
                "BatchSize": 10,
                "MaximumRetryAttempts": 1,
                "OnPartialBatchItemFailure": "AUTOMATIC_BISECT",
                "DeadLetterConfig": {"Arn": DEAD},
            }
        },
        "Target": BUS,
        "TargetParameters": {"EventBridgeEventBusParameters": {"Source": "tiny.feed", "DetailType": "Feed Changed"}},
    }
    change(request)
    client("pipes").create_pipe(**request)


def write(*names: str) -> None:
    for name in names:
        client("dynamodb").put_item(TableName="feed", Item={"pk": {"S": name}, "picture": {"B": b"\x00\xff"}})


def flow(*names: str) -> tuple[list[Flow], list[Mapping[str, Any]]]:
    """What becomes of items written now, and the events on the bus."""
    client("events").put_rule(Name="all", EventBusName="platform", EventPattern='{"source": ["tiny.feed"]}')
    reader = PipePolling(client, ACCOUNT)
    with Delivery(client, FakeRunner()) as delivery:
        write(*names)
        flows = list(reader.poll())
        return flows, delivery.seen


def test_a_change_of_the_table_is_an_event_on_the_bus() -> None:
    make_pipe()
    (done,), events = flow("ann", "bob")
    assert (done.records, done.faults) == (2, ())
    assert [event["detail"]["dynamodb"]["Keys"]["pk"]["S"] for event in events] == ["ann", "bob"]
    assert {(event["source"], event["detail-type"]) for event in events} == {("tiny.feed", "Feed Changed")}
    assert events[0]["detail"]["eventName"] == "INSERT"
    assert events[0]["detail"]["dynamodb"]["NewImage"]["picture"] == {"B": "AP8="}


def test_a_filter_lets_pass_what_it_wants() -> None:
    def only_bob(request: dict[str, Any]) -> None:
        wanted = {"dynamodb": {"Keys": {"pk": {"S": ["bob"]}}}}
        request["SourceParameters"]["FilterCriteria"] = {"Filters": [{"Pattern": json.dumps(wanted)}]}

    make_pipe(only_bob)
    (done,), events = flow("ann", "bob")
    assert done.records == 1
    assert [event["detail"]["dynamodb"]["Keys"]["pk"]["S"] for event in events] == ["bob"]


@pytest.mark.parametrize("missing", ["events:PutEvents", "dynamodb:GetRecords"])
def test_a_role_that_lacks_something_stops_the_pipe(missing: str) -> None:
    make_pipe()
    document = client("iam").get_role_policy(RoleName="changes", PolicyName="p")["PolicyDocument"]
    kept_statements = [one for one in document["Statement"] if missing not in one["Action"]]
    grant("changes", *kept_statements)
    (done,), events = flow("ann")
    assert done.faults[0].startswith("the role of pipe changes does not allow ")
    assert f"{missing} on " in done.faults[0]
    assert events == []


def test_a_role_that_does_not_trust_pipes_stops_the_pipe() -> None:
    make_pipe()
    other = policy({"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    client("iam").update_assume_role_policy(RoleName="changes", PolicyDocument=other)
    (done,), events = flow("ann")
    assert "Pipes may not assume role" in done.faults[0]
    assert events == []


def test_what_the_bus_does_not_take_is_kept() -> None:
    make_pipe()
    reader = PipePolling(client, ACCOUNT)
    client("events").delete_event_bus(Name="platform")
    write("ann")
    (done,) = reader.poll()
    assert done.faults[0].endswith("kept in dead")
    ((record,),) = kept()
    assert record["dynamodb"]["Keys"]["pk"]["S"] == "ann"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"Enrichment": FUNCTION}, "an enrichment"),
        ({"Target": DEAD}, f"target {DEAD}"),
    ],
)
def test_what_the_emulator_does_not_do_is_refused_by_name(changed: dict[str, Any], named: str) -> None:
    make_pipe(lambda request: request.update(changed))
    (done,), _ = flow("ann")
    assert done.faults == (f"pipe changes has {named}, which the emulator does not do",)


def test_a_pipe_that_was_stopped_reads_nothing() -> None:
    make_pipe(lambda request: request.update(DesiredState="STOPPED"))
    assert flow("ann")[0] == []


def test_everything_comes_to_rest_and_is_told_in_order() -> None:
    map_stream(BatchSize=1)
    make_pipe()
    runner = FakeRunner()
    with Delivery(client, runner) as delivery:
        fetching = Polling(client, runner, delivery, ACCOUNT)
        put(b"1", b"2")
        write("ann")
        fetching.settle()
    assert [str(one) for one in fetching.journal] == [
        "stream/interactions -> function count: 1 records, 1 calls",
        "pipe changes: 1 records",
        "stream/interactions -> function count: 1 records, 1 calls",
    ]
