"""AWS Secrets Manager: secrets, and how often they are read."""

from __future__ import annotations

from collections.abc import Iterable

from costmodel.inventory import Resource
from costmodel.metering import events
from costmodel.metering.context import Context, Finding, Gap
from costmodel.metering.triggers import FUNCTION, invocations

SERVICE = "SecretsManager"


def secret(resource: Resource, context: Context) -> Iterable[Finding]:
    """A secret: its month, and a request whenever a function that uses it starts in a new environment."""
    kept = {"1 secret": 1}
    yield context.quantity(resource, (SERVICE, "secret"), "secret-month", kept, "Security", usage_based=False)
    readers = context.inventory.referring(resource.urn, FUNCTION)
    calls = [flow for function in readers if (flow := invocations(function, context)) is not None]
    if not calls or len(calls) < len(readers):
        yield Gap("how often it is read is not known", closed_by=("monthly_requests",))
        return
    starts = context.assumptions["eng.lambda_cold_start_share"]
    reads = {**events.total(calls, context), "share of calls in a new environment": starts}
    yield context.quantity(resource, (SERVICE, "api"), "requests", reads, "Security")
