from __future__ import annotations

import copy
import doctest
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

import infra
from infra.emulator.mediaconvert import merging, outputs, rules

Job = dict[str, Any]


def avc(width: int, height: int) -> dict[str, Any]:
    return {
        "Width": width,
        "Height": height,
        "CodecSettings": {
            "Codec": "H_264",
            "H264Settings": {
                "RateControlMode": "QVBR",
                "QvbrSettings": {"QvbrQualityLevel": 7},
                "MaxBitrate": 3_000_000,
                "GopSize": 2,
                "GopSizeUnits": "SECONDS",
                "FramerateControl": "SPECIFIED",
                "FramerateNumerator": 30,
                "FramerateDenominator": 1,
            },
        },
    }


def av1() -> dict[str, Any]:
    return {
        "CodecSettings": {
            "Codec": "AV1",
            "Av1Settings": {
                "RateControlMode": "QVBR",
                "QvbrSettings": {"QvbrQualityLevel": 7},
                "MaxBitrate": 2_000_000,
                "GopSize": 60,
                "FramerateControl": "SPECIFIED",
                "FramerateNumerator": 30,
                "FramerateDenominator": 1,
            },
        }
    }


def aac() -> list[dict[str, Any]]:
    return [
        {
            "AudioSourceName": "sound",
            "CodecSettings": {
                "Codec": "AAC",
                "AacSettings": {"Bitrate": 128_000, "CodingMode": "CODING_MODE_2_0", "SampleRate": 48_000},
            },
        }
    ]


def poster() -> dict[str, Any]:
    capture = {"FramerateNumerator": 1, "FramerateDenominator": 2, "Quality": 80}
    return {
        "NameModifier": "_poster",
        "ContainerSettings": {"Container": "RAW"},
        "VideoDescription": {"CodecSettings": {"Codec": "FRAME_CAPTURE", "FrameCaptureSettings": capture}},
    }


def file_group(*outputs: dict[str, Any]) -> dict[str, Any]:
    settings = {"Type": "FILE_GROUP_SETTINGS", "FileGroupSettings": {"Destination": "s3://out/v/"}}
    return {"OutputGroupSettings": settings, "Outputs": list(outputs)}


def good_job() -> Job:
    """A job of every kind of output that the platform uses: CMAF with AVC and AV1 and sound, MP4, posters."""
    cmaf = {
        "Destination": "s3://out/v/",
        "SegmentLength": 2,
        "FragmentLength": 2,
        "SegmentLengthControl": "GOP_MULTIPLE",
    }
    mp4 = {
        "NameModifier": "_mp4",
        "ContainerSettings": {"Container": "MP4"},
        "VideoDescription": avc(720, 1280),
        "AudioDescriptions": aac(),
    }
    cmfc = {"Container": "CMFC"}
    streams = [
        {"NameModifier": "_720", "ContainerSettings": cmfc, "VideoDescription": avc(720, 1280)},
        {"NameModifier": "_av1", "ContainerSettings": cmfc, "VideoDescription": av1()},
        {"NameModifier": "_audio", "ContainerSettings": cmfc, "AudioDescriptions": aac()},
    ]
    return copy.deepcopy(
        {
            "Role": "arn:aws:iam::123456789012:role/mediaconvert",
            "ClientRequestToken": "token",
            "UserMetadata": {"videoId": "v"},
            "Settings": {
                "TimecodeConfig": {"Source": "ZEROBASED"},
                "Inputs": [
                    {
                        "FileInput": "s3://raw/u/a.mp4",
                        "VideoSelector": {"Rotate": "AUTO"},
                        "AudioSelectors": {"sound": {"DefaultSelection": "DEFAULT"}},
                    }
                ],
                "OutputGroups": [
                    {
                        "OutputGroupSettings": {"Type": "CMAF_GROUP_SETTINGS", "CmafGroupSettings": cmaf},
                        "Outputs": streams,
                    },
                    file_group(mp4),
                    file_group(poster()),
                ],
            },
        }
    )


def groups(job: Job) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = job["Settings"]["OutputGroups"]
    return found


def cmaf_of(job: Job) -> dict[str, Any]:
    found: dict[str, Any] = groups(job)[0]["OutputGroupSettings"]["CmafGroupSettings"]
    return found


