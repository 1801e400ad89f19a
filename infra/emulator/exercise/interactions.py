"""What viewers do travels through streams: a change of the feed becomes an event, a view counts for its video."""

from __future__ import annotations

import json
from decimal import Decimal

from infra.emulator.exercise.journey import Absent, Stopped
from infra.emulator.exercise.travel import Travel

STREAM = "aws:kinesis/stream:Stream"
WEIGHTS = "WEIGHTS"
"""Variable of the function that counts: kind of interaction -> weight."""
COUNTRY = "NZ"
"""That no other story counts for."""


def announce_changes(travel: Travel) -> str:
    """A pipe reads the stream of the feed's table, and puts what changed on the bus."""
    table, user = travel.table("feed"), f"USER#{travel.run}"
    if not table:
        raise Absent("the stack has no feed")
    item = {"pk": {"S": user}, "sk": {"S": "FOLLOWS#bob"}, "target_pk": {"S": "USER#bob"}, "target_sk": {"S": user}}
    travel.client("dynamodb").put_item(TableName=table, Item=item)
    travel.settle()
    changes = [event for event in travel.delivery.seen if event["detail-type"] == "Feed Changed"]
    for event in changes:
        change = event["detail"]["dynamodb"]
        if change["Keys"]["pk"]["S"] == user and change["NewImage"] == item:
            return f"{event['detail']['eventName']} of {user} is on the bus as {event['source']} {event['detail-type']}"
    raise Stopped(f"{user} follows somebody now, but of {len(changes)} changes on the bus none says so")


def count(travel: Travel) -> str:
    """Interactions in the stream raise the score of a candidate; what is no interaction blocks nothing."""
    candidates, streams = travel.table("candidates"), travel.outputs(STREAM, "arn")
    if not candidates:
        raise Absent("the stack recommends nothing (recommendation.enabled)")
    weights = {kind: Decimal(str(weight)) for kind, weight in json.loads(_weights(travel)).items()}
    video_id = travel.video_id
    kinds = [kind for kind in weights if weights[kind] > 0]
    said = [json.dumps({"video_id": video_id, "kind": kind, "country": COUNTRY}).encode() for kind in kinds]
    records = [{"Data": data, "PartitionKey": video_id} for data in (b"no interaction", *said)]
    travel.client("kinesis").put_records(StreamARN=streams[0], Records=records)
    travel.settle()
    # Kinesis gives Lambda a batch again whenever it does not know what became of it.
    travel.settle(again=True)
    item = travel.item(candidates, f"POOL#{COUNTRY}", f"VIDEO#{video_id}")
    wanted = sum((weights[kind] for kind in kinds), Decimal(0))
    if Decimal(str(item.get("score", 0))) != wanted:
        raise Stopped(f"the score of the candidate is {item.get('score', 'missing')}, expected {wanted}")
    return f"{', '.join(kinds)} make a score of {wanted}, also when they come twice"


def _weights(travel: Travel) -> str:
    found = [one.environment[WEIGHTS] for one in travel.functions() if WEIGHTS in one.environment]
    if not found:
        raise Stopped(f"no function of the stack has {WEIGHTS} in its environment: nobody counts interactions")
    return found[0]
