"""What stands around the platform: budget, audit, backup, firewall, replica, host name, access logs and alarms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.emulator.naming import ACCOUNT_ID
from infra.emulator.permissions import Request, bucket_policy, decide, role_policy
from infra.emulator.session import Session
from infra.settings import Settings, SettingsError, load_settings
from infra.stackfile import load_stack
from tests.infra.conftest import REPOSITORY

REGION, EDGE, SECOND = "eu-central-1", "us-east-1", "us-west-2"
PROGRAM = """
import pulumi
import pulumi_aws as aws
from infra.components.access_logs import AccessLogs, AccessLogsArgs
from infra.components.alerts import every_alarm_tells
from infra.components.audit import Audit, AuditArgs
from infra.components.backup import Backup, BackupArgs
from infra.components.domain import Domain, DomainArgs
from infra.components.firewall import Firewall, FirewallArgs
from infra.components.guardrails import Guardrails, GuardrailsArgs
from infra.components.replica import Replica, ReplicaArgs
from infra.components.storage import BucketArgs, PrivateBucket
from infra.naming import Naming

naming = Naming("tiny", "dev")
account = aws.get_caller_identity_output().account_id
region = aws.get_region_output().region
guardrails = Guardrails("guardrails", naming, GuardrailsArgs(
    account=account, monthly_budget_usd=1234.5, anomaly_usd=50, emails=("a@example.com",), cost_tags_active=True))
every_alarm_tells(guardrails.alerts.topic)
renditions = PrivateBucket("renditions", naming, BucketArgs(role="renditions", versioned=True))
Audit("audit", naming, AuditArgs(
    account=account, region=region, trail=True, threat_detection=True, access_analyzer=True,
    retention_days=400, protect=True, watched_buckets=[renditions]))
Backup("backup", naming, BackupArgs(account=account, region=region, retention_days=35, protect=True))
firewall = Firewall("firewall", naming, FirewallArgs(api_requests=2000, media_requests=20000, log_retention_days=30))
Replica("replica", naming, ReplicaArgs(account, renditions, "us-west-2", True))
domain = Domain("domain", naming, DomainArgs("app.example.com", "Z123"))
def origin(name):
    return {"origin_id": name, "domain_name": f"{name}.example.com", "custom_origin_config": {
        "http_port": 80, "https_port": 443, "origin_protocol_policy": "https-only",
        "origin_ssl_protocols": ["TLSv1.2"]}}

distribution = aws.cloudfront.Distribution(
    "delivery", enabled=True, origins=[origin("one"), origin("two")],
    origin_groups=[{"origin_id": "both", "failover_criteria": {"status_codes": [503]},
        "members": [{"origin_id": "one"}, {"origin_id": "two"}]}],
    default_cache_behavior={"target_origin_id": "both", "viewer_protocol_policy": "https-only",
        "allowed_methods": ["GET", "HEAD"], "cached_methods": ["GET", "HEAD"],
        "cache_policy_id": "658327ea-f89d-4fab-a63d-7e88639e58f6"},
    restrictions={"geo_restriction": {"restriction_type": "none"}},
    viewer_certificate={"cloudfront_default_certificate": True}, tags={"a": "1"})
domain.lead_to(distribution)
AccessLogs("access-logs", naming, AccessLogsArgs(account, distribution, 30, True))
aws.cloudwatch.MetricAlarm(
    "forgotten", namespace="N", metric_name="M", statistic="Sum", period=60, evaluation_periods=1, threshold=0,
    comparison_operator="GreaterThanThreshold")
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    root = tmp_path_factory.mktemp("tiny")
    (root / "infra").mkdir()
    (root / "Pulumi.yaml").write_text("name: tiny\nmain: infra/\nruntime: python\n")
    (root / "Pulumi.dev.yaml").write_text(f"config:\n  aws:region: {REGION}\n")
    (root / "infra" / "__main__.py").write_text(PROGRAM)
    with Session(load_stack(root, "dev")) as session:
        session.provision()
        yield session


