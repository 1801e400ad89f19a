"""A streaming group's media and the playlists over it: HLS (RFC 8216) and DASH (ISO/IEC 23009-1), as text.

Media files are markers; in a single-file output the marker of each segment is one byte range, so that the ranges of
the playlists hold. The CODECS attribute is left out: nothing was encoded, it would be a guess.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Json = Mapping[str, Any]
Size = tuple[int, int]
"""Width and height [pixel]."""

MS_PER_SECOND = 1000
_BITS_PER_BYTE = 8
_HLS_VERSION = 7
"""Lowest version of HLS with fragmented MP4 outside of I-frame playlists (RFC 8216, 7)."""


@dataclass(frozen=True)
class WrittenFile:
    """One object to put into S3."""

    uri: str
    body: bytes
    content_type: str


@dataclass(frozen=True)
class SegmentedMedia:
    """How a streaming group cuts and names its media."""

    stem: str
    """Address of the output without ending: destination, base name, name modifier."""
    extension: str
    content_type: str
    digits: int
    """Of a segment's number."""
    has_init: bool
    single_file: bool
    segment_ms: tuple[int, ...]
    """Length of each segment [ms]."""

    @property
    def init_uri(self) -> str:
        """The initialisation segment of a segmented output."""
        return f"{self.stem}init.{self.extension}"

    @property
    def single_uri(self) -> str:
        """The one file of a single-file output."""
        return f"{self.stem}.{self.extension}"

    @property
    def segment_uris(self) -> tuple[str, ...]:
        """The segments of a segmented output."""
        count = len(self.segment_ms)
        return tuple(f"{self.stem}_{number + 1:0{self.digits}d}.{self.extension}" for number in range(count))

    @property
    def parts(self) -> tuple[bytes, ...]:
        """Marker of the init part, when there is one, then of each segment."""
        inits = (marker(self.init_uri),) if self.has_init else ()
        return (*inits, *(marker(uri) for uri in self.segment_uris))

    @property
    def bandwidth(self) -> int:
        """Peak of the marker files [bit/s]."""
        segments = zip(self.parts[-len(self.segment_ms) :], self.segment_ms, strict=True)
        return max(math.ceil(len(part) * _BITS_PER_BYTE * MS_PER_SECOND / length_ms) for part, length_ms in segments)

    def files(self) -> tuple[WrittenFile, ...]:
        """The media files."""
        if self.single_file:
            return (WrittenFile(self.single_uri, b"".join(self.parts), self.content_type),)
        uris = (*((self.init_uri,) if self.has_init else ()), *self.segment_uris)
        return tuple(WrittenFile(uri, body, self.content_type) for uri, body in zip(uris, self.parts, strict=True))


@dataclass(frozen=True)
class Track:
    """One output of a streaming group, ready for playlists."""

    media: SegmentedMedia
    size_px: Size | None
    bandwidth: int
    """Peak [bit/s]: the ceiling that the settings name, else that of the marker files."""
    frame_rate: Fraction | None
    audio_group: str

    @property
    def playlist_uri(self) -> str:
        """The HLS playlist of this output."""
        return f"{self.media.stem}.m3u8"


def manifests(kind: str, settings: Json, base: str, tracks: Sequence[Track]) -> tuple[WrittenFile, ...]:
    """Playlists and manifests, the DASH manifest first: the order in which the service's events list them."""
    cmaf = kind == "CMAF_GROUP_SETTINGS"
    files: list[WrittenFile] = []
    if kind == "DASH_ISO_GROUP_SETTINGS" or (cmaf and settings.get("WriteDashManifest", "ENABLED") == "ENABLED"):
        files.append(WrittenFile(f"{base}.mpd", _mpd(tracks), "application/dash+xml"))
    if kind == "HLS_GROUP_SETTINGS" or (cmaf and settings.get("WriteHlsManifest", "ENABLED") == "ENABLED"):
        files += [_m3u8(track.playlist_uri, _media_playlist(track.media)) for track in tracks]
        files.append(_m3u8(f"{base}.m3u8", _multivariant_playlist(tracks)))
    return tuple(files)


def _m3u8(uri: str, lines: Sequence[str]) -> WrittenFile:
    return WrittenFile(uri, ("\n".join(lines) + "\n").encode(), "application/vnd.apple.mpegurl")


