"""What files a job writes, and what its COMPLETE event says about them: pure functions of settings and input.

Nothing is encoded. Playlists and manifests are real text, and every file that they name is written; a media file
is a short marker that says what it stands for.

Names follow the service (user guide, "Output file names and paths"; published examples of its output): destination,
then the input's name when the destination ends in a slash, the name modifier, then ``init.cmfv``,
``_000000001.cmfv``, ``_00001.ts``, ``.0000000.jpg``, ``.m3u8``, ``.mpd``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any

from infra.emulator.media_info import MediaInfo
from infra.emulator.mediaconvert import playlists
from infra.emulator.mediaconvert.playlists import MS_PER_SECOND, SegmentedMedia, Size, Track, WrittenFile, marker
from infra.emulator.mediaconvert.rules import CODEC_SETTINGS, GROUP_SETTINGS

Json = Mapping[str, Any]

_DEFAULT_SEGMENT_SECONDS = 10
"""API documentation, SegmentLength: "When you don't specify a value, MediaConvert defaults to 10"."""

_FILE_EXTENSIONS: Mapping[str, str] = {
    "GIF": "gif",
    "M2TS": "m2ts",
    "MOV": "mov",
    "MP4": "mp4",
    "MXF": "mxf",
    "WEBM": "webm",
}
"""Container -> extension in a file group (API documentation, Output.Extension)."""


@dataclass(frozen=True)
class WrittenOutput:
    """One output of a group, as the event reports it."""

    file_paths: tuple[str, ...]
    """What ``outputFilePaths`` lists; empty for types whose outputs are not listed (CMAF, DASH)."""
    duration_ms: int
    size_px: Size | None
    """None for an output without picture."""
    files: tuple[WrittenFile, ...]


@dataclass(frozen=True)
class WrittenGroup:
    """One output group, as the event reports it."""

    type: str
    """``CMAF_GROUP``, ``FILE_GROUP`` ..."""
    playlist_paths: tuple[str, ...]
    outputs: tuple[WrittenOutput, ...]
    manifests: tuple[WrittenFile, ...]

    @property
    def files(self) -> Iterator[WrittenFile]:
        """Media first, then what refers to it, as a packager writes."""
        for output in self.outputs:
            yield from output.files
        yield from self.manifests


def render(settings: Json, inputs: Sequence[MediaInfo]) -> tuple[WrittenGroup, ...]:
    """What a job with these settings writes.

    Args:
        settings: ``Settings`` of the job, template and presets merged in, accepted by the rules.
        inputs: what the inputs hold, in their order; they are played one after another.

    Returns:
        One entry per output group, in their order.
    """
    source = _Source(
        name=PurePosixPath(settings["Inputs"][0]["FileInput"]).stem,
        duration_ms=sum(item.duration_ms for item in inputs),
        size_px=_oriented(inputs[0], settings["Inputs"][0]),
        frame_rate=inputs[0].video[0].frame_rate if inputs[0].video else None,
    )
    return tuple(_group(group, source) for group in settings["OutputGroups"])


def not_emulated(settings: Json) -> list[str]:
    """Settings that the service knows and this emulator does not; refused, so that no result is quietly wrong."""
    found = [
        f"inputs[{n}].{name}"
        for n, item in enumerate(settings.get("Inputs", []))
        for name in _INPUT_LIMITS & item.keys()
    ]
    for n, group in enumerate(settings.get("OutputGroups", [])):
        found += [f"outputGroups[{n}]: {limit}" for limit in _group_limits(group)]
    return found


_INPUT_LIMITS = frozenset({"InputClippings", "VideoGenerator", "TamsSettings"})


def _group_limits(group: Json) -> Iterator[str]:
    kind = group.get("OutputGroupSettings", {}).get("Type", "")
    settings = group.get("OutputGroupSettings", {}).get(GROUP_SETTINGS.get(kind, ""), {})
    if kind == "MS_SMOOTH_GROUP_SETTINGS":
        yield "Microsoft Smooth Streaming"
    if "AutomatedEncodingSettings" in group:
        yield "AutomatedEncodingSettings"
    if settings.get("AdditionalManifests"):
        yield "AdditionalManifests"
    if settings.get("DirectoryStructure") == "SUBDIRECTORY_PER_STREAM":
        yield "DirectoryStructure SUBDIRECTORY_PER_STREAM"
    if settings.get("OutputSelection") == "SEGMENTS_ONLY":
        yield "OutputSelection SEGMENTS_ONLY"
    if "$" in settings.get("Destination", ""):
        yield "format identifiers in Destination"
    for number, output in enumerate(group.get("Outputs", [])):
        yield from (f"outputs[{number}]: {limit}" for limit in _output_limits(output))


def _output_limits(output: Json) -> Iterator[str]:
    if output.get("CaptionDescriptions"):
        yield "CaptionDescriptions"
    if "$" in output.get("NameModifier", ""):
        yield "format identifiers in NameModifier"
    codec, encoding = _codec(output)
    if codec == "FRAME_CAPTURE" and not {"FramerateNumerator", "FramerateDenominator"} <= encoding.keys():
        yield "FRAME_CAPTURE without FramerateNumerator and FramerateDenominator"
    if (
        output.get("ContainerSettings", {}).get("Container") in ("RAW", "F4V", "OGG", "Y4M")
        and codec != "FRAME_CAPTURE"
    ):
        yield f"container {output['ContainerSettings']['Container']} with codec {codec or 'none'}"


@dataclass(frozen=True)
class _Source:
    name: str
    duration_ms: int
    size_px: Size | None
    frame_rate: Fraction | None


# ---- the picture ----


def _oriented(info: MediaInfo, job_input: Json) -> Size | None:
    """Size of the input after the rotation that the job asks for; none is applied unless it asks."""
    if not info.video:
        return None
    track, rotate = info.video[0], job_input.get("VideoSelector", {}).get("Rotate", "DEGREE_0")
    stored = (track.width_px, track.height_px)
    if rotate == "AUTO":
        return track.displayed_px
    return stored[::-1] if rotate in ("DEGREES_90", "DEGREES_270") else stored


def picture_px(video: Json, source: Size) -> Size:
    """Size of an output picture.

    Args:
        video: ``VideoDescription`` of the output.
        source: size of the input after rotation.

    >>> picture_px({"Height": 720}, (1920, 1080))
    (1280, 720)
    >>> picture_px({"Width": 480, "Height": 854, "ScalingBehavior": "FIT"}, (1080, 1920))
    (480, 854)
    >>> picture_px({"Width": 720, "Height": 1280, "ScalingBehavior": "FIT_NO_UPSCALE"}, (360, 640))
    (360, 640)
    """
    width, height, behavior = video.get("Width"), video.get("Height"), video.get("ScalingBehavior", "DEFAULT")
    if width and height and not behavior.startswith("FIT"):
        return (width, height)
    wanted = zip((width, height), source, strict=True)
    scale = min((Fraction(side, have) for side, have in wanted if side), default=Fraction(1))
    if behavior == "FIT_NO_UPSCALE":
        scale = min(scale, Fraction(1))
    return (_even(source[0] * scale), _even(source[1] * scale))


def _even(pixels: Fraction) -> int:
    """Nearest even number: 4:2:0 video has no odd sizes."""
    return 2 * round(pixels / 2)


# ---- groups ----


def _group(group: Json, source: _Source) -> WrittenGroup:
    kind = group["OutputGroupSettings"]["Type"]
    settings = group["OutputGroupSettings"][GROUP_SETTINGS[kind]]
    base = _base(settings["Destination"], source.name)
    if kind == "FILE_GROUP_SETTINGS":
        outputs = tuple(_file_output(output, base, source) for output in group["Outputs"])
        return WrittenGroup("FILE_GROUP", (), outputs, ())
    tracks = [_track(output, kind, settings, base, source) for output in group["Outputs"]]
    manifests = playlists.manifests(kind, settings, base, tracks)
    top = tuple(file.uri for file in manifests if file.uri in (f"{base}.m3u8", f"{base}.mpd"))
    outputs = tuple(_streaming_output(track, kind, source) for track in tracks)
    return WrittenGroup(kind.removesuffix("_SETTINGS"), top, outputs, manifests)


def _base(destination: str, input_name: str) -> str:
    """Destination with the input's name when it names no file itself.

    >>> _base("s3://videos/v/42/", "clip"), _base("s3://videos", "clip"), _base("s3://videos/v/main", "clip")
    ('s3://videos/v/42/clip', 's3://videos/clip', 's3://videos/v/main')
    """
    if "/" not in destination.removeprefix("s3://"):
        destination += "/"
    return destination + input_name if destination.endswith("/") else destination


def _streaming_output(track: Track, kind: str, source: _Source) -> WrittenOutput:
    reported = (track.playlist_uri,) if kind == "HLS_GROUP_SETTINGS" else ()
    return WrittenOutput(reported, source.duration_ms, track.size_px, track.media.files())


def _file_output(output: Json, base: str, source: _Source) -> WrittenOutput:
    stem = base + output.get("NameModifier", "")
    codec, encoding = _codec(output)
    size = _size(output, source)
    if codec == "FRAME_CAPTURE":
        extension = output.get("Extension", "jpg")
        uris = [f"{stem}.{number:07d}.{extension}" for number in range(_captures(encoding, source.duration_ms))]
        files = tuple(WrittenFile(uri, marker(uri), "image/jpeg") for uri in uris)
        return WrittenOutput((uris[-1],), source.duration_ms, size, files)
    container = output["ContainerSettings"]["Container"]
    uri = f"{stem}.{output.get('Extension', _FILE_EXTENSIONS[container])}"
    kind = "video" if size else "audio"
    file = WrittenFile(uri, marker(uri), f"{kind}/{_FILE_EXTENSIONS[container]}")
    return WrittenOutput((uri,), source.duration_ms, size, (file,))


def _captures(encoding: Json, duration_ms: int) -> int:
    """Pictures taken: the first frame, then one every denominator/numerator seconds while the video lasts.

    >>> _captures({"FramerateNumerator": 1, "FramerateDenominator": 2}, 6000)
    3
    >>> _captures({"FramerateNumerator": 1, "FramerateDenominator": 1, "MaxCaptures": 1}, 6000)
    1
    """
    per_second = Fraction(encoding["FramerateNumerator"], encoding["FramerateDenominator"])
    taken = max(1, math.ceil(duration_ms * per_second / MS_PER_SECOND))
    return min(taken, int(encoding.get("MaxCaptures", taken)))


def _track(output: Json, kind: str, settings: Json, base: str, source: _Source) -> Track:
    size = _size(output, source)
    cmaf, hls = kind == "CMAF_GROUP_SETTINGS", kind == "HLS_GROUP_SETTINGS"
    extension = "ts" if hls else ("cmfv" if size else "cmfa") if cmaf else "mp4"
    media = SegmentedMedia(
        stem=base + output.get("NameModifier", ""),
        extension=extension,
        content_type="video/mp2t" if hls else f"{'video' if size else 'audio'}/mp4",
        digits=5 if hls else 9,
        has_init=not hls,
        single_file=settings.get("SegmentControl") == "SINGLE_FILE",
        segment_ms=_segments(source.duration_ms, settings.get("SegmentLength", _DEFAULT_SEGMENT_SECONDS)),
    )
    _, encoding = _codec(output)
    bandwidth = _ceiling(output, encoding)
    return Track(
        media=media,
        size_px=size,
        bandwidth=media.bandwidth if bandwidth is None else bandwidth,
        frame_rate=_frame_rate(encoding, source),
        audio_group=_audio_group(output),
    )


def _segments(duration_ms: int, length_seconds: int) -> tuple[int, ...]:
    """Lengths of the segments [ms]; the last takes what is left.

    >>> _segments(6500, 2)
    (2000, 2000, 2000, 500)
    """
    length_ms = length_seconds * MS_PER_SECOND
    whole, rest = divmod(duration_ms, length_ms)
    return (*([length_ms] * whole), *([rest] if rest else []))


def _size(output: Json, source: _Source) -> Size | None:
    video = output.get("VideoDescription")
    return picture_px(video, source.size_px) if video and source.size_px else None


def _codec(output: Json) -> tuple[str, Json]:
    settings = output.get("VideoDescription", {}).get("CodecSettings", {})
    codec = settings.get("Codec", "")
    return codec, settings.get(CODEC_SETTINGS.get(codec, ""), {})


def _ceiling(output: Json, encoding: Json) -> int | None:
    """Ceiling of the bitrate that the settings name [bit/s]; None when they name none."""
    if "VideoDescription" in output:
        return encoding.get("MaxBitrate") or encoding.get("Bitrate")
    codec = output.get("AudioDescriptions", [{}])[0].get("CodecSettings", {})
    return next((item["Bitrate"] for item in codec.values() if isinstance(item, dict) and "Bitrate" in item), None)


def _frame_rate(encoding: Json, source: _Source) -> Fraction | None:
    if encoding.get("FramerateNumerator") and encoding.get("FramerateDenominator"):
        return Fraction(encoding["FramerateNumerator"], encoding["FramerateDenominator"])
    return source.frame_rate


def _audio_group(output: Json) -> str:
    container = output.get("ContainerSettings", {}).get("CmfcSettings", {})
    return str(container.get("AudioGroupId") or container.get("AudioRenditionSets") or "audio")
