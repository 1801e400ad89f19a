"""What recorded AWS calls need from IAM."""

from __future__ import annotations

import pytest

from infra.emulator.permissions import Request
from infra.emulator.required_permissions import Call, Place, UnknownCall, required

PLACE = Place(region="us-east-1", account="123456789012")


def test_what_a_job_needs() -> None:
    queue = "arn:aws:mediaconvert:us-east-1:123456789012:queues/q"
    role = "arn:aws:iam::123456789012:role/media"
    call = Call("mediaconvert", "CreateJob", {"Queue": queue, "Role": role, "Tags": {"a": "b"}, "Settings": {}})
    assert required(call, PLACE) == [
        Request("mediaconvert:CreateJob", queue),
        Request("mediaconvert:TagResource", "arn:aws:mediaconvert:us-east-1:123456789012:jobs/*"),
        Request("iam:PassRole", role, {"iam:PassedToService": "mediaconvert.amazonaws.com"}),
    ]


def test_a_job_without_queue_goes_to_the_default_one_and_presets_count() -> None:
    settings = {"OutputGroups": [{"Outputs": [{"Preset": "p1"}, {}]}]}
    call = Call("mediaconvert", "CreateJob", {"Role": "r", "Settings": settings})
    prefix = "arn:aws:mediaconvert:us-east-1:123456789012"
    assert [str(need) for need in required(call, PLACE)] == [
        f"mediaconvert:CreateJob on {prefix}:presets/p1",
        f"mediaconvert:CreateJob on {prefix}:queues/Default",
        "iam:PassRole on r",
    ]


def test_a_probe_reads_with_the_permissions_of_its_caller() -> None:
    call = Call("mediaconvert", "Probe", {"InputFiles": [{"FileUrl": "s3://raw/u/v.mp4"}]})
    assert required(call, PLACE)[1] == Request("s3:GetObject", "arn:aws:s3:::raw/u/v.mp4")


def test_what_simple_calls_need() -> None:
    update = Call("dynamodb", "UpdateItem", {"TableName": "videos", "Key": {}})
    send = Call("sqs", "SendMessage", {"QueueUrl": "http://127.0.0.1:5000/123456789012/dead"})
    assert required(update, PLACE) == [
        Request("dynamodb:UpdateItem", "arn:aws:dynamodb:us-east-1:123456789012:table/videos")
    ]
    assert required(send, PLACE) == [Request("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:dead")]


def test_a_call_that_is_not_in_the_table_says_what_to_add() -> None:
    with pytest.raises(UnknownCall, match=r"polly\.SynthesizeSpeech .* add its actions"):
        required(Call("polly", "SynthesizeSpeech", {}), PLACE)
