"""Amazon CloudWatch: log groups and alarms."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering.context import BYTES_PER_BILLED_GB, Context, Finding, Gap
from costmodel.metering.fargate import TASK_DEFINITION
from costmodel.metering.pipeline import FUNCTION, monthly_deliveries
from costmodel.metering.residence import NEVER, presence, residence
from costmodel.tables import Array

HIGH_RESOLUTION_BELOW_SECONDS = 60
"""Alarms that look more often than once a minute are billed as high-resolution ones."""


def log_group(resource: Resource, context: Context) -> Iterable[Finding]:
    """A log group, for who writes to it."""
    ingested = monthly_log_gb(resource, context)
    if ingested is None:
        yield Gap("who writes to it is not known")
        return
    driver = "requests or invocations x bytes logged each"
    yield context.quantity(resource, ("CloudWatch", "logs.ingest"), "GB", ingested, "Observability", driver)
    days = resource.inputs.get("retentionInDays") or NEVER
    timeline = context.activity.timeline
    held = residence(timeline, presence(timeline, 0, float(days)))
    stored = np.asarray(ingested @ held.T) * context.assumptions["eng.log_compression_ratio"]
    kept = f"{days} days" if days != NEVER else "ever"
    driver = f"GB logged, compressed, kept for {kept}"
    yield context.quantity(resource, ("CloudWatch", "logs.storage"), "GB-month", stored, "Observability", driver)


def monthly_log_gb(resource: Resource, context: Context) -> Array | None:
    """Log volume before compression, shape (..., month); None when nothing known writes here."""
    if context.inventory.referring(resource.urn, TASK_DEFINITION):
        lines = context.monthly_api_requests * context.assumptions["eng.log_bytes_per_api_request"]
        return np.asarray(lines / BYTES_PER_BILLED_GB)
    for function in context.inventory.of_type(FUNCTION):
        invocations = monthly_deliveries(function, context) if _writes_to(function, resource) else None
        if invocations is not None:
            logged = invocations * context.assumptions["eng.log_bytes_per_invocation"]
            return np.asarray(logged / BYTES_PER_BILLED_GB)
    return None


def _writes_to(function: Resource, group: Resource) -> bool:
    """Told to, named after it, or equal to the name that Lambda takes unless told otherwise."""
    told = function.depends_on(group.urn, "loggingConfig") or group.depends_on(function.urn, "name")
    return told or _default_group(function) == group.inputs.get("name")


def _default_group(function: Resource) -> str:
    """Log group that Lambda writes to unless told otherwise."""
    return f"/aws/lambda/{function.inputs.get('name')}"


def metric_alarm(resource: Resource, context: Context) -> Iterable[Finding]:
    """An alarm, billed for each metric that it watches."""
    queries = [query for query in resource.inputs.get("metricQueries") or [] if query.get("metric")]
    metrics = len(queries) or 1
    period = resource.inputs.get("period")
    fast = isinstance(period, int | float) and period < HIGH_RESOLUTION_BELOW_SECONDS
    sku = ("CloudWatch", "alarm.high_res" if fast else "alarm.standard")
    driver = f"1 alarm x {metrics} metric" + ("s" if metrics > 1 else "")
    yield context.quantity(resource, sku, "alarm-metric-month", metrics, "Observability", driver, usage_based=False)
