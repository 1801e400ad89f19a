"""A recorded stream is submitted like an upload: one job, from the playlist that IVS wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.emulator import mediaconvert
from infra.functions import recording
from infra.functions.job_settings import UnreadableVideo
from infra.ladder import RUNGS, ladder_document

ACCOUNT = "123456789012"
REGION = "us-east-1"
PREFIX = f"ivs/v1/{ACCOUNT}/AsXego4U6tnj/2026/11/21/20/12/j8Z9O91ndcVs"
BUCKET = "raw-of-a-test"
EVENT: dict[str, Any] = {
    "source": "aws.ivs",
    "detail-type": "IVS Recording State Change",
    "time": "2026-11-21T20:40:00Z",
    "detail": {
        "channel_name": "ann",
        "recording_status": "Recording End",
        "recording_s3_bucket_name": BUCKET,
        "recording_s3_key_prefix": PREFIX,
    },
}


def summary(*sizes: tuple[int, int]) -> dict[str, Any]:
    renditions = [
        {"path": f"{height}p", "playlist": "playlist.m3u8", "resolution_width": width, "resolution_height": height}
        for width, height in sizes
    ]
    hls = {"duration_ms": 90_500, "path": "media/hls", "playlist": "master.m3u8", "renditions": renditions}
    return {"version": "v1", "media": {"hls": hls}}


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "TABLE_NAME": "videos",
        "RENDITIONS_BUCKET": "renditions-of-a-test",
        "QUEUE_ARN": f"arn:aws:mediaconvert:{REGION}:{ACCOUNT}:queues/q",
        "JOB_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/media",
        "WORKFLOW": "reelplan-test",
        "SAMPLING": json.dumps({"seconds_per_frame": 5, "max_frames": 10}),
        "LADDER": json.dumps(ladder_document(list(RUNGS), mp4="720p", segment_seconds=2)),
    }.items():
        monkeypatch.setenv(name, value)
    mediaconvert.install()
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
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
        yield


def recorded(*sizes: tuple[int, int]) -> None:
    boto3.client("s3").put_object(
        Bucket=BUCKET, Key=f"{PREFIX}/events/recording-ended.json", Body=json.dumps(summary(*sizes)).encode()
    )


def record() -> dict[str, Any]:
    key = {"pk": "VIDEO#live-j8Z9O91ndcVs", "sk": "META"}
    return dict(boto3.resource("dynamodb").Table("videos").get_item(Key=key).get("Item", {}))


def jobs() -> list[Any]:
    return list(boto3.client("mediaconvert").list_jobs()["Jobs"])


def test_a_recording_becomes_a_job_from_its_playlist() -> None:
    recorded((480, 852), (1080, 1920))
    assert recording.handler(EVENT, object())["state"] == "transcoding"
    (job,) = jobs()
    assert [one["FileInput"] for one in job["Settings"]["Inputs"]] == [f"s3://{BUCKET}/{PREFIX}/media/hls/master.m3u8"]
    assert (record()["user_id"], record()["state"]) == ("ann", "transcoding")


def test_the_same_recording_twice_is_one_job() -> None:
    recorded((1080, 1920))
    recording.handler(EVENT, object())
    assert recording.handler(EVENT, object())["state"] == "duplicate"
    assert len(jobs()) == 1


def test_a_recording_of_nothing_ends_as_failed() -> None:
    recorded()
    assert recording.handler(EVENT, object())["state"] == "failed"
    assert record()["reason"] == "the recording has no rendition"
    assert jobs() == []


def test_the_largest_rendition_says_what_the_ladder_can_fill() -> None:
    seen = recording.picture(summary((480, 852), (1080, 1920), (720, 1280)))
    assert (seen.width, seen.height, seen.seconds) == (1080, 1920, 90.5)
    with pytest.raises(UnreadableVideo):
        recording.picture(summary())
