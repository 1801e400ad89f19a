"""A Lambda function that an SNS topic calls."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.handler_function import BackgroundFunction, FunctionArgs
from infra.naming import Naming


@dataclass(frozen=True, kw_only=True)
class TopicFunctionArgs(FunctionArgs):
    """What one handler needs, and which topic it hears."""

    topic: aws.sns.Topic


class TopicFunction(BackgroundFunction):
    """Topic -> function. Dead letters are what SNS could not hand over and what the function failed."""

    def __init__(
        self, name: str, naming: Naming, args: TopicFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:compute:TopicFunction", name, naming, args, opts)
        permission = self._may_be_called_by("sns.amazonaws.com", args.topic.arn)
        policy = aws.sqs.QueuePolicy(
            f"{name}-dead-letters",
            queue_url=self.dead_letters.url,
            policy=iam.document(
                iam.service_may(
                    "sns.amazonaws.com", ["sqs:SendMessage"], self.dead_letters.arn, source_arns=[args.topic.arn]
                )
            ),
            opts=self._child,
        )
        aws.sns.TopicSubscription(
            name,
            topic=args.topic.arn,
            protocol="lambda",
            endpoint=self.function.arn,
            redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": self.dead_letters.arn}),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission, policy]),
        )
        self.register_outputs({"function": self.function.arn, "deadLetters": self.dead_letters.url})
