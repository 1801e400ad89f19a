"""AWS Lambda: requests and GB-seconds of the functions around a job."""

from __future__ import annotations

from collections.abc import Iterable

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Finding, Gap
from costmodel.metering.ladder import submit_functions
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
        yield Gap("what invokes it is not known (no event rule on uploads or jobs delivers to it)")
        return
    if duration_key is None:
        yield Gap("how long it runs is not known (it neither submits nor completes jobs)")
        return
    requests_driver = "uploads x 1 event"
    yield context.quantity(resource, ("Lambda", "requests"), "requests", invocations, "Compute", requests_driver)
    seconds = context.assumptions[duration_key] / MILLISECONDS_PER_SECOND
    memory_gb = float(resource.inputs.get("memorySize") or DEFAULT_MEMORY_MIB) / MIB_PER_GIB
    chip = "arm" if "arm64" in (resource.inputs.get("architectures") or ()) else "x86"
    driver = f"uploads x {seconds:g} s x {memory_gb:g} GB of memory"
    amount = invocations * seconds * memory_gb
    yield context.quantity(resource, ("Lambda", f"duration.{chip}"), "GB-second", amount, "Compute", driver)


def _duration_key(resource: Resource, context: Context) -> str | None:
    if resource in submit_functions(context.inventory):
        return "eng.lambda_duration_ms_submit"
    sources = {source for rule in rules_to(resource, context) for source in event_sources(rule)}
    return "eng.lambda_duration_ms_complete" if sources == {JOB_SOURCE} else None


__all__ = ["FUNCTION", "function"]
