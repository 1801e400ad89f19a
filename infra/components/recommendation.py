"""The personal feed: candidates counted from the stream of interactions, ranked by a service of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.api import Api
from infra.components.fargate_service import FargateArgs, FargateService
from infra.components.feed import Feed
from infra.components.stream_function import StreamFunction, StreamFunctionArgs
from infra.naming import Naming

RANKED_PATH = "/api/feed/*"
"""What the load balancer hands to the ranking service instead of the API."""
RULE_PRIORITY = 10
BY_SCORE = "by-score"


@dataclass(frozen=True)
class RecommendationArgs:
    """One recommender."""

    api: Api
    """Its load balancer and cluster are used, too."""
    feed: Feed
    stream: aws.kinesis.Stream
    weights: Mapping[str, float]
    """Kind of interaction -> what it adds to the score of the video."""
    candidate_days: int
    service: FargateArgs


class Ranking(FargateService):
    """Containers that rank candidates for one viewer, behind the API's load balancer."""

    def __init__(
        self, name: str, naming: Naming, args: FargateArgs, api: Api, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:recommendation:Ranking", name, naming, args, opts)
        self._let_in(api.balancer_group)
        rule = aws.lb.ListenerRule(
            name,
            listener_arn=api.listener.arn,
            priority=RULE_PRIORITY,
            conditions=[{"path_pattern": {"values": [RANKED_PATH]}}],
            actions=[{"type": "forward", "target_group_arn": self.targets.arn}],
            tags=self._tags,
            opts=self._child,
        )
        self._run(args, api.cluster, api.load_balancer, after=rule)
        self.register_outputs({"repository": self.repository.repository_url})


class Recommendation(pulumi.ComponentResource):
    """Candidates, what counts them, and what ranks them."""

    candidates: aws.dynamodb.Table
    ranking: Ranking

    def __init__(
        self, name: str, naming: Naming, args: RecommendationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:recommendation:Recommendation", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.candidates = aws.dynamodb.Table(
            "candidates",
            billing_mode="PAY_PER_REQUEST",
            hash_key="pk",
            range_key="sk",
            attributes=[
                {"name": "pk", "type": "S"},
                {"name": "sk", "type": "S"},
                {"name": "score", "type": "N"},
            ],
            # Not a local index: a table that has one cannot spread a busy pool over several partitions.
            global_secondary_indexes=[
                {"name": BY_SCORE, "hash_key": "pk", "range_key": "score", "projection_type": "ALL"}
            ],
            ttl={"attribute_name": "expires_at", "enabled": True},
            point_in_time_recovery={"enabled": True},
            deletion_protection_enabled=args.service.protect,
            tags=naming.tags("recommendation", role="candidates"),
            opts=pulumi.ResourceOptions(parent=self, protect=args.service.protect),
        )
        StreamFunction(
            "candidates",
            naming,
            StreamFunctionArgs(
                description="Counts interactions into the scores of candidates",
                modules=("candidates",),
                environment={
                    "TABLE_NAME": self.candidates.name,
                    "WEIGHTS": json.dumps(args.weights, sort_keys=True),
                    "CANDIDATE_DAYS": str(args.candidate_days),
                },
                statements=[iam.allow(["dynamodb:UpdateItem"], self.candidates.arn)],
                log_retention_days=args.service.log_retention_days,
                stream=args.stream,
            ),
            child,
        )
        ranked = pulumi.Output.concat(self.candidates.arn, "/index/", BY_SCORE)
        self.ranking = Ranking(
            "ranking",
            naming,
            replace(
                args.service,
                environment={"CANDIDATES_TABLE": self.candidates.name, "FEED_TABLE": args.feed.table.name},
                statements=[
                    iam.allow(["dynamodb:Query"], [self.candidates.arn, ranked]),
                    # Whom the viewer follows, and what was seen already.
                    iam.allow(["dynamodb:GetItem", "dynamodb:Query"], args.feed.table.arn),
                ],
            ),
            args.api,
            child,
        )
        self.register_outputs({"candidates": self.candidates.name})
