"""Audit: who did what in the account, what looks like an attack, and what is open to other accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.storage import BucketArgs, PrivateBucket
from infra.naming import Naming

CLOUDTRAIL = "cloudtrail.amazonaws.com"


@dataclass(frozen=True)
class AuditArgs:
    """How much is recorded."""

    account: pulumi.Input[str]
    region: pulumi.Input[str]
    trail: bool
    threat_detection: bool
    access_analyzer: bool
    retention_days: int
    protect: bool
    watched_buckets: Sequence[PrivateBucket] = ()
    """Buckets in which every write is recorded, too."""


class Audit(pulumi.ComponentResource):
    """CloudTrail with a bucket of its own, GuardDuty and IAM Access Analyzer, each if wanted."""

    def __init__(self, name: str, naming: Naming, args: AuditArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("reelplan:audit:Audit", name, None, opts)
        self._naming = naming
        self._tags = naming.tags("audit")
        self._child = pulumi.ResourceOptions(parent=self)
        if args.trail:
            self._trail(args)
        if args.threat_detection:
            aws.guardduty.Detector(
                "threats",
                enable=True,
                finding_publishing_frequency="FIFTEEN_MINUTES",
                tags=self._tags,
                opts=self._child,
            )
        if args.access_analyzer:
            aws.accessanalyzer.Analyzer(
                "access", analyzer_name=naming.physical("access"), type="ACCOUNT", tags=self._tags, opts=self._child
            )
        self.register_outputs({})

    def _trail(self, args: AuditArgs) -> None:
        name = self._naming.physical("audit")
        # Written out, because the bucket must let the trail in before the trail exists.
        arn = pulumi.Output.concat("arn:aws:cloudtrail:", args.region, ":", args.account, ":trail/", name)
        bucket = PrivateBucket(
            "audit",
            self._naming,
            BucketArgs(role="audit", expire_days=args.retention_days, protect=args.protect),
            self._child,
        )
        logs = pulumi.Output.concat(bucket.arn, "/AWSLogs/", args.account, "/*")
        bucket.grant(
            iam.service_may(CLOUDTRAIL, ["s3:GetBucketAcl"], bucket.arn, source_arns=[arn]),
            iam.service_may(CLOUDTRAIL, ["s3:PutObject"], logs, source_arns=[arn]),
        )
        aws.cloudtrail.Trail(
            "audit",
            name=name,
            s3_bucket_name=bucket.name,
            enable_log_file_validation=True,
            include_global_service_events=True,
            is_multi_region_trail=True,
            event_selectors=_selectors(args.watched_buckets),
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[bucket]),
        )


def _selectors(buckets: Sequence[PrivateBucket]) -> list[aws.cloudtrail.TrailEventSelectorArgsDict] | None:
    """Management events are recorded without being asked for; writes to objects only on request."""
    if not buckets:
        return None
    objects = [pulumi.Output.concat(bucket.arn, "/") for bucket in buckets]
    return [
        {
            "read_write_type": "WriteOnly",
            "include_management_events": True,
            "data_resources": [{"type": "AWS::S3::Object", "values": objects}],
        }
    ]
