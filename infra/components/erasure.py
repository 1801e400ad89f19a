"""Erasure: of a video with every version, copy and record of it, and of the account of a person."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.event_function import EventFunction, EventFunctionArgs
from infra.components.events import Events
from infra.components.feed import INDEXES, Feed
from infra.components.live import RECORDINGS_PREFIX
from infra.components.replica import Replica
from infra.components.storage import BY_USER, PUBLISHED_PREFIX, RAW_PREFIX, REVIEW_PREFIX, MediaStorage
from infra.naming import Naming

ERASE_SECONDS = 300


@dataclass(frozen=True)
class ErasureArgs:
    """Where traces of a video, and of a person, are."""

    account: pulumi.Input[str]
    region: pulumi.Input[str]
    storage: MediaStorage
    feed: Feed
    users: aws.cognito.UserPool
    events: Events
    distribution: aws.cloudfront.Distribution
    log_retention_days: int
    replica: Replica | None = None


class Erasure(pulumi.ComponentResource):
    """Two functions. Whoever may put their events on the bus may erase any video, and any account."""

    erase: EventFunction
    erase_account: EventFunction

    def __init__(
        self, name: str, naming: Naming, args: ErasureArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:privacy:Erasure", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.erase = self._erase(naming, args, child)
        self.erase_account = EventFunction(
            "erase-account",
            naming,
            EventFunctionArgs(
                description="Has every video of a user erased, and what is known of the person",
                modules=("erase_account", "erase", "videos"),
                bus_name=args.events.bus.name,
                event_pattern={"source": [naming.source("privacy")], "detail-type": ["Account Erasure Requested"]},
                environment={
                    "TABLE_NAME": args.storage.videos.name,
                    "FEED_TABLE": args.feed.table.name,
                    "USER_POOL_ID": args.users.id,
                    "BUS_NAME": args.events.bus.name,
                    "EVENT_SOURCE": naming.source("privacy"),
                },
                statements=[
                    iam.allow(
                        ["dynamodb:Query"],
                        [
                            pulumi.Output.concat(args.storage.videos.arn, "/index/", BY_USER),
                            *(pulumi.Output.concat(args.feed.table.arn, "/index/", index) for index in INDEXES),
                        ],
                    ),
                    iam.allow(["dynamodb:Query", "dynamodb:DeleteItem"], args.feed.table.arn),
                    iam.allow(["events:PutEvents"], args.events.bus.arn),
                    iam.allow(["cognito-idp:AdminDeleteUser"], args.users.arn),
                ],
                log_retention_days=args.log_retention_days,
                timeout_seconds=ERASE_SECONDS,
            ),
            child,
        )
        self.register_outputs({"erase": self.erase.function.arn, "eraseAccount": self.erase_account.function.arn})

    def _erase(self, naming: Naming, args: ErasureArgs, child: pulumi.ResourceOptions) -> EventFunction:
        raw, renditions = args.storage.raw.arn, args.storage.renditions.arn
        copies = [args.replica.bucket] if args.replica else []
        objects = [
            pulumi.Output.concat(raw, "/", RAW_PREFIX, "*"),
            pulumi.Output.concat(raw, "/", RECORDINGS_PREFIX, "*"),
            pulumi.Output.concat(renditions, "/", REVIEW_PREFIX, "*"),
            pulumi.Output.concat(renditions, "/", PUBLISHED_PREFIX, "*"),
            *(pulumi.Output.concat(copy.arn, "/", PUBLISHED_PREFIX, "*") for copy in copies),
        ]
        # S3 does not copy the removal of a version: what lies in the replica is erased there.
        replica: dict[str, pulumi.Input[str]] = (
            {"REPLICA_BUCKET": args.replica.bucket.name, "REPLICA_REGION": args.replica.region} if args.replica else {}
        )
        jobs = pulumi.Output.concat("arn:aws:mediaconvert:", args.region, ":", args.account, ":jobs/*")
        return EventFunction(
            "erase",
            naming,
            EventFunctionArgs(
                description="Removes every trace of a video",
                modules=("erase", "videos"),
                bus_name=args.events.bus.name,
                event_pattern={
                    "source": [naming.source("privacy"), naming.source("video")],
                    # The second one is of a job that ended after the erasure.
                    "detail-type": ["Erasure Requested", "Files After Erasure"],
                },
                environment={
                    "TABLE_NAME": args.storage.videos.name,
                    "FEED_TABLE": args.feed.table.name,
                    "RAW_BUCKET": args.storage.raw.name,
                    "RENDITIONS_BUCKET": args.storage.renditions.name,
                    "DISTRIBUTION_ID": args.distribution.id,
                    **replica,
                },
                statements=[
                    iam.allow(
                        ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:DeleteItem"],
                        args.storage.videos.arn,
                    ),
                    iam.allow(["dynamodb:Query", "dynamodb:DeleteItem"], args.feed.table.arn),
                    iam.allow(["s3:ListBucketVersions"], [raw, renditions, *(copy.arn for copy in copies)]),
                    iam.allow(["s3:DeleteObjectVersion"], objects),
                    iam.allow(["mediaconvert:CancelJob"], jobs),
                    iam.allow(["cloudfront:CreateInvalidation"], args.distribution.arn),
                ],
                log_retention_days=args.log_retention_days,
                timeout_seconds=ERASE_SECONDS,
            ),
            child,
        )
