"""The one definition of a MediaConvert job: rendered from the ladder for one probed upload.

No job template in the account, no defaults merged by the service: what is sent is what is here, so a roll-back of the
function rolls back the encoding too.

Source of the setting choices: AWS Elemental MediaConvert user guide (QVBR, CMAF, rotation, frame capture).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.functions.videos import FRAMES

JOB_DEFINITION = 2
"""Version of this file's decisions; it is written on every job and every record."""

SUPPORTED_LADDER = 1

GOP_SECONDS = 2
AUDIO_BITRATE = 128_000
AUDIO_SAMPLE_RATE = 48_000
AUDIO_GROUP = "audio"
AUDIO_SOURCE = "Audio Selector 1"
CAPTURE_QUALITY = 80
KBIT = 1000
MS_PER_SECOND = 1000
QUARTER_TURNS = (90, 270)

Settings = dict[str, Any]


class UnreadableVideo(ValueError):
    """The upload holds no picture that could be encoded."""


@dataclass(frozen=True)
class Picture:
    """The upload as a viewer sees it, after rotation."""

    width: int
    height: int
    has_audio: bool
    seconds: float = 0
    """Length; 0 when the file does not say it."""

    @property
    def short_edge(self) -> int:
        """Pixels of the shorter side."""
        return min(self.width, self.height)

    @property
    def upright(self) -> bool:
        """True for portrait and square."""
        return self.height >= self.width

    def as_item(self) -> dict[str, Any]:
        """For the record: whole numbers only, since DynamoDB takes no floats.

        >>> Picture(1080, 1920, has_audio=True, seconds=15.25).as_item()
        {'width': 1080, 'height': 1920, 'has_audio': True, 'duration_ms': 15250}
        """
        milliseconds = round(self.seconds * MS_PER_SECOND)
        return {"width": self.width, "height": self.height, "has_audio": self.has_audio, "duration_ms": milliseconds}

    @classmethod
    def of_item(cls, item: Mapping[str, Any]) -> Picture:
        """The picture that a record keeps."""
        seconds = float(item["duration_ms"]) / MS_PER_SECOND
        return cls(int(item["width"]), int(item["height"]), bool(item["has_audio"]), seconds)


@dataclass(frozen=True)
class Sampling:
    """How many pictures moderation looks at."""

    seconds_per_frame: int
    """Between two pictures, unless that makes too many [second]."""
    max_frames: int
    """The most pictures of one video; a longer one is sampled more thinly, to its end."""

    def interval(self, seconds: float) -> int:
        """Seconds between two pictures of a video of some length.

        >>> Sampling(seconds_per_frame=5, max_frames=20).interval(30), Sampling(5, 20).interval(600)
        (5, 30)
        """
        return max(self.seconds_per_frame, math.ceil(seconds / self.max_frames))


@dataclass(frozen=True)
class Job:
    """What a job is about."""

    source: str
    """``s3://`` address of the upload."""
    destination: str
    """``s3://`` prefix of the renditions, ending in a slash."""
    picture: Picture
    sampling: Sampling | None = None
    """Of pictures for moderation; None takes none."""


def picture(probe: Mapping[str, Any]) -> Picture:
    """The picture in a MediaConvert Probe result.

    Args:
        probe: one element of ``ProbeResults``.

    Raises:
        UnreadableVideo: when no video track has a size.
    """
    tracks = probe.get("Container", {}).get("Tracks", [])
    video: Mapping[str, Any] = next(
        (track["VideoProperties"] for track in tracks if track.get("TrackType") == "video"), {}
    )
    width, height = video.get("Width", 0), video.get("Height", 0)
    if not width or not height:
        raise UnreadableVideo("the file has no video track with a size")
    if video.get("Rotation", 0) % 360 in QUARTER_TURNS:
        width, height = height, width
    has_audio = any(track.get("TrackType") == "audio" for track in tracks)
    return Picture(width, height, has_audio, seconds=float(probe["Container"].get("Duration", 0)))


def rungs_for(ladder: Mapping[str, Any], seen: Picture) -> list[Mapping[str, Any]]:
    """Rungs that the upload can fill: none is larger than the original, the smallest is always there."""
    rungs = sorted(ladder["renditions"], key=lambda rung: rung["short_edge"])
    return [rung for rung in rungs if rung["short_edge"] <= seen.short_edge] or rungs[:1]


