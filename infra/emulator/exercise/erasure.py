"""Nothing is left of what is erased: of a video, of one whose job still runs, of a person with all that they made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.emulator.exercise.causes import (
    announcement,
    own_event,
    require_invocation,
    require_none,
    require_permissions,
)
from infra.emulator.exercise.journey import Absent, Stopped
from infra.emulator.exercise.playback import require_no_session
from infra.emulator.exercise.travel import TABLE_OUTPUT, Travel, name_of, sample, upload_key

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
REPLICA = "renditions-replica"
"""Role of the bucket in the second region, where there is one."""
FEED_OUTPUT, POOL_OUTPUT = "feedTable", "userPool"
REQUESTED = "Erasure Requested"
LEFT_OVER = "Files After Erasure"
BORN = "1990-01-01"
"""Old enough for any age gate."""


def erase_video(travel: Travel) -> str:
    """After an erasure nothing of a published video is left but a tombstone."""
    video_id = f"{travel.run}-flagged"
    talk_about(travel, video_id)
    before = traces(travel, video_id, upload_key(video_id))
    if not all(before.values()):
        raise Stopped(f"the video to be erased has no {', '.join(key for key, found in before.items() if not found)}")
    event = travel.put_event("privacy", REQUESTED, videoId=video_id)
    require_permissions(travel, require_invocation(travel, event))
    require_erased(travel, video_id, upload_key(video_id))
    require_invalidation(travel, video_id)
    require_no_session(travel, video_id)
    require_none(resurrections(travel, video_id))
    gone = ", ".join(f"{len(found)} {what}" for what, found in before.items())
    return f"gone: {gone}; the record is a tombstone, the CDN was told to forget"


def stop_what_is_under_way(travel: Travel) -> str:
    """An erasure cancels the job of a video that is being transcoded, and what the job left is erased, too."""
    video_id = f"{travel.run}-withdrawn"
    key = upload_key(video_id)
    travel.client("s3").put_object(Bucket=travel.raw, Key=key, Body=sample("clip.mp4"), ContentType="video/mp4")
    travel.delivery.drain()
    job_id = str(travel.video(video_id)["job_id"])
    event = travel.put_event("privacy", REQUESTED, videoId=video_id)
    require_permissions(travel, require_invocation(travel, event))
    travel.finish_jobs()
    status = travel.client("mediaconvert").get_job(Id=job_id)["Job"]["Status"]
    if status != "CANCELED":
        raise Stopped(f"the job of the erased {video_id} is {status}, expected CANCELED")
    # What the job wrote after the first look; its end is announced when all of it is there.
    travel.client("s3").put_object(Bucket=travel.renditions, Key=f"review/{video_id}/t/left.cmfv", Body=b"left")
    ended = [one for one in travel.delivery.seen if one["detail"].get("jobId") == job_id]
    travel.redeliver(ended[-1])
    require_permissions(travel, require_invocation(travel, ended[-1]))
    require_invocation(travel, own_event(travel, LEFT_OVER, video_id))
    require_erased(travel, video_id, key)
    return f"job {job_id} is cancelled, and nothing of it is left"


def erase_recording(travel: Travel) -> str:
    """Of a recorded stream the whole recording goes, not only the playlist that it was made from."""
    video_id = f"live-{travel.run}-stream"
    source = str(travel.video(video_id).get("source_key", ""))
    if not source:
        raise Absent("the stack records no live streams (live.enabled, live.record)")
    prefix = source.partition("/media/")[0]
    before = versions(travel, travel.raw, f"{prefix}/")
    require_permissions(travel, require_invocation(travel, travel.put_event("privacy", REQUESTED, videoId=video_id)))
    require_erased(travel, video_id, f"{prefix}/")
    return f"{len(before)} files of the recording gone, and all that was made of them"


def erase_account(travel: Travel) -> str:
    """Every video of a person goes, and what feed and user pool know of them; what others made stays."""
    user_id = sign_up(travel, f"{travel.run}-leaver@example.com")
    videos = [f"{travel.run}-of-leaver-{number}" for number in (1, 2)]
    keys = {video_id: f"raw/{user_id}/{video_id}.mp4" for video_id in videos}
    for key in keys.values():
        travel.client("s3").put_object(Bucket=travel.raw, Key=key, Body=sample("clip.mp4"), ContentType="video/mp4")
    travel.delivery.drain()
    travel.finish_jobs()
    travel.delivery.drain()
    of_others = meet_people(travel, user_id)
    event = travel.put_event("privacy", "Account Erasure Requested", userId=user_id)
    require_permissions(travel, require_invocation(travel, event))
    for video_id, key in keys.items():
        require_erased(travel, video_id, key)
    require_none(_of_person(travel, user_id))
    if (left := feed_rows(travel)) != of_others:
        raise Stopped(f"the feed holds {sorted(left ^ of_others)} differently from what others made")
    again = travel.put_event("privacy", "Account Erasure Requested", userId=user_id)
    require_invocation(travel, again)
    return f"{len(videos)} videos and the rows of one person gone, of others {len(of_others)} rows stay"


def talk_about(travel: Travel, video_id: str) -> None:
    """Write what others leave about a video: a comment, and its views."""
    put_rows(travel, travel.session.recording.outputs[FEED_OUTPUT], [{"pk": f"VIDEO#{video_id}", "sk": "COMMENT#1#c1"}])
    put_rows(travel, travel.session.recording.outputs[TABLE_OUTPUT], [{"pk": f"VIDEO#{video_id}", "sk": "VIEWS"}])


def meet_people(travel: Travel, user_id: str) -> set[tuple[str, str]]:
    """Write what a person leaves in the feed, and others beside; returns the keys of what others made."""
    person, other = f"USER#{user_id}", f"USER#{travel.run}-stays"
    of_person = [
        {"pk": person, "sk": "PROFILE"},
        {"pk": person, "sk": f"FOLLOWS#{travel.run}-stays", "target_pk": other, "target_sk": person},
        {"pk": other, "sk": f"FOLLOWS#{user_id}", "target_pk": person, "target_sk": other},
        {"pk": f"VIDEO#{travel.run}-clip", "sk": "COMMENT#2#c2", "author_pk": person, "author_sk": "2"},
    ]
    of_others = [
        {"pk": other, "sk": "PROFILE"},
        {"pk": f"VIDEO#{travel.run}-clip", "sk": "COMMENT#1#c1", "author_pk": other, "author_sk": "1"},
    ]
    before = feed_rows(travel)
    put_rows(travel, travel.session.recording.outputs[FEED_OUTPUT], [*of_person, *of_others])
    return before | {(row["pk"], row["sk"]) for row in of_others}


def put_rows(travel: Travel, table: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Write items of text."""
    for row in rows:
        item = {name: {"S": value} for name, value in row.items()}
        travel.client("dynamodb").put_item(TableName=table, Item=item)


