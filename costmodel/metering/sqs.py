"""Amazon SQS: requests of queues, most of all of those that hold what failed."""

from __future__ import annotations

from collections.abc import Iterable

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Factors, Finding, Gap
from costmodel.metering.triggers import MAPPING, QUEUE, sent
from costmodel.units import HOURS_PER_MONTH, SECONDS_PER_HOUR

REQUESTS_PER_MESSAGE = 3
"""Send, receive, delete."""


def queue(resource: Resource, context: Context) -> Iterable[Finding]:
    """A queue that events are delivered to, or that holds those that failed."""
    kind = "fifo" if resource.inputs.get("fifoQueue") else "standard"
    filled = sent(resource, context)
    if filled is None:
        yield Gap("what fills the queue is not known", closed_by=("monthly_requests",))
    else:
        factors = {**filled, "3 requests (send, receive, delete)": REQUESTS_PER_MESSAGE}
        yield context.quantity(resource, ("SQS", kind), "requests", factors, "Messaging")
    if _is_polled(resource, context):
        sku = ("SQS", kind)
        yield context.quantity(
            resource, sku, "requests", _polls(context), "Messaging", usage_based=False, basis="estimated"
        )


def _is_polled(resource: Resource, context: Context) -> bool:
    """Whether Lambda reads the queue: it asks for messages all the time, and each question is a request."""
    mappings = context.inventory.referring(resource.urn, MAPPING)
    return any(resource in context.inventory.referred(one, QUEUE, prop="eventSourceArn") for one in mappings)


def _polls(context: Context) -> Factors:
    seconds = HOURS_PER_MONTH * SECONDS_PER_HOUR
    return {
        "pollers of Lambda": context.assumptions["eng.sqs_lambda_pollers"],
        "seconds of a month / seconds that one waits": seconds / context.assumptions["eng.sqs_poll_seconds"],
    }
