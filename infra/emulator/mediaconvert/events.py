"""The EventBridge events of a job, in the shape of the user guide ("List of MediaConvert EventBridge events").

The service publishes PROGRESSING, INPUT_INFORMATION, COMPLETE, ERROR and CANCELED (and others that this emulator has
no cause for). It publishes no event for SUBMITTED.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from infra.emulator.media_info import AudioTrack, MediaInfo, VideoTrack
from infra.emulator.mediaconvert.outputs import WrittenGroup, WrittenOutput

SOURCE = "aws.mediaconvert"
DETAIL_TYPE = "MediaConvert Job State Change"

_MS_PER_SECOND = 1000
_CODEC_NAMES = {"AVC": "H_264", "HEVC": "H_265"}
"""libmediainfo's name -> the event's name, where they differ."""


def job_event(
    job: Mapping[str, Any], account: str, region: str, now: datetime, extra: Mapping[str, Any]
) -> dict[str, Any]:
    """Event of a job's present state, without the ``id`` that EventBridge gives it.

    Args:
        job: as GetJob describes it; ``Status`` may be one that only events have.
        account: twelve digits.
        region: where the job runs.
        now: time of the change, with time zone.
        extra: what this state adds to the detail.
    """
    return {
        "version": "0",
        "detail-type": DETAIL_TYPE,
        "source": SOURCE,
        "account": account,
        "time": now.timestamp(),
        "region": region,
        "resources": [job["Arn"]],
        "detail": {
            "timestamp": round(now.timestamp() * _MS_PER_SECOND),
            "accountId": account,
            "queue": job["Queue"],
            "jobId": job["Id"],
            "status": job["Status"],
            "userMetadata": dict(job.get("UserMetadata", {})),
            **extra,
        },
    }


def complete_detail(groups: Sequence[WrittenGroup]) -> dict[str, Any]:
    """What COMPLETE adds. Quality scores and average bitrates are left out: nothing was encoded."""
    return {"outputGroupDetails": [_group(group) for group in groups]}


def input_detail(inputs: Sequence[tuple[str, MediaInfo]]) -> dict[str, Any]:
    """What INPUT_INFORMATION adds: address and content of each input."""
    return {"inputDetails": [_input(number + 1, uri, info) for number, (uri, info) in enumerate(inputs)]}


def _group(group: WrittenGroup) -> dict[str, Any]:
    playlists = {"playlistFilePaths": list(group.playlist_paths)} if group.playlist_paths else {}
    return {"outputDetails": [_output(output) for output in group.outputs], **playlists, "type": group.type}


def _output(output: WrittenOutput) -> dict[str, Any]:
    detail: dict[str, Any] = {"outputFilePaths": list(output.file_paths)} if output.file_paths else {}
    detail["durationInMs"] = output.duration_ms
    if output.size_px:
        detail["videoDetails"] = {"widthInPx": output.size_px[0], "heightInPx": output.size_px[1]}
    return detail


def _input(number: int, uri: str, info: MediaInfo) -> dict[str, Any]:
    first_audio = len(info.video) + 1
    return {
        "id": number,
        "uri": uri,
        "audio": [_audio(first_audio + index, track) for index, track in enumerate(info.audio)],
        "video": [_video(1 + index, track) for index, track in enumerate(info.video)],
    }


def _video(stream: int, track: VideoTrack) -> dict[str, Any]:
    known = {"bitDepth": track.bit_depth, "frameRate": float(track.frame_rate) if track.frame_rate else None}
    return {
        "codec": _CODEC_NAMES.get(track.codec, track.codec),
        "width": track.width_px,
        "height": track.height_px,
        "streamId": stream,
        **{name: value for name, value in known.items() if value is not None},
    }


def _audio(stream: int, track: AudioTrack) -> dict[str, Any]:
    known = {"channels": track.channels, "sampleRate": track.sample_rate_hz}
    return {
        "codec": track.codec,
        "language": (track.language or "UND").upper(),
        "streamId": stream,
        **{name: value for name, value in known.items() if value is not None},
    }