def request(stack: Session, operation: str, **wanted: Any) -> dict[str, Any]:
    """The one request of an operation."""
    (found,) = [
        one.params
        for one in stack.requests
        if one.operation == operation and all(one.params.get(key) == value for key, value in wanted.items())
    ]
    return dict(found)


def output(stack: Session, type_token: str, name: str, key: str) -> str:
    (urn,) = [one.urn for one in stack.recording.registrations if (one.type, one.name) == (type_token, name)]
    return str(stack.recording.states[urn].outputs[key])


def test_with_active_tags_the_budget_counts_this_stack_only(stack: Session) -> None:
    budget = stack.client("budgets").describe_budget(AccountId=ACCOUNT_ID, BudgetName="tiny-dev-monthly")["Budget"]
    assert float(budget["BudgetLimit"]["Amount"]) == 1234.5
    assert (budget["TimeUnit"], budget["Metrics"]) == ("MONTHLY", ["UnblendedCost"])
    assert budget["FilterExpression"] == {
        "And": [{"Tags": {"Key": "app", "Values": ["tiny"]}}, {"Tags": {"Key": "env", "Values": ["dev"]}}]
    }
    active = stack.client("ce").list_cost_allocation_tags(Status="Active")["CostAllocationTags"]
    assert {tag["TagKey"] for tag in active} == {"app", "env", "component"}


def test_an_anomaly_is_told_at_once(stack: Session) -> None:
    cost_explorer = stack.client("ce")
    (monitor,) = cost_explorer.get_anomaly_monitors()["AnomalyMonitors"]
    (subscription,) = cost_explorer.get_anomaly_subscriptions()["AnomalySubscriptions"]
    assert subscription["MonitorArnList"] == [monitor["MonitorArn"]]
    assert subscription["Subscribers"][0]["Address"] == f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:tiny-dev-alerts"
    # Messages at once go to topics only, never to an address.
    assert (subscription["Frequency"], subscription["Subscribers"][0]["Type"]) == ("IMMEDIATE", "SNS")


def test_an_alarm_that_says_nothing_tells_the_topic(stack: Session) -> None:
    alarms = stack.client("cloudwatch").describe_alarms()["MetricAlarms"]
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:tiny-dev-alerts"
    assert [(alarm["AlarmActions"], alarm["OKActions"]) for alarm in alarms] == [([topic], [topic])]


def test_the_trail_can_write_to_its_bucket_and_no_other_trail_can(stack: Session) -> None:
    trail = stack.client("cloudtrail").get_trail(Name="tiny-dev-audit")["Trail"]
    assert (trail["IsMultiRegionTrail"], trail["LogFileValidationEnabled"]) == (True, True)
    assert stack.client("cloudtrail").get_trail_status(Name="tiny-dev-audit")["IsLogging"]
    policy = bucket_policy(stack.client("s3"), trail["S3BucketName"])

    def may(action: str, resource: str, source: str) -> bool:
        context = {"aws:SourceArn": source, "aws:SecureTransport": "true"}
        return decide(policy, Request(action, resource, context, "cloudtrail.amazonaws.com")).allowed

    bucket = f"arn:aws:s3:::{trail['S3BucketName']}"
    log = f"{bucket}/AWSLogs/{ACCOUNT_ID}/CloudTrail/{REGION}/2026/log.json.gz"
    assert may("s3:GetBucketAcl", bucket, trail["TrailARN"])
    assert may("s3:PutObject", log, trail["TrailARN"])
    assert not may("s3:PutObject", log, f"{trail['TrailARN']}-of-another")
    assert not may("s3:PutObject", f"{bucket}/AWSLogs/999999999999/log.json.gz", trail["TrailARN"])


def test_data_events_are_writes_to_the_watched_buckets(stack: Session) -> None:
    (selector,) = request(stack, "PutEventSelectors")["EventSelectors"]
    bucket = output(stack, "aws:s3/bucket:Bucket", "renditions", "arn")
    assert selector["ReadWriteType"] == "WriteOnly"
    assert selector["DataResources"] == [{"Type": "AWS::S3::Object", "Values": [f"{bucket}/"]}]


