"""The gate before publishing: Rekognition looks at every video, and people look where it is not sure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.dead_letters import DEAD_LETTER_SECONDS, DeadLetters
from infra.components.event_function import EventFunction, EventFunctionArgs
from infra.components.events import Events
from infra.components.storage import REVIEW_PREFIX, MediaStorage
from infra.components.topic_function import TopicFunction, TopicFunctionArgs
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

    account: pulumi.Input[str]
    region: pulumi.Input[str]
    parts: Sequence[str]
    """What looks at a video: "frames" or "video", and "caption", "speech"; nothing clears every video unseen."""
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
    judge: TopicFunction | None = None
    """Hears when Rekognition has looked at a whole video; only where "video" is one of the parts."""
    hear: EventFunction | None = None
    """Hears when Transcribe has listened to a video; only where "speech" is one of the parts."""
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
        judging: dict[str, pulumi.Input[str]] = {
            **environment,
            "PARTS": json.dumps(list(args.parts)),
            "THRESHOLDS": json.dumps(args.thresholds, sort_keys=True),
        }
        statements = [
            iam.allow(["dynamodb:GetItem", "dynamodb:UpdateItem"], args.storage.videos.arn),
            iam.allow(["events:PutEvents"], args.events.bus.arn),
            iam.allow(["sqs:SendMessage"], self.queue.arn),
        ]
        channel: dict[str, pulumi.Input[str]] = {}
        permissions = [*statements, *(one for part in args.parts for one in LOOKS[part](args.storage))]
        if "video" in args.parts:
            topic, role = self._channel(naming, args.account, child)
            channel = {"MODERATED_TOPIC": topic.arn, "MODERATED_ROLE_ARN": role.arn}
            passed = {"StringEquals": {"iam:PassedToService": "rekognition.amazonaws.com"}}
            permissions.append(iam.allow(["iam:PassRole"], role.arn, conditions=passed))
            self.judge = TopicFunction(
                "judge",
                naming,
                TopicFunctionArgs(
                    description="Takes what Rekognition has found in a whole video",
                    modules=("judge", "verdicts", "videos"),
                    environment=judging,
                    # GetContentModeration has no resource to name (Service Authorization Reference, Rekognition).
                    statements=[*statements, iam.allow(["rekognition:GetContentModeration"], "*")],
                    log_retention_days=args.log_retention_days,
                    topic=topic,
                ),
                child,
            )
        if "speech" in args.parts:
            jobs = pulumi.Output.concat(
                "arn:aws:transcribe:", args.region, ":", args.account, f":transcription-job/{naming.workflow}-*"
            )
            permissions.append(iam.allow(["transcribe:StartTranscriptionJob"], jobs))
            self.hear = self._hear(naming, args, judging, [*statements, _after_listening(jobs)], child)
        self.moderate = EventFunction(
            "moderate",
            naming,
            EventFunctionArgs(
                description="Has a video looked at before it is published",
                modules=("moderate", "verdicts", "videos"),
                bus_name=args.events.bus.name,
                event_pattern={"source": [naming.source("video")], "detail-type": ["Video Transcoded"]},
                environment={
                    **judging,
                    **channel,
                    "RENDITIONS_BUCKET": args.storage.renditions.name,
                    "WORKFLOW": naming.workflow,
                },
                statements=permissions,
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
        dead = DeadLetters("review-queue-dead-letters", "Videos that no reviewer could open", tags, child).queue
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

    def _hear(
        self,
        naming: Naming,
        args: ModerationArgs,
        environment: Mapping[str, pulumi.Input[str]],
        statements: Sequence[iam.Statement],
        child: pulumi.ResourceOptions,
    ) -> EventFunction:
        transcripts = pulumi.Output.concat(args.storage.renditions.arn, "/", REVIEW_PREFIX, "*/speech/*")
        return EventFunction(
            "hear",
            naming,
            EventFunctionArgs(
                description="Takes what Transcribe has heard in a video",
                modules=("hear", "verdicts", "videos"),
                event_pattern={
                    "source": ["aws.transcribe"],
                    "detail-type": ["Transcribe Job State Change"],
                    "detail": {
                        "TranscriptionJobStatus": ["COMPLETED", "FAILED"],
                        "TranscriptionJobName": [{"prefix": f"{naming.workflow}-"}],
                    },
                },
                environment=environment,
                statements=[*statements, iam.allow(["s3:GetObject"], transcripts)],
                log_retention_days=args.log_retention_days,
            ),
            child,
        )

    def _channel(
        self, naming: Naming, account: pulumi.Input[str], child: pulumi.ResourceOptions
    ) -> tuple[aws.sns.Topic, aws.iam.Role]:
        """The topic on which Rekognition says that it is done, and the role under which it does."""
        tags = naming.tags("moderation")
        topic = aws.sns.Topic(
            "moderated",
            name=naming.physical("moderated"),
            # Rekognition publishes under a role of this account, so the key that AWS manages for SNS will do.
            kms_master_key_id="alias/aws/sns",
            tags=tags,
            opts=child,
        )
        role = aws.iam.Role(
            "rekognition",
            description="Rekognition says when it has looked at a video",
            assume_role_policy=iam.document(iam.trust("rekognition.amazonaws.com", account=account)),
            tags=tags,
            opts=child,
        )
        aws.iam.RolePolicy(
            "rekognition", role=role.name, policy=iam.document(iam.allow(["sns:Publish"], topic.arn)), opts=child
        )
        return topic, role


def _frames(storage: MediaStorage) -> list[iam.Statement]:
    """What it takes to show frames to Rekognition, which reads them with the permissions of who asks."""
    bucket = storage.renditions.arn
    return [
        iam.allow(["s3:ListBucket"], bucket, conditions={"StringLike": {"s3:prefix": f"{REVIEW_PREFIX}*"}}),
        iam.allow(["s3:GetObject"], pulumi.Output.concat(bucket, "/", REVIEW_PREFIX, "*/frames/*")),
        # DetectModerationLabels has no resource to name (Service Authorization Reference, Rekognition).
        iam.allow(["rekognition:DetectModerationLabels"], "*"),
    ]


def _video(storage: MediaStorage) -> list[iam.Statement]:
    """The same for the MP4 of a video."""
    return [
        iam.allow(["s3:GetObject"], pulumi.Output.concat(storage.renditions.arn, "/", REVIEW_PREFIX, "*.mp4")),
        # StartContentModeration has no resource to name (Service Authorization Reference, Rekognition).
        iam.allow(["rekognition:StartContentModeration"], "*"),
    ]


def _caption(storage: MediaStorage) -> list[iam.Statement]:
    """What it takes to have a text judged."""
    # DetectToxicContent has no resource to name (Service Authorization Reference, Comprehend).
    return [iam.allow(["comprehend:DetectToxicContent"], "*")]


def _speech(storage: MediaStorage) -> list[iam.Statement]:
    """What it takes to have a video listened to: Transcribe reads and writes with the permissions of who asks."""
    waiting = pulumi.Output.concat(storage.renditions.arn, "/", REVIEW_PREFIX)
    return [
        iam.allow(["s3:GetObject"], pulumi.Output.concat(waiting, "*.mp4")),
        iam.allow(["s3:PutObject"], pulumi.Output.concat(waiting, "*/speech/*")),
    ]


def _after_listening(jobs: pulumi.Output[str]) -> iam.Statement:
    return iam.allow(["transcribe:GetTranscriptionJob", "transcribe:DeleteTranscriptionJob"], jobs)


LOOKS: Mapping[str, Callable[[MediaStorage], list[iam.Statement]]] = {
    "frames": _frames,
    "video": _video,
    "caption": _caption,
    "speech": _speech,
}
"""Part -> what the moderate function may do for it."""
