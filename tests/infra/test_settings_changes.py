"""A changed setting changes only what it should: every key, and what may differ in a plan when its value does."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from infra.emulator.plan_provider import PlanProvider
from infra.emulator.recorder import record
from infra.emulator.recording import Registration
from infra.emulator.validation import component_path
from tests.infra.any_settings import SCHEMA, Values, Wanted, stack_file


class Change(NamedTuple):
    """Another value of a key, and what it changes."""

    to: Any
    changes: tuple[str, ...]
    """Resources that are there, gone, or different: "component/Type name", ``*`` for any text."""
    beside: Mapping[str, Any] = MappingProxyType({})
    """Settings without which the key does nothing."""


LIVE: Values = {"live": {"enabled": True}}
ANALYTICS: Values = {"analytics": {"enabled": True}}
STREAM: Values = {"analytics": {"enabled": True, "source": "stream"}}
RECOMMENDATION: Values = {**STREAM, "recommendation": {"enabled": True}}
CACHE: Values = {"cache": {"enabled": True}}
TRAIL: Values = {"audit": {"trail": True}}
DETECTOR: Values = {"audit": {"threatDetection": True}}
FIREWALL: Values = {"firewall": {"enabled": True}}
DOMAIN: Values = {"delivery": {"domain": "a.example.com", "hostedZoneId": "Z1"}}
RESERVED: Values = {"transcoding": {"reservedSlots": 2}}

SUBMIT = "transcoding/submit/Function submit"
MODERATE = "moderation/moderate/Function moderate"
UPLOAD = "upload/upload/Function upload"
SESSION = "playback/session/Function session"
DISTRIBUTION = "delivery/Distribution delivery"
POOL = "identity/UserPool users"
API_TASK = "api/TaskDefinition api"
API_SERVICE = "api/Service api"
API_RANGE = "api/Target api"
RANKING_TASK = "recommendation/ranking/TaskDefinition ranking"
CANDIDATES = "recommendation/candidates/Function candidates"
FIREHOSE = "analytics/FirehoseDeliveryStream interactions"
DASHBOARD = "observability/Dashboard platform"

CHANGES: Mapping[str, Change] = {
    "size": Change("1m", (API_SERVICE, API_RANGE, API_TASK, "api/Policy api-requests", "guardrails/Budget monthly")),
    "storage.rawRetentionDays": Change(31, ("media/raw/BucketLifecycleConfiguration raw",)),
    "storage.reviewDays": Change(15, ("media/renditions/BucketLifecycleConfiguration renditions",)),
    "storage.allowedOrigins": Change(
        ["https://b.example"],
        (
            "delivery/ResponseHeadersPolicy media",
            "gateway/Api gateway",
            "identity/UserPoolClient apps",
            "media/*/BucketCorsConfiguration *",
        ),
    ),
    "storage.protect": Change(True, ("*/Table *", "*/Bucket *", "api/LoadBalancer api", "api/Repository api", POOL)),
    "storage.replicaRegion": Change(
        "us-west-2",
        (
            "Replica replica",
            "replica/*",
            DISTRIBUTION,
            "erasure/erase/*",
            "media/renditions/BucketLifecycleConfiguration renditions",
            "media/renditions/BucketVersioning renditions",
        ),
    ),
    "upload.maxMb": Change(3000, (UPLOAD,)),
    "upload.formMb": Change(51, (UPLOAD,)),
    "upload.partMb": Change(17, (UPLOAD,)),
    "upload.contentTypes": Change(["video/mp4"], (UPLOAD,)),
    "upload.requestsPerSecond": Change(51, ("gateway/Stage gateway",)),
    "upload.burst": Change(101, ("gateway/Stage gateway",)),
    "transcoding.ladder": Change(["720p"], (SUBMIT,)),
    "transcoding.mp4Rendition": Change("480p", (SUBMIT,)),
    "transcoding.segmentSeconds": Change(4, (SUBMIT,)),
    "transcoding.earnedCodecs": Change({"HEVC": 1000}, ("EarnedCodecs earned-codecs", "earned-codecs/*"), STREAM),
    "transcoding.reservedSlots": Change(2, ("transcoding/Queue transcode-reserved", "transcoding/submit/*")),
    "transcoding.reservedRenewal": Change("AUTO_RENEW", ("transcoding/Queue transcode-reserved",), RESERVED),
    "transcoding.hopMinutes": Change(11, (SUBMIT,), RESERVED),
    "moderation.mode": Change("video", ("moderation/*", SUBMIT)),
    "moderation.captions": Change(True, (MODERATE, "moderation/moderate/RolePolicy moderate")),
    "moderation.speech": Change(
        True,
        ("moderation/EventFunction hear", "moderation/hear/*", MODERATE, "moderation/moderate/RolePolicy moderate"),
    ),
    "moderation.secondsPerFrame": Change(6, (SUBMIT,)),
    "moderation.maxFrames": Change(21, (SUBMIT,)),
    "moderation.thresholds": Change({"Explicit": {"block": 91}}, (MODERATE,)),
    "moderation.textThresholds": Change({"SEXUAL": {"review": 90}}, (MODERATE,), {"moderation": {"captions": True}}),
    "delivery.priceClass": Change("PriceClass_200", (DISTRIBUTION,)),
    "delivery.signed": Change(
        False,
        (
            "Playback playback",
            "playback/*",
            "SigningKeys signing-keys",
            "signing-keys/*",
            DISTRIBUTION,
            "delivery/ResponseHeadersPolicy media",
        ),
    ),
    "delivery.signingKeys": Change(
        ["key-1", "key-2"], ("signing-keys/* key-*", "signing-keys/KeyGroup signing-keys", "playback/session/*")
    ),
    "delivery.originShieldRegion": Change("us-east-2", (DISTRIBUTION,)),
    "delivery.accessLogs": Change(True, ("AccessLogs access-logs", "access-logs/*")),
    "delivery.accessLogDays": Change(
        31, ("access-logs/access-logs/BucketLifecycleConfiguration access-logs",), {"delivery": {"accessLogs": True}}
    ),
    "delivery.domain": Change("b.example.com", (DISTRIBUTION, "domain/*", SESSION), DOMAIN),
    "delivery.hostedZoneId": Change("Z2", ("domain/Record *",), DOMAIN),
    "delivery.sessionMinutes": Change(121, (SESSION,)),
    "delivery.anonymousViewers": Change(True, ("playback/session/Route *",)),
    "network.vpcCidr": Change(
        "10.30.0.0/16",
        ("network/Vpc network", "network/Subnet *", "network/SecurityGroupIngressRule endpoints"),
    ),
    "network.availabilityZones": Change(3, ("network/*", "api/LoadBalancer api", API_SERVICE)),
    "network.nat": Change("single", ("network/*-1", "network/Route* public", "network/Route nat-1")),
    "network.flowLog": Change(True, ("FlowLog flow-log", "flow-log/*")),
    "api.imageTag": Change("v2", (API_TASK,)),
    "api.cpu": Change(512, (API_TASK,), {"api": {"memoryMib": 1024}}),
    "api.memoryMib": Change(1024, (API_TASK,)),
    "api.minTasks": Change(2, (API_SERVICE, API_RANGE)),
    "api.maxTasks": Change(5, (API_RANGE,)),
    "api.spotPercent": Change(50, (API_SERVICE,)),
    "api.requestsPerTask": Change(2000, ("api/Policy api-requests",)),
    "events.archiveDays": Change(8, ("events/EventArchive events",)),
    "identity.tier": Change("PLUS", (POOL,)),
    "identity.mfa": Change("ON", (POOL,)),
    "identity.minimumAge": Change(14, ("identity/age-gate/Function age-gate",)),
    "live.enabled": Change(True, ("Live live", "live/*")),
    "live.channelType": Change("STANDARD", ("live/Channel house",), LIVE),
    "live.latency": Change("NORMAL", ("live/Channel house",), LIVE),
    "live.record": Change(False, ("live/*",), LIVE),
    "live.diamondsPer100Coins": Change(51, ("gifts/gift/Function gift",)),
    "shop.enabled": Change(False, ("Shop shop", "shop/*")),
    "shop.webhookProviders": Change(["payment"], ("shop/Secret webhook-shipping", "shop/webhook/*")),
    "shop.webhooksPerSecond": Change(51, ("shop/webhooks/Stage webhooks",)),
    "analytics.enabled": Change(True, ("Analytics analytics", "analytics/*", "api/RolePolicy api-task")),
    "analytics.source": Change(
        "stream",
        (FIREHOSE, "analytics/RolePolicy firehose", "analytics/Stream *", "api/RolePolicy api-task"),
        ANALYTICS,
    ),
    "analytics.retentionDays": Change(
        100, ("analytics/interactions/BucketLifecycleConfiguration interactions",), ANALYTICS
    ),
    "analytics.bufferSeconds": Change(301, (FIREHOSE,), ANALYTICS),
    "analytics.scanLimitGb": Change(101, ("analytics/Workgroup analytics",), ANALYTICS),
    "recommendation.enabled": Change(True, ("Recommendation recommendation", "recommendation/*"), STREAM),
    "recommendation.imageTag": Change("v2", (RANKING_TASK,), RECOMMENDATION),
    "recommendation.cpu": Change(
        1024, (RANKING_TASK,), {**STREAM, "recommendation": {"enabled": True, "memoryMib": 2048}}
    ),
    "recommendation.memoryMib": Change(2048, (RANKING_TASK,), RECOMMENDATION),
    "recommendation.minTasks": Change(
        2, ("recommendation/ranking/Service ranking", "recommendation/ranking/Target ranking"), RECOMMENDATION
    ),
    "recommendation.maxTasks": Change(5, ("recommendation/ranking/Target ranking",), RECOMMENDATION),
    "recommendation.weights": Change({"view": 2}, (CANDIDATES,), RECOMMENDATION),
    "recommendation.candidateDays": Change(15, (CANDIDATES,), RECOMMENDATION),
    "cache.enabled": Change(True, ("Cache cache", "cache/*")),
    "cache.nodeType": Change("cache.m7g.large", ("cache/ReplicationGroup cache",), CACHE),
    "cache.replicas": Change(2, ("cache/ReplicationGroup cache",), CACHE),
    "observability.logRetentionDays": Change(60, ("*/LogGroup *",)),
    "observability.timeToPublishSeconds": Change(
        601, (DASHBOARD, "observability/MetricAlarm time-to-publish", "observability/MetricAlarm transcode-wait")
    ),
    "observability.apiLatencyMs": Change(501, (DASHBOARD, "observability/MetricAlarm api-latency")),
    "observability.reviewHours": Change(25, (DASHBOARD, "observability/MetricAlarm review-backlog")),
    "guardrails.monthlyBudgetUsd": Change(300, ("guardrails/Budget monthly",)),
    "guardrails.killSwitch": Change(False, ("KillSwitch kill-switch", "kill-switch/*")),
    "guardrails.alertEmails": Change(["a@example.com"], ("*/TopicSubscription *a@example.com",)),
    "guardrails.anomalyUsd": Change(50, ("guardrails/Anomaly*",)),
    "guardrails.costTagsActive": Change(True, ("guardrails/Budget monthly", "guardrails/CostAllocationTag *")),
    "audit.trail": Change(True, ("Audit audit", "audit/*")),
    "audit.dataEvents": Change(True, ("audit/Trail audit",), TRAIL),
    "audit.retentionDays": Change(401, ("audit/audit/BucketLifecycleConfiguration audit",), TRAIL),
    "audit.threatDetection": Change(True, ("Audit audit", "audit/*", "Notices notices", "notices/*")),
    "audit.findingSeverity": Change(8, ("notices/notice/EventRule notice",), DETECTOR),
    "audit.accessAnalyzer": Change(True, ("Audit audit", "audit/Analyzer access")),
    "backup.enabled": Change(True, ("Backup backup", "backup/*")),
    "backup.retentionDays": Change(36, ("backup/Plan tables",), {"backup": {"enabled": True}}),
    "firewall.enabled": Change(True, ("Firewall firewall", "firewall/*", DISTRIBUTION)),
    "firewall.apiRequestsPer5Minutes": Change(2001, ("firewall/WebAcl edge",), FIREWALL),
    "firewall.mediaRequestsPer5Minutes": Change(20_001, ("firewall/WebAcl edge",), FIREWALL),
}
"""Key -> another value than that of the profile dev, and what it changes there."""

CHANGES_EVERYTHING = ("profile", "cell.residency")
"""Keys that are no single decision: a profile is many keys, and the residency stands in every tag."""


def test_every_key_has_its_entry() -> None:
    keys = {section for section, one in SCHEMA["properties"].items() if "$ref" not in one}
    for section, one in SCHEMA["properties"].items():
        definition = SCHEMA["$defs"].get(one.get("$ref", "").rpartition("/")[2], {})
        keys |= {f"{section}.{key}" for key in definition.get("properties", {})}
    assert sorted(keys) == sorted([*CHANGES, *CHANGES_EVERYTHING])


@pytest.mark.parametrize("path", CHANGES)
def test_a_changed_setting_changes_only_what_it_should(path: str) -> None:
    change = CHANGES[path]
    section, _, key = path.partition(".")
    changed = {**change.beside.get(section, {}), key: change.to} if key else change.to
    before, after = facts({**change.beside}), facts({**change.beside, section: changed})

    found = {label for label in before.keys() | after.keys() if before.get(label) != after.get(label)}

    unexpected = {label for label in found if not any(fnmatchcase(label, pattern) for pattern in change.changes)}
    assert unexpected == set()
    without_effect = [one for one in change.changes if not any(fnmatchcase(label, one) for label in found)]
    assert without_effect == []


def facts(values: Values) -> dict[str, Any]:
    """Each resource of a plan by its component, type and name, with all that is declared of it."""
    return _facts(json.dumps(values, sort_keys=True))


@functools.cache
def _facts(text: str) -> dict[str, Any]:
    plan = record(stack_file(Wanted(json.loads(text))), PlanProvider())
    by_urn = {one.urn: one for one in plan.registrations}
    return {_label(one, by_urn): (one.inputs, one.options, one.region) for one in plan.registrations}


def _label(one: Registration, by_urn: dict[str, Registration]) -> str:
    return f"{component_path(one, by_urn)}/{one.type.rpartition(':')[2]} {one.name}".removeprefix("/")
