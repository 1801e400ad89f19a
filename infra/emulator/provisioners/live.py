"""Amazon IVS and Amazon IVS Chat."""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType

TYPES: Mapping[str, ResourceType] = {
    "aws:ivs/recordingConfiguration:RecordingConfiguration": ResourceType(
        service="ivs",
        name="name",
        name_limit=128,
        id=Output("{arn}"),
        calls=(
            Call(
                "CreateRecordingConfiguration",
                reads=(Read("GetRecordingConfiguration", {"arn": "{arn}"}, rest="recordingConfiguration"),),
            ),
        ),
        outputs={
            "arn": Output(
                "arn:aws:ivs:{region}:{account}:recording-configuration/{hex}",
                "CreateRecordingConfiguration.recordingConfiguration.arn",
            ),
        },
    ),
    "aws:ivs/channel:Channel": ResourceType(
        service="ivs",
        name="name",
        name_limit=128,
        id=Output("{arn}"),
        calls=(Call("CreateChannel", reads=(Read("GetChannel", {"arn": "{arn}"}, rest="channel"),)),),
        outputs={
            "arn": Output("arn:aws:ivs:{region}:{account}:channel/{hex}", "CreateChannel.channel.arn"),
            "ingestEndpoint": Output("{hex}.global-contribute.live-video.net", "CreateChannel.channel.ingestEndpoint"),
            "playbackUrl": Output(
                "https://{hex}.{region}.playback.live-video.net/channel.m3u8", "CreateChannel.channel.playbackUrl"
            ),
        },
    ),
    "aws:ivschat/loggingConfiguration:LoggingConfiguration": ResourceType(
        service="ivschat",
        name="name",
        name_limit=128,
        id=Output("{arn}"),
        calls=(
            Call(
                "CreateLoggingConfiguration",
                inputs={"destinationConfiguration.cloudwatchLogs": "cloudWatchLogs"},
                reads=(Read("GetLoggingConfiguration", {"identifier": "{arn}"}, rest="@"),),
            ),
        ),
        outputs={
            "arn": Output(
                "arn:aws:ivschat:{region}:{account}:logging-configuration/{hex}", "CreateLoggingConfiguration.arn"
            ),
        },
    ),
    "aws:ivschat/room:Room": ResourceType(
        service="ivschat",
        name="name",
        name_limit=128,
        id=Output("{arn}"),
        calls=(Call("CreateRoom", reads=(Read("GetRoom", {"identifier": "{arn}"}, rest="@"),)),),
        outputs={"arn": Output("arn:aws:ivschat:{region}:{account}:room/{hex}", "CreateRoom.arn")},
    ),
}
