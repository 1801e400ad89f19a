"""Elastic Load Balancing: hours and capacity units of an application load balancer."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering.context import BYTES_PER_BILLED_GB, Context, Factors, Finding, Gap, count_of
from costmodel.tables import Array
from costmodel.units import BYTES_PER_KB, HOURS_PER_MONTH, SECONDS_PER_HOUR

LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"


def load_balancer(resource: Resource, context: Context) -> Iterable[Finding]:
    """An application load balancer in front of the API."""
    if (resource.inputs.get("loadBalancerType") or "application") != "application":
        yield Gap("only application load balancers are metered yet")
        return
    always_on: Factors = {"1 load balancer": 1, "730 h": HOURS_PER_MONTH}
    yield context.quantity(resource, ("ALB", "hour"), "hour", always_on, "Network", usage_based=False)
    if len(context.inventory.of_type(LOAD_BALANCER)) > 1:
        reason = "capacity units are not counted: of several load balancers it is not known which gets what"
        yield Gap(reason, closed_by=("monthly_lcu_hours",))
    else:
        words = "larger of new connections and bytes, each over what a unit carries"
        factors: Factors = {words: capacity_units(context), "730 h": HOURS_PER_MONTH}
        yield context.quantity(resource, ("ALB", "lcu"), "LCU-hour", factors, "Network")
    if not resource.inputs.get("internal"):
        yield _public_addresses(resource, context)


def _public_addresses(resource: Resource, context: Context) -> Finding:
    zones = count_of(resource, "subnets") or count_of(resource, "subnetMappings")
    if zones is None:
        return Gap("its public addresses are not counted: the number of its zones is not known")
    factors: Factors = {f"{zones} zones": zones, "1 public address": 1, "730 h": HOURS_PER_MONTH}
    return context.quantity(resource, ("VPC", "public_ipv4"), "hour", factors, "Network", usage_based=False)


def capacity_units(context: Context) -> Array:
    """Mean load balancer capacity units of the month, shape (..., month).

    A unit is the largest of its dimensions. Active connections cannot lead: at the default idle time of 60 s the 25 new
    connections a second of a unit keep 1,500 of its 3,000 alive; rules cannot, as the first ten are included.
    """
    assumptions, rate = context.assumptions, context.mean_api_requests_per_second
    connections = rate / assumptions["eng.api_requests_per_connection"]
    kb = assumptions["eng.api_request_kb"] + assumptions["eng.api_response_kb"]
    gb_per_hour = rate * SECONDS_PER_HOUR * kb * BYTES_PER_KB / BYTES_PER_BILLED_GB
    by_connections = connections / assumptions["eng.lcu_new_connections_per_second"]
    by_bytes = gb_per_hour / assumptions["eng.lcu_gb_per_hour"]
    return np.asarray(np.maximum(by_connections, by_bytes))
