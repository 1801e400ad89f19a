"""A live stream was recorded: it goes the way of every video, through moderation to the viewers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from infra.emulator import ivs_recordings
from infra.emulator.exercise.causes import require_invocation, require_match, require_none, require_permissions
from infra.emulator.exercise.journey import Absent, Stopped
from infra.emulator.exercise.playback import NOW
from infra.emulator.exercise.stories import require_state
from infra.emulator.exercise.travel import Travel, sample

CHANNEL = "aws:ivs/channel:Channel"


def publish_recording(travel: Travel) -> str:
    """The end of a recording is announced once or twice: one video, moderated and published."""
    channel = recording_channel(travel)
    recording_id = f"{travel.run}-stream"
    event = ivs_recordings.end(
        travel.client("ivs"),
        travel.client("s3"),
        channel["arn"],
        sample("clip.mp4"),
        recording_id,
        datetime.fromtimestamp(NOW, UTC),
    )
    for _ in range(2):
        travel.delivery.announce(event)
        travel.settle()
    known = next(one for one in travel.delivery.seen if one["id"] == event["id"])
    require_match(travel, known)
    require_permissions(travel, require_invocation(travel, known))
    video_id = f"live-{recording_id}"
    jobs = jobs_of(travel, event["detail"]["recording_s3_key_prefix"])
    if len(jobs) != 1:
        raise Stopped(f"the recording has {len(jobs)} MediaConvert jobs, expected 1")
    travel.finish_jobs()
    travel.settle()
    job = travel.client("mediaconvert").get_job(Id=jobs[0]["Id"])["Job"]
    prefix = event["detail"]["recording_s3_key_prefix"]
    read = [f"s3://{travel.raw}/{key}" for key in travel.keys(travel.raw, f"{prefix}/media/")]
    written = [f"s3://{travel.renditions}/{key}" for key in travel.files("review", video_id)]
    require_none(travel.audit.job(job["Role"], read, written))
    if job["Status"] != "COMPLETE":
        raise Stopped(f"the job of the recording is {job['Status']}: {job.get('ErrorMessage', 'its queue holds it')}")
    require_state(travel, video_id, "published")
    verdict = travel.video(video_id).get("verdict")
    if verdict != "allow":
        raise Stopped(f"the recording is published with verdict {verdict}, expected allow")
    return f"{video_id} of channel {channel['name']} is published with {len(travel.files('v', video_id))} files"


def recording_channel(travel: Travel) -> Any:
    """The first channel of the stack that records."""
    for arn in travel.outputs(CHANNEL, "arn"):
        channel = travel.client("ivs").get_channel(arn=arn)["channel"]
        if channel.get("recordingConfigurationArn"):
            return channel
    raise Absent("the stack records no live streams (live.enabled, live.record)")


def jobs_of(travel: Travel, prefix: str) -> list[Any]:
    """MediaConvert jobs that read a recording."""
    pages = travel.client("mediaconvert").get_paginator("list_jobs").paginate()
    jobs = [job for page in pages for job in page["Jobs"]]
    return [job for job in jobs if any(f"/{prefix}/" in one["FileInput"] for one in job["Settings"]["Inputs"])]
