"""What MediaConvert demands of a request beyond its API model, and what it accepts but does not do as written.

:func:`violations` is everything that the service refuses: the model (enums, maxima, patterns) and the rules below.
:func:`cautions` is what it accepts with another effect than the text suggests; a test of job settings wants both
empty. Each rule names its source: UG = AWS Elemental MediaConvert user guide, API = the documentation in botocore's
model, issue = a public report with the service's own message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from infra.emulator import api_model
from infra.emulator.api_model import Kind, Path, Violation

Json = Mapping[str, Any]
Rule = Callable[[Json], Iterator[Violation]]

GROUP_SETTINGS: Mapping[str, str] = {
    "CMAF_GROUP_SETTINGS": "CmafGroupSettings",
    "DASH_ISO_GROUP_SETTINGS": "DashIsoGroupSettings",
    "FILE_GROUP_SETTINGS": "FileGroupSettings",
    "HLS_GROUP_SETTINGS": "HlsGroupSettings",
    "MS_SMOOTH_GROUP_SETTINGS": "MsSmoothGroupSettings",
}
"""Type of an output group -> the member that holds its settings."""

_CONTAINER_OF_GROUP: Mapping[str, str] = {
    "CMAF_GROUP_SETTINGS": "CMFC",
    "DASH_ISO_GROUP_SETTINGS": "MPD",
    "HLS_GROUP_SETTINGS": "M3U8",
    "MS_SMOOTH_GROUP_SETTINGS": "ISMV",
}
"""Streaming groups take one container each; a file group takes all others (UG, output groups)."""

CODEC_SETTINGS: Mapping[str, str] = {
    "AV1": "Av1Settings",
    "FRAME_CAPTURE": "FrameCaptureSettings",
    "H_264": "H264Settings",
    "H_265": "H265Settings",
    "VP8": "Vp8Settings",
    "VP9": "Vp9Settings",
}
"""Video codec -> the member that holds its settings, for the codecs that a rule looks at."""

_ROLE_ARN = re.compile(r"^arn:aws[a-z-]*:iam::\d{12}:role/.+$")
_MANUAL_QUANTIZATION = (
    "FlickerAdaptiveQuantization",
    "SpatialAdaptiveQuantization",
    "TemporalAdaptiveQuantization",
)
_LONGEST_TOKEN = 64


@dataclass(frozen=True)
class Output:
    """One output of a job together with where it stands."""

    path: Path
    settings: Json
    group: Json

    @property
    def group_type(self) -> str:
        """``CMAF_GROUP_SETTINGS`` and so on; empty when it is missing."""
        return str(self.group.get("OutputGroupSettings", {}).get("Type", ""))

    @property
    def container(self) -> str:
        """``MP4`` and so on; empty when a preset decides it."""
        return str(self.settings.get("ContainerSettings", {}).get("Container", ""))

    @property
    def codec(self) -> str:
        """Video codec; empty for an output without picture."""
        return str(self._codec_settings.get("Codec", ""))

    @property
    def encoding(self) -> Json:
        """Settings of the video codec (``H264Settings`` ...); empty when there are none."""
        settings: Json = self._codec_settings.get(CODEC_SETTINGS.get(self.codec, ""), {})
        return settings

    @property
    def encoding_path(self) -> Path:
        """Where the codec's settings stand."""
        return (*self.path, "VideoDescription", "CodecSettings", CODEC_SETTINGS.get(self.codec, "Codec"))

    @property
    def _codec_settings(self) -> Json:
        settings: Json = self.settings.get("VideoDescription", {}).get("CodecSettings", {})
        return settings


def violations(operation: str, params: Json) -> list[Violation]:
    """Everything for which MediaConvert would refuse a request.

    Args:
        operation: name in the model ("CreateJob").
        params: as for the boto3 client method.

    Returns:
        All faults: those of the API model, then those of the rules (which need the types to be right).
    """
    found = api_model.violations("mediaconvert", operation, params)
    if any(violation.kind == "type" for violation in found):
        return found
    known = {violation.path for violation in found}
    broken = (violation for rule in _RULES.get(operation, ()) for violation in rule(params))
    return found + [violation for violation in broken if violation.path not in known]


