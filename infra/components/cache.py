"""A cache in memory for counters and candidate pools: Valkey, reached from inside the network only, over TLS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.components.network import Network
from infra.naming import Naming

VALKEY_PORT = 6379
ENGINE_VERSION = "8.0"
SNAPSHOT_DAYS = 1
"""The cache can be filled again; a snapshot only spares the tables a cold start."""


@dataclass(frozen=True)
class CacheArgs:
    """One cache."""

    network: Network
    clients: Mapping[str, aws.ec2.SecurityGroup]
    """Who may reach it, by name."""
    node_type: str
    replicas: int


class Cache(pulumi.ComponentResource):
    """Replication group and the ways to it."""

    endpoint: pulumi.Output[str]

    def __init__(self, name: str, naming: Naming, args: CacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("reelplan:data:Cache", name, None, opts)
        tags = naming.tags("cache")
        child = pulumi.ResourceOptions(parent=self)
        subnets = aws.elasticache.SubnetGroup(
            "cache",
            name=naming.physical("cache"),
            description="Private subnets",
            subnet_ids=args.network.private_subnet_ids,
            tags=tags,
            opts=child,
        )
        group = aws.ec2.SecurityGroup(
            "cache",
            vpc_id=args.network.vpc_id,
            description="The cache, for the services that use it",
            tags={**tags, "Name": naming.physical("cache")},
            opts=child,
        )
        for client, client_group in args.clients.items():
            self._way(client, client_group, group, child)
        cache = aws.elasticache.ReplicationGroup(
            "cache",
            replication_group_id=naming.physical("cache"),
            description=f"{naming.workflow}: counters and candidates",
            engine="valkey",
            engine_version=ENGINE_VERSION,
            node_type=args.node_type,
            port=VALKEY_PORT,
            num_cache_clusters=1 + args.replicas,
            automatic_failover_enabled=args.replicas > 0,
            multi_az_enabled=args.replicas > 0,
            subnet_group_name=subnets.name,
            security_group_ids=[group.id],
            at_rest_encryption_enabled=True,
            transit_encryption_enabled=True,
            auto_minor_version_upgrade=True,
            snapshot_retention_limit=SNAPSHOT_DAYS,
            tags=tags,
            opts=child,
        )
        self.endpoint = cache.primary_endpoint_address
        self.register_outputs({"endpoint": self.endpoint})

    def _way(
        self,
        client: str,
        client_group: aws.ec2.SecurityGroup,
        group: aws.ec2.SecurityGroup,
        child: pulumi.ResourceOptions,
    ) -> None:
        aws.vpc.SecurityGroupIngressRule(
            f"cache-from-{client}",
            security_group_id=group.id,
            description=f"From {client}",
            ip_protocol="tcp",
            from_port=VALKEY_PORT,
            to_port=VALKEY_PORT,
            referenced_security_group_id=client_group.id,
            opts=child,
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{client}-to-cache",
            security_group_id=client_group.id,
            description="To the cache",
            ip_protocol="tcp",
            from_port=VALKEY_PORT,
            to_port=VALKEY_PORT,
            referenced_security_group_id=group.id,
            opts=child,
        )
