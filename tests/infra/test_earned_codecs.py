"""A video that is watched a lot earns better codecs: once each, beside what is published, and only from its upload."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.emulator import gaps, mediaconvert
from infra.emulator.exercise import codecs, exercise, stories
from infra.emulator.exercise.causes import require_permissions
from infra.emulator.exercise.journey import Stopped
from infra.emulator.exercise.travel import Travel, name_of, upload_key
from infra.emulator.mediaconvert import rules
from infra.emulator.session import Session
from infra.functions import complete, publish, reencode, session, videos, views
from infra.functions.job_settings import CODECS, Job, Picture, render
from infra.ladder import CODEC_BITRATES, RUNGS, earned_ladder_document
from infra.settings import SettingsError, load_settings
from infra.stackfile import load_stack

REGION, ACCOUNT = "us-east-1", "123456789012"
ID, TOKEN, RENDITIONS = "dance", "t1", "renditions-of-a-test"
NOW, ARRIVED = "2026-11-02T10:00:00Z", 1_795_000_000
LADDERS = {codec.lower(): earned_ladder_document(codec, list(RUNGS), segment_seconds=2) for codec in CODEC_BITRATES}
PICTURE = Picture(1080, 1920, has_audio=True, seconds=15.5)
PLAYED = f"s3://{RENDITIONS}/review/{ID}/{TOKEN}/hevc/{ID}"


# ---- the ladder and the job ----


def test_a_codec_that_can_be_earned_has_settings_and_a_name_on_the_record() -> None:
    assert set(CODEC_BITRATES) == set(CODECS) - {"AVC"}
    assert {codec.lower() for codec in CODEC_BITRATES} == set(videos.CODECS)


def test_the_rungs_are_those_of_avc_under_a_lower_ceiling() -> None:
    # 5,500 kbit/s x 0.60 = 3,300; x 0.42 = 2,310.
    assert [rung["max_kbps"] for rung in renditions("hevc")] == [900, 1800, 3300]
    assert [rung["max_kbps"] for rung in renditions("av1")] == [630, 1260, 2310]
    assert [rung["short_edge"] for rung in renditions("av1")] == [480, 720, 1080]


def renditions(codec: str) -> Any:
    return LADDERS[codec]["renditions"]


@pytest.mark.parametrize("codec", LADDERS)
@pytest.mark.parametrize("picture", [PICTURE, Picture(640, 360, has_audio=False)])
def test_the_service_takes_the_job_and_there_is_nothing_but_the_adaptive_group(codec: str, picture: Picture) -> None:
    settings = render(LADDERS[codec], Job("s3://raw/raw/u/v.mp4", "s3://renditions/review/v/t/hevc/", picture))
    request = {
        "Role": f"arn:aws:iam::{ACCOUNT}:role/media",
        "Queue": f"arn:aws:mediaconvert:{REGION}:{ACCOUNT}:queues/q",
        "Settings": settings,
    }
    assert [str(violation) for violation in rules.violations("CreateJob", request)] == []
    assert [str(caution) for caution in rules.cautions(request)] == []
    assert [group["Name"] for group in settings["OutputGroups"]] == ["CMAF"]


def test_a_picture_comes_back_from_the_record_as_it_went() -> None:
    assert Picture.of_item(PICTURE.as_item()) == PICTURE


def test_codecs_need_the_stream_that_views_are_counted_from() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"transcoding": json.dumps({"earnedCodecs": {"HEVC": 10, "AV1": 20}})})
    assert caught.value.faults == [
        "reelplan:transcoding.earnedCodecs: found HEVC, AV1, expected none, or analytics.enabled with analytics.source"
        " stream (views are counted from the stream of interactions)"
    ]


# ---- the functions ----


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A published video, in an account with a bus that is listened to."""
    gaps.install()
    mediaconvert.install()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "TABLE_NAME": "videos",
        "RAW_BUCKET": "raw-of-a-test",
        "RENDITIONS_BUCKET": RENDITIONS,
        "BUS_NAME": "default",
        "EVENT_SOURCE": "reelplan.video",
        "QUEUE_ARN": f"arn:aws:mediaconvert:{REGION}:{ACCOUNT}:queues/q",
        "JOB_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/media",
        "WORKFLOW": "reelplan-test",
        "EARNED_LADDERS": json.dumps(LADDERS),
        "EARNED_VIEWS": json.dumps({"hevc": 3, "av1": 6}),
        "KEEP_DAYS": "30",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client("sqs").create_queue(QueueName="heard")
        client("events").put_rule(Name="all", EventPattern=json.dumps({"source": ["reelplan.video"]}))
        heard_arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:heard"
        client("events").put_targets(Rule="all", Targets=[{"Id": "q", "Arn": heard_arn}])
        client("s3").create_bucket(Bucket=RENDITIONS)
        client("mediaconvert").create_queue(Name="q")
        keys = {"pk": "HASH", "sk": "RANGE"}
        client("dynamodb").create_table(
            TableName="videos",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        )
        write()
        yield