def cautions(params: Json) -> list[Violation]:
    """Settings of a CreateJob request that MediaConvert accepts, but with another effect than they suggest."""
    return [violation for rule in _CAUTIONS for violation in rule(params)]


def service_message(found: Sequence[Violation]) -> str:
    """Violations in the words of the service, one a line.

    Paths start below ``Settings`` and use the wire's names, as in the service's own
    "/outputGroups/0/outputs/0: containerSettings is a required property" (issue aws-sdk-js-v3 #2661).
    """
    return "\n".join(_line(violation) for violation in found)


def _line(violation: Violation) -> str:
    if violation.kind == "missing":
        return f"{_pointer(violation.path[:-1])}: {_wire_name(violation.path[-1])} is a required property"
    hint = f" ({violation.hint})" if violation.hint else ""
    return f"{_pointer(violation.path)}: Should be {violation.expected}, found {violation.found}{hint}"


def _pointer(path: Path) -> str:
    below = path[1:] if path[:1] == ("Settings",) else path
    return "/" + "/".join(_wire_name(step) for step in below)


def _wire_name(step: str | int) -> str:
    text = str(step)
    return text[:1].lower() + text[1:]


# ---- what the service refuses ----


def role_is_an_arn(params: Json) -> Iterator[Violation]:
    """Role is the ARN of an IAM role (UG, error 1515 "Invalid role ARN format")."""
    role = params.get("Role", "")
    if role and not _ROLE_ARN.match(role):
        yield _refused(("Role",), repr(role), "the ARN of an IAM role, arn:aws:iam::<account>:role/<name>")


def token_is_short(params: Json) -> Iterator[Violation]:
    """ClientRequestToken has up to 64 ASCII characters (API)."""
    token = params.get("ClientRequestToken", "")
    if len(token) > _LONGEST_TOKEN or not token.isascii():
        yield _refused(("ClientRequestToken",), repr(token), f"up to {_LONGEST_TOKEN} ASCII characters")


def inputs_have_files(params: Json) -> Iterator[Violation]:
    """A job has at least one input, and each a file or a generator ("Should have at least 1 items", issue)."""
    inputs = params.get("Settings", {}).get("Inputs", [])
    if not inputs:
        yield _missing(("Settings", "Inputs"))
    for index, item in enumerate(inputs):
        if not item.keys() & {"FileInput", "VideoGenerator", "TamsSettings"}:
            yield _missing(("Settings", "Inputs", index, "FileInput"))


def groups_have_outputs(params: Json) -> Iterator[Violation]:
    """A job has output groups, and each has outputs (issue video-on-demand-on-aws #1)."""
    groups = params.get("Settings", {}).get("OutputGroups", [])
    if not groups:
        yield _missing(("Settings", "OutputGroups"))
    for index, group in enumerate(groups):
        if not group.get("Outputs") and not group.get("AutomatedEncodingSettings"):
            yield _missing(("Settings", "OutputGroups", index, "Outputs"))


def groups_have_settings(params: Json) -> Iterator[Violation]:
    """A group names its type and brings that type's settings (API, OutputGroupSettings)."""
    for path, group in _groups(params):
        settings = group.get("OutputGroupSettings", {})
        kind = settings.get("Type")
        if kind is None:
            yield _missing((*path, "OutputGroupSettings", "Type"))
        elif kind in GROUP_SETTINGS and GROUP_SETTINGS[kind] not in settings:
            yield _missing((*path, "OutputGroupSettings", GROUP_SETTINGS[kind]))


def destinations_are_given(params: Json) -> Iterator[Violation]:
    """Every group has a destination in S3 (UG, output destinations)."""
    for path, group in _groups(params):
        settings = group.get("OutputGroupSettings", {})
        member = GROUP_SETTINGS.get(settings.get("Type", ""), "")
        if member in settings and not settings[member].get("Destination"):
            yield _missing((*path, "OutputGroupSettings", member, "Destination"))


