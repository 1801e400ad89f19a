"""The steps of the journey, in the order of ``STEPS``.

A clip is put into the stack's raw bucket. From there on only the stack acts: its bucket announces, its rules match, its
deployed code runs under its roles, its queue takes the job. Each step returns what it saw, or raises
:class:`~infra.emulator.exercise.journey.Stopped` with what is wrong, by name: the field of the pattern, the variable,
the statement that is missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from infra.emulator import dead_letters
from infra.emulator.exercise import (
    codecs,
    erasure,
    gifts,
    interactions,
    job_checks,
    live,
    orders,
    playback,
    publication,
    sign_ups,
    stories,
    threats,
    uploads,
)
from infra.emulator.exercise.causes import (
    announcement,
    own_event,
    require_invocation,
    require_match,
    require_none,
    require_permissions,
)
from infra.emulator.exercise.journey import Stopped
from infra.emulator.exercise.travel import Travel, name_of, sample, upload_key
from infra.emulator.moto_events import Event
from infra.emulator.permissions import bucket_policy

TRANSCODE_QUEUE = "aws:mediaconvert/queue:Queue"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
BROKEN = ("failed", "refused", "lost")
"""What the journal says of an event that did not get on."""


def upload(travel: Travel) -> str:
    """Put the clip where the app puts it."""
    if travel.video(travel.video_id):
        raise Stopped(
            f"video {travel.video_id} has been uploaded in this session before; give the journey another name"
        )
    clip = sample("clip.mp4")
    travel.client("s3").put_object(Bucket=travel.raw, Key=travel.key, Body=clip, ContentType="video/mp4")
    return f"s3://{travel.raw}/{travel.key}, {len(clip):,} bytes"


def announce(travel: Travel) -> str:
    """The bucket sends its event to EventBridge."""
    travel.upload_event = announcement(travel, travel.key)
    return f"{travel.upload_event['detail-type']} of {travel.upload_event['source']}"


def match_upload(travel: Travel) -> str:
    """A rule wants the upload."""
    return require_match(travel, travel.upload_event)


def submit(travel: Travel) -> str:
    """The function behind the rule runs as deployed, and its role allows what it does."""
    travel.delivery.drain()
    entry = require_invocation(travel, travel.upload_event)
    travel.submission = entry.outcome
    return require_permissions(travel, entry)


def queue_job(travel: Travel) -> str:
    """The job is on the stack's queue, with the ladder's outputs and settings that the service would take."""
    jobs = travel.jobs(travel.key)
    if not jobs:
        result = json.dumps(travel.submission.result) if travel.submission else "nothing"
        raise Stopped(f"there is no MediaConvert job for {travel.key}; the function returned {result}")
    travel.job = jobs[0]
    calls = travel.submission.calls if travel.submission else ()
    requests = [call.params for call in calls if call.operation == "CreateJob"]
    faults = [
        *job_checks.queue_faults(travel.job, travel.outputs(TRANSCODE_QUEUE, "arn")),
        *job_checks.ladder_faults(travel.job, travel.ladder, travel.short_edge),
        *(fault for request in requests for fault in job_checks.settings_faults(request)),
    ]
    require_none(faults)
    groups = travel.job["Settings"]["OutputGroups"]
    count = sum(len(group["Outputs"]) for group in groups)
    return f"{count} outputs in {len(groups)} groups on queue {name_of(travel.job['Queue'])}"


def transcode(travel: Travel) -> str:
    """The back end finishes the job, under the role that the job names."""
    travel.finish_jobs()
    job = travel.job = travel.client("mediaconvert").get_job(Id=travel.job["Id"])["Job"]
    files = travel.files("review")
    inputs = [one["FileInput"] for one in job["Settings"]["Inputs"]]
    faults = travel.audit.job(job["Role"], inputs, [f"s3://{travel.renditions}/{key}" for key in files])
    if job["Status"] != "COMPLETE":
        reason = f"{job.get('ErrorCode', '')} {job.get('ErrorMessage', 'its queue holds it')}".strip()
        faults = [f"the job is {job['Status']}: {reason}", *faults]
    require_none(faults)
    return f"COMPLETE, {len(files)} files under s3://{travel.renditions}/review/{travel.video_id}/"


def match_completion(travel: Travel) -> str:
    """A rule wants the end of the job."""
    found = [one for one in travel.delivery.seen if one["detail"].get("jobId") == travel.job["Id"]]
    ended = [one for one in found if one["detail"].get("status") == travel.job["Status"]]
    if not ended:
        raise Stopped("MediaConvert announced the end of the job, but every rule of the default event bus is disabled")
    travel.completion_event = ended[-1]
    return require_match(travel, travel.completion_event)


def complete(travel: Travel) -> str:
    """The second function runs as deployed, and its role allows what it does."""
    travel.delivery.drain()
    return require_permissions(travel, require_invocation(travel, travel.completion_event))


def moderate(travel: Travel) -> str:
    """The moderate function sees the frames, and lets the video pass."""
    travel.transcoded_event = own_event(travel, "Video Transcoded", travel.video_id)
    require_match(travel, travel.transcoded_event)
    return require_permissions(travel, require_invocation(travel, travel.transcoded_event))


def move(travel: Travel) -> str:
    """The publish function moves the files to where viewers reach them."""
    travel.cleared_event = own_event(travel, "Video Cleared", travel.video_id)
    require_match(travel, travel.cleared_event)
    entry = require_invocation(travel, travel.cleared_event)
    require_permissions(travel, entry)
    return f"{name_of(entry.target)}: {json.dumps(entry.outcome.result if entry.outcome else None, sort_keys=True)}"


def publish(travel: Travel) -> str:
    """The record says what can be played, and every file that it leads to exists."""
    travel.record = travel.video(travel.video_id)
    require_none(publication.record_faults(travel.record, travel.rungs))
    require_none(publication.file_faults(travel.record, travel.files(), travel.text, travel.rungs))
    sizes = ", ".join(f"{one['width']}x{one['height']}" for one in travel.record["renditions"])
    return f"{sizes}; {', '.join(publication.SINGLE_FILES)} and all that they lead to exist"


def deliver(travel: Travel) -> str:
    """The stack's distribution may read the files, and nobody else may."""
    policy = bucket_policy(travel.client("s3"), travel.renditions)
    distributions = travel.outputs(DISTRIBUTION, "arn")
    if not distributions:
        raise Stopped("the stack has no CloudFront distribution that could read the files")
    files = travel.files()
    waiting = travel.files("review")
    require_none(publication.reader_faults(policy, travel.renditions, files, distributions[0]))
    require_none(publication.leak_faults(policy, travel.renditions, waiting, distributions[0]))
    return (
        f"the stack's distribution reads all {len(files)} files over TLS; another distribution and anybody read none;"
        f" nobody reads the {len(waiting)} that moderation saw"
    )


