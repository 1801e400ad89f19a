"""The gate before publishing: Rekognition looks at every video, and people look where it is not sure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.event_function import EventFunction, EventFunctionArgs
from infra.components.events import Events
from infra.components.handler_function import DEAD_LETTER_SECONDS
from infra.components.storage import REVIEW_PREFIX, MediaStorage
from infra.naming import Naming

MODERATE_SECONDS = 300
"""A frame takes Rekognition about half a second, and they are asked for one after the other."""
REVIEW_ATTEMPTS = 5
"""How often a reviewer's tool may fail at a message before it is set aside."""
REVIEW_VISIBILITY_SECONDS = 900
"""Time that a reviewer has for one video before another one gets it."""


@dataclass(frozen=True)
class ModerationArgs:
    """How videos are judged."""

    mode: str
    """ "frames" or "off"."""
    thresholds: Mapping[str, Mapping[str, int]]
    """Category -> confidence from which it is blocked, and from which a person looks at it [percent]."""
    storage: MediaStorage
    events: Events
    log_retention_days: int


class Moderation(pulumi.ComponentResource):
    """The moderate and review functions, and the queue of the people between them."""

    queue: aws.sqs.Queue
    """Videos that wait for a person; a message is ``{videoId, uploadToken, labels | appeal}``."""
    moderate: EventFunction
    review: EventFunction

    def __init__(
        self, name: str, naming: Naming, args: ModerationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:media:Moderation", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._review_queue(naming, child)
        environment: dict[str, pulumi.Input[str]] = {
            "TABLE_NAME": args.storage.videos.name,
            "BUS_NAME": args.events.bus.name,
            "EVENT_SOURCE": naming.source("video"),
            "REVIEW_QUEUE_URL": self.queue.url,
        }
        statements = [
            iam.allow(["dynamodb:GetItem", "dynamodb:UpdateItem"], args.storage.videos.arn),
            iam.allow(["events:PutEvents"], args.events.bus.arn),
            iam.allow(["sqs:SendMessage"], self.queue.arn),
        ]
        self.moderate = EventFunction(
            "moderate",
            naming,
            EventFunctionArgs(
                description="Asks Rekognition about the sampled frames of a video",
                modules=("moderate", "videos"),
                bus_name=args.events.bus.name,
                event_pattern={"source": [naming.source("video")], "detail-type": ["Video Transcoded"]},
                environment={
                    **environment,
                    "RENDITIONS_BUCKET": args.storage.renditions.name,
                    "MODE": args.mode,
                    "THRESHOLDS": json.dumps(args.thresholds, sort_keys=True),
                },
                statements=[*statements, *(looks(args.storage) if args.mode == "frames" else ())],
                log_retention_days=args.log_retention_days,
                timeout_seconds=MODERATE_SECONDS,
            ),
            child,
        )
        self.review = EventFunction(
            "review",
            naming,
            EventFunctionArgs(
                description="Takes a reviewer's decision or an author's appeal",
                modules=("review", "videos"),
                bus_name=args.events.bus.name,
                event_pattern={
                    "source": [naming.source("review")],
                    "detail-type": ["Review Decided", "Review Appealed"],
                },
                environment=environment,
                statements=statements,
                log_retention_days=args.log_retention_days,
            ),
            child,
        )
        self.register_outputs({"queue": self.queue.url})

    def _review_queue(self, naming: Naming, child: pulumi.ResourceOptions) -> None:
        tags = naming.tags("moderation")
        dead = aws.sqs.Queue(
            "review-queue-dead-letters",
            message_retention_seconds=DEAD_LETTER_SECONDS,
            sqs_managed_sse_enabled=True,
            tags=tags,
            opts=child,
        )
        self.queue = aws.sqs.Queue(
            "review-queue",
            name=naming.physical("review-queue"),
            message_retention_seconds=DEAD_LETTER_SECONDS,
            visibility_timeout_seconds=REVIEW_VISIBILITY_SECONDS,
            sqs_managed_sse_enabled=True,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": dead.arn, "maxReceiveCount": REVIEW_ATTEMPTS}, sort_keys=True
            ),
            tags=tags,
            opts=child,
        )


def looks(storage: MediaStorage) -> list[iam.Statement]:
    """What it takes to show frames to Rekognition, which reads them with the permissions of who asks."""
    bucket = storage.renditions.arn
    return [
        iam.allow(["s3:ListBucket"], bucket, conditions={"StringLike": {"s3:prefix": f"{REVIEW_PREFIX}*"}}),
        iam.allow(["s3:GetObject"], pulumi.Output.concat(bucket, "/", REVIEW_PREFIX, "*/frames/*")),
        # DetectModerationLabels has no resource to name (Service Authorization Reference, Rekognition).
        iam.allow(["rekognition:DetectModerationLabels"], "*"),
    ]
