"""What starts a function or fills a queue, and how often: followed through what the stack declares.

    event rule, route of an API, event source mapping, subscription, user pool ─► function, queue ─► log, dead letters

Amounts are factors (context.Factors): how often something happens (``events``), and what the stack makes of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from costmodel.inventory import Resource, resource_type
from costmodel.metering import events
from costmodel.metering.context import Context, Factors, product
from costmodel.metering.schedules import runs_per_month
from costmodel.tables import Array
from costmodel.units import SECONDS_PER_DAY

BUCKET = "aws:s3/bucket:Bucket"
BUDGET = "aws:budgets/budget:Budget"
FUNCTION = events.FUNCTION
INTEGRATION = "aws:apigatewayv2/integration:Integration"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
PIPE = "aws:pipes/pipe:Pipe"
QUEUE = "aws:sqs/queue:Queue"
ROUTE = "aws:apigatewayv2/route:Route"
RULE = "aws:cloudwatch/eventRule:EventRule"
STREAM = "aws:kinesis/stream:Stream"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
TABLE = "aws:dynamodb/table:Table"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
TOPIC = "aws:sns/topic:Topic"
USER_POOL = "aws:cognito/userPool:UserPool"

ALARMS = ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm")
ROLE_TAG = "reelplan:role"

UPLOAD_SOURCE = "aws.s3"
JOB_SOURCE = "aws.mediaconvert"
TERMINAL_STATES = frozenset({"COMPLETE", "ERROR", "CANCELED"})
"""A job reaches exactly one of them."""

REVIEWED = "Review Decided"
"""Event by which a reviewer's decision arrives."""

SECOND = 1
"""Unit of the window in a mapping's inputs [second]."""

DEFAULT_BATCH = {QUEUE: 10, STREAM: 100}
"""Records that a mapping hands over at once unless it says otherwise. Source: AWS Lambda API reference,
EventSourceMappingConfiguration, BatchSize, checked 2026-11-22."""


# --- rules


def event_sources(rule: Resource) -> tuple[str, ...]:
    """Sources that a rule's pattern matches; empty when it names none or is not known.

    In the preview of a stack that does not exist yet, a pattern with a bucket's name is not known as a whole; that it
    was made from a bucket is.
    """
    if rule.inputs.get("eventPattern") is None and _names_a_bucket(rule):
        return (UPLOAD_SOURCE,)
    return tuple(dict.fromkeys(text for one in _alternatives(rule) for text in _texts(one.get("source"))))


def monthly_events(rule: Resource, context: Context) -> Factors | None:
    """Events that a rule matches, or times that its schedule fires; None when that is not modelled.

    One upload makes one "Object Created" event, and its job one event per state that the pattern asks for; COMPLETE,
    ERROR and CANCELED exclude one another and count once.
    """
    if schedule := rule.inputs.get("scheduleExpression"):
        runs = runs_per_month(schedule)
        return None if runs is None else {f"runs of {schedule} a month": runs}
    match event_sources(rule):
        case (source,) if source == UPLOAD_SOURCE:
            return events.uploads(context)
        case (source,) if source == JOB_SOURCE and not _job_states(rule) <= TERMINAL_STATES:
            return None
    names = awaited(rule)
    if not names or not set(names) <= set(events.EVENTS):
        return None
    return events.total([events.EVENTS[name](context) for name in names], context)


def awaited(rule: Resource) -> tuple[str, ...]:
    """Detail-types of the events that a rule's pattern names, each once; empty when it leaves one of them open."""
    named = [_texts(one.get("detail-type")) for one in _alternatives(rule)]
    return tuple(dict.fromkeys(name for names in named for name in names)) if all(named) else ()


def _names_a_bucket(rule: Resource) -> bool:
    return any(resource_type(urn) == BUCKET for urn in rule.dependencies.get("eventPattern", ()))


def _job_states(rule: Resource) -> frozenset[str]:
    detail = _pattern(rule).get("detail")
    states = detail.get("status") if isinstance(detail, dict) else None
    # A pattern without states matches all of them, the frequent progress reports included.
    return frozenset(states) if isinstance(states, list) else frozenset({"STATUS_UPDATE"})


def _pattern(rule: Resource) -> dict[str, Any]:
    text = rule.inputs.get("eventPattern")
    try:
        pattern = json.loads(text) if isinstance(text, str) else text
    except json.JSONDecodeError:
        return {}
    return pattern if isinstance(pattern, dict) else {}


def _alternatives(rule: Resource) -> list[dict[str, Any]]:
    """A pattern as it is, or the patterns of which one is enough."""
    pattern = _pattern(rule)
    several = pattern.get("$or")
    return [one for one in several if isinstance(one, dict)] if isinstance(several, list) else [pattern]


