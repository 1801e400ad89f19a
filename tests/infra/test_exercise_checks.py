"""What the journey looks at: the job, the record, its files and who may read them; and how it is told."""

from __future__ import annotations

from typing import Any

import pytest

from infra.emulator.event_patterns import mismatches, nearest_rule
from infra.emulator.exercise import job_checks, playlists, publication
from infra.emulator.exercise.journey import Journey, Step, step_lines, summary_line
from infra.emulator.moto_events import EventRule, documented
from infra.emulator.permissions import statements
from infra.ladder import RUNGS, ladder_document

LADDER = ladder_document(list(RUNGS), mp4="720p", segment_seconds=2)
DISTRIBUTION = "arn:aws:cloudfront::123456789012:distribution/E1"
BASE = "v/x/x"
FILES = {
    f"{BASE}.m3u8": '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI="x_audio.m3u8"\n#EXT-X-STREAM-INF:BANDWIDTH=1\nx_480p.m3u8\n',
    f"{BASE}_audio.m3u8": '#EXTM3U\n#EXT-X-MAP:URI="x_audioinit.cmfa"\nx_audio_1.cmfa\n',
    f"{BASE}_480p.m3u8": "#EXTM3U\n#EXTINF:2,\nx_480p_1.cmfv\n",
    f"{BASE}.mpd": '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>x_480p_1.cmfv</BaseURL></Period></MPD>',
    f"{BASE}_audioinit.cmfa": "",
    f"{BASE}_audio_1.cmfa": "",
    f"{BASE}_480p_1.cmfv": "",
    f"{BASE}.mp4": "",
    f"{BASE}.jpg": "",
}
RECORD: dict[str, Any] = {
    "state": "published",
    "renditions": [{"width": "480", "height": "854"}],
    "hls": f"{BASE}.m3u8",
    "dash": f"{BASE}.mpd",
    "mp4": f"{BASE}.mp4",
    "poster": f"{BASE}.jpg",
}


def job(*edges: tuple[int, int], queue: str = "q") -> dict[str, Any]:
    outputs = [{"VideoDescription": {"Width": width, "Height": height}} for width, height in edges]
    cmaf = {"OutputGroupSettings": {"Type": "CMAF_GROUP_SETTINGS"}, "Outputs": [*outputs, {"AudioDescriptions": []}]}
    return {"Queue": queue, "Settings": {"OutputGroups": [cmaf]}}


def file_faults(**missing: str) -> list[str]:
    keys = [key for key in FILES if key not in missing.values()]
    return list(publication.file_faults(RECORD, keys, FILES.__getitem__, 1))


def test_a_job_with_the_ladders_renditions_on_the_right_queue_is_good() -> None:
    whole = job((480, 854), (720, 1280), (1080, 1920))
    assert list(job_checks.ladder_faults(whole, LADDER, 1080)) == []
    assert list(job_checks.ladder_faults(job((854, 480)), LADDER, 500)) == []
    assert list(job_checks.queue_faults(whole, ["q"])) == []


def test_a_job_on_another_queue_and_with_a_rendition_less_is_named() -> None:
    assert list(job_checks.queue_faults(job(queue="other"), ["b", "a"])) == [
        "the job is on queue other, expected one of this stack: a, b"
    ]
    assert list(job_checks.ladder_faults(job((480, 854)), LADDER, 1080)) == [
        "the job's renditions have short edges [480], the ladder gives [480, 720, 1080]"
    ]


def test_settings_that_the_service_refuses_are_named() -> None:
    (first, *_) = job_checks.settings_faults({"Role": "r"})
    assert first.startswith("CreateJob: ")


def test_a_complete_record_has_no_fault() -> None:
    assert list(publication.record_faults(RECORD, 1)) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            {"state": "failed", "reason": "no video"},
            "the record is state failed, reason no video, expected state published",
        ),
        ({"renditions": []}, "the record has 0 renditions, expected 1"),
        ({"poster": ""}, "the record has no poster"),
    ],
)
def test_what_a_record_lacks_is_named(change: dict[str, Any], fault: str) -> None:
    assert list(publication.record_faults({**RECORD, **change}, 1)) == [fault]


def test_no_record_is_missing() -> None:
    assert list(publication.record_faults({}, 1)) == ["the record is missing, expected state published"]


def test_a_playlist_leads_to_everything_below_it() -> None:
    assert sorted(playlists.files_of(f"{BASE}.m3u8", FILES.__getitem__)) == sorted(
        key for key in FILES if key.endswith((".m3u8", ".cmfa", ".cmfv"))
    )
    assert list(playlists.files_of(f"{BASE}.mpd", FILES.__getitem__)) == [f"{BASE}.mpd", f"{BASE}_480p_1.cmfv"]


def test_a_manifest_that_is_no_xml_is_refused() -> None:
    with pytest.raises(ValueError, match="no XML"):
        list(playlists.files_of("a.mpd", lambda key: "#EXTM3U"))


