"""From an uploaded original to renditions that wait for moderation: S3 -> submit -> MediaConvert -> complete."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.event_function import EventFunction, EventFunctionArgs
from infra.components.events import Events
from infra.components.storage import RAW_PREFIX, REVIEW_PREFIX, MediaStorage
from infra.naming import Naming


@dataclass(frozen=True)
class TranscodingArgs:
    """What the pipeline works with."""

    account: pulumi.Input[str]
    region: pulumi.Input[str]
    storage: MediaStorage
    ladder: Mapping[str, Any]
    """As made by ``infra.ladder.ladder_document``."""
    sampling: Mapping[str, int] | None
    """Frames for moderation: ``seconds_per_frame`` and ``max_frames``; None takes none."""
    events: Events
    log_retention_days: int
    reserved_slots: int | None = None
    """Jobs that always run at once, paid for a year in advance; None buys none."""
    reserved_renewal: str = "EXPIRE"
    """What follows after the year: "EXPIRE" or "AUTO_RENEW"."""
    hop_minutes: int = 0
    """How long a job waits for a reserved slot before it goes to the queue on demand [minute]."""


class Transcoding(pulumi.ComponentResource):
    """The queues, the role that MediaConvert works under, and the two functions around a job."""

    queue: aws.mediaconvert.Queue
    """On demand: each minute is billed."""
    reserved: aws.mediaconvert.Queue | None = None
    """Where jobs go first, if there is one: its slots are paid for already."""
    media_role: aws.iam.Role
    """What MediaConvert may read and write."""
    job_environment: dict[str, pulumi.Input[str]]
    """What a function is told that sends jobs."""
    job_statements: Sequence[iam.Statement]
    """What it may do."""
    submission: EventFunctionArgs
    """How an upload is submitted; recordings of live streams go the same way."""
    submit: EventFunction
    complete: EventFunction

    def __init__(
        self, name: str, naming: Naming, args: TranscodingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:media:Transcoding", name, None, opts)
        tags = naming.tags("transcoding")
        child = pulumi.ResourceOptions(parent=self)
        raw_objects = pulumi.Output.concat(args.storage.raw.arn, "/", RAW_PREFIX, "*")
        self.queue = aws.mediaconvert.Queue(
            "transcode",
            name=naming.physical("transcode"),
            description="Ladder of every uploaded video",
            pricing_plan="ON_DEMAND",
            tags=tags,
            opts=child,
        )
        if args.reserved_slots:
            self.reserved = self._reserved(naming, args, args.reserved_slots)
        entrance = self.reserved or self.queue
        media_role = aws.iam.Role(
            "mediaconvert",
            description="MediaConvert reads originals and writes renditions",
            assume_role_policy=iam.document(iam.trust("mediaconvert.amazonaws.com", account=args.account)),
            tags=tags,
            opts=child,
        )
        aws.iam.RolePolicy(
            "mediaconvert",
            role=media_role.name,
            policy=iam.document(
                iam.allow(["s3:GetObject"], raw_objects),
                # Not where viewers can read: only what moderation has cleared gets there.
                iam.allow(["s3:PutObject"], pulumi.Output.concat(args.storage.renditions.arn, "/", REVIEW_PREFIX, "*")),
            ),
            opts=child,
        )
        jobs = pulumi.Output.concat("arn:aws:mediaconvert:", args.region, ":", args.account, ":jobs/*")
        self.media_role = media_role
        self.job_environment = {
            "TABLE_NAME": args.storage.videos.name,
            "RENDITIONS_BUCKET": args.storage.renditions.name,
            "QUEUE_ARN": entrance.arn,
            "JOB_ROLE_ARN": media_role.arn,
            "WORKFLOW": naming.workflow,
        }
        if self.reserved:
            hop = {"Queue": self.queue.arn, "WaitMinutes": args.hop_minutes}
            self.job_environment["HOP"] = pulumi.Output.json_dumps(hop, sort_keys=True)
        self.job_statements = [
            iam.allow(["mediaconvert:CreateJob"], [one.arn for one in (self.queue, self.reserved) if one]),
            iam.allow(["mediaconvert:TagResource"], jobs),
            iam.allow(
                ["iam:PassRole"],
                media_role.arn,
                conditions={"StringEquals": {"iam:PassedToService": "mediaconvert.amazonaws.com"}},
            ),
        ]
        self.submission = EventFunctionArgs(
            description="Probes an upload and submits its MediaConvert job",
            modules=("submit", "jobs", "job_settings", "videos"),
            event_pattern={
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": {
                    "bucket": {"name": [args.storage.raw.name]},
                    "object": {"key": [{"prefix": RAW_PREFIX}]},
                },
            },
            environment={
                **self.job_environment,
                "LADDER": json.dumps(args.ladder, sort_keys=True),
                "SAMPLING": json.dumps(args.sampling, sort_keys=True) if args.sampling else "",
            },
            statements=[
                iam.allow(["dynamodb:UpdateItem"], args.storage.videos.arn),
                iam.allow(["s3:GetObject"], raw_objects),
                # Probe has no resource to name (Service Authorization Reference, MediaConvert).
                iam.allow(["mediaconvert:Probe"], "*"),
                *self.job_statements,
            ],
            log_retention_days=args.log_retention_days,
        )
        self.submit = EventFunction("submit", naming, self.submission, child)
        self.complete = EventFunction(
            "complete",
            naming,
            EventFunctionArgs(
                description="Records the outcome of a MediaConvert job",
                modules=("complete", "videos"),
                event_pattern={
                    "source": ["aws.mediaconvert"],
                    "detail-type": ["MediaConvert Job State Change"],
                    "detail": {
                        "status": ["COMPLETE", "ERROR", "CANCELED"],
                        "userMetadata": {"workflow": [naming.workflow]},
                    },
                },
                environment={
                    "TABLE_NAME": args.storage.videos.name,
                    "RENDITIONS_BUCKET": args.storage.renditions.name,
                    "BUS_NAME": args.events.bus.name,
                    "EVENT_SOURCE": naming.source("video"),
                },
                statements=[
                    iam.allow(["dynamodb:GetItem", "dynamodb:UpdateItem"], args.storage.videos.arn),
                    iam.allow(["events:PutEvents"], args.events.bus.arn),
                ],
                log_retention_days=args.log_retention_days,
            ),
            child,
        )
        self.register_outputs({"queue": self.queue.arn})

    def _reserved(self, naming: Naming, args: TranscodingArgs, slots: int) -> aws.mediaconvert.Queue:
        return aws.mediaconvert.Queue(
            "transcode-reserved",
            name=naming.physical("transcode-reserved"),
            description="Slots bought for a year",
            pricing_plan="RESERVED",
            reservation_plan_settings={
                # The only commitment on offer.
                "commitment": "ONE_YEAR",
                "renewal_type": args.reserved_renewal,
                "reserved_slots": slots,
            },
            tags=naming.tags("transcoding"),
            # AWS deletes no queue whose reservation still runs.
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
