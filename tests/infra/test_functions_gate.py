"""Moderation, review, publishing and erasure on moto: states change as they may, and twice is as good as once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.components import storage
from infra.emulator import gaps, mediaconvert
from infra.functions import complete, erase, erase_account, hear, judge, moderate, publish, review, videos

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
    mediaconvert.install()
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
        for table in ("videos", "feed"):
            client("dynamodb").create_table(
                TableName=table,
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
            "FEED_TABLE": "feed",
            "RAW_BUCKET": RAW,
            "RENDITIONS_BUCKET": RENDITIONS,
            "BUS_NAME": BUS,
            "EVENT_SOURCE": "reelplan.video",
            "REVIEW_QUEUE_URL": sqs.get_queue_url(QueueName="reviewers")["QueueUrl"],
            "PARTS": json.dumps(["frames"]),
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
    monkeypatch.setenv("PARTS", "[]")
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
    assert answer == {"video_id": ID, "state": "erased", "versions": "9", "rows": "0"}
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


# ---- the whole video, and the caption ----

TOPIC = f"arn:aws:sns:{REGION}:123456789012:moderated"
ANALYST = "arn:aws:iam::123456789012:role/rekognition"


def asked_for(monkeypatch: pytest.MonkeyPatch, *parts: str, trust: str = "rekognition.amazonaws.com") -> None:
    """Other parts than the frames, and what Rekognition needs to say that it is done."""
    statement = {"Effect": "Allow", "Principal": {"Service": trust}, "Action": "sts:AssumeRole"}
    publish_only = {"Effect": "Allow", "Action": "sns:Publish", "Resource": TOPIC}
    client("iam").create_role(
        RoleName="rekognition", AssumeRolePolicyDocument=json.dumps({"Statement": statement, "Version": "2012-10-17"})
    )
    client("iam").put_role_policy(
        RoleName="rekognition",
        PolicyName="p",
        PolicyDocument=json.dumps({"Statement": publish_only, "Version": "2012-10-17"}),
    )
    client("sns").create_topic(Name="moderated")
    client("sqs").create_queue(QueueName="ends")
    client("sns").subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:123456789012:ends")
    monkeypatch.setenv("PARTS", json.dumps(parts))
    monkeypatch.setenv("THRESHOLDS", json.dumps({**LIMITS, "INSULT": {"review": 80}, "HATE_SPEECH": {"block": 95}}))
    monkeypatch.setenv("MODERATED_TOPIC", TOPIC)
    monkeypatch.setenv("MODERATED_ROLE_ARN", ANALYST)


def ends() -> list[dict[str, Any]]:
    """What Rekognition said to the topic, as Lambda hands it to the judge."""
    return [{"Message": one["Message"], "Timestamp": NOW} for one in messages("ends")]


def judged(*notifications: Mapping[str, Any]) -> dict[str, str]:
    return judge.handler({"Records": [{"Sns": one} for one in notifications]}, CONTEXT)


@pytest.mark.parametrize(
    ("tag", "state"),
    [("", "moderating"), ("Violence=69.9", "moderating"), ("Violence=70", "held"), ("Violence=98", "rejected")],
)
def test_the_whole_video_is_judged_when_rekognition_is_done(
    monkeypatch: pytest.MonkeyPatch, tag: str, state: str
) -> None:
    asked_for(monkeypatch, "video")
    if tag:
        flag(tag, "dance.mp4")
    assert moderate.handler(event(), CONTEXT)["verdict"] == "pending"
    assert ("verdict" in record(), heard()) == (False, [])
    (end,) = ends()
    judged(end)
    assert record()["state"] == state
    assert heard() == (["Video Cleared"] if state == "moderating" else [])
    assert judged(end) == ({ID: "unchanged"} if state != "moderating" else {ID: "allow"})


def test_an_event_that_comes_twice_starts_one_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for(monkeypatch, "video")
    moderate.handler(event(), CONTEXT)
    moderate.handler(event(), CONTEXT)
    assert len(ends()) == 1


def test_a_video_that_could_not_be_analysed_waits_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for(monkeypatch, "video")
    flag("FAILED", "dance.mp4")
    moderate.handler(event(), CONTEXT)
    judged(*ends())
    assert (record()["state"], record()["labels"], heard()) == ("held", {"could not be analysed": 100}, [])
    assert [one["videoId"] for one in messages("reviewers")] == [ID]


def test_rekognition_refuses_a_role_that_it_may_not_assume(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for(monkeypatch, "video", trust="lambda.amazonaws.com")
    with pytest.raises(ClientError, match="AccessDenied"):
        moderate.handler(event(), CONTEXT)
    assert record()["state"] == "moderating"


@pytest.mark.parametrize(
    ("caption", "state"),
    [
        ("a walk", "moderating"),
        ("you [INSULT=0.79]", "moderating"),
        ("you [INSULT=0.80]", "held"),
        ("they [HATE_SPEECH=0.96]", "rejected"),
        (f"{'x' * 1000} beyond the first piece [INSULT=0.9]", "held"),
    ],
)
def test_the_caption_is_read_besides_the_pictures(monkeypatch: pytest.MonkeyPatch, caption: str, state: str) -> None:
    asked_for(monkeypatch, "frames", "caption")
    write(**{**record(), "caption": caption})
    moderate.handler(event(), CONTEXT)
    assert record()["state"] == state


def test_the_strictest_part_decides_and_the_others_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for(monkeypatch, "frames", "caption")
    flag("Violence=99")
    write(**{**record(), "caption": "you [INSULT=0.9]"})
    moderate.handler(event(), CONTEXT)
    assert (record()["state"], record()["labels"]) == ("rejected", {"Violence": 99, "INSULT": 90})


def test_a_blocked_caption_saves_the_look_at_the_video(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for(monkeypatch, "video", "caption")
    write(**{**record(), "caption": "they [HATE_SPEECH=0.96]"})
    assert moderate.handler(event(), CONTEXT)["verdict"] == "block"
    assert (record()["state"], ends()) == ("rejected", [])


def test_a_clean_caption_waits_for_the_video(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for(monkeypatch, "video", "caption")
    write(**{**record(), "caption": "a walk"})
    assert moderate.handler(event(), CONTEXT)["verdict"] == "pending"
    judged(*ends())
    assert (record()["verdict"], heard()) == ("allow", ["Video Cleared"])


def listened() -> dict[str, Any]:
    """Transcribe's event about the one job that it was given."""
    (job,) = client("transcribe").list_transcription_jobs()["TranscriptionJobSummaries"]
    status = "FAILED" if "FAILED" in tags("dance.mp4") else "COMPLETED"
    detail = {"TranscriptionJobName": job["TranscriptionJobName"], "TranscriptionJobStatus": status}
    return {"time": NOW, "detail": detail}


