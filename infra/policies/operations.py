"""Rules for running a platform: audit, logs, money, protection, tags, and the stores of analytics and caching."""

from __future__ import annotations

from collections.abc import Iterator

from infra.policies.rule import TAGGABLE, Rulebook, must_be_on, must_be_set
from infra.policies.stack import STACK_TYPE, Resource, Stack

TRAIL = "aws:cloudtrail/trail:Trail"
DETECTOR = "aws:guardduty/detector:Detector"
DETECTOR_FEATURE = "aws:guardduty/detectorFeature:DetectorFeature"
BUDGET = "aws:budgets/budget:Budget"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
WORKGROUP = "aws:athena/workgroup:Workgroup"
STATEFUL = (
    "aws:s3/bucket:Bucket",
    "aws:dynamodb/table:Table",
    "aws:cognito/userPool:UserPool",
    "aws:kms/key:Key",
    "aws:ecr/repository:Repository",
    "aws:backup/vault:Vault",
)
REQUIRED_TAGS = ("app", "env", "component")

book = Rulebook()

book.fsbp("CloudTrail.1", "high", "The trail covers all regions", TRAIL)(must_be_on("isMultiRegionTrail"))
book.fsbp("CloudTrail.2", "medium", "The trail is encrypted with a key of its own", TRAIL)(must_be_set("kmsKeyId"))
book.fsbp("CloudTrail.4", "low", "The trail's files can be validated", TRAIL)(must_be_on("enableLogFileValidation"))
book.fsbp("CloudTrail.5", "low", "The trail reaches CloudWatch Logs", TRAIL)(must_be_set("cloudWatchLogsGroupArn"))


@book.fsbp("GuardDuty.1", "high", "Threat detection is not switched off", DETECTOR)
def _enabled(detector: Resource, stack: Stack) -> Iterator[str]:
    if not detector.get("enable", True):
        yield "enable is false"


def _needs_feature(feature: str, detector: Resource, stack: Stack) -> Iterator[str]:
    features = stack.about(detector, DETECTOR_FEATURE, prop="detectorId")
    if not any(entry.get("name") == feature and entry.get("status") == "ENABLED" for entry in features):
        yield f"found no enabled DetectorFeature {feature} for it"


@book.fsbp("GuardDuty.6", "high", "Threat detection watches functions", DETECTOR)
def _watches_functions(detector: Resource, stack: Stack) -> Iterator[str]:
    yield from _needs_feature("LAMBDA_NETWORK_LOGS", detector, stack)


@book.fsbp("GuardDuty.10", "high", "Threat detection watches S3", DETECTOR)
def _watches_buckets(detector: Resource, stack: Stack) -> Iterator[str]:
    yield from _needs_feature("S3_DATA_EVENTS", detector, stack)


@book.fsbp("GuardDuty.11", "high", "Threat detection watches running workloads", DETECTOR)
def _watches_runtime(detector: Resource, stack: Stack) -> Iterator[str]:
    yield from _needs_feature("RUNTIME_MONITORING", detector, stack)


@book.fsbp("ElastiCache.1", "high", "Caches are backed up", CACHE)
def _backed_up(cache: Resource, stack: Stack) -> Iterator[str]:
    if int(cache.get("snapshotRetentionLimit", 0)) < 1:
        yield "snapshotRetentionLimit is 0"


@book.fsbp("ElastiCache.2", "high", "Caches take minor upgrades by themselves", CACHE)
def _upgraded(cache: Resource, stack: Stack) -> Iterator[str]:
    if str(cache.get("autoMinorVersionUpgrade", True)).lower() != "true":
        yield "autoMinorVersionUpgrade is false"


book.fsbp("ElastiCache.3", "medium", "Caches fail over by themselves", CACHE)(must_be_on("automaticFailoverEnabled"))
book.fsbp("ElastiCache.4", "medium", "Caches are encrypted at rest", CACHE)(must_be_on("atRestEncryptionEnabled"))
book.fsbp("ElastiCache.5", "medium", "Caches are encrypted in transit", CACHE)(must_be_on("transitEncryptionEnabled"))
book.fsbp("ElastiCache.7", "high", "Caches stand in a subnet group of their own", CACHE)(must_be_set("subnetGroupName"))


@book.fsbp("Athena.4", "medium", "Workgroups publish what they do", WORKGROUP)
def _published(workgroup: Resource, stack: Stack) -> Iterator[str]:
    if str(workgroup.get("configuration.publishCloudwatchMetricsEnabled", True)).lower() != "true":
        yield "publishCloudwatchMetricsEnabled is false"


book.own("RP.11", "medium", "A query can scan a limited amount", WORKGROUP)(
    must_be_set("configuration.bytesScannedCutoffPerQuery")
)


@book.own("RP.12", "medium", "Log groups forget", LOG_GROUP)
def _forgets(group: Resource, stack: Stack) -> Iterator[str]:
    if not group.get("retentionInDays"):
        yield "retentionInDays is not set: logs are kept, and paid for, for ever"


@book.own("RP.13", "medium", "The stack has a budget", STACK_TYPE)
def _budgeted(itself: Resource, stack: Stack) -> Iterator[str]:
    if not stack.of_type(BUDGET):
        yield "found no budget"


@book.own("RP.14", "medium", "Who did what is recorded", STACK_TYPE)
def _audited(itself: Resource, stack: Stack) -> Iterator[str]:
    if not stack.of_type(TRAIL):
        yield "found no CloudTrail trail"


@book.own("RP.15", "medium", "Threats are looked for", STACK_TYPE)
def _guarded(itself: Resource, stack: Stack) -> Iterator[str]:
    if not stack.of_type(DETECTOR):
        yield "found no GuardDuty detector"


@book.own("RP.16", "medium", "Pulumi refuses to delete what holds data", *STATEFUL)
def _protected(resource: Resource, stack: Stack) -> Iterator[str]:
    if not resource.protected:
        yield "it is not protected"


@book.own("RP.17", "medium", "What is tagged says application, environment and component", TAGGABLE)
def _tagged(resource: Resource, stack: Stack) -> Iterator[str]:
    missing = [tag for tag in REQUIRED_TAGS if tag not in resource.get("tags", {})]
    if missing:
        yield f"tags lack {', '.join(missing)}"


@book.own("RP.18", "medium", "Alarms tell somebody", "aws:cloudwatch/metricAlarm:MetricAlarm")
def _alarm_heard(alarm: Resource, stack: Stack) -> Iterator[str]:
    gathered = stack.about(alarm, "aws:cloudwatch/compositeAlarm:CompositeAlarm", "aws:cloudwatch/dashboard:Dashboard")
    if not alarm.get("alarmActions") and not gathered:
        yield "it has no alarmActions, and no composite alarm or dashboard shows it"
