"""Journeys through sessions of other kinds: behind a server, and with a mistake in the program itself."""

from __future__ import annotations

import time
from dataclasses import replace
from importlib.resources import files

from infra.emulator.exercise import exercise
from infra.emulator.exercise.steps import VIDEO_STEPS
from infra.emulator.pipeline import PAUSE_SECONDS, running
from infra.emulator.recording import Registration
from infra.emulator.session import Session
from infra.stackfile import StackFile


def test_a_video_travels_behind_a_server_as_well(real_stack: StackFile) -> None:
    with Session(real_stack, where="server") as session:
        session.provision()
        journey = exercise(session)
    assert [step.diagnosis for step in journey.steps if step.status not in ("passed", "absent")] == []
    assert journey.ok


def test_a_mistake_in_the_program_is_found(real_stack: StackFile) -> None:
    def forget_the_notification(registration: Registration) -> Registration:
        if registration.type != "aws:s3/bucketNotification:BucketNotification":
            return registration
        return replace(registration, inputs={**registration.inputs, "eventbridge": False})

    with Session(real_stack) as session:
        session.provision(edit=forget_the_notification)
        journey = exercise(session, steps=VIDEO_STEPS[:2])
    (broken,) = [step for step in journey.steps if step.status == "failed"]
    assert broken.title == "the bucket announces it"
    assert "sends no events to EventBridge" in broken.diagnosis[0]


def test_a_running_server_publishes_a_video_by_itself(real_stack: StackFile) -> None:
    told: list[str] = []
    with Session(real_stack, where="server") as session:
        recording = session.provision()
        with running(session, told.append):
            body = (files("infra.emulator") / "data" / "clip.mp4").read_bytes()
            session.client("s3").put_object(Bucket=recording.outputs["rawBucket"], Key="raw/ann/dance.mp4", Body=body)
            record = await_state(session, "dance", "published")
    assert record["hls"]["S"] == "v/dance/dance.m3u8"
    assert [line.rpartition(" -> ")[2] for line in told if line.endswith(" invoked")] == [
        f"reelplan-dev-{function} invoked" for function in ("submit", "complete", "moderate", "publish")
    ]


def await_state(session: Session, video_id: str, state: str) -> dict[str, dict[str, str]]:
    """The record of a video when it has come to a state; empty when it does not come there."""
    key = {"pk": {"S": f"VIDEO#{video_id}"}, "sk": {"S": "META"}}
    table = session.recording.outputs["videosTable"]
    for _ in range(150):
        item = session.client("dynamodb").get_item(TableName=table, Key=key).get("Item", {})
        if item.get("state", {}).get("S") == state:
            return dict(item)
        time.sleep(PAUSE_SECONDS)
    return {}
