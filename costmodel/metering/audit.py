"""Audit: CloudTrail, GuardDuty and flow logs, which cost by what they watch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from costmodel.inventory import Resource
from costmodel.metering import s3
from costmodel.metering.context import (
    BYTES_PER_BILLED_GB,
    Context,
    Factors,
    Finding,
    Free,
    Gap,
    literal_mapping,
    product,
)
from costmodel.tables import Array, Quantity

TRAIL = "aws:cloudtrail/trail:Trail"
DETECTOR_FEATURE = "aws:guardduty/detectorFeature:DetectorFeature"
S3_PROTECTION = "S3_DATA_EVENTS"


def trail(resource: Resource, context: Context) -> Iterable[Finding]:
    """A trail: AWS delivers the first copy of management events for nothing; its files are priced with the bucket."""
    if context.inventory.of_type(TRAIL)[0].urn == resource.urn:
        yield Free("the first copy of management events costs nothing; its files are priced with their bucket")
    else:
        copied = management_events(context)
        yield context.quantity(resource, ("CloudTrail", "management_extra_copy"), "events", copied, "Security")
    if resource.inputs.get("eventSelectors") or resource.inputs.get("advancedEventSelectors"):
        yield Gap("data events that it records are not counted", closed_by=("monthly_data_events",))
    if resource.inputs.get("insightSelectors"):
        yield Gap("events that CloudTrail Insights analyses are not counted", closed_by=("monthly_insight_events",))


def management_events(context: Context) -> Factors:
    """Calls that change or read the account's resources."""
    return {"1 account": 1, "management events a month": context.assumptions["eng.management_events_per_month"]}


def detector(resource: Resource, context: Context) -> Iterable[Finding]:
    """A detector. All optional protections are on unless somebody turns them off, runtime monitoring apart.

    Source: Amazon GuardDuty API reference, CreateDetector, checked 2026-11-22.
    """
    if resource.inputs.get("enable") is False:
        yield Free("the detector is switched off")
        return
    yield context.quantity(resource, ("GuardDuty", "cloudtrail"), "events", management_events(context), "Security")
    sku = ("GuardDuty", "vpc_flow_dns")
    yield context.quantity(resource, sku, "GB", _flow_gb(context), "Security")
    if _protects_s3(resource, context):
        calls: Factors = {"requests to buckets": bucket_requests(resource, context)}
        yield context.quantity(resource, ("GuardDuty", "s3_data_events"), "events", calls, "Security")
    else:
        yield Free("requests to buckets are not analysed: that protection is switched off")


def _protects_s3(resource: Resource, context: Context) -> bool:
    logs = literal_mapping(literal_mapping(resource.inputs.get("datasources")).get("s3Logs"))
    features = context.inventory.referring(resource.urn, DETECTOR_FEATURE)
    turned = {feature.inputs.get("name"): feature.inputs.get("status") for feature in features}
    return logs.get("enable") is not False and turned.get(S3_PROTECTION) != "DISABLED"


def bucket_requests(resource: Resource, context: Context) -> Array:
    """Requests to the buckets in the detector's region, as their own meter counts them, shape (..., month)."""
    requests = context.once(_requests_by_region).get(resource.region, [])
    return sum(requests[1:], requests[0]) if requests else product({}, context.activity.timeline.count) * 0


def _requests_by_region(context: Context) -> dict[str, list[Array]]:
    found: dict[str, list[Array]] = {}
    for bucket in context.inventory.of_type(s3.BUCKET):
        for finding in s3.bucket(bucket, context):
            if isinstance(finding, Quantity) and finding.sku_key.startswith("req."):
                found.setdefault(bucket.region, []).append(finding.amount)
    return found


def _flow_gb(context: Context) -> Factors:
    """Records of the network's flows, and of names that are looked up: so many for each connection to the API."""
    assumptions = context.assumptions
    return {
        "API requests": context.monthly_api_requests,
        "connections per request": 1 / assumptions["eng.api_requests_per_connection"],
        "bytes of flow and DNS records per connection": assumptions["eng.flow_record_bytes_per_connection"],
        "GB per byte": 1 / BYTES_PER_BILLED_GB,
    }


def analyzer(resource: Resource, context: Context) -> Iterable[Finding]:
    """An access analyzer: what others may do is looked at for nothing, what nobody uses is not."""
    if "UNUSED_ACCESS" in str(resource.inputs.get("type")):
        yield Gap("roles and users whose unused access it looks at are not counted")
    else:
        yield Free("analysis of external access costs nothing")


def flow_log(resource: Resource, context: Context) -> Iterator[Finding]:
    """A flow log: what it writes is billed where it goes."""
    if (resource.inputs.get("logDestinationType") or "cloud-watch-logs") != "cloud-watch-logs":
        yield Gap("delivery of its records is not counted", closed_by=("monthly_data_ingested_gb",))
    elif resource.inputs.get("trafficType") != "REJECT":
        yield Gap("records of all traffic are not counted; those of refused traffic would be")
    else:
        yield Free("what it writes is priced with its log group")
