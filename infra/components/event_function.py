"""A Lambda function that an EventBridge rule calls, with everything that must not be forgotten around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.naming import Naming

SOURCE_ROOT = Path(__file__).parent.parent.parent
"""Root of the source tree. A package mirrors it, so that imports read the same here and in AWS."""

RUNTIME = "python3.13"
ARCHITECTURE = "arm64"
MEMORY_MIB = 256
TIMEOUT_SECONDS = 30
EVENT_AGE_SECONDS = 6 * 3600
"""How long EventBridge keeps trying to hand over an event before the dead-letter queue gets it."""
EVENT_RETRIES = 24
DEAD_LETTER_SECONDS = 14 * 24 * 3600
"""The longest that SQS keeps a message: two weeks to notice and replay."""
ALARM_PERIOD_SECONDS = 300


@dataclass(frozen=True)
class EventFunctionArgs:
    """What one handler needs."""

    description: str
    modules: Sequence[str]
    """Files of infra/functions that make the package; the first one holds ``handler``."""
    event_pattern: Mapping[str, Any]
    """EventBridge pattern; values may be outputs."""
    environment: Mapping[str, pulumi.Input[str]]
    statements: Sequence[iam.Statement]
    """What the handler may do, besides writing its log and its dead letters."""
    log_retention_days: int


def code_package(modules: Sequence[str]) -> pulumi.AssetArchive:
    """Deployment package of the named files of infra/functions, and of nothing else."""
    files = [
        "infra/__init__.py",
        "infra/functions/__init__.py",
        *(f"infra/functions/{name}.py" for name in modules),
    ]
    return pulumi.AssetArchive({file: pulumi.FileAsset(str(SOURCE_ROOT / file)) for file in files})


class EventFunction(pulumi.ComponentResource):
    """Rule -> function, with its own role, log, retries and dead letters.

    Two ways lead to the dead-letter queue: EventBridge could not hand the event over, or the function failed it.
    """

    function: aws.lambda_.Function
    rule: aws.cloudwatch.EventRule
    dead_letters: aws.sqs.Queue

    def __init__(
        self, name: str, naming: Naming, args: EventFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:compute:EventFunction", name, None, opts)
        tags = naming.tags(name)
        child = pulumi.ResourceOptions(parent=self)
        physical = naming.physical(name)
        logs = aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/lambda/{physical}",
            retention_in_days=args.log_retention_days,
            tags=tags,
            opts=child,
        )
        self.dead_letters = aws.sqs.Queue(
            f"{name}-dead-letters",
            message_retention_seconds=DEAD_LETTER_SECONDS,
            sqs_managed_sse_enabled=True,
            tags=tags,
            opts=child,
        )
        role = aws.iam.Role(
            name, assume_role_policy=iam.document(iam.trust("lambda.amazonaws.com")), tags=tags, opts=child
        )
        permissions = aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=iam.document(
                iam.allow(["logs:CreateLogStream", "logs:PutLogEvents"], pulumi.Output.concat(logs.arn, ":*")),
                iam.allow(["sqs:SendMessage"], self.dead_letters.arn),
                *args.statements,
            ),
            opts=child,
        )
        self.function = aws.lambda_.Function(
            name,
            name=physical,
            description=args.description,
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            handler=f"infra.functions.{args.modules[0]}.handler",
            code=code_package(args.modules),
            role=role.arn,
            memory_size=MEMORY_MIB,
            timeout=TIMEOUT_SECONDS,
            environment={"variables": args.environment},
            dead_letter_config={"target_arn": self.dead_letters.arn},
            tags=tags,
            # Without its log group in place Lambda would make one that never expires; without its permissions the first
            # event would fail.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs, permissions]),
        )
        self.rule = aws.cloudwatch.EventRule(
            name,
            name=physical,
            description=args.description,
            event_pattern=pulumi.Output.json_dumps(args.event_pattern, sort_keys=True),
            tags=tags,
            opts=child,
        )
        aws.lambda_.Permission(
            name,
            action="lambda:InvokeFunction",
            function=self.function.name,
            principal="events.amazonaws.com",
            source_arn=self.rule.arn,
            opts=child,
        )
        aws.cloudwatch.EventTarget(
            name,
            rule=self.rule.name,
            arn=self.function.arn,
            dead_letter_config={"arn": self.dead_letters.arn},
            retry_policy={
                "maximum_event_age_in_seconds": EVENT_AGE_SECONDS,
                "maximum_retry_attempts": EVENT_RETRIES,
            },
            opts=child,
        )
        aws.sqs.QueuePolicy(
            f"{name}-dead-letters",
            queue_url=self.dead_letters.url,
            policy=iam.document(
                iam.service_may(
                    "events.amazonaws.com",
                    ["sqs:SendMessage"],
                    self.dead_letters.arn,
                    source_arns=[self.rule.arn],
                )
            ),
            opts=child,
        )
        aws.cloudwatch.MetricAlarm(
            f"{name}-dead-letters",
            alarm_description=f"Events that {physical} could not handle wait in its dead-letter queue.",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": self.dead_letters.name},
            statistic="Maximum",
            period=ALARM_PERIOD_SECONDS,
            evaluation_periods=1,
            threshold=0,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
            tags=tags,
            opts=child,
        )
        self.register_outputs({"function": self.function.arn, "deadLetters": self.dead_letters.url})