def outputs_have_containers(params: Json) -> Iterator[Violation]:
    """An output has container settings or a preset, not both (issue aws-sdk-js-v3 #2661; API, Output.Preset)."""
    for output in _outputs(params):
        has_preset, has_container = "Preset" in output.settings, bool(output.container)
        if has_preset and has_container:
            yield _refused((*output.path, "Preset"), "both", "either Preset or ContainerSettings")
        elif not has_preset and not has_container:
            yield _missing((*output.path, "ContainerSettings"))


def containers_fit_groups(params: Json) -> Iterator[Violation]:
    """A streaming group takes its own container, a file group takes none of theirs (UG, output groups)."""
    streaming = set(_CONTAINER_OF_GROUP.values())
    for output in _outputs(params):
        needed = _CONTAINER_OF_GROUP.get(output.group_type)
        path = (*output.path, "ContainerSettings", "Container")
        if needed and output.container and output.container != needed:
            yield _refused(path, output.container, f"{needed} in a group of type {output.group_type}")
        elif output.group_type == "FILE_GROUP_SETTINGS" and output.container in streaming:
            yield _refused(path, output.container, "a file container (MP4, MOV, RAW, ...) in a file group")


def outputs_have_content(params: Json) -> Iterator[Violation]:
    """An output has picture, sound or captions (UG, creating outputs)."""
    for output in _outputs(params):
        kinds = ("VideoDescription", "AudioDescriptions", "CaptionDescriptions")
        if "Preset" not in output.settings and not any(output.settings.get(kind) for kind in kinds):
            yield _refused(output.path, "an empty output", "a VideoDescription, AudioDescriptions or captions")


def cmaf_keeps_tracks_apart(params: Json) -> Iterator[Violation]:
    """A CMAF output has picture or sound, not both (UG, ABR streaming outputs)."""
    for output in _outputs(params):
        both = output.settings.get("VideoDescription") and output.settings.get("AudioDescriptions")
        if both and output.group_type == "CMAF_GROUP_SETTINGS":
            yield _refused((*output.path, "AudioDescriptions"), "audio beside video", "an output of its own")


def bitrates_fit_rate_control(params: Json) -> Iterator[Violation]:
    """QVBR takes MaxBitrate and no Bitrate; CBR and VBR take Bitrate and no QvbrSettings (API; UG, QVBR)."""
    for output in _outputs(params):
        mode, settings = output.encoding.get("RateControlMode"), output.encoding
        if mode == "QVBR" and "MaxBitrate" not in settings:
            yield _missing((*output.encoding_path, "MaxBitrate"))
        if mode == "QVBR" and "Bitrate" in settings:
            yield _refused((*output.encoding_path, "Bitrate"), "Bitrate", "only MaxBitrate with QVBR")
        if mode in ("CBR", "VBR") and "Bitrate" not in settings:
            yield _missing((*output.encoding_path, "Bitrate"))
        if mode in ("CBR", "VBR") and "QvbrSettings" in settings:
            yield _refused((*output.encoding_path, "QvbrSettings"), "QvbrSettings", f"none with {mode}")


def gop_is_whole_in_frames(params: Json) -> Iterator[Violation]:
    """A GOP in frames is a whole number; AV1 counts in frames only (API, Av1Settings.GopSize)."""
    for output in _outputs(params):
        size = output.encoding.get("GopSize", 0)
        in_frames = output.codec == "AV1" or output.encoding.get("GopSizeUnits") == "FRAMES"
        if in_frames and size != int(size):
            yield _refused((*output.encoding_path, "GopSize"), str(size), "a whole number of frames")


def names_differ_in_a_group(params: Json) -> Iterator[Violation]:
    """Several outputs of a group need name modifiers, and no two write the same file (API, Output.NameModifier)."""
    for path, group in _groups(params):
        outputs = group.get("Outputs", [])
        seen: dict[tuple[str, str], int] = {}
        for index, settings in enumerate(outputs):
            modifier, where = settings.get("NameModifier", ""), (*path, "Outputs", index, "NameModifier")
            name = (modifier, _kind_of_file(Output(where, settings, group)))
            if len(outputs) > 1 and not modifier:
                yield _missing(where)
            elif name in seen:
                yield _refused(where, repr(modifier), f"a name that outputs[{seen[name]}] does not have")
            seen.setdefault(name, index)


