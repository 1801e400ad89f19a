"""Topics by which the stack tells people, and its kill switch, that something is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.naming import Naming


@dataclass(frozen=True)
class TopicArgs:
    """Who speaks, and who hears it."""

    account: pulumi.Input[str]
    publishers: Sequence[str]
    """AWS services that may publish, for this account only."""
    emails: Sequence[str] = ()
    """Who gets a mail; each has to confirm once."""
    region: str | None = None
    """Alarms reach only topics of their own region; None is that of the stack."""


class AlertTopic(pulumi.ComponentResource):
    """A topic with the one policy that lets the named services publish."""

    topic: aws.sns.Topic

    def __init__(self, name: str, naming: Naming, args: TopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("reelplan:guardrails:AlertTopic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        # Not encrypted with the key that AWS manages for SNS: CloudWatch and Budgets cannot publish to such a topic.
        self.topic = aws.sns.Topic(
            name, name=naming.physical(name), region=args.region, tags=naming.tags("guardrails"), opts=child
        )
        aws.sns.TopicPolicy(
            name,
            arn=self.topic.arn,
            region=args.region,
            policy=iam.document(*(self._may_publish(service, args.account) for service in args.publishers)),
            opts=child,
        )
        for email in args.emails:
            aws.sns.TopicSubscription(
                f"{name}-{email}",
                topic=self.topic.arn,
                region=args.region,
                protocol="email",
                endpoint=email,
                opts=child,
            )
        self.register_outputs({"arn": self.topic.arn})

    def _may_publish(self, service: str, account: pulumi.Input[str]) -> iam.Statement:
        return {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sns:Publish",
            "Resource": self.topic.arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }


def every_alarm_tells(topic: aws.sns.Topic) -> None:
    """From here on, an alarm of the stack that says nothing else tells this topic: none can be forgotten.

    Components inherit this when they are made, so it is called before the first of them.
    """

    def tell(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not isinstance(args.resource, aws.cloudwatch.MetricAlarm) or args.props.get("alarm_actions"):
            return None
        told = {"alarm_actions": [topic.arn], "ok_actions": [topic.arn]}
        return pulumi.ResourceTransformationResult(props={**args.props, **told}, opts=args.opts)

    pulumi.runtime.register_stack_transformation(tell)
