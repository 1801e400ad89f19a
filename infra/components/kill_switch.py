"""The kill switch: when the budget is spent, the dearest step waits until a person says go on."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.dead_letters import DeadLetters
from infra.components.event_function import EventFunction, EventFunctionArgs
from infra.components.events import Events
from infra.naming import Naming

PAUSE, RESUME = "Pause Transcoding", "Resume Transcoding"
"""Detail-types of ``infra/functions/kill_switch.py``."""


@dataclass(frozen=True)
class KillSwitchArgs:
    """What is switched, and by whom."""

    queue: aws.mediaconvert.Queue
    events: Events
    """Bus on which a person says go on."""
    spending: aws.sns.Topic
    """A message here pauses the queue."""
    alerts: aws.sns.Topic
    """Told what was done."""
    log_retention_days: int


class KillSwitch(pulumi.ComponentResource):
    """Topic or event -> function that pauses the transcoding queue, or resumes it.

    A message that Lambda does not take waits in a queue of its own: this one must not get lost.
    """

    switch: EventFunction
    undelivered: aws.sqs.Queue

    def __init__(
        self, name: str, naming: Naming, args: KillSwitchArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:guardrails:KillSwitch", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.switch = EventFunction(
            name,
            naming,
            EventFunctionArgs(
                description="Pauses transcoding when the budget is spent, and resumes it",
                modules=("kill_switch",),
                event_pattern={"source": [naming.source("operations")], "detail-type": [PAUSE, RESUME]},
                bus_name=args.events.bus.name,
                environment={
                    "QUEUE_NAME": args.queue.name,
                    "ALERTS_TOPIC": args.alerts.arn,
                    "WORKFLOW": naming.workflow,
                    "EVENT_BUS": args.events.bus.name,
                    "EVENT_SOURCE": naming.source("operations"),
                },
                statements=[
                    iam.allow(["mediaconvert:GetQueue", "mediaconvert:UpdateQueue"], args.queue.arn),
                    iam.allow(["sns:Publish"], args.alerts.arn),
                ],
                log_retention_days=args.log_retention_days,
            ),
            child,
        )
        what = "Messages of the budget that the kill switch did not get"
        self.undelivered = DeadLetters(f"{name}-undelivered", what, naming.tags(name), child).queue
        self._subscribe(name, args, child)
        self.register_outputs({"function": self.switch.function.arn})

    def _subscribe(self, name: str, args: KillSwitchArgs, child: pulumi.ResourceOptions) -> None:
        permission = aws.lambda_.Permission(
            f"{name}-spending",
            action="lambda:InvokeFunction",
            function=self.switch.function.name,
            principal="sns.amazonaws.com",
            source_arn=args.spending.arn,
            opts=child,
        )
        policy = aws.sqs.QueuePolicy(
            f"{name}-undelivered",
            queue_url=self.undelivered.url,
            policy=iam.document(
                iam.service_may(
                    "sns.amazonaws.com",
                    ["sqs:SendMessage"],
                    self.undelivered.arn,
                    source_arns=[args.spending.arn],
                )
            ),
            opts=child,
        )
        aws.sns.TopicSubscription(
            f"{name}-spending",
            topic=args.spending.arn,
            protocol="lambda",
            endpoint=self.switch.function.arn,
            redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": self.undelivered.arn}),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission, policy]),
        )