def _media_playlist(media: SegmentedMedia) -> list[str]:
    longest = math.ceil(max(media.segment_ms) / MS_PER_SECOND)
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{_HLS_VERSION}", f"#EXT-X-TARGETDURATION:{longest}"]
    lines += ["#EXT-X-MEDIA-SEQUENCE:1", "#EXT-X-PLAYLIST-TYPE:VOD"]
    sizes = [len(part) for part in media.parts]
    offsets = [sum(sizes[:number]) for number in range(len(sizes))]
    ranges = [f"{size}@{offset}" for size, offset in zip(sizes, offsets, strict=True)]
    if media.has_init:
        init_range = ranges.pop(0)
        where = f',BYTERANGE="{init_range}"' if media.single_file else ""
        lines.append(f'#EXT-X-MAP:URI="{_name(media.single_uri if media.single_file else media.init_uri)}"{where}')
    for uri, length_ms, byte_range in zip(media.segment_uris, media.segment_ms, ranges, strict=True):
        lines.append(f"#EXTINF:{length_ms / MS_PER_SECOND:.3f},")
        lines += [f"#EXT-X-BYTERANGE:{byte_range}", _name(media.single_uri)] if media.single_file else [_name(uri)]
    return [*lines, "#EXT-X-ENDLIST"]


def _multivariant_playlist(tracks: Sequence[Track]) -> list[str]:
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{_HLS_VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    audio = [track for track in tracks if track.size_px is None]
    pictures = [track for track in tracks if track.size_px is not None]
    if not pictures:
        return lines + [line for track in audio for line in _variant(track, "")]
    for number, track in enumerate(audio):
        default = "YES" if number == 0 else "NO"
        attributes = f'TYPE=AUDIO,GROUP-ID="{track.audio_group}",NAME="{number + 1}",DEFAULT={default},AUTOSELECT=YES'
        lines.append(f'#EXT-X-MEDIA:{attributes},URI="{_name(track.playlist_uri)}"')
    for track in pictures:
        lines += _variant(track, f',AUDIO="{track.audio_group}"' if audio else "")
    return lines


def _variant(track: Track, audio: str) -> list[str]:
    attributes = [f"BANDWIDTH={track.bandwidth}"]
    if track.size_px:
        attributes.append(f"RESOLUTION={track.size_px[0]}x{track.size_px[1]}")
    if track.size_px and track.frame_rate:
        attributes.append(f"FRAME-RATE={float(track.frame_rate):.3f}")
    return [f"#EXT-X-STREAM-INF:{','.join(attributes)}{audio}", _name(track.playlist_uri)]


def _mpd(tracks: Sequence[Track]) -> bytes:
    seconds = sum(tracks[0].media.segment_ms) / MS_PER_SECOND
    root = ET.Element(
        "MPD",
        xmlns="urn:mpeg:dash:schema:mpd:2011",
        type="static",
        profiles="urn:mpeg:dash:profile:isoff-main:2011",
        mediaPresentationDuration=f"PT{seconds:.3f}S",
        minBufferTime="PT2S",
    )
    period = ET.SubElement(root, "Period", id="1", duration=f"PT{seconds:.3f}S")
    for kind in ("video", "audio"):
        members = [track for track in tracks if (track.size_px is not None) == (kind == "video")]
        if members:
            adaptation = ET.SubElement(period, "AdaptationSet", contentType=kind, mimeType=f"{kind}/mp4")
            for track in members:
                _representation(adaptation, track)
    ET.indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root) + b"\n"


def _representation(adaptation: ET.Element, track: Track) -> None:
    media = track.media
    attributes = {"id": _name(media.stem), "bandwidth": str(track.bandwidth)}
    if track.size_px:
        attributes |= {"width": str(track.size_px[0]), "height": str(track.size_px[1])}
    representation = ET.SubElement(adaptation, "Representation", attributes)
    if media.single_file:
        ET.SubElement(representation, "BaseURL").text = _name(media.single_uri)
    segments = ET.SubElement(representation, "SegmentList", timescale=str(MS_PER_SECOND))
    _dash_init(segments, media)
    timeline = ET.SubElement(segments, "SegmentTimeline")
    for length_ms in media.segment_ms:
        ET.SubElement(timeline, "S", d=str(length_ms))
    start = len(media.parts[0])
    for uri, part in zip(media.segment_uris, media.parts[1:], strict=True):
        where = {"mediaRange": f"{start}-{start + len(part) - 1}"} if media.single_file else {"media": _name(uri)}
        ET.SubElement(segments, "SegmentURL", where)
        start += len(part)


def _dash_init(segments: ET.Element, media: SegmentedMedia) -> None:
    init = {"range": f"0-{len(media.parts[0]) - 1}"} if media.single_file else {"sourceURL": _name(media.init_uri)}
    ET.SubElement(segments, "Initialization", init)


def _name(uri: str) -> str:
    """Playlists name their files relative to themselves; all lie in one folder."""
    return uri.rpartition("/")[2]


def marker(uri: str) -> bytes:
    """What stands in a file in the place of media."""
    return f"reelplan emulator: stands for {_name(uri)}, no media was encoded\n".encode()
