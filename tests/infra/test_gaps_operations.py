"""Operations that moto lacks, one by one: kept, found again, refused, and gone after a reset."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.emulator import gaps

REGION = "eu-central-1"


def client(service: str) -> Any:
    make: Any = boto3.client  # its stubs know services as literals only
    return make(service, region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.fixture
def account() -> Iterator[None]:
    gaps.install()
    with mock_aws():
        yield


def code_of(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**params)
    return str(raised.value.response["Error"]["Code"])


MONITOR = {
    "MonitorName": "m",
    "MonitorType": "CUSTOM",
    "MonitorSpecification": {"Tags": {"Key": "env", "Values": ["dev"]}},
}


def test_anomaly_monitors_are_kept_with_their_tags(account: None) -> None:
    cost_explorer = client("ce")
    tags = [{"Key": "app", "Value": "a"}]
    arn = cost_explorer.create_anomaly_monitor(AnomalyMonitor=MONITOR, ResourceTags=tags)["MonitorArn"]
    cost_explorer.create_anomaly_monitor(AnomalyMonitor={**MONITOR, "MonitorName": "other"})
    (found,) = cost_explorer.get_anomaly_monitors(MonitorArnList=[arn])["AnomalyMonitors"]
    assert found == {**MONITOR, "MonitorArn": arn}
    assert len(cost_explorer.get_anomaly_monitors()["AnomalyMonitors"]) == 2
    assert cost_explorer.list_tags_for_resource(ResourceArn=arn)["ResourceTags"] == tags


def test_a_subscription_needs_its_monitor(account: None) -> None:
    subscription = {
        "SubscriptionName": "s",
        "MonitorArnList": ["arn:aws:ce::123456789012:anomalymonitor/none"],
        "Subscribers": [{"Type": "EMAIL", "Address": "a@example.com"}],
        "Frequency": "DAILY",
    }
    assert code_of(client("ce").create_anomaly_subscription, AnomalySubscription=subscription) == (
        "UnknownMonitorException"
    )


def test_a_selection_belongs_to_its_plan(account: None) -> None:
    backup = client("backup")
    rules = [{"RuleName": "r", "TargetBackupVaultName": "v"}]
    one, other = (
        backup.create_backup_plan(BackupPlan={"BackupPlanName": name, "Rules": rules})["BackupPlanId"]
        for name in ("one", "other")
    )
    selection = {"SelectionName": "s", "IamRoleArn": "arn:aws:iam::123456789012:role/r", "Resources": ["*"]}
    made = backup.create_backup_selection(BackupPlanId=one, BackupSelection=selection)["SelectionId"]
    assert backup.get_backup_selection(BackupPlanId=one, SelectionId=made)["BackupSelection"] == selection
    assert [len(backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]) for plan in (one, other)] == [
        1,
        0,
    ]
    missing = "ResourceNotFoundException"
    assert code_of(backup.get_backup_selection, BackupPlanId=other, SelectionId=made) == missing
    assert code_of(backup.create_backup_selection, BackupPlanId="none", BackupSelection=selection) == missing


def test_composite_alarms_are_described_apart(account: None) -> None:
    cloudwatch = client("cloudwatch")
    cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule='ALARM("a")', AlarmActions=["arn:aws:sns:x:1:t"])
    found = cloudwatch.describe_alarms(AlarmNames=["c"], AlarmTypes=["CompositeAlarm"])
    assert found["MetricAlarms"] == []
    (alarm,) = found["CompositeAlarms"]
    assert (alarm["AlarmRule"], alarm["AlarmActions"]) == ('ALARM("a")', ["arn:aws:sns:x:1:t"])


def distribution(target: str, *members: str) -> dict[str, Any]:
    origin = {
        "DomainName": "o.example.com",
        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
    }
    group = {
        "Id": "both",
        "FailoverCriteria": {"StatusCodes": {"Quantity": 1, "Items": [503]}},
        "Members": {"Quantity": len(members), "Items": [{"OriginId": member} for member in members]},
    }
    return {
        "CallerReference": target,
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 2, "Items": [{"Id": name, **copy.deepcopy(origin)} for name in ("one", "two")]},
        "OriginGroups": {"Quantity": 1, "Items": [group]},
        "DefaultCacheBehavior": {"TargetOriginId": target, "ViewerProtocolPolicy": "https-only"},
    }


def test_a_distribution_may_target_a_group_of_its_origins(account: None) -> None:
    cloudfront = client("cloudfront")
    made = cloudfront.create_distribution(DistributionConfig=distribution("both", "one", "two"))["Distribution"]
    kept = cloudfront.get_distribution(Id=made["Id"])["Distribution"]["DistributionConfig"]
    assert kept["DefaultCacheBehavior"]["TargetOriginId"] == "both"
    single = cloudfront.create_distribution(DistributionConfig=distribution("one", "one", "two"))["Distribution"]
    assert single["DistributionConfig"]["DefaultCacheBehavior"]["TargetOriginId"] == "one"
    for target, members in (("neither", ("one", "two")), ("both", ("one", "three"))):
        assert code_of(cloudfront.create_distribution, DistributionConfig=distribution(target, *members)) == (
            "NoSuchOrigin"
        )


def test_nothing_outlives_an_account() -> None:
    gaps.install()
    for _ in range(2):
        with mock_aws():
            assert client("ce").get_anomaly_monitors()["AnomalyMonitors"] == []
            client("ce").create_anomaly_monitor(AnomalyMonitor=MONITOR)
