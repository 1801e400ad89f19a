"""The files that one upload leaves behind in S3: how many, how large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from costmodel.metering.clips import ClipLength
from costmodel.metering.context import BYTES_PER_BILLED_GB, Values
from costmodel.metering.ladder import Ladder, Rendition
from costmodel.units import BITS_PER_BYTE, BYTES_PER_KB

BITS_PER_KBIT = 1000
PLAYLISTS_PER_JOB = 2
"""CMAF: one HLS multivariant playlist and one DASH manifest."""
FILES_PER_OUTPUT = 2
"""CMAF: an initialization segment and a media playlist."""


@dataclass(frozen=True)
class Files:
    """Files of one kind that one upload leaves behind."""

    kind: str
    count: float
    """Mean number per upload."""
    total_bytes: float
    """Of all of them together, per upload."""

    @property
    def mean_bytes(self) -> float:
        """Of one file."""
        return self.total_bytes / self.count

    @property
    def total_gb(self) -> float:
        """Of all of them together, per upload, as AWS bills it."""
        return self.total_bytes / BYTES_PER_BILLED_GB


def video_kbps(rendition: Rendition, assumptions: Values) -> float:
    """Mean bitrate of a rendition [kbit/s]: what the codec typically needs, at most the ladder's ceiling.

    QVBR writes what the picture needs and treats ``max_kbps`` as a ceiling. A newer codec needs less than AVC by its
    published saving. A rung or codec without a typical bitrate among the assumptions is taken at its ceiling.
    """
    if rendition.codec not in SAVINGS or rendition.short_edge not in TYPICAL_RUNGS:
        return rendition.max_kbps
    needed = assumptions[f"eng.bitrate_kbps_{rendition.short_edge}p_avc"]
    for saving in SAVINGS[rendition.codec]:
        needed = needed * (1 - assumptions[saving])
    return min(needed, rendition.max_kbps)


TYPICAL_RUNGS = (360, 480, 720, 1080)
"""Short edges with an assumption ``eng.bitrate_kbps_<short edge>p_avc``."""

SAVINGS: Mapping[str, tuple[str, ...]] = {
    "AVC": (),
    "HEVC": ("eng.saving_hevc_vs_avc",),
    "AV1": ("eng.saving_hevc_vs_avc", "eng.saving_av1_vs_hevc_vp9"),
}
"""Codec -> what it saves step by step, each of the one before."""


def playback_kbps(rendition: Rendition, assumptions: Values) -> float:
    """Bitrate of a rendition with its audio [kbit/s]."""
    return video_kbps(rendition, assumptions) + assumptions["eng.audio_kbps"]


def files_of_upload(ladder: Ladder, clip: ClipLength, assumptions: Values) -> list[Files]:
    """All files that a MediaConvert job writes for an upload of typical length."""
    return _files(ladder, clip.mean_seconds, clip.mean_steps(ladder.segment_seconds), assumptions)


def files_of_recording(ladder: Ladder, seconds: float, assumptions: Values) -> list[Files]:
    """All files that a MediaConvert job writes for a recorded stream, so long that its last segment does not matter."""
    return _files(ladder, seconds, seconds / ladder.segment_seconds, assumptions)


def _files(ladder: Ladder, seconds: float, segments: float, assumptions: Values) -> list[Files]:
    outputs = len(ladder.renditions) + 1
    text_bytes = assumptions["eng.playlist_kb"] * BYTES_PER_KB
    small = FILES_PER_OUTPUT * outputs + PLAYLISTS_PER_JOB
    files = [
        Files(f"{rendition.name} segments", segments, _bytes(video_kbps(rendition, assumptions), seconds))
        for rendition in ladder.renditions
    ]
    files.append(Files("audio segments", segments, _bytes(assumptions["eng.audio_kbps"], seconds)))
    files.append(Files("playlists and headers", small, small * text_bytes))
    if ladder.mp4:
        files.append(Files("MP4", 1, _bytes(playback_kbps(ladder.mp4, assumptions), seconds)))
    if ladder.poster:
        files.append(Files("poster", 1, assumptions["eng.poster_kb"] * BYTES_PER_KB))
    return files


def _bytes(kbps: float, seconds: float) -> float:
    return kbps * BITS_PER_KBIT / BITS_PER_BYTE * seconds
