"""Amazon SQS and Amazon EventBridge."""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType

ALL_ATTRIBUTES = Read("GetQueueAttributes", {"QueueUrl": "{id}", "AttributeNames": ["All"]}, rest="@")

DEFAULT_BUS = {"eventBusName": "default"}

TYPES: Mapping[str, ResourceType] = {
    "aws:sqs/queue:Queue": ResourceType(
        service="sqs",
        name="name",
        name_limit=80,
        id=Output("https://sqs.{region}.amazonaws.com/{account}/{name}", "CreateQueue.QueueUrl"),
        calls=(
            Call(
                "CreateQueue",
                inputs={
                    "name": "QueueName",
                    "delaySeconds": "Attributes[DelaySeconds]",
                    "maxMessageSize": "Attributes[MaximumMessageSize]",
                    "messageRetentionSeconds": "Attributes[MessageRetentionPeriod]",
                    "receiveWaitTimeSeconds": "Attributes[ReceiveMessageWaitTimeSeconds]",
                    "visibilityTimeoutSeconds": "Attributes[VisibilityTimeout]",
                    "redrivePolicy": "Attributes[RedrivePolicy]",
                    "redriveAllowPolicy": "Attributes[RedriveAllowPolicy]",
                    "policy": "Attributes[Policy]",
                    "fifoQueue": "Attributes[FifoQueue]",
                    "contentBasedDeduplication": "Attributes[ContentBasedDeduplication]",
                    "deduplicationScope": "Attributes[DeduplicationScope]",
                    "fifoThroughputLimit": "Attributes[FifoThroughputLimit]",
                    "kmsMasterKeyId": "Attributes[KmsMasterKeyId]",
                    "kmsDataKeyReusePeriodSeconds": "Attributes[KmsDataKeyReusePeriodSeconds]",
                    "sqsManagedSseEnabled": "Attributes[SqsManagedSseEnabled]",
                },
                reads=(
                    Read("GetQueueUrl", {"QueueName": "{name}"}),
                    ALL_ATTRIBUTES,
                    Read("ListQueueTags", {"QueueUrl": "{id}"}, {"tags": "Tags"}),
                ),
            ),
        ),
        outputs={
            "arn": Output("arn:aws:sqs:{region}:{account}:{name}", "GetQueueAttributes.Attributes.QueueArn"),
            "url": Output("{id}"),
        },
    ),
    "aws:sqs/queuePolicy:QueuePolicy": ResourceType(
        service="sqs",
        id=Output("{queueUrl}"),
        calls=(Call("SetQueueAttributes", inputs={"policy": "Attributes[Policy]"}, reads=(ALL_ATTRIBUTES,)),),
    ),
    "aws:cloudwatch/eventBus:EventBus": ResourceType(
        service="events",
        name="name",
        id=Output("{name}"),
        calls=(
            Call(
                "CreateEventBus",
                inputs={"kmsKeyIdentifier": "KmsKeyIdentifier"},
                reads=(
                    Read("DescribeEventBus", {"Name": "{name}"}, rest="@"),
                    Read("ListTagsForResource", {"ResourceARN": "{arn}"}, {"Tags": "Tags"}),
                ),
            ),
        ),
        outputs={"arn": Output("arn:aws:events:{region}:{account}:event-bus/{name}", "CreateEventBus.EventBusArn")},
    ),
    "aws:cloudwatch/eventArchive:EventArchive": ResourceType(
        service="events",
        name="name",
        name_limit=48,
        id=Output("{name}"),
        calls=(
            Call(
                "CreateArchive",
                inputs={"name": "ArchiveName"},
                reads=(Read("DescribeArchive", {"ArchiveName": "{name}"}, rest="@"),),
            ),
        ),
        outputs={"arn": Output("arn:aws:events:{region}:{account}:archive/{name}", "CreateArchive.ArchiveArn")},
    ),
    "aws:cloudwatch/eventRule:EventRule": ResourceType(
        service="events",
        name="name",
        name_limit=64,
        id=Output("{name}"),
        calls=(
            Call(
                "PutRule",
                reads=(
                    Read("DescribeRule", {"Name": "{name}", "EventBusName": "{eventBusName}"}, rest="@"),
                    Read("ListTagsForResource", {"ResourceARN": "{arn}"}, {"Tags": "Tags"}),
                ),
            ),
        ),
        outputs={"arn": Output("arn:aws:events:{region}:{account}:rule/{bus}{name}", "PutRule.RuleArn")},
        defaults=DEFAULT_BUS,
        ignored={"forceDestroy": "how Pulumi deletes the rule"},
    ),
    "aws:cloudwatch/eventTarget:EventTarget": ResourceType(
        service="events",
        name="targetId",
        name_limit=64,
        id=Output("{rule}-{name}"),
        calls=(
            Call(
                "PutTargets",
                into="Targets[]",
                inputs={"rule": "/Rule", "eventBusName": "/EventBusName", "targetId": "Id"},
                reads=(
                    Read(
                        "ListTargetsByRule",
                        {"Rule": "{rule}", "EventBusName": "{eventBusName}"},
                        rest="@",
                    ),
                ),
            ),
        ),
        defaults=DEFAULT_BUS,
        ignored={"forceDestroy": "how Pulumi deletes the target"},
    ),
}
