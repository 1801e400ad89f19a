"""How often the event-driven parts of a stack run, followed from their event rules."""

from __future__ import annotations

import json
from typing import Any

from costmodel.inventory import Resource, resource_type
from costmodel.metering.context import Context
from costmodel.tables import Array

RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
FUNCTION = "aws:lambda/function:Function"

BUCKET = "aws:s3/bucket:Bucket"

UPLOAD_SOURCE = "aws.s3"
JOB_SOURCE = "aws.mediaconvert"
TERMINAL_STATES = frozenset({"COMPLETE", "ERROR", "CANCELED"})
"""A job reaches exactly one of them."""


def event_sources(rule: Resource) -> tuple[str, ...]:
    """Sources that a rule's pattern matches; empty when it names none or is not known.

    In the preview of a stack that does not exist yet, a pattern with a bucket's name is not known as a whole; that it
    was made from a bucket is.
    """
    if rule.inputs.get("eventPattern") is None and _names_a_bucket(rule):
        return (UPLOAD_SOURCE,)
    sources = _pattern(rule).get("source")
    return tuple(source for source in sources if isinstance(source, str)) if isinstance(sources, list) else ()


def monthly_events(rule: Resource, context: Context) -> Array | None:
    """Events that a rule matches, shape (..., month); None when what triggers it is not modelled.

    One upload makes one "Object Created" event, and its job one event per state that the pattern asks for; COMPLETE,
    ERROR and CANCELED exclude one another and count once.
    """
    match event_sources(rule):
        case (source,) if source == UPLOAD_SOURCE:
            return context.monthly_uploads
        case (source,) if source == JOB_SOURCE:
            return context.monthly_uploads if _job_states(rule) <= TERMINAL_STATES else None
        case _:
            return None


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


def rules_to(target: Resource, context: Context) -> list[Resource]:
    """Event rules that deliver to a resource."""
    inventory = context.inventory
    deliveries = [
        delivery
        for delivery in inventory.referring(target.urn, TARGET)
        if any(hit.urn == target.urn for hit in inventory.referred(delivery, target.type, prop="arn"))
    ]
    return [rule for delivery in deliveries for rule in inventory.referred(delivery, RULE, prop="rule")]


def monthly_deliveries(target: Resource, context: Context) -> Array | None:
    """Events delivered to a resource, shape (..., month); None when no known rule delivers to it."""
    flows = [monthly_events(rule, context) for rule in rules_to(target, context)]
    known = [flow for flow in flows if flow is not None]
    return sum(known[1:], known[0]) if known and len(known) == len(flows) else None
