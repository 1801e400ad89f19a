"""A video that is watched a lot earns better codecs: they come beside what is published, and nothing else changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from infra.emulator.exercise import job_checks
from infra.emulator.exercise.causes import own_event, require_invocation, require_none, require_permissions
from infra.emulator.exercise.journey import Absent, Stopped
from infra.emulator.exercise.playlists import files_of, variants
from infra.emulator.exercise.stories import require_state, send
from infra.emulator.exercise.travel import Travel, upload_key
from infra.emulator.moto_events import Event

LADDERS = "EARNED_LADDERS"
"""Variable of the function that sends the jobs: codec -> ladder."""
VIEWS = "EARNED_VIEWS"
"""Variable of the function that counts: codec -> views."""
STREAM = "aws:kinesis/stream:Stream"
EARNED, TRANSCODED = "Codec Earned", "Codec Transcoded"
MOST_VIEWS = 5000
"""Beyond so many nobody waits here until they are counted: the event is put on the bus by hand."""
RECORDS = 500
"""Most in one request of Kinesis."""


def earn(travel: Travel) -> str:
    """Every codec that the stack knows is made once for a published video."""
    ladders, thresholds = variable(travel, LADDERS), variable(travel, VIEWS)
    if not ladders:
        raise Absent("this stack makes none (transcoding.earnedCodecs is empty)")
    video_id, seen, said = f"{travel.run}-popular", 0, []
    send(travel, video_id)
    require_state(travel, video_id, "published")
    for codec, views in sorted(thresholds.items(), key=lambda item: int(item[1])):
        if views <= MOST_VIEWS:
            add(travel, video_id, codec, ladders[codec], partial(watch, travel, video_id, codec, views - seen))
            seen = views
            said.append(f"{codec} after {views:,} views")
        else:
            add(travel, video_id, codec, ladders[codec], partial(tell, travel, video_id, codec))
            said.append(codec)
    return f"{', '.join(said)}, beside what was there; asked for twice, made once"


def variable(travel: Travel, name: str) -> Mapping[str, Any]:
    """What the deployed function that has an environment variable of this name is told; empty in a stack without."""
    found = [one.environment[name] for one in travel.functions() if name in one.environment]
    return dict(json.loads(found[0])) if found else {}


def watch(travel: Travel, video_id: str, codec: str, views: int) -> None:
    """Watch a video until it has earned a codec: not a view too early, and with the last one."""
    (stream,) = travel.outputs(STREAM, "arn")
    view = {"Data": json.dumps({"video_id": video_id, "kind": "view"}).encode(), "PartitionKey": video_id}
    for count in (views - 1, 1):
        if any(event["detail"]["codec"] == codec for event in earned_events(travel, video_id)):
            raise Stopped(f"{video_id} has earned {codec} before the last view")
        for start in range(0, count, RECORDS):
            travel.client("kinesis").put_records(StreamARN=stream, Records=[view] * min(RECORDS, count - start))
        travel.settle()


def tell(travel: Travel, video_id: str, codec: str) -> None:
    """Say on the bus that a video has earned a codec, as people may, too."""
    travel.put_event("video", EARNED, videoId=video_id, codec=codec)


def earned_events(travel: Travel, video_id: str) -> list[Event]:
    """Events that say that a video has earned a codec."""
    said = [event for event in travel.delivery.seen if event["detail-type"] == EARNED]
    return [event for event in said if event["detail"]["videoId"] == video_id]


def add(travel: Travel, video_id: str, codec: str, ladder: Mapping[str, Any], ask: Callable[[], None]) -> None:
    """Have one codec made, and look at what came of it."""
    record, files, jobs = travel.video(video_id), travel.files("v", video_id), len(travel.jobs(upload_key(video_id)))
    ask()
    asked = [event for event in earned_events(travel, video_id) if event["detail"]["codec"] == codec]
    if len(asked) != 1:
        raise Stopped(f"{len(asked)} events say that {video_id} has earned {codec}, expected 1")
    require_permissions(travel, require_invocation(travel, asked[0]))
    travel.finish_jobs()
    travel.delivery.drain()
    transcoded = own_event(travel, TRANSCODED, video_id)
    require_permissions(travel, require_invocation(travel, transcoded))
    for again in (asked[0], transcoded):
        travel.redeliver(again)
    require_none(codec_faults(travel, video_id, codec, ladder))
    later = travel.video(video_id)
    made = len(travel.jobs(upload_key(video_id))) - jobs
    require_none(
        [
            *(f"{codec} changed {name} of the record" for name in sorted(record) if record[name] != later.get(name)),
            *(f"{codec} took {key} from the viewers" for key in sorted({*files} - {*travel.files("v", video_id)})),
            *([f"{codec} made {made} jobs, expected 1"] if made != 1 else []),
        ]
    )


def codec_faults(travel: Travel, video_id: str, codec: str, ladder: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a codec that should be published."""
    made = travel.video(video_id).get(f"codec_{codec}", {})
    if made.get("state") != "published":
        raise Stopped(f"{codec} of {video_id} is {json.dumps(made, sort_keys=True)}, expected state published")
    there = set(travel.files("v", video_id))
    for name in ("hls", "dash"):
        missing = [key for key in files_of(made[name], travel.text) if key not in there]
        yield from (f"{name} of {codec} leads to {key}, which is not published" for key in missing)
    expected = len(job_checks.rungs_for(ladder, travel.short_edge))
    if (offered := variants(travel.text(made["hls"]))) != expected:
        yield f"{made['hls']} offers {offered} renditions, expected {expected}"
