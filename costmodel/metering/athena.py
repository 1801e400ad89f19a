"""Amazon Athena: what people's queries read of what Firehose has written."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering.context import BYTES_PER_BILLED_GB, Context, Factors, Finding, Free, literal_mapping
from costmodel.metering.interactions import FIREHOSE, monthly_lake_gb
from costmodel.tables import Array
from costmodel.units import GB_PER_TB_TIER


def workgroup(resource: Resource, context: Context) -> Iterable[Finding]:
    """A group of people who ask: by TB read, within the limit of a query."""
    if not context.inventory.of_type(FIREHOSE):
        yield Free("a setting; nothing in the stack writes what could be asked")
        return
    factors: Factors = {
        "queries": context.assumptions["eng.analytics_queries_per_month"],
        "TB read by a query": scanned_gb(resource, context) / GB_PER_TB_TIER,
    }
    yield context.quantity(resource, ("Athena", "query"), "TB scanned", factors, "Analytics")


def scanned_gb(resource: Resource, context: Context) -> Array:
    """GB that a query reads, shape (..., month): the last days of the lake, at most what the workgroup allows."""
    days = context.assumptions["eng.analytics_days_per_query"]
    wanted = monthly_lake_gb(context) / context.activity.timeline.days * days
    limit = literal_mapping(resource.inputs.get("configuration")).get("bytesScannedCutoffPerQuery")
    if not isinstance(limit, int | float):
        return np.asarray(wanted)
    return np.asarray(np.minimum(wanted, limit * BYTE / BYTES_PER_BILLED_GB))


BYTE = 1
"""Unit of the limit in a workgroup's inputs [byte]."""
