"""The encoding ladder: which renditions a video gets, as data and pure functions.

The result travels as JSON in the submit function's environment. It is the only definition of the ladder: the function
renders the MediaConvert job from it and the cost model reads it from the inventory. A video that is watched a lot earns
the same rungs in a better codec; those ladders travel with the reencode function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

LADDER_VERSION = 1
"""Raised when the meaning of the document changes, so that a function never misreads an older one."""


@dataclass(frozen=True)
class Rung:
    """One rendition of a vertical video; a horizontal one swaps width and height."""

    name: str
    codec: str
    short_edge: int
    """Pixels of the shorter side; phones film upright, so a profile by height would be wrong."""
    width: int
    height: int
    max_kbps: int
    """Ceiling of the bitrate [kbit/s]; QVBR stays below it wherever the picture allows."""
    quality_level: float
    """QVBR quality, 1 to 10 in thirds."""
    tuning: str
    """MediaConvert QualityTuningLevel; SINGLE_PASS_HQ is the best that the Basic price tier includes."""
    frame_rate: int
    """Phones record at a varying rate; a fixed one keeps segments of all rungs aligned."""


RUNGS: Mapping[str, Rung] = {
    rung.name: rung
    for rung in (
        Rung("480p", "AVC", 480, 480, 854, 1_500, 7.0, "SINGLE_PASS_HQ", 30),
        Rung("720p", "AVC", 720, 720, 1280, 3_000, 7.0, "SINGLE_PASS_HQ", 30),
        Rung("1080p", "AVC", 1080, 1080, 1920, 5_500, 8.0, "SINGLE_PASS_HQ", 30),
    )
}
"""9:16 rungs. Level and ceiling follow what AWS recommends for QVBR by screen (MediaLive API, qvbrQualityLevel):
smartphone 6 at 1 to 1.5 Mbit/s, tablet 7 at 1.5 to 3, main screen 8 and more at 4; 1080p gets more for fast motion."""


CODEC_BITRATES: Mapping[str, float] = {"HEVC": 0.60, "AV1": 0.42}
"""Codec that a video can earn -> its bitrate for the same picture, as a share of AVC's: HEVC saves 40 %, AV1 30 % of
what is left (0.60 x 0.70). Source: Meta engineering, 2023-02-21 (each generation 30 to 50 %, AV1 30 % below HEVC)."""


def ladder_document(names: Sequence[str], *, mp4: str, segment_seconds: int) -> dict[str, object]:
    """The ladder as the submit function reads it.

    Args:
        names: rungs, in any order.
        mp4: the rung that is also written as a progressive MP4.
        segment_seconds: length of a CMAF segment [second].
    """
    rungs = sorted((RUNGS[name] for name in names), key=lambda rung: rung.short_edge)
    return {
        "version": LADDER_VERSION,
        "segment_seconds": segment_seconds,
        "renditions": [asdict(rung) for rung in rungs],
        "mp4": mp4,
        "poster": True,
    }


def earned_ladder_document(codec: str, names: Sequence[str], *, segment_seconds: int) -> dict[str, object]:
    """The ladder of a codec that a video has earned, as the reencode function reads it.

    The same pictures as in AVC, under a lower ceiling. No MP4 and no poster: those of the upload stay.

    Args:
        codec: one of ``CODEC_BITRATES``.
        names: rungs, in any order.
        segment_seconds: length of a CMAF segment [second].
    """
    rungs = sorted((RUNGS[name] for name in names), key=lambda rung: rung.short_edge)
    share = CODEC_BITRATES[codec]
    return {
        "version": LADDER_VERSION,
        "segment_seconds": segment_seconds,
        "renditions": [asdict(replace(rung, codec=codec, max_kbps=round(rung.max_kbps * share))) for rung in rungs],
        "mp4": None,
        "poster": False,
    }
