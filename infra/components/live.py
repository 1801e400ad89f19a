"""Live streams: where IVS records them, how a recording becomes a video, and the chat beside them.

Channels are made by the API, one for each creator who goes live, with the settings that the stack gives out. The
stack's own channel is the first of them: the house channel, where the platform itself streams.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.event_function import EventFunction
from infra.components.storage import MediaStorage
from infra.components.transcoding import Transcoding
from infra.naming import Naming

RECORDINGS_PREFIX = "ivs/"
"""IVS chooses the keys of recordings; all begin so."""
RECONNECT_SECONDS = 60
"""A stream that comes back within this time is one recording: phones lose their network."""
THUMBNAIL_SECONDS = 60
MESSAGE_LENGTH = 200
MESSAGES_PER_SECOND = 10
"""Most that a room takes [message/s]: what people can still read."""


@dataclass(frozen=True)
class LiveArgs:
    """How creators stream."""

    storage: MediaStorage
    transcoding: Transcoding
    channel_type: str
    latency: str
    record: bool
    log_retention_days: int


class Live(pulumi.ComponentResource):
    """Recording, house channel and chat."""

    channel: aws.ivs.Channel
    room: aws.ivschat.Room
    recording: aws.ivs.RecordingConfiguration | None

    def __init__(self, name: str, naming: Naming, args: LiveArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("reelplan:live:Live", name, None, opts)
        self._naming = naming
        self._tags = naming.tags("live")
        self._child = pulumi.ResourceOptions(parent=self)
        self.recording = self._recording(args) if args.record else None
        self.channel = aws.ivs.Channel(
            "house",
            name=naming.physical("house"),
            type=args.channel_type,
            latency_mode=args.latency,
            # Whoever may watch is told by a token that the API signs.
            authorized=True,
            recording_configuration_arn=self.recording.arn if self.recording else None,
            tags=self._tags,
            opts=self._child,
        )
        self.room = self._room(args)
        self.register_outputs({"channel": self.channel.arn, "room": self.room.arn})

    def _recording(self, args: LiveArgs) -> aws.ivs.RecordingConfiguration:
        recording = aws.ivs.RecordingConfiguration(
            "live",
            name=self._naming.physical("live"),
            destination_configuration={"s3": {"bucket_name": args.storage.raw.name}},
            recording_reconnect_window_seconds=RECONNECT_SECONDS,
            thumbnail_configuration={
                "recording_mode": "INTERVAL",
                "target_interval_seconds": THUMBNAIL_SECONDS,
            },
            tags=self._tags,
            opts=self._child,
        )
        objects = pulumi.Output.concat(args.storage.raw.arn, "/", RECORDINGS_PREFIX, "*")
        aws.iam.RolePolicy(
            "mediaconvert-recordings",
            role=args.transcoding.media_role.name,
            policy=iam.document(iam.allow(["s3:GetObject"], objects)),
            opts=self._child,
        )
        submission = args.transcoding.submission
        # A probe is for files; of a recording IVS says itself what is in it.
        needed = [one for one in submission.statements if "mediaconvert:Probe" not in one["Action"]]
        EventFunction(
            "recording",
            self._naming,
            replace(
                submission,
                description="Submits the MediaConvert job of a recorded stream",
                modules=("recording", *submission.modules),
                event_pattern={
                    "source": ["aws.ivs"],
                    "detail-type": ["IVS Recording State Change"],
                    "detail": {
                        "recording_status": ["Recording End"],
                        "recording_s3_bucket_name": [args.storage.raw.name],
                    },
                },
                statements=[
                    *(one for one in needed if one["Action"] != ["s3:GetObject"]),
                    iam.allow(["s3:GetObject"], objects),
                ],
            ),
            self._child,
        )
        return recording

    def _room(self, args: LiveArgs) -> aws.ivschat.Room:
        logs = aws.cloudwatch.LogGroup(
            "chat",
            name=f"/aws/ivschat/{self._naming.workflow}",
            retention_in_days=args.log_retention_days,
            tags=self._tags,
            opts=self._child,
        )
        logging = aws.ivschat.LoggingConfiguration(
            "chat",
            name=self._naming.physical("chat"),
            # What was said is kept for moderators, and for whoever complains.
            destination_configuration={"cloudwatch_logs": {"log_group_name": logs.name}},
            tags=self._tags,
            opts=self._child,
        )
        return aws.ivschat.Room(
            "house",
            name=self._naming.physical("house"),
            maximum_message_length=MESSAGE_LENGTH,
            maximum_message_rate_per_second=MESSAGES_PER_SECOND,
            logging_configuration_identifiers=[logging.arn],
            tags=self._tags,
            opts=self._child,
        )
