"""Amazon VPC: interface endpoints, NAT gateways and addresses."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering.cloudwatch import monthly_log_gb
from costmodel.metering.context import Context, Factors, Finding, Free, Gap, count_of
from costmodel.tables import Array
from costmodel.units import HOURS_PER_MONTH

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
LOGS_SUFFIX = ".logs"


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
    if str(resource.inputs.get("serviceName")).endswith(LOGS_SUFFIX):
        sku = ("VPC", "interface_endpoint.data")
        yield context.quantity(
            resource, sku, "GB", {"GB that the API logs": context.once(_container_log_gb)}, "Network"
        )
    else:
        reason = "GB through the endpoint are not counted: what the tasks fetch through it is not modelled"
        yield Gap(reason, closed_by=("monthly_data_processed_gb",))


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