def render(ladder: Mapping[str, Any], job: Job) -> Settings:
    """Settings of the job: one CMAF group (HLS and DASH over the same segments), and what else is wanted.

    The ladder may want an MP4 and a poster, the job sampled frames.

    Args:
        ladder: the document that ``infra.ladder.ladder_document`` makes.
        job: the upload.

    Returns:
        ``Settings`` of the CreateJob request.

    Raises:
        ValueError: the ladder is of a version that this file does not know.
    """
    if ladder["version"] != SUPPORTED_LADDER:
        raise ValueError(f"ladder version {ladder['version']} is not {SUPPORTED_LADDER}, which this function reads")
    rungs = rungs_for(ladder, job.picture)
    groups = [_cmaf_group(ladder, rungs, job)]
    if ladder["mp4"]:
        groups.append(_mp4_group(ladder, rungs, job))
    if ladder["poster"]:
        groups.append(_file_group("Poster", [_poster(rungs[-1], job)], job.destination))
    if job.sampling:
        frames = _frames(rungs[0], job, job.sampling.interval(job.picture.seconds))
        groups.append(_file_group("Frames", [frames], f"{job.destination}{FRAMES}/"))
    return {
        "TimecodeConfig": {"Source": "ZEROBASED"},
        "Inputs": [_input(job)],
        "OutputGroups": groups,
    }


def fingerprint(ladder: Mapping[str, Any]) -> str:
    """Short hash of the ladder, so that a record says which one made it."""
    return hashlib.sha256(json.dumps(ladder, sort_keys=True).encode()).hexdigest()[:12]


def _input(job: Job) -> Settings:
    return {
        "FileInput": job.source,
        "TimecodeSource": "ZEROBASED",
        "VideoSelector": {
            # Without AUTO MediaConvert ignores the rotation flag that phones set, and the video lies on its side.
            "Rotate": "AUTO",
            "ColorSpace": "FOLLOW",
            "PadVideo": "BLACK",
        },
        **({"AudioSelectors": {AUDIO_SOURCE: _audio_selector()}} if job.picture.has_audio else {}),
    }


def _audio_selector() -> Settings:
    return {"DefaultSelection": "DEFAULT", "AudioDurationCorrection": "AUTO"}


def _cmaf_group(ladder: Mapping[str, Any], rungs: Sequence[Mapping[str, Any]], job: Job) -> Settings:
    audio = [_cmaf_audio()] if job.picture.has_audio else []
    return {
        "Name": "CMAF",
        "OutputGroupSettings": {
            "Type": "CMAF_GROUP_SETTINGS",
            "CmafGroupSettings": {
                "Destination": job.destination,
                "WriteHlsManifest": "ENABLED",
                "WriteDashManifest": "ENABLED",
                "SegmentControl": "SEGMENTED_FILES",
                "SegmentLength": ladder["segment_seconds"],
                "SegmentLengthControl": "GOP_MULTIPLE",
                "FragmentLength": GOP_SECONDS,
                "CodecSpecification": "RFC_6381",
                "TargetDurationCompatibilityMode": "SPEC_COMPLIANT",
                "ManifestDurationFormat": "FLOATING_POINT",
            },
        },
        # CMAF keeps picture and sound in separate outputs.
        "Outputs": [*(_cmaf_video(rung, job) for rung in rungs), *audio],
    }


def _cmaf_video(rung: Mapping[str, Any], job: Job) -> Settings:
    sets = {"CmfcSettings": {"AudioRenditionSets": AUDIO_GROUP}} if job.picture.has_audio else {}
    return {
        "NameModifier": f"_{rung['name']}",
        "ContainerSettings": {"Container": "CMFC", **sets},
        "VideoDescription": _video(rung, job.picture),
    }


def _cmaf_audio() -> Settings:
    return {
        "NameModifier": "_audio",
        "ContainerSettings": {
            "Container": "CMFC",
            "CmfcSettings": {
                "AudioGroupId": AUDIO_GROUP,
                "AudioTrackType": "ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT",
            },
        },
        "AudioDescriptions": [_audio()],
    }


def _mp4_group(ladder: Mapping[str, Any], rungs: Sequence[Mapping[str, Any]], job: Job) -> Settings:
    return _file_group("MP4", [_mp4(_mp4_rung(ladder, rungs), job)], job.destination)


def _file_group(name: str, outputs: list[Settings], destination: str) -> Settings:
    return {
        "Name": name,
        "OutputGroupSettings": {
            "Type": "FILE_GROUP_SETTINGS",
            "FileGroupSettings": {"Destination": destination},
        },
        "Outputs": outputs,
    }


