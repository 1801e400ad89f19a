"""A Lambda function with everything that must not be forgotten around it; what calls it is said by the subclasses.

Two kinds: one that somebody waits for (``HandlerFunction``) hands its failures to the caller; one that nobody waits for
(``BackgroundFunction``) keeps what it fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.dead_letters import DeadLetters
from infra.naming import Naming

SOURCE_ROOT = Path(__file__).parent.parent.parent
"""Root of the source tree. A package mirrors it, so that imports read the same here and in AWS."""

RUNTIME = "python3.13"
ARCHITECTURE = "arm64"
MEMORY_MIB = 256
TIMEOUT_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    """What one handler needs."""

    description: str
    modules: Sequence[str]
    """Files of infra/functions that make the package; the first one holds ``handler``."""
    environment: Mapping[str, pulumi.Input[str]]
    statements: Sequence[iam.Statement]
    """What the handler may do, besides writing its log and keeping what it fails."""
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
    """Function with its own role and log.

    Subclasses add what calls it: an API, a rule, a queue, a stream, a user pool.
    """

    function: aws.lambda_.Function

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
        letters = self._keep_failures()
        self._role = aws.iam.Role(
            name,
            assume_role_policy=iam.document(iam.trust("lambda.amazonaws.com")),
            tags=self._tags,
            opts=self._child,
        )
        permissions = aws.iam.RolePolicy(
            name,
            role=self._role.name,
            policy=iam.document(
                iam.allow(["logs:CreateLogStream", "logs:PutLogEvents"], pulumi.Output.concat(logs.arn, ":*")),
                *([iam.allow(["sqs:SendMessage"], letters.arn)] if letters else []),
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
            role=self._role.arn,
            memory_size=MEMORY_MIB,
            timeout=args.timeout_seconds,
            environment={"variables": args.environment},
            dead_letter_config={"target_arn": letters.arn} if letters else None,
            tags=self._tags,
            # Without its log group in place Lambda would make one that never expires; without its permissions the first
            # event would fail.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs, permissions]),
        )

    def _keep_failures(self) -> aws.sqs.Queue | None:
        """Where what the function fails is kept; who waits for the answer hears of it, and nothing need be kept."""
        return None

    def _may_be_called_by(self, service: str, source_arn: pulumi.Input[str]) -> aws.lambda_.Permission:
        return aws.lambda_.Permission(
            self._logical_name,
            action="lambda:InvokeFunction",
            function=self.function.name,
            principal=service,
            source_arn=source_arn,
            opts=self._child,
        )


class BackgroundFunction(HandlerFunction):
    """Function that nobody waits for: what it fails becomes a dead letter, and an alarm goes off."""

    dead_letters: aws.sqs.Queue
    dead_letter_alarm: aws.cloudwatch.MetricAlarm
    """Goes off when there are any."""

    def _keep_failures(self) -> aws.sqs.Queue:
        what = f"Events that {self._physical} could not handle"
        kept = DeadLetters(f"{self._logical_name}-dead-letters", what, self._tags, self._child)
        self.dead_letters, self.dead_letter_alarm = kept.queue, kept.alarm
        return self.dead_letters
