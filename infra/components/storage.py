"""Private buckets, and the table that says what became of each video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.naming import Naming

ABORT_UPLOAD_DAYS = 1
"""An unfinished multipart upload is paid for and invisible; a day is enough for a phone that lost its network."""

OLD_VERSION_DAYS = 1
"""How long a versioned bucket keeps what was overwritten or deleted."""

CORS_MAX_AGE_SECONDS = 3600

RAW_PREFIX = "raw/"
"""Uploads lie under ``raw/<user>/<video>``; nothing else in the bucket starts a job."""
REVIEW_PREFIX = "review/"
"""Renditions that wait for moderation lie under ``review/<video>/<upload>/``, where no viewer reaches them."""
PUBLISHED_PREFIX = "v/"
"""What viewers may get lies under ``v/<video>/``."""
BY_USER = "by-user"
"""Index of the table of videos: those of one user, in the order in which they came."""


@dataclass(frozen=True)
class BucketArgs:
    """One private bucket."""

    role: str
    """What the bucket is for; the cost model finds it by this tag: "raw" or "renditions"."""
    expire_days: int | None = None
    """Age at which objects are deleted [day]; None keeps them."""
    expire_prefix: str = ""
    """Objects that expire; empty for all."""
    allowed_origins: Sequence[str] = ()
    """Web origins that may read and upload from a browser."""
    cors_methods: Sequence[str] = ("GET",)
    protect: bool = False
    region: str | None = None
    """None is the region of the stack."""
    versioned: bool = False
    """Keeps what is overwritten or deleted for a day; a bucket needs it to be replicated."""


class PrivateBucket(pulumi.ComponentResource):
    """A bucket that nobody reaches without permission and TLS; who may read it is said by ``grant`` once."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    regional_domain_name: pulumi.Output[str]
    versioning: aws.s3.BucketVersioning | None = None

    def __init__(self, name: str, naming: Naming, args: BucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("reelplan:storage:PrivateBucket", name, None, opts)
        self._logical_name = name
        self._region = args.region
        child = pulumi.ResourceOptions(parent=self)
        self._bucket = aws.s3.Bucket(
            name,
            region=args.region,
            tags=naming.tags("storage", role=args.role),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.name = self._bucket.bucket
        self.arn = self._bucket.arn
        self.regional_domain_name = self._bucket.bucket_regional_domain_name
        self._public_access = aws.s3.BucketPublicAccessBlock(
            name,
            bucket=self.name,
            region=args.region,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        aws.s3.BucketOwnershipControls(
            name,
            bucket=self.name,
            region=args.region,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket=self.name,
            region=args.region,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=child,
        )
        if args.versioned:
            self.versioning = aws.s3.BucketVersioning(
                name,
                bucket=self.name,
                region=args.region,
                versioning_configuration={"status": "Enabled"},
                opts=child,
            )
        aws.s3.BucketLifecycleConfiguration(
            name,
            bucket=self.name,
            region=args.region,
            rules=lifecycle_rules(args.expire_days, args.expire_prefix, versioned=args.versioned),
            opts=child,
        )
        if args.allowed_origins:
            aws.s3.BucketCorsConfiguration(
                name,
                bucket=self.name,
                region=args.region,
                cors_rules=[
                    {
                        "allowed_methods": list(args.cors_methods),
                        "allowed_origins": list(args.allowed_origins),
                        "allowed_headers": ["*"],
                        # A browser assembles a multipart upload from the ETags of its parts.
                        "expose_headers": ["ETag"],
                        "max_age_seconds": CORS_MAX_AGE_SECONDS,
                    }
                ],
                opts=child,
            )
        self.register_outputs({"name": self.name, "arn": self.arn})

    def announce_uploads(self) -> None:
        """Sends the bucket's events to EventBridge, where rules pick what they need."""
        aws.s3.BucketNotification(
            self._logical_name, bucket=self.name, eventbridge=True, opts=pulumi.ResourceOptions(parent=self)
        )

    def grant(self, *statements: iam.Statement) -> None:
        """Writes the bucket's one policy: TLS only, plus what is granted. A second policy would replace the first."""
        aws.s3.BucketPolicy(
            self._logical_name,
            bucket=self.name,
            region=self._region,
            policy=iam.document(iam.tls_only(self.arn), *statements),
            # S3 refuses a policy while public access settings are still being written.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._public_access]),
        )


def lifecycle_rules(
    expire_days: int | None, expire_prefix: str = "", *, versioned: bool = False
) -> list[aws.s3.BucketLifecycleConfigurationRuleArgsDict]:
    """Rules of a bucket: unfinished uploads always go, objects only when they expire."""
    rules: list[aws.s3.BucketLifecycleConfigurationRuleArgsDict] = [
        {
            "id": "abort-unfinished-uploads",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abort_incomplete_multipart_upload": {"days_after_initiation": ABORT_UPLOAD_DAYS},
        }
    ]
    if expire_days is not None:
        rules.append(
            {
                "id": "expire",
                "status": "Enabled",
                "filter": {"prefix": expire_prefix},
                "expiration": {"days": expire_days},
            }
        )
    if versioned:
        # In a versioned bucket deleting only hides: without this rule what is deleted would be paid for ever.
        rules.append(
            {
                "id": "forget-old-versions",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "noncurrent_version_expiration": {"noncurrent_days": OLD_VERSION_DAYS},
            }
        )
    return rules


@dataclass(frozen=True)
class MediaArgs:
    """Where videos live."""

    raw_retention_days: int
    review_days: int
    """Age at which renditions that were not published, and the copies that waited, are deleted [day]."""
    allowed_origins: Sequence[str] = field(default_factory=tuple)
    protect: bool = False
    replicated: bool = False
    """Whether the renditions are copied to another region."""


class MediaStorage(pulumi.ComponentResource):
    """Uploaded originals, published renditions, and the table of videos."""

    raw: PrivateBucket
    renditions: PrivateBucket
    videos: aws.dynamodb.Table

    def __init__(self, name: str, naming: Naming, args: MediaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("reelplan:storage:MediaStorage", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.raw = PrivateBucket(
            "raw",
            naming,
            BucketArgs(
                role="raw",
                expire_days=args.raw_retention_days,
                allowed_origins=args.allowed_origins,
                cors_methods=("POST", "PUT"),
                protect=args.protect,
            ),
            child,
        )
        self.raw.announce_uploads()
        self.raw.grant()
        # Renditions stay in S3 Standard: most segments are smaller than the 128 KB that colder classes bill at least.
        self.renditions = PrivateBucket(
            "renditions",
            naming,
            BucketArgs(
                role="renditions",
                expire_days=args.review_days,
                expire_prefix=REVIEW_PREFIX,
                allowed_origins=args.allowed_origins,
                cors_methods=("GET", "HEAD"),
                protect=args.protect,
                versioned=args.replicated,
            ),
            child,
        )
        self.videos = aws.dynamodb.Table(
            "videos",
            billing_mode="PAY_PER_REQUEST",
            hash_key="pk",
            range_key="sk",
            attributes=[{"name": key, "type": "S"} for key in ("pk", "sk", "user_id", "uploaded_at")],
            global_secondary_indexes=[
                {
                    "name": BY_USER,
                    "hash_key": "user_id",
                    "range_key": "uploaded_at",
                    "projection_type": "KEYS_ONLY",
                }
            ],
            # Records stay; counts of views beside them carry a date.
            ttl={"attribute_name": "expires_at", "enabled": True},
            point_in_time_recovery={"enabled": True},
            deletion_protection_enabled=args.protect,
            tags=naming.tags("storage", role="videos"),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.register_outputs({"raw": self.raw.name, "renditions": self.renditions.name, "videos": self.videos.name})
