"""Guardrails against a bill that nobody expected: budget, anomaly monitor, and the topics that they speak on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.components.alerts import AlertTopic, TopicArgs
from infra.naming import Naming

FORECAST_PERCENT = 80
ACTUAL_PERCENT = 100
STACK_TAGS = ("app", "env")
"""Tags that together tell this stack from all else in the account."""
BILLED_TAGS = (*STACK_TAGS, "component")
BUDGETS, COST_ALERTS, CLOUDWATCH = "budgets.amazonaws.com", "costalerts.amazonaws.com", "cloudwatch.amazonaws.com"


@dataclass(frozen=True)
class GuardrailsArgs:
    """How much may be spent, and who is told."""

    account: pulumi.Input[str]
    monthly_budget_usd: float
    anomaly_usd: float | None
    """Smallest anomaly that is worth a mail [USD]; None for no monitor."""
    emails: Sequence[str]
    cost_tags_active: bool
    """Whether the bill can be split by tags yet; until then the budget counts the whole account."""


class Guardrails(pulumi.ComponentResource):
    """What watches the bill.

    Two topics: ``alerts`` is for people, ``spending`` has one meaning only, that the budget is spent.
    """

    alerts: AlertTopic
    spending: AlertTopic
    budget: aws.budgets.Budget

    def __init__(
        self, name: str, naming: Naming, args: GuardrailsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:guardrails:Guardrails", name, None, opts)
        self._naming = naming
        self._tags = naming.tags("guardrails")
        self._child = pulumi.ResourceOptions(parent=self)
        self.alerts = AlertTopic(
            "alerts", naming, TopicArgs(args.account, (BUDGETS, COST_ALERTS, CLOUDWATCH), args.emails), self._child
        )
        self.spending = AlertTopic("spending", naming, TopicArgs(args.account, (BUDGETS,), args.emails), self._child)
        if args.cost_tags_active:
            self._activate_tags()
        self.budget = self._budget(args)
        if args.anomaly_usd is not None:
            self._anomalies(args.anomaly_usd)
        self.register_outputs({"alerts": self.alerts.topic.arn, "spending": self.spending.topic.arn})

    def _activate_tags(self) -> None:
        for tag in BILLED_TAGS:
            # Tags belong to the account: another stack may need them when this one is gone.
            aws.costexplorer.CostAllocationTag(
                tag,
                tag_key=tag,
                status="Active",
                opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
            )

    def _budget(self, args: GuardrailsArgs) -> aws.budgets.Budget:
        # Without active tags a filter by tag matches nothing: the budget would stay at 0 and never speak.
        scope: dict[str, Any] = {}
        if args.cost_tags_active:
            scope = {
                "filter_expression": {
                    "ands": [{"tags": {"key": tag, "values": [self._tags[tag]]}} for tag in STACK_TAGS]
                },
                "metrics": "UnblendedCost",
            }
        return aws.budgets.Budget(
            "monthly",
            name=self._naming.physical("monthly"),
            budget_type="COST",
            limit_amount=f"{args.monthly_budget_usd:.2f}",
            limit_unit="USD",
            time_unit="MONTHLY",
            notifications=[
                _notification("FORECASTED", FORECAST_PERCENT, self.alerts),
                _notification("ACTUAL", ACTUAL_PERCENT, self.spending),
            ],
            tags=self._tags,
            # Budgets tries the topics at once and refuses those that it may not publish to.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.alerts, self.spending]),
            **scope,
        )

    def _anomalies(self, smallest_usd: float) -> None:
        # A monitor of all services exists once in an account, and AWS makes it by itself; one of tags takes one tag.
        tag = {"Tags": {"Key": "env", "Values": [self._tags["env"]]}}
        monitor = aws.costexplorer.AnomalyMonitor(
            "stack",
            name=self._naming.physical("stack"),
            monitor_type="CUSTOM",
            monitor_specification=pulumi.Output.json_dumps(tag, sort_keys=True),
            tags=self._tags,
            opts=self._child,
        )
        aws.costexplorer.AnomalySubscription(
            "stack",
            name=self._naming.physical("stack"),
            frequency="IMMEDIATE",
            monitor_arn_lists=[monitor.arn],
            subscribers=[{"type": "SNS", "address": self.alerts.topic.arn}],
            threshold_expression={
                "dimension": {
                    "key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                    "match_options": ["GREATER_THAN_OR_EQUAL"],
                    "values": [f"{smallest_usd:.2f}"],
                }
            },
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.alerts]),
        )


def _notification(kind: str, percent: int, heard_by: AlertTopic) -> aws.budgets.BudgetNotificationArgsDict:
    return {
        "comparison_operator": "GREATER_THAN",
        "notification_type": kind,
        "threshold": percent,
        "threshold_type": "PERCENTAGE",
        "subscriber_sns_topic_arns": [heard_by.topic.arn],
    }
