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
    "aws:cloudwatch/logStream:LogStream": ResourceType(
        service="logs",
        name="name",
        name_limit=512,
        id=Output("{name}"),
        calls=(
            Call(
                "CreateLogStream",
                inputs={"name": "logStreamName"},
                reads=(
                    Read(
                        "DescribeLogStreams",
                        {"logGroupName": "{logGroupName}", "logStreamNamePrefix": "{name}"},
                        {"logStreamName": "logStreams[].logStreamName"},
                    ),
                ),
            ),
        ),
        outputs={"arn": Output("arn:aws:logs:{region}:{account}:log-group:{logGroupName}:log-stream:{name}")},
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
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": ResourceType(
        service="cloudwatch",
        name="alarmName",
        id=Output("{name}"),
        calls=(
            Call(
                "PutCompositeAlarm",
                reads=(
                    Read("DescribeAlarms", {"AlarmNames": ["{name}"]}, rest="CompositeAlarms[0]"),
                    Read("ListTagsForResource", {"ResourceARN": "{arn}"}, {"Tags": "Tags"}),
                ),
            ),
        ),
        outputs={
            "arn": Output(
                "arn:aws:cloudwatch:{region}:{account}:alarm:{name}", "DescribeAlarms.CompositeAlarms[0].AlarmArn"
            )
        },
    ),
    "aws:cloudwatch/dashboard:Dashboard": ResourceType(
        service="cloudwatch",
        name="dashboardName",
        id=Output("{name}"),
        calls=(
            Call(
                "PutDashboard",
                reads=(Read("GetDashboard", {"DashboardName": "{name}"}, rest="@"),),
            ),
        ),
        outputs={"dashboardArn": Output("arn:aws:cloudwatch::{account}:dashboard/{name}")},
    ),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": ResourceType(
        service="logs",
        name="name",
        name_limit=60,
        id=Output("{name}"),
        calls=(
            Call(
                "PutDeliverySource",
                reads=(
                    Read(
                        "GetDeliverySource",
                        {"name": "{name}"},
                        {"resourceArn": "deliverySource.resourceArns", "tags": "deliverySource.tags"},
                        rest="deliverySource",
                    ),
                ),
            ),
        ),
        outputs={
            "arn": Output(
                "arn:aws:logs:{region}:{account}:delivery-source:{name}", "PutDeliverySource.deliverySource.arn"
            ),
            "service": Output("cloudfront"),
        },
    ),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": ResourceType(
        service="logs",
        name="name",
        name_limit=60,
        id=Output("{name}"),
        calls=(
            Call(
                "PutDeliveryDestination",
                reads=(Read("GetDeliveryDestination", {"name": "{name}"}, rest="deliveryDestination"),),
            ),
        ),
        outputs={
            "arn": Output(
                "arn:aws:logs:{region}:{account}:delivery-destination:{name}",
                "PutDeliveryDestination.deliveryDestination.arn",
            )
        },
    ),
    "aws:cloudwatch/logDelivery:LogDelivery": ResourceType(
        service="logs",
        id=Output("{hex}", "CreateDelivery.delivery.id"),
        calls=(
            Call(
                "CreateDelivery",
                inputs={"s3DeliveryConfigurations": "s3DeliveryConfiguration"},
                reads=(Read("GetDelivery", {"id": "{id}"}, rest="delivery"),),
            ),
        ),
        outputs={"arn": Output("arn:aws:logs:{region}:{account}:delivery:{id}", "CreateDelivery.delivery.arn")},
    ),
}
