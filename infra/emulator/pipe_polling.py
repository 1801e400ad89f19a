"""EventBridge Pipes: what a stream says becomes an event on a bus, under the pipe's role.

Not emulated, and refused by name: enrichment, input templates, targets that are no bus, sources that are no stream.

Source: EventBridge user guide, "Amazon EventBridge Pipes" (concepts, permissions, event filtering).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.emulator import moto_events
from infra.emulator.dead_letters import Clients
from infra.emulator.permissions import Request, decide, trust_policy
from infra.emulator.streams import FOR_EVER, Batch, Cursor, Failure, Record, needs, obstacle, set_aside, settle

PIPES = "pipes.amazonaws.com"
PARAMETERS = {"kinesis": "KinesisStreamParameters", "dynamodb": "DynamoDBStreamParameters"}
MOST_ENTRIES = 10
"""That one PutEvents takes."""


@dataclass(frozen=True)
class Flow:
    """What became of one batch."""

    pipe: str
    role_arn: str
    records: int
    """That passed the pipe's filter."""
    needs: tuple[Request, ...]
    """What the pipe does under its role, or must be able to."""
    faults: tuple[str, ...]
    """Why records did not arrive; empty when all did."""

    def __str__(self) -> str:
        return f"pipe {self.pipe}: {'; '.join(self.faults) or f'{self.records} records'}"


class PipePolling:
    """The pipes of an account, each with its own place in its stream."""

    def __init__(self, clients: Clients, account: str) -> None:
        """Begin to read; what is in the streams already counts as old for a pipe that starts at LATEST."""
        self._clients = clients
        self._account = account
        names = [one["Name"] for one in clients("pipes").list_pipes()["Pipes"]]
        self._pipes = [clients("pipes").describe_pipe(Name=name) for name in sorted(names)]
        self._cursors = {
            one["Name"]: Cursor(clients, one["Source"], _parameters(one).get("StartingPosition", "LATEST"))
            for one in self._pipes
            if one["Source"].split(":")[2] in PARAMETERS
        }

    def poll(self) -> Iterator[Flow]:
        """One batch of each shard that a pipe reads and that holds something new."""
        for pipe in self._pipes:
            if why := _unknown(pipe):
                yield Flow(pipe["Name"], pipe["RoleArn"], 0, (), (why,))
            elif pipe["DesiredState"] == "RUNNING":
                yield from self._read(pipe)

    def _read(self, pipe: Mapping[str, Any]) -> Iterator[Flow]:
        who, role, parameters = f"pipe {pipe['Name']}", pipe["RoleArn"], _parameters(pipe)
        queue = parameters.get("DeadLetterConfig", {}).get("Arn", "")
        wanted = (*needs(pipe["Source"]), Request("events:PutEvents", pipe["Target"]))
        used = (*wanted, *([Request("sqs:SendMessage", queue)] if queue else []))
        lacking = self._mistrust(pipe) or obstacle(self._clients, who, role, wanted)
        for batch in self._cursors[pipe["Name"]].read(parameters.get("BatchSize", 100)):
            kept = Batch(batch.stream_arn, batch.shard_id, [one for one in batch.records if _passes(pipe, one)])
            failures = [] if lacking or not kept.records else self._hand_over(pipe, kept)
            faults = [lacking] if lacking else []
            faults += [set_aside(self._clients, who, role, queue, one, list(one.batch.records)) for one in failures]
            yield Flow(pipe["Name"], role, len(kept.records), used, tuple(faults))

    def _mistrust(self, pipe: Mapping[str, Any]) -> str:
        """Why Pipes could not assume the role; empty when it can."""
        context = {"aws:SourceAccount": self._account, "aws:SourceArn": pipe["Arn"]}
        request = Request("sts:AssumeRole", pipe["RoleArn"], context, PIPES)
        answer = decide(trust_policy(self._clients("iam"), pipe["RoleArn"]), request)
        return "" if answer.allowed else f"Pipes may not assume role {pipe['RoleArn']}: {answer.reason}"

    def _hand_over(self, pipe: Mapping[str, Any], batch: Batch) -> Iterator[Failure]:
        said = pipe["TargetParameters"]["EventBridgeEventBusParameters"]

        def send(part: Batch) -> str:
            for start in range(0, len(part.records), MOST_ENTRIES):
                entries = [
                    {
                        "EventBusName": pipe["Target"],
                        "Source": said["Source"],
                        "DetailType": said["DetailType"],
                        "Detail": json.dumps(record),
                    }
                    for record in part.records[start : start + MOST_ENTRIES]
                ]
                if error := _put(self._clients("events"), entries):
                    return error
            return ""

        parameters = _parameters(pipe)
        bisect = parameters.get("OnPartialBatchItemFailure") == "AUTOMATIC_BISECT"
        return settle(batch, send, int(parameters.get("MaximumRetryAttempts", FOR_EVER)), bisect)


def _put(events: Any, entries: Sequence[Mapping[str, str]]) -> str:
    """Put entries on a bus; the error, empty when all were taken."""
    try:
        answer = events.put_events(Entries=entries)
    except ClientError as error:
        return str(error)
    return next((one["ErrorMessage"] for one in answer["Entries"] if "ErrorMessage" in one), "")


def _parameters(pipe: Mapping[str, Any]) -> Mapping[str, Any]:
    name = PARAMETERS.get(pipe["Source"].split(":")[2], "")
    return dict(pipe.get("SourceParameters", {}).get(name, {}))


def _unknown(pipe: Mapping[str, Any]) -> str:
    """What of a pipe this emulator does not do; empty when it does all."""
    target = pipe.get("TargetParameters", {})
    unknown = {
        f"source {pipe['Source']}": pipe["Source"].split(":")[2] not in PARAMETERS,
        f"target {pipe['Target']}": ":event-bus/" not in pipe["Target"],
        "an enrichment": bool(pipe.get("Enrichment")),
        "an input template": bool(target.get("InputTemplate")),
    }
    found = [what for what, there in unknown.items() if there]
    return f"pipe {pipe['Name']} has {', '.join(found)}, which the emulator does not do" if found else ""


def _passes(pipe: Mapping[str, Any], record: Record) -> bool:
    """Whether one of the pipe's filters, if it has any, wants a record."""
    filters = pipe.get("SourceParameters", {}).get("FilterCriteria", {}).get("Filters", [])
    return not filters or any(moto_events.matches(json.loads(one["Pattern"]), record) for one in filters)
