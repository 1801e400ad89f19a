"""What becomes of other videos than the clean one: held, approved, rejected, erased.

Each story is a step of the journey. What Rekognition sees is set by a tag on the frames (``gaps/rekognition.py``).
"""

from __future__ import annotations

import json
from typing import Any

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
from infra.emulator.exercise.travel import QUEUE_OUTPUT, Travel, name_of, sample, upload_key
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


def erase(travel: Travel) -> str:
    """After an erasure nothing of a published video is left but a tombstone."""
    video_id = f"{travel.run}-flagged"
    before = traces(travel, video_id)
    if not all(before.values()):
        raise Stopped(f"the video to be erased has no {', '.join(key for key, keys in before.items() if not keys)}")
    event = travel.put_event("privacy", "Erasure Requested", videoId=video_id)
    require_permissions(travel, require_invocation(travel, event))
    require_none(f"{len(keys)} {what} are left: {keys[0]}" for what, keys in traces(travel, video_id).items() if keys)
    require_tombstone(travel, video_id)
    require_invalidation(travel, video_id)
    require_no_session(travel, video_id)
    require_none(resurrections(travel, video_id))
    count = sum(len(keys) for keys in before.values())
    return f"{count} versions of files gone, the record is a tombstone, the CDN was told to forget"


def send(travel: Travel, video_id: str, labels: str = "") -> None:
    """Upload the clip under another name, and serve it until it has an end; frames get labels before they are seen.

    Raises:
        Stopped: there are no frames to be seen.
    """
    key = upload_key(video_id)
    travel.client("s3").put_object(Bucket=travel.raw, Key=key, Body=sample("clip.mp4"), ContentType="video/mp4")
    travel.delivery.drain()
    require_invocation(travel, announcement(travel, key))
    travel.finish_jobs()
    frames = [key for key in travel.files("review", video_id) if "/frames/" in key]
    if not frames:
        raise Stopped(f"MediaConvert wrote no frames of {video_id} that moderation could look at")
    tagging = {"TagSet": [{"Key": TAG, "Value": labels}]} if labels else {"TagSet": []}
    # One frame is enough, and the last one is the easiest to miss.
    travel.client("s3").put_object_tagging(Bucket=travel.renditions, Key=frames[-1], Tagging=tagging)
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


def traces(travel: Travel, video_id: str) -> dict[str, list[str]]:
    """Every version of every file of a video: kind -> keys."""
    return {
        "originals": versions(travel, travel.raw, upload_key(video_id)),
        "renditions that waited": versions(travel, travel.renditions, f"review/{video_id}/"),
        "published files": versions(travel, travel.renditions, f"v/{video_id}/"),
    }


def versions(travel: Travel, bucket: str, prefix: str) -> list[str]:
    """Keys of all versions and delete markers under a prefix."""
    pages = travel.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    found: list[dict[str, Any]] = [
        item for page in pages for item in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
    ]
    return [item["Key"] for item in found]


def require_tombstone(travel: Travel, video_id: str) -> None:
    """Stop when the record says more than that the video was erased."""
    record = travel.video(video_id)
    kept = sorted(set(record) - {"pk", "sk", "state", "erased_at"})
    if record.get("state") != "erased" or kept:
        raise Stopped(f"the record of {video_id} is {record.get('state', 'missing')} and keeps {', '.join(kept)}")


def require_invalidation(travel: Travel, video_id: str) -> None:
    """Stop unless the stack's distribution was told to forget the video."""
    (arn,) = travel.outputs(DISTRIBUTION, "arn")
    distribution = name_of(arn)
    cloudfront = travel.client("cloudfront")
    listed = cloudfront.list_invalidations(DistributionId=distribution)["InvalidationList"].get("Items", [])
    for item in listed:
        batch = cloudfront.get_invalidation(DistributionId=distribution, Id=item["Id"])["Invalidation"]
        if f"/v/{video_id}/*" in batch["InvalidationBatch"]["Paths"]["Items"]:
            return
    raise Stopped(f"CloudFront was not told to forget /v/{video_id}/*")


def resurrections(travel: Travel, video_id: str) -> list[str]:
    """What an event that comes late brings back of an erased video."""
    late = [
        announcement(travel, upload_key(video_id)),
        own_event(travel, "Video Transcoded", video_id),
        own_event(travel, "Video Cleared", video_id),
    ]
    faults = []
    for event in late:
        travel.delivery.redeliver(event)
        travel.delivery.drain()
        if travel.video(video_id).get("state") != "erased" or any(traces(travel, video_id).values()):
            faults.append(f"a late {event['detail-type']} brought {video_id} back")
    return faults
