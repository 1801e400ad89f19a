from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus
from urllib.request import Request, urlopen
from xml.etree import ElementTree as ET

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import backend_index, mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.events.models import Rule
from moto.moto_api import state_manager
from moto.server import ThreadedMotoServer

import infra.emulator
from infra.emulator import mediaconvert
from infra.emulator.mediaconvert import merging, models, outputs, plugin
from infra.emulator.mediaconvert.responses import NOT_EMULATED, MediaConvertResponse

DATA = Path(infra.emulator.__file__).parent / "data"
REGION = "eu-central-1"
ROLE = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/transcoder"
OTHER_ACCOUNT = "111122223333"

Clients = Callable[..., Any]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    mediaconvert.install()
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    yield "http://{}:{}".format(*running.get_host_and_port())
    running.stop()


def dummy_session(region: str) -> boto3.Session:
    return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=region)


def client_factory(endpoint: str | None, made: dict[tuple[str, str], Any]) -> Clients:
    def client(service: str, region: str = REGION) -> Any:
        if (service, region) not in made:
            once = Config(retries={"total_max_attempts": 1})
            made[service, region] = dummy_session(region).client(service, endpoint_url=endpoint, config=once)  # type: ignore[call-overload]  # any service
        return made[service, region]

    return client


@pytest.fixture(params=["in process", "server"])
def aws(request: pytest.FixtureRequest) -> Iterator[Clients]:
    """boto3 clients of an empty moto: inside this process, or behind a server's port."""
    mediaconvert.install()
    made: dict[tuple[str, str], Any] = {}
    if request.param == "in process":
        with mock_aws():
            yield client_factory(None, made)
    else:
        endpoint = request.getfixturevalue("server")
        with urlopen(Request(f"{endpoint}/moto-api/reset", method="POST")) as answer:
            assert answer.status == 200
        yield client_factory(endpoint, made)
    for client in made.values():
        client.close()


@pytest.fixture
def local() -> Iterator[Clients]:
    mediaconvert.install()
    made: dict[tuple[str, str], Any] = {}
    with mock_aws():
        yield client_factory(None, made)
    for client in made.values():
        client.close()


# ---- a small platform: two buckets, a role, a queue of events ----