def frame_capture_has_no_container(params: Json) -> Iterator[Violation]:
    """Frame capture is written as single pictures: container RAW in a file group (UG, frame capture)."""
    for output in _outputs(params):
        if output.codec != "FRAME_CAPTURE":
            continue
        if output.container and output.container != "RAW":
            path = (*output.path, "ContainerSettings", "Container")
            yield _refused(path, output.container, "RAW for frame capture")
        if output.group_type != "FILE_GROUP_SETTINGS":
            yield _refused(output.path, output.group_type, "a file group for frame capture")


def frame_capture_is_not_alone(params: Json) -> Iterator[Violation]:
    """A job has some output besides frame captures (UG, frame capture)."""
    outputs = list(_outputs(params))
    if outputs and all(output.codec == "FRAME_CAPTURE" for output in outputs):
        path = ("Settings", "OutputGroups")
        yield _refused(path, "only frame capture", "at least one output with video or audio")


def audio_sources_exist(params: Json) -> Iterator[Violation]:
    """An audio description names a selector, or a group of selectors, of the inputs (UG, audio selectors)."""
    inputs = params.get("Settings", {}).get("Inputs", [])
    names = {
        name for item in inputs for name in (*item.get("AudioSelectors", {}), *item.get("AudioSelectorGroups", {}))
    }
    for output in _outputs(params):
        for index, description in enumerate(output.settings.get("AudioDescriptions", [])):
            source = description.get("AudioSourceName")
            if inputs and source is not None and source not in names:
                path = (*output.path, "AudioDescriptions", index, "AudioSourceName")
                yield _refused(path, repr(source), f"a selector of the inputs: {', '.join(sorted(names)) or 'none'}")


def reserved_queue_has_a_plan(params: Json) -> Iterator[Violation]:
    """A reserved queue needs reservation settings, an on-demand queue has none (API, CreateQueue)."""
    reserved = params.get("PricingPlan") == "RESERVED"
    has_plan = "ReservationPlanSettings" in params
    if reserved and not has_plan:
        yield _missing(("ReservationPlanSettings",))
    if has_plan and not reserved:
        yield _refused(("ReservationPlanSettings",), "settings", "none for an ON_DEMAND queue")


# ---- what the service accepts, but does not do as written ----


def rotation_is_followed(params: Json) -> Iterator[Violation]:
    """Without Rotate the service ignores the rotation of phone videos (API, VideoSelector.Rotate)."""
    for index, item in enumerate(params.get("Settings", {}).get("Inputs", [])):
        if "Rotate" not in item.get("VideoSelector", {}):
            path = ("Settings", "Inputs", index, "VideoSelector", "Rotate")
            yield _caution(path, "nothing", "AUTO, or phone videos lie on their side")


def segments_hold_whole_gops(params: Json) -> Iterator[Violation]:
    """GOP_MULTIPLE rounds a segment up to the next GOP, so a length that is no multiple is not kept (API)."""
    for output in _outputs(params):
        member = GROUP_SETTINGS.get(output.group_type, "")
        group = output.group.get("OutputGroupSettings", {}).get(member, {})
        gop = _gop_seconds(output)
        length = group.get("SegmentLength")
        if group.get("SegmentLengthControl") == "GOP_MULTIPLE" and gop and length and length % gop:
            yield _caution(
                (*output.encoding_path, "GopSize"), f"{float(gop)} s", f"a divisor of the {length} s segment"
            )


def segments_hold_whole_fragments(params: Json) -> Iterator[Violation]:
    """A segment consists of whole fragments (UG, fragment length)."""
    for path, group in _groups(params):
        settings = group.get("OutputGroupSettings", {})
        member = GROUP_SETTINGS.get(settings.get("Type", ""), "")
        length, fragment = settings.get(member, {}).get("SegmentLength"), settings.get(member, {}).get("FragmentLength")
        if length and fragment and length % fragment:
            where = (*path, "OutputGroupSettings", member, "FragmentLength")
            yield _caution(where, f"{fragment} s", f"a divisor of the {length} s segment")


