"""Lambda works queues off: receives a batch, calls the function, deletes what it did not name as failed.

What failed is there again at once, until the queue's redrive policy makes it a dead letter. Not emulated: batching
windows, concurrency, filters, partial batches without ``ReportBatchItemFailures``.

Source: Lambda developer guide, "Using Lambda with Amazon SQS".
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.emulator.dead_letters import Clients
from infra.emulator.delivery import Runner
from infra.emulator.function_runner import DeployedFunction, Outcome
from infra.emulator.permissions import Request, decide, role_policy

RECEIVING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
"""What Lambda does under the function's role."""


@dataclass(frozen=True)
class Batch:
    """Messages that were handed to a function."""

    queue_arn: str
    function_arn: str
    messages: int
    outcome: Outcome | None
    """None when the function's role does not let Lambda receive."""
    failed: tuple[str, ...]
    """Ids of messages that stay in the queue."""
    needs: tuple[Request, ...] = ()
    """What Lambda did under the function's role."""
    obstacle: str = ""

    def __str__(self) -> str:
        queue, function = self.queue_arn.rpartition(":")[2], self.function_arn.rpartition(":")[2]
        said = self.obstacle or f"{self.messages} messages, {len(self.failed)} failed"
        return f"queue {queue} -> function {function}: {said}"


def poll(clients: Clients, runner: Runner, function: Callable[[str], DeployedFunction | None]) -> Iterator[Batch]:
    """One batch of each queue that a function works off and that holds messages."""
    for mapping in clients("lambda").list_event_source_mappings()["EventSourceMappings"]:
        if mapping["EventSourceArn"].split(":")[2] == "sqs" and mapping.get("State", "Enabled") == "Enabled":
            found = function(mapping["FunctionArn"])
            if found is not None:
                yield from _batch(clients, runner, mapping, found)


def _batch(clients: Clients, runner: Runner, mapping: Mapping[str, Any], function: DeployedFunction) -> Iterator[Batch]:
    sqs = clients("sqs")
    arn = mapping["EventSourceArn"]
    url = sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    if obstacle := _obstacle(clients, function, arn):
        if _waiting(sqs, url):
            yield Batch(arn, function.arn, 0, None, (), obstacle=obstacle)
        return
    messages = sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=min(mapping.get("BatchSize", 10), 10), AttributeNames=["All"]
    ).get("Messages", [])
    if not messages:
        return
    request_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{function.arn} {messages[0]['ReceiptHandle']}"))
    outcome = runner.invoke(function, {"Records": [_record(one, arn) for one in messages]}, request_id)
    failed = _failed(outcome, [one["MessageId"] for one in messages])
    for one in messages:
        if one["MessageId"] in failed:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"], VisibilityTimeout=0)
        else:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    yield Batch(arn, function.arn, len(messages), outcome, failed, _needs(arn))


def _needs(queue_arn: str) -> tuple[Request, ...]:
    return tuple(Request(action, queue_arn) for action in RECEIVING)


def _obstacle(clients: Clients, function: DeployedFunction, queue_arn: str) -> str:
    """What the function's role lacks; empty when Lambda may receive."""
    policy = role_policy(clients("iam"), function.role_arn)
    decisions = {request.action: decide(policy, request) for request in _needs(queue_arn)}
    lacking = [f"{action}: {decision.reason}" for action, decision in decisions.items() if not decision.allowed]
    return f"the role of {function.name} does not allow {'; '.join(lacking)}" if lacking else ""


def _waiting(sqs: Any, url: str) -> bool:
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"]) > 0


def _failed(outcome: Outcome, all_ids: list[str]) -> tuple[str, ...]:
    """An error fails the whole batch, an answer only what it names."""
    if outcome.error:
        return tuple(all_ids)
    named = (outcome.result or {}).get("batchItemFailures", [])
    return tuple(failure["itemIdentifier"] for failure in named)


def _record(message: Mapping[str, Any], queue_arn: str) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {},
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3],
    }
