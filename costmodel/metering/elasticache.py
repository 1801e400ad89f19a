"""Amazon ElastiCache: the nodes of a cache, always on, and what the services read from it across zones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from costmodel.inventory import Resource
from costmodel.metering.context import BYTES_PER_BILLED_GB, Context, Factors, Finding, Gap, count_of
from costmodel.units import BYTES_PER_KB, HOURS_PER_MONTH

SUBNETS = "aws:elasticache/subnetGroup:SubnetGroup"
FREE_SNAPSHOTS = 1
"""Of each cluster, one snapshot is kept for nothing (ElastiCache price page, "Backup storage")."""


def replication_group(resource: Resource, context: Context) -> Iterable[Finding]:
    """A group of nodes: by node and hour, whoever comes."""
    engine, node_type = resource.inputs.get("engine") or "redis", resource.inputs.get("nodeType")
    nodes = node_count(resource)
    if not isinstance(node_type, str) or nodes is None:
        yield Gap("the type or the number of its nodes is not known")
        return
    always_on: Factors = {f"{nodes:g} nodes": nodes, "730 h": HOURS_PER_MONTH}
    sku = ("ElastiCache", f"{engine}.{node_type}")
    yield context.quantity(resource, sku, "node-hour", always_on, "Database", usage_based=False)
    snapshots = resource.inputs.get("snapshotRetentionLimit")
    if isinstance(snapshots, int | float) and snapshots > FREE_SNAPSHOTS:
        yield Gap("snapshots beyond the first are not counted: how full the cache is, is not modelled", ("storage_gb",))
    yield from _across_zones(resource, context)


def node_count(resource: Resource) -> float | None:
    """Nodes of all shards, replicas included; None when that is not known."""
    clusters, shards = resource.inputs.get("numCacheClusters"), resource.inputs.get("numNodeGroups")
    if isinstance(clusters, int | float):
        return float(clusters)
    replicas = resource.inputs.get("replicasPerNodeGroup") or 0
    if isinstance(shards, int | float) and isinstance(replicas, int | float):
        return float(shards) * (1 + float(replicas))
    return None if {"numCacheClusters", "numNodeGroups"} & resource.inputs.keys() else 1.0


def _across_zones(resource: Resource, context: Context) -> Iterator[Finding]:
    """What leaves the primary's zone: billed once, on the side of the service (ElastiCache price page)."""
    zones = max((count_of(g, "subnetIds") or 1 for g in context.inventory.referred(resource, SUBNETS)), default=1)
    if zones == 1:
        return
    gb_per_request = context.assumptions["eng.cache_kb_per_api_request"] * BYTES_PER_KB / BYTES_PER_BILLED_GB
    factors: Factors = {
        "API requests": context.monthly_api_requests,
        "GB from the cache": gb_per_request,
        f"share of tasks in another of {zones} zones": 1 - 1 / zones,
    }
    yield context.quantity(resource, ("DataTransfer", "inter_az"), "GB each direction", factors, "Network")
