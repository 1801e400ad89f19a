"""Amazon S3: buckets and the side resources that configure them."""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType, To

FIRST_REGION = "us-east-1"
"""The one region that CreateBucket does not take as a location constraint."""

OF_BUCKET = {"Bucket": "{bucket}"}
BUCKET_ID = Output("{bucket}")


def _configures(operation: str, inputs: Mapping[str, str | To], read: Read, **more: Mapping[str, str]) -> ResourceType:
    return ResourceType(
        service="s3",
        calls=(Call(operation, inputs=inputs, reads=(read,), lost=more.get("lost", {})),),
        id=BUCKET_ID,
        ignored=more.get("ignored", {}),
    )


TYPES: Mapping[str, ResourceType] = {
    "aws:s3/bucket:Bucket": ResourceType(
        service="s3",
        name="bucket",
        name_limit=63,
        id=Output("{name}"),
        calls=(
            Call(
                "CreateBucket",
                inputs={"bucket": "Bucket", "objectLockEnabled": "ObjectLockEnabledForBucket"},
                fixed={
                    "CreateBucketConfiguration.LocationConstraint": lambda values: (
                        None if values["region"] == FIRST_REGION else values["region"]
                    )
                },
                reads=(
                    Read(
                        "GetBucketLocation",
                        {"Bucket": "{name}"},
                        {"CreateBucketConfiguration.LocationConstraint": "LocationConstraint"},
                    ),
                ),
            ),
            Call(
                "PutBucketTagging",
                takes=("tags",),
                inputs={"tags": "Tagging.TagSet"},
                fixed={"Bucket": "{name}"},
                reads=(Read("GetBucketTagging", {"Bucket": "{name}"}, {"Tagging": "@"}),),
            ),
        ),
        outputs={
            "arn": Output("arn:aws:s3:::{name}"),
            "bucketDomainName": Output("{name}.s3.amazonaws.com"),
            "bucketRegionalDomainName": Output("{name}.s3.{region}.amazonaws.com"),
            "bucketRegion": Output("{region}"),
        },
        ignored={"forceDestroy": "how Pulumi deletes the bucket, no part of its state in AWS"},
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _configures(
        "PutBucketVersioning", {}, Read("GetBucketVersioning", OF_BUCKET, {"VersioningConfiguration": "@"})
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _configures(
        "PutPublicAccessBlock",
        {
            name: f"PublicAccessBlockConfiguration.{name[0].upper()}{name[1:]}"
            for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        },
        Read("GetPublicAccessBlock", OF_BUCKET, rest="@"),
        ignored={"skipDestroy": "how Pulumi deletes it"},
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _configures(
        "PutBucketOwnershipControls",
        {"rule": "OwnershipControls.Rules"},
        Read("GetBucketOwnershipControls", OF_BUCKET, rest="@"),
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _configures(
        "PutBucketEncryption",
        {"rules": "ServerSideEncryptionConfiguration.Rules"},
        Read("GetBucketEncryption", OF_BUCKET, rest="@"),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _configures(
        "PutBucketLifecycleConfiguration",
        {"rules": "LifecycleConfiguration.Rules"},
        Read("GetBucketLifecycleConfiguration", OF_BUCKET, {"LifecycleConfiguration": "@"}),
        lost={
            f"LifecycleConfiguration.Rules.{path}": "moto does not keep it"
            for path in (
                "Filter.ObjectSizeGreaterThan",
                "Filter.ObjectSizeLessThan",
                "Filter.And.ObjectSizeGreaterThan",
                "Filter.And.ObjectSizeLessThan",
                "NoncurrentVersionExpiration.NewerNoncurrentVersions",
            )
        },
    ),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": _configures(
        "PutBucketCors",
        {"corsRules": "CORSConfiguration.CORSRules"},
        Read("GetBucketCors", OF_BUCKET, {"CORSConfiguration": "@"}),
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _configures(
        "PutBucketPolicy", {}, Read("GetBucketPolicy", OF_BUCKET, rest="@")
    ),
    "aws:s3/bucketNotification:BucketNotification": _configures(
        "PutBucketNotificationConfiguration",
        {
            "eventbridge": To(
                "NotificationConfiguration.EventBridgeConfiguration", lambda enabled: {} if enabled else None
            )
        },
        Read("GetBucketNotificationConfiguration", OF_BUCKET, {"NotificationConfiguration": "@"}),
        lost={"NotificationConfiguration.EventBridgeConfiguration": "moto acts on it but does not give it back"},
    ),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _configures(
        "PutBucketReplication",
        {
            "role": "ReplicationConfiguration.Role",
            "rules": "ReplicationConfiguration.Rules",
        },
        Read("GetBucketReplication", OF_BUCKET, {"ReplicationConfiguration": "ReplicationConfiguration"}),
        lost={
            "ReplicationConfiguration.Rules.DeleteMarkerReplication": "moto gives it back as Disabled",
            "ReplicationConfiguration.Rules.Filter": "moto gives it back empty",
        },
    ),
}
