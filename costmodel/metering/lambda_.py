"""AWS Lambda: requests and GB-seconds of the functions around a job."""

from __future__ import annotations

from collections.abc import Iterable

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Factors, Finding, Gap
from costmodel.metering.ladder import carries_ladder
from costmodel.metering.pipeline import FUNCTION, JOB_SOURCE, event_sources, monthly_deliveries, rules_to
from costmodel.units import MIB_PER_GIB

DEFAULT_MEMORY_MIB = 128
"""What the service takes when a function names none."""
MILLISECONDS_PER_SECOND = 1000


def function(resource: Resource, context: Context) -> Iterable[Finding]:
    """A function, if what starts it and how long it runs is known."""
    invocations = monthly_deliveries(resource, context)
    duration_key = _duration_key(resource, context)
    if invocations is None:
        reason = "what invokes it is not known (no event rule on uploads or jobs delivers to it)"
        yield Gap(reason, closed_by=("monthly_requests", "monthly_gb_seconds"))
        return
    if duration_key is None:
        reason = "how long it runs is not known (it neither submits nor completes jobs)"
        yield Gap(reason, closed_by=("monthly_requests", "monthly_gb_seconds"))
        return
    requests: Factors = {"uploads": invocations, "1 event": 1}
    yield context.quantity(resource, ("Lambda", "requests"), "requests", requests, "Compute")
    seconds = context.assumptions[duration_key] / MILLISECONDS_PER_SECOND
    memory_gb = float(resource.inputs.get("memorySize") or DEFAULT_MEMORY_MIB) / MIB_PER_GIB
    run_time: Factors = {"uploads": invocations, f"{seconds:g} s": seconds, f"{memory_gb:g} GB of memory": memory_gb}
    yield context.quantity(resource, ("Lambda", f"duration.{chip(resource)}"), "GB-second", run_time, "Compute")


def chip(resource: Resource) -> str:
    """Processor, as the sku keys name it."""
    return "arm" if "arm64" in (resource.inputs.get("architectures") or ()) else "x86"


def _duration_key(resource: Resource, context: Context) -> str | None:
    if carries_ladder(resource):
        return "eng.lambda_duration_ms_submit"
    sources = {source for rule in rules_to(resource, context) for source in event_sources(rule)}
    return "eng.lambda_duration_ms_complete" if sources == {JOB_SOURCE} else None


__all__ = ["FUNCTION", "function"]