def test_the_backup_takes_every_table_of_the_stack(stack: Session) -> None:
    backup = stack.client("backup")
    (plan,) = backup.list_backup_plans()["BackupPlansList"]
    (selected,) = backup.list_backup_selections(BackupPlanId=plan["BackupPlanId"])["BackupSelectionsList"]
    found = backup.get_backup_selection(BackupPlanId=plan["BackupPlanId"], SelectionId=selected["SelectionId"])
    selection = found["BackupSelection"]
    assert selection["Resources"] == [f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/*"]
    assert selection["Conditions"]["StringEquals"] == [
        {"ConditionKey": "aws:ResourceTag/app", "ConditionValue": "tiny"},
        {"ConditionKey": "aws:ResourceTag/env", "ConditionValue": "dev"},
    ]
    (rule,) = backup.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]["Rules"]
    assert (rule["Lifecycle"]["DeleteAfterDays"], rule["TargetBackupVaultName"]) == (35, "tiny-dev-tables")


def test_the_firewall_limits_media_and_all_else_apart(stack: Session) -> None:
    waf = stack.client("wafv2", EDGE)
    (summary,) = waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
    acl = waf.get_web_acl(Name=summary["Name"], Id=summary["Id"], Scope="CLOUDFRONT")["WebACL"]
    rules = {rule["Name"]: rule for rule in acl["Rules"]}
    media = rules["media-rate"]["Statement"]["RateBasedStatement"]
    rest = rules["api-rate"]["Statement"]["RateBasedStatement"]
    assert (media["Limit"], rest["Limit"]) == (20_000, 2000)
    match = media["ScopeDownStatement"]["ByteMatchStatement"]
    assert (match["SearchString"], match["PositionalConstraint"]) == (b"/v/", "STARTS_WITH")
    assert rest["ScopeDownStatement"] == {"NotStatement": {"Statement": media["ScopeDownStatement"]}}
    assert [rule["Priority"] for rule in acl["Rules"]] == [0, 1, 2, 3]


def test_the_firewall_logs_what_it_refused_without_secrets(stack: Session) -> None:
    config = request(stack, "PutLoggingConfiguration")["LoggingConfiguration"]
    assert {field["SingleHeader"]["Name"] for field in config["RedactedFields"]} == {"authorization", "cookie"}
    assert config["LoggingFilter"]["DefaultBehavior"] == "DROP"
    (destination,) = config["LogDestinationConfigs"]
    assert destination == f"arn:aws:logs:{EDGE}:{ACCOUNT_ID}:log-group:aws-waf-logs-tiny-dev-edge"


def test_the_replica_is_versioned_in_its_region_and_gets_what_is_published(stack: Session) -> None:
    replica = output(stack, "aws:s3/bucket:Bucket", "renditions-replica", "bucket")
    source = output(stack, "aws:s3/bucket:Bucket", "renditions", "bucket")
    s3 = stack.client("s3")
    assert s3.get_bucket_location(Bucket=replica)["LocationConstraint"] == SECOND
    assert {s3.get_bucket_versioning(Bucket=bucket)["Status"] for bucket in (source, replica)} == {"Enabled"}
    config = request(stack, "PutBucketReplication")["ReplicationConfiguration"]
    (rule,) = config["Rules"]
    assert (rule["Filter"], rule["Destination"]["Bucket"]) == ({"Prefix": "v/"}, f"arn:aws:s3:::{replica}")
    policy = role_policy(stack.client("iam"), config["Role"])
    assert decide(policy, Request("s3:ReplicateObject", f"arn:aws:s3:::{replica}/v/1/a.mp4")).allowed
    read = "s3:GetObjectVersionForReplication"
    assert decide(policy, Request(read, f"arn:aws:s3:::{source}/v/1/a.mp4")).allowed
    # What waits for moderation stays in its region.
    assert not decide(policy, Request(read, f"arn:aws:s3:::{source}/review/1/a.mp4")).allowed


def test_a_versioned_bucket_forgets_what_was_deleted(stack: Session) -> None:
    source = output(stack, "aws:s3/bucket:Bucket", "renditions", "bucket")
    rules = stack.client("s3").get_bucket_lifecycle_configuration(Bucket=source)["Rules"]
    assert [rule["NoncurrentVersionExpiration"] for rule in rules if rule["ID"] == "forget-old-versions"] == [
        {"NoncurrentDays": 1}
    ]


def test_the_host_name_proves_itself_and_leads_to_the_distribution(stack: Session) -> None:
    changes = [one.params for one in stack.requests if one.operation == "ChangeResourceRecordSets"]
    sets = {
        one["ChangeBatch"]["Changes"][0]["ResourceRecordSet"]["Type"]: one["ChangeBatch"]["Changes"][0][
            "ResourceRecordSet"
        ]
        for one in changes
    }
    assert sets["CNAME"]["Name"].endswith(".app.example.com.")
    target = sets["A"]["AliasTarget"]
    assert sets["AAAA"]["AliasTarget"] == target
    # Of every distribution; Amazon Route 53 API reference, AliasTarget.
    assert target["HostedZoneId"] == "Z2FDTNDATAQYW2"
    assert target["DNSName"].endswith(".cloudfront.net")


def test_access_logs_reach_their_bucket(stack: Session) -> None:
    logs = stack.client("logs", EDGE)
    (delivery,) = logs.describe_deliveries()["deliveries"]
    source = logs.get_delivery_source(name=delivery["deliverySourceName"])["deliverySource"]
    bucket = output(stack, "aws:s3/bucket:Bucket", "access-logs", "bucket")
    policy = bucket_policy(stack.client("s3"), bucket)
    log = f"arn:aws:s3:::{bucket}/AWSLogs/{ACCOUNT_ID}/CloudFront/E1/2026/01/01/00/log.gz"

    def may(source_arn: str) -> bool:
        context = {"aws:SourceArn": source_arn, "aws:SecureTransport": "true"}
        return decide(policy, Request("s3:PutObject", log, context, "delivery.logs.amazonaws.com")).allowed

    assert may(source["arn"])
    assert not may(f"{source['arn']}-of-another")


@pytest.mark.parametrize(
    ("section", "values", "fault"),
    [
        ("delivery", {"domain": "app.example.com"}, "reelplan:delivery.hostedZoneId: found none"),
        ("delivery", {"hostedZoneId": "Z1"}, "reelplan:delivery.domain: found none"),
        ("audit", {"dataEvents": True}, "reelplan:audit.dataEvents: found true, expected false, or trail: true"),
        (
            "guardrails",
            {"alertEmails": ["a@b.de", "a@b.de"]},
            "reelplan:guardrails.alertEmails: found an address twice",
        ),
        ("guardrails", {"monthlyBudgetUsd": 0}, "reelplan:guardrails.monthlyBudgetUsd: found 0"),
        ("storage", {"replicaRegion": "Frankfurt"}, "reelplan:storage.replicaRegion: found 'Frankfurt'"),
    ],
)
def test_faults_of_the_settings_name_their_key(section: str, values: dict[str, Any], fault: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings({section: json.dumps(values)})
    assert any(one.startswith(fault) for one in raised.value.faults), raised.value.faults


def settings_of(profile: str) -> Settings:
    return load_settings({"profile": profile})


def test_dev_pays_for_no_guard_and_prod_has_all() -> None:
    dev, prod = settings_of("dev"), settings_of("prod")
    assert not any([dev.audit.trail, dev.audit.threat_detection, dev.backup.enabled, dev.firewall.enabled])
    assert all([prod.audit.trail, prod.audit.threat_detection, prod.backup.enabled, prod.firewall.enabled])
    # A budget and its kill switch cost nothing: every stack has them.
    assert dev.guardrails.kill_switch
    assert prod.guardrails.kill_switch


def test_no_profile_chooses_where_personal_data_goes() -> None:
    assert all(settings_of(profile).storage.replica_region is None for profile in ("dev", "staging", "prod"))
    assert "replicaRegion" in (REPOSITORY / "Pulumi.prod.yaml").read_text()
