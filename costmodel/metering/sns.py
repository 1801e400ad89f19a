"""Amazon SNS: messages on a topic, and their deliveries."""

from __future__ import annotations

from collections.abc import Iterable

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Finding, Gap
from costmodel.metering.triggers import SUBSCRIPTION, messages

SERVICE = "SNS"
DELIVERIES = {"email": "email", "email-json": "email", "http": "http", "https": "http", "firehose": "firehose"}
"""Protocol of a subscription -> sku key of a delivery."""
FREE_DELIVERIES = frozenset({"lambda", "sqs"})
"""Protocols whose deliveries cost nothing within a region (SNS price page, from memory)."""


def topic(resource: Resource, context: Context) -> Iterable[Finding]:
    """A topic: a request for each message, and a notification for each subscriber who is not a function or queue."""
    published = messages(resource, context)
    if published is None:
        yield Gap("who publishes on it is not known", closed_by=("monthly_requests",))
        return
    yield context.quantity(resource, (SERVICE, "publish"), "requests", published, "Messaging")
    protocols = [one.inputs.get("protocol") for one in context.inventory.referring(resource.urn, SUBSCRIPTION)]
    for sku_key in dict.fromkeys(DELIVERIES[p] for p in protocols if p in DELIVERIES):
        subscribers = sum(DELIVERIES.get(str(protocol)) == sku_key for protocol in protocols)
        delivered = {**published, f"{subscribers} subscribers by {sku_key}": subscribers}
        yield context.quantity(resource, (SERVICE, sku_key), "notifications", delivered, "Messaging")
    for protocol in sorted({str(p) for p in protocols} - {*DELIVERIES, *FREE_DELIVERIES}):
        yield Gap(f"deliveries by {protocol} are not counted: their price depends on where they go")
