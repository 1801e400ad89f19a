"""Better codecs for videos that have earned them: views are counted, and the few that matter are encoded again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.event_function import EventFunction, EventFunctionArgs
from infra.components.events import Events
from infra.components.storage import MediaStorage
from infra.components.stream_function import StreamFunction, StreamFunctionArgs
from infra.components.transcoding import Transcoding
from infra.naming import Naming


@dataclass(frozen=True)
class EarnedCodecsArgs:
    """Which codecs, from how many views on."""

    storage: MediaStorage
    transcoding: Transcoding
    events: Events
    stream: aws.kinesis.Stream
    """Interactions, views among them."""
    views: Mapping[str, int]
    """Codec, in small letters -> views from which a video has it."""
    ladders: Mapping[str, Mapping[str, Any]]
    """Codec, in small letters -> as made by ``infra.ladder.earned_ladder_document``."""
    keep_days: int
    """How long a count is kept after the last view [day]: as long as there is an original to encode."""
    log_retention_days: int


class EarnedCodecs(pulumi.ComponentResource):
    """The views function, which counts and says who has earned a codec, and the reencode function, which sends the job.

    From there on a codec goes the way of every video: the complete function notes its end, the publish function carries
    its files to the viewers.
    """

    views: StreamFunction
    reencode: EventFunction

    def __init__(
        self, name: str, naming: Naming, args: EarnedCodecsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:media:EarnedCodecs", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        records = iam.allow(["dynamodb:GetItem", "dynamodb:UpdateItem"], args.storage.videos.arn)
        self.views = StreamFunction(
            "views",
            naming,
            StreamFunctionArgs(
                description="Counts the views of a video until it has earned a better codec",
                modules=("views", "candidates", "videos"),
                environment={
                    "TABLE_NAME": args.storage.videos.name,
                    "BUS_NAME": args.events.bus.name,
                    "EVENT_SOURCE": naming.source("video"),
                    "EARNED_VIEWS": json.dumps(args.views, sort_keys=True),
                    "KEEP_DAYS": str(args.keep_days),
                },
                statements=[records, iam.allow(["events:PutEvents"], args.events.bus.arn)],
                log_retention_days=args.log_retention_days,
                stream=args.stream,
            ),
            child,
        )
        self.reencode = EventFunction(
            "reencode",
            naming,
            EventFunctionArgs(
                description="Submits the MediaConvert job of a codec that a video has earned",
                modules=("reencode", "jobs", "job_settings", "videos"),
                bus_name=args.events.bus.name,
                event_pattern={"source": [naming.source("video")], "detail-type": ["Codec Earned"]},
                environment={
                    **args.transcoding.job_environment,
                    "RAW_BUCKET": args.storage.raw.name,
                    "EARNED_LADDERS": json.dumps(args.ladders, sort_keys=True),
                },
                statements=[records, *args.transcoding.job_statements],
                log_retention_days=args.log_retention_days,
            ),
            child,
        )
        self.register_outputs({"reencode": self.reencode.function.arn})
