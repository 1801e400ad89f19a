"""Amazon SQS: requests of queues, most of all of those that hold what failed."""

from __future__ import annotations

from collections.abc import Iterable

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Factors, Finding, Gap
from costmodel.metering.pipeline import FUNCTION, RULE, TARGET, monthly_deliveries, monthly_events
from costmodel.tables import Array

QUEUE = "aws:sqs/queue:Queue"
REQUESTS_PER_MESSAGE = 3
"""Send, receive, delete."""


def queue(resource: Resource, context: Context) -> Iterable[Finding]:
    """A queue that events are delivered to, or that holds those that failed."""
    messages = monthly_deliveries(resource, context)
    delivered: Factors = {"events delivered": messages} if messages is not None else {}
    if messages is None:
        failing = _failing_flow(resource, context)
        if failing is None:
            yield Gap("what fills the queue is not known", closed_by=("monthly_requests",))
            return
        delivered = {"events": failing, "share that fails": context.assumptions["eng.pipeline_failure_share"]}
    kind = "fifo" if resource.inputs.get("fifoQueue") else "standard"
    factors = {**delivered, "3 requests (send, receive, delete)": REQUESTS_PER_MESSAGE}
    yield context.quantity(resource, ("SQS", kind), "requests", factors, "Messaging")


def _failing_flow(resource: Resource, context: Context) -> Array | None:
    """Events of which the failures end in this queue; an event fails once, in its delivery or in its function."""
    inventory = context.inventory
    for delivery in inventory.referring(resource.urn, TARGET):
        if resource in inventory.referred(delivery, QUEUE, prop="deadLetterConfig"):
            for rule in inventory.referred(delivery, RULE, prop="rule"):
                return monthly_events(rule, context)
    for function in inventory.referring(resource.urn, FUNCTION):
        if resource in inventory.referred(function, QUEUE, prop="deadLetterConfig"):
            return monthly_deliveries(function, context)
    return None
