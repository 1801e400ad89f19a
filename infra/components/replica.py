"""A copy of what is published in a second region, from which CloudFront delivers when the first one fails."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.storage import PUBLISHED_PREFIX, BucketArgs, PrivateBucket
from infra.naming import Naming


@dataclass(frozen=True)
class ReplicaArgs:
    """What is copied, and where to."""

    account: pulumi.Input[str]
    source: PrivateBucket
    """A versioned bucket."""
    region: str
    protect: bool


class Replica(pulumi.ComponentResource):
    """The second bucket, the role that copies under, and the rule.

    Only what viewers reach is copied: the replica is for delivery. Originals stay where they were uploaded.
    """

    bucket: PrivateBucket
    region: str

    def __init__(
        self, name: str, naming: Naming, args: ReplicaArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:storage:Replica", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.region = args.region
        self.bucket = PrivateBucket(
            "renditions-replica",
            naming,
            BucketArgs(role="renditions-replica", region=args.region, versioned=True, protect=args.protect),
            child,
        )
        role = aws.iam.Role(
            "replication",
            description="S3 copies published renditions to the second region",
            assume_role_policy=iam.document(iam.trust("s3.amazonaws.com", account=args.account)),
            tags=naming.tags("storage"),
            opts=child,
        )
        published = pulumi.Output.concat(args.source.arn, "/", PUBLISHED_PREFIX, "*")
        copies = pulumi.Output.concat(self.bucket.arn, "/", PUBLISHED_PREFIX, "*")
        policy = aws.iam.RolePolicy(
            "replication",
            role=role.name,
            policy=iam.document(
                iam.allow(["s3:GetReplicationConfiguration", "s3:ListBucket"], args.source.arn),
                iam.allow(
                    ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
                    published,
                ),
                iam.allow(["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"], copies),
            ),
            opts=child,
        )
        versioning = [one for one in (args.source.versioning, self.bucket.versioning) if one is not None]
        aws.s3.BucketReplicationConfig(
            "renditions",
            bucket=args.source.name,
            role=role.arn,
            rules=[
                {
                    "id": "published",
                    "priority": 0,
                    "status": "Enabled",
                    "filter": {"prefix": PUBLISHED_PREFIX},
                    # Deleting one version, as an erasure does, is never copied: the erase function does it here, too.
                    "delete_marker_replication": {"status": "Enabled"},
                    "destination": {"bucket": self.bucket.arn, "storage_class": "STANDARD"},
                }
            ],
            # S3 refuses to replicate from or to a bucket that is not versioned yet.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, *versioning]),
        )
        self.register_outputs({"bucket": self.bucket.name})
