"""Rules for S3 and DynamoDB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from infra.policies.rule import Rulebook, must_be_on, must_have
from infra.policies.stack import Resource, Stack, Statement, many, open_to_anybody, principals, statements

BUCKET = "aws:s3/bucket:Bucket"
TABLE = "aws:dynamodb/table:Table"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
PUBLIC_ACCESS = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ACL = "aws:s3/bucketAcl:BucketAcl"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
PUBLIC_ACCESS_SWITCHES = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
PUBLIC_GRANTS = ("public-read", "public-read-write", "authenticated-read")
WRITING = ("s3:Put", "s3:Delete", "s3:*", "*")
READING = ("s3:Get", "s3:List", "s3:*", "*")
OWNERS_ONLY = (
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutEncryptionConfiguration",
    "s3:PutObjectAcl",
)
"""Source: Security Hub, S3.6: actions that no other account may be allowed."""

book = Rulebook()


@book.fsbp("S3.2", "critical", "Buckets block public read access", BUCKET)
def _not_readable(bucket: Resource, stack: Stack) -> Iterable[str]:
    return _opened(bucket, stack, READING, PUBLIC_GRANTS)


@book.fsbp("S3.3", "critical", "Buckets block public write access", BUCKET)
def _not_writable(bucket: Resource, stack: Stack) -> Iterable[str]:
    return _opened(bucket, stack, WRITING, ("public-read-write",))


def _opened(bucket: Resource, stack: Stack, actions: tuple[str, ...], grants: tuple[str, ...]) -> Iterator[str]:
    if any(block.is_on("restrictPublicBuckets") for block in stack.about(bucket, PUBLIC_ACCESS)):
        return
    for acl in stack.about(bucket, ACL):
        if acl.get("acl") in grants:
            yield f"its ACL is {acl.get('acl')}"
    for statement in _statements(bucket, stack, "Allow"):
        named = [action for action in many(statement.get("Action")) if action.startswith(actions)]
        if named and open_to_anybody(statement):
            yield f"its policy allows everybody {', '.join(named)}"


def _statements(bucket: Resource, stack: Stack, effect: str) -> list[Statement]:
    policies = stack.about(bucket, POLICY, prop="bucket")
    return [statement for policy in policies for statement in statements(policy.get("policy"), effect)]


@book.fsbp("S3.5", "medium", "Buckets require TLS", BUCKET)
def _tls_only(bucket: Resource, stack: Stack) -> Iterator[str]:
    conditions = [statement.get("Condition", {}) for statement in _statements(bucket, stack, "Deny")]
    if not any(str(entry.get("Bool", {}).get("aws:SecureTransport")).lower() == "false" for entry in conditions):
        yield "no policy refuses requests without TLS (Deny with aws:SecureTransport false)"


@book.fsbp("S3.6", "high", "Bucket policies restrict what other accounts may do", BUCKET)
def _own_account(bucket: Resource, stack: Stack) -> Iterator[str]:
    for statement in _statements(bucket, stack, "Allow"):
        others = [value for kind, value in principals(statement) if kind == "AWS"]
        named = [action for action in many(statement.get("Action")) if action in (*OWNERS_ONLY, "s3:*", "*")]
        if others and named:
            yield f"its policy allows {', '.join(others)} {', '.join(named)}"


@book.fsbp("S3.8", "high", "Buckets block public access", BUCKET)
def _public_access_blocked(bucket: Resource, stack: Stack) -> Iterator[str]:
    blocks = stack.about(bucket, PUBLIC_ACCESS)
    if not blocks:
        yield "found no BucketPublicAccessBlock for it"
    for block in blocks:
        missing = [switch for switch in PUBLIC_ACCESS_SWITCHES if not block.is_on(switch)]
        if missing:
            yield f"{', '.join(missing)} not set"


book.fsbp("S3.9", "medium", "Buckets have server access logging", BUCKET)(
    must_have("aws:s3/bucketLogging:BucketLogging", prop="bucket")
)


@book.fsbp("S3.12", "medium", "Access to buckets is not managed by ACLs", BUCKET)
def _no_acl(bucket: Resource, stack: Stack) -> Iterator[str]:
    controls = stack.about(bucket, "aws:s3/bucketOwnershipControls:BucketOwnershipControls")
    if not any(control.get("rule.objectOwnership") == "BucketOwnerEnforced" for control in controls):
        yield "object ownership is not BucketOwnerEnforced, so ACLs count"


book.fsbp("S3.13", "low", "Buckets have a lifecycle configuration", BUCKET)(must_have(LIFECYCLE))


@book.own("RP.1", "low", "Buckets drop unfinished uploads, which are paid for and invisible", BUCKET)
def _abort_uploads(bucket: Resource, stack: Stack) -> Iterator[str]:
    rules = [rule for lifecycle in stack.about(bucket, LIFECYCLE) for rule in many(lifecycle.get("rules"))]
    if not any(rule.get("abortIncompleteMultipartUpload") for rule in rules):
        yield "no lifecycle rule aborts incomplete multipart uploads"


@book.fsbp("DynamoDB.1", "medium", "Tables scale with demand", TABLE)
def _scales(table: Resource, stack: Stack) -> Iterator[str]:
    scaled = stack.about(table, "aws:appautoscaling/target:Target")
    if table.get("billingMode") != "PAY_PER_REQUEST" and not scaled:
        yield f"billingMode is {table.get('billingMode', 'PROVISIONED')} and nothing scales it"


book.fsbp("DynamoDB.2", "medium", "Tables have point-in-time recovery", TABLE)(
    must_be_on("pointInTimeRecovery.enabled")
)
book.fsbp("DynamoDB.6", "medium", "Tables have deletion protection", TABLE)(must_be_on("deletionProtectionEnabled"))
