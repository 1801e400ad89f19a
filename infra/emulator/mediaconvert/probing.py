"""The Probe operation's answer for what libmediainfo found in a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.emulator.media_info import AudioTrack, MediaInfo, VideoTrack

_MS_PER_SECOND = 1000

_CONTAINERS: Mapping[str, str] = {
    "AVI": "avi",
    "FLAC": "flac",
    "MPEG Audio": "mp3",
    "MPEG-4": "mp4",
    "MPEG-PS": "mpegps",
    "MPEG-TS": "mpegts",
    "MXF": "mxf",
    "Matroska": "matroska",
    "Ogg": "ogg",
    "Wave": "wave",
    "WebM": "webm",
    "Windows Media": "asf",
}
"""libmediainfo's name of a container -> the API's."""

_CODECS: Mapping[str, str] = {"AC-3": "AC3", "E-AC-3": "EAC3", "MPEG Audio": "MP3", "Opus": "OPUS", "Vorbis": "VORBIS"}
"""libmediainfo's name of a codec -> the API's, where they differ."""

_API_CODECS = frozenset(
    {"AAC", "AC3", "AV1", "AVC", "EAC3", "FLAC", "HEVC", "MP3", "OPUS", "PCM", "VORBIS", "VP8", "VP9"}
)
"""Codecs that this emulator tells apart; any other is UNKNOWN."""


def result(info: MediaInfo) -> dict[str, Any]:
    """One element of ``ProbeResults``; members that the file does not say are absent, as in the service."""
    video = [_track(index, "video", track) for index, track in enumerate(info.video)]
    audio = [_track(len(video) + index, "audio", track) for index, track in enumerate(info.audio)]
    return {
        "Container": _known(
            Format=_container(info),
            Duration=info.duration_ms / _MS_PER_SECOND,
            BitRate=info.bit_rate,
            Tracks=video + audio,
        ),
        "Metadata": _known(FileSize=info.size_bytes, MimeType=info.mime_type or None),
        "TrackMappings": [
            {
                "VideoTrackIndexes": [track["Index"] for track in video],
                "AudioTrackIndexes": [track["Index"] for track in audio],
                "DataTrackIndexes": [],
            }
        ],
    }


def _container(info: MediaInfo) -> str | None:
    if info.container == "MPEG-4" and info.profile == "QuickTime":
        return "quicktime"
    return _CONTAINERS.get(info.container)


def _track(index: int, kind: str, track: VideoTrack | AudioTrack) -> dict[str, Any]:
    codec = _CODECS.get(track.codec, track.codec)
    properties = _video(track) if isinstance(track, VideoTrack) else _audio(track)
    return {
        "Index": index,
        "TrackType": kind,
        "Codec": codec if codec in _API_CODECS else "UNKNOWN",
        "Duration": track.duration_ms / _MS_PER_SECOND,
        f"{kind.capitalize()}Properties": properties,
    }


def _video(track: VideoTrack) -> dict[str, Any]:
    rate = track.frame_rate
    return _known(
        Width=track.width_px,
        Height=track.height_px,
        Rotation=track.rotation_degrees,
        FrameRate={"Numerator": rate.numerator, "Denominator": rate.denominator} if rate else None,
        BitDepth=track.bit_depth,
        BitRate=track.bit_rate,
    )


def _audio(track: AudioTrack) -> dict[str, Any]:
    return _known(
        Channels=track.channels,
        SampleRate=track.sample_rate_hz,
        BitRate=track.bit_rate,
        LanguageCode=track.language,
    )


def _known(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
