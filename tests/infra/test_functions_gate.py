"""Moderation, review, publishing and erasure on moto: states change as they may, and twice is as good as once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.components import storage
from infra.emulator import gaps
from infra.functions import erase, moderate, publish, review, videos

REGION = "us-east-1"
RAW, RENDITIONS, BUS = "raw-of-a-test", "renditions-of-a-test", "bus-of-a-test"
ID, TOKEN = "dance", "t1"
WAITING = f"review/{ID}/{TOKEN}/"
LIMITS = {"Violence": {"block": 98, "review": 70}, "Alcohol": {"review": 90}}
CONTEXT = object()
NOW = "2026-11-02T10:00:00Z"


def client(service: str) -> Any:
    make: Any = boto3.client  # its stubs know services as literals only
    return make(service)


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A video that waits for moderation, in an account with a bus that is listened to."""
    gaps.install()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        sqs, events = client("sqs"), client("events")
        for name in ("reviewers", "heard"):
            sqs.create_queue(QueueName=name)
        events.create_event_bus(Name=BUS)
        events.put_rule(Name="all", EventBusName=BUS, EventPattern=json.dumps({"source": ["reelplan.video"]}))
        heard = f"arn:aws:sqs:{REGION}:123456789012:heard"
        events.put_targets(Rule="all", EventBusName=BUS, Targets=[{"Id": "q", "Arn": heard}])
        for bucket in (RAW, RENDITIONS):
            client("s3").create_bucket(Bucket=bucket)
        keys = {"pk": "HASH", "sk": "RANGE"}
        client("dynamodb").create_table(
            TableName="videos",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        )
        config = {"CallerReference": "c", "Comment": "", "Enabled": True}
        behaviour = {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"}
        origin = {"Id": "o", "DomainName": "o.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
        made = client("cloudfront").create_distribution(
            DistributionConfig={
                **config,
                "DefaultCacheBehavior": behaviour,
                "Origins": {"Quantity": 1, "Items": [origin]},
            }
        )
        for name, value in {
            "TABLE_NAME": "videos",
            "RAW_BUCKET": RAW,
            "RENDITIONS_BUCKET": RENDITIONS,
            "BUS_NAME": BUS,
            "EVENT_SOURCE": "reelplan.video",
            "REVIEW_QUEUE_URL": sqs.get_queue_url(QueueName="reviewers")["QueueUrl"],
            "MODE": "frames",
            "WORKFLOW": "reelplan-test",
            "THRESHOLDS": json.dumps(LIMITS),
            "DISTRIBUTION_ID": made["Distribution"]["Id"],
        }.items():
            monkeypatch.setenv(name, value)
        for key in ("dance.m3u8", "dance.mp4", "frames/f.0000000.jpg", "frames/f.0000001.jpg"):
            client("s3").put_object(Bucket=RENDITIONS, Key=WAITING + key, Body=key.encode())
        write(
            state="moderating",
            upload_token=TOKEN,
            uploaded_at=NOW,
            hls=f"{WAITING}dance.m3u8",
            mp4=f"{WAITING}dance.mp4",
        )
        yield


def write(**values: Any) -> None:
    boto3.resource("dynamodb").Table("videos").put_item(Item={**videos.record_key(ID), **values})


def record() -> dict[str, Any]:
    return videos.read(videos.table(), ID)


def event(what: str = "Video Transcoded", **detail: str) -> dict[str, Any]:
    return {"id": "e1", "detail-type": what, "time": NOW, "detail": {"videoId": ID, "uploadToken": TOKEN, **detail}}


def flag(labels: str, frame: str = "frames/f.0000001.jpg") -> None:
    tags = {"TagSet": [{"Key": "moderation", "Value": labels}]}
    client("s3").put_object_tagging(Bucket=RENDITIONS, Key=WAITING + frame, Tagging=tags)


def messages(queue: str) -> list[Mapping[str, Any]]:
    url = client("sqs").get_queue_url(QueueName=queue)["QueueUrl"]
    found = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [json.loads(one["Body"]) for one in found.get("Messages", [])]


def heard() -> list[str]:
    return [one["detail-type"] for one in messages("heard")]


def keys(prefix: str, bucket: str = RENDITIONS) -> list[str]:
    return [one["Key"] for one in client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]


def test_components_and_functions_agree_where_things_lie() -> None:
    assert f"{videos.REVIEW}/" == storage.REVIEW_PREFIX
    assert f"{videos.PUBLISHED}/" == storage.PUBLISHED_PREFIX


def test_a_clean_video_is_cleared_and_stays_where_it_is() -> None:
    assert moderate.handler(event(), CONTEXT)["verdict"] == "allow"
    assert (record()["state"], record()["verdict"], heard()) == ("moderating", "allow", ["Video Cleared"])
    assert keys("v/") == []


@pytest.mark.parametrize(
    ("labels", "state"),
    [
        ("Violence=69.9", "moderating"),
        ("Violence=70", "held"),
        ("Violence=97.9", "held"),
        ("Violence=98", "rejected"),
        ("Alcohol=100", "held"),
        ("Gambling=100", "moderating"),
        ("Alcohol=95/Violence=99", "rejected"),
    ],
)
def test_the_strictest_label_of_any_frame_decides(labels: str, state: str) -> None:
    flag(labels)
    moderate.handler(event(), CONTEXT)
    assert record()["state"] == state
    assert [one["videoId"] for one in messages("reviewers")] == ([ID] if state == "held" else [])
    assert heard() == (["Video Cleared"] if state == "moderating" else [])


def test_a_video_without_frames_does_not_get_on() -> None:
    for key in keys(f"{WAITING}frames/"):
        client("s3").delete_object(Bucket=RENDITIONS, Key=key)
    with pytest.raises(RuntimeError, match="there are no frames under"):
        moderate.handler(event(), CONTEXT)
    assert (record()["state"], heard()) == ("moderating", [])


def test_without_moderation_a_video_is_cleared_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODE", "off")
    flag("Violence=99")
    assert moderate.handler(event(), CONTEXT)["verdict"] == "allow"


@pytest.mark.parametrize("state", ["published", "held", "rejected", "erased", "failed", "submitting"])
def test_a_video_that_does_not_wait_is_left_alone(state: str) -> None:
    write(state=state, upload_token=TOKEN)
    assert moderate.handler(event(), CONTEXT)["verdict"] == "unchanged"
    assert (record()["state"], heard(), messages("reviewers")) == (state, [], [])


def test_an_event_about_an_older_upload_is_left_alone() -> None:
    assert moderate.handler(event(uploadToken="t0"), CONTEXT)["verdict"] == "unchanged"
    assert "verdict" not in record()


def test_a_cleared_video_is_published_without_its_frames() -> None:
    moderate.handler(event(), CONTEXT)
    answer = publish.handler(event("Video Cleared"), CONTEXT)
    assert answer == {"video_id": ID, "state": "published", "files": "2"}
    assert keys("v/") == ["v/dance/dance.m3u8", "v/dance/dance.mp4"]
    kept = record()
    assert (kept["state"], kept["hls"], kept["mp4"]) == ("published", "v/dance/dance.m3u8", "v/dance/dance.mp4")
    assert publish.handler(event("Video Cleared"), CONTEXT)["state"] == "unchanged"
    assert record() == kept


@pytest.mark.parametrize(
    "values",
    [
        {"state": "moderating"},
        {"state": "held", "verdict": "review"},
        {"state": "rejected", "verdict": "allow"},
        {"state": "erased", "verdict": "allow"},
        {"state": "moderating", "verdict": "allow", "upload_token": "t2"},
    ],
)
def test_the_event_alone_publishes_nothing(values: dict[str, str]) -> None:
    write(**{"upload_token": TOKEN, **values})
    assert publish.handler(event("Video Cleared"), CONTEXT)["state"] == "unchanged"
    assert keys("v/") == []


def test_publishing_that_died_half_way_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    moderate.handler(event(), CONTEXT)
    with monkeypatch.context() as broken:
        broken.setattr(publish, "change", lambda *_, **__: pytest.fail("the function is killed here"))
        with pytest.raises(pytest.fail.Exception):
            publish.handler(event("Video Cleared"), CONTEXT)
    assert record()["state"] == "moderating"
    assert publish.handler(event("Video Cleared"), CONTEXT)["state"] == "published"


def test_a_video_that_is_erased_while_it_is_published_leaves_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    moderate.handler(event(), CONTEXT)
    copy_files = publish.copy_files

    def erased_meanwhile(*args: str) -> list[str]:
        copied = copy_files(*args)
        write(state="erased")
        return copied

    monkeypatch.setattr(publish, "copy_files", erased_meanwhile)
    assert publish.handler(event("Video Cleared"), CONTEXT)["state"] == "erased"
    assert (keys("v/"), record()["state"]) == ([], "erased")


def test_a_reviewer_decides_about_a_held_video_only() -> None:
    decision = {"decision": "approve", "reviewer": "rita"}
    assert review.handler(event("Review Decided", **decision), CONTEXT)["decision"] == "unchanged"
    write(state="held", verdict="review", upload_token=TOKEN)
    assert review.handler(event("Review Decided", **decision), CONTEXT)["decision"] == "approved"
    assert (record()["verdict"], record()["reviewed_by"], heard()) == ("allow", "rita", ["Video Cleared"])
    assert publish.handler(event("Video Cleared"), CONTEXT)["state"] == "published"


def test_a_rejected_video_can_be_appealed_once() -> None:
    write(state="rejected", verdict="block", upload_token=TOKEN)
    assert review.handler(event("Review Appealed"), CONTEXT)["decision"] == "held"
    assert [one["appeal"] for one in messages("reviewers")] == [True]
    review.handler(event("Review Decided", decision="reject", reviewer="rita"), CONTEXT)
    assert record()["state"] == "rejected"
    assert review.handler(event("Review Appealed"), CONTEXT)["decision"] == "unchanged"


def test_an_unknown_decision_is_an_error_that_reaches_the_dead_letters() -> None:
    with pytest.raises(KeyError, match="maybe"):
        review.handler(event("Review Decided", decision="maybe", reviewer="rita"), CONTEXT)


def test_an_erasure_takes_every_version_and_nothing_of_others() -> None:
    s3 = client("s3")
    for bucket in (RAW, RENDITIONS):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    source = f"raw/ann/{ID}"
    for _ in range(2):
        s3.put_object(Bucket=RAW, Key=source, Body=b"original")
        s3.put_object(Bucket=RENDITIONS, Key=f"v/{ID}/a.mp4", Body=b"published")
    s3.delete_object(Bucket=RENDITIONS, Key=f"v/{ID}/a.mp4")
    others = {RAW: f"{source}2", RENDITIONS: f"v/{ID}2/a.mp4"}
    for bucket, key in others.items():
        s3.put_object(Bucket=bucket, Key=key, Body=b"of somebody else")
    write(state="published", upload_token=TOKEN, user_id="ann", source_key=source)

    answer = erase.handler(event("Erasure Requested"), CONTEXT)

    # Originals 2, waiting files 4, published 2 and their delete marker.
    assert answer == {"video_id": ID, "state": "erased", "versions": "9"}
    for bucket, key in others.items():
        left = s3.list_object_versions(Bucket=bucket)
        assert [one["Key"] for one in left["Versions"]] == [key]
        assert "DeleteMarkers" not in left
    assert record() == {**videos.record_key(ID), "state": "erased", "erased_at": NOW}
    assert erase.handler(event("Erasure Requested"), CONTEXT)["versions"] == "0"


def test_an_erasure_that_died_half_way_still_finds_the_original(monkeypatch: pytest.MonkeyPatch) -> None:
    client("s3").put_object(Bucket=RAW, Key=f"raw/ann/{ID}", Body=b"original")
    write(state="published", upload_token=TOKEN, source_key=f"raw/ann/{ID}")
    with monkeypatch.context() as broken:
        broken.setattr(erase, "delete_versions", lambda *_: pytest.fail("the function is killed here"))
        with pytest.raises(pytest.fail.Exception):
            erase.handler(event("Erasure Requested"), CONTEXT)
    assert record()["state"] == "erased"
    erase.handler(event("Erasure Requested"), CONTEXT)
    assert (keys("raw/", RAW), "source_key" in record()) == ([], False)


def test_a_video_that_is_unknown_is_no_error() -> None:
    assert erase.handler(event("Erasure Requested", videoId="nobody"), CONTEXT)["state"] == "unknown"
