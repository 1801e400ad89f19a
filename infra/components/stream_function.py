"""A Lambda function that reads a Kinesis stream, in order within a shard."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.handler_function import BackgroundFunction, FunctionArgs
from infra.naming import Naming

BATCH = 500
WINDOW_SECONDS = 5
RETRIES = 3
READ_STREAM = ("kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards")


@dataclass(frozen=True, kw_only=True)
class StreamFunctionArgs(FunctionArgs):
    """What one handler needs, and which stream it reads."""

    stream: aws.kinesis.Stream


class StreamFunction(BackgroundFunction):
    """Stream -> function. A batch that fails is halved; where a record fails for good is noted in the dead letters."""

    def __init__(
        self, name: str, naming: Naming, args: StreamFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:compute:StreamFunction", name, naming, args, opts)
        read = aws.iam.RolePolicy(
            f"{name}-read",
            role=self._role.name,
            policy=iam.document(iam.allow(READ_STREAM, args.stream.arn)),
            opts=self._child,
        )
        aws.lambda_.EventSourceMapping(
            name,
            event_source_arn=args.stream.arn,
            function_name=self.function.arn,
            # After a pause it goes on where it was; a new one begins with what is new.
            starting_position="LATEST",
            batch_size=BATCH,
            maximum_batching_window_in_seconds=WINDOW_SECONDS,
            maximum_retry_attempts=RETRIES,
            bisect_batch_on_function_error=True,
            destination_config={"on_failure": {"destination_arn": self.dead_letters.arn}},
            tags=self._tags,
            # Lambda reads while the mapping is being created.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[read]),
        )
        self.register_outputs({"function": self.function.arn})
