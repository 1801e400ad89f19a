"""Events reach functions as EventBridge and Lambda deliver them: permissions, retries, dead letters, losses."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.events.models import Rule

from infra.emulator import moto_events
from infra.emulator.delivery import Delivery, Entry
from infra.emulator.function_runner import DeployedFunction, FunctionError, Outcome

ACCOUNT = "123456789012"
REGION = "us-east-1"
BUCKET = "uploads-of-a-test"
RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/submit"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:submit"
DEAD = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
PATTERN = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": [BUCKET]}}}


def client(service: str) -> Any:
    make: Any = boto3.client  # its stubs know services as literals only
    return make(service, region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")


@dataclass
class FakeRunner:
    """Notes what it is asked to run; fails the first calls."""

    failures: int = 0
    events: list[Mapping[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def invoke(self, function: DeployedFunction, event: Mapping[str, Any], request_id: str) -> Outcome:
        self.events.append(event)
        self.requests.append(request_id)
        error = FunctionError("ValueError", "boom", "app.py:3") if len(self.events) <= self.failures else None
        return Outcome(result="done", error=error, logs=(), calls=())


@pytest.fixture
def account() -> Iterator[None]:
    """A bucket whose uploads a rule sends to a function; each with its dead-letter queue."""
    with mock_aws(config={"lambda": {"use_docker": False}, "iam": {"load_aws_managed_policies": False}}):
        client("s3").create_bucket(Bucket=BUCKET)
        announce(BUCKET)
        client("iam").create_role(RoleName="submit", AssumeRolePolicyDocument=policy({"Action": "sts:AssumeRole"}))
        grant("sqs:SendMessage", DEAD)
        client("sqs").create_queue(QueueName="dead", Attributes={"Policy": queue_policy(RULE)})
        client("lambda").create_function(
            FunctionName="submit",
            Runtime="python3.13",
            Handler="app.handler",
            Role=f"arn:aws:iam::{ACCOUNT}:role/submit",
            Code={"ZipFile": package()},
            Timeout=7,
            MemorySize=256,
            Environment={"Variables": {"A": "b"}},
        )
        permit(RULE)
        client("events").put_rule(Name="submit", EventPattern=json.dumps(PATTERN))
        aim({"Id": "f", "Arn": FUNCTION, "DeadLetterConfig": {"Arn": DEAD}})
        yield


def policy(*raw: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in raw]})


def queue_policy(rule: str) -> str:
    condition = {"ArnEquals": {"aws:SourceArn": rule}}
    service = {"Service": "events.amazonaws.com"}
    return policy({"Principal": service, "Action": "sqs:SendMessage", "Resource": DEAD, "Condition": condition})


def package() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): return event")
    return buffer.getvalue()


def announce(bucket: str) -> None:
    client("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )


def grant(action: str, resource: str) -> None:
    document = policy({"Action": action, "Resource": resource})
    client("iam").put_role_policy(RoleName="submit", PolicyName="p", PolicyDocument=document)


def permit(rule: str) -> None:
    client("lambda").add_permission(
        FunctionName="submit",
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )


def aim(target: dict[str, Any]) -> None:
    client("events").put_targets(Rule="submit", Targets=[target])


def put(key: str = "raw/u/v.mp4") -> None:
    client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"hello")


def deliver(runner: FakeRunner, key: str = "raw/u/v.mp4", dead_letters: Mapping[str, str] | None = None) -> list[Entry]:
    with Delivery(client, runner, {"submit": DEAD} if dead_letters is None else dead_letters) as delivery:
        put(key)
        delivery.drain()
        return delivery.journal


def told(journal: list[Entry]) -> list[str]:
    return [entry.what for entry in journal]


def kept() -> list[Mapping[str, Any]]:
    url = client("sqs").get_queue_url(QueueName="dead")["QueueUrl"]
    return [json.loads(one["Body"]) for one in client("sqs").receive_message(QueueUrl=url).get("Messages", [])]


def test_an_upload_reaches_the_function_in_the_documented_shape(account: None) -> None:
    runner = FakeRunner()
    assert told(deliver(runner)) == ["matched", "invoked"]
    (event,) = runner.events
    assert event["detail"]["object"] == {
        "key": "raw/u/v.mp4",
        "size": 5,
        "etag": "5d41402abc4b2a76b9719d911017c592",
        "sequencer": "617f08299329d189",
    }
    assert (event["detail-type"], event["account"], event["region"]) == ("Object Created", ACCOUNT, REGION)
    assert event["time"].endswith("Z")
    assert "ingestion-time" not in event
    assert "reason" not in event["detail"]


def test_the_function_is_the_deployed_one(account: None) -> None:
    with Delivery(client, FakeRunner(), {"submit": DEAD}) as delivery:
        function = delivery.function(FUNCTION)
    assert function == DeployedFunction(
        name="submit",
        arn=FUNCTION,
        handler="app.handler",
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/submit",
        region=REGION,
        timeout_seconds=7,
        memory_mib=256,
        environment={"A": "b"},
        package=package(),
        dead_letter_arn=DEAD,
    )


def test_two_uploads_are_two_events_with_ids_of_their_own(account: None) -> None:
    runner = FakeRunner()
    with Delivery(client, runner) as delivery:
        put("raw/u/a.mp4")
        put("raw/u/b.mp4")
        delivery.drain()
    assert [event["detail"]["object"]["key"] for event in runner.events] == ["raw/u/a.mp4", "raw/u/b.mp4"]
    assert len({event["id"] for event in runner.events}) == 2


def test_an_event_that_no_pattern_wants_is_seen_and_not_delivered(account: None) -> None:
    client("s3").create_bucket(Bucket="another-bucket-of-a-test")
    announce("another-bucket-of-a-test")
    runner = FakeRunner()
    with Delivery(client, runner) as delivery:
        client("s3").put_object(Bucket="another-bucket-of-a-test", Key="k", Body=b"")
        delivery.drain()
    assert "Object Created" in [event["detail-type"] for event in delivery.seen]
    assert (delivery.journal, runner.events) == ([], [])


def test_a_disabled_rule_delivers_nothing_and_is_named(account: None) -> None:
    client("events").disable_rule(Name="submit")
    runner = FakeRunner()
    (entry,) = deliver(runner)
    assert (entry.what, entry.detail, runner.events) == ("disabled", "rule submit matches, but it is disabled", [])


def test_a_rule_with_a_schedule_waits_for_no_event(account: None) -> None:
    client("events").put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    client("events").put_targets(Rule="nightly", Targets=[{"Id": "f", "Arn": FUNCTION}])
    assert told(deliver(FakeRunner())) == ["matched", "invoked"]


def test_an_event_of_aws_is_on_the_default_bus_only(account: None) -> None:
    client("events").create_event_bus(Name="own")
    client("events").put_rule(Name="copy", EventPattern=json.dumps(PATTERN), EventBusName="own")
    client("events").put_targets(Rule="copy", EventBusName="own", Targets=[{"Id": "f", "Arn": FUNCTION}])
    assert told(deliver(FakeRunner())) == ["matched", "invoked"]


@pytest.mark.parametrize(("failures", "attempts"), [(1, 2), (2, 3)])
def test_a_failed_call_is_repeated_with_the_same_request(account: None, failures: int, attempts: int) -> None:
    runner = FakeRunner(failures)
    journal = deliver(runner)
    assert told(journal) == ["matched", *["failed"] * failures, "invoked"]
    assert journal[-1].attempt == attempts
    assert len(set(runner.requests)) == 1


def test_after_two_retries_the_functions_dead_letter_queue_gets_the_event(account: None) -> None:
    runner = FakeRunner(failures=9)
    journal = deliver(runner)
    assert told(journal) == ["matched", "failed", "failed", "failed", "dead-lettered"]
    assert journal[-1].detail == "in dead: ValueError: boom (app.py:3)"
    assert [event["id"] for event in kept()] == [runner.events[0]["id"]]


def test_the_number_of_retries_can_be_configured(account: None) -> None:
    client("lambda").put_function_event_invoke_config(FunctionName="submit", MaximumRetryAttempts=0)
    assert told(deliver(FakeRunner(failures=9))) == ["matched", "failed", "dead-lettered"]


def test_without_permission_to_send_the_event_is_lost_and_the_role_named(account: None) -> None:
    grant("sqs:SendMessage", f"{DEAD}-of-another")
    lost = deliver(FakeRunner(failures=9))[-1]
    assert lost.what == "lost"
    assert "the role of function submit may not send to dead-letter queue dead: nearest: policy p" in lost.detail
    assert kept() == []


def test_without_a_dead_letter_queue_the_event_is_lost(account: None) -> None:
    lost = deliver(FakeRunner(failures=9), dead_letters={})[-1]
    assert (lost.what, lost.detail) == ("lost", "function submit has no dead-letter queue")


def test_a_permission_for_another_rule_sends_the_event_to_the_targets_dead_letter_queue(account: None) -> None:
    client("lambda").remove_permission(FunctionName="submit", StatementId="events")
    permit(f"{RULE}-of-another")
    runner = FakeRunner()
    journal = deliver(runner)
    assert told(journal) == ["matched", "refused", "dead-lettered"]
    assert "rule submit may not invoke function submit: nearest: policy of function submit: Allow" in journal[1].detail
    assert f"condition AWS:SourceArn found {RULE}" in journal[1].detail
    assert (runner.events, len(kept())) == ([], 1)


def test_a_dead_letter_queue_that_does_not_let_eventbridge_send_loses_the_event(account: None) -> None:
    client("lambda").remove_permission(FunctionName="submit", StatementId="events")
    url = client("sqs").get_queue_url(QueueName="dead")["QueueUrl"]
    client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": queue_policy(f"{RULE}-of-another")})
    lost = deliver(FakeRunner())[-1]
    assert lost.what == "lost"
    assert "dead-letter queue dead does not let EventBridge send for rule submit" in lost.detail


def test_a_target_that_does_not_exist_is_refused(account: None) -> None:
    aim({"Id": "f", "Arn": f"{FUNCTION}-gone", "DeadLetterConfig": {"Arn": f"{DEAD}-gone"}})
    journal = deliver(FakeRunner())
    assert told(journal) == ["matched", "refused", "lost"]
    assert "does not exist" in journal[1].detail
    assert "dead-letter queue dead-gone of rule submit does not exist" in journal[2].detail


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ({"Input": '{"fixed": 1}'}, {"fixed": 1}),
        ({"InputPath": "$.detail.bucket.name"}, BUCKET),
        (
            {"InputTransformer": {"InputPathsMap": {"k": "$.detail.object.key"}, "InputTemplate": '{"key": "<k>"}'}},
            {"key": "raw/u/v.mp4"},
        ),
    ],
)
def test_a_target_gets_what_its_input_says(account: None, shape: dict[str, Any], expected: Any) -> None:
    aim({"Id": "f", "Arn": FUNCTION, **shape})
    runner = FakeRunner()
    deliver(runner)
    assert runner.events == [expected]


def test_targets_that_moto_knows_are_served_by_moto(account: None) -> None:
    aim({"Id": "f", "Arn": DEAD})
    assert told(deliver(FakeRunner())) == ["matched", "sent"]
    assert kept()[0]["detail"]["object"]["etag"] == "5d41402abc4b2a76b9719d911017c592"


def test_an_event_can_come_twice(account: None) -> None:
    runner = FakeRunner()
    with Delivery(client, runner) as delivery:
        put()
        delivery.drain()
        delivery.redeliver(runner.events[0])
        delivery.drain()
    assert runner.events[0] == runner.events[1]
    assert len([one for one in delivery.seen if one["detail-type"] == "Object Created"]) == 1


def test_moto_has_its_own_delivery_back_afterwards(account: None) -> None:
    before = Rule.send_to_targets
    with Delivery(client, FakeRunner()) as delivery:
        with pytest.raises(RuntimeError, match="intercepted already"), Delivery(client, FakeRunner()):
            pass
        assert Rule.send_to_targets is not before
    assert Rule.send_to_targets is before
    put()
    assert delivery.seen == []


def test_whether_a_bucket_announces_its_uploads(account: None) -> None:
    assert moto_events.announces(ACCOUNT, REGION, BUCKET)
    client("s3").put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={})
    assert not moto_events.announces(ACCOUNT, REGION, BUCKET)


def test_moto_still_has_the_hooks() -> None:
    assert moto_events.missing_hooks() == []
