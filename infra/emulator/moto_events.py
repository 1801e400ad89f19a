"""moto's private surface that delivering events needs, all of it; and its events put into the documented shape.

moto (5.2) has no hook for targets of rules: ``Rule.send_to_targets`` is replaced while :func:`intercept` is active, and
``Subscription.publish`` of SNS while :func:`intercept_notifications` is.
:func:`missing_hooks` names what a later moto no longer has.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from moto.awslambda.models import LambdaFunction
from moto.awslambda.utils import get_backend
from moto.events.models import EventPattern, Rule, events_backends
from moto.events.utils import EventMessageType, EventTemplateParser
from moto.s3.models import NotificationConfiguration, s3_backends
from moto.sns.models import Subscription
from moto.utilities.utils import get_partition

Event = Mapping[str, Any]

DEFAULT_BUS = "default"
ARCHIVE_RULE = "Events-Archive-"
"""How the names of the rules begin that EventBridge keeps for its archives: nobody else can see to them."""
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"

S3_EVENT_ID = "17793124-05d4-b198-2fde-7ededc63b103"
"""moto gives every S3 event this id, which it took from the documentation."""


@dataclass(frozen=True)
class EventRule:
    """A rule as moto holds it."""

    arn: str
    name: str
    bus: str
    enabled: bool
    pattern: Mapping[str, Any]
    """Empty for a rule with a schedule."""
    targets: Sequence[Mapping[str, Any]] = field(default=(), repr=False)

    def wants(self, event: Event) -> bool:
        """Whether the rule, enabled or not, matches an event.

        Events of AWS services are on the default bus only, and a rule without pattern waits for its schedule; moto
        knows neither.
        """
        if not self.pattern or (self.bus != DEFAULT_BUS and str(event["source"]).startswith("aws.")):
            return False
        return matches(self.pattern, event)


@contextlib.contextmanager
def intercept(receive: Callable[[EventRule, Event], None]) -> Iterator[None]:
    """Inside, each event that moto would give to the targets of a rule goes to ``receive`` instead.

    It may be called from any thread, and before the rule's pattern is looked at. Do not raise there: moto's S3 would
    swallow the exception.

    Raises:
        RuntimeError: events are intercepted already.
    """
    if Rule.send_to_targets is not _ORIGINAL:
        raise RuntimeError("the events of this process are intercepted already")

    def send_to_targets(self: Rule, original_event: EventMessageType, transform_input: bool = True) -> None:
        rule = _view(self)
        # moto announces objects on every bus; AWS services speak on the default one only.
        if rule.bus == DEFAULT_BUS or not str(original_event["source"]).startswith("aws."):
            receive(rule, original_event)

    Rule.send_to_targets = send_to_targets  # type: ignore[method-assign]  # moto has no hook for targets
    try:
        yield
    finally:
        Rule.send_to_targets = _ORIGINAL  # type: ignore[method-assign]  # moto's own again


@dataclass(frozen=True)
class Notification:
    """A message of an SNS topic on its way to a function."""

    id: str
    topic_arn: str
    subscription_arn: str
    function_arn: str
    dead_letter_arn: str
    """Of the subscription; empty without one."""
    message: str
    subject: str | None

    def as_event(self, time: str) -> Mapping[str, Any]:
        """What Lambda hands to the function. Source: Lambda developer guide, "Using Lambda with Amazon SNS"."""
        notification: dict[str, Any] = {
            "Type": "Notification",
            "MessageId": self.id,
            "TopicArn": self.topic_arn,
            "Subject": self.subject,
            "Message": self.message,
            "Timestamp": time,
            "MessageAttributes": {},
        }
        record = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": self.subscription_arn}
        return {"Records": [{**record, "Sns": notification}]}


@contextlib.contextmanager
def intercept_notifications(receive: Callable[[Notification], None]) -> Iterator[None]:
    """Inside, what SNS would give to a function goes to ``receive`` instead; queues and the rest stay moto's.

    moto runs the function itself, in a container or not at all, and with a constant event.
    """

    def publish(self: Subscription, message: str, message_id: str, *args: Any, **more: Any) -> None:
        if self.protocol != "lambda":
            _ORIGINAL_PUBLISH(self, message, message_id, *args, **more)
            return
        matcher = self._filter_policy_matcher
        if matcher is not None and not matcher.matches(more.get("message_attributes"), message):
            return
        redrive = json.loads(self.attributes.get("RedrivePolicy") or "{}")
        receive(
            Notification(
                id=message_id,
                topic_arn=self.topic.arn,
                subscription_arn=self.arn,
                function_arn=self.endpoint,
                dead_letter_arn=redrive.get("deadLetterTargetArn", ""),
                message=message,
                subject=more.get("subject"),
            )
        )

    Subscription.publish = publish  # type: ignore[method-assign]  # moto has no hook for subscriptions
    try:
        yield
    finally:
        Subscription.publish = _ORIGINAL_PUBLISH  # type: ignore[method-assign]  # moto's own again


def serve(rule: EventRule, target: Mapping[str, Any], event: Event) -> None:
    """Let moto serve a target that it knows: a queue, a log group, a bus, an archive.

    Raises:
        NotImplementedError: moto does not know targets of this kind.
    """
    _, _, _, region, account, _ = rule.arn.split(":", 5)
    original = events_backends[account][region].event_buses[rule.bus].rules[rule.name]
    single = copy.copy(original)
    single.targets = [dict(target)]
    message = copy.deepcopy(dict(event)) | {"time": _seconds(event["time"]), "ingestion-time": _seconds(event["time"])}
    _ORIGINAL(single, cast(EventMessageType, message), transform_input="InputTransformer" in target)


def rules(account: str, region: str, bus: str = DEFAULT_BUS) -> list[EventRule]:
    """Rules of a bus, by name."""
    found = events_backends[account][region].event_buses[bus].rules
    return [_view(found[name]) for name in sorted(found)]


def all_rules(account: str, region: str) -> list[EventRule]:
    """Rules of every bus that a stack makes, by bus and name; those of the default bus first."""
    buses = events_backends[account][region].event_buses
    names = sorted(buses, key=lambda name: (name != DEFAULT_BUS, name))
    found = ((name, rule) for name in names for rule in sorted(buses[name].rules))
    return [_view(buses[name].rules[rule]) for name, rule in found if not rule.startswith(ARCHIVE_RULE)]


def matches(pattern: Mapping[str, Any], event: Event) -> bool:
    """Whether an event satisfies a pattern, as moto judges it."""
    return EventPattern(None, dict(pattern)).matches_event(cast(EventMessageType, event))


def transformed(transformer: Mapping[str, Any], event: Event) -> Any:
    """What a target with an InputTransformer gets."""
    whole = cast(EventMessageType, {**event, "ingestion-time": event["time"]})
    return EventTemplateParser.parse(transformer["InputTemplate"], transformer.get("InputPathsMap", {}), whole)


def code_package(function_arn: str) -> bytes:
    """The zip that Lambda holds, which its API only gives an address of."""
    _, _, _, region, account, *_ = function_arn.split(":")
    held: LambdaFunction = get_backend(account, region).get_function(function_arn)
    return bytes(held.code_bytes)


def announces(account: str, region: str, bucket: str) -> bool:
    """Whether a bucket sends its events to EventBridge, which moto's API does not give back."""
    config = s3_backends[account][get_partition(region)].get_bucket(bucket).notification_configuration
    return config is not None and config.event_bridge is not None


