"""Amazon EventBridge: events that a rule picks from a bus, buses, and what they keep."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering import events
from costmodel.metering.context import (
    BYTES_PER_BILLED_GB,
    Context,
    Factors,
    Finding,
    Free,
    Gap,
    literal_mapping,
    product,
)
from costmodel.metering.residence import NEVER
from costmodel.metering.triggers import (
    FUNCTION,
    PIPE,
    ROLE_TAG,
    RULE,
    TABLE,
    UPLOAD_SOURCE,
    awaited,
    event_sources,
    monthly_events,
)
from costmodel.units import BYTES_PER_KB

BUS = "aws:cloudwatch/eventBus:EventBus"


def rule(resource: Resource, context: Context) -> Iterable[Finding]:
    """A rule, by what its events cost to arrive.

    AWS services send management events for nothing. S3 object events are data events that one opts in to,
    billed like custom events (EventBridge price page: "AWS opt-in data events"). An event is counted once, however many
    rules pick it: the first rule on uploads carries those, and a bus of the stack's own carries what is put on it.
    """
    sources = event_sources(resource)
    if UPLOAD_SOURCE in sources:
        if resource.urn != context.once(_first_upload_rule):
            yield Free("its events are priced with the first rule on uploads")
            return
        picked = monthly_events(resource, context)
        if picked is not None:
            factors: Factors = {**picked, "1 object event (opt-in data event)": 1}
            yield context.quantity(resource, ("EventBridge", "custom_events"), "events", factors, "Messaging")
            return
    if sources and all(source.startswith("aws.") and source != UPLOAD_SOURCE for source in sources):
        yield Free("events of AWS services on the default bus are free")
    elif resource.inputs.get("scheduleExpression"):
        yield Free("scheduled rules on the default bus are free")
    elif context.inventory.referred(resource, BUS, prop="eventBusName"):
        yield Free("an event costs what it costs to put it on its bus, which has a line of its own")
    else:
        yield Gap("how many events it matches is not known", closed_by=("monthly_custom_events",))


def _first_upload_rule(context: Context) -> str | None:
    """Its URN."""
    return next((rule.urn for rule in context.inventory.of_type(RULE) if UPLOAD_SOURCE in event_sources(rule)), None)


# Buses of the stack's own ---------------------------------------------------------------------------------------------


def bus(resource: Resource, context: Context) -> Iterable[Finding]:
    """A bus: by event that is put on it. No event of the platform is larger than the 64 KB that count as one."""
    names = events_on(resource, context)
    if not names:
        yield Free("nothing in the stack puts events on it")
        return
    known = [events.EVENTS[name](context) for name in names if name in events.EVENTS]
    if known:
        put = events.total(known, context)
        yield context.quantity(resource, ("EventBridge", "custom_events"), "events", put, "Messaging")
    if unknown := [name for name in names if name not in events.EVENTS]:
        yield Gap(f"how often {', '.join(unknown)} happens is not known", closed_by=("monthly_custom_events",))


def archive(resource: Resource, context: Context) -> Iterable[Finding]:
    """An archive of a bus: by GB taken in, and by GB kept; what is not known of the bus is told there."""
    buses = context.inventory.referred(resource, BUS, prop="eventSourceArn")
    names = [name for found in buses for name in events_on(found, context) if name in events.EVENTS]
    if not names:
        yield Gap("how many events it keeps is not known", closed_by=("monthly_archived_gb", "storage_gb"))
        return
    put = events.total([events.EVENTS[name](context) for name in names], context)
    gb = context.assumptions["eng.bus_event_kb"] * BYTES_PER_KB / BYTES_PER_BILLED_GB
    taken: Factors = {**put, "GB of an event": gb}
    yield context.quantity(resource, ("EventBridge", "archive_processing"), "GB", taken, "Messaging")
    days = resource.inputs.get("retentionDays") or NEVER
    monthly = product(taken, context.activity.timeline.count)
    words = "GB of events, kept for ever" if days == NEVER else f"GB of events, kept for {days:g} days"
    kept: Factors = {words: np.asarray(monthly @ context.held(0, float(days)).T)}
    yield context.quantity(resource, ("EventBridge", "archive_storage"), "GB-month", kept, "Messaging")


def events_on(resource: Resource, context: Context) -> list[str]:
    """Names of what is put on a bus: what its rules wait for, what pipes bring, and the changes of orders."""
    names = {*_awaited(resource, context), *_piped(resource, context)}
    if context.once(_has_orders) and context.inventory.referring(resource.urn, FUNCTION):
        names.add(ORDER_CHANGED)
    return sorted(names)


ORDER_CHANGED = "Order Changed"


def _awaited(resource: Resource, context: Context) -> Iterable[str]:
    rules = context.inventory.referring(resource.urn, RULE)
    return (name for found in rules for name in awaited(found))


def _piped(resource: Resource, context: Context) -> Iterable[str]:
    for pipe in context.inventory.referring(resource.urn, PIPE):
        parameters = literal_mapping(pipe.inputs.get("targetParameters"))
        yield str(literal_mapping(parameters.get("eventbridgeEventBusParameters")).get("detailType"))


def _has_orders(context: Context) -> bool:
    return any(table.tags.get(ROLE_TAG) in events.QUEUED for table in context.inventory.of_type(TABLE))
