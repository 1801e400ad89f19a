"""Amazon ECS: what a cluster costs beside the tasks in it."""

from __future__ import annotations

from collections.abc import Iterable

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Finding, Free, Gap, literal_mapping


def cluster(resource: Resource, context: Context) -> Iterable[Finding]:
    """A cluster: free, unless Container Insights records metrics about it."""
    settings = [literal_mapping(setting) for setting in resource.inputs.get("settings") or []]
    insights = {s.get("value") for s in settings if s.get("name") == "containerInsights"}
    if insights & {"enabled", "enhanced"}:
        yield Gap("Container Insights metrics are not metered yet")
    else:
        yield Free("a cluster costs nothing; its tasks are priced with their services")
