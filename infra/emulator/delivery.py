"""EventBridge and SNS hand events to Lambda functions, as AWS does and moto does not.

moto matches events with rules, and then raises for a Lambda target. Inside the context of a :class:`Delivery` each
event is queued instead; :meth:`Delivery.drain` serves the queue in order: state and pattern of the rule, the function's
resource policy, retries after an error, dead-letter queues and who may send to them. The journal says what happened. An
event that nobody keeps is *lost*, and the journal says why. A message of an SNS topic goes the same way, with the topic
in the place of the rule.

Not emulated: waiting between retries, the age of events, InputPath beyond plain member names.

Source: EventBridge user guide ("Using dead-letter queues", "Using resource-based policies"), Lambda developer guide
("Asynchronous invocation").
"""

from __future__ import annotations

import contextlib
import json
import threading
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, Protocol

from infra.emulator import dead_letters, moto_events
from infra.emulator.dead_letters import EVENTS, Clients, name_of
from infra.emulator.function_runner import DeployedFunction, Outcome
from infra.emulator.moto_events import Event, EventRule, Notification
from infra.emulator.permissions import Request, decide, function_policy

SNS = "sns.amazonaws.com"
NOTIFICATION = "SNS Notification"
"""Detail-type under which the journal keeps a message of a topic; SNS itself gives it none."""

LAMBDA_RETRIES = 2
"""Of an asynchronous call that failed, unless configured (Lambda developer guide)."""

What = Literal["disabled", "matched", "invoked", "failed", "refused", "dead-lettered", "lost", "sent"]


@dataclass(frozen=True)
class Entry:
    """One thing that happened to an event."""

    what: What
    event: Event = field(repr=False)
    rule: EventRule
    target: str = ""
    """ARN; empty as long as only the rule is concerned."""
    attempt: int = 0
    """From 1; 0 where nothing was attempted."""
    detail: str = ""
    """Why, for people."""
    outcome: Outcome | None = None
    """Of a function."""

    def __str__(self) -> str:
        target = f" -> {self.target.rpartition(':')[2]}" if self.target else ""
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.event['detail-type']} -> rule {self.rule.name}{target} {self.what}{detail}"


class Runner(Protocol):
    """Runs functions."""

    def invoke(self, function: DeployedFunction, event: Mapping[str, Any], request_id: str) -> Outcome:
        """Run the function once."""


@dataclass(frozen=True)
class _Pending:
    """An event on its way to one target."""

    event: Event
    rule: EventRule
    target: Mapping[str, Any]
    principal: str = EVENTS
    """Service that hands the event over."""

    @property
    def sender(self) -> str:
        """For people: "rule submit", "topic spending"."""
        return f"{'topic' if self.principal == SNS else 'rule'} {self.rule.name}"

    @property
    def arn(self) -> str:
        return str(self.target["Arn"])


