"""Amazon CloudWatch: log groups and who writes to them, alarms, dashboards, deliveries of logs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from costmodel.inventory import Inventory, Resource
from costmodel.metering import apigateway, events, waf
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
from costmodel.metering.fargate import TASK_DEFINITION, requests_of_task
from costmodel.metering.residence import NEVER
from costmodel.metering.triggers import FUNCTION, invocations
from costmodel.tables import Array

METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
BUCKET = "aws:s3/bucket:Bucket"
AWS_NAMESPACE = "AWS/"
"""Beginning of the namespaces in which AWS services publish their own metrics for nothing."""

HIGH_RESOLUTION_BELOW_SECONDS = 60
"""Alarms that look more often than once a minute are billed as high-resolution ones."""


def log_group(resource: Resource, context: Context) -> Iterable[Finding]:
    """A log group, for who writes to it."""
    lines = logged(resource, context)
    if lines is None:
        yield Gap("who writes to it is not known", closed_by=("monthly_data_ingested_gb", "storage_gb"))
        return
    factors: Factors = {**lines, "GB per byte": 1 / BYTES_PER_BILLED_GB}
    sku = ("CloudWatch", ingestion_sku(resource, context.inventory))
    yield context.quantity(resource, sku, "GB", factors, "Observability")
    days = resource.inputs.get("retentionInDays") or NEVER
    held = context.held(0, float(days))
    kept = f"{days} days" if days != NEVER else "ever"
    ingested = product(factors, context.activity.timeline.count)
    stored: Factors = {
        f"GB logged, kept for {kept}": np.asarray(ingested @ held.T),
        "compressed to": context.assumptions["eng.log_compression_ratio"],
    }
    yield context.quantity(resource, ("CloudWatch", "logs.storage"), "GB-month", stored, "Observability")


def ingestion_sku(group: Resource, inventory: Inventory) -> str:
    """Sku of what is written: logs that AWS services vend of themselves get cheaper by volume, other ones do not."""
    return "logs.vended" if inventory.referring(group.urn, *VENDING) else "logs.ingest"


def logged(resource: Resource, context: Context) -> Factors | None:
    """Bytes a month that a log group is sent, before compression; None when nothing known writes here."""
    inventory, assumptions = context.inventory, context.assumptions
    for task in inventory.referring(resource.urn, TASK_DEFINITION):
        requests = {"API requests": requests_of_task(task, context)}
        return {**requests, "bytes logged per request": assumptions["eng.log_bytes_per_api_request"]}
    for kind, writes in WRITERS.items():
        for writer in inventory.referring(resource.urn, kind):
            return writes(writer, context)
    for function in _writing_functions(resource, context):
        calls = invocations(function, context)
        if calls is not None:
            return {**calls, "bytes logged per call": assumptions["eng.log_bytes_per_invocation"]}
    return None


def monthly_log_gb(resource: Resource, context: Context) -> Array | None:
    """Log volume before compression, shape (..., month); None when nothing known writes here."""
    lines = logged(resource, context)
    return None if lines is None else product(lines, context.activity.timeline.count) / BYTES_PER_BILLED_GB


def _access_log(stage: Resource, context: Context) -> Factors | None:
    """One line for each request to an API."""
    apis = context.inventory.referred(stage, apigateway.API, prop="apiId")
    requests = apigateway.monthly_requests(apis[0], context) if apis else None
    if requests is None:
        return None
    return {**requests, "bytes logged per request": context.assumptions["eng.log_bytes_per_api_request"]}


def _firewall_log(logging: Resource, context: Context) -> Factors | None:
    """One line for each request that the filter keeps: those that the firewall blocks, or all."""
    acls = context.inventory.referred(logging, waf.WEB_ACL, prop="resourceArn")
    requests = waf.monthly_requests(acls[0], context) if acls else None
    share = waf.logged_share(logging, context)
    if requests is None or share is None:
        return None
    return {**requests, **share, "bytes logged per request": context.assumptions["eng.log_bytes_per_waf_request"]}


def _flow_log(flow_log: Resource, context: Context) -> Factors | None:
    """Flows of the network; of those that are accepted, nobody knows the number beforehand."""
    if flow_log.inputs.get("trafficType") != "REJECT":
        return None
    gb = {"GB of refused flows a month": context.assumptions["eng.refused_flow_log_gb_month"]}
    return {**gb, "bytes per GB": BYTES_PER_BILLED_GB}


def _delivery_faults(stream: Resource, context: Context) -> Factors:
    """A delivery stream logs what it could not deliver."""
    share = context.assumptions["eng.pipeline_failure_share"]
    per_fault = context.assumptions["eng.log_bytes_per_invocation"]
    return {**events.interactions(context), "share that fails": share, "bytes logged per fault": per_fault}


def _chat_log(logging: Resource, context: Context) -> Factors:
    """Every message of a chat."""
    per_message = context.assumptions["eng.log_bytes_per_chat_message"]
    return {**events.chat_messages(context), "bytes logged per message": per_message}


WRITERS: Mapping[str, Callable[[Resource, Context], Factors | None]] = {
    "aws:apigatewayv2/stage:Stage": _access_log,
    "aws:ec2/flowLog:FlowLog": _flow_log,
    "aws:ivschat/loggingConfiguration:LoggingConfiguration": _chat_log,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": _delivery_faults,
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": _firewall_log,
}
"""Type of a resource that sends its log to a group -> bytes that it sends a month."""

VENDING = tuple(sorted(WRITERS.keys() - {"aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"}))
"""Types whose log is a vended one. CloudWatch Logs user guide, "Enable logging from AWS services", from memory."""


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
    """An alarm, billed for each metric that it watches; of a metric of our own, which is billed, it is the witness."""
    metrics = len(_queries(resource)) or 1
    period = resource.inputs.get("period")
    fast = isinstance(period, int | float) and period < HIGH_RESOLUTION_BELOW_SECONDS
    sku = ("CloudWatch", "alarm.high_res" if fast else "alarm.standard")
    factors: Factors = {"1 alarm": 1, f"{metrics} metric" + ("s" if metrics > 1 else ""): metrics}
    yield context.quantity(resource, sku, "alarm-metric-month", factors, "Observability", usage_based=False)
    if own := [metric for metric, first in context.once(_own_metrics).items() if first == resource.urn]:
        count: Factors = {f"{len(own)} metric of our own": len(own)}
        sku = ("CloudWatch", "metric")
        yield context.quantity(resource, sku, "metric-month", count, "Observability", usage_based=False)


def _queries(alarm: Resource) -> list[Mapping[str, object]]:
    found = [literal_mapping(query.get("metric")) for query in alarm.inputs.get("metricQueries") or []]
    return [metric for metric in found if metric]


def _own_metrics(context: Context) -> dict[str, str]:
    """Metrics that no AWS service publishes -> URN of the first alarm that watches one; each is billed once."""
    found: dict[str, str] = {}
    for alarm in context.inventory.of_type(METRIC_ALARM):
        for metric in _queries(alarm) or [alarm.inputs]:
            if not str(metric.get("namespace") or AWS_NAMESPACE).startswith(AWS_NAMESPACE):
                identity = [metric.get(part) for part in ("namespace", "metricName", "dimensions")]
                found.setdefault(json.dumps(identity, sort_keys=True), alarm.urn)
    return found


def composite_alarm(resource: Resource, context: Context) -> Iterable[Finding]:
    """An alarm made of alarms."""
    sku = ("CloudWatch", "alarm.composite")
    yield context.quantity(resource, sku, "alarm-month", {"1 composite alarm": 1}, "Observability", usage_based=False)


def dashboard(resource: Resource, context: Context) -> Iterable[Finding]:
    """A dashboard; the first three of an account cost nothing, as the ladder of the price says."""
    sku, one = ("CloudWatch", "dashboard"), {"1 dashboard": 1}
    yield context.quantity(resource, sku, "dashboard-month", one, "Observability", region="global", usage_based=False)


DELIVERY_DESTINATION = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
PLAIN_FORMATS = frozenset({"json", "plain", "w3c", "raw"})


def log_delivery(resource: Resource, context: Context) -> Iterable[Finding]:
    """CloudFront's access logs on their way: to S3 as text for nothing, anywhere else at the price of vended logs.

    Source: Amazon CloudWatch price page, "Vended Logs", from memory.
    """
    destinations = context.inventory.referred(resource, DELIVERY_DESTINATION, prop="deliveryDestinationArn")
    if len(destinations) != 1:
        yield Gap("where the logs go is not known", closed_by=("monthly_data_ingested_gb",))
        return
    target = literal_mapping(destinations[0].inputs.get("deliveryDestinationConfiguration"))
    buckets = context.inventory.referred(destinations[0], BUCKET, prop="deliveryDestinationConfiguration")
    to_bucket = bool(buckets) or str(target.get("destinationResourceArn")).startswith("arn:aws:s3:")
    written = str(destinations[0].inputs.get("outputFormat") or "json")
    if to_bucket and written in PLAIN_FORMATS:
        yield Free("delivery to a bucket as text costs nothing; what is kept is priced with the bucket")
    else:
        yield Gap("delivery of these logs is not counted", closed_by=("monthly_data_ingested_gb",))
