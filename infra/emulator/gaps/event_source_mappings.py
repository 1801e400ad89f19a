"""moto serves a queue or stream by calling its function at once, but without Docker it runs no code and says "done".

The message would be gone and nobody would have worked on it. Here a mapping is only kept; who serves queues is
``infra/emulator/queue_polling.py``.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.awslambda.models import EventSourceMapping, LambdaBackend
from moto.dynamodb.models import dynamodb_backends
from moto.kinesis.models import kinesis_backends
from moto.sqs.models import sqs_backends

MARK = "_reelplan_keeps_mappings"


def install() -> None:
    """Keep moto from serving mappings; doing it again changes nothing."""
    original = LambdaBackend.create_event_source_mapping
    if hasattr(original, MARK):
        return

    @functools.wraps(original)
    def create(self: LambdaBackend, spec: dict[str, Any]) -> EventSourceMapping:
        made = original(self, spec)
        for holder in _holders(self):
            holder.lambda_event_source_mappings.clear()
        return made

    setattr(create, MARK, True)
    LambdaBackend.create_event_source_mapping = create  # type: ignore[method-assign]  # moto has no hook for it


def _holders(backend: LambdaBackend) -> list[Any]:
    """Queues, streams and tables of the account, each of which knows the functions to call."""
    account, region = backend.account_id, backend.region_name
    return [
        *sqs_backends[account][region].queues.values(),
        *kinesis_backends[account][region].streams.values(),
        *dynamodb_backends[account][region].tables.values(),
    ]