class Delivery:
    """Delivers the events of this process inside its context.

    Attributes:
        journal: what happened, in order.
        seen: every event that moto gave to some rule, matched or not, in the documented shape.
    """

    def __init__(
        self, clients: Clients, runner: Runner, function_dead_letters: Mapping[str, str] | None = None
    ) -> None:
        """Prepare a delivery.

        Args:
            clients: where queues, policies and functions are looked up.
            runner: runs the functions.
            function_dead_letters: function name -> ARN of its queue, as it was created: moto does not keep it.
        """
        self.journal: list[Entry] = []
        self.seen: list[Event] = []
        self._clients = clients
        self._runner = runner
        self._dead_letters = function_dead_letters or {}
        self._queue: deque[_Pending] = deque()
        self._lock = threading.Lock()
        self._last: tuple[Event, Event] | None = None
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Delivery:
        """Take events over from moto."""
        self._open.enter_context(moto_events.intercept(self.accept))
        self._open.enter_context(moto_events.intercept_notifications(self.accept_notification))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give moto its own delivery back."""
        self._open.close()

    def accept(self, rule: EventRule, event: Event) -> None:
        """Queue an event for the targets of a rule, when it matches; may be called from any thread."""
        with self._lock:
            known = self._known(event)
            if not rule.wants(known):
                return
            if not rule.enabled:
                self._note("disabled", known, rule, detail=f"rule {rule.name} matches, but it is disabled")
                return
            self._note("matched", known, rule)
            self._queue.extend(_Pending(known, rule, target) for target in rule.targets)

    def accept_notification(self, notification: Notification) -> None:
        """Queue a message of a topic for the function that subscribes; may be called from any thread."""
        _, _, _, region, account, topic = notification.topic_arn.split(":", 5)
        now = datetime.now(UTC).strftime(moto_events.TIME_FORMAT)
        event = {
            "id": notification.id,
            "detail-type": NOTIFICATION,
            "source": "aws.sns",
            "account": account,
            "region": region,
            "time": now,
            "detail": {"subject": notification.subject, "message": notification.message},
        }
        queue = notification.dead_letter_arn
        target = {
            "Arn": notification.function_arn,
            "Input": json.dumps(notification.as_event(now)),
            **({"DeadLetterConfig": {"Arn": queue}} if queue else {}),
        }
        sender = EventRule(arn=notification.topic_arn, name=topic, bus="", enabled=True, pattern={})
        with self._lock:
            self.seen.append(event)
            self._note("matched", event, sender)
            self._queue.append(_Pending(event, sender, target, SNS))

    def announce(self, event: Event, bus: str = moto_events.DEFAULT_BUS) -> None:
        """Give an event to the rules of a bus, as an AWS service does on the default one."""
        for rule in moto_events.rules(event["account"], event["region"], bus):
            self.accept(rule, event)

    def redeliver(self, event: Event, bus: str = moto_events.DEFAULT_BUS) -> None:
        """Give an event to the rules of its bus once more, as EventBridge may do at any time."""
        self.announce(event, bus)

    def drain(self) -> None:
        """Serve the queue until it is empty, including what is queued meanwhile."""
        while self._queue:
            self._deliver(self._queue.popleft())

    def function(self, arn: str) -> DeployedFunction | None:
        """A function as Lambda holds it; None when there is none of this ARN."""
        return deployed_function(self._clients("lambda"), arn, self._dead_letters)

    def _known(self, event: Event) -> Event:
        """Moto hands one event to rule after rule: the same object becomes one event here."""
        if self._last is None or self._last[0] is not event:
            made = moto_events.documented(event, len(self.seen))
            known = next((one for one in self.seen if one["id"] == made["id"]), None)
            if known is None:
                self.seen.append(made)
            self._last = (event, known or made)
        return self._last[1]

    def _deliver(self, pending: _Pending) -> None:
        if pending.arn.split(":")[2] != "lambda":
            self._hand_to_moto(pending)
            return
        function = self.function(pending.arn)
        if function is None:
            self._undeliverable(pending, f"function {pending.arn} does not exist")
            return
        request = Request("lambda:InvokeFunction", pending.arn, {"aws:SourceArn": pending.rule.arn}, pending.principal)
        decision = decide(function_policy(self._clients("lambda"), function.name), request)
        if decision.allowed:
            self._invoke(pending, function)
        else:
            why = f"{pending.sender} may not invoke function {function.name}: {decision.reason}"
            self._undeliverable(pending, why)

    def _hand_to_moto(self, pending: _Pending) -> None:
        try:
            moto_events.serve(pending.rule, pending.target, pending.event)
        except NotImplementedError:
            self._undeliverable(pending, f"the emulator cannot deliver to {pending.arn}")
        else:
            self._note("sent", pending.event, pending.rule, pending.arn)

    def _invoke(self, pending: _Pending, function: DeployedFunction) -> None:
        """Asynchronous invocation: retries after an error, then the function's own dead-letter queue."""
        event = shaped(pending.target, pending.event)
        request_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{pending.event['id']} {function.arn}"))
        why = ""
        for attempt in range(1, 2 + self._retries(function)):
            outcome = self._runner.invoke(function, event, request_id)
            why = str(outcome.error or "")
            what: What = "failed" if why else "invoked"
            self._note(what, pending.event, pending.rule, function.arn, attempt=attempt, detail=why, outcome=outcome)
            if not why:
                return
        self._keep(pending, function.dead_letter_arn, dead_letters.obstacle_of_function(self._clients, function), why)

    def _retries(self, function: DeployedFunction) -> int:
        awslambda = self._clients("lambda")
        try:
            config = awslambda.get_function_event_invoke_config(FunctionName=function.name)
        except awslambda.exceptions.ResourceNotFoundException:
            return LAMBDA_RETRIES
        return int(config.get("MaximumRetryAttempts", LAMBDA_RETRIES))

    def _undeliverable(self, pending: _Pending, why: str) -> None:
        """The event could not be handed over: the dead-letter queue of the target or subscription gets it."""
        self._note("refused", pending.event, pending.rule, pending.arn, detail=why)
        queue = dead_letters.dead_letter_arn(pending.target)
        obstacle = dead_letters.obstacle_of_target(self._clients, queue, pending.rule.arn, pending.principal)
        self._keep(pending, queue, obstacle, why)

    def _keep(self, pending: _Pending, queue: str, obstacle: str, why: str) -> None:
        """Put an event into a dead-letter queue, or note its loss."""
        if obstacle:
            self._note("lost", pending.event, pending.rule, pending.arn, detail=obstacle)
            return
        dead_letters.send(self._clients("sqs"), queue, json.dumps(pending.event), why)
        self._note("dead-lettered", pending.event, pending.rule, pending.arn, detail=f"in {name_of(queue)}: {why}")

    def _note(self, what: What, event: Event, rule: EventRule, target: str = "", **more: Any) -> None:
        self.journal.append(Entry(what, event, rule, target, **more))


def deployed_function(awslambda: Any, arn: str, queues: Mapping[str, str]) -> DeployedFunction | None:
    """A function as Lambda holds it, code included; None when there is none of this ARN.

    Args:
        awslambda: boto3 client.
        arn: the function.
        queues: function name -> ARN of its dead-letter queue, for moto does not keep it.
    """
    try:
        config = awslambda.get_function_configuration(FunctionName=arn)
    except awslambda.exceptions.ResourceNotFoundException:
        return None
    name = config["FunctionName"]
    return DeployedFunction(
        name=name,
        arn=arn,
        handler=config["Handler"],
        role_arn=config["Role"],
        region=arn.split(":")[3],
        timeout_seconds=config["Timeout"],
        memory_mib=config["MemorySize"],
        environment=config.get("Environment", {}).get("Variables", {}),
        package=moto_events.code_package(arn),
        dead_letter_arn=config.get("DeadLetterConfig", {}).get("TargetArn") or queues.get(name, ""),
    )


def shaped(target: Mapping[str, Any], event: Event) -> Any:
    """What a target gets of an event: all of it, or what its Input, InputPath or InputTransformer says."""
    if "Input" in target:
        return json.loads(target["Input"])
    if transformer := target.get("InputTransformer"):
        return moto_events.transformed(transformer, event)
    found: Any = event
    for name in target.get("InputPath", "$").split(".")[1:]:
        found = found[name]
    return found
