"""What is in a media file: container, tracks, duration, size, rotation. Read by libmediainfo, not decoded.

pymediainfo (whose wheel brings libmediainfo) is imported when a file is read, not when this module is.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

_QUARTER_TURN_DEGREES = 90
_HALF_TURN_DEGREES = 180


class UnreadableMedia(Exception):
    """The bytes are not a media file that can be read to its end."""

    def __init__(self, reason: str, *, recognised: bool, truncated: bool = False) -> None:
        self.reason = reason
        self.recognised = recognised
        """The container was recognised, but it is malformed or incomplete."""
        self.truncated = truncated
        """The index is there, but the file ends before the media does."""
        super().__init__(reason)


@dataclass(frozen=True)
class VideoTrack:
    """One video track as it is stored, before rotation."""

    codec: str
    """libmediainfo's name: "AVC", "HEVC", "AV1"."""
    width_px: int
    height_px: int
    rotation_degrees: int
    """Clockwise turn that a player applies: 0, 90, 180 or 270."""
    frame_rate: Fraction | None
    """Frames per second; None when the file does not say."""
    variable_frame_rate: bool
    bit_depth: int | None
    bit_rate: int | None
    """[bit/s]"""
    duration_ms: int

    @property
    def displayed_px(self) -> tuple[int, int]:
        """Width and height as a player shows them, after rotation."""
        sideways = self.rotation_degrees % _HALF_TURN_DEGREES == _QUARTER_TURN_DEGREES
        return (self.height_px, self.width_px) if sideways else (self.width_px, self.height_px)


@dataclass(frozen=True)
class AudioTrack:
    """One audio track."""

    codec: str
    channels: int | None
    sample_rate_hz: int | None
    bit_rate: int | None
    """[bit/s]"""
    language: str | None
    duration_ms: int


@dataclass(frozen=True)
class MediaInfo:
    """What a media file holds; tracks in stored order within each kind."""

    container: str
    """libmediainfo's name: "MPEG-4", "Matroska", "WebM"."""
    profile: str
    """Flavour of the container: "Base Media", "QuickTime"; empty when there is none."""
    mime_type: str
    duration_ms: int
    size_bytes: int
    bit_rate: int | None
    """Of the whole file [bit/s]."""
    video: tuple[VideoTrack, ...]
    audio: tuple[AudioTrack, ...]


def read(data: bytes) -> MediaInfo:
    """Describe a media file.

    Args:
        data: the whole file.

    Raises:
        UnreadableMedia: no known container, no tracks, or a file that ends before its media does.
    """
    from pymediainfo import MediaInfo as Parser

    tracks = [track.to_data() for track in Parser.parse(io.BytesIO(data)).tracks]
    general = next((track for track in tracks if track["track_type"] == "General"), {})
    video = tuple(_video(track) for track in tracks if track["track_type"] == "Video")
    audio = tuple(_audio(track) for track in tracks if track["track_type"] == "Audio")
    _require_readable(general, bool(video or audio))
    return MediaInfo(
        container=general["format"],
        profile=general.get("format_profile", ""),
        mime_type=general.get("internet_media_type", ""),
        duration_ms=_whole(general.get("duration")) or 0,
        size_bytes=len(data),
        bit_rate=_whole(general.get("overall_bit_rate")),
        video=video,
        audio=audio,
    )


def _require_readable(general: Mapping[str, Any], has_tracks: bool) -> None:
    if "format" not in general:
        raise UnreadableMedia("No parser found for container", recognised=False)
    if not has_tracks and general["format"] == "MPEG-4":
        raise UnreadableMedia("no moov box found in file", recognised=True)
    if not has_tracks:
        raise UnreadableMedia(f"no tracks found in {general['format']} file", recognised=True)
    if general.get("istruncated") == "Yes":
        size = general.get("file_size")
        reason = f"ReadPacketData File read failed - end of file hit at length [{size}]. Is file truncated?"
        raise UnreadableMedia(reason, recognised=True, truncated=True)


def _video(track: Mapping[str, Any]) -> VideoTrack:
    return VideoTrack(
        codec=track.get("format", ""),
        width_px=int(track["width"]),
        height_px=int(track["height"]),
        rotation_degrees=round(float(track.get("rotation") or 0)) % (2 * _HALF_TURN_DEGREES),
        frame_rate=_frame_rate(track),
        variable_frame_rate=track.get("frame_rate_mode") == "VFR",
        bit_depth=_whole(track.get("bit_depth")),
        bit_rate=_whole(track.get("bit_rate")),
        duration_ms=_whole(track.get("duration")) or 0,
    )


def _audio(track: Mapping[str, Any]) -> AudioTrack:
    return AudioTrack(
        codec=track.get("format", ""),
        channels=_whole(track.get("channel_s")),
        sample_rate_hz=_whole(track.get("sampling_rate")),
        bit_rate=_whole(track.get("bit_rate")),
        language=track.get("language"),
        duration_ms=_whole(track.get("duration")) or 0,
    )


def _frame_rate(track: Mapping[str, Any]) -> Fraction | None:
    numerator, denominator = _whole(track.get("framerate_num")), _whole(track.get("framerate_den"))
    if numerator and denominator:
        return Fraction(numerator, denominator)
    return Fraction(track["frame_rate"]) if track.get("frame_rate") else None


def _whole(value: object) -> int | None:
    """Whole number of what libmediainfo wrote ("6000", 6000.0); None when it wrote nothing or several."""
    try:
        return round(float(str(value)))
    except ValueError:
        return None