def statement(action: str, bucket: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": f"arn:aws:s3:::{bucket}/*"}


def make_role(aws: Clients, *statements: dict[str, Any], **trusting: Any) -> None:
    service = {"Service": "mediaconvert.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole", **trusting}
    iam = aws("iam")
    iam.create_role(RoleName="transcoder", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    allowed = statements or (statement("s3:GetObject", "raw"), statement("s3:PutObject", "out"))
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(allowed)})
    iam.put_role_policy(RoleName="transcoder", PolicyName="media", PolicyDocument=policy)


def make_buckets(aws: Clients, clip: str = "clip.mp4") -> None:
    s3 = aws("s3")
    for name in ("raw", "out"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="raw", Key="u/a.mp4", Body=(DATA / clip).read_bytes())


def listen(aws: Clients, region: str = REGION, first_target: str | None = None) -> str:
    url = aws("sqs", region).create_queue(QueueName="events")["QueueUrl"]
    targets = [{"Id": "queue", "Arn": f"arn:aws:sqs:{region}:{DEFAULT_ACCOUNT_ID}:events"}]
    if first_target:
        targets.insert(0, {"Id": "first", "Arn": first_target})
    events = aws("events", region)
    events.put_rule(Name="media", EventPattern=json.dumps({"source": ["aws.mediaconvert"]}))
    events.put_targets(Rule="media", Targets=targets)
    return str(url)


def heard(aws: Clients, url: str, region: str = REGION) -> list[dict[str, Any]]:
    sqs, found = aws("sqs", region), []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def h264(**size: Any) -> dict[str, Any]:
    qvbr = {"RateControlMode": "QVBR", "MaxBitrate": 3_000_000, "QvbrSettings": {"QvbrQualityLevel": 7}}
    return {**size, "CodecSettings": {"Codec": "H_264", "H264Settings": qvbr}}


def aac() -> list[dict[str, Any]]:
    settings = {"Bitrate": 128_000, "CodingMode": "CODING_MODE_2_0", "SampleRate": 48_000}
    return [{"CodecSettings": {"Codec": "AAC", "AacSettings": settings}}]


def group(kind: str, settings: dict[str, Any], *made: dict[str, Any]) -> dict[str, Any]:
    member = {"CMAF": "CmafGroupSettings", "FILE": "FileGroupSettings", "HLS": "HlsGroupSettings"}
    member["DASH_ISO"] = "DashIsoGroupSettings"
    return {
        "OutputGroupSettings": {"Type": f"{kind}_GROUP_SETTINGS", member[kind]: settings},
        "Outputs": [copy.deepcopy(output) for output in made],
    }


MP4 = {
    "NameModifier": "_480",
    "ContainerSettings": {"Container": "MP4"},
    "VideoDescription": h264(Width=480),
    "AudioDescriptions": aac(),
}
CMAF_VIDEO = {
    "NameModifier": "_720",
    "ContainerSettings": {"Container": "CMFC"},
    "VideoDescription": h264(Width=720, Height=1280),
}
CMAF_AUDIO = {"NameModifier": "_audio", "ContainerSettings": {"Container": "CMFC"}, "AudioDescriptions": aac()}
POSTER = {
    "NameModifier": "_poster",
    "ContainerSettings": {"Container": "RAW"},
    "VideoDescription": {
        "CodecSettings": {
            "Codec": "FRAME_CAPTURE",
            "FrameCaptureSettings": {"FramerateNumerator": 1, "FramerateDenominator": 2},
        }
    },
}


def settings(*groups: dict[str, Any], rotate: str = "AUTO") -> dict[str, Any]:
    chosen = groups or (group("FILE", {"Destination": "s3://out/v/"}, MP4),)
    job_input = {
        "FileInput": "s3://raw/u/a.mp4",
        "VideoSelector": {"Rotate": rotate},
        "AudioSelectors": {"Audio Selector 1": {"DefaultSelection": "DEFAULT"}},
    }
    return {"Inputs": [job_input], "OutputGroups": list(chosen)}


def submit(aws: Clients, *groups: dict[str, Any], rotate: str = "AUTO", **request: Any) -> dict[str, Any]:
    made = aws("mediaconvert").create_job(Role=ROLE, Settings=settings(*groups, rotate=rotate), **request)
    job: dict[str, Any] = made["Job"]
    return job


def run(aws: Clients, *groups: dict[str, Any], rotate: str = "AUTO") -> dict[str, Any]:
    """Submit a job and look at it until it has ended."""
    job = submit(aws, *groups, rotate=rotate)
    client = aws("mediaconvert")
    while job["Status"] in ("SUBMITTED", "PROGRESSING"):
        job = client.get_job(Id=job["Id"])["Job"]
    return job


def refused(call: Callable[..., Any], **request: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as raised:
        call(**request)
    answer = raised.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def written(aws: Clients) -> dict[str, bytes]:
    s3 = aws("s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket="out").get("Contents", [])]
    return {key: s3.get_object(Bucket="out", Key=key)["Body"].read() for key in keys}


# ---- moto's hooks ----


def test_moto_still_has_every_hook_of_the_plugin() -> None:
    assert plugin.missing_hooks() == []


def test_a_missing_hook_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(plugin.BaseBackend, "_url_module")
    monkeypatch.delattr(plugin.BaseResponse, "serialized")
    with pytest.raises(plugin.PluginError, match="_url_module gives the URLs; BaseResponse serialises"):
        mediaconvert.install()


def test_installing_twice_adds_one_pattern() -> None:
    mediaconvert.install()
    mediaconvert.install()
    patterns = [service for service, _ in backend_index.backend_url_patterns]
    assert patterns.count("mediaconvert") == 1


def test_every_operation_of_the_model_is_served_or_named_with_a_reason() -> None:
    model = botocore.session.get_session().get_service_model("mediaconvert")
    served = {name for name in model.operation_names if hasattr(MediaConvertResponse, botocore.xform_name(name))}
    assert served | set(NOT_EMULATED) == set(model.operation_names)
    assert not served & set(NOT_EMULATED)


def test_nothing_of_one_mock_is_left_for_the_next() -> None:
    mediaconvert.install()
    for _ in range(2):
        with mock_aws():
            made: dict[tuple[str, str], Any] = {}
            client = client_factory(None, made)("mediaconvert")
            assert [queue["Name"] for queue in client.list_queues()["Queues"]] == ["Default"]
            client.create_queue(Name="mine")
            client.close()


# ---- queues ----


def test_life_of_a_queue(aws: Clients) -> None:
    client = aws("mediaconvert")
    made = client.create_queue(Name="uploads", Description="d", ConcurrentJobs=5, Tags={"app": "x"})
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    queue = made["Queue"]
    assert queue["Arn"] == f"arn:aws:mediaconvert:{REGION}:{DEFAULT_ACCOUNT_ID}:queues/uploads"
    assert (queue["Status"], queue["PricingPlan"], queue["Type"]) == ("ACTIVE", "ON_DEMAND", "CUSTOM")
    assert (queue["SubmittedJobsCount"], queue["ProgressingJobsCount"]) == (0, 0)
    assert client.update_queue(Name="uploads", Status="PAUSED")["Queue"]["Status"] == "PAUSED"
    read = client.get_queue(Name="uploads")["Queue"]
    assert (read["Status"], read["Description"], read["ConcurrentJobs"]) == ("PAUSED", "d", 5)
    assert [item["Name"] for item in client.list_queues()["Queues"]] == ["Default", "uploads"]
    assert [item["Name"] for item in client.list_queues(Order="DESCENDING")["Queues"]] == ["uploads", "Default"]
    assert [item["Name"] for item in client.list_queues(ListBy="CREATION_DATE")["Queues"]] == ["Default", "uploads"]
    assert client.delete_queue(Name="uploads")["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert refused(client.get_queue, Name="uploads") == ("NotFoundException", 404, "The queue uploads was not found.")


def test_a_reserved_queue_has_a_plan_for_a_year_and_stays(aws: Clients) -> None:
    client = aws("mediaconvert")
    plan = {"Commitment": "ONE_YEAR", "RenewalType": "AUTO_RENEW", "ReservedSlots": 2}
    queue = client.create_queue(Name="r", PricingPlan="RESERVED", ReservationPlanSettings=plan)["Queue"]
    reservation = queue["ReservationPlan"]
    assert (reservation["ReservedSlots"], reservation["Status"]) == (2, "ACTIVE")
    assert reservation["ExpiresAt"] - reservation["PurchasedAt"] == timedelta(days=365)
    more = client.update_queue(Name="r", ReservationPlanSettings={**plan, "ReservedSlots": 3})["Queue"]
    assert more["ReservationPlan"]["ReservedSlots"] == 3
    assert refused(client.delete_queue, Name="r")[:2] == ("ConflictException", 409)
    assert refused(client.create_queue, Name="s", PricingPlan="RESERVED")[::2] == (
        "BadRequestException",
        "/: reservationPlanSettings is a required property",
    )
    assert refused(client.update_queue, Name="Default", ReservationPlanSettings=plan)[:2] == (
        "BadRequestException",
        400,
    )


def test_queues_that_cannot_be_made_or_deleted(aws: Clients) -> None:
    client = aws("mediaconvert")
    client.create_queue(Name="uploads")
    assert refused(client.create_queue, Name="uploads")[:2] == ("ConflictException", 409)
    assert refused(client.create_queue, Name="q", PricingPlan="FREE") == (
        "BadRequestException",
        400,
        "/pricingPlan: Should be one of ON_DEMAND, RESERVED, found 'FREE'",
    )
    assert refused(client.delete_queue, Name="Default")[:2] == ("ConflictException", 409)
    assert refused(client.delete_queue, Name="nothing")[:2] == ("NotFoundException", 404)
    submit(aws, Queue="uploads")
    assert refused(client.delete_queue, Name="uploads")[:2] == ("ConflictException", 409)


# ---- templates, presets ----


def test_life_of_a_template_and_a_preset(aws: Clients) -> None:
    client = aws("mediaconvert")
    template = {"OutputGroups": [group("FILE", {"Destination": "s3://out/v/"}, MP4)]}
    preset = {"ContainerSettings": {"Container": "MP4"}, "VideoDescription": h264(Width=480)}
    made = client.create_job_template(Name="t", Category="short", Settings=template, Tags={"a": "1"})["JobTemplate"]
    assert made["Arn"].endswith(":jobTemplates/t")
    assert client.create_preset(Name="p", Settings=preset)["Preset"]["Arn"].endswith(":presets/p")
    assert client.update_job_template(Name="t", Priority=5)["JobTemplate"]["Priority"] == 5
    assert client.update_preset(Name="p", Description="d")["Preset"]["Description"] == "d"
    assert client.get_job_template(Name="t")["JobTemplate"]["Settings"] == template
    assert client.get_preset(Name="p")["Preset"]["Settings"] == preset
    assert [item["Name"] for item in client.list_job_templates(Category="short")["JobTemplates"]] == ["t"]
    assert client.list_job_templates(Category="long")["JobTemplates"] == []
    assert client.list_presets(ListBy="SYSTEM")["Presets"] == []
    assert [item["Name"] for item in client.list_presets()["Presets"]] == ["p"]
    assert refused(client.create_job_template, Name="t", Settings=template)[:2] == ("ConflictException", 409)
    client.delete_job_template(Name="t")
    client.delete_preset(Name="p")
    assert refused(client.get_job_template, Name="t")[:2] == ("NotFoundException", 404)
    assert refused(client.get_preset, Name="p")[:2] == ("NotFoundException", 404)


def test_a_job_takes_what_it_does_not_say_from_template_and_preset(aws: Clients) -> None:
    client = aws("mediaconvert")
    preset = {"ContainerSettings": {"Container": "MP4"}, "VideoDescription": h264(Width=480)}
    client.create_preset(Name="small", Settings=preset)
    under = settings(group("FILE", {"Destination": "s3://out/t/"}, {"Preset": "small", "NameModifier": "_s"}))
    del under["Inputs"][0]["FileInput"]
    client.create_job_template(Name="t", Settings=under, Priority=7)
    own = {"Inputs": [{"FileInput": "s3://raw/u/a.mp4"}]}
    job = client.create_job(Role=ROLE, JobTemplate="t", Settings=own)["Job"]
    assert (job["JobTemplate"], job["Priority"]) == ("t", 7)
    assert job["Settings"]["Inputs"][0]["FileInput"] == "s3://raw/u/a.mp4"
    assert job["Settings"]["Inputs"][0]["VideoSelector"] == {"Rotate": "AUTO"}
    assert job["Settings"]["OutputGroups"][0]["Outputs"][0]["ContainerSettings"] == {"Container": "MP4"}
    assert refused(client.create_job, Role=ROLE, JobTemplate="none", Settings=own)[:2] == ("NotFoundException", 404)


def test_merging_keeps_what_only_one_side_has() -> None:
    assert merging.merge({"a": {"x": 1}, "l": [1, 2]}, {"a": {"y": 2}, "l": [3]}) == {"a": {"x": 1, "y": 2}, "l": [3]}


# ---- jobs ----


def test_life_of_a_job(aws: Clients) -> None:
    make_role(aws)
    make_buckets(aws)
    client = aws("mediaconvert")
    job = submit(aws, UserMetadata={"videoId": "a"}, Tags={"app": "x"}, Priority=3)
    assert (job["Status"], job["Priority"], job["Role"]) == ("SUBMITTED", 3, ROLE)
    assert job["Queue"].endswith(":queues/Default")
    states = [client.get_job(Id=job["Id"])["Job"]["Status"] for _ in range(3)]
    assert states == ["PROGRESSING", "COMPLETE", "COMPLETE"]
    done = client.get_job(Id=job["Id"])["Job"]
    assert done["Timing"]["SubmitTime"] <= done["Timing"]["StartTime"] <= done["Timing"]["FinishTime"]
    assert done["UserMetadata"] == {"videoId": "a"}
    # 1080x1920 scaled to a width of 480 keeps its shape: 480 x 853.3, rounded to the even 854.
    details = {"DurationInMs": 6000, "VideoDetails": {"WidthInPx": 480, "HeightInPx": 854}}
    assert done["OutputGroupDetails"] == [{"OutputDetails": [details]}]
    assert list(written(aws)) == ["v/a_480.mp4"]


def test_lists_of_jobs_are_filtered_ordered_and_paged(aws: Clients) -> None:
    client = aws("mediaconvert")
    client.create_queue(Name="other", Status="PAUSED")
    first, second, third = (submit(aws, Queue=queue)["Id"] for queue in ("other", "other", "Default"))
    client.cancel_job(Id=second)

    def ids(**request: Any) -> list[str]:
        return [job["Id"] for job in client.list_jobs(**request)["Jobs"]]

    assert ids() == [third, second, first]
    assert ids(Order="ASCENDING") == [first, second, third]
    assert ids(Queue="other") == [second, first]
    assert ids(Status="CANCELED") == [second]
    assert ids(Queue=f"arn:aws:mediaconvert:{REGION}:{DEFAULT_ACCOUNT_ID}:queues/other", Status="SUBMITTED") == [first]
    assert [job["Id"] for job in client.search_jobs(InputFile="u/a.mp4", Queue="other")["Jobs"]] == [second, first]
    assert client.search_jobs(InputFile="none")["Jobs"] == []
    assert [len(part["Jobs"]) for part in client.get_paginator("list_jobs").paginate(MaxResults=2)] == [2, 1]
    assert refused(client.list_jobs, NextToken="x")[:2] == ("BadRequestException", 400)


def test_a_paused_queue_holds_its_jobs(aws: Clients) -> None:
    make_role(aws)
    make_buckets(aws)
    client = aws("mediaconvert")
    running = submit(aws)["Id"]
    assert client.get_job(Id=running)["Job"]["Status"] == "PROGRESSING"
    client.update_queue(Name="Default", Status="PAUSED")
    held = submit(aws)["Id"]
    assert {client.get_job(Id=held)["Job"]["Status"] for _ in range(3)} == {"SUBMITTED"}
    assert client.get_queue(Name="Default")["Queue"]["SubmittedJobsCount"] == 1
    # What runs, runs to its end.
    assert client.get_job(Id=running)["Job"]["Status"] == "COMPLETE"
    client.update_queue(Name="Default", Status="ACTIVE")
    assert [client.get_job(Id=held)["Job"]["Status"] for _ in range(2)] == ["PROGRESSING", "COMPLETE"]


def test_a_job_that_waits_too_long_hops_to_another_queue(local: Clients) -> None:
    backend = mediaconvert.backend(DEFAULT_ACCOUNT_ID, REGION)
    start = datetime(2027, 1, 1, tzinfo=UTC)
    backend.clock = lambda: start
    make_role(local)
    make_buckets(local)
    client = local("mediaconvert")
    made = client.create_queue(Name="busy", Status="PAUSED")["Queue"]["Arn"]
    hop = {"Queue": "Default", "WaitMinutes": 10, "Priority": 5}
    job = submit(local, Queue="busy", HopDestinations=[hop])["Id"]
    backend.clock = lambda: start + timedelta(minutes=10) - timedelta(seconds=1)
    assert backend.finish_jobs() == []
    backend.clock = lambda: start + timedelta(minutes=10)
    (ended,) = backend.finish_jobs()
    assert (ended["Id"], ended["Status"], ended["Priority"]) == (job, "COMPLETE", 5)
    ((source, destination),) = (
        (one["SourceQueue"], one["DestinationQueue"]) for one in client.get_job(Id=job)["Job"]["QueueTransitions"]
    )
    assert (source, destination) == (made, made.replace("/busy", "/Default"))


def test_cancelling(aws: Clients) -> None:
    make_role(aws)
    make_buckets(aws)
    url = listen(aws)
    client = aws("mediaconvert")
    job = submit(aws)["Id"]
    assert client.cancel_job(Id=job)["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert client.get_job(Id=job)["Job"]["Status"] == "CANCELED"
    assert [event["detail"]["status"] for event in heard(aws, url)] == ["CANCELED"]
    assert refused(client.cancel_job, Id=job)[:2] == ("ConflictException", 409)
    assert refused(client.cancel_job, Id="1-a")[:2] == ("NotFoundException", 404)
    assert written(aws) == {}


def test_a_request_token_stands_for_one_job_for_a_minute(local: Clients) -> None:
    backend = mediaconvert.backend(DEFAULT_ACCOUNT_ID, REGION)
    start = datetime(2027, 1, 1, tzinfo=UTC)
    backend.clock = lambda: start
    first = submit(local, ClientRequestToken="t")["Id"]
    assert submit(local, ClientRequestToken="u")["Id"] != first
    backend.clock = lambda: start + timedelta(seconds=59)
    assert submit(local, ClientRequestToken="t")["Id"] == first
    backend.clock = lambda: start + timedelta(seconds=60)
    assert submit(local, ClientRequestToken="t")["Id"] != first


def test_a_refused_job_says_all_that_is_wrong(aws: Clients) -> None:
    client = aws("mediaconvert")
    bad = settings(group("FILE", {"Destination": "s3://out/v/"}, {"NameModifier": "_x", "VideoDescription": h264()}))
    del bad["OutputGroups"][0]["Outputs"][0]["VideoDescription"]["CodecSettings"]["H264Settings"]["MaxBitrate"]
    code, status, message = refused(client.create_job, Role="transcoder", Settings=bad, Priority=99)
    assert (code, status) == ("BadRequestException", 400)
    assert message.splitlines() == [
        "/priority: Should be at most 50, found 99",
        "/role: Should be the ARN of an IAM role, arn:aws:iam::<account>:role/<name>, found 'transcoder'",
        "/outputGroups/0/outputs/0: containerSettings is a required property",
        "/outputGroups/0/outputs/0/videoDescription/codecSettings/h264Settings: maxBitrate is a required property",
    ]
    assert client.list_jobs()["Jobs"] == []


def test_an_unknown_queue_is_refused(aws: Clients) -> None:
    client = aws("mediaconvert")
    code, status, message = refused(client.create_job, Role=ROLE, Settings=settings(), Queue="none")
    assert (code, status) == ("BadRequestException", 400)
    assert message == "/queue: Should be a queue of this account and region (Default), found none"
    elsewhere = f"arn:aws:mediaconvert:us-east-1:{DEFAULT_ACCOUNT_ID}:queues/Default"
    assert refused(client.create_job, Role=ROLE, Settings=settings(), Queue=elsewhere)[1] == 400


@pytest.mark.parametrize(
    ("change", "limit"),
    [
        (
            lambda job: job["Inputs"][0].update(InputClippings=[{"EndTimecode": "00:00:01:00"}]),
            "inputs[0].InputClippings",
        ),
        (
            lambda job: job["OutputGroups"][0]["Outputs"][0].update(NameModifier="$dt$"),
            "format identifiers in NameModifier",
        ),
        (
            lambda job: job["OutputGroups"][0]["OutputGroupSettings"]["FileGroupSettings"].update(
                Destination="s3://out/$d$/"
            ),
            "format identifiers in Destination",
        ),
    ],
)
def test_what_is_not_emulated_is_refused_not_ignored(
    local: Clients, change: Callable[[dict[str, Any]], None], limit: str
) -> None:
    job = settings()
    change(job)
    message = refused(local("mediaconvert").create_job, Role=ROLE, Settings=job)[2]
    assert message.startswith("Known to the service, not to this emulator: ")
    assert limit in message


# ---- how a job fails ----


def failure(aws: Clients, *groups: dict[str, Any]) -> tuple[int, str]:
    url = listen(aws)
    job = run(aws, *groups)
    assert job["Status"] == "ERROR"
    last = heard(aws, url)[-1]["detail"]
    assert (last["status"], last["errorCode"], last["errorMessage"]) == ("ERROR", job["ErrorCode"], job["ErrorMessage"])
    assert "outputGroupDetails" not in last
    return job["ErrorCode"], job["ErrorMessage"]


def test_a_missing_input(aws: Clients) -> None:
    make_role(aws)
    make_buckets(aws)
    aws("s3").delete_object(Bucket="raw", Key="u/a.mp4")
    assert failure(aws) == (
        1404,
        "Unable to open input file [s3://raw/u/a.mp4]: [Failed probe/open: [Can't read input stream: "
        "[Failed to read data: HeadObject failed]]]",
    )


def test_a_missing_input_bucket(local: Clients) -> None:
    make_role(local)
    assert failure(local)[0] == 1404


@pytest.mark.parametrize(
    ("body", "code", "reason"),
    [
        ((DATA / "broken.mp4").read_bytes(), 1075, "[no moov box found in file]"),
        ((DATA / "clip.mp4").read_bytes()[:60_000], 1076, "Is file truncated?"),
        (b"no video at all", 1010, "[No parser found for container]"),
    ],
)
def test_an_unreadable_input(local: Clients, body: bytes, code: int, reason: str) -> None:
    make_role(local)
    make_buckets(local)
    local("s3").put_object(Bucket="raw", Key="u/a.mp4", Body=body)
    found = failure(local)
    assert found[0] == code
    assert reason in found[1]


def test_an_input_without_picture(local: Clients) -> None:
    make_role(local)
    make_buckets(local)
    silence = (
        b"RIFF\x24\x08\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00"
    )
    local("s3").put_object(Bucket="raw", Key="u/a.mp4", Body=silence + b"data\x00\x08\x00\x00" + bytes(2048))
    assert failure(local)[0] == 1020


def test_a_role_that_does_not_exist(aws: Clients) -> None:
    make_buckets(aws)
    assert failure(aws)[0] == 1433


@pytest.mark.parametrize(
    "trusting",
    [
        {"Principal": {"Service": "lambda.amazonaws.com"}},
        {"Condition": {"StringEquals": {"aws:SourceAccount": OTHER_ACCOUNT}}},
        {"Condition": {"ArnEquals": {"aws:SourceArn": f"arn:aws:mediaconvert:{REGION}:{DEFAULT_ACCOUNT_ID}:queues/q"}}},
    ],
)
def test_a_role_that_does_not_trust_the_service_for_this_queue(local: Clients, trusting: dict[str, Any]) -> None:
    make_role(local, **trusting)
    make_buckets(local)
    code, message = failure(local)
    assert code == 1434
    assert "trust policy of role transcoder" in message


def test_a_role_that_trusts_the_service_for_this_queue(local: Clients) -> None:
    condition = {
        "StringEquals": {"aws:SourceAccount": DEFAULT_ACCOUNT_ID},
        "ArnLike": {"aws:SourceArn": f"arn:aws:mediaconvert:*:{DEFAULT_ACCOUNT_ID}:queues/Default"},
    }
    make_role(local, Condition=condition)
    make_buckets(local)
    assert run(local)["Status"] == "COMPLETE"


def test_a_role_may_have_its_rights_from_a_managed_policy(local: Clients) -> None:
    make_role(local, statement("s3:GetObject", "raw"))
    make_buckets(local)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement("s3:PutObject", "out")]})
    arn = local("iam").create_policy(PolicyName="write", PolicyDocument=policy)["Policy"]["Arn"]
    local("iam").attach_role_policy(RoleName="transcoder", PolicyArn=arn)
    assert run(local)["Status"] == "COMPLETE"


def test_a_policy_that_cannot_be_judged_is_named_not_guessed(local: Clients) -> None:
    make_role(local, {"Effect": "Allow", "NotAction": "s3:Delete*", "Resource": "*"})
    make_buckets(local)
    code, message = failure(local)
    assert code == 1432
    assert "NotAction is not known to the evaluator" in message


def test_a_role_that_may_not_read(local: Clients) -> None:
    make_role(local, statement("s3:GetObject", "raw-old"), statement("s3:PutObject", "out"))
    make_buckets(local)
    code, message = failure(local)
    assert code == 1401
    assert "Access denied to [s3://raw/u/a.mp4]" in message


def test_a_role_that_may_not_write(local: Clients) -> None:
    make_role(local, statement("s3:GetObject", "raw"), statement("s3:PutObject", "raw"))
    make_buckets(local)
    code, message = failure(local)
    assert code == 1401
    assert message == "Unable to write to output file [s3://out/v/a_480.mp4]: [Failed to write data: Access Denied]"
    assert written(local) == {}


def test_a_destination_that_does_not_exist(local: Clients) -> None:
    make_role(local, statement("s3:*", "*"))
    make_buckets(local)
    assert failure(local, group("FILE", {"Destination": "s3://nowhere/v/"}, MP4))[0] == 1404


def test_an_output_never_replaces_its_input(local: Clients) -> None:
    make_role(local, statement("s3:*", "*"))
    make_buckets(local)
    unnamed = {name: value for name, value in MP4.items() if name != "NameModifier"}
    assert failure(local, group("FILE", {"Destination": "s3://raw/u/a"}, unnamed)) == (
        1040,
        "Duplicate input and output path [s3://raw/u/a.mp4] found in job.",
    )
    assert local("s3").get_object(Bucket="raw", Key="u/a.mp4")["ContentLength"] == (DATA / "clip.mp4").stat().st_size


# ---- events ----


def test_each_change_is_an_event_of_the_documented_shape(aws: Clients) -> None:
    make_role(aws)
    make_buckets(aws)
    url = listen(aws)
    job = run(aws, group("CMAF", {"Destination": "s3://out/v/"}, CMAF_VIDEO, CMAF_AUDIO), group_of_mp4())
    found = heard(aws, url)
    # The service has no event for SUBMITTED.
    assert [event["detail"]["status"] for event in found] == ["PROGRESSING", "INPUT_INFORMATION", "COMPLETE"]
    for event in found:
        assert event["source"] == "aws.mediaconvert"
        assert event["detail-type"] == "MediaConvert Job State Change"
        assert (event["account"], event["region"]) == (DEFAULT_ACCOUNT_ID, REGION)
        assert event["resources"] == [job["Arn"]]
        assert event["id"]
        assert datetime.fromisoformat(event["time"]).tzinfo is not None
        assert event["detail"]["jobId"] == job["Id"]
        assert event["detail"]["queue"] == job["Queue"]
        assert event["detail"]["accountId"] == DEFAULT_ACCOUNT_ID
        assert event["detail"]["userMetadata"] == {}
        assert isinstance(event["detail"]["timestamp"], int)
    assert found[1]["detail"]["inputDetails"] == [
        {
            "id": 1,
            "uri": "s3://raw/u/a.mp4",
            "audio": [{"channels": 2, "codec": "AAC", "language": "UND", "sampleRate": 48000, "streamId": 2}],
            "video": [
                {"bitDepth": 8, "codec": "H_264", "frameRate": 30.0, "height": 1920, "width": 1080, "streamId": 1}
            ],
        }
    ]
    assert found[2]["detail"]["outputGroupDetails"] == [
        {
            "outputDetails": [
                {"durationInMs": 6000, "videoDetails": {"widthInPx": 720, "heightInPx": 1280}},
                {"durationInMs": 6000},
            ],
            "playlistFilePaths": ["s3://out/v/a.mpd", "s3://out/v/a.m3u8"],
            "type": "CMAF_GROUP",
        },
        {
            "outputDetails": [
                {
                    "outputFilePaths": ["s3://out/v/a_480.mp4"],
                    "durationInMs": 6000,
                    "videoDetails": {"widthInPx": 480, "heightInPx": 854},
                }
            ],
            "type": "FILE_GROUP",
        },
    ]


def group_of_mp4() -> dict[str, Any]:
    return group("FILE", {"Destination": "s3://out/v/"}, MP4)


def test_user_metadata_can_select_events(local: Clients) -> None:
    make_role(local)
    make_buckets(local)
    url = listen(local)
    pattern = {"source": ["aws.mediaconvert"], "detail": {"userMetadata": {"stack": ["dev"]}, "status": ["COMPLETE"]}}
    local("events").put_rule(Name="media", EventPattern=json.dumps(pattern))
    for stack in ("dev", "prod"):
        submit(local, UserMetadata={"stack": stack})
    mediaconvert.backend(DEFAULT_ACCOUNT_ID, REGION).finish_jobs()
    assert [event["detail"]["userMetadata"] for event in heard(local, url)] == [{"stack": "dev"}]


def test_a_disabled_rule_hears_nothing(local: Clients) -> None:
    url = listen(local)
    local("events").disable_rule(Name="media")
    local("mediaconvert").cancel_job(Id=submit(local)["Id"])
    assert heard(local, url) == []


def test_a_target_that_moto_cannot_reach_keeps_nothing_from_the_others(local: Clients) -> None:
    url = listen(local, first_target=f"arn:aws:lambda:{REGION}:{DEFAULT_ACCOUNT_ID}:function:done")
    local("mediaconvert").cancel_job(Id=submit(local)["Id"])
    assert [event["detail"]["status"] for event in heard(local, url)] == ["CANCELED"]


def test_an_input_transformer_is_applied(local: Clients) -> None:
    url = listen(local)
    transformer = {"InputPathsMap": {"job": "$.detail.jobId"}, "InputTemplate": '{"ended": "<job>"}'}
    arn = f"arn:aws:sqs:{REGION}:{DEFAULT_ACCOUNT_ID}:events"
    local("events").put_targets(Rule="media", Targets=[{"Id": "queue", "Arn": arn, "InputTransformer": transformer}])
    job = submit(local)["Id"]
    local("mediaconvert").cancel_job(Id=job)
    assert heard(local, url) == [{"ended": job}]


def test_a_handler_that_looks_at_its_job_does_not_move_it(local: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    make_role(local)
    make_buckets(local)
    listen(local)
    seen: list[str] = []
    job = submit(local)["Id"]

    def deliver(rule: object, event: dict[str, Any], transform_input: bool = True) -> None:
        seen.append(event["detail"]["status"] + "/" + local("mediaconvert").get_job(Id=job)["Job"]["Status"])

    monkeypatch.setattr(Rule, "send_to_targets", deliver)
    mediaconvert.backend(DEFAULT_ACCOUNT_ID, REGION).finish_jobs()
    assert seen == ["PROGRESSING/PROGRESSING", "INPUT_INFORMATION/PROGRESSING", "COMPLETE/COMPLETE"]


# ---- moving jobs without requests ----


def test_advance_moves_one_step_and_finish_all(local: Clients) -> None:
    make_role(local)
    make_buckets(local)
    backend = mediaconvert.backend(DEFAULT_ACCOUNT_ID, REGION)
    local("mediaconvert").create_queue(Name="paused", Status="PAUSED")
    one, two, held = submit(local)["Id"], submit(local)["Id"], submit(local, Queue="paused")["Id"]
    assert [job["Status"] for job in backend.advance(one)] == ["PROGRESSING"]
    assert {job["Id"]: job["Status"] for job in backend.advance()} == {one: "COMPLETE", two: "PROGRESSING"}
    assert [(job["Id"], job["Status"]) for job in backend.finish_jobs()] == [(two, "COMPLETE")]
    assert backend.finish_jobs() == []
    assert backend.jobs[held].peek() == "SUBMITTED"


@pytest.mark.parametrize(
    ("transition", "states"),
    [
        ({"progression": "immediate"}, ["COMPLETE", "COMPLETE"]),
        ({"progression": "manual", "times": 2}, ["SUBMITTED", "PROGRESSING"]),
    ],
)
def test_motos_state_manager_decides_how_jobs_move(
    local: Clients, transition: dict[str, Any], states: list[str]
) -> None:
    make_role(local)
    make_buckets(local)
    url = listen(local)
    state_manager.set_transition(models.JOB_MODEL, transition)
    try:
        job = submit(local)["Id"]
        assert [local("mediaconvert").get_job(Id=job)["Job"]["Status"] for _ in states] == states
    finally:
        state_manager.unset_transition(models.JOB_MODEL)
    # No state is skipped, however far one look moves the job.
    assert heard(local, url)[0]["detail"]["status"] == "PROGRESSING"


# ---- what a job writes ----


def lines_of(files: dict[str, bytes], key: str) -> list[str]:
    return files[key].decode().splitlines()


def named_in_playlists(files: dict[str, bytes], folder: str) -> set[str]:
    found = set()
    for key, body in files.items():
        if key.endswith(".m3u8"):
            text = body.decode()
            found |= {folder + line for line in text.splitlines() if not line.startswith("#")}
            found |= {
                folder + part.split('"')[1] for part in text.split(",") + text.split(":") if part.startswith("URI=")
            }
        if key.endswith(".mpd"):
            attributes = ("media", "sourceURL")
            found |= {
                folder + node.get(name, "")
                for node in ET.fromstring(body).iter()
                for name in attributes
                if node.get(name)
            }
    return found


def test_a_cmaf_group_writes_segments_and_playlists_that_name_them(aws: Clients) -> None:
    make_role(aws)
    make_buckets(aws)
    cmaf = {"Destination": "s3://out/v/1/", "SegmentLength": 4}
    run(aws, group("CMAF", cmaf, CMAF_VIDEO, CMAF_AUDIO))
    files = written(aws)
    media = {f"v/1/a_720{part}.cmfv" for part in ("init", "_000000001", "_000000002")}
    media |= {f"v/1/a_audio{part}.cmfa" for part in ("init", "_000000001", "_000000002")}
    assert set(files) == media | {"v/1/a.m3u8", "v/1/a.mpd", "v/1/a_720.m3u8", "v/1/a_audio.m3u8"}
    assert named_in_playlists(files, "v/1/") == set(files) - {"v/1/a.m3u8", "v/1/a.mpd"}
    # Six seconds in segments of four: 4 + 2.
    assert [line for line in lines_of(files, "v/1/a_720.m3u8") if "EXTINF" in line] == [
        "#EXTINF:4.000,",
        "#EXTINF:2.000,",
    ]
    assert lines_of(files, "v/1/a.m3u8")[-2:] == [
        '#EXT-X-STREAM-INF:BANDWIDTH=3000000,RESOLUTION=720x1280,FRAME-RATE=30.000,AUDIO="audio"',
        "a_720.m3u8",
    ]
    assert b"no media was encoded" in files["v/1/a_720init.cmfv"]
    kinds = {key: aws("s3").head_object(Bucket="out", Key=key)["ContentType"] for key in ("v/1/a.m3u8", "v/1/a.mpd")}
    assert kinds == {"v/1/a.m3u8": "application/vnd.apple.mpegurl", "v/1/a.mpd": "application/dash+xml"}


def test_a_single_file_is_cut_by_byte_ranges_that_fit(local: Clients) -> None:
    make_role(local)
    make_buckets(local)
    cmaf = {"Destination": "s3://out/v/", "SegmentLength": 2, "SegmentControl": "SINGLE_FILE"}
    run(local, group("CMAF", cmaf, CMAF_VIDEO))
    files = written(local)
    assert set(files) == {"v/a.m3u8", "v/a.mpd", "v/a_720.m3u8", "v/a_720.cmfv"}
    body = files["v/a_720.cmfv"]
    ranges = [
        line.partition(":")[2].split("@") for line in lines_of(files, "v/a_720.m3u8") if "#EXT-X-BYTERANGE" in line
    ]
    parts = [body[int(start) : int(start) + int(size)] for size, start in ranges]
    assert [b"_00000000%d" % number in part for number, part in enumerate(parts, start=1)] == [True] * 3
    assert body.endswith(b"".join(parts))
    spans = [node.get("mediaRange", "") for node in ET.fromstring(files["v/a.mpd"]).iter() if node.get("mediaRange")]
    cut = [body[int(first) : int(last) + 1] for first, last in (span.split("-") for span in spans)]
    assert cut == parts


def test_hls_dash_posters_and_a_base_name_of_its_own(local: Clients) -> None:
    make_role(local)
    make_buckets(local)
    hls = {**CMAF_VIDEO, "ContainerSettings": {"Container": "M3U8"}, "AudioDescriptions": aac()}
    dash = {**CMAF_VIDEO, "ContainerSettings": {"Container": "MPD"}}
    job = run(
        local,
        group("HLS", {"Destination": "s3://out/h/main", "SegmentLength": 3, "MinSegmentLength": 0}, hls),
        group("DASH_ISO", {"Destination": "s3://out/d/main", "SegmentLength": 3, "FragmentLength": 3}, dash),
        group("FILE", {"Destination": "s3://out/p/"}, POSTER),
    )
    assert job["Status"] == "COMPLETE"
    files = written(local)
    assert set(files) == {
        "h/main.m3u8",
        "h/main_720.m3u8",
        "h/main_720_00001.ts",
        "h/main_720_00002.ts",
        "d/main.mpd",
        "d/main_720init.mp4",
        "d/main_720_000000001.mp4",
        "d/main_720_000000002.mp4",
        # One picture every two seconds of six: at 0, 2 and 4.
        "p/a_poster.0000000.jpg",
        "p/a_poster.0000001.jpg",
        "p/a_poster.0000002.jpg",
    }
    assert named_in_playlists({key: files[key] for key in files if key[0] == "h"}, "h/") == {
        "h/main_720.m3u8",
        "h/main_720_00001.ts",
        "h/main_720_00002.ts",
    }


def test_the_event_lists_what_the_guide_says_for_each_group(local: Clients) -> None:
    make_role(local)
    make_buckets(local)
    url = listen(local)
    hls = {**CMAF_VIDEO, "ContainerSettings": {"Container": "M3U8"}}
    run(
        local,
        group("HLS", {"Destination": "s3://out/h/", "SegmentLength": 6, "MinSegmentLength": 0}, hls),
        group("FILE", {"Destination": "s3://out/p/"}, POSTER),
    )
    stream, posters = heard(local, url)[-1]["detail"]["outputGroupDetails"]
    assert stream["playlistFilePaths"] == ["s3://out/h/a.m3u8"]
    assert stream["outputDetails"][0]["outputFilePaths"] == ["s3://out/h/a_720.m3u8"]
    assert "playlistFilePaths" not in posters
    assert posters["outputDetails"][0]["outputFilePaths"] == ["s3://out/p/a_poster.0000002.jpg"]


@pytest.mark.parametrize(
    ("clip", "rotate", "size"),
    [
        ("clip.mp4", "AUTO", (480, 854)),
        ("clip.mp4", "DEGREES_90", (480, 270)),
        # Stored lying, shown upright: only AUTO follows what the phone noted.
        ("rotated.mp4", "AUTO", (480, 854)),
        ("rotated.mp4", "DEGREE_0", (480, 270)),
    ],
)
def test_the_picture_turns_as_the_job_says(local: Clients, clip: str, rotate: str, size: tuple[int, int]) -> None:
    make_role(local)
    make_buckets(local, clip)
    details = run(local, rotate=rotate)["OutputGroupDetails"][0]["OutputDetails"][0]["VideoDetails"]
    assert (details["WidthInPx"], details["HeightInPx"]) == size


@pytest.mark.parametrize(
    ("video", "size"),
    [
        ({}, (1080, 1920)),
        ({"Width": 720, "Height": 720}, (720, 720)),
        ({"Width": 720, "Height": 720, "ScalingBehavior": "FIT"}, (404, 720)),
        ({"Width": 2160, "Height": 3840, "ScalingBehavior": "FIT_NO_UPSCALE"}, (1080, 1920)),
        ({"Height": 960}, (540, 960)),
    ],
)
def test_sizes(video: dict[str, Any], size: tuple[int, int]) -> None:
    # FIT: 720 high leaves 720 x 1080 / 1920 = 405 wide, and 4:2:0 video has no odd sizes.
    assert outputs.picture_px(video, (1080, 1920)) == size


def test_a_written_rendition_notifies_like_an_upload(local: Clients) -> None:
    make_role(local)
    make_buckets(local)
    arn = local("sqs").get_queue_attributes(
        QueueUrl=local("sqs").create_queue(QueueName="put")["QueueUrl"], AttributeNames=["QueueArn"]
    )["Attributes"]["QueueArn"]
    config = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    local("s3").put_bucket_notification_configuration(Bucket="out", NotificationConfiguration=config)
    run(local)
    url = local("sqs").get_queue_url(QueueName="put")["QueueUrl"]
    keys = [
        unquote_plus(record["s3"]["object"]["key"]) for body in heard(local, url) for record in body.get("Records", [])
    ]
    assert keys == ["v/a_480.mp4"]


# ---- probe, tags, policy, certificates, endpoints ----


def test_probe_says_what_is_in_a_file(aws: Clients) -> None:
    make_buckets(aws, "rotated.mp4")
    (result,) = aws("mediaconvert").probe(InputFiles=[{"FileUrl": "s3://raw/u/a.mp4"}])["ProbeResults"]
    assert (result["Container"]["Format"], result["Container"]["Duration"]) == ("mp4", 6.0)
    video, audio = result["Container"]["Tracks"]
    assert (video["TrackType"], video["Codec"]) == ("video", "AVC")
    properties = video["VideoProperties"]
    assert (properties["Width"], properties["Height"], properties["Rotation"]) == (1920, 1080, 90)
    assert properties["FrameRate"] == {"Numerator": 30, "Denominator": 1}
    assert (audio["Codec"], audio["AudioProperties"]["Channels"]) == ("AAC", 2)
    assert result["Metadata"]["FileSize"] == (DATA / "rotated.mp4").stat().st_size
    assert result["TrackMappings"] == [{"VideoTrackIndexes": [0], "AudioTrackIndexes": [1], "DataTrackIndexes": []}]


def test_probe_refuses_what_it_cannot_read(aws: Clients) -> None:
    make_buckets(aws, "broken.mp4")
    client = aws("mediaconvert")
    aws("s3").put_object(Bucket="raw", Key="text", Body=b"text")

    def probe(url: str) -> tuple[str, int]:
        return refused(client.probe, InputFiles=[{"FileUrl": url}])[:2]

    assert probe("s3://raw/u/a.mp4") == ("UnprocessableEntityException", 422)
    assert probe("s3://raw/text") == ("BadRequestException", 400)
    assert probe("s3://raw/none") == ("NotFoundException", 404)
    assert probe("s3://none/a.mp4") == ("NotFoundException", 404)
    assert refused(client.probe, InputFiles=[])[:2] == ("BadRequestException", 400)
    client.put_policy(Policy={"S3Inputs": "DISALLOWED"})
    assert probe("s3://raw/u/a.mp4") == ("ForbiddenException", 403)


def test_tags_of_every_kind_of_resource(aws: Clients) -> None:
    client = aws("mediaconvert")
    arns = [
        client.create_queue(Name="q", Tags={"a": "1"})["Queue"]["Arn"],
        client.create_preset(Name="p", Settings={}, Tags={"a": "1"})["Preset"]["Arn"],
        client.create_job_template(Name="t", Settings={}, Tags={"a": "1"})["JobTemplate"]["Arn"],
        submit(aws, Tags={"a": "1"})["Arn"],
    ]
    for arn in arns:
        client.tag_resource(Arn=arn, Tags={"b": "2", "a": "3"})
        assert client.list_tags_for_resource(Arn=arn)["ResourceTags"] == {"Arn": arn, "Tags": {"a": "3", "b": "2"}}
        client.untag_resource(Arn=arn, TagKeys=["a", "none"])
        assert client.list_tags_for_resource(Arn=arn)["ResourceTags"]["Tags"] == {"b": "2"}
    client.delete_queue(Name="q")
    assert refused(client.list_tags_for_resource, Arn=arns[0])[:2] == ("NotFoundException", 404)
    assert refused(client.tag_resource, Arn=arns[0], Tags={})[:2] == ("NotFoundException", 404)


def test_policy_and_certificates(aws: Clients) -> None:
    client = aws("mediaconvert")
    assert refused(client.get_policy)[:2] == ("NotFoundException", 404)
    policy = {"HttpInputs": "DISALLOWED", "HttpsInputs": "ALLOWED", "S3Inputs": "ALLOWED"}
    assert client.put_policy(Policy=policy)["Policy"] == policy
    assert client.get_policy()["Policy"] == policy
    client.delete_policy()
    assert refused(client.get_policy)[:2] == ("NotFoundException", 404)
    arn = f"arn:aws:acm:{REGION}:{DEFAULT_ACCOUNT_ID}:certificate/1"
    client.associate_certificate(Arn=arn)
    client.disassociate_certificate(Arn=arn)
    assert refused(client.disassociate_certificate, Arn=arn)[:2] == ("NotFoundException", 404)


def test_the_endpoint_is_the_one_that_was_asked(aws: Clients) -> None:
    client = aws("mediaconvert")
    assert client.describe_endpoints()["Endpoints"] == [{"Url": client.meta.endpoint_url}]


def test_the_account_hosts_of_old_are_served_too(local: Clients) -> None:
    url = f"https://abcd1234.mediaconvert.{REGION}.amazonaws.com"
    client = dummy_session(REGION).client("mediaconvert", endpoint_url=url)
    assert client.list_queues()["Queues"][0]["Name"] == "Default"
    client.close()


# ---- accounts and regions ----


def test_regions_are_kept_apart(aws: Clients) -> None:
    url = listen(aws, "us-east-1")
    aws("mediaconvert").create_queue(Name="here")
    assert [queue["Name"] for queue in aws("mediaconvert", "us-east-1").list_queues()["Queues"]] == ["Default"]
    aws("mediaconvert").cancel_job(Id=submit(aws)["Id"])
    assert heard(aws, url, "us-east-1") == []
    assert aws("mediaconvert", "us-east-1").list_jobs()["Jobs"] == []


def test_accounts_are_kept_apart(local: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    local("mediaconvert").create_queue(Name="here")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", OTHER_ACCOUNT)
    queues = local("mediaconvert").list_queues()["Queues"]
    assert [queue["Arn"] for queue in queues] == [f"arn:aws:mediaconvert:{REGION}:{OTHER_ACCOUNT}:queues/Default"]
    assert [queue["Name"] for queue in local("mediaconvert").list_queues()["Queues"]] == ["Default"]
    job = submit(local)
    assert refused(local("mediaconvert").get_queue, Name="here")[1] == 404
    monkeypatch.delenv("MOTO_ACCOUNT_ID")
    assert refused(local("mediaconvert").get_job, Id=job["Id"])[1] == 404
    assert [queue["Name"] for queue in local("mediaconvert").list_queues()["Queues"]] == ["Default", "here"]