def hevc_plays_on_apple(params: Json) -> Iterator[Violation]:
    """HEVC in MP4 or CMAF is marked hev1 by default, which Apple's players refuse (API, WriteMp4PackagingType)."""
    for output in _outputs(params):
        in_mp4 = output.codec == "H_265" and output.container in ("CMFC", "MP4", "MOV")
        if in_mp4 and output.encoding.get("WriteMp4PackagingType") != "HVC1":
            yield _caution((*output.encoding_path, "WriteMp4PackagingType"), "HEV1", "HVC1")


def automatic_quantization_is_alone(params: Json) -> Iterator[Violation]:
    """With AdaptiveQuantization AUTO the single quantization settings have no effect (API)."""
    for output in _outputs(params):
        if output.encoding.get("AdaptiveQuantization", "AUTO") == "AUTO":
            for name in _MANUAL_QUANTIZATION:
                if name in output.encoding:
                    yield _caution((*output.encoding_path, name), name, "none while AdaptiveQuantization is AUTO")


def sizes_are_even(params: Json) -> Iterator[Violation]:
    """An odd width or height ends the job in error 1040, "only even values are supported" (UG, error codes)."""
    for output in _outputs(params):
        for side in ("Width", "Height"):
            size = output.settings.get("VideoDescription", {}).get(side, 0)
            if size % 2:
                yield _caution((*output.path, "VideoDescription", side), str(size), "an even number of pixels")


_SETTINGS_RULES: tuple[Rule, ...] = (
    groups_have_settings,
    outputs_have_containers,
    containers_fit_groups,
    outputs_have_content,
    cmaf_keeps_tracks_apart,
    bitrates_fit_rate_control,
    gop_is_whole_in_frames,
    names_differ_in_a_group,
    frame_capture_has_no_container,
)

JOB_RULES: tuple[Rule, ...] = (
    role_is_an_arn,
    token_is_short,
    inputs_have_files,
    groups_have_outputs,
    destinations_are_given,
    frame_capture_is_not_alone,
    audio_sources_exist,
    *_SETTINGS_RULES,
)
"""Rules for a whole job, that is after its template has been merged in."""

_RULES: Mapping[str, tuple[Rule, ...]] = {
    "CreateJob": JOB_RULES,
    "CreateJobTemplate": _SETTINGS_RULES,
    "UpdateJobTemplate": _SETTINGS_RULES,
    "CreateQueue": (reserved_queue_has_a_plan,),
}

_CAUTIONS: tuple[Rule, ...] = (
    rotation_is_followed,
    segments_hold_whole_gops,
    segments_hold_whole_fragments,
    hevc_plays_on_apple,
    automatic_quantization_is_alone,
    sizes_are_even,
)


# ---- parts ----


def _groups(params: Json) -> Iterator[tuple[Path, Json]]:
    for index, group in enumerate(params.get("Settings", {}).get("OutputGroups", [])):
        yield ("Settings", "OutputGroups", index), group


def _outputs(params: Json) -> Iterator[Output]:
    for path, group in _groups(params):
        for index, settings in enumerate(group.get("Outputs", [])):
            yield Output((*path, "Outputs", index), settings, group)


def _kind_of_file(output: Output) -> str:
    """What tells files of the same name apart: in a file group the extension, elsewhere nothing."""
    if output.group_type != "FILE_GROUP_SETTINGS":
        return ""
    return str(output.settings.get("Extension") or output.container)


def _gop_seconds(output: Output) -> Fraction | None:
    """Length of a GOP [second]; None when the settings leave it open."""
    size, units = output.encoding.get("GopSize"), output.encoding.get("GopSizeUnits")
    if not size:
        return None
    if units == "SECONDS":
        return Fraction(str(size))
    numerator, denominator = (output.encoding.get(f"Framerate{part}") for part in ("Numerator", "Denominator"))
    if (units == "FRAMES" or output.codec == "AV1") and numerator and denominator:
        return Fraction(str(size)) * Fraction(denominator, numerator)
    return None


def _missing(path: Path) -> Violation:
    return Violation(path, "nothing", "a value", "missing", "required by the service")


def _refused(path: Path, found: str, expected: str, kind: Kind = "rule") -> Violation:
    return Violation(path, found, expected, kind)


def _caution(path: Path, found: str, expected: str) -> Violation:
    return Violation(path, found, expected, "rule", "accepted by the service")
