"""What becomes of other videos than the clean one: held, approved, rejected.

Each story is a step of the journey. What Rekognition sees is set by a tag on the frames (``gaps/rekognition.py``).
"""

from __future__ import annotations

import json

from infra.emulator.exercise import publication
from infra.emulator.exercise.causes import (
    announcement,
    own_event,
    require_invocation,
    require_none,
    require_permissions,
)
from infra.emulator.exercise.journey import Stopped
from infra.emulator.exercise.playback import require_no_session
from infra.emulator.exercise.travel import QUEUE_OUTPUT, Travel, sample, upload_key
from infra.emulator.gaps.rekognition import TAG
from infra.emulator.permissions import bucket_policy

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
REVIEWER = "exercise-reviewer"


def hold(travel: Travel) -> str:
    """A video with a doubtful frame waits for a person, and no viewer reaches it."""
    video_id = f"{travel.run}-flagged"
    send(travel, video_id, "Violence=81.5")
    entry = require_invocation(travel, own_event(travel, "Video Transcoded", video_id))
    require_permissions(travel, entry)
    require_state(travel, video_id, "held")
    require_unreachable(travel, video_id)
    require_message(travel, video_id)
    # An event says only that it is worth looking: without a verdict on the record nothing is published.
    require_permissions(
        travel, require_invocation(travel, travel.put_event("video", "Video Cleared", **name(travel, video_id)))
    )
    require_state(travel, video_id, "held")
    require_unreachable(travel, video_id)
    return f"held with {travel.video(video_id)['labels']}; in the queue of the reviewers; no viewer reaches it"


def approve(travel: Travel) -> str:
    """A reviewer's decision publishes the held video."""
    video_id = f"{travel.run}-flagged"
    decide(travel, video_id, "approve")
    require_permissions(travel, require_invocation(travel, own_event(travel, "Video Cleared", video_id)))
    require_state(travel, video_id, "published")
    files = travel.files("v", video_id)
    if not files:
        raise Stopped(f"{video_id} is published, but has no files under v/")
    return f"published with {len(files)} files"


def reject(travel: Travel) -> str:
    """A video that is clearly against the rules is rejected; its author may appeal once, and a person decides."""
    video_id = f"{travel.run}-blocked"
    send(travel, video_id, "Explicit=99.2")
    require_state(travel, video_id, "rejected")
    require_unreachable(travel, video_id)
    # The queue of the reviewers and the right to send to it are needed for an appeal, too.
    appealed = travel.put_event("review", "Review Appealed", **name(travel, video_id))
    require_permissions(travel, require_invocation(travel, appealed))
    require_state(travel, video_id, "held")
    require_message(travel, video_id)
    decide(travel, video_id, "reject")
    require_state(travel, video_id, "rejected")
    travel.put_event("review", "Review Appealed", **name(travel, video_id))
    require_state(travel, video_id, "rejected")
    require_unreachable(travel, video_id)
    return "rejected, held for an appeal, rejected by a person; a second appeal changes nothing"


def send(travel: Travel, video_id: str, labels: str = "") -> None:
    """Upload the clip under another name, and serve it until it has an end; what is looked at gets labels before.

    Raises:
        Stopped: there is nothing to be looked at.
    """
    key = upload_key(video_id)
    travel.client("s3").put_object(Bucket=travel.raw, Key=key, Body=sample("clip.mp4"), ContentType="video/mp4")
    travel.delivery.drain()
    require_invocation(travel, announcement(travel, key))
    travel.finish_jobs()
    written = travel.files("review", video_id)
    seen = [key for key in written if "/frames/" in key] or [key for key in written if key.endswith(".mp4")]
    if not seen:
        raise Stopped(f"MediaConvert wrote neither frames nor an MP4 of {video_id} that moderation could look at")
    if labels:
        tagging = {"TagSet": [{"Key": TAG, "Value": labels}]}
        # One frame is enough, and the last one is the easiest to miss.
        travel.client("s3").put_object_tagging(Bucket=travel.renditions, Key=seen[-1], Tagging=tagging)
    travel.delivery.drain()


def decide(travel: Travel, video_id: str, decision: str) -> None:
    """A reviewer decides."""
    event = travel.put_event("review", "Review Decided", decision=decision, reviewer=REVIEWER, **name(travel, video_id))
    require_permissions(travel, require_invocation(travel, event))


def name(travel: Travel, video_id: str) -> dict[str, str]:
    """How events name an upload."""
    return {"videoId": video_id, "uploadToken": str(travel.video(video_id)["upload_token"])}


def require_state(travel: Travel, video_id: str, state: str) -> None:
    """Stop unless the record is in a state."""
    record = travel.video(video_id)
    if record.get("state") != state:
        shown = json.dumps(record, sort_keys=True, default=str)
        raise Stopped(f"the record of {video_id} is {shown}, expected state {state}")


def require_unreachable(travel: Travel, video_id: str) -> None:
    """Stop when a viewer could get any file of a video."""
    if files := travel.files("v", video_id):
        raise Stopped(f"{video_id} is not published, but {len(files)} files are where viewers reach them: {files[0]}")
    waiting = travel.files("review", video_id)
    if not waiting:
        raise Stopped(f"nothing of {video_id} waits for a decision")
    policy = bucket_policy(travel.client("s3"), travel.renditions)
    (distribution,) = travel.outputs(DISTRIBUTION, "arn")
    require_none(publication.leak_faults(policy, travel.renditions, waiting, distribution))
    require_no_session(travel, video_id)


def require_message(travel: Travel, video_id: str) -> None:
    """Stop unless the reviewers' queue holds a message about a video, and take it out."""
    sqs, url = travel.client("sqs"), travel.session.recording.outputs[QUEUE_OUTPUT]
    for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", []):
        if json.loads(message["Body"])["videoId"] == video_id:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return
    raise Stopped(f"no message about {video_id} is in the queue of the reviewers")
