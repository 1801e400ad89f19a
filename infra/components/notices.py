"""Notices: findings of GuardDuty, and what AWS says of its own health, reach the people who hear alarms.

A rule with the topic as its target would need a topic policy that lets EventBridge publish for anybody: SNS is told
neither rule nor account there, so no condition can hold. A function publishes instead, under a role of its own, and
writes a message that people understand.

Source: EventBridge user guide, "Troubleshooting" (conditions in topic policies).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.event_function import EventFunction, EventFunctionArgs
from infra.naming import Naming

ROOT_USED = "Policy:IAMUser/RootCredentialUsage"
"""Finding that the account's root user did something: of low severity to GuardDuty, and never usual to us."""
HEALTH_CATEGORIES = ("issue", "investigation", "scheduledChange")
"""Not "accountNotification", which is mostly about billing and new features."""


@dataclass(frozen=True)
class NoticesArgs:
    """What is worth a message, and where it goes."""

    finding_severity: float
    """From which severity on, 1 to 10."""
    alerts: aws.sns.Topic
    log_retention_days: int


class Notices(pulumi.ComponentResource):
    """The function that tells people."""

    notice: EventFunction

    def __init__(
        self, name: str, naming: Naming, args: NoticesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:audit:Notices", name, None, opts)
        self.notice = EventFunction(
            "notice",
            naming,
            EventFunctionArgs(
                description="Tells people of threats, and of trouble at AWS",
                modules=("notice",),
                event_pattern=pattern(args.finding_severity),
                environment={"ALERTS_TOPIC": args.alerts.arn, "WORKFLOW": naming.workflow},
                statements=[iam.allow(["sns:Publish"], args.alerts.arn)],
                log_retention_days=args.log_retention_days,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"notice": self.notice.function.arn})


def pattern(finding_severity: float) -> Mapping[str, Any]:
    """Events that are worth a message.

    Args:
        finding_severity: from which severity on a finding is.
    """
    finding = {"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}
    return {
        "$or": [
            {**finding, "detail": {"severity": [{"numeric": [">=", finding_severity]}]}},
            {**finding, "detail": {"type": [ROOT_USED]}},
            {
                "source": ["aws.health"],
                "detail-type": ["AWS Health Event"],
                "detail": {"eventTypeCategory": list(HEALTH_CATEGORIES), "eventScopeCode": ["ACCOUNT_SPECIFIC"]},
            },
        ]
    }
