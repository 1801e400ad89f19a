"""What viewers do, as a stream of records: Kinesis carries it, Firehose writes it to S3, Athena asks it.

One record an interaction, since readers of the stream take a record for an interaction. Each service rounds the size of
a record up in its own way: 400 bytes count as 1 KB in Kinesis and as 5 KB in Firehose.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering import events
from costmodel.metering.context import BYTES_PER_BILLED_GB, Context, Factors, Finding, Gap, literal_mapping, product
from costmodel.tables import Array
from costmodel.units import BYTES_PER_KIB, BYTES_PER_MIB, HOURS_PER_DAY, HOURS_PER_MONTH, SECONDS_PER_DAY

STREAM = "aws:kinesis/stream:Stream"
FIREHOSE = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
PIPE = "aws:pipes/pipe:Pipe"
BUCKET = "aws:s3/bucket:Bucket"

KINESIS = "KinesisDataStreams"
SERVICE = "Firehose"
INCLUDED_HOURS = HOURS_PER_DAY
"""A stream keeps records for a day without being asked."""

SEVERAL = "of several {} it is not known which carries what"


def stream(resource: Resource, context: Context) -> Iterable[Finding]:
    """A Kinesis stream, on demand or by shard."""
    if len(context.inventory.of_type(STREAM)) > 1:
        yield Gap(SEVERAL.format("streams"), closed_by=("monthly_data_in_gb", "monthly_data_out_gb"))
        return
    mode = literal_mapping(resource.inputs.get("streamModeDetails")).get("streamMode")
    yield from (_on_demand if mode == "ON_DEMAND" else _provisioned)(resource, context)
    hours = resource.inputs.get("retentionPeriod")
    if isinstance(hours, int | float) and hours > INCLUDED_HOURS:
        yield _kept(resource, context, (hours - INCLUDED_HOURS) / HOURS_PER_DAY)


def _on_demand(resource: Resource, context: Context) -> Iterator[Finding]:
    always_on: Factors = {"1 stream": 1, "730 h": HOURS_PER_MONTH}
    sku = (KINESIS, "ondemand.stream")
    yield context.quantity(resource, sku, "stream-hour", always_on, "Analytics", usage_based=False)
    written = {**events.interactions(context), "GB of a record, rounded up": billed_gb(context, KINESIS)}
    yield context.quantity(resource, (KINESIS, "ondemand.in"), "GB", written, "Analytics")
    count = len(context.inventory.referring(resource.urn, MAPPING, FIREHOSE, PIPE))
    if count:
        read = {**written, f"{count} readers": count}
        yield context.quantity(resource, (KINESIS, "ondemand.out"), "GB", read, "Analytics")


def _provisioned(resource: Resource, context: Context) -> Iterator[Finding]:
    shards = resource.inputs.get("shardCount")
    if isinstance(shards, int | float):
        always_on: Factors = {f"{shards:g} shards": shards, "730 h": HOURS_PER_MONTH}
        sku = (KINESIS, "provisioned.shard")
        yield context.quantity(resource, sku, "shard-hour", always_on, "Analytics", usage_based=False)
    else:
        yield Gap("the stream is provisioned and its shardCount is not known")
    step = context.rules.rule(KINESIS, "rule.put_unit_kb") * BYTES_PER_KIB
    units = math.ceil(context.assumptions["eng.interaction_bytes"] / step)
    written = {**events.interactions(context), "payload units of a record": units}
    yield context.quantity(resource, (KINESIS, "provisioned.put_units"), "units", written, "Analytics")
    yield Gap("whether the shards carry the load is not checked")


def _kept(resource: Resource, context: Context, days: float) -> Finding:
    """Records beyond their first day."""
    per_day = monthly_records(context) / context.activity.timeline.days
    factors: Factors = {
        "interactions a day": per_day,
        f"{days:g} days beyond the first": days,
        "GB of a record, rounded up": billed_gb(context, KINESIS),
    }
    sku = (KINESIS, "ondemand.ext_retention")
    return context.quantity(resource, sku, "GB-month", factors, "Analytics")


def firehose(resource: Resource, context: Context) -> Iterable[Finding]:
    """A delivery stream: by GB that come in, each record rounded up."""
    if len(context.inventory.of_type(FIREHOSE)) > 1:
        yield Gap(SEVERAL.format("delivery streams"), closed_by=("monthly_data_ingested_gb",))
        return
    taken = {**events.interactions(context), "GB of a record, rounded up": billed_gb(context, SERVICE)}
    yield context.quantity(resource, (SERVICE, "direct_put"), "GB", taken, "Analytics")
    target = literal_mapping(resource.inputs.get("extendedS3Configuration"))
    if target.get("dataFormatConversionConfiguration"):
        yield context.quantity(resource, (SERVICE, "format_conversion"), "GB", taken, "Analytics")
    if literal_mapping(target.get("dynamicPartitioningConfiguration")).get("enabled"):
        yield context.quantity(resource, (SERVICE, "dynamic_partitioning"), "GB", taken, "Analytics")


def monthly_records(context: Context) -> Array:
    """Interactions, shape (..., month)."""
    return product(events.interactions(context), context.activity.timeline.count)


def billed_gb(context: Context, service: str) -> float:
    """GB that a service counts for one record."""
    step = context.rules.rule(service, "rule.record_step_kb") * BYTES_PER_KIB
    return math.ceil(context.assumptions["eng.interaction_bytes"] / step) * step / BYTES_PER_BILLED_GB


# --- the lake


def monthly_lake_gb(context: Context) -> Array:
    """What Firehose writes to S3 in a month, shape (..., month)."""
    parquet = context.assumptions["eng.interaction_bytes"] * context.assumptions["eng.parquet_share"]
    return np.asarray(monthly_records(context) * parquet / BYTES_PER_BILLED_GB)


def monthly_files(firehose: Resource, context: Context) -> Array:
    """Files that Firehose writes: one an interval, or one a full buffer where that comes first; shape (..., month)."""
    target = literal_mapping(firehose.inputs.get("extendedS3Configuration"))
    interval, buffer_mib = target.get("bufferingInterval"), target.get("bufferingSize")
    seconds = float(interval) if isinstance(interval, int | float) else DEFAULT_INTERVAL_SECONDS
    buffer_bytes = (float(buffer_mib) if isinstance(buffer_mib, int | float) else DEFAULT_BUFFER_MIB) * BYTES_PER_MIB
    by_time = context.activity.timeline.days * SECONDS_PER_DAY / (seconds * SECOND)
    by_size = monthly_records(context) * context.assumptions["eng.interaction_bytes"] / buffer_bytes
    # Without a record there is no file, and never more files than records.
    return np.asarray(np.minimum(np.maximum(by_time, by_size), monthly_records(context)))


SECOND = 1
"""Unit of the interval in a delivery stream's inputs [second]."""
DEFAULT_INTERVAL_SECONDS = 300.0
DEFAULT_BUFFER_MIB = 5.0
"""What Firehose takes when nothing is said (Firehose API reference, BufferingHints)."""
