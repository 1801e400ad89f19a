"""AWS Budgets, Cost Explorer and Amazon SNS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType, To

SUBSCRIBER_KINDS = {"subscriberEmailAddresses": "EMAIL", "subscriberSnsTopicArns": "SNS"}
TOPIC_ATTRIBUTES = Read("GetTopicAttributes", {"TopicArn": "{id}"}, {"Attributes": "Attributes"})


def _with_subscribers(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The provider keeps subscribers in lists by kind inside each notification, the API beside it."""
    notifications = [
        {
            "notification": {key: value for key, value in one.items() if key not in SUBSCRIBER_KINDS},
            "subscribers": [
                {"SubscriptionType": kind, "Address": address}
                for key, kind in SUBSCRIBER_KINDS.items()
                for address in one.get(key, ())
            ],
        }
        for one in inputs.get("notifications", ())
    ]
    return {**inputs, **({"notifications": notifications} if notifications else {})}


TYPES: Mapping[str, ResourceType] = {
    "aws:budgets/budget:Budget": ResourceType(
        service="budgets",
        name="name",
        name_limit=100,
        id=Output("{account}:{name}"),
        calls=(
            Call(
                "CreateBudget",
                into="Budget",
                prepare=_with_subscribers,
                inputs={
                    "name": "BudgetName",
                    "accountId": "/AccountId",
                    "limitAmount": "BudgetLimit.Amount",
                    "limitUnit": "BudgetLimit.Unit",
                    "filterExpression.ands": "And",
                    "filterExpression.ors": "Or",
                    "notifications": "/NotificationsWithSubscribers",
                    "tags": "/ResourceTags",
                },
                fixed={"AccountId": "{account}"},
                reads=(
                    Read("DescribeBudget", {"AccountId": "{account}", "BudgetName": "{name}"}, {"Budget": "Budget"}),
                    Read(
                        "DescribeNotificationsForBudget",
                        {"AccountId": "{account}", "BudgetName": "{name}"},
                        {"NotificationsWithSubscribers": "Notifications[].{Notification: @}"},
                    ),
                ),
                lost={
                    "NotificationsWithSubscribers.Subscribers": "moto keeps them and cannot list them",
                    "ResourceTags": "moto does not keep it",
                },
            ),
        ),
        outputs={"arn": Output("arn:aws:budgets::{account}:budget/{name}")},
    ),
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": ResourceType(
        service="ce",
        name="name",
        name_limit=1024,
        id=Output("arn:aws:ce::{account}:anomalymonitor/{uuid}", "CreateAnomalyMonitor.MonitorArn"),
        calls=(
            Call(
                "CreateAnomalyMonitor",
                into="AnomalyMonitor",
                inputs={
                    "name": "MonitorName",
                    "monitorSpecification": To("MonitorSpecification", json.loads),
                    "tags": "/ResourceTags",
                },
                reads=(
                    Read("GetAnomalyMonitors", {"MonitorArnList": ["{id}"]}, {"AnomalyMonitor": "AnomalyMonitors[0]"}),
                    Read("ListTagsForResource", {"ResourceArn": "{id}"}, {"ResourceTags": "ResourceTags"}),
                ),
            ),
        ),
        outputs={"arn": Output("{id}")},
    ),
    "aws:costexplorer/anomalySubscription:AnomalySubscription": ResourceType(
        service="ce",
        name="name",
        name_limit=1024,
        id=Output("arn:aws:ce::{account}:anomalysubscription/{uuid}", "CreateAnomalySubscription.SubscriptionArn"),
        calls=(
            Call(
                "CreateAnomalySubscription",
                into="AnomalySubscription",
                inputs={
                    "name": "SubscriptionName",
                    "monitorArnLists": "MonitorArnList",
                    "thresholdExpression.dimension": "Dimensions",
                    "tags": "/ResourceTags",
                },
                reads=(
                    Read(
                        "GetAnomalySubscriptions",
                        {"SubscriptionArnList": ["{id}"]},
                        {"AnomalySubscription": "AnomalySubscriptions[0]"},
                    ),
                    Read("ListTagsForResource", {"ResourceArn": "{id}"}, {"ResourceTags": "ResourceTags"}),
                ),
            ),
        ),
        outputs={"arn": Output("{id}")},
    ),
    "aws:costexplorer/costAllocationTag:CostAllocationTag": ResourceType(
        service="ce",
        id=Output("{tagKey}"),
        calls=(
            Call(
                "UpdateCostAllocationTagsStatus",
                into="CostAllocationTagsStatus[]",
                reads=(
                    Read(
                        "ListCostAllocationTags",
                        {"TagKeys": ["{tagKey}"]},
                        {"CostAllocationTagsStatus": "CostAllocationTags"},
                    ),
                ),
            ),
        ),
        outputs={"type": Output("UserDefined")},
    ),
    "aws:sns/topic:Topic": ResourceType(
        service="sns",
        name="name",
        name_limit=256,
        id=Output("arn:aws:sns:{region}:{account}:{name}", "CreateTopic.TopicArn"),
        calls=(
            Call(
                "CreateTopic",
                inputs={
                    "displayName": "Attributes[DisplayName]",
                    "kmsMasterKeyId": "Attributes[KmsMasterKeyId]",
                    "policy": "Attributes[Policy]",
                    "signatureVersion": "Attributes[SignatureVersion]",
                },
                reads=(
                    TOPIC_ATTRIBUTES,
                    Read("ListTagsForResource", {"ResourceArn": "{arn}"}, {"Tags": "Tags"}),
                ),
                lost={"Name": "it is the end of the topic's ARN, which is read"},
            ),
        ),
        outputs={"arn": Output("{id}"), "owner": Output("{account}")},
    ),
    "aws:sns/topicPolicy:TopicPolicy": ResourceType(
        service="sns",
        id=Output("{arn}"),
        calls=(
            Call(
                "SetTopicAttributes",
                inputs={"arn": "TopicArn", "policy": "AttributeValue"},
                fixed={"AttributeName": "Policy"},
                reads=(Read("GetTopicAttributes", {"TopicArn": "{arn}"}, {"AttributeValue": "Attributes.Policy"}),),
                lost={"AttributeName": "it names the attribute whose value is read"},
            ),
        ),
        outputs={"owner": Output("{account}")},
    ),
    "aws:sns/topicSubscription:TopicSubscription": ResourceType(
        service="sns",
        id=Output("{topic}:{uuid}", "Subscribe.SubscriptionArn"),
        calls=(
            Call(
                "Subscribe",
                inputs={
                    "topic": "TopicArn",
                    "rawMessageDelivery": "Attributes[RawMessageDelivery]",
                    "redrivePolicy": "Attributes[RedrivePolicy]",
                    "filterPolicy": "Attributes[FilterPolicy]",
                    "filterPolicyScope": "Attributes[FilterPolicyScope]",
                },
                fixed={"ReturnSubscriptionArn": True},
                reads=(
                    Read(
                        "GetSubscriptionAttributes",
                        {"SubscriptionArn": "{id}"},
                        {
                            "TopicArn": "Attributes.TopicArn",
                            "Protocol": "Attributes.Protocol",
                            "Endpoint": "Attributes.Endpoint",
                            "Attributes": "Attributes",
                        },
                    ),
                ),
                lost={"ReturnSubscriptionArn": "asks for the ARN of a subscription that is not confirmed"},
            ),
        ),
        outputs={"arn": Output("{id}"), "ownerId": Output("{account}")},
        ignored={
            "confirmationTimeoutInMinutes": "how long Pulumi waits",
            "endpointAutoConfirms": "what Pulumi waits for",
        },
    ),
}
