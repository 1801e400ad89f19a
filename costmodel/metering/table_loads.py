"""What the users do to each table: writes, reads and records that stay, by the role in the table's tag.

How a feature uses its table is a fact of its design (a gift is a transaction of three writes); how often it is used
follows from the users, and how large its records are is assumed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering import events
from costmodel.metering.context import BYTES_PER_BILLED_GB, Context, Factors, everywhere, product
from costmodel.metering.ladder import variables
from costmodel.metering.residence import NEVER
from costmodel.tables import Array
from costmodel.units import BYTES_PER_KB

TABLE = "aws:dynamodb/table:Table"
FUNCTION = "aws:lambda/function:Function"
ROLE_TAG = "reelplan:role"
VIDEOS, FEED = "videos", "feed"

WRITE_UNIT_KB = 1
READ_UNIT_KB = 4
EVENTUALLY_CONSISTENT_UNITS = 0.5
"""Read request units per 4 KB; a feed can be a moment late."""
TRANSACTION_UNITS = 2
"""Write request units per KB inside a transaction (DynamoDB developer guide, "Transactional write requests")."""
KEY_CHANGE_WRITES = 2
"""An index whose key changes deletes one entry and writes another."""

GIFT_WRITES = 3
"""One transaction: the entry in the ledger, the giver's coins, the creator's diamonds."""
ORDER_WRITES = 2
"""The state of an order, and that it was announced; a note of each webhook is written beside, once, without index."""


@dataclass(frozen=True)
class Load:
    """Use of a table in each month."""

    writes: Factors
    """[WRU]"""
    reads: Factors
    """[RRU]"""
    records_in_words: str
    """What is stored."""
    stored_gb: Array
    """Mean of each month, indexes included, shape (..., month)."""


Loader = Callable[[Resource, Context], Load]


def indexes(resource: Resource) -> int:
    """Global secondary indexes of a table."""
    return len(resource.inputs.get("globalSecondaryIndexes") or ())


def write_units(kb: float) -> int:
    """Write request units of one record."""
    return math.ceil(kb / WRITE_UNIT_KB)


def read_units(kb: float) -> float:
    """Read request units of one record, or of all that one query returns, when it may be a moment late."""
    return EVENTUALLY_CONSISTENT_UNITS * math.ceil(kb / READ_UNIT_KB)


def feed_requests(context: Context) -> Factors:
    """Pages of the feed that the app asks for."""
    views = everywhere(context.activity.monthly_views)
    return {"views": views, "feed requests per view": context.assumptions["usage.feed_requests_per_view"]}


def stored(context: Context, monthly: Array, kb: float, copies: float = 1, days: float = NEVER) -> Array:
    """Mean size [GB] of records that come in each month and stay for a while, shape (..., month)."""
    held = context.held(0, days)
    return np.asarray((monthly * kb) @ held.T) * BYTES_PER_KB / BYTES_PER_BILLED_GB * copies


def _months(factors: Factors, context: Context) -> Array:
    return product(factors, context.activity.timeline.count)


# --- roles


def videos(resource: Resource, context: Context) -> Load:
    """Records of videos; and of engagements, where no table of the feed takes them."""
    assumptions, copies = context.assumptions, 1 + indexes(resource)
    kb = assumptions["eng.dynamodb_video_item_kb"]
    writes: Factors = {
        "records of uploads": context.monthly_uploads,
        "writes": assumptions["eng.dynamodb_writes_per_upload"],
        "KB": write_units(kb),
    }
    gb = stored(context, context.monthly_uploads, kb, copies)
    words = "videos"
    flows = [writes]
    if not context.once(has_feed):
        flows.append(_engagement_writes(context))
        gb = gb + _engagements_gb(context, copies)
        words = "videos and engagements"
    if _counts_views(resource, context):
        flows.append(_counted_views(context))
    reads = {
        **feed_requests(context),
        "items per feed": assumptions["eng.dynamodb_reads_per_feed_request"],
        "0.5 units per 4 KB": read_units(kb),
    }
    return Load(_copied(events.total(flows, context), copies), reads, words, gb)


def feed(resource: Resource, context: Context) -> Load:
    """Engagements with their indexes, and timelines, which expire."""
    assumptions, copies = context.assumptions, 1 + indexes(resource)
    entry_kb = assumptions["eng.dynamodb_timeline_entry_kb"]
    entries = context.monthly_uploads * assumptions["eng.timeline_entries_per_upload"]
    timelines: Factors = {"timeline entries of uploads": entries, "KB of an entry": write_units(entry_kb)}
    flows = [_copied(_engagement_writes(context), copies), timelines]
    page_kb = assumptions["eng.dynamodb_reads_per_feed_request"] * entry_kb
    gb = _engagements_gb(context, copies) + stored(context, entries, entry_kb, days=assumptions["eng.timeline_days"])
    reads: Factors = {**feed_requests(context), "0.5 units per 4 KB of a page": read_units(page_kb)}
    return Load(events.total(flows, context), reads, "engagements, and timelines until they expire", gb)


def gifts(resource: Resource, context: Context) -> Load:
    """The ledger of gifts: three writes in a transaction, the entry in every index, the balance read once."""
    sent, kb = events.gifts_sent(context), context.assumptions["eng.dynamodb_gift_item_kb"]
    count = indexes(resource)
    units = (GIFT_WRITES * TRANSACTION_UNITS + count) * write_units(kb)
    words = f"units ({GIFT_WRITES} writes in a transaction, {count} indexes)"
    reads: Factors = {**sent, "0.5 units per balance": read_units(kb)}
    gb = stored(context, _months(sent, context), kb, copies=1 + count)
    return Load({**sent, words: units}, reads, "gifts", gb)


def orders(resource: Resource, context: Context) -> Load:
    """Orders: each change is noted, written and marked as announced; the note is looked up first."""
    changes, kb = events.order_changes(context), context.assumptions["eng.dynamodb_order_item_kb"]
    copies = 1 + indexes(resource)
    units = (1 + ORDER_WRITES * copies) * write_units(kb)
    reads: Factors = {**changes, "0.5 units per note": read_units(kb)}
    placed = everywhere(context.activity.monthly_orders)
    gb = stored(context, placed, kb, copies)
    return Load({**changes, f"units (note, 2 writes x {copies} copies)": units}, reads, "orders", gb)


def candidates(resource: Resource, context: Context) -> Load:
    """Pools of candidates by country: scores that interactions raise, and the best of them that the ranking reads."""
    assumptions = context.assumptions
    kb = assumptions["eng.dynamodb_candidate_item_kb"]
    writes: Factors = {
        **events.interactions(context),
        "1 / interactions in a write": 1 / assumptions["eng.interactions_per_score_write"],
        "units (an index by score changes its key)": (1 + KEY_CHANGE_WRITES * indexes(resource)) * write_units(kb),
    }
    page_kb = assumptions["eng.candidates_per_feed_request"] * kb
    reads: Factors = {**feed_requests(context), "0.5 units per 4 KB of candidates": read_units(page_kb)}
    pools = len(context.activity.geographies)
    days = _number_of(resource, "CANDIDATE_DAYS", context)
    gb = stored(context, context.monthly_uploads * pools, kb, 1 + indexes(resource), NEVER if days is None else days)
    return Load(writes, reads, "candidates until they expire", gb)


LOADS: Mapping[str, Loader] = {
    "candidates": candidates,
    FEED: feed,
    "gifts": gifts,
    "orders": orders,
    VIDEOS: videos,
}
"""Role in a table's tag -> how the table is used."""


