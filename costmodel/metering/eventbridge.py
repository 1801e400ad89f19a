"""Amazon EventBridge: events that a rule picks from the bus."""

from __future__ import annotations

from collections.abc import Iterable

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Finding, Free, Gap
from costmodel.metering.pipeline import UPLOAD_SOURCE, event_sources, monthly_events


def rule(resource: Resource, context: Context) -> Iterable[Finding]:
    """A rule, by what its events cost to arrive.

    AWS services send management events for nothing. S3 object events are data events that one opts in to,
    billed like custom events (EventBridge price page: "AWS opt-in data events"). An event is counted once, however many
    rules pick it, so the first rule on uploads carries it.
    """
    sources = event_sources(resource)
    if UPLOAD_SOURCE in sources:
        if resource != _first_upload_rule(context):
            yield Free("its events are priced with the first rule on uploads")
            return
        events = monthly_events(resource, context)
        if events is not None:
            driver = "uploads x 1 object event (opt-in data event)"
            yield context.quantity(resource, ("EventBridge", "custom_events"), "events", events, "Messaging", driver)
            return
    if sources and all(source.startswith("aws.") and source != UPLOAD_SOURCE for source in sources):
        yield Free("events of AWS services on the default bus are free")
    elif resource.inputs.get("scheduleExpression"):
        yield Free("scheduled rules on the default bus are free")
    else:
        yield Gap("how many events it matches is not known")


def _first_upload_rule(context: Context) -> Resource | None:
    rules = context.inventory.of_type("aws:cloudwatch/eventRule:EventRule")
    return next((rule for rule in rules if UPLOAD_SOURCE in event_sources(rule)), None)