def _texts(value: object) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def rules_to(target: Resource, context: Context) -> list[Resource]:
    """Event rules that deliver to a resource."""
    inventory = context.inventory
    deliveries = [
        delivery
        for delivery in inventory.referring(target.urn, TARGET)
        if any(hit.urn == target.urn for hit in inventory.referred(delivery, target.type, prop="arn"))
    ]
    return [rule for delivery in deliveries for rule in inventory.referred(delivery, RULE, prop="rule")]


# --- functions


def invocations(function: Resource, context: Context) -> Factors | None:
    """How often a function runs; None when nothing that starts it is known, or not how often it does."""
    return context.about(function, _invocations)


def _invocations(function: Resource, context: Context) -> Factors | None:
    flows = [
        *(monthly_events(rule, context) for rule in rules_to(function, context)),
        *(requests(route, context) for route in routes_to(function, context)),
        *(batches(mapping, context) for mapping in mappings_to(function, context)),
        *(messages(topic, context) for topic in _topics_to(function, context)),
        *(_sign_ups(pool, function, context) for pool in context.inventory.referring(function.urn, USER_POOL)),
    ]
    return _all(flows, context)


def _all(flows: Iterable[Factors | None], context: Context) -> Factors | None:
    """All flows together; None when there is none, or one that is not known."""
    found = list(flows)
    known = [flow for flow in found if flow is not None]
    return events.total(known, context) if known and len(known) == len(found) else None


def routes_to(function: Resource, context: Context) -> list[Resource]:
    """Routes of an API that a function answers."""
    inventory = context.inventory
    integrations = inventory.referring(function.urn, INTEGRATION)
    return [route for integration in integrations for route in inventory.referring(integration.urn, ROUTE)]


def requests(route: Resource, context: Context) -> Factors | None:
    """How often a route is called; None when that is not modelled."""
    happening = events.ROUTES.get(str(route.inputs.get("routeKey")))
    return None if happening is None else happening(context)


def _sign_ups(pool: Resource, function: Resource, context: Context) -> Factors | None:
    """A user pool asks before each sign-up; how often its other triggers fire is not modelled."""
    triggers = pool.inputs.get("lambdaConfig")
    named = isinstance(triggers, dict) and set(triggers) == {"preSignUp"}
    return events.sign_ups(context) if named and pool.depends_on(function.urn, "lambdaConfig") else None


# --- streams, queues, topics


def mappings_to(function: Resource, context: Context) -> list[Resource]:
    """Event source mappings that hand records of a stream, or messages of a queue, to a function."""
    return context.inventory.referring(function.urn, MAPPING)


def records(mapping: Resource, context: Context) -> Factors | None:
    """Records that pass an event source mapping; None when what fills its source is not known."""
    inventory = context.inventory
    if inventory.referred(mapping, STREAM, prop="eventSourceArn"):
        return events.interactions(context)
    return _all((sent(queue, context) for queue in _source_queues(mapping, context)), context)


def _source_queues(mapping: Resource, context: Context) -> list[Resource]:
    return context.inventory.referred(mapping, QUEUE, prop="eventSourceArn")


def batches(mapping: Resource, context: Context) -> Factors | None:
    """Calls that an event source mapping makes: its records, so many at a time as come within its window."""
    passing = records(mapping, context)
    if passing is None:
        return None
    return {**passing, "1 / records in a batch": 1 / records_per_batch(mapping, passing, context)}


def records_per_batch(mapping: Resource, passing: Factors, context: Context) -> Array:
    """Mean size of a batch, shape (..., month): the first record opens a window, in which the others gather.

    A stream has shards, each with batches of its own; a queue is read without waiting, so that a batch there is one
    message unless the mapping has a window.
    """
    streams = context.inventory.referred(mapping, STREAM, prop="eventSourceArn")
    shards = _shards(streams[0], context) if streams else 1
    window = float(mapping.inputs.get("maximumBatchingWindowInSeconds") or 0) * SECOND
    most = float(mapping.inputs.get("batchSize") or DEFAULT_BATCH[STREAM if streams else QUEUE])
    timeline = context.activity.timeline
    per_second = product(passing, timeline.count) / (timeline.days * SECONDS_PER_DAY) / shards
    return np.asarray(np.minimum(1 + per_second * window, most))


def _shards(stream: Resource, context: Context) -> float:
    declared = stream.inputs.get("shardCount")
    return float(declared) if isinstance(declared, int | float) else context.assumptions["eng.kinesis_least_shards"]