def stream(job: Job, index: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = groups(job)[0]["Outputs"][index]
    return found


def h264(job: Job) -> dict[str, Any]:
    found: dict[str, Any] = stream(job)["VideoDescription"]["CodecSettings"]["H264Settings"]
    return found


def av1_of(job: Job) -> dict[str, Any]:
    found: dict[str, Any] = stream(job, 1)["VideoDescription"]["CodecSettings"]["Av1Settings"]
    return found


def botocore_accepts(job: Job) -> bool:
    shape = botocore.session.get_session().get_service_model("mediaconvert").operation_model("CreateJob").input_shape
    assert shape is not None
    return not ParamValidator().validate(job, shape).has_errors()


def test_a_good_job_is_accepted_without_a_caution() -> None:
    assert rules.violations("CreateJob", good_job()) == []
    assert rules.cautions(good_job()) == []


def set_to(target: Callable[[Job], dict[str, Any]], **members: Any) -> Callable[[Job], None]:
    return lambda job: target(job).update(members)


def without(target: Callable[[Job], dict[str, Any]], member: str) -> Callable[[Job], None]:
    def remove(job: Job) -> None:
        del target(job)[member]

    return remove


def av1_with_vbr(job: Job) -> None:
    settings = av1_of(job)
    del settings["QvbrSettings"]
    settings.update(RateControlMode="VBR", Bitrate=2_000_000)


def the_job(job: Job) -> Job:
    return job


MISSED_BY_BOTOCORE = [
    # enums, maxima, patterns of the model
    (set_to(lambda job: cmaf_of(job), SegmentControl="SINGLE_FILES"), "/outputGroups/0/.*/segmentControl"),
    (set_to(lambda job: h264(job), RateControlMode="ABR"), "/.*/h264Settings/rateControlMode"),
    (av1_with_vbr, "/.*/av1Settings/rateControlMode: Should be one of CBR, QVBR"),
    (
        set_to(lambda job: stream(job)["VideoDescription"], Width=9000),
        "/.*/videoDescription/width: Should be at most 8192",
    ),
    (set_to(the_job, Priority=51), "/priority: Should be at most 50, found 51"),
    (set_to(lambda job: h264(job)["QvbrSettings"], QvbrQualityLevel=11), "/.*/qvbrQualityLevel: Should be at most 10"),
    (set_to(lambda job: cmaf_of(job), Destination="https://out/v/"), r"/.*/destination: Should be text like \^s3"),
    (
        set_to(lambda job: job["Settings"]["Inputs"][0], FileInput="/home/a.mp4"),
        "/inputs/0/fileInput: Should be text like",
    ),
    # rules of the service that the model does not have
    (set_to(the_job, Role="mediaconvert-role"), "/role: Should be the ARN of an IAM role"),
    (set_to(the_job, ClientRequestToken="t" * 65), "/clientRequestToken: Should be up to 64 ASCII characters"),
    (without(lambda job: job["Settings"], "Inputs"), "/: inputs is a required property"),
    (without(lambda job: job["Settings"]["Inputs"][0], "FileInput"), "/inputs/0: fileInput is a required property"),
    (without(lambda job: job["Settings"], "OutputGroups"), "/: outputGroups is a required property"),
    (set_to(lambda job: groups(job)[1], Outputs=[]), "/outputGroups/1: outputs is a required property"),
    (
        without(lambda job: groups(job)[0]["OutputGroupSettings"], "Type"),
        "/.*/outputGroupSettings: type is a required property",
    ),
    (
        without(lambda job: groups(job)[0]["OutputGroupSettings"], "CmafGroupSettings"),
        "/.*/outputGroupSettings: cmafGroupSettings is a required property",
    ),
    (without(cmaf_of, "Destination"), "/.*/cmafGroupSettings: destination is a required property"),
    (without(stream, "ContainerSettings"), "/outputGroups/0/outputs/0: containerSettings is a required property"),
    (set_to(stream, Preset="p"), "/outputGroups/0/outputs/0/preset: Should be either Preset or ContainerSettings"),
    (set_to(stream, ContainerSettings={"Container": "MP4"}), "/.*/container: Should be CMFC in a group"),
    (
        set_to(lambda job: groups(job)[1]["Outputs"][0], ContainerSettings={"Container": "M3U8"}),
        "/outputGroups/1/.*/container: Should be a file container",
    ),
    (without(stream, "VideoDescription"), "/outputGroups/0/outputs/0: Should be a VideoDescription"),
    (set_to(stream, AudioDescriptions=aac()), "/.*/audioDescriptions: Should be an output of its own"),
    (without(h264, "MaxBitrate"), "/.*/h264Settings: maxBitrate is a required property"),
    (without(av1_of, "MaxBitrate"), "/.*/av1Settings: maxBitrate is a required property"),
    (set_to(h264, Bitrate=2_000_000), "/.*/bitrate: Should be only MaxBitrate with QVBR"),
    (set_to(h264, RateControlMode="CBR", Bitrate=2_000_000), "/.*/qvbrSettings: Should be none with CBR"),
    (set_to(av1_of, GopSize=59.5), "/.*/av1Settings/gopSize: Should be a whole number of frames"),
    (set_to(h264, GopSize=60.5, GopSizeUnits="FRAMES"), "/.*/h264Settings/gopSize: Should be a whole number"),
    (without(stream, "NameModifier"), "/outputGroups/0/outputs/0: nameModifier is a required property"),
    (set_to(stream, NameModifier="_av1"), r"/outputGroups/0/outputs/1/nameModifier: .* outputs\[0\]"),
    (
        set_to(lambda job: groups(job)[2]["Outputs"][0], ContainerSettings={"Container": "MP4"}),
        "/outputGroups/2/.*/container: Should be RAW for frame capture",
    ),
    (
        lambda job: job["Settings"].update(OutputGroups=[file_group(poster())]),
        "/outputGroups: Should be at least one output",
    ),
    (
        set_to(lambda job: stream(job, 2)["AudioDescriptions"][0], AudioSourceName="Audio Selector 1"),
        "/.*/audioSourceName: Should be a selector of the inputs: sound",
    ),
]


@pytest.mark.parametrize(("spoil", "message"), MISSED_BY_BOTOCORE)
def test_what_the_service_refuses_and_botocore_does_not_is_refused(spoil: Callable[[Job], None], message: str) -> None:
    job = good_job()
    spoil(job)
    assert botocore_accepts(job)
    found = rules.violations("CreateJob", job)
    assert len(found) == 1, rules.service_message(found)
    assert re.match(message, rules.service_message(found))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda job: av1_of(job).update(GopSizeUnits="SECONDS"), "/.*/gopSizeUnits: Should be a member of Av1Settings"),
        (lambda job: av1_of(job).update(GopSize="60"), "/.*/gopSize: Should be a number, found str '60'"),
        (lambda job: job.pop("Role"), "/: role is a required property"),
        (lambda job: cmaf_of(job).update(SegmentLenght=2), r"/.*/segmentLenght: .*did you mean SegmentLength\?"),
    ],
)
def test_what_botocore_refuses_is_refused_in_the_words_of_the_service(
    spoil: Callable[[Job], object], message: str
) -> None:
    job = good_job()
    spoil(job)
    assert not botocore_accepts(job)
    assert re.match(message, rules.service_message(rules.violations("CreateJob", job)))


