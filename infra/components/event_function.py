"""A Lambda function that an EventBridge rule calls, with everything that must not be forgotten around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.handler_function import BackgroundFunction, FunctionArgs
from infra.naming import Naming

EVENT_AGE_SECONDS = 6 * 3600
"""How long EventBridge keeps trying to hand over an event before the dead-letter queue gets it."""
EVENT_RETRIES = 24


@dataclass(frozen=True, kw_only=True)
class EventFunctionArgs(FunctionArgs):
    """What one handler needs, and what calls it."""

    event_pattern: Mapping[str, Any]
    """EventBridge pattern; values may be outputs."""
    bus_name: pulumi.Input[str] | None = None
    """Bus that the rule listens on; None is the account's default one, where AWS services tell what they did."""


class EventFunction(BackgroundFunction):
    """Rule -> function, with its own role, log, retries and dead letters.

    Two ways lead to the dead-letter queue: EventBridge could not hand the event over, or the function failed it.
    """

    rule: aws.cloudwatch.EventRule

    def __init__(
        self, name: str, naming: Naming, args: EventFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:compute:EventFunction", name, naming, args, opts)
        self.rule = aws.cloudwatch.EventRule(
            name,
            name=self._physical,
            description=args.description,
            event_bus_name=args.bus_name,
            event_pattern=pulumi.Output.json_dumps(args.event_pattern, sort_keys=True),
            tags=self._tags,
            opts=self._child,
        )
        self._may_be_called_by("events.amazonaws.com", self.rule.arn)
        aws.cloudwatch.EventTarget(
            name,
            rule=self.rule.name,
            event_bus_name=args.bus_name,
            arn=self.function.arn,
            dead_letter_config={"arn": self.dead_letters.arn},
            retry_policy={
                "maximum_event_age_in_seconds": EVENT_AGE_SECONDS,
                "maximum_retry_attempts": EVENT_RETRIES,
            },
            opts=self._child,
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
            opts=self._child,
        )
        self.register_outputs({"function": self.function.arn, "deadLetters": self.dead_letters.url})
