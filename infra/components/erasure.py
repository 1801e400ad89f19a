"""Erasure of a video: original, renditions, every version, what the CDN holds, and the record."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.event_function import EventFunction, EventFunctionArgs
from infra.components.events import Events
from infra.components.replica import Replica
from infra.components.storage import PUBLISHED_PREFIX, RAW_PREFIX, REVIEW_PREFIX, MediaStorage
from infra.naming import Naming

ERASE_SECONDS = 300


@dataclass(frozen=True)
class ErasureArgs:
    """Where traces of a video are."""

    storage: MediaStorage
    events: Events
    distribution: aws.cloudfront.Distribution
    log_retention_days: int
    replica: Replica | None = None


class Erasure(pulumi.ComponentResource):
    """The erase function. Whoever may put "Erasure Requested" on the bus may erase any video."""

    erase: EventFunction

    def __init__(
        self, name: str, naming: Naming, args: ErasureArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:privacy:Erasure", name, None, opts)
        raw, renditions = args.storage.raw.arn, args.storage.renditions.arn
        copies = [args.replica.bucket] if args.replica else []
        objects = [
            pulumi.Output.concat(raw, "/", RAW_PREFIX, "*"),
            pulumi.Output.concat(renditions, "/", REVIEW_PREFIX, "*"),
            pulumi.Output.concat(renditions, "/", PUBLISHED_PREFIX, "*"),
            *(pulumi.Output.concat(copy.arn, "/", PUBLISHED_PREFIX, "*") for copy in copies),
        ]
        # S3 does not copy the removal of a version: what lies in the replica is erased there.
        replica: dict[str, pulumi.Input[str]] = (
            {"REPLICA_BUCKET": args.replica.bucket.name, "REPLICA_REGION": args.replica.region} if args.replica else {}
        )
        self.erase = EventFunction(
            "erase",
            naming,
            EventFunctionArgs(
                description="Removes every trace of a video",
                modules=("erase", "videos"),
                bus_name=args.events.bus.name,
                event_pattern={"source": [naming.source("privacy")], "detail-type": ["Erasure Requested"]},
                environment={
                    "TABLE_NAME": args.storage.videos.name,
                    "RAW_BUCKET": args.storage.raw.name,
                    "RENDITIONS_BUCKET": args.storage.renditions.name,
                    "DISTRIBUTION_ID": args.distribution.id,
                    **replica,
                },
                statements=[
                    iam.allow(["dynamodb:GetItem", "dynamodb:PutItem"], args.storage.videos.arn),
                    iam.allow(["s3:ListBucketVersions"], [raw, renditions, *(copy.arn for copy in copies)]),
                    iam.allow(["s3:DeleteObjectVersion"], objects),
                    iam.allow(["cloudfront:CreateInvalidation"], args.distribution.arn),
                ],
                log_retention_days=args.log_retention_days,
                timeout_seconds=ERASE_SECONDS,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"erase": self.erase.function.arn})
