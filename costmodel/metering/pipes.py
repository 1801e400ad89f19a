"""Amazon EventBridge Pipes: what a pipe takes from its source, and the polls of a table's stream."""

from __future__ import annotations

from collections.abc import Iterable

from costmodel.inventory import Resource
from costmodel.metering import events
from costmodel.metering.context import Context, Factors, Finding, Gap
from costmodel.units import DAYS_PER_MONTH, SECONDS_PER_DAY

TABLE = "aws:dynamodb/table:Table"
ROLE_TAG = "reelplan:role"
FEED = "feed"


def pipe(resource: Resource, context: Context) -> Iterable[Finding]:
    """A pipe from the feed's changes to the bus: one request a change, as batches are counted by their events."""
    tables = context.inventory.referred(resource, TABLE, prop="source")
    if [table.tags.get(ROLE_TAG) for table in tables] != [FEED]:
        yield Gap("what comes through the pipe is not modelled", closed_by=("monthly_requests",))
        return
    yield context.quantity(resource, ("EventBridge", "pipes"), "requests", events.feed_changes(context), "Messaging")
    polls: Factors = {
        "shards of the table's stream": context.assumptions["eng.dynamodb_stream_shards"],
        "polls a second": context.assumptions["eng.stream_polls_per_shard_second"],
        "seconds of a month": SECONDS_PER_DAY * DAYS_PER_MONTH,
    }
    yield context.quantity(
        resource, ("DynamoDB", "streams.read"), "requests", polls, "Database", usage_based=False, basis="estimated"
    )
