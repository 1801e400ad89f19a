"""Where what nobody could handle waits, and the alarm that says so: the two are made together or not at all."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

DEAD_LETTER_SECONDS = 14 * 24 * 3600
"""The longest that SQS keeps a message: two weeks to notice and replay."""
ALARM_PERIOD_SECONDS = 300


class DeadLetters:
    """A dead-letter queue that is heard of.

    Attributes:
        queue: keeps what failed.
        alarm: goes off when there is anything in it.
    """

    queue: aws.sqs.Queue
    alarm: aws.cloudwatch.MetricAlarm

    def __init__(self, name: str, what: str, tags: Mapping[str, str], opts: pulumi.ResourceOptions) -> None:
        """Declare both.

        Args:
            name: logical name of both.
            what: who could not handle what, as the beginning of a sentence ("Events that x could not handle").
            tags: of both.
            opts: names the component that they belong to.
        """
        self.queue = aws.sqs.Queue(
            name,
            message_retention_seconds=DEAD_LETTER_SECONDS,
            sqs_managed_sse_enabled=True,
            tags=tags,
            opts=opts,
        )
        self.alarm = aws.cloudwatch.MetricAlarm(
            name,
            alarm_description=f"{what} wait in a dead-letter queue.",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": self.queue.name},
            statistic="Maximum",
            period=ALARM_PERIOD_SECONDS,
            evaluation_periods=1,
            threshold=0,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
            tags=tags,
            opts=opts,
        )
