"""MediaConvert job state change -> outcome on the video's record, and on to moderation.

What a job has written of a video that was erased meanwhile is announced, so that it is erased, too.
A job of a codec that a published video has earned goes on to publishing at once: moderation has seen its upload.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from infra.functions.videos import FRAMES, change, change_codec, read, table, tell

log = logging.getLogger()
log.setLevel(logging.INFO)

PLAYLISTS = {".m3u8": "hls", ".mpd": "dash"}
SINGLE_FILES = {".mp4": "mp4", ".jpg": "poster"}
TRANSCODED = "Video Transcoded"
CODEC_TRANSCODED = "Codec Transcoded"
LEFT_OVER = "Files After Erasure"
UNFINISHED = ("submitting", "transcoding", "moderating")
"""States that an outcome is news for. In "moderating", an earlier call may have died before it told anybody."""
UNFINISHED_CODEC = ("submitting", "transcoding", "transcoded")
"""The same of a codec."""


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Entry point; ``event`` is an EventBridge event of MediaConvert."""
    detail = event["detail"]
    video_id, token = detail["userMetadata"]["videoId"], detail["userMetadata"]["uploadToken"]
    values = outcome(detail, event["time"], os.environ["RENDITIONS_BUCKET"])
    if codec := detail["userMetadata"].get("codec"):
        return finish_codec(video_id, token, codec, values)
    # The record may have moved on to a newer upload; what became of the older one no longer matters.
    if not change(table(), video_id, token, UNFINISHED, values):
        return passed_over(video_id, token)
    if values["state"] == "moderating":
        tell(TRANSCODED, video_id, token)
    return {"video_id": video_id, "state": values["state"]}


def finish_codec(video_id: str, token: str, codec: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Note what became of the job of a codec; the video itself stays as it is, whatever it was."""
    state = "transcoded" if values["state"] == "moderating" else "failed"
    if not change_codec(table(), video_id, token, codec, UNFINISHED_CODEC, {**values, "state": state}):
        return passed_over(video_id, token)
    if state == "transcoded":
        tell(CODEC_TRANSCODED, video_id, token, codec=codec)
    return {"video_id": video_id, "codec": codec, "state": state}


def passed_over(video_id: str, token: str) -> dict[str, str]:
    """The record has moved on; a job that ended after an erasure may have written after it, too."""
    if read(table(), video_id).get("state") != "erased":
        log.info("the end of the job is no news for the record of %s", video_id)
        return {"video_id": video_id, "state": "unchanged"}
    tell(LEFT_OVER, video_id, token)
    return {"video_id": video_id, "state": "erased"}


def outcome(detail: Mapping[str, Any], time: str, bucket: str) -> dict[str, Any]:
    """Values for the record, from the ``detail`` of the event.

    Args:
        detail: of a "MediaConvert Job State Change" in status COMPLETE, ERROR or CANCELED.
        time: of the event [ISO 8601].
        bucket: of the renditions; paths are kept relative to it.
    """
    if detail["status"] != "COMPLETE":
        reason = detail.get("errorMessage", f"job {detail['status'].lower()}")
        return {"state": "failed", "job_id": detail["jobId"], "finished_at": time, "reason": reason}
    groups = detail["outputGroupDetails"]
    return {
        "state": "moderating",
        "job_id": detail["jobId"],
        "finished_at": time,
        "renditions": renditions(groups),
        **playlists(groups, bucket),
        **files(groups, bucket),
    }


def renditions(groups: list[Mapping[str, Any]]) -> list[dict[str, int]]:
    """Size and length of each picture of the adaptive group, smallest first."""
    details = [detail for group in groups if group["type"] == "CMAF_GROUP" for detail in group["outputDetails"]]
    pictures = [
        {
            "width": detail["videoDetails"]["widthInPx"],
            "height": detail["videoDetails"]["heightInPx"],
            "duration_ms": detail["durationInMs"],
        }
        for detail in details
        if "videoDetails" in detail
    ]
    return sorted(pictures, key=lambda picture: picture["width"] * picture["height"])


def playlists(groups: list[Mapping[str, Any]], bucket: str) -> dict[str, str]:
    """Keys of the HLS and DASH playlists that a player starts with."""
    paths = [path for group in groups for path in group.get("playlistFilePaths", [])]
    return _by_ending(paths, PLAYLISTS, bucket)


def files(groups: list[Mapping[str, Any]], bucket: str) -> dict[str, str]:
    """Keys of the single files: the MP4 and the poster. Frames for moderation are nothing that is played."""
    paths = [
        path
        for group in groups
        if group["type"] == "FILE_GROUP"
        for detail in group["outputDetails"]
        for path in detail.get("outputFilePaths", [])
        if f"/{FRAMES}/" not in path
    ]
    return _by_ending(paths, SINGLE_FILES, bucket)


def _by_ending(paths: list[str], kinds: Mapping[str, str], bucket: str) -> dict[str, str]:
    prefix = f"s3://{bucket}/"
    return {
        kind: path.removeprefix(prefix) for ending, kind in kinds.items() for path in paths if path.endswith(ending)
    }