def test_all_faults_come_at_once() -> None:
    job = good_job()
    del h264(job)["MaxBitrate"]
    cmaf_of(job)["SegmentControl"] = "NONE"
    job["Role"] = "x"
    assert len(rules.violations("CreateJob", job)) == 3


CAUTIONS = [
    (without(lambda job: job["Settings"]["Inputs"][0], "VideoSelector"), "Rotate: found nothing, expected AUTO"),
    (set_to(cmaf_of, SegmentLength=3, FragmentLength=3), "GopSize: found 2.0 s, expected a divisor of the 3 s segment"),
    (set_to(av1_of, GopSize=45), "GopSize: found 1.5 s, expected a divisor of the 2 s segment"),
    (set_to(cmaf_of, SegmentLength=4, FragmentLength=3), "FragmentLength: found 3 s"),
    (set_to(h264, SpatialAdaptiveQuantization="ENABLED"), "SpatialAdaptiveQuantization: found"),
    (set_to(lambda job: stream(job)["VideoDescription"], Height=1281), "Height: found 1281, expected an even number"),
]


@pytest.mark.parametrize(("spoil", "message"), CAUTIONS)
def test_what_the_service_accepts_but_changes_is_a_caution(spoil: Callable[[Job], None], message: str) -> None:
    job = good_job()
    spoil(job)
    assert rules.violations("CreateJob", job) == []
    found = [str(caution) for caution in rules.cautions(job)]
    assert found
    assert all(message in caution for caution in found), found


