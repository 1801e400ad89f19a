"""Dead-letter queues: who sends to which, may they, and does a message really arrive?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.emulator.function_runner import DeployedFunction
from infra.emulator.moto_events import EventRule
from infra.emulator.permissions import Request, decide, function_policy, queue_policy, role_policy

EVENTS = "events.amazonaws.com"
SERVICES = {EVENTS: "EventBridge", "sns.amazonaws.com": "SNS"}
"""Principal -> its name, for people."""
SYNCHRONOUS = {"apigateway.amazonaws.com", "cognito-idp.amazonaws.com"}
"""Services that wait for the answer of a function. Source: Lambda developer guide, "Invoking Lambda with events from
other AWS services"."""
MOST_MESSAGES = 10
"""That one ReceiveMessage gives back."""

Clients = Callable[[str], Any]
"""Service -> boto3 client of the account and region that the queues are in."""


@dataclass(frozen=True)
class Route:
    """One sender and its dead-letter queue."""

    sender: str
    """For people: "rule submit", "function submit"."""
    queue_arn: str
    """Empty when there is none."""
    obstacle: str
    """Why the queue would not take the message; empty when it would."""


def routes(clients: Clients, rules: Iterable[EventRule], functions: Iterable[DeployedFunction]) -> Iterator[Route]:
    """Every way into a dead-letter queue: from each target of each rule, and from each function nobody waits for."""
    for rule in rules:
        for target in rule.targets:
            queue = dead_letter_arn(target)
            yield Route(f"rule {rule.name}", queue, obstacle_of_target(clients, queue, rule.arn))
    for function in functions:
        if waited_for(clients, function):
            continue
        obstacle = obstacle_of_function(clients, function)
        yield Route(f"function {function.name}", function.dead_letter_arn, obstacle)


def waited_for(clients: Clients, function: DeployedFunction) -> bool:
    """Whether all who may call a function wait for its answer, and so hear of its failures themselves."""
    callers = [
        one for statement in function_policy(clients("lambda"), function.name) for one in statement.principals or ()
    ]
    return bool(callers) and set(callers) <= SYNCHRONOUS


def dead_letter_arn(target: Mapping[str, Any]) -> str:
    """Queue of a rule's target for events that could not be handed over; empty without one."""
    return str(target.get("DeadLetterConfig", {}).get("Arn", ""))


def obstacle_of_target(clients: Clients, queue_arn: str, sender_arn: str, principal: str = EVENTS) -> str:
    """Why a service could not put an event of a rule or a topic into a dead-letter queue; empty when it can."""
    sender = _sender(sender_arn)
    queue, sqs = name_of(queue_arn), clients("sqs")
    if not queue_arn:
        return f"the target of {sender} has no dead-letter queue"
    if not (url := queue_url(sqs, queue_arn)):
        return f"dead-letter queue {queue} of {sender} does not exist"
    request = Request("sqs:SendMessage", queue_arn, {"aws:SourceArn": sender_arn}, principal)
    decision = decide(queue_policy(sqs, url), request)
    refusal = f"dead-letter queue {queue} does not let {SERVICES.get(principal, principal)} send for {sender}"
    return "" if decision.allowed else f"{refusal}: {decision.reason}"


def _sender(arn: str) -> str:
    """For people: "rule submit", "topic spending"."""
    return f"rule {arn.rpartition('/')[2]}" if ":rule/" in arn else f"topic {name_of(arn)}"


def obstacle_of_function(clients: Clients, function: DeployedFunction) -> str:
    """Why Lambda could not put an event that a function failed into its dead-letter queue; empty when it can."""
    queue_arn = function.dead_letter_arn
    if not queue_arn:
        return f"function {function.name} has no dead-letter queue"
    if not queue_url(clients("sqs"), queue_arn):
        return f"dead-letter queue {name_of(queue_arn)} of function {function.name} does not exist"
    decision = decide(role_policy(clients("iam"), function.role_arn), Request("sqs:SendMessage", queue_arn))
    refusal = f"the role of function {function.name} may not send to dead-letter queue {name_of(queue_arn)}"
    return "" if decision.allowed else f"{refusal}: {decision.reason}"


def send(sqs: Any, queue_arn: str, body: str, why: str) -> None:
    """Put a message into a dead-letter queue."""
    attributes = {"ERROR_MESSAGE": {"DataType": "String", "StringValue": why}}
    sqs.send_message(QueueUrl=queue_url(sqs, queue_arn), MessageBody=body, MessageAttributes=attributes)


def arrives(sqs: Any, queue_arn: str, body: str) -> bool:
    """Send a message, find it in the queue, and take it out again; others stay."""
    send(sqs, queue_arn, body, "probe")
    url = queue_url(sqs, queue_arn)
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=MOST_MESSAGES, VisibilityTimeout=0)
    ours = [message for message in found.get("Messages", []) if message["Body"] == body]
    for message in ours:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return bool(ours)


def waiting(sqs: Any, queue_arn: str) -> int:
    """Messages in a queue, those that somebody is reading included."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue_url(sqs, queue_arn), AttributeNames=names)["Attributes"]
    return sum(int(attributes[name]) for name in names)


def queue_url(sqs: Any, arn: str) -> str:
    """URL of a queue; empty when it does not exist."""
    try:
        return str(sqs.get_queue_url(QueueName=name_of(arn))["QueueUrl"])
    except sqs.exceptions.QueueDoesNotExist:
        return ""


def name_of(arn: str) -> str:
    """Name of a queue."""
    return arn.rpartition(":")[2]