def client(service: str) -> Any:
    make: Any = boto3.client  # its stubs know services as literals only
    return make(service)


def write(**changes: Any) -> None:
    item = {
        "state": "published",
        "verdict": "allow",
        "upload_token": TOKEN,
        "source_key": f"raw/ann/{ID}.mp4",
        "picture": PICTURE.as_item(),
        **changes,
    }
    boto3.resource("dynamodb").Table("videos").put_item(Item={**videos.record_key(ID), **item})


def record() -> dict[str, Any]:
    return videos.read(videos.table(), ID)


def codec(name: str = "hevc") -> dict[str, Any]:
    return dict(record().get(f"codec_{name}", {}))


def heard() -> list[tuple[str, dict[str, str]]]:
    url = client("sqs").get_queue_url(QueueName="heard")["QueueUrl"]
    found = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    bodies = [json.loads(one["Body"]) for one in found]
    return [(body["detail-type"], body["detail"]) for body in bodies]


def jobs() -> list[Any]:
    return list(client("mediaconvert").list_jobs()["Jobs"])


def earned(name: str = "hevc") -> dict[str, str]:
    return reencode.handler({"time": NOW, "detail": {"videoId": ID, "codec": name}}, object())


def ended(status: str = "COMPLETE", **more: Any) -> dict[str, str]:
    about = {"workflow": "reelplan-test", "videoId": ID, "uploadToken": TOKEN, "codec": "hevc"}
    group = {
        "type": "CMAF_GROUP",
        "playlistFilePaths": [f"{PLAYED}.mpd", f"{PLAYED}.m3u8"],
        "outputDetails": [{"durationInMs": 15_500, "videoDetails": {"widthInPx": 1080, "heightInPx": 1920}}],
    }
    detail = {"jobId": "j1", "status": status, "userMetadata": about, "outputGroupDetails": [group], **more}
    return complete.handler({"time": NOW, "detail": detail}, object())


def transcoded() -> dict[str, str]:
    detail = {"videoId": ID, "uploadToken": TOKEN, "codec": "hevc"}
    return publish.handler({"detail-type": "Codec Transcoded", "time": NOW, "detail": detail}, object())


def seen(*numbers: int, video: str = ID, kind: str = "view", shard: str = "0") -> dict[str, int]:
    def one(number: int) -> dict[str, Any]:
        said = json.dumps({"video_id": video, "kind": kind, "country": ("DE", "FR")[number % 2]}).encode()
        kinesis = {"data": base64.b64encode(said).decode(), "sequenceNumber": str(number)}
        return {
            "eventID": f"shardId-{shard}:{number}",
            "kinesis": {**kinesis, "approximateArrivalTimestamp": ARRIVED},
        }

    return views.handler({"Records": [one(number) for number in numbers]}, object())


@pytest.mark.usefixtures("account")
def test_a_codec_is_told_of_at_its_threshold_and_once() -> None:
    seen(1, 2)
    assert heard() == []
    seen(3)
    assert heard() == [("Codec Earned", {"codec": "hevc", "uploadToken": "", "videoId": ID})]
    seen(4)
    assert heard() == []


@pytest.mark.usefixtures("account")
def test_only_views_count_and_no_batch_counts_twice() -> None:
    seen(1, 2, 3, kind="like")
    seen(1, 2)
    seen(1, 2)
    assert heard() == []
    # Another shard counts by itself.
    seen(1, shard="1")
    assert [detail["codec"] for _, detail in heard()] == ["hevc"]


@pytest.mark.usefixtures("account")
def test_a_count_that_could_not_be_told_is_told_at_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(views, "tell", lambda *_, **__: pytest.fail("the function is killed here"))
        with pytest.raises(pytest.fail.Exception):
            seen(1, 2, 3)
    seen(1, 2, 3)
    assert [detail["codec"] for _, detail in heard()] == ["hevc"]


@pytest.mark.usefixtures("account")
def test_a_count_expires_with_the_original() -> None:
    seen(1)
    item = videos.table().get_item(Key=views.key(ID))["Item"]
    # 30 days of 86,400 seconds after the last view.
    assert (item["views"], item["expires_at"]) == (1, ARRIVED + 2_592_000)


