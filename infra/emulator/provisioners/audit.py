"""AWS CloudTrail, Amazon GuardDuty, IAM Access Analyzer and AWS Backup."""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType

TRAIL = {"Name": "{name}"}
VAULT = {"BackupVaultName": "{name}"}

TYPES: Mapping[str, ResourceType] = {
    "aws:cloudtrail/trail:Trail": ResourceType(
        service="cloudtrail",
        name="name",
        name_limit=128,
        id=Output("arn:aws:cloudtrail:{region}:{account}:trail/{name}", "CreateTrail.TrailARN"),
        calls=(
            Call(
                "CreateTrail",
                inputs={
                    "enableLogFileValidation": "EnableLogFileValidation",
                    "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn",
                    "tags": "TagsList",
                },
                reads=(
                    Read("GetTrail", TRAIL, {"EnableLogFileValidation": "Trail.LogFileValidationEnabled"}, "Trail"),
                    Read("ListTags", {"ResourceIdList": ["{id}"]}, {"TagsList": "ResourceTagList[0].TagsList"}),
                ),
            ),
            Call(
                "PutEventSelectors",
                takes=("eventSelectors", "advancedEventSelectors"),
                fixed={"TrailName": "{name}"},
                reads=(Read("GetEventSelectors", {"TrailName": "{name}"}, rest="@"),),
            ),
            Call("StartLogging", takes=(), fixed=TRAIL, reads=(Read("GetTrailStatus", TRAIL),)),
        ),
        outputs={"arn": Output("{id}"), "homeRegion": Output("{region}")},
        ignored={"enableLogging": "logging is started by a call of its own, always"},
    ),
    "aws:guardduty/detector:Detector": ResourceType(
        service="guardduty",
        id=Output("{hex}", "CreateDetector.DetectorId"),
        calls=(
            Call(
                "CreateDetector",
                fixed={"Enable": True},
                reads=(
                    Read(
                        "GetDetector",
                        {"DetectorId": "{id}"},
                        {"Enable": "Status=='ENABLED'", "FindingPublishingFrequency": "FindingPublishingFrequency"},
                        rest="@",
                    ),
                ),
            ),
        ),
        outputs={"arn": Output("arn:aws:guardduty:{region}:{account}:detector/{id}"), "accountId": Output("{account}")},
    ),
    "aws:accessanalyzer/analyzer:Analyzer": ResourceType(
        service="accessanalyzer",
        name="analyzerName",
        id=Output("{name}"),
        calls=(Call("CreateAnalyzer", fixed={"type": "ACCOUNT"}),),
        outputs={"arn": Output("arn:aws:access-analyzer:{region}:{account}:analyzer/{name}")},
        checked_because="moto has no Access Analyzer, and nothing of a stack works with it",
    ),
    "aws:backup/vault:Vault": ResourceType(
        service="backup",
        name="name",
        name_limit=50,
        id=Output("{name}"),
        calls=(
            Call(
                "CreateBackupVault",
                inputs={
                    "name": "BackupVaultName",
                    "kmsKeyArn": "EncryptionKeyArn",
                    "tags": "BackupVaultTags",
                },
                reads=(
                    Read("DescribeBackupVault", VAULT, rest="@"),
                    Read("ListTags", {"ResourceArn": "{arn}"}, {"BackupVaultTags": "Tags"}),
                ),
            ),
        ),
        outputs={
            "arn": Output("arn:aws:backup:{region}:{account}:backup-vault:{name}", "CreateBackupVault.BackupVaultArn"),
        },
        ignored={"forceDestroy": "how Pulumi deletes the vault"},
    ),
    "aws:backup/plan:Plan": ResourceType(
        service="backup",
        name="name",
        name_limit=50,
        id=Output("{uuid}", "CreateBackupPlan.BackupPlanId"),
        calls=(
            Call(
                "CreateBackupPlan",
                into="BackupPlan",
                inputs={
                    "name": "BackupPlanName",
                    "rules.targetVaultName": "TargetBackupVaultName",
                    "rules.schedule": "ScheduleExpression",
                    "rules.startWindow": "StartWindowMinutes",
                    "rules.completionWindow": "CompletionWindowMinutes",
                    "rules.lifecycle.deleteAfter": "DeleteAfterDays",
                    "rules.lifecycle.coldStorageAfter": "MoveToColdStorageAfterDays",
                    "tags": "/BackupPlanTags",
                },
                reads=(
                    Read("GetBackupPlan", {"BackupPlanId": "{id}"}, {"BackupPlan": "BackupPlan"}),
                    Read("ListTags", {"ResourceArn": "{arn}"}, {"BackupPlanTags": "Tags"}),
                ),
            ),
        ),
        outputs={
            "arn": Output("arn:aws:backup:{region}:{account}:backup-plan:{id}", "CreateBackupPlan.BackupPlanArn"),
            "version": Output("{hex}", "CreateBackupPlan.VersionId"),
        },
    ),
    "aws:backup/selection:Selection": ResourceType(
        service="backup",
        name="name",
        name_limit=50,
        id=Output("{uuid}", "CreateBackupSelection.SelectionId"),
        calls=(
            Call(
                "CreateBackupSelection",
                into="BackupSelection",
                inputs={
                    "name": "SelectionName",
                    "planId": "/BackupPlanId",
                    "selectionTags": "ListOfTags",
                    "selectionTags.type": "ConditionType",
                    "selectionTags.key": "ConditionKey",
                    "selectionTags.value": "ConditionValue",
                    **{
                        f"conditions.{test}.{name}": f"Condition{name.capitalize()}"
                        for test in ("stringEquals", "stringNotEquals", "stringLike", "stringNotLike")
                        for name in ("key", "value")
                    },
                },
                reads=(
                    Read(
                        "GetBackupSelection",
                        {"BackupPlanId": "{planId}", "SelectionId": "{id}"},
                        {"BackupSelection": "BackupSelection"},
                    ),
                ),
            ),
        ),
    ),
}
