"""AWS Lambda: requests and GB-seconds of functions, by what starts them."""

from __future__ import annotations

from collections.abc import Iterable

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Factors, Finding, Gap, literal_mapping
from costmodel.metering.ladder import carries_ladder
from costmodel.metering.triggers import (
    FUNCTION,
    JOB_SOURCE,
    event_sources,
    invocations,
    mappings_to,
    routes_to,
    rules_to,
)
from costmodel.units import MIB_PER_GIB

DEFAULT_MEMORY_MIB = 128
"""What the service takes when a function names none."""
MILLISECONDS_PER_SECOND = 1000
LONG_TIMEOUT_SECONDS = 60
"""A function that may run longer than this is meant for work in bulk: it copies or deletes the files of a video."""


def function(resource: Resource, context: Context) -> Iterable[Finding]:
    """A function, if what starts it is known."""
    calls = invocations(resource, context)
    if calls is None:
        reason = "what invokes it is not known, or how often that happens"
        yield Gap(reason, closed_by=("monthly_requests", "monthly_gb_seconds"))
        return
    yield context.quantity(resource, ("Lambda", "requests"), "requests", calls, "Compute")
    seconds = context.assumptions[duration_key(resource, context)] / MILLISECONDS_PER_SECOND
    memory_gb = float(resource.inputs.get("memorySize") or DEFAULT_MEMORY_MIB) / MIB_PER_GIB
    run_time: Factors = {**calls, f"{seconds:g} s": seconds, f"{memory_gb:g} GB of memory": memory_gb}
    yield context.quantity(resource, ("Lambda", f"duration.{chip(resource)}"), "GB-second", run_time, "Compute")
    if literal_mapping(resource.inputs.get("tracingConfig")).get("mode") == "Active":
        traced: Factors = {**calls, "share that is traced": context.assumptions["eng.traced_share"]}
        yield context.quantity(resource, ("XRay", "traces.recorded"), "traces", traced, "Observability")
    if resource.inputs.get("ephemeralStorage"):
        yield Gap("temporary storage beyond the 512 MB of every function is not counted")


def chip(resource: Resource) -> str:
    """Processor, as the sku keys name it."""
    return "arm" if "arm64" in (resource.inputs.get("architectures") or ()) else "x86"


def duration_key(resource: Resource, context: Context) -> str:
    """Assumption that says how long a call of a function takes, by the kind of work that it does."""
    if carries_ladder(resource):
        return "eng.lambda_duration_ms_submit"
    if float(resource.inputs.get("timeout") or 0) > LONG_TIMEOUT_SECONDS:
        return "eng.lambda_duration_ms_bulk"
    sources = {source for rule in rules_to(resource, context) for source in event_sources(rule)}
    if sources == {JOB_SOURCE}:
        return "eng.lambda_duration_ms_complete"
    if routes_to(resource, context):
        return "eng.lambda_duration_ms_request"
    return "eng.lambda_duration_ms_batch" if mappings_to(resource, context) else "eng.lambda_duration_ms_event"


__all__ = ["FUNCTION", "function"]