def tags(name: str) -> list[str]:
    return [one["Value"] for one in client("s3").get_object_tagging(Bucket=RENDITIONS, Key=WAITING + name)["TagSet"]]


def say(what: str) -> None:
    tagging = {"TagSet": [{"Key": "speech", "Value": what}]}
    client("s3").put_object_tagging(Bucket=RENDITIONS, Key=f"{WAITING}dance.mp4", Tagging=tagging)


@pytest.mark.parametrize(
    ("said", "state"),
    [("", "moderating"), ("insult=0.79", "moderating"), ("insult=0.8/profanity=0.9", "held"), ("FAILED", "held")],
)
def test_what_is_said_is_judged_when_transcribe_is_done(monkeypatch: pytest.MonkeyPatch, said: str, state: str) -> None:
    asked_for(monkeypatch, "frames", "speech")
    write(**{**record(), "picture": {"has_audio": True}})
    if said:
        say(said)
    assert moderate.handler(event(), CONTEXT)["verdict"] == "pending"
    end = listened()
    hear.handler(end, CONTEXT)
    assert record()["state"] == state
    assert heard() == (["Video Cleared"] if state == "moderating" else [])
    # Transcribe has forgotten the job, so the same event finds nothing.
    assert hear.handler(end, CONTEXT)["verdict"] == "unchanged"


def test_a_video_without_sound_is_not_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for(monkeypatch, "speech")
    write(**{**record(), "picture": {"has_audio": False}})
    assert moderate.handler(event(), CONTEXT)["verdict"] == "allow"
    assert client("transcribe").list_transcription_jobs()["TranscriptionJobSummaries"] == []