def deliver_again(travel: Travel) -> str:
    """EventBridge may deliver any event twice: nothing changes."""
    # After each one, not after all: the second completion would repair what the second upload broke.
    for event in (travel.upload_event, travel.completion_event, travel.transcoded_event, travel.cleared_event):
        require_none(changes_by_second_delivery(travel, event))
    return "still one job, the record unchanged"


def changes_by_second_delivery(travel: Travel, event: Event) -> list[str]:
    """What another delivery of an event fails at, or changes."""
    record, jobs, mark = travel.video(travel.video_id), len(travel.jobs(travel.key)), len(travel.delivery.journal)
    travel.redeliver(event)
    what = f"the second {event['detail-type']}"
    faults = [f"{what}: {one.detail}" for one in travel.delivery.journal[mark:] if one.what in BROKEN]
    if (now := len(travel.jobs(travel.key))) != jobs:
        faults.append(f"{what} made another job: {now}, expected {jobs}")
    later = travel.video(travel.video_id)
    if changed := sorted(key for key in {**record, **later} if record.get(key) != later.get(key)):
        faults.append(f"{what} changed {', '.join(changed)} of the record")
    return faults


def break_upload(travel: Travel) -> str:
    """A file that is no video ends as failed, with a reason, and not in limbo."""
    video_id = f"{travel.run}-broken"
    key = upload_key(video_id)
    travel.client("s3").put_object(Bucket=travel.raw, Key=key, Body=sample("broken.mp4"), ContentType="video/mp4")
    event = announcement(travel, key)
    travel.delivery.drain()
    require_invocation(travel, event)
    travel.finish_jobs()
    travel.delivery.drain()
    record = travel.video(video_id)
    if record.get("state") != "failed" or not record.get("reason"):
        shown = json.dumps(record, sort_keys=True, default=str)
        raise Stopped(f"the record of the broken upload is {shown}, expected state failed and a reason")
    return str(record["reason"])


