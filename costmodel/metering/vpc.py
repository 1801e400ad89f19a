"""Amazon VPC: interface endpoints, NAT gateways and addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering.cloudwatch import monthly_log_gb
from costmodel.metering.context import BYTES_PER_BILLED_GB, Context, Factors, Finding, Free, Gap, count_of
from costmodel.tables import Array
from costmodel.units import BYTES_PER_KB, HOURS_PER_MONTH

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"


def endpoint(resource: Resource, context: Context) -> Iterable[Finding]:
    """An endpoint: gateways are free, interfaces cost by zone and hour, and by GB."""
    kind = resource.inputs.get("vpcEndpointType") or "Gateway"
    if kind == "Gateway":
        yield Free("gateway endpoints cost nothing")
        return
    if kind != "Interface":
        yield Gap(f"endpoints of type {kind} are not metered yet")
        return
    zones = count_of(resource, "subnetIds")
    if zones is None:
        yield Gap("the number of its zones is not known")
        return
    sku = ("VPC", "interface_endpoint.hour")
    always_on: Factors = {f"{zones} zones": zones, "730 h": HOURS_PER_MONTH}
    yield context.quantity(resource, sku, "hour", always_on, "Network", usage_based=False)
    name = _service_of(resource)
    carried = CARRIED.get(name)
    if carried is None:
        reason = "GB through the endpoint are not counted: what the tasks fetch through it is not modelled"
        yield Gap(reason, closed_by=("monthly_data_processed_gb",))
        return
    alike = context.once(_endpoints_by_service)[name]
    shared: Factors = {f"1 of {alike} such endpoints": 1 / alike} if alike > 1 else {}
    factors = {**carried(context), **shared}
    by_users = carried is _logged
    sku = ("VPC", "interface_endpoint.data")
    yield context.quantity(resource, sku, "GB", factors, "Network", usage_based=by_users, basis="estimated")


def _service_of(endpoint: Resource) -> str:
    """Last word of the service that an endpoint leads to."""
    return str(endpoint.inputs.get("serviceName")).rpartition(".")[2]


def _endpoints_by_service(context: Context) -> Counter[str]:
    return Counter(_service_of(endpoint) for endpoint in context.inventory.of_type(ENDPOINT))


def _logged(context: Context) -> Factors:
    return {"GB that the API logs": context.once(_container_log_gb)}


def _image_requests(context: Context) -> Factors:
    """Manifests and tokens; the layers themselves come from S3, through its gateway endpoint."""
    assumptions = context.assumptions
    gb = assumptions["eng.ecr_endpoint_kb_per_deployment"] * BYTES_PER_KB / BYTES_PER_BILLED_GB
    return {"deployments": assumptions["eng.deployments_per_month"], "GB of manifests and tokens": gb}


CARRIED: Mapping[str, Callable[[Context], Factors]] = {
    "logs": _logged,
    "api": _image_requests,
    "dkr": _image_requests,
}
"""Last word of an endpoint's service ("com.amazonaws.us-east-1.ecr.dkr") -> what goes through it [GB]."""


def _container_log_gb(context: Context) -> Array:
    """Logs of the containers; functions outside the network do not pass the endpoint."""
    groups = [
        group
        for group in context.inventory.of_type(LOG_GROUP)
        if context.inventory.referring(group.urn, "aws:ecs/taskDefinition:TaskDefinition")
    ]
    volumes = [monthly_log_gb(group, context) for group in groups]
    return np.asarray(sum((v for v in volumes if v is not None), np.zeros(context.activity.timeline.count)))


def nat_gateway(resource: Resource, context: Context) -> Iterable[Finding]:
    """A NAT gateway: its hours; what passes it is not modelled."""
    always_on: Factors = {"1 NAT gateway": 1, "730 h": HOURS_PER_MONTH}
    yield context.quantity(resource, ("NAT", "hour"), "hour", always_on, "Network", usage_based=False)
    reason = "GB through the gateway are not counted: what the tasks send through it is not modelled"
    yield Gap(reason, closed_by=("monthly_data_processed_gb",))


def elastic_ip(resource: Resource, context: Context) -> Iterable[Finding]:
    """A public address, in use or not."""
    sku = ("VPC", "public_ipv4")
    always_on: Factors = {"1 public address": 1, "730 h": HOURS_PER_MONTH}
    yield context.quantity(resource, sku, "hour", always_on, "Network", usage_based=False)
