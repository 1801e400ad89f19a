"""Amazon CloudWatch: log groups and alarms."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering.context import BYTES_PER_BILLED_GB, Context, Factors, Finding, Gap
from costmodel.metering.fargate import TASK_DEFINITION
from costmodel.metering.pipeline import FUNCTION, monthly_deliveries
from costmodel.metering.residence import NEVER
from costmodel.tables import Array

HIGH_RESOLUTION_BELOW_SECONDS = 60
"""Alarms that look more often than once a minute are billed as high-resolution ones."""


def log_group(resource: Resource, context: Context) -> Iterable[Finding]:
    """A log group, for who writes to it."""
    ingested = monthly_log_gb(resource, context)
    if ingested is None:
        yield Gap("who writes to it is not known", closed_by=("monthly_data_ingested_gb", "storage_gb"))
        return
    words = "GB logged by requests or invocations"
    yield context.quantity(resource, ("CloudWatch", "logs.ingest"), "GB", {words: ingested}, "Observability")
    days = resource.inputs.get("retentionInDays") or NEVER
    held = context.held(0, float(days))
    kept = f"{days} days" if days != NEVER else "ever"
    factors: Factors = {
        f"GB logged, kept for {kept}": np.asarray(ingested @ held.T),
        "compressed to": context.assumptions["eng.log_compression_ratio"],
    }
    yield context.quantity(resource, ("CloudWatch", "logs.storage"), "GB-month", factors, "Observability")


def monthly_log_gb(resource: Resource, context: Context) -> Array | None:
    """Log volume before compression, shape (..., month); None when nothing known writes here."""
    if context.inventory.referring(resource.urn, TASK_DEFINITION):
        lines = context.monthly_api_requests * context.assumptions["eng.log_bytes_per_api_request"]
        return np.asarray(lines / BYTES_PER_BILLED_GB)
    for function in _writing_functions(resource, context):
        invocations = monthly_deliveries(function, context)
        if invocations is not None:
            logged = invocations * context.assumptions["eng.log_bytes_per_invocation"]
            return np.asarray(logged / BYTES_PER_BILLED_GB)
    return None


def _writing_functions(group: Resource, context: Context) -> list[Resource]:
    """Functions that are told to write here, or else those after which the group is named."""
    inventory = context.inventory
    told = [f for f in inventory.referring(group.urn, FUNCTION) if f.depends_on(group.urn, "loggingConfig")]
    named = [f for f in inventory.referred(group, FUNCTION, prop="name") if group.depends_on(f.urn, "name")]
    return told or named or context.once(_functions_by_default_group).get(group.inputs.get("name"), [])


def _functions_by_default_group(context: Context) -> dict[object, list[Resource]]:
    """Log group that Lambda takes unless told otherwise -> its functions."""
    groups: dict[object, list[Resource]] = {}
    for function in context.inventory.of_type(FUNCTION):
        groups.setdefault(f"/aws/lambda/{function.inputs.get('name')}", []).append(function)
    return groups


def metric_alarm(resource: Resource, context: Context) -> Iterable[Finding]:
    """An alarm, billed for each metric that it watches."""
    queries = [query for query in resource.inputs.get("metricQueries") or [] if query.get("metric")]
    metrics = len(queries) or 1
    period = resource.inputs.get("period")
    fast = isinstance(period, int | float) and period < HIGH_RESOLUTION_BELOW_SECONDS
    sku = ("CloudWatch", "alarm.high_res" if fast else "alarm.standard")
    factors: Factors = {"1 alarm": 1, f"{metrics} metric" + ("s" if metrics > 1 else ""): metrics}
    yield context.quantity(resource, sku, "alarm-metric-month", factors, "Observability", usage_based=False)