@pytest.mark.usefixtures("account")
def test_an_earned_codec_is_one_job_from_the_original_that_gives_way_to_uploads() -> None:
    assert earned()["state"] == "transcoding"
    assert earned()["state"] == "unchanged"
    (job,) = jobs()
    assert [one["FileInput"] for one in job["Settings"]["Inputs"]] == [f"s3://raw-of-a-test/raw/ann/{ID}.mp4"]
    assert job["Priority"] < 0
    assert (job["UserMetadata"]["codec"], codec()["state"], codec()["job_id"]) == ("hevc", "transcoding", job["Id"])


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    "changes",
    [
        {"state": "rejected"},
        {"state": "erased"},
        {"state": "moderating"},
        {"verdict": "review"},
        {"codec_hevc": {"state": "published"}},
        {"codec_hevc": {"state": "failed"}},
    ],
)
def test_only_a_published_and_cleared_video_earns_a_codec(changes: dict[str, Any]) -> None:
    write(**changes)
    assert earned()["state"] == "unchanged"
    assert jobs() == []


@pytest.mark.usefixtures("account")
def test_a_codec_that_the_stack_does_not_make_any_more_is_left_alone() -> None:
    assert earned("vp9")["state"] == "unchanged"
    assert "codec_vp9" not in record()


@pytest.mark.usefixtures("account")
def test_a_claim_that_died_half_way_is_taken_up() -> None:
    write(codec_hevc={"state": "submitting", "earned_at": NOW})
    assert earned()["state"] == "transcoding"


@pytest.mark.usefixtures("account")
def test_the_end_of_the_job_is_noted_and_told_and_the_video_stays_published() -> None:
    earned()
    assert ended()["state"] == "transcoded"
    assert record()["state"] == "published"
    assert heard() == [("Codec Transcoded", {"codec": "hevc", "uploadToken": TOKEN, "videoId": ID})]


@pytest.mark.usefixtures("account")
def test_a_failed_job_fails_the_codec_and_not_the_video() -> None:
    earned()
    assert ended("ERROR", errorMessage="the original is gone")["state"] == "failed"
    assert (record()["state"], codec()["reason"], heard()) == ("published", "the original is gone", [])


@pytest.mark.usefixtures("account")
def test_the_files_of_a_codec_reach_the_viewers_and_the_session_names_them() -> None:
    for name in ("dance.m3u8", "dance.mpd", "dance_1080p_1.cmfv"):
        client("s3").put_object(Bucket=RENDITIONS, Key=f"review/{ID}/{TOKEN}/hevc/{name}", Body=b"x")
    earned()
    ended()
    assert transcoded() == {"video_id": ID, "codec": "hevc", "state": "published", "files": "3"}
    assert transcoded()["state"] == "unchanged"
    listed = client("s3").list_objects_v2(Bucket=RENDITIONS, Prefix="v/")["Contents"]
    assert [one["Key"] for one in listed] == [
        f"v/{ID}/hevc/{name}" for name in sorted(("dance.m3u8", "dance.mpd", "dance_1080p_1.cmfv"))
    ]
    assert session.codecs(record()) == {"hevc": {"hls": f"/v/{ID}/hevc/{ID}.m3u8", "dash": f"/v/{ID}/hevc/{ID}.mpd"}}


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("state", ["submitting", "transcoding", "failed"])
def test_a_codec_that_is_not_ready_is_not_copied(state: str) -> None:
    client("s3").put_object(Bucket=RENDITIONS, Key=f"review/{ID}/{TOKEN}/hevc/a.cmfv", Body=b"x")
    write(codec_hevc={"state": state})
    assert transcoded()["state"] == "unchanged"
    assert client("s3").list_objects_v2(Bucket=RENDITIONS, Prefix="v/")["KeyCount"] == 0


@pytest.mark.usefixtures("account")
def test_a_codec_of_a_video_that_was_erased_meanwhile_leaves_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    client("s3").put_object(Bucket=RENDITIONS, Key=f"review/{ID}/{TOKEN}/hevc/a.cmfv", Body=b"x")
    earned()
    ended()
    copy_files = publish.copy_files

    def erased_meanwhile(*args: str) -> list[str]:
        copied = copy_files(*args)
        write(state="erased")
        return copied

    monkeypatch.setattr(publish, "copy_files", erased_meanwhile)
    assert transcoded()["state"] == "erased"
    assert client("s3").list_objects_v2(Bucket=RENDITIONS, Prefix="v/")["KeyCount"] == 0