def feed_rows(travel: Travel) -> set[tuple[str, str]]:
    """Keys of everything in the feed table."""
    pages = (
        travel.client("dynamodb")
        .get_paginator("scan")
        .paginate(TableName=travel.session.recording.outputs[FEED_OUTPUT])
    )
    return {(item["pk"]["S"], item["sk"]["S"]) for page in pages for item in page["Items"]}


def sign_up(travel: Travel, email: str) -> str:
    """A user of the pool; returns the id by which the tokens name them."""
    answer = travel.client("cognito-idp").admin_create_user(
        UserPoolId=travel.session.recording.outputs[POOL_OUTPUT],
        Username=email,
        UserAttributes=[{"Name": "email", "Value": email}, {"Name": "birthdate", "Value": BORN}],
    )
    return str(next(one["Value"] for one in answer["User"]["Attributes"] if one["Name"] == "sub"))


def _of_person(travel: Travel, user_id: str) -> Iterator[str]:
    """What is left of a person."""
    yield from (f"the feed keeps {key}" for key in sorted(feed_rows(travel)) if user_id in "".join(key))
    pool = travel.session.recording.outputs[POOL_OUTPUT]
    pages = travel.client("cognito-idp").get_paginator("list_users").paginate(UserPoolId=pool)
    ids = {one["Value"] for page in pages for user in page["Users"] for one in user["Attributes"]}
    if user_id in ids:
        yield f"user {user_id} is in the pool still"


def traces(travel: Travel, video_id: str, source_key: str) -> dict[str, list[str]]:
    """Every version of every file of a video, and every row about it: kind -> keys."""
    rows = {"rows of others": FEED_OUTPUT, "counts of views": TABLE_OUTPUT}
    replica = travel.bucket(REPLICA)
    copies = {"files in the second region": versions(travel, replica, f"v/{video_id}/")} if replica else {}
    return {
        "originals": versions(travel, travel.raw, source_key),
        "renditions that waited": versions(travel, travel.renditions, f"review/{video_id}/"),
        "published files": versions(travel, travel.renditions, f"v/{video_id}/"),
        **copies,
        **{what: sort_keys(travel, output, video_id) for what, output in rows.items()},
    }


def sort_keys(travel: Travel, table_output: str, video_id: str) -> list[str]:
    """Sort keys of the rows about a video, but for its record."""
    answer = travel.client("dynamodb").query(
        TableName=travel.session.recording.outputs[table_output],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"VIDEO#{video_id}"}},
    )
    return [item["sk"]["S"] for item in answer["Items"] if item["sk"]["S"] != "META"]


def versions(travel: Travel, bucket: str, prefix: str) -> list[str]:
    """Keys of all versions and delete markers under a prefix."""
    pages = travel.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    found: list[dict[str, Any]] = [
        item for page in pages for item in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
    ]
    return [item["Key"] for item in found]


def require_erased(travel: Travel, video_id: str, source_key: str) -> None:
    """Stop when anything of a video is left, or its record says more than that it was erased."""
    left = traces(travel, video_id, source_key)
    require_none(f"{len(keys)} {what} of {video_id} are left: {keys[0]}" for what, keys in left.items() if keys)
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
        travel.redeliver(event)
        left = traces(travel, video_id, upload_key(video_id))
        if travel.video(video_id).get("state") != "erased" or any(left.values()):
            faults.append(f"a late {event['detail-type']} brought {video_id} back")
    return faults
