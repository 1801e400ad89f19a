"""Amazon DynamoDB: requests, storage and backups of a table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering.context import BYTES_PER_BILLED_GB, Context, Factors, Finding, Gap, everywhere, literal_mapping
from costmodel.metering.residence import NEVER
from costmodel.tables import Array
from costmodel.units import BYTES_PER_KB, HOURS_PER_MONTH

TABLE = "aws:dynamodb/table:Table"
SERVICE = "DynamoDB"

WRITE_UNIT_KB = 1
READ_UNIT_KB = 4
EVENTUALLY_CONSISTENT_UNITS = 0.5
"""Read request units per 4 KB; a feed can be a moment late."""


ROLE_TAG = "reelplan:role"
VIDEOS = "videos"


def table(resource: Resource, context: Context) -> Iterable[Finding]:
    """A table: the one that holds the videos carries the reads and writes that are modelled.

    It is told by its role, or by being the only one of the stack.
    """
    role = literal_mapping(resource.inputs.get("tags")).get(ROLE_TAG)
    if role != VIDEOS and len(context.inventory.of_type(TABLE)) > 1:
        holds = f"how much the table of {role} is used is not modelled yet"
        reason = holds if role else "the stack has several tables and nothing says which one holds what"
        yield Gap(reason, closed_by=("monthly_write_request_units", "monthly_read_request_units", "storage_gb"))
        return
    if resource.inputs.get("billingMode") == "PAY_PER_REQUEST":
        yield from _on_demand(resource, context)
    else:
        yield from _provisioned(resource, context)
    stored = {"GB of records of videos and engagements since the start": stored_gb(resource, context)}
    yield context.quantity(resource, (SERVICE, "storage.standard"), "GB-month", stored, "Database")
    if literal_mapping(resource.inputs.get("pointInTimeRecovery")).get("enabled"):
        kept = {"GB of the table, kept for point-in-time recovery": stored_gb(resource, context)}
        yield context.quantity(resource, (SERVICE, "backup.pitr"), "GB-month", kept, "Database")
    if resource.inputs.get("replicas"):
        yield Gap("replicas in other regions are not metered yet")
    if resource.inputs.get("tableClass") == "STANDARD_INFREQUENT_ACCESS":
        yield Gap("the infrequent-access table class is counted as the standard one")


def _on_demand(resource: Resource, context: Context) -> Iterator[Finding]:
    copies = 1 + len(resource.inputs.get("globalSecondaryIndexes") or ())
    writes: Factors = {"records of uploads + engagements, each x writes x KB": monthly_write_units(context)}
    copied = {f"{copies} copies": copies} if copies > 1 else {}
    yield context.quantity(resource, (SERVICE, "ondemand.wru"), "WRU", {**writes, **copied}, "Database")
    yield context.quantity(resource, (SERVICE, "ondemand.rru"), "RRU", read_factors(context), "Database")


def _provisioned(resource: Resource, context: Context) -> Iterator[Finding]:
    for key, sku, unit in (
        ("writeCapacity", "provisioned.wcu", "WCU-hour"),
        ("readCapacity", "provisioned.rcu", "RCU-hour"),
    ):
        capacity = resource.inputs.get(key)
        if not isinstance(capacity, int | float):
            yield Gap(f"the table is provisioned and its {key} is not known")
            continue
        factors: Factors = {key: capacity, "730 h": HOURS_PER_MONTH}
        yield context.quantity(resource, (SERVICE, sku), unit, factors, "Database", usage_based=False)
    yield Gap("whether the provisioned capacity carries the load is not checked")


def monthly_write_units(context: Context) -> Array:
    """Write request units, shape (..., month)."""
    assumptions = context.assumptions
    video_units = math.ceil(assumptions["eng.dynamodb_video_item_kb"] / WRITE_UNIT_KB)
    engagement_units = math.ceil(assumptions["eng.dynamodb_engagement_item_kb"] / WRITE_UNIT_KB)
    uploads = context.monthly_uploads * assumptions["eng.dynamodb_writes_per_upload"] * video_units
    engagements = everywhere(context.activity.monthly_engagements) * assumptions["eng.dynamodb_writes_per_engagement"]
    return np.asarray(uploads + engagements * engagement_units)


def read_factors(context: Context) -> Factors:
    """Read request units: each feed request reads the records of its videos."""
    assumptions = context.assumptions
    steps = math.ceil(assumptions["eng.dynamodb_video_item_kb"] / READ_UNIT_KB)
    return {
        "views": everywhere(context.activity.monthly_views),
        "feed requests per view": assumptions["usage.feed_requests_per_view"],
        "items per feed": assumptions["eng.dynamodb_reads_per_feed_request"],
        "0.5 units per 4 KB": EVENTUALLY_CONSISTENT_UNITS * steps,
    }


def stored_gb(resource: Resource, context: Context) -> Array:
    """Mean size of the table, indexes included, shape (..., month)."""
    assumptions = context.assumptions
    kb = (
        context.monthly_uploads * assumptions["eng.dynamodb_video_item_kb"]
        + everywhere(context.activity.monthly_engagements) * assumptions["eng.dynamodb_engagement_item_kb"]
    )
    held = context.held(0, NEVER)
    copies = 1 + len(resource.inputs.get("globalSecondaryIndexes") or ())
    return np.asarray(kb @ held.T) * BYTES_PER_KB / BYTES_PER_BILLED_GB * copies
