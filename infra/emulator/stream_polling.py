"""Lambda reads streams: hands each batch to the function, cuts and repeats what fails, and tells where it gave up.

A batch that was given up leaves a note in the mapping's destination: where the records are, not the records. Without a
destination they are lost, and the reading says so. Not emulated: batching windows, parallelization, filters, partial
batches, the age of records.

Source: Lambda developer guide, "Using Lambda with Amazon Kinesis", "Retain discarded batch records".
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from infra.emulator.dead_letters import Clients
from infra.emulator.delivery import Runner
from infra.emulator.function_runner import DeployedFunction, Outcome
from infra.emulator.permissions import Request
from infra.emulator.streams import FOR_EVER, Batch, Cursor, Failure, needs, obstacle, set_aside, settle

STREAMS = ("kinesis", "dynamodb")
BATCH_INFO = {"kinesis": "KinesisBatchInfo", "dynamodb": "DDBStreamBatchInfo"}


@dataclass(frozen=True)
class Reading:
    """What became of one batch."""

    stream_arn: str
    function_arn: str
    records: int
    outcomes: tuple[Outcome, ...]
    """Of each call of the function."""
    needs: tuple[Request, ...]
    """What Lambda does under the function's role, or must be able to."""
    faults: tuple[str, ...]
    """Why records were not read, set aside or lost; empty when all were taken."""

    def __str__(self) -> str:
        stream, function = self.stream_arn.rpartition(":")[2], self.function_arn.rpartition(":")[2]
        said = "; ".join(self.faults) or f"{self.records} records, {len(self.outcomes)} calls"
        return f"{stream} -> function {function}: {said}"


class StreamPolling:
    """The mappings of an account from streams to functions, each with its own place in its stream."""

    def __init__(self, clients: Clients, runner: Runner, function: Callable[[str], DeployedFunction | None]) -> None:
        """Begin to read; what is in the streams already counts as old for a mapping that starts at LATEST."""
        self._clients = clients
        self._runner = runner
        self._function = function
        self._numbers = itertools.count()
        self._last: dict[str, Batch] = {}
        mappings = clients("lambda").list_event_source_mappings()["EventSourceMappings"]
        self._mappings = {one["UUID"]: one for one in mappings if one["EventSourceArn"].split(":")[2] in STREAMS}
        self._cursors = {
            key: Cursor(clients, one["EventSourceArn"], one["StartingPosition"]) for key, one in self._mappings.items()
        }

    def poll(self) -> Iterator[Reading]:
        """One batch of each shard that a function reads and that holds something new."""
        for key, mapping in self._mappings.items():
            found = self._function(mapping["FunctionArn"])
            if found is not None and mapping.get("State", "Enabled") == "Enabled":
                for batch in self._cursors[key].read(mapping["BatchSize"]):
                    self._last[key] = batch
                    yield self._serve(batch, mapping, found)

    def repeat(self) -> Iterator[Reading]:
        """Hand the last batch of each function over once more, as Lambda may do at any time."""
        for key, batch in self._last.items():
            if (found := self._function(self._mappings[key]["FunctionArn"])) is not None:
                yield self._serve(batch, self._mappings[key], found)

    def _serve(self, batch: Batch, mapping: Mapping[str, Any], function: DeployedFunction) -> Reading:
        arn, who = mapping["EventSourceArn"], f"function {function.name}"
        queue = mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")
        used = (*needs(arn), *([Request("sqs:SendMessage", queue)] if queue else []))
        lacking = obstacle(self._clients, who, function.role_arn, needs(arn))
        outcomes: list[Outcome] = []
        faults = [lacking] if lacking else []
        if not lacking:
            for failure in self._hand_over(batch, mapping, function, outcomes):
                left = note(failure, function)
                faults.append(set_aside(self._clients, who, function.role_arn, queue, failure, left))
        return Reading(arn, function.arn, len(batch.records), tuple(outcomes), used, tuple(faults))

    def _hand_over(
        self, batch: Batch, mapping: Mapping[str, Any], function: DeployedFunction, outcomes: list[Outcome]
    ) -> Iterator[Failure]:
        def send(part: Batch) -> str:
            records = [{**record, "invokeIdentityArn": function.role_arn} for record in part.records]
            request_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{function.arn} {next(self._numbers)}"))
            outcomes.append(self._runner.invoke(function, {"Records": records}, request_id))
            return str(outcomes[-1].error or "")

        retries = int(mapping.get("MaximumRetryAttempts", FOR_EVER))
        return settle(batch, send, retries, bool(mapping.get("BisectBatchOnFunctionError")))


def note(failure: Failure, function: DeployedFunction) -> dict[str, Any]:
    """What Lambda puts into the destination for a batch that it gave up: where the records are."""
    batch = failure.batch
    service = batch.stream_arn.split(":")[2]
    first, last = (batch.records[place] for place in (0, -1))
    return {
        "requestContext": {
            "functionArn": f"{function.arn}:$LATEST",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": failure.attempts,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        BATCH_INFO[service]: {
            "shardId": batch.shard_id,
            "startSequenceNumber": _place(first)[0],
            "endSequenceNumber": _place(last)[0],
            "approximateArrivalOfFirstRecord": _place(first)[1],
            "approximateArrivalOfLastRecord": _place(last)[1],
            "batchSize": len(batch.records),
            "streamArn": batch.stream_arn,
        },
    }


def _place(record: Mapping[str, Any]) -> tuple[str, str]:
    """Sequence number and time of a record."""
    if "kinesis" in record:
        number, seconds = record["kinesis"]["sequenceNumber"], record["kinesis"]["approximateArrivalTimestamp"]
    else:
        number, seconds = record["dynamodb"]["SequenceNumber"], record["dynamodb"]["ApproximateCreationDateTime"]
    return number, datetime.fromtimestamp(seconds, UTC).isoformat()
