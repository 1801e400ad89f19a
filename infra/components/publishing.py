"""Publishing: what moderation has cleared moves to where the CDN may read it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra import iam
from infra.components.event_function import EventFunction, EventFunctionArgs
from infra.components.events import Events
from infra.components.storage import PUBLISHED_PREFIX, REVIEW_PREFIX, MediaStorage
from infra.naming import Naming

PUBLISH_SECONDS = 300
"""A ten-minute video has about 1,200 files; sixteen at a time they are copied in seconds."""


@dataclass(frozen=True)
class PublishingArgs:
    """What is published from where."""

    storage: MediaStorage
    events: Events
    log_retention_days: int


class Publishing(pulumi.ComponentResource):
    """The publish function: the only one in the stack that may write where viewers read."""

    publish: EventFunction

    def __init__(
        self, name: str, naming: Naming, args: PublishingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:media:Publishing", name, None, opts)
        bucket = args.storage.renditions.arn
        published = pulumi.Output.concat(bucket, "/", PUBLISHED_PREFIX, "*")
        self.publish = EventFunction(
            "publish",
            naming,
            EventFunctionArgs(
                description="Copies a cleared video to where viewers reach it",
                modules=("publish", "videos", "metrics"),
                bus_name=args.events.bus.name,
                event_pattern={
                    "source": [naming.source("video")],
                    "detail-type": ["Video Cleared", "Codec Transcoded"],
                },
                environment={
                    "TABLE_NAME": args.storage.videos.name,
                    "RENDITIONS_BUCKET": args.storage.renditions.name,
                    "WORKFLOW": naming.workflow,
                },
                statements=[
                    iam.allow(["dynamodb:GetItem", "dynamodb:UpdateItem"], args.storage.videos.arn),
                    iam.allow(["s3:ListBucket"], bucket, conditions={"StringLike": {"s3:prefix": f"{REVIEW_PREFIX}*"}}),
                    iam.allow(["s3:GetObject"], pulumi.Output.concat(bucket, "/", REVIEW_PREFIX, "*")),
                    # Deletes only what it has just copied, when the video was erased meanwhile.
                    iam.allow(["s3:PutObject", "s3:DeleteObject"], published),
                ],
                log_retention_days=args.log_retention_days,
                timeout_seconds=PUBLISH_SECONDS,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"publish": self.publish.function.arn})
