"""The API: containers on Fargate (ARM) behind an internal load balancer that only CloudFront reaches."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.analytics import Analytics
from infra.components.events import Events
from infra.components.fargate_service import FargateArgs, FargateService
from infra.components.feed import INDEXES, Feed
from infra.components.storage import RAW_PREFIX, MediaStorage
from infra.naming import Naming

HTTP = 80
FEED_ACTIONS = ("BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
CLOUDFRONT_PREFIX_LIST = "com.amazonaws.global.cloudfront.origin-facing"


@dataclass(frozen=True, kw_only=True)
class ApiArgs(FargateArgs):
    """Size and surroundings of the API."""


class Api(FargateService):
    """Load balancer, cluster and the API service in it; other services may stand behind the same balancer."""

    load_balancer: aws.lb.LoadBalancer
    balancer_group: aws.ec2.SecurityGroup
    listener: aws.lb.Listener
    cluster: aws.ecs.Cluster

    def __init__(self, name: str, naming: Naming, args: ApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("reelplan:api:Api", name, naming, args, opts)
        self.balancer_group = self._group("api-balancer", "API load balancer: CloudFront in, tasks out", args.network)
        edge = aws.ec2.get_managed_prefix_list_output(
            name=CLOUDFRONT_PREFIX_LIST, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        aws.vpc.SecurityGroupIngressRule(
            "balancer-from-cloudfront",
            security_group_id=self.balancer_group.id,
            description="HTTP from CloudFront through the VPC origin",
            ip_protocol="tcp",
            from_port=HTTP,
            to_port=HTTP,
            prefix_list_id=edge.id,
            opts=self._child,
        )
        self._let_in(self.balancer_group)
        self.load_balancer = aws.lb.LoadBalancer(
            "api",
            internal=True,
            load_balancer_type="application",
            security_groups=[self.balancer_group.id],
            subnets=args.network.private_subnet_ids,
            drop_invalid_header_fields=True,
            enable_deletion_protection=args.protect,
            tags=self._tags,
            opts=self._child,
        )
        self.listener = aws.lb.Listener(
            "api",
            load_balancer_arn=self.load_balancer.arn,
            port=HTTP,
            protocol="HTTP",
            default_actions=[{"type": "forward", "target_group_arn": self.targets.arn}],
            tags=self._tags,
            opts=self._child,
        )
        self.cluster = self._cluster()
        self._run(args, self.cluster, self.load_balancer, after=self.listener)
        self.register_outputs({"repository": self.repository.repository_url})

    def _cluster(self) -> aws.ecs.Cluster:
        cluster = aws.ecs.Cluster(
            "api",
            name=self._naming.workflow,
            settings=[{"name": "containerInsights", "value": "disabled"}],
            tags=self._tags,
            opts=self._child,
        )
        aws.ecs.ClusterCapacityProviders(
            "api",
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            default_capacity_provider_strategies=[{"capacity_provider": "FARGATE", "weight": 1, "base": 1}],
            opts=self._child,
        )
        return cluster


def api_permissions(
    storage: MediaStorage, feed: Feed, events: Events, analytics: Analytics | None
) -> list[iam.Statement]:
    """What the API may do. Ledgers of money are not among it: gifts and orders are booked by functions of their own."""
    indexes = [pulumi.Output.concat(feed.table.arn, "/index/", index) for index in INDEXES]
    statements = [
        iam.allow(
            ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"], storage.videos.arn
        ),
        iam.allow(
            [f"dynamodb:{action}" for action in FEED_ACTIONS],
            feed.table.arn,
        ),
        iam.allow(["dynamodb:Query"], indexes),
        # A presigned upload carries the signer's permission.
        iam.allow(["s3:PutObject"], pulumi.Output.concat(storage.raw.arn, "/", RAW_PREFIX, "*")),
        iam.allow(["events:PutEvents"], events.bus.arn),
    ]
    if analytics and analytics.stream:
        statements.append(iam.allow(["kinesis:PutRecord", "kinesis:PutRecords"], analytics.stream.arn))
    elif analytics:
        statements.append(iam.allow(["firehose:PutRecord", "firehose:PutRecordBatch"], analytics.firehose.arn))
    return statements
