"""Amazon DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType, Target, To

RECOVERY_SENT = "PointInTimeRecoverySpecification"
RECOVERY = "ContinuousBackupsDescription.PointInTimeRecoveryDescription"
RECOVERY_STATUS = f"{RECOVERY}.PointInTimeRecoveryStatus"


def _key(kind: str) -> To:
    return To("KeySchema", lambda name: [{"AttributeName": name, "KeyType": kind}])


def _index(path: str) -> dict[str, Target]:
    return {
        f"{path}.name": "IndexName",
        f"{path}.hashKey": _key("HASH"),
        f"{path}.rangeKey": _key("RANGE"),
        f"{path}.projectionType": "Projection.ProjectionType",
        f"{path}.nonKeyAttributes": "Projection.NonKeyAttributes",
        f"{path}.readCapacity": "ProvisionedThroughput.ReadCapacityUnits",
        f"{path}.writeCapacity": "ProvisionedThroughput.WriteCapacityUnits",
    }


TYPES: Mapping[str, ResourceType] = {
    "aws:dynamodb/table:Table": ResourceType(
        service="dynamodb",
        name="name",
        id=Output("{name}"),
        calls=(
            Call(
                "CreateTable",
                inputs={
                    "name": "TableName",
                    "attributes": "AttributeDefinitions",
                    "attributes.name": "AttributeName",
                    "attributes.type": "AttributeType",
                    "hashKey": _key("HASH"),
                    "rangeKey": _key("RANGE"),
                    "readCapacity": "ProvisionedThroughput.ReadCapacityUnits",
                    "writeCapacity": "ProvisionedThroughput.WriteCapacityUnits",
                    "streamEnabled": "StreamSpecification.StreamEnabled",
                    "streamViewType": "StreamSpecification.StreamViewType",
                    "serverSideEncryption": "SSESpecification",
                    "serverSideEncryption.kmsKeyArn": "KMSMasterKeyId",
                    **_index("globalSecondaryIndexes"),
                    **_index("localSecondaryIndexes"),
                },
                reads=(
                    Read(
                        "DescribeTable",
                        {"TableName": "{name}"},
                        {
                            "BillingMode": "Table.BillingModeSummary.BillingMode",
                            "SSESpecification.Enabled": "Table.SSEDescription.Status == 'ENABLED'",
                            "SSESpecification.KMSMasterKeyId": "Table.SSEDescription.KMSMasterKeyArn",
                        },
                        rest="Table",
                    ),
                    Read("ListTagsOfResource", {"ResourceArn": "{arn}"}, {"Tags": "Tags"}),
                ),
                lost={
                    "TableClass": "moto does not keep it",
                    "OnDemandThroughput": "moto does not keep it",
                },
            ),
            Call(
                "UpdateTimeToLive",
                takes=("ttl",),
                inputs={"ttl": "TimeToLiveSpecification"},
                fixed={"TableName": "{name}"},
                reads=(
                    Read(
                        "DescribeTimeToLive",
                        {"TableName": "{name}"},
                        {
                            "TimeToLiveSpecification.AttributeName": "TimeToLiveDescription.AttributeName",
                            "TimeToLiveSpecification.Enabled": "TimeToLiveDescription.TimeToLiveStatus == 'ENABLED'",
                        },
                    ),
                ),
            ),
            Call(
                "UpdateContinuousBackups",
                takes=("pointInTimeRecovery",),
                inputs={
                    "pointInTimeRecovery": "PointInTimeRecoverySpecification",
                    "pointInTimeRecovery.enabled": "PointInTimeRecoveryEnabled",
                },
                fixed={"TableName": "{name}"},
                reads=(
                    Read(
                        "DescribeContinuousBackups",
                        {"TableName": "{name}"},
                        {
                            f"{RECOVERY_SENT}.PointInTimeRecoveryEnabled": f"{RECOVERY_STATUS} == 'ENABLED'",
                            f"{RECOVERY_SENT}.RecoveryPeriodInDays": f"{RECOVERY}.RecoveryPeriodInDays",
                        },
                    ),
                ),
            ),
        ),
        outputs={
            "arn": Output("arn:aws:dynamodb:{region}:{account}:table/{name}", "DescribeTable.Table.TableArn"),
            "streamArn": Output(
                "arn:aws:dynamodb:{region}:{account}:table/{name}/stream/label", "DescribeTable.Table.LatestStreamArn"
            ),
        },
    ),
}
