"""The two handlers on moto: what they write, and that calling them twice changes nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.emulator import mediaconvert
from infra.functions import complete, submit
from infra.ladder import RUNGS, ladder_document

ACCOUNT = "123456789012"
REGION = "us-east-1"
QUEUE = f"arn:aws:mediaconvert:{REGION}:{ACCOUNT}:queues/q"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/media"
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "TABLE_NAME": "videos",
    "RENDITIONS_BUCKET": "renditions-of-a-test",
    "QUEUE_ARN": QUEUE,
    "JOB_ROLE_ARN": ROLE,
    "WORKFLOW": "reelplan-test",
    "BUS_NAME": "bus-of-a-test",
    "EVENT_SOURCE": "reelplan.video",
    "SAMPLING": json.dumps({"seconds_per_frame": 2, "max_frames": 20}),
    "LADDER": json.dumps(ladder_document(list(RUNGS), mp4="720p", segment_seconds=2)),
}
UPLOAD: dict[str, Any] = {
    "source": "aws.s3",
    "detail-type": "Object Created",
    "time": "2026-11-02T10:00:00Z",
    "detail": {"bucket": {"name": "raw-of-a-test"}, "object": {"key": "raw/ann/dance.mp4", "etag": "e1", "size": 7}},
}
CONTEXT = object()
FRAME = "s3://renditions-of-a-test/review/dance/t/frames/dance_frame.0000002.jpg"


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Buckets, table and queue, with nothing in them."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    mediaconvert.install()
    with mock_aws():
        s3: Any = boto3.client("s3")
        s3.create_bucket(Bucket="raw-of-a-test")
        s3.create_bucket(Bucket="renditions-of-a-test")
        boto3.client("dynamodb").create_table(
            TableName="videos",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
        )
        boto3.client("mediaconvert").create_queue(Name="q")
        boto3.client("events").create_event_bus(Name="bus-of-a-test")
        yield


def put(sample: str = "clip.mp4") -> None:
    body = (files("infra.emulator") / "data" / sample).read_bytes()
    boto3.client("s3").put_object(Bucket="raw-of-a-test", Key="raw/ann/dance.mp4", Body=body)


def record() -> dict[str, Any]:
    item = boto3.resource("dynamodb").Table("videos").get_item(Key={"pk": "VIDEO#dance", "sk": "META"})
    return dict(item.get("Item", {}))


def jobs() -> list[Any]:
    return list(boto3.client("mediaconvert").list_jobs()["Jobs"])


def event(status: str = "COMPLETE", **detail: Any) -> dict[str, Any]:
    """End of the job of the record that is there."""
    known = record()
    user = {"videoId": "dance", "uploadToken": known.get("upload_token", "none")}
    return {
        "time": "2026-11-02T10:01:00Z",
        "detail": {"status": status, "jobId": known.get("job_id", "j"), "userMetadata": user, **detail},
    }


def groups() -> list[dict[str, Any]]:
    base = "s3://renditions-of-a-test/review/dance/t/dance"
    pictures = [
        {"durationInMs": 6000, "videoDetails": {"widthInPx": 720, "heightInPx": 1280}},
        {"durationInMs": 6000, "videoDetails": {"widthInPx": 480, "heightInPx": 854}},
        {"durationInMs": 6000},
    ]
    return [
        {"type": "CMAF_GROUP", "outputDetails": pictures, "playlistFilePaths": [f"{base}.m3u8", f"{base}.mpd"]},
        {"type": "FILE_GROUP", "outputDetails": [{"outputFilePaths": [f"{base}_720p_mp4.mp4"], "durationInMs": 6000}]},
        {"type": "FILE_GROUP", "outputDetails": [{"outputFilePaths": [f"{base}_poster.0000000.jpg"]}]},
        {"type": "FILE_GROUP", "outputDetails": [{"outputFilePaths": [FRAME]}]},
    ]


def test_an_upload_becomes_a_job() -> None:
    put()
    answer = submit.handler(UPLOAD, CONTEXT)
    (job,) = jobs()
    assert answer == {"video_id": "dance", "state": "transcoding", "job_id": job["Id"]}
    assert job["Queue"] == QUEUE
    assert job["Settings"]["Inputs"][0]["FileInput"] == "s3://raw-of-a-test/raw/ann/dance.mp4"
    assert job["UserMetadata"]["videoId"] == "dance"
    kept = record()
    assert (kept["state"], kept["job_id"], kept["user_id"]) == ("transcoding", job["Id"], "ann")
    assert kept["uploaded_at"] == "2026-11-02T10:00:00Z"


def test_the_same_upload_twice_is_one_job() -> None:
    put()
    submit.handler(UPLOAD, CONTEXT)
    before = record()
    assert submit.handler(UPLOAD, CONTEXT) == {"video_id": "dance", "state": "duplicate"}
    assert (len(jobs()), record()) == (1, before)


def test_a_call_that_died_half_way_is_taken_up_and_makes_no_second_job(monkeypatch: pytest.MonkeyPatch) -> None:
    put()
    with monkeypatch.context() as broken:
        broken.setattr(submit, "update", lambda *_, **__: pytest.fail("the function is killed here"))
        with pytest.raises(pytest.fail.Exception):
            submit.handler(UPLOAD, CONTEXT)
    assert record()["state"] == "submitting"
    assert submit.handler(UPLOAD, CONTEXT)["state"] == "transcoding"
    assert len(jobs()) == 1


def test_a_new_upload_under_the_same_name_leaves_nothing_of_the_old_one() -> None:
    put()
    submit.handler(UPLOAD, CONTEXT)
    complete.handler(event(outputGroupDetails=groups()), CONTEXT)
    assert record()["state"] == "moderating"
    newer = copy.deepcopy(UPLOAD)
    newer["detail"]["object"]["etag"] = "e2"
    submit.handler(newer, CONTEXT)
    assert record()["state"] == "transcoding"
    assert set(record()) & {"hls", "dash", "mp4", "poster", "renditions", "finished_at"} == set()
    assert len(jobs()) == 2


def test_a_job_that_ends_before_its_id_is_noted_stays_moderating(monkeypatch: pytest.MonkeyPatch) -> None:
    put()
    create_job = submit.create_job

    def end_at_once(*args: Any) -> str:
        job_id = create_job(*args)
        complete.handler(event(outputGroupDetails=groups(), jobId=job_id), CONTEXT)
        return job_id

    monkeypatch.setattr(submit, "create_job", end_at_once)
    submit.handler(UPLOAD, CONTEXT)
    assert record()["state"] == "moderating"


@pytest.mark.parametrize("content", [b"this is no video", None])
def test_what_is_no_video_fails_with_a_reason(content: bytes | None) -> None:
    put("broken.mp4")
    if content is not None:
        boto3.client("s3").put_object(Bucket="raw-of-a-test", Key="raw/ann/dance.mp4", Body=content)
    assert submit.handler(UPLOAD, CONTEXT) == {"video_id": "dance", "state": "failed"}
    kept = record()
    assert kept["state"] == "failed"
    assert "Unable to open input file" in kept["reason"]
    assert jobs() == []


def test_a_failure_that_says_nothing_about_the_file_is_raised_and_can_be_repeated() -> None:
    error: Any = boto3.client("mediaconvert").exceptions.NotFoundException
    with pytest.raises(error):
        submit.handler(UPLOAD, CONTEXT)
    assert record()["state"] == "submitting"
    put()
    assert submit.handler(UPLOAD, CONTEXT)["state"] == "transcoding"


def test_the_end_of_a_job_hands_the_video_to_moderation() -> None:
    put()
    submit.handler(UPLOAD, CONTEXT)
    answer = complete.handler(event(outputGroupDetails=groups()), CONTEXT)
    assert answer == {"video_id": "dance", "state": "moderating"}
    kept = record()
    assert [(one["width"], one["height"], one["duration_ms"]) for one in kept["renditions"]] == [
        (480, 854, 6000),
        (720, 1280, 6000),
    ]
    assert {name: kept[name] for name in ("hls", "dash", "mp4", "poster")} == {
        "hls": "review/dance/t/dance.m3u8",
        "dash": "review/dance/t/dance.mpd",
        "mp4": "review/dance/t/dance_720p_mp4.mp4",
        "poster": "review/dance/t/dance_poster.0000000.jpg",
    }
    assert kept["finished_at"] == "2026-11-02T10:01:00Z"


def test_the_same_end_twice_changes_nothing() -> None:
    put()
    submit.handler(UPLOAD, CONTEXT)
    ended = event(outputGroupDetails=groups())
    complete.handler(ended, CONTEXT)
    before = record()
    complete.handler(ended, CONTEXT)
    assert record() == before


@pytest.mark.parametrize(
    ("status", "detail", "reason"),
    [
        ("ERROR", {"errorCode": 1404, "errorMessage": "input is gone"}, "input is gone"),
        ("ERROR", {}, "job error"),
        ("CANCELED", {}, "job canceled"),
    ],
)
def test_a_job_that_ends_otherwise_fails_with_a_reason(status: str, detail: Mapping[str, Any], reason: str) -> None:
    put()
    submit.handler(UPLOAD, CONTEXT)
    assert complete.handler(event(status, **detail), CONTEXT)["state"] == "failed"
    assert (record()["state"], record()["reason"]) == ("failed", reason)


def test_the_end_of_an_older_upload_no_longer_matters() -> None:
    put()
    submit.handler(UPLOAD, CONTEXT)
    old = event(outputGroupDetails=groups())
    newer = copy.deepcopy(UPLOAD)
    newer["detail"]["object"]["etag"] = "e2"
    submit.handler(newer, CONTEXT)
    assert complete.handler(old, CONTEXT) == {"video_id": "dance", "state": "unchanged"}
    assert record()["state"] == "transcoding"


@pytest.mark.parametrize("state", ["published", "held", "rejected", "failed"])
def test_the_end_of_a_job_is_no_news_for_a_video_that_is_past_it(state: str) -> None:
    put()
    submit.handler(UPLOAD, CONTEXT)
    ended = event(outputGroupDetails=groups())
    table = boto3.resource("dynamodb").Table("videos")
    table.update_item(
        Key={"pk": "VIDEO#dance", "sk": "META"},
        UpdateExpression="SET #s = :s",
        ExpressionAttributeNames={"#s": "state"},
        ExpressionAttributeValues={":s": state},
    )
    assert complete.handler(ended, CONTEXT)["state"] == "unchanged"
    assert record()["state"] == state


def test_an_erased_video_cannot_be_uploaded_again() -> None:
    put()
    boto3.resource("dynamodb").Table("videos").put_item(Item={"pk": "VIDEO#dance", "sk": "META", "state": "erased"})
    assert submit.handler(UPLOAD, CONTEXT) == {"video_id": "dance", "state": "duplicate"}
    assert jobs() == []


def test_nothing_is_written_where_viewers_read() -> None:
    put()
    submit.handler(UPLOAD, CONTEXT)
    (job,) = jobs()
    settings = [group["OutputGroupSettings"] for group in job["Settings"]["OutputGroups"]]
    places = [one[key]["Destination"] for one in settings for key in one if key != "Type"]
    token = record()["upload_token"]
    base = f"s3://renditions-of-a-test/review/dance/{token}/"
    assert places == [base, base, base, f"{base}frames/"]


def test_the_token_follows_content_and_place_and_not_the_time() -> None:
    later = {**UPLOAD, "time": "2026-11-03T10:00:00Z"}
    assert submit.read_event(UPLOAD).token == submit.read_event(later).token
    other = copy.deepcopy(UPLOAD)
    other["detail"]["object"]["etag"] = "e2"
    assert submit.read_event(UPLOAD).token != submit.read_event(other).token