def keep_dead_letters(travel: Travel) -> str:
    """Every sender may put what it cannot deliver into its queue, and a message that is sent there arrives."""
    routes = travel.dead_letter_routes()
    require_none(route.obstacle for route in routes if route.obstacle)
    for number, route in enumerate(routes):
        if not dead_letters.arrives(travel.client("sqs"), route.queue_arn, f"probe {number} of {travel.run}"):
            raise Stopped(
                f"a message to dead-letter queue {name_of(route.queue_arn)} of {route.sender} does not arrive"
            )
    queues = {route.queue_arn for route in routes}
    return f"{len(queues)} queues take messages of {', '.join(route.sender for route in routes)}"


def leave_nothing_behind(travel: Travel) -> str:
    """No event was lost, and no dead letter is left."""
    lost = [f"an event is lost: {one.detail}" for one in travel.delivery.journal if one.what == "lost"]
    queues = sorted({route.queue_arn for route in travel.dead_letter_routes() if not route.obstacle})
    counts = {queue: dead_letters.waiting(travel.client("sqs"), queue) for queue in queues}
    require_none(
        [*lost, *(f"dead-letter queue {name_of(queue)} holds {n} messages" for queue, n in counts.items() if n)]
    )
    return f"{len(travel.delivery.seen)} events seen, none lost; {len(queues)} dead-letter queues empty"


Act = tuple[str, Callable[[Travel], str], bool]
"""Title, step, and whether it needs the steps before it."""

VIDEO_STEPS: Sequence[Act] = (
    ("the video is uploaded", upload, True),
    ("the bucket announces it", announce, True),
    ("a rule matches the upload", match_upload, True),
    ("the submit function runs", submit, True),
    ("the job is on the queue", queue_job, True),
    ("MediaConvert finishes the job", transcode, True),
    ("a rule matches the completion", match_completion, True),
    ("the complete function runs", complete, True),
    ("the moderate function clears it", moderate, True),
    ("the publish function runs", move, True),
    ("the record is published", publish, True),
    ("only the CDN reads the files", deliver, True),
    ("a viewer with signed cookies gets it", playback.watch, True),
    ("a second delivery changes nothing", deliver_again, True),
    ("a broken upload ends as failed", break_upload, True),
    ("the upload API takes videos", uploads.upload_by_api, True),
    ("a flagged video is held", stories.hold, True),
    ("a reviewer lets it be published", stories.approve, True),
    ("a blocked video is rejected, appealed and rejected", stories.reject, True),
    ("an erasure leaves no trace", erasure.erase_video, True),
)
"""The way of a video, and the ways that must fail."""

PLATFORM_STEPS: Sequence[Act] = (
    ("a video that is watched a lot earns better codecs", codecs.earn, True),
    ("an erasure stops what is under way", erasure.stop_what_is_under_way, True),
    ("an account goes with all that it made", erasure.erase_account, True),
    ("a gift is credited once", gifts.give, False),
    ("the age gate keeps children out", sign_ups.ask_for_the_age, False),
    ("a signed webhook becomes an order", orders.take_orders, False),
    ("a change of the feed becomes an event", interactions.announce_changes, False),
    ("an interaction counts for its video", interactions.count, False),
    ("a recorded stream becomes a video", live.publish_recording, True),
    ("a recording goes as a whole", erasure.erase_recording, True),
    ("people hear of a threat", threats.tell, False),
)
"""What else happens on the platform, those that need the way of a video included; a stack that lacks a part says so."""

LAST_STEPS: Sequence[Act] = (
    ("dead letters are kept", keep_dead_letters, False),
    ("nothing is left behind", leave_nothing_behind, True),
)
"""What must hold when all is done."""

STEPS: Sequence[Act] = (*VIDEO_STEPS, *PLATFORM_STEPS, *LAST_STEPS)