def documented(event: Event, number: int) -> Event:
    """An event of moto's in the shape that AWS documents.

    moto's S3 writes ``eTag`` for ``etag``, the time as seconds, a constant id, and a ``reason`` that S3 does not know
    (left out here, for what the request was is not known any more). A handler written to moto's shape fails on AWS.

    Args:
        event: moto's.
        number: makes the id, where moto gives none of its own.

    Source: S3 user guide, "EventBridge event message structure".
    """
    made = {key: value for key, value in event.items() if key != "ingestion-time"}
    if not isinstance(made["time"], str):
        made["time"] = datetime.fromtimestamp(made["time"], UTC).strftime(TIME_FORMAT)
    if made.get("id", S3_EVENT_ID) == S3_EVENT_ID:
        made["id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"event {number}"))
    if made["source"] == "aws.s3" and "object" in made["detail"]:
        made["detail"] = _documented_s3(made["detail"])
    return made


def missing_hooks() -> list[str]:
    """The parts of moto's private surface that this moto lacks; empty when all are there."""
    checks = {
        "Rule.send_to_targets(original_event, transform_input)": list(inspect.signature(_ORIGINAL).parameters)
        == ["self", "original_event", "transform_input"],
        "EventPattern(raw_pattern, pattern).matches_event(event)": list(inspect.signature(EventPattern).parameters)
        == ["raw_pattern", "pattern"],
        "EventTemplateParser.parse": hasattr(EventTemplateParser, "parse"),
        "LambdaFunction keeps code_bytes": "code_bytes" in inspect.getsource(LambdaFunction),
        "NotificationConfiguration keeps event_bridge": "event_bridge"
        in inspect.signature(NotificationConfiguration).parameters,
        "Subscription.publish(message, message_id, subject)": list(inspect.signature(_ORIGINAL_PUBLISH).parameters)[:4]
        == ["self", "message", "message_id", "subject"],
        "S3 events reach rules through send_to_targets": "send_to_targets" in _s3_source(),
    }
    return [name for name, present in checks.items() if not present]


def _view(rule: Rule) -> EventRule:
    return EventRule(
        arn=rule.arn,
        name=rule.name,
        bus=rule.event_bus_name,
        enabled=rule.state != "DISABLED",
        pattern=json.loads(rule.event_pattern.dump() or "{}"),
        targets=tuple(rule.targets),
    )


def _documented_s3(detail: Mapping[str, Any]) -> dict[str, Any]:
    item = {"etag" if key == "eTag" else key: value for key, value in detail["object"].items()}
    if item.get("version-id") in (None, "null"):
        item.pop("version-id", None)
    return {**{key: value for key, value in detail.items() if key != "reason"}, "object": item}


def _seconds(time: str) -> float:
    return datetime.strptime(time, TIME_FORMAT).replace(tzinfo=UTC).timestamp()


def _s3_source() -> str:
    from moto.s3 import notifications

    return inspect.getsource(notifications)


_ORIGINAL = Rule.send_to_targets
_ORIGINAL_PUBLISH = Subscription.publish
