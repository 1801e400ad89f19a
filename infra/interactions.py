"""What viewers do, as a table: columns of an interaction, and where its files lie; for Glue, Firehose and Athena."""

from __future__ import annotations

from collections.abc import Mapping

COLUMNS: Mapping[str, str] = {
    "event_id": "string",
    "occurred_at": "timestamp",
    "user_id": "string",
    "session_id": "string",
    "video_id": "string",
    "creator_id": "string",
    "kind": "string",
    "watched_ms": "bigint",
    "video_ms": "bigint",
    "position": "int",
    "country": "string",
    "device": "string",
    "app_version": "string",
}
"""Column -> type in Hive's terms. ``kind`` is one of view, like, share, comment, follow, skip, report; ``position`` is
the place in the feed; ``user_id`` is a pseudonym that erasure cuts from the person."""

PARTITION = "day"
PARTITION_FORMAT = "yyyy-MM-dd"
FIRST_DAY = "2026-01-01"
"""Before this day no file can lie there: projection need not look."""

DATA_PREFIX = "interactions/"
ERROR_PREFIX = "errors/"
RESULTS_PREFIX = "results/"


def firehose_prefix() -> str:
    """Prefix of the files that Firehose writes, with its own placeholder for the day [UTC].

    >>> firehose_prefix()
    'interactions/day=!{timestamp:yyyy-MM-dd}/'
    """
    return f"{DATA_PREFIX}{PARTITION}=!{{timestamp:{PARTITION_FORMAT}}}/"


def projection(bucket: str) -> dict[str, str]:
    """Table parameters by which Athena works out the partitions by itself: no crawler, no ``MSCK REPAIR``.

    >>> projection("b")["storage.location.template"]
    's3://b/interactions/day=${day}/'
    """
    return {
        "EXTERNAL": "TRUE",
        "classification": "parquet",
        "projection.enabled": "true",
        f"projection.{PARTITION}.type": "date",
        f"projection.{PARTITION}.format": PARTITION_FORMAT,
        f"projection.{PARTITION}.range": f"{FIRST_DAY},NOW",
        "storage.location.template": f"s3://{bucket}/{DATA_PREFIX}{PARTITION}=${{{PARTITION}}}/",
    }
