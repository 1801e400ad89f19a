"""The rendered MediaConvert job: valid for every ladder and every upload, and never larger than the original."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.emulator.mediaconvert import rules
from infra.functions.job_settings import Job, Picture, UnreadableVideo, fingerprint, picture, render, rungs_for
from infra.ladder import RUNGS, ladder_document

LADDERS = [names for size in range(1, len(RUNGS) + 1) for names in combinations(RUNGS, size)]
QUEUE = "arn:aws:mediaconvert:us-east-1:123456789012:queues/q"
ROLE = "arn:aws:iam::123456789012:role/media"

ladders = st.builds(
    lambda names, mp4, seconds: ladder_document(names, mp4=mp4, segment_seconds=seconds),
    st.sampled_from(LADDERS),
    st.sampled_from(sorted(RUNGS)),
    st.sampled_from([2, 4, 6, 8, 10]),
)
edges = st.integers(min_value=32, max_value=4096)
pictures = st.builds(Picture, width=edges, height=edges, has_audio=st.booleans())
DOCUMENT = ladder_document(list(RUNGS), mp4="720p", segment_seconds=2)


def job(seen: Picture) -> Job:
    return Job("s3://raw/raw/u/v.mp4", "s3://renditions/v/v/", seen)


def outputs(settings: Mapping[str, Any], group: str) -> list[dict[str, Any]]:
    return [
        output
        for one in settings["OutputGroups"]
        if one["OutputGroupSettings"]["Type"] == f"{group}_GROUP_SETTINGS"
        for output in one["Outputs"]
    ]


@given(ladders, pictures)
def test_every_ladder_and_picture_gives_a_job_that_the_service_takes(ladder: dict[str, Any], seen: Picture) -> None:
    request = {"Role": ROLE, "Queue": QUEUE, "Settings": render(ladder, job(seen))}
    assert [str(violation) for violation in rules.violations("CreateJob", request)] == []
    assert [str(caution) for caution in rules.cautions(request)] == []


@given(ladders, pictures)
def test_nothing_is_enlarged_unless_it_is_smaller_than_every_rung(ladder: dict[str, Any], seen: Picture) -> None:
    smallest = min(rung["short_edge"] for rung in ladder["renditions"])
    for output in outputs(render(ladder, job(seen)), "CMAF") + outputs(render(ladder, job(seen)), "FILE"):
        if video := output.get("VideoDescription"):
            assert min(video["Width"], video["Height"]) <= max(seen.short_edge, smallest)


@given(ladders, pictures)
def test_the_sides_lie_as_those_of_the_original(ladder: dict[str, Any], seen: Picture) -> None:
    for output in outputs(render(ladder, job(seen)), "CMAF"):
        if video := output.get("VideoDescription"):
            assert (video["Height"] >= video["Width"]) is (seen.height >= seen.width)


@given(ladders, pictures)
def test_sound_is_where_there_is_sound(ladder: dict[str, Any], seen: Picture) -> None:
    settings = render(ladder, job(seen))
    with_sound = [one for one in outputs(settings, "CMAF") + outputs(settings, "FILE") if "AudioDescriptions" in one]
    # One CMAF rendition of its own, and the track of the MP4.
    assert len(with_sound) == (2 if seen.has_audio else 0)
    assert ("AudioSelectors" in settings["Inputs"][0]) is seen.has_audio


@pytest.mark.parametrize(
    ("short_edge", "expected"),
    [
        (479, ["480p"]),
        (480, ["480p"]),
        (719, ["480p"]),
        (720, ["480p", "720p"]),
        (1079, ["480p", "720p"]),
        (1080, ["480p", "720p", "1080p"]),
        (2160, ["480p", "720p", "1080p"]),
    ],
)
def test_the_rungs_at_each_edge(short_edge: int, expected: list[str]) -> None:
    rungs = rungs_for(DOCUMENT, Picture(width=short_edge, height=2 * short_edge, has_audio=True))
    assert [rung["name"] for rung in rungs] == expected


def test_the_whole_ladder_upright() -> None:
    settings = render(DOCUMENT, job(Picture(1080, 1920, has_audio=True)))
    cmaf = outputs(settings, "CMAF")
    sizes = [(one["VideoDescription"]["Width"], one["VideoDescription"]["Height"]) for one in cmaf[:-1]]
    assert sizes == [(480, 854), (720, 1280), (1080, 1920)]
    assert [one["NameModifier"] for one in cmaf] == ["_480p", "_720p", "_1080p", "_audio"]
    mp4, poster = outputs(settings, "FILE")
    assert (mp4["NameModifier"], mp4["VideoDescription"]["Width"]) == ("_720p_mp4", 720)
    assert (poster["NameModifier"], poster["Extension"]) == ("_poster", "jpg")


def test_a_lying_picture_swaps_the_sides() -> None:
    first = outputs(render(DOCUMENT, job(Picture(1920, 1080, has_audio=False))), "CMAF")[0]
    assert (first["VideoDescription"]["Width"], first["VideoDescription"]["Height"]) == (854, 480)


def test_the_mp4_is_the_largest_rung_when_its_own_would_enlarge() -> None:
    mp4 = outputs(render(DOCUMENT, job(Picture(480, 854, has_audio=True))), "FILE")[0]
    assert mp4["NameModifier"] == "_480p_mp4"


def test_a_ladder_of_a_version_never_seen_is_refused() -> None:
    with pytest.raises(ValueError, match="ladder version 2 is not 1"):
        render({**DOCUMENT, "version": 2}, job(Picture(480, 854, has_audio=True)))


def track(kind: str, **properties: int) -> dict[str, Any]:
    return {"TrackType": kind, f"{kind.capitalize()}Properties": properties}


@pytest.mark.parametrize(
    ("rotation", "expected"), [(0, (1920, 1080)), (90, (1080, 1920)), (180, (1920, 1080)), (270, (1080, 1920))]
)
def test_a_phone_that_was_turned(rotation: int, expected: tuple[int, int]) -> None:
    tracks = [track("video", Width=1920, Height=1080, Rotation=rotation), track("audio")]
    seen = picture({"Container": {"Tracks": tracks}})
    assert (seen.width, seen.height, seen.has_audio) == (*expected, True)


@pytest.mark.parametrize("tracks", [[], [track("audio")], [track("video", Width=0, Height=0)]])
def test_what_has_no_picture_is_no_video(tracks: list[dict[str, Any]]) -> None:
    with pytest.raises(UnreadableVideo, match="no video track with a size"):
        picture({"Container": {"Tracks": tracks}})


def test_the_fingerprint_tells_ladders_apart_and_not_the_order_of_their_keys() -> None:
    reordered = dict(reversed(DOCUMENT.items()))
    assert fingerprint(DOCUMENT) == fingerprint(reordered)
    assert fingerprint(DOCUMENT) != fingerprint({**DOCUMENT, "segment_seconds": 4})
