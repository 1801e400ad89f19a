"""What IVS does when a recorded stream ends: files in the bucket of the recordings, and an event on the default bus.

The sample clip stands for the segments of the stream: one segment of one rendition holds it as it is.

Source: IVS low-latency streaming user guide, "Auto-record to Amazon S3" (prefix, contents, JSON metadata files) and
"Using Amazon EventBridge" (examples).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from infra.emulator import media_info
from infra.emulator.moto_events import TIME_FORMAT, Event

MS_PER_SECOND = 1000
HLS = "media/hls"
PLAYLIST, MASTER = "playlist.m3u8", "master.m3u8"
SEGMENT = "0.ts"


def end(ivs: Any, s3: Any, channel_arn: str, clip: bytes, recording_id: str, now: datetime) -> Event:
    """End a stream of a channel that records.

    Args:
        ivs: boto3 client.
        s3: boto3 client.
        channel_arn: of a channel with a recording configuration.
        clip: what was streamed, as one file.
        recording_id: that IVS gives the recording.
        now: when it ends, with time zone.

    Returns:
        The event of IVS; it is on no bus yet.
    """
    channel = ivs.get_channel(arn=channel_arn)["channel"]
    configuration = ivs.get_recording_configuration(arn=channel["recordingConfigurationArn"])["recordingConfiguration"]
    bucket = configuration["destinationConfiguration"]["s3"]["bucketName"]
    _, _, _, region, account, resource = channel_arn.split(":", 5)
    prefix = f"ivs/v1/{account}/{resource.partition('/')[2]}/{now:%Y/%-m/%-d/%-H/%-M}/{recording_id}"
    for name, body in contents(channel_arn, clip, now).items():
        s3.put_object(Bucket=bucket, Key=f"{prefix}/{name}", Body=body)
    return {
        "version": "0",
        "id": recording_id,
        "detail-type": "IVS Recording State Change",
        "source": "aws.ivs",
        "account": account,
        "time": now.astimezone(UTC).strftime(TIME_FORMAT),
        "region": region,
        "resources": [channel_arn],
        "detail": {
            "channel_name": channel["name"],
            "stream_id": f"st-{recording_id}",
            "recording_status": "Recording End",
            "recording_status_reason": "",
            "recording_s3_bucket_name": bucket,
            "recording_s3_key_prefix": prefix,
            "recording_duration_ms": media_info.read(clip).duration_ms,
            "recording_session_id": recording_id,
            "recording_session_stream_ids": [f"st-{recording_id}"],
        },
    }


def contents(channel_arn: str, clip: bytes, now: datetime) -> Mapping[str, bytes]:
    """Files of a recording under its prefix: name -> content."""
    info = media_info.read(clip)
    width, height = info.video[0].displayed_px
    seconds = info.duration_ms / MS_PER_SECOND
    rendition = f"{min(width, height)}p"
    about = {"path": rendition, "playlist": PLAYLIST, "resolution_width": width, "resolution_height": height}
    ended = {
        "version": "v1",
        "recording_ended_at": now.isoformat(),
        "channel_arn": channel_arn,
        "recording_status": "RECORDING_ENDED",
        "media": {"hls": {"duration_ms": info.duration_ms, "path": HLS, "playlist": MASTER, "renditions": [about]}},
    }
    master = f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION={width}x{height}\n{rendition}/{PLAYLIST}\n"
    media = f"#EXTM3U\n#EXTINF:{seconds:.3f},\n{SEGMENT}\n#EXT-X-ENDLIST\n"
    return {
        f"{HLS}/{rendition}/{SEGMENT}": clip,
        f"{HLS}/{rendition}/{PLAYLIST}": media.encode(),
        f"{HLS}/{MASTER}": master.encode(),
        "events/recording-ended.json": json.dumps(ended).encode(),
    }