def test_an_event_that_comes_twice_starts_one_transcription(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for(monkeypatch, "speech")
    write(**{**record(), "picture": {"has_audio": True}})
    assert [moderate.handler(event(), CONTEXT)["verdict"] for _ in range(2)] == ["pending", "pending"]


def test_a_transcript_is_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for(monkeypatch, "speech")
    write(**{**record(), "picture": {"has_audio": True}})
    moderate.handler(event(), CONTEXT)
    hear.handler(listened(), CONTEXT)
    assert keys(f"{WAITING}speech/") == [f"{WAITING}speech/transcript.json"]
    publish.handler(event("Video Cleared"), CONTEXT)
    assert keys("v/") == ["v/dance/dance.m3u8", "v/dance/dance.mp4"]


# ---- erasure of more than a published video ----


def test_a_recording_goes_as_a_whole_and_the_next_one_stays() -> None:
    prefix = "ivs/v1/123456789012/AsXego4U6tnj/2026/11/21/20/12/"
    for key in ("first/media/hls/master.m3u8", "first/media/thumbnails/1.jpg", "first/events/e.json", "second/a.ts"):
        client("s3").put_object(Bucket=RAW, Key=prefix + key, Body=b"live")
    write(state="published", upload_token=TOKEN, source_key=f"{prefix}first/media/hls/master.m3u8")
    erase.handler(event("Erasure Requested"), CONTEXT)
    assert keys("ivs/", RAW) == [f"{prefix}second/a.ts"]


def test_an_erasure_cancels_every_job_that_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled: list[str] = []
    monkeypatch.setattr(erase, "cancel", cancelled.append)
    write(state="published", upload_token=TOKEN, job_id="j1", codec_hevc={"state": "transcoding", "job_id": "j2"})
    erase.handler(event("Erasure Requested"), CONTEXT)
    assert cancelled == ["j1", "j2"]
    assert "jobs" not in record()


def test_an_erasure_that_died_half_way_still_knows_the_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled: list[str] = []
    write(state="transcoding", upload_token=TOKEN, job_id="j1")
    with monkeypatch.context() as broken:
        broken.setattr(erase, "cancel", lambda *_: pytest.fail("the function is killed here"))
        with pytest.raises(pytest.fail.Exception):
            erase.handler(event("Erasure Requested"), CONTEXT)
    monkeypatch.setattr(erase, "cancel", cancelled.append)
    erase.handler(event("Erasure Requested"), CONTEXT)
    assert cancelled == ["j1"]


@pytest.mark.parametrize("job_id", ["1795309650356-ymwipg"])
def test_a_job_that_mediaconvert_has_forgotten_is_no_obstacle(job_id: str) -> None:
    write(state="published", upload_token=TOKEN, job_id=job_id)
    assert erase.handler(event("Erasure Requested"), CONTEXT)["state"] == "erased"


def test_rows_about_a_video_go_with_it_and_those_about_another_stay() -> None:
    feed = boto3.resource("dynamodb").Table("feed")
    for pk, sk in ((f"VIDEO#{ID}", "COMMENT#1"), (f"VIDEO#{ID}", "LIKES#0"), (f"VIDEO#{ID}2", "COMMENT#1")):
        feed.put_item(Item={"pk": pk, "sk": sk})
    videos.table().put_item(Item={"pk": f"VIDEO#{ID}", "sk": "VIEWS", "views": 3})
    write(state="published", upload_token=TOKEN)
    assert erase.handler(event("Erasure Requested"), CONTEXT)["rows"] == "3"
    assert [item["pk"] for item in feed.scan()["Items"]] == [f"VIDEO#{ID}2"]
    assert [item["sk"] for item in videos.table().scan()["Items"]] == ["META"]


@pytest.mark.parametrize("codec", ["", "hevc"])
def test_what_a_job_left_of_an_erased_video_is_announced(codec: str) -> None:
    write(state="erased")
    about = {"videoId": ID, "uploadToken": TOKEN, **({"codec": codec} if codec else {})}
    end = {"jobId": "j1", "status": "CANCELED", "userMetadata": about}
    assert complete.handler({"time": NOW, "detail": end}, CONTEXT)["state"] == "erased"
    assert heard() == ["Files After Erasure"]


def test_more_videos_than_one_request_takes_are_erased_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(erase_account, "videos_of", lambda _: iter([f"v{number}" for number in range(21)]))
    monkeypatch.setattr(erase_account, "request", lambda ids: asked.append(len(ids)))
    monkeypatch.setattr(erase_account, "delete_rows", lambda *_, **__: 0)
    monkeypatch.setattr(erase_account, "delete_user", lambda _: False)
    answer = erase_account.handler({"detail": {"userId": "ann"}}, CONTEXT)
    # 21 = 10 + 10 + 1
    assert (asked, answer["videos"], answer["user"]) == ([10, 10, 1], "21", "gone")