def test_files_that_all_exist_have_no_fault() -> None:
    assert file_faults() == []


@pytest.mark.parametrize(
    ("missing", "fault"),
    [
        (f"{BASE}.mp4", f"mp4 of the record names {BASE}.mp4, which is not in the bucket"),
        (f"{BASE}_audio_1.cmfa", f"hls: {BASE}.m3u8 leads to {BASE}_audio_1.cmfa, which is not in the bucket"),
        (f"{BASE}.m3u8", f"hls of the record names {BASE}.m3u8, which is not in the bucket"),
    ],
)
def test_a_missing_file_is_named_with_what_leads_to_it(missing: str, fault: str) -> None:
    assert fault in file_faults(missing=missing)


def test_a_playlist_with_a_rendition_less_is_named() -> None:
    faults = publication.file_faults(RECORD, FILES, FILES.__getitem__, 3)
    assert list(faults) == [f"{BASE}.m3u8 offers 1 renditions, expected 3"]


def test_only_the_distribution_may_read() -> None:
    tls_only = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::b/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    ours = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
        "Condition": {"ArnEquals": {"aws:SourceArn": DISTRIBUTION}},
    }

    def faults(*raw: dict[str, Any]) -> list[str]:
        policy = statements({"Statement": list(raw)}, "p")
        return [one.partition(":")[0] for one in publication.reader_faults(policy, "b", ["k"], DISTRIBUTION)]

    assert faults(tls_only, ours) == []
    assert faults(ours) == ["the stack's distribution over plain HTTP can read k"]
    assert faults(tls_only) == ["the stack's distribution cannot read k"]
    assert faults(tls_only, {**ours, "Condition": {}}) == ["somebody else's distribution can read k"]
    assert faults(tls_only, {**ours, "Condition": {}, "Principal": "*"}) == [
        "somebody else's distribution can read k",
        "anybody can read k",
    ]


EVENT = {
    "source": "aws.s3",
    "detail-type": "Object Created",
    "detail": {"bucket": {"name": "b"}, "object": {"key": "k"}},
}


def rule(name: str, pattern: dict[str, Any]) -> EventRule:
    return EventRule(arn=f"rule/{name}", name=name, bus="default", enabled=True, pattern=pattern)


def test_each_field_of_a_pattern_is_judged_by_itself() -> None:
    pattern = {
        "source": ["aws.s3"],
        "detail": {"bucket": {"name": ["c"]}, "object": {"key": [{"prefix": "k"}], "tag": ["t"]}},
    }
    assert [str(one) for one in mismatches(pattern, EVENT)] == [
        'detail.bucket.name: found "b", the pattern expects ["c"]',
        'detail.object.tag: found nothing, the pattern expects ["t"]',
    ]


def test_the_nearest_rule_is_of_the_same_source_and_lacks_least() -> None:
    far = rule("far", {"source": ["aws.s3"], "detail-type": ["x"], "detail": {"bucket": {"name": ["c"]}}})
    near = rule("near", {"source": ["aws.s3"], "detail": {"bucket": {"name": ["c"]}}})
    foreign = rule("foreign", {"source": ["aws.ec2"]})
    found = nearest_rule([foreign, far, near, rule("nightly", {})], EVENT)
    assert found is not None
    assert (found[0].name, [one.path for one in found[1]]) == ("near", ["detail.bucket.name"])
    assert nearest_rule([rule("nightly", {})], EVENT) is None


def test_an_event_of_moto_becomes_a_documented_one() -> None:
    raw = {
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": 1_793_613_600.25,
        "ingestion-time": 1.0,
        "detail": {"object": {"key": "k", "eTag": "e", "version-id": None}, "reason": "ObjectCreated"},
    }
    made = documented(raw, 1)
    assert made["time"] == "2026-11-02T10:00:00Z"
    assert made["detail"] == {"object": {"key": "k", "etag": "e"}}
    assert "ingestion-time" not in made
    assert made["id"] == documented(raw, 1)["id"] != documented(raw, 2)["id"]
    assert documented(made, 9) == made


def test_a_journey_is_told_step_by_step() -> None:
    steps = (
        Step("it is uploaded", "passed", "93 bytes", duration_ms=120.0),
        Step("a rule matches", "failed", diagnosis=("no rule matches", "nearest is rule r"), duration_ms=30.0),
        Step("it is published", "not reached"),
    )
    lines = [line for number, step in enumerate(steps, start=1) for line in step_lines(number, step)]
    assert lines == [
        " 1  ok      0.12 s  it is uploaded: 93 bytes",
        " 2  FAILED  0.03 s  a rule matches",
        "                    no rule matches",
        "                    nearest is rule r",
        " 3  -               it is published",
    ]
    assert summary_line(Journey(steps)) == "the video did not arrive as it should: a rule matches"
    assert summary_line(Journey(steps[:1])) == "the video arrived: 1 steps in 0.1 s"
