"""Amazon DynamoDB: requests, storage and backups of a table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering.context import BYTES_PER_BILLED_GB, Context, Finding, Gap, everywhere, literal_mapping
from costmodel.metering.residence import NEVER, presence, residence
from costmodel.tables import Array
from costmodel.units import BYTES_PER_KB, HOURS_PER_MONTH

TABLE = "aws:dynamodb/table:Table"
SERVICE = "DynamoDB"

WRITE_UNIT_KB = 1
READ_UNIT_KB = 4
EVENTUALLY_CONSISTENT_UNITS = 0.5
"""Read request units per 4 KB; a feed can be a moment late."""


def table(resource: Resource, context: Context) -> Iterable[Finding]:
    """A table; the only one of a stack carries all its reads and writes."""
    if len(context.inventory.of_type(TABLE)) > 1:
        yield Gap("the stack has several tables and nothing says which one holds what")
        return
    if resource.inputs.get("billingMode") == "PAY_PER_REQUEST":
        yield from _on_demand(resource, context)
    else:
        yield from _provisioned(resource, context)
    stored = stored_gb(resource, context)
    driver = "records of videos and engagements since the start"
    yield context.quantity(resource, (SERVICE, "storage.standard"), "GB-month", stored, "Database", driver)
    if literal_mapping(resource.inputs.get("pointInTimeRecovery")).get("enabled"):
        driver = "size of the table, kept for point-in-time recovery"
        yield context.quantity(resource, (SERVICE, "backup.pitr"), "GB-month", stored, "Database", driver)
    if resource.inputs.get("replicas"):
        yield Gap("replicas in other regions are not metered yet")
    if resource.inputs.get("tableClass") == "STANDARD_INFREQUENT_ACCESS":
        yield Gap("the infrequent-access table class is counted as the standard one")


def _on_demand(resource: Resource, context: Context) -> Iterator[Finding]:
    copies = 1 + len(resource.inputs.get("globalSecondaryIndexes") or ())
    writes = monthly_write_units(context) * copies
    driver = "records of uploads + engagements, each x writes x KB" + (f" x {copies} copies" if copies > 1 else "")
    yield context.quantity(resource, (SERVICE, "ondemand.wru"), "WRU", writes, "Database", driver)
    driver = "feed requests x items per feed x 0.5 units per 4 KB"
    yield context.quantity(resource, (SERVICE, "ondemand.rru"), "RRU", monthly_read_units(context), "Database", driver)


def _provisioned(resource: Resource, context: Context) -> Iterator[Finding]:
    for key, sku, unit in (
        ("writeCapacity", "provisioned.wcu", "WCU-hour"),
        ("readCapacity", "provisioned.rcu", "RCU-hour"),
    ):
        capacity = resource.inputs.get(key)
        if not isinstance(capacity, int | float):
            yield Gap(f"the table is provisioned and its {key} is not known")
            continue
        driver = f"{key} x 730 h"
        yield context.quantity(
            resource, (SERVICE, sku), unit, capacity * HOURS_PER_MONTH, "Database", driver, usage_based=False
        )
    yield Gap("whether the provisioned capacity carries the load is not checked")


def monthly_write_units(context: Context) -> Array:
    """Write request units, shape (..., month)."""
    assumptions = context.assumptions
    video_units = math.ceil(assumptions["eng.dynamodb_video_item_kb"] / WRITE_UNIT_KB)
    engagement_units = math.ceil(assumptions["eng.dynamodb_engagement_item_kb"] / WRITE_UNIT_KB)
    uploads = context.monthly_uploads * assumptions["eng.dynamodb_writes_per_upload"] * video_units
    engagements = everywhere(context.activity.monthly_engagements) * assumptions["eng.dynamodb_writes_per_engagement"]
    return np.asarray(uploads + engagements * engagement_units)


def monthly_read_units(context: Context) -> Array:
    """Read request units: each feed request reads the records of its videos, shape (..., month)."""
    assumptions = context.assumptions
    units = EVENTUALLY_CONSISTENT_UNITS * math.ceil(assumptions["eng.dynamodb_video_item_kb"] / READ_UNIT_KB)
    feeds = everywhere(context.activity.monthly_views) * assumptions["usage.feed_requests_per_view"]
    return np.asarray(feeds * assumptions["eng.dynamodb_reads_per_feed_request"] * units)


def stored_gb(resource: Resource, context: Context) -> Array:
    """Mean size of the table, indexes included, shape (..., month)."""
    assumptions, timeline = context.assumptions, context.activity.timeline
    kb = (
        context.monthly_uploads * assumptions["eng.dynamodb_video_item_kb"]
        + everywhere(context.activity.monthly_engagements) * assumptions["eng.dynamodb_engagement_item_kb"]
    )
    held = residence(timeline, presence(timeline, 0, NEVER))
    copies = 1 + len(resource.inputs.get("globalSecondaryIndexes") or ())
    return np.asarray(kb @ held.T) * BYTES_PER_KB / BYTES_PER_BILLED_GB * copies
