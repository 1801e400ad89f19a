"""Why did an event not get on? What several steps ask of the journal, and the answers by name."""

from __future__ import annotations

from collections.abc import Iterable

from infra.emulator import moto_events
from infra.emulator.delivery import Entry
from infra.emulator.event_patterns import nearest_rule
from infra.emulator.exercise.journey import Stopped
from infra.emulator.exercise.travel import Travel, name_of
from infra.emulator.moto_events import Event
from infra.errors import nearest

CREATED = "Object Created"


def announcement(travel: Travel, key: str) -> Event:
    """Event of an upload.

    Raises:
        Stopped: no rule was given one; names what keeps it away.
    """
    for event in reversed(travel.delivery.seen):
        # moto announces the tags of a new object, too, even when it has none.
        if event["detail-type"] == CREATED and event["detail"]["object"]["key"] == key:
            return event
    if not moto_events.announces(travel.place.account, travel.place.region, travel.raw):
        raise Stopped(
            f"bucket {travel.raw} sends no events to EventBridge: its notification configuration has no"
            " EventBridgeConfiguration (aws.s3.BucketNotification with eventbridge=True)"
        )
    raise Stopped("the default event bus has no rule that could see the upload")


def own_event(travel: Travel, what: str, video_id: str) -> Event:
    """The last event of some detail-type that a function put on the stack's bus about a video.

    Raises:
        Stopped: there is none; names what failed before it.
    """
    for event in reversed(travel.delivery.seen):
        if event["detail-type"] == what and event["detail"].get("videoId") == video_id:
            return event
    failures = [cause for entry in travel.delivery.journal for cause in causes_of(travel, entry)]
    raise Stopped(f"nobody put {what!r} about {video_id} on the stack's bus", *dict.fromkeys(failures))


def require_match(travel: Travel, event: Event) -> str:
    """The rule that matched an event.

    Raises:
        Stopped: none did; names the nearest one and the fields that do not fit.
    """
    entries = entries_of(travel, event)
    if matched := sorted({entry.rule.name for entry in entries if entry.what == "matched"}):
        return f"rule {', '.join(matched)}"
    require_none(entry.detail for entry in entries if entry.what == "disabled")
    found = nearest_rule(moto_events.all_rules(travel.place.account, travel.place.region), event)
    what = f"no rule matches {event['detail-type']} of {event['source']}"
    if found is None:
        raise Stopped(f"{what}: the default event bus has no rule with a pattern")
    rule, lacking = found
    if not lacking:
        raise Stopped(f"rule {rule.name} matches, but it is {'without target' if rule.enabled else 'disabled'}")
    raise Stopped(what, *(f"nearest is rule {rule.name}: {one}" for one in lacking))


def require_invocation(travel: Travel, event: Event) -> Entry:
    """The successful call of a function for an event.

    Raises:
        Stopped: there is none; says why, and what became of the event.
    """
    entries = entries_of(travel, event)
    for entry in entries:
        if entry.what == "invoked":
            return entry
    causes = {cause: None for entry in entries for cause in causes_of(travel, entry)}
    raise Stopped(*(causes or [f"no rule that matches {event['detail-type']} has a target"]))


def causes_of(travel: Travel, entry: Entry) -> list[str]:
    """What an entry of the journal says about a failure."""
    if entry.what == "failed":
        function = name_of(entry.target)
        return [f"function {function} fails: {entry.detail}", *foreign_arns(travel, entry.target)]
    if entry.what == "refused":
        return [entry.detail]
    if entry.what == "lost":
        return [f"the event is lost: {entry.detail}"]
    return [f"the event is kept {entry.detail.partition(':')[0]}"] if entry.what == "dead-lettered" else []


def foreign_arns(travel: Travel, function_arn: str) -> list[str]:
    """Variables of a function that hold the ARN of nothing in the stack: often the cause of an error."""
    function = travel.delivery.function(function_arn)
    states = travel.session.recording.states.values()
    known = [str(state.outputs["arn"]) for state in states if "arn" in state.outputs]
    return [
        f"environment variable {name} of {function.name} holds {value}, the ARN of nothing in this stack;"
        f" {nearest(value, known)}"
        for name, value in sorted((function.environment if function else {}).items())
        if function and value.startswith("arn:") and value not in known
    ]


def require_permissions(travel: Travel, entry: Entry) -> str:
    """What a function did, after its role was asked.

    Raises:
        Stopped: names each action that the role does not allow, and the nearest statement.
    """
    function = travel.delivery.function(entry.target)
    if function is None or entry.outcome is None:
        raise Stopped(f"function {entry.target} is gone")
    calls = entry.outcome.calls
    require_none(travel.audit.function(function, calls))
    return f"{function.name}: {', '.join(f'{one.service} {one.operation}' for one in calls)}; its role allows each"


def require_none(faults: Iterable[str]) -> None:
    """Stop when there is a fault; all of them are the causes."""
    found = list(faults)
    if found:
        raise Stopped(*found)


def entries_of(travel: Travel, event: Event) -> list[Entry]:
    """What happened to an event."""
    return [entry for entry in travel.delivery.journal if entry.event is event]
