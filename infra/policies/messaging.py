"""Rules for what carries messages: SQS, SNS, EventBridge, Kinesis, Firehose. Nothing that fails may vanish."""

from __future__ import annotations

from collections.abc import Iterator

from infra.policies.rule import Rulebook, must_have
from infra.policies.stack import Resource, Stack, many, open_to_anybody, principals, statements

QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
BUS = "aws:cloudwatch/eventBus:EventBus"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
SCHEDULE = "aws:scheduler/schedule:Schedule"
PIPE = "aws:pipes/pipe:Pipe"
FUNCTION = "aws:lambda/function:Function"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
STREAM = "aws:kinesis/stream:Stream"
FIREHOSE = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
REDRIVE = "aws:sqs/redrivePolicy:RedrivePolicy"
SHORTEST_RETENTION_HOURS = 168
"""Source: Security Hub, Kinesis.3, default of its parameter minimumBackupRetentionPeriod."""
SOURCE_KEYS = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid")
LETTER_INPUTS = ("redrivePolicy", "deadLetterConfig", "destinationConfig", "onFailure", "target", "sourceParameters")
"""Inputs by which a resource names its dead-letter queue."""

book = Rulebook()


@book.fsbp("SQS.1", "medium", "Queues are encrypted at rest", QUEUE)
def _encrypted_queue(queue: Resource, stack: Stack) -> Iterator[str]:
    if not queue.is_on("sqsManagedSseEnabled") and not queue.get("kmsMasterKeyId"):
        yield "neither sqsManagedSseEnabled nor kmsMasterKeyId is set"


@book.fsbp("SQS.3", "critical", "Queue policies do not open queues to everybody", QUEUE_POLICY)
def _private_queue(policy: Resource, stack: Stack) -> Iterator[str]:
    if any(map(open_to_anybody, statements(policy.get("policy"), "Allow"))):
        yield "its policy allows everybody"


@book.fsbp("SNS.4", "critical", "Topic policies do not open topics to everybody", TOPIC_POLICY)
def _private_topic(policy: Resource, stack: Stack) -> Iterator[str]:
    if any(map(open_to_anybody, statements(policy.get("policy"), "Allow"))):
        yield "its policy allows everybody"


book.hub("SNS.1", "medium", "Topics are encrypted at rest", TOPIC)(
    lambda topic, stack: [] if topic.get("kmsMasterKeyId") else ["kmsMasterKeyId is not set"]
)
book.fsbp("EventBridge.3", "low", "Event buses have a policy", BUS)(
    must_have("aws:cloudwatch/eventBusPolicy:EventBusPolicy")
)


@book.fsbp("Kinesis.1", "medium", "Streams are encrypted at rest", STREAM)
def _encrypted_stream(stream: Resource, stack: Stack) -> Iterator[str]:
    if (kind := stream.get("encryptionType", "NONE")) != "KMS":
        yield f"encryptionType is {kind}, expected KMS"


@book.fsbp("Kinesis.3", "medium", "Streams keep their records for a week", STREAM)
def _stream_kept(stream: Resource, stack: Stack) -> Iterator[str]:
    hours = int(stream.get("retentionPeriod", 24))
    if hours < SHORTEST_RETENTION_HOURS:
        yield f"retentionPeriod is {hours} hours, expected {SHORTEST_RETENTION_HOURS} or more"


@book.fsbp("DataFirehose.1", "medium", "Delivery streams are encrypted at rest", FIREHOSE)
def _encrypted_delivery(delivery: Resource, stack: Stack) -> Iterator[str]:
    # Fed by a Kinesis stream it keeps nothing itself, and the API refuses the switch: Kinesis.1 judges the stream.
    if not delivery.get("kinesisSourceConfiguration") and not delivery.is_on("serverSideEncryption.enabled"):
        yield "serverSideEncryption.enabled is not set"


@book.own("RP.4", "medium", "Every queue that is worked from has a dead letter queue", QUEUE)
def _queue_letters(queue: Resource, stack: Stack) -> Iterator[str]:
    has_one = queue.get("redrivePolicy") or stack.about(queue, REDRIVE, prop="queueUrl")
    if not has_one and not _is_dead_letter_queue(queue, stack):
        yield "it has no redrivePolicy, and it is nobody's dead-letter queue"


def _is_dead_letter_queue(queue: Resource, stack: Stack) -> bool:
    named = any(other.uses(queue.urn, prop) for other in stack.resources for prop in LETTER_INPUTS)
    return named and not stack.about(queue, MAPPING, prop="eventSourceArn")


@book.own("RP.5", "medium", "Whatever hands over events has a dead letter queue", TARGET, SCHEDULE, PIPE, FUNCTION)
def _event_letters(resource: Resource, stack: Stack) -> Iterator[str]:
    if resource.type == FUNCTION and not _called_asynchronously(resource, stack):
        return
    paths = ("deadLetterConfig", "target.deadLetterConfig")
    known = any(resource.get(path) for path in paths) or _pipe_letters(resource)
    if not known and not stack.about(resource, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"):
        yield "it has no deadLetterConfig: what fails is lost"


def _called_asynchronously(function: Resource, stack: Stack) -> bool:
    """Whether a service hands it events and does not wait for the answer."""
    callers = [permission.get("principal") for permission in stack.about(function, "aws:lambda/permission:Permission")]
    return any(str(caller).startswith(("events.", "s3.", "sns.", "scheduler.")) for caller in callers)


def _pipe_letters(resource: Resource) -> bool:
    parameters = resource.get("sourceParameters") or {}
    # A queue as the source keeps what fails; its own redrive policy is judged by RP.4.
    return "sqsQueueParameters" in parameters or any(
        (entry or {}).get("deadLetterConfig") for entry in parameters.values() if isinstance(entry, dict)
    )


@book.own("RP.6", "medium", "What a stream's reader cannot handle is set aside", MAPPING)
def _reader_letters(mapping: Resource, stack: Stack) -> Iterator[str]:
    if stack.behind(mapping, QUEUE, prop="eventSourceArn"):
        return
    if not mapping.get("destinationConfig.onFailure"):
        yield "it has no destinationConfig.onFailure: one bad record stops the shard until it expires"


@book.own(
    "RP.7",
    "medium",
    "Services act for named sources only (confused deputy)",
    QUEUE_POLICY,
    TOPIC_POLICY,
    "aws:s3/bucketPolicy:BucketPolicy",
)
def _named_sources(policy: Resource, stack: Stack) -> Iterator[str]:
    for statement in statements(policy.get("policy"), "Allow"):
        services = [value for kind, value in principals(statement) if kind == "Service"]
        if services and not _names_source(statement.get("Condition") or {}):
            yield f"{', '.join(services)} may act without aws:SourceArn or aws:SourceAccount"


def _names_source(condition: dict[str, dict[str, str]]) -> bool:
    return any(key.lower() in SOURCE_KEYS for entries in condition.values() for key in entries)


@book.own("RP.8", "medium", "Functions are called by named sources only", "aws:lambda/permission:Permission")
def _named_callers(permission: Resource, stack: Stack) -> Iterator[str]:
    services = [value for value in many(permission.get("principal")) if str(value).endswith(".amazonaws.com")]
    if services and not permission.get("sourceArn") and not permission.get("sourceAccount"):
        yield f"{', '.join(services)} may call without sourceArn"