def sent(queue: Resource, context: Context) -> Factors | None:
    """Messages that are put into a queue; None when what fills it is not known, or when it fills itself."""
    return context.traced(_sent, queue)


def _sent(queue: Resource, context: Context) -> Factors | None:
    return _all([*_put(queue, context), *_fallen(queue, context)], context)


def _put(queue: Resource, context: Context) -> Iterator[Factors | None]:
    """What arrives in the course of things."""
    yield from (monthly_events(rule, context) for rule in rules_to(queue, context))
    inventory = context.inventory
    for mapping in inventory.referring(queue.urn, MAPPING):
        if queue in _source_queues(mapping, context):
            yield _of_role(mapping, context)
    users = inventory.referring(queue.urn, FUNCTION)
    workers = [f for f in users if queue in inventory.referred(f, QUEUE, prop="environment")]
    if any(_decides_reviews(worker, context) for worker in workers):
        yield events.reviewed(context)


def _of_role(mapping: Resource, context: Context) -> Factors | None:
    """What a queue's consumer is told, by the role of the table that it writes to."""
    inventory = context.inventory
    consumers = inventory.referred(mapping, FUNCTION, prop="functionName")
    tables = [table for function in consumers for table in inventory.referred(function, TABLE, prop="environment")]
    roles = [table.tags.get(ROLE_TAG, "") for table in tables]
    happenings = [events.QUEUED[role] for role in roles if role in events.QUEUED]
    return happenings[0](context) if happenings else None


def _decides_reviews(function: Resource, context: Context) -> bool:
    """Whether a function takes the decisions of reviewers: the queue in its environment is what they work through."""
    return any(REVIEWED in awaited(rule) for rule in rules_to(function, context))


def _fallen(queue: Resource, context: Context) -> Iterator[Factors | None]:
    """What ends here because it failed. An event fails once: in its delivery, or in its function."""
    sources = _failing(queue, context)
    if sources:
        failing = sources[0]
        share = context.assumptions["eng.pipeline_failure_share"]
        yield None if failing is None else {**failing, "share that fails": share}


def _failing(queue: Resource, context: Context) -> Sequence[Factors | None]:
    """Flows whose failures end in a queue; the first is the one that counts."""
    inventory = context.inventory

    def naming(prop: str, *types: str) -> list[Resource]:
        named = inventory.referring(queue.urn, *types)
        return [r for r in named if queue in inventory.referred(r, QUEUE, prop=prop)]

    targets = naming("deadLetterConfig", TARGET)
    return [
        *(monthly_events(rule, context) for t in targets for rule in inventory.referred(t, RULE, prop="rule")),
        *(records(mapping, context) for mapping in naming("destinationConfig", MAPPING)),
        *(invocations(function, context) for function in naming("deadLetterConfig", FUNCTION)),
        *(sent(source, context) for source in naming("redrivePolicy", QUEUE)),
        *(events.feed_changes(context) for _ in naming("sourceParameters", PIPE)),
        *(_notices(subscription, context) for subscription in naming("redrivePolicy", SUBSCRIPTION)),
    ]


def _notices(subscription: Resource, context: Context) -> Factors | None:
    topics = context.inventory.referred(subscription, TOPIC, prop="topic")
    return _all((messages(topic, context) for topic in topics), context)


def _topics_to(function: Resource, context: Context) -> list[Resource]:
    inventory = context.inventory
    subscriptions = inventory.referring(function.urn, SUBSCRIPTION)
    return [topic for one in subscriptions for topic in inventory.referred(one, TOPIC, prop="topic")]


def messages(topic: Resource, context: Context) -> Factors | None:
    """Messages that are published on a topic: by alarms, budgets and functions; None when that is not known."""
    return context.traced(_messages, topic)


def _messages(topic: Resource, context: Context) -> Factors | None:
    inventory, assumptions = context.inventory, context.assumptions
    flows: list[Factors | None] = []
    if alarms := len(inventory.referring(topic.urn, *ALARMS)):
        often = assumptions["eng.notices_per_alarm_month"]
        flows.append({f"{alarms} alarm" + ("s" if alarms > 1 else ""): alarms, "notices of an alarm a month": often})
    if budgets := len(inventory.referring(topic.urn, BUDGET)):
        often = assumptions["eng.notices_per_budget_month"]
        flows.append({f"{budgets} budget" + ("s" if budgets > 1 else ""): budgets, "notices of it a month": often})
    for function in inventory.referring(topic.urn, FUNCTION):
        if topic in inventory.referred(function, TOPIC, prop="environment"):
            flows.append(invocations(function, context))
    return _all(flows, context)
