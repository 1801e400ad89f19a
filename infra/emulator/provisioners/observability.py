"""Amazon CloudWatch: logs and alarms."""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType

LOG_GROUP = {"logGroupNamePrefix": "{name}"}
FOUND_GROUP = "logGroups[?logGroupName=='{name}'] | [0]"

TYPES: Mapping[str, ResourceType] = {
    "aws:cloudwatch/logGroup:LogGroup": ResourceType(
        service="logs",
        name="name",
        name_limit=512,
        id=Output("{name}"),
        calls=(
            Call(
                "CreateLogGroup",
                inputs={"name": "logGroupName"},
                reads=(
                    Read("DescribeLogGroups", LOG_GROUP, rest=FOUND_GROUP),
                    Read("ListTagsForResource", {"resourceArn": "{arn}"}, {"tags": "tags"}),
                ),
            ),
            Call(
                "PutRetentionPolicy",
                takes=("retentionInDays",),
                fixed={"logGroupName": "{name}"},
                reads=(Read("DescribeLogGroups", LOG_GROUP, rest=FOUND_GROUP),),
            ),
        ),
        outputs={"arn": Output("arn:aws:logs:{region}:{account}:log-group:{name}")},
        ignored={"skipDestroy": "how Pulumi deletes the group"},
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ResourceType(
        service="cloudwatch",
        name="name",
        id=Output("{name}"),
        calls=(
            Call(
                "PutMetricAlarm",
                inputs={
                    "name": "AlarmName",
                    "metricQueries": "Metrics",
                    "metricQueries.metric": "MetricStat",
                    "metricQueries.metric.metricName": "Metric.MetricName",
                    "metricQueries.metric.namespace": "Metric.Namespace",
                    "metricQueries.metric.dimensions": "Metric.Dimensions",
                    "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
                },
                reads=(
                    Read("DescribeAlarms", {"AlarmNames": ["{name}"]}, rest="MetricAlarms[0]"),
                    Read("ListTagsForResource", {"ResourceARN": "{arn}"}, {"Tags": "Tags"}),
                ),
            ),
        ),
        outputs={
            "arn": Output(
                "arn:aws:cloudwatch:{region}:{account}:alarm:{name}", "DescribeAlarms.MetricAlarms[0].AlarmArn"
            )
        },
    ),
}