def _mp4_rung(ladder: Mapping[str, Any], rungs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return next((rung for rung in rungs if rung["name"] == ladder["mp4"]), rungs[-1])


def _mp4(rung: Mapping[str, Any], job: Job) -> Settings:
    return {
        "NameModifier": f"_{rung['name']}_mp4",
        "ContainerSettings": {
            "Container": "MP4",
            "Mp4Settings": {"MoovPlacement": "PROGRESSIVE_DOWNLOAD"},
        },
        "VideoDescription": _video(rung, job.picture),
        **({"AudioDescriptions": [_audio()]} if job.picture.has_audio else {}),
    }


def _poster(rung: Mapping[str, Any], job: Job) -> Settings:
    return _capture("_poster", rung, job, {"FramerateNumerator": 1, "FramerateDenominator": 1, "MaxCaptures": 1})


def _frames(rung: Mapping[str, Any], job: Job, interval: int) -> Settings:
    return _capture("_frame", rung, job, {"FramerateNumerator": 1, "FramerateDenominator": interval})


def _capture(suffix: str, rung: Mapping[str, Any], job: Job, rate: Settings) -> Settings:
    return {
        "NameModifier": suffix,
        "Extension": "jpg",
        "ContainerSettings": {"Container": "RAW"},
        "VideoDescription": {
            **_size(rung, job.picture),
            "CodecSettings": {
                "Codec": "FRAME_CAPTURE",
                "FrameCaptureSettings": {**rate, "Quality": CAPTURE_QUALITY},
            },
        },
    }


def _size(rung: Mapping[str, Any], seen: Picture) -> Settings:
    width, height = (rung["width"], rung["height"]) if seen.upright else (rung["height"], rung["width"])
    # FIT keeps the shape of the picture inside the rung instead of adding bars.
    return {"Width": width, "Height": height, "ScalingBehavior": "FIT"}


def _video(rung: Mapping[str, Any], seen: Picture) -> Settings:
    return {**_size(rung, seen), "CodecSettings": CODECS[rung["codec"]](rung)}


def _avc(rung: Mapping[str, Any]) -> Settings:
    settings = {
        **_rate(rung),
        "QualityTuningLevel": rung["tuning"],
        "CodecProfile": "HIGH",
        "CodecLevel": "AUTO",
        "AdaptiveQuantization": "AUTO",
        "GopSize": GOP_SECONDS,
        "GopSizeUnits": "SECONDS",
        **SQUARE_PIXELS,
    }
    return {"Codec": "H_264", "H264Settings": settings}


def _hevc(rung: Mapping[str, Any]) -> Settings:
    settings = {
        **_rate(rung),
        "QualityTuningLevel": rung["tuning"],
        "CodecProfile": "MAIN_MAIN",
        "CodecLevel": "AUTO",
        "AdaptiveQuantization": "AUTO",
        "GopSize": GOP_SECONDS,
        "GopSizeUnits": "SECONDS",
        # Apple's players take HEVC only when it is marked so; the default is another mark.
        "WriteMp4PackagingType": "HVC1",
        **SQUARE_PIXELS,
    }
    return {"Codec": "H_265", "H265Settings": settings}


def _av1(rung: Mapping[str, Any]) -> Settings:
    # AV1 knows no tuning level and no shape of pixels, and counts its group of pictures in frames.
    return {"Codec": "AV1", "Av1Settings": {**_rate(rung), "GopSize": GOP_SECONDS * rung["frame_rate"]}}


CODECS: Mapping[str, Callable[[Mapping[str, Any]], Settings]] = {"AVC": _avc, "HEVC": _hevc, "AV1": _av1}
"""Codec of a rung -> its settings."""
SQUARE_PIXELS: Settings = {"ParControl": "SPECIFIED", "ParNumerator": 1, "ParDenominator": 1}


def _rate(rung: Mapping[str, Any]) -> Settings:
    """Quality, ceiling and frame rate: named alike in every codec."""
    level = int(rung["quality_level"])
    return {
        "RateControlMode": "QVBR",
        "QvbrSettings": {
            "QvbrQualityLevel": level,
            "QvbrQualityLevelFineTune": round(rung["quality_level"] - level, 2),
        },
        "MaxBitrate": rung["max_kbps"] * KBIT,
        "SceneChangeDetect": "TRANSITION_DETECTION",
        "FramerateControl": "SPECIFIED",
        "FramerateConversionAlgorithm": "DUPLICATE_DROP",
        "FramerateNumerator": rung["frame_rate"],
        "FramerateDenominator": 1,
    }


def _audio() -> Settings:
    return {
        "AudioSourceName": AUDIO_SOURCE,
        "CodecSettings": {
            "Codec": "AAC",
            "AacSettings": {
                "Bitrate": AUDIO_BITRATE,
                "SampleRate": AUDIO_SAMPLE_RATE,
                "CodingMode": "CODING_MODE_2_0",
            },
        },
    }
