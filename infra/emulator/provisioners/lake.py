"""AWS Glue and Amazon Athena: tables over files, and who may ask them."""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType

TYPES: Mapping[str, ResourceType] = {
    "aws:glue/catalogDatabase:CatalogDatabase": ResourceType(
        service="glue",
        name="name",
        id=Output("{account}:{name}"),
        calls=(
            Call(
                "CreateDatabase",
                into="DatabaseInput",
                inputs={"tags": "/Tags", "catalogId": "/CatalogId"},
                reads=(
                    Read("GetDatabase", {"Name": "{name}"}, {"DatabaseInput": "Database"}),
                    Read("GetTags", {"ResourceArn": "{arn}"}, {"Tags": "Tags"}),
                ),
            ),
        ),
        outputs={"arn": Output("arn:aws:glue:{region}:{account}:database/{name}")},
    ),
    "aws:glue/catalogTable:CatalogTable": ResourceType(
        service="glue",
        name="name",
        id=Output("{account}:{databaseName}:{name}"),
        calls=(
            Call(
                "CreateTable",
                into="TableInput",
                inputs={
                    "databaseName": "/DatabaseName",
                    "catalogId": "/CatalogId",
                    "storageDescriptor.serDeInfo": "SerdeInfo",
                },
                reads=(
                    Read("GetTable", {"DatabaseName": "{databaseName}", "Name": "{name}"}, {"TableInput": "Table"}),
                ),
            ),
        ),
        outputs={"arn": Output("arn:aws:glue:{region}:{account}:table/{databaseName}/{name}")},
    ),
    "aws:athena/workgroup:Workgroup": ResourceType(
        service="athena",
        name="name",
        name_limit=128,
        id=Output("{name}"),
        calls=(
            Call(
                "CreateWorkGroup",
                inputs={
                    "configuration.enforceWorkgroupConfiguration": "EnforceWorkGroupConfiguration",
                    "configuration.publishCloudwatchMetricsEnabled": "PublishCloudWatchMetricsEnabled",
                    "configuration.resultConfiguration.encryptionConfiguration.kmsKeyArn": "KmsKey",
                },
                reads=(
                    Read("GetWorkGroup", {"WorkGroup": "{name}"}, rest="WorkGroup"),
                    Read("ListTagsForResource", {"ResourceARN": "{arn}"}, {"Tags": "Tags"}),
                ),
            ),
        ),
        outputs={"arn": Output("arn:aws:athena:{region}:{account}:workgroup/{name}")},
        ignored={"forceDestroy": "how Pulumi deletes the workgroup"},
    ),
}
