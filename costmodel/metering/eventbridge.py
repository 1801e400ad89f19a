"""Amazon EventBridge: events that a rule picks from the bus."""

from __future__ import annotations

from collections.abc import Iterable

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Factors, Finding, Free, Gap
from costmodel.metering.pipeline import RULE, UPLOAD_SOURCE, event_sources, monthly_events


def rule(resource: Resource, context: Context) -> Iterable[Finding]:
    """A rule, by what its events cost to arrive.

    AWS services send management events for nothing. S3 object events are data events that one opts in to,
    billed like custom events (EventBridge price page: "AWS opt-in data events"). An event is counted once, however many
    rules pick it, so the first rule on uploads carries it.
    """
    sources = event_sources(resource)
    if UPLOAD_SOURCE in sources:
        if resource.urn != context.once(_first_upload_rule):
            yield Free("its events are priced with the first rule on uploads")
            return
        events = monthly_events(resource, context)
        if events is not None:
            factors: Factors = {"uploads": events, "1 object event (opt-in data event)": 1}
            yield context.quantity(resource, ("EventBridge", "custom_events"), "events", factors, "Messaging")
            return
    if sources and all(source.startswith("aws.") and source != UPLOAD_SOURCE for source in sources):
        yield Free("events of AWS services on the default bus are free")
    elif resource.inputs.get("scheduleExpression"):
        yield Free("scheduled rules on the default bus are free")
    else:
        yield Gap("how many events it matches is not known", closed_by=("monthly_custom_events",))


def _first_upload_rule(context: Context) -> str | None:
    """Its URN."""
    return next((rule.urn for rule in context.inventory.of_type(RULE) if UPLOAD_SOURCE in event_sources(rule)), None)
