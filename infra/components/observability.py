"""What people look at, and what wakes them: one dashboard, alarms, and one composite alarm for the way of a video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import dashboard
from infra.components.alerts import AlertTopic, TopicArgs
from infra.components.handler_function import BackgroundFunction
from infra.dashboard import PERIOD_SECONDS, Graph, Metric
from infra.functions.metrics import NAMESPACE
from infra.naming import Naming

CLOUDFRONT_REGION = "us-east-1"
"""Where CloudFront, being global, keeps its metrics; an alarm and its topic have to be there, too."""
PERIODS = 3
"""An alarm goes off after so many bad periods in a row: one may be chance."""
ERROR_PERCENT = 1
SERVER_ERRORS = 10
"""5xx answers of the load balancer in one period."""
JOB_ERRORS = 3
"""MediaConvert jobs that fail in one period; a broken upload now and then is normal."""
MS_PER_SECOND = 1000
SECONDS_PER_HOUR = 3600
MOST_METRICS = 10
"""Of one metric alarm (CloudWatch quotas)."""


@dataclass(frozen=True)
class ObservabilityArgs:
    """What is watched."""

    account: pulumi.Input[str]
    region: pulumi.Input[str]
    alerts: aws.sns.Topic
    emails: Sequence[str]
    queue: aws.mediaconvert.Queue
    table: aws.dynamodb.Table
    load_balancer: aws.lb.LoadBalancer
    distribution: aws.cloudfront.Distribution
    pipeline: Sequence[BackgroundFunction]
    """Functions that a video passes on its way to being published."""
    time_to_publish_seconds: int
    api_latency_ms: int
    review_queue: aws.sqs.Queue | None = None
    """Videos that wait for a person."""
    review_hours: int = 24


@dataclass(frozen=True)
class _Watch:
    """A metric with the limit at which somebody is told."""

    name: str
    says: str
    metrics: Sequence[Metric]
    limit: float
    region: str | None = None


class Observability(pulumi.ComponentResource):
    """Alarms that go to the topic of the guardrails, and the dashboard that shows the same numbers."""

    alarms: Mapping[str, aws.cloudwatch.MetricAlarm]

    def __init__(
        self, name: str, naming: Naming, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:observability:Observability", name, None, opts)
        self._naming = naming
        self._tags = naming.tags("observability")
        self._child = pulumi.ResourceOptions(parent=self)
        publishers = ("cloudwatch.amazonaws.com",)
        edge = AlertTopic(
            "edge-alerts",
            naming,
            TopicArgs(args.account, publishers, args.emails, region=CLOUDFRONT_REGION),
            self._child,
        )
        watches = _watches(naming.workflow, args)
        self.alarms = {watch.name: self._alarm(watch, edge.topic if watch.region else args.alerts) for watch in watches}
        broken = [self.alarms[one].arn for one in ("time-to-publish", "transcode-errors", "transcode-wait")]
        self._pipeline([*broken, *(one.dead_letter_alarm.arn for one in args.pipeline)], args.alerts)
        aws.cloudwatch.Dashboard(
            "platform",
            dashboard_name=naming.physical("platform"),
            dashboard_body=pulumi.Output.json_dumps(dashboard.body(_graphs(watches, args)), sort_keys=True),
            opts=self._child,
        )
        self.register_outputs({})

    def _alarm(self, watch: _Watch, topic: aws.sns.Topic) -> aws.cloudwatch.MetricAlarm:
        return aws.cloudwatch.MetricAlarm(
            watch.name,
            alarm_description=watch.says,
            metric_queries=_queries(watch.metrics),
            evaluation_periods=PERIODS,
            threshold=watch.limit,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
            alarm_actions=[topic.arn],
            ok_actions=[topic.arn],
            region=watch.region,
            tags=self._tags,
            opts=self._child,
        )

    def _pipeline(self, alarms: Sequence[pulumi.Output[str]], topic: aws.sns.Topic) -> None:
        aws.cloudwatch.CompositeAlarm(
            "pipeline-broken",
            alarm_name=self._naming.physical("pipeline-broken"),
            alarm_description="Videos are not published: look at the alarms that it is made of.",
            alarm_rule=pulumi.Output.all(*alarms).apply(any_of),
            alarm_actions=[topic.arn],
            ok_actions=[topic.arn],
            tags=self._tags,
            opts=self._child,
        )


def any_of(arns: Sequence[str]) -> str:
    """Rule of a composite alarm that goes off with any of the given ones.

    >>> any_of(["arn:a", "arn:b"])
    'ALARM("arn:a") OR ALARM("arn:b")'
    """
    return " OR ".join(f'ALARM("{arn}")' for arn in arns)


def _watches(workflow: str, args: ObservabilityArgs) -> list[_Watch]:
    balancer = {"LoadBalancer": args.load_balancer.arn_suffix}
    queue = {"Queue": args.queue.arn}
    names = [one.function.name for one in args.pipeline][:MOST_METRICS]
    table = {"TableName": args.table.name}
    watches = [
        _Watch(
            "time-to-publish",
            "Most videos are published quickly; now one in twenty takes too long.",
            [Metric(NAMESPACE, "TimeToPublish", {"Stack": workflow}, "p95", "95 % are faster [s]")],
            args.time_to_publish_seconds,
        ),
        _Watch(
            "transcode-errors",
            "MediaConvert jobs fail, and more of them than broken uploads explain.",
            [Metric("AWS/MediaConvert", "JobsErroredCount", queue, "Sum", "failed jobs")],
            JOB_ERRORS,
        ),
        _Watch(
            "transcode-wait",
            "Jobs wait long before MediaConvert begins: the queue is full, or paused by the kill switch.",
            [Metric("AWS/MediaConvert", "StandbyTime", queue, "Maximum", "wait [ms]")],
            args.time_to_publish_seconds * MS_PER_SECOND,
        ),
        _Watch(
            "function-throttles",
            "Lambda holds functions of the pipeline back: the account's concurrency is used up.",
            [Metric("AWS/Lambda", "Throttles", {"FunctionName": name}, "Sum") for name in names],
            0,
        ),
        _Watch(
            "table-throttles",
            "DynamoDB holds reads or writes of the videos table back.",
            [Metric("AWS/DynamoDB", f"{kind}ThrottleEvents", table, "Sum", kind) for kind in ("Read", "Write")],
            0,
        ),
        _Watch(
            "api-errors",
            "The API answers with server errors.",
            [
                Metric("AWS/ApplicationELB", f"HTTPCode_{side}_5XX_Count", balancer, "Sum", side)
                for side in ("Target", "ELB")
            ],
            SERVER_ERRORS,
        ),
        _Watch(
            "api-latency",
            "One API answer in twenty takes too long.",
            [Metric("AWS/ApplicationELB", "TargetResponseTime", balancer, "p95", "95 % are faster [s]")],
            args.api_latency_ms / MS_PER_SECOND,
        ),
        _Watch(
            "edge-errors",
            "CloudFront answers viewers with server errors.",
            [
                Metric(
                    "AWS/CloudFront",
                    "5xxErrorRate",
                    {"DistributionId": args.distribution.id, "Region": "Global"},
                    "Average",
                    "5xx [%]",
                )
            ],
            ERROR_PERCENT,
            CLOUDFRONT_REGION,
        ),
    ]
    if args.review_queue is not None:
        age = Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": args.review_queue.name}, "Maximum")
        says = "A video has waited too long for a moderator."
        watches.append(_Watch("review-backlog", says, [age], args.review_hours * SECONDS_PER_HOUR))
    return watches


def _graphs(watches: Sequence[_Watch], args: ObservabilityArgs) -> list[Graph]:
    """What the alarms watch, with their limits, and how much is going on."""
    watched = [
        Graph(watch.name.replace("-", " ").capitalize(), watch.metrics, watch.region or args.region, watch.limit)
        for watch in watches
    ]
    edge: Mapping[str, pulumi.Input[str]] = {"DistributionId": args.distribution.id, "Region": "Global"}
    traffic = [
        Graph("Viewer requests", [Metric("AWS/CloudFront", "Requests", edge, "Sum")], CLOUDFRONT_REGION),
        Graph("Delivered bytes", [Metric("AWS/CloudFront", "BytesDownloaded", edge, "Sum")], CLOUDFRONT_REGION),
        Graph(
            "Transcoded jobs",
            [Metric("AWS/MediaConvert", "JobsCompletedCount", {"Queue": args.queue.arn}, "Sum")],
            args.region,
        ),
    ]
    return [*watched, *traffic]


def _queries(metrics: Sequence[Metric]) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgsDict]:
    """One metric as it is; several as their sum."""
    single = len(metrics) == 1
    queries: list[aws.cloudwatch.MetricAlarmMetricQueryArgsDict] = [
        {
            "id": f"m{index}",
            "return_data": single,
            "metric": {
                "namespace": metric.namespace,
                "metric_name": metric.name,
                "dimensions": metric.dimensions,
                "period": PERIOD_SECONDS,
                "stat": metric.statistic,
            },
        }
        for index, metric in enumerate(metrics)
    ]
    if not single:
        # A metric without data must not make the whole sum missing.
        terms = ", ".join(f"FILL(m{index}, 0)" for index in range(len(metrics)))
        queries.append({"id": "sum", "expression": f"SUM([{terms}])", "label": "sum", "return_data": True})
    return queries
