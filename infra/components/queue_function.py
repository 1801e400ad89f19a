"""A Lambda function that works a queue off, in batches, and hands back only what failed."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.dead_letters import DEAD_LETTER_SECONDS
from infra.components.handler_function import BackgroundFunction, FunctionArgs
from infra.naming import Naming

BATCH = 10
RECEIVES = 5
"""Attempts at a message before the dead-letter queue gets it."""
VISIBILITY_PER_TIMEOUT = 6
"""Lambda developer guide: a message stays hidden for six times the function's timeout, or it is worked on twice."""


@dataclass(frozen=True, kw_only=True)
class QueueFunctionArgs(FunctionArgs):
    """What one handler needs, and how fast it may work."""

    concurrency: int
    """Batches that are worked on at the same time; Lambda takes 2 to 1,000."""


class QueueFunction(BackgroundFunction):
    """Queue -> function. Messages that the handler names as failed come again, and then become dead letters."""

    queue: aws.sqs.Queue

    def __init__(
        self, name: str, naming: Naming, args: QueueFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:compute:QueueFunction", name, naming, args, opts)
        self.queue = aws.sqs.Queue(
            name,
            message_retention_seconds=DEAD_LETTER_SECONDS,
            visibility_timeout_seconds=args.timeout_seconds * VISIBILITY_PER_TIMEOUT,
            sqs_managed_sse_enabled=True,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": self.dead_letters.arn, "maxReceiveCount": RECEIVES}
            ),
            tags=self._tags,
            opts=self._child,
        )
        receive = aws.iam.RolePolicy(
            f"{name}-receive",
            role=self._role.name,
            policy=iam.document(
                iam.allow(["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"], self.queue.arn)
            ),
            opts=self._child,
        )
        aws.lambda_.EventSourceMapping(
            name,
            event_source_arn=self.queue.arn,
            function_name=self.function.arn,
            batch_size=BATCH,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={"maximum_concurrency": args.concurrency},
            tags=self._tags,
            # Lambda tries to receive while the mapping is being created.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[receive]),
        )
        self.register_outputs({"function": self.function.arn, "queue": self.queue.url})
