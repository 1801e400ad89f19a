"""A Lambda function with everything that must not be forgotten around it; what calls it is said by the subclasses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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
DEAD_LETTER_SECONDS = 14 * 24 * 3600
"""The longest that SQS keeps a message: two weeks to notice and replay."""
ALARM_PERIOD_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    """What one handler needs."""

    description: str
    modules: Sequence[str]
    """Files of infra/functions that make the package; the first one holds ``handler``."""
    environment: Mapping[str, pulumi.Input[str]]
    statements: Sequence[iam.Statement]
    """What the handler may do, besides writing its log and its dead letters."""
    log_retention_days: int
    timeout_seconds: int = TIMEOUT_SECONDS


def code_package(modules: Sequence[str]) -> pulumi.AssetArchive:
    """Deployment package of the named files of infra/functions, and of nothing else."""
    files = [
        "infra/__init__.py",
        "infra/functions/__init__.py",
        *(f"infra/functions/{name}.py" for name in modules),
    ]
    return pulumi.AssetArchive({file: pulumi.FileAsset(str(SOURCE_ROOT / file)) for file in files})


class HandlerFunction(pulumi.ComponentResource):
    """Function with its own role, log and dead letters, and an alarm when there are any.

    Subclasses add what calls it: a rule, a queue, a stream, a user pool.
    """

    function: aws.lambda_.Function
    dead_letters: aws.sqs.Queue
    dead_letter_alarm: aws.cloudwatch.MetricAlarm
    """Goes off when there are any."""

    def __init__(
        self, kind: str, name: str, naming: Naming, args: FunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(kind, name, None, opts)
        self._logical_name = name
        self._physical = naming.physical(name)
        self._tags = naming.tags(name)
        self._child = pulumi.ResourceOptions(parent=self)
        logs = aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/lambda/{self._physical}",
            retention_in_days=args.log_retention_days,
            tags=self._tags,
            opts=self._child,
        )
        self.dead_letters = aws.sqs.Queue(
            f"{name}-dead-letters",
            message_retention_seconds=DEAD_LETTER_SECONDS,
            sqs_managed_sse_enabled=True,
            tags=self._tags,
            opts=self._child,
        )
        self.dead_letter_alarm = self._dead_letter_alarm()
        role = aws.iam.Role(
            name,
            assume_role_policy=iam.document(iam.trust("lambda.amazonaws.com")),
            tags=self._tags,
            opts=self._child,
        )
        self._role = role
        permissions = aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=iam.document(
                iam.allow(["logs:CreateLogStream", "logs:PutLogEvents"], pulumi.Output.concat(logs.arn, ":*")),
                iam.allow(["sqs:SendMessage"], self.dead_letters.arn),
                *args.statements,
            ),
            opts=self._child,
        )
        self.function = aws.lambda_.Function(
            name,
            name=self._physical,
            description=args.description,
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            handler=f"infra.functions.{args.modules[0]}.handler",
            code=code_package(args.modules),
            role=role.arn,
            memory_size=MEMORY_MIB,
            timeout=args.timeout_seconds,
            environment={"variables": args.environment},
            dead_letter_config={"target_arn": self.dead_letters.arn},
            tags=self._tags,
            # Without its log group in place Lambda would make one that never expires; without its permissions the first
            # event would fail.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs, permissions]),
        )

    def _may_be_called_by(self, service: str, source_arn: pulumi.Input[str]) -> aws.lambda_.Permission:
        return aws.lambda_.Permission(
            self._logical_name,
            action="lambda:InvokeFunction",
            function=self.function.name,
            principal=service,
            source_arn=source_arn,
            opts=self._child,
        )

    def _dead_letter_alarm(self) -> aws.cloudwatch.MetricAlarm:
        return aws.cloudwatch.MetricAlarm(
            f"{self._logical_name}-dead-letters",
            alarm_description=f"Events that {self._physical} could not handle wait in its dead-letter queue.",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": self.dead_letters.name},
            statistic="Maximum",
            period=ALARM_PERIOD_SECONDS,
            evaluation_periods=1,
            threshold=0,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
            tags=self._tags,
            opts=self._child,
        )