def test_hevc_without_hvc1_is_a_caution() -> None:
    job = good_job()
    hevc = {"RateControlMode": "QVBR", "MaxBitrate": 2_000_000, "GopSize": 2, "GopSizeUnits": "SECONDS"}
    stream(job)["VideoDescription"]["CodecSettings"] = {"Codec": "H_265", "H265Settings": hevc}
    assert ["HVC1" in str(caution) for caution in rules.cautions(job)] == [True]
    hevc["WriteMp4PackagingType"] = "HVC1"
    assert rules.cautions(job) == []


def test_every_rule_has_a_job_that_breaks_it() -> None:
    broken = set()
    for spoil, _ in (*MISSED_BY_BOTOCORE, *CAUTIONS):
        job = good_job()
        spoil(job)
        broken |= {rule for rule in (*rules.JOB_RULES, *rules._CAUTIONS) if list(rule(job))}
    tested_apart = {rules.hevc_plays_on_apple}
    assert set(rules.JOB_RULES) | set(rules._CAUTIONS) == broken | tested_apart


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        ({"Name": "q", "PricingPlan": "RESERVED"}, ("ReservationPlanSettings",)),
        (
            {
                "Name": "q",
                "ReservationPlanSettings": {"Commitment": "ONE_YEAR", "RenewalType": "EXPIRE", "ReservedSlots": 1},
            },
            ("ReservationPlanSettings",),
        ),
    ],
)
def test_a_reservation_goes_with_a_reserved_queue(request_: dict[str, Any], path: tuple[str, ...]) -> None:
    assert [violation.path for violation in rules.violations("CreateQueue", request_)] == [path]


def test_a_template_may_leave_inputs_and_destinations_open() -> None:
    settings = good_job()["Settings"]
    del settings["Inputs"][0]["FileInput"]
    del settings["OutputGroups"][0]["OutputGroupSettings"]["CmafGroupSettings"]["Destination"]
    assert rules.violations("CreateJobTemplate", {"Name": "t", "Settings": settings}) == []


def test_the_rules_need_neither_moto_nor_boto3() -> None:
    code = "import sys, infra.emulator.mediaconvert.rules; sys.exit(any(m in sys.modules for m in ('moto', 'boto3')))"
    root = Path(infra.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


@pytest.mark.parametrize("module", [outputs, merging])
def test_the_examples_in_the_docstrings_run(module: ModuleType) -> None:
    assert doctest.testmod(module).attempted > 0
    assert doctest.testmod(module).failed == 0


@given(duration_ms=st.integers(1, 10_000_000), length=st.integers(1, 60))
def test_segments_cover_the_video_exactly(duration_ms: int, length: int) -> None:
    segments = outputs._segments(duration_ms, length)
    assert sum(segments) == duration_ms
    assert all(0 < segment <= length * 1000 for segment in segments)
    assert set(segments[:-1]) <= {length * 1000}


@given(
    source=st.tuples(st.integers(32, 8192), st.integers(32, 8192)),
    box=st.tuples(st.integers(32, 4096), st.integers(32, 4096)),
    behavior=st.sampled_from(["FIT", "FIT_NO_UPSCALE"]),
)
def test_a_fitted_picture_stays_in_its_box_and_keeps_its_shape(
    source: tuple[int, int], box: tuple[int, int], behavior: str
) -> None:
    video = {"Width": box[0], "Height": box[1], "ScalingBehavior": behavior}
    width, height = outputs.picture_px(video, source)
    # Sides are rounded to even numbers, so each may be one pixel off.
    assert width <= box[0] + 1
    assert height <= box[1] + 1
    assert abs(width * source[1] - height * source[0]) <= source[0] + source[1]
    assert behavior == "FIT" or (width <= source[0] + 1 and height <= source[1] + 1)