# ---- the story: the components as they are, on moto ----

MakeProject = Callable[..., Path]

PROGRAM = """
from infra.components.codecs import EarnedCodecs, EarnedCodecsArgs
from infra.components.events import Events, EventsArgs
from infra.components.moderation import Moderation, ModerationArgs
from infra.components.publishing import Publishing, PublishingArgs
from infra.components.storage import MediaArgs, MediaStorage
from infra.components.transcoding import Transcoding, TranscodingArgs
from infra.ladder import earned_ladder_document, ladder_document
from infra.naming import Naming

naming = Naming(pulumi.get_project(), pulumi.get_stack())
account, region = aws.get_caller_identity_output().account_id, aws.get_region_output().region
rungs = ("480p", "720p", "1080p")
storage = MediaStorage("media", naming, MediaArgs(raw_retention_days=30, review_days=14))
storage.renditions.grant()
events = Events("events", naming, EventsArgs(archive_days=7))
transcoding = Transcoding(
    "transcoding",
    naming,
    TranscodingArgs(
        account=account,
        region=region,
        storage=storage,
        ladder=ladder_document(rungs, mp4="720p", segment_seconds=2),
        sampling=None,
        reserved_slots=2,
        hop_minutes=10,
        events=events,
        log_retention_days=7,
    ),
)
limits = {"Violence": {"review": 60}}
parts = ("video", "caption", "speech")
Moderation("moderation", naming, ModerationArgs(account, region, parts, limits, storage, events, 7))
Publishing("publishing", naming, PublishingArgs(storage, events, 7))
EarnedCodecs(
    "earned-codecs",
    naming,
    EarnedCodecsArgs(
        storage=storage,
        transcoding=transcoding,
        events=events,
        stream=aws.kinesis.Stream("interactions", stream_mode_details={"stream_mode": "ON_DEMAND"}),
        views={"hevc": 3, "av1": 6},
        ladders={one.lower(): earned_ladder_document(one, rungs, segment_seconds=2) for one in ("HEVC", "AV1")},
        keep_days=30,
        log_retention_days=7,
    ),
)
pulumi.export("videosTable", storage.videos.name)
pulumi.export("eventBus", events.bus.name)
"""


def late(travel: Travel) -> str:
    """Another video, whose original has expired when it earns a codec."""
    stories.send(travel, "test-late")
    travel.client("s3").delete_object(Bucket=travel.raw, Key="raw/exercise/test-late.mp4")
    with pytest.raises(Stopped, match="nobody put 'Codec Transcoded'"):
        codecs.add(travel, "test-late", "hevc", LADDERS["hevc"], partial(codecs.tell, travel, "test-late", "hevc"))
    record = travel.video("test-late")
    assert "HeadObject failed" in record["codec_hevc"]["reason"]
    return f"{record['state']}, {record['codec_hevc']['state']}"


def published(travel: Travel) -> str:
    """A clean video, at which Rekognition looks as a whole: every function on the way may do what it does.

    The slots that are paid for come first, and the queue on demand after ten minutes.
    """
    stories.send(travel, "test-flagged")
    for name in ("moderate", "judge", "hear"):
        (entry,) = (one for one in travel.delivery.journal if one.what == "invoked" and one.target.endswith(name))
        require_permissions(travel, entry)
    (job,) = travel.jobs(upload_key("test-flagged"))
    hops = [(name_of(one["Queue"]), one["WaitMinutes"]) for one in job["HopDestinations"]]
    assert (name_of(job["Queue"]), hops) == ("tiny-dev-transcode-reserved", [("tiny-dev-transcode", 10)])
    return str(travel.video("test-flagged")["state"])


def held(travel: Travel) -> str:
    """One with something doubtful in it."""
    stories.send(travel, "test-held", "Violence=81.5")
    return f"{travel.video('test-held')['state']}, {len(travel.files('v', 'test-held'))} files published"


def test_the_whole_video_is_looked_at_and_codecs_come_beside_what_is_published(make_project: MakeProject) -> None:
    with Session(load_stack(make_project(PROGRAM), "dev")) as opened:
        opened.provision()
        steps = (
            ("clean", published, True),
            ("doubtful", held, True),
            ("earn", codecs.earn, True),
            ("late", late, True),
        )
        journey = exercise(opened, run="test", steps=steps)
    assert [(step.evidence, step.diagnosis) for step in journey.steps] == [
        ("published", ()),
        ("held, 0 files published", ()),
        ("hevc after 3 views, av1 after 6 views, beside what was there; asked for twice, made once", ()),
        ("published, failed", ()),
    ]