def load_of(resource: Resource, context: Context) -> Load | None:
    """Use of a table; None when nothing says what it is for. The only table of a stack holds the videos."""
    role = resource.tags.get(ROLE_TAG)
    if role is None and len(context.inventory.of_type(TABLE)) == 1:
        role = VIDEOS
    loader = LOADS.get(str(role))
    return loader(resource, context) if loader else None


# --- parts of several


def has_feed(context: Context) -> bool:
    """Whether the stack has a table for the feed, which takes the engagements."""
    return any(table.tags.get(ROLE_TAG) == FEED for table in context.inventory.of_type(TABLE))


def _engagement_writes(context: Context) -> Factors:
    assumptions = context.assumptions
    return {
        "engagements": everywhere(context.activity.monthly_engagements),
        "writes of one": assumptions["eng.dynamodb_writes_per_engagement"],
        "KB of one": write_units(assumptions["eng.dynamodb_engagement_item_kb"]),
    }


def _engagements_gb(context: Context, copies: float) -> Array:
    kb = context.assumptions["eng.dynamodb_engagement_item_kb"]
    return stored(context, everywhere(context.activity.monthly_engagements), kb, copies)


def _counts_views(resource: Resource, context: Context) -> bool:
    """Whether a function counts the views of videos in this table; the counts themselves are small and expire."""
    functions = context.inventory.referring(resource.urn, FUNCTION)
    return any("EARNED_VIEWS" in variables(function) for function in functions)


def _counted_views(context: Context) -> Factors:
    per_write = context.assumptions["eng.interactions_per_score_write"]
    return {"views counted": everywhere(context.activity.monthly_views), "1 / views in a write": 1 / per_write}


def _copied(factors: Factors, copies: int) -> Factors:
    return {**factors, f"{copies} copies": copies} if copies > 1 else factors


def _number_of(resource: Resource, variable: str, context: Context) -> float | None:
    """A number in the environment of a function that uses the table."""
    for function in context.inventory.referring(resource.urn, FUNCTION):
        text = variables(function).get(variable)
        if isinstance(text, str) and text.isdigit():
            return float(text)
    return None
