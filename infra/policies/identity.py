"""Rules for who may do what: IAM, KMS, secrets, user pools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.policies.rule import Rulebook, must_have
from infra.policies.stack import Resource, Stack, Statement, many, open_to_anybody, statements

POLICY = "aws:iam/policy:Policy"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
USER_POLICY = "aws:iam/userPolicy:UserPolicy"
KEY = "aws:kms/key:Key"
KEY_POLICY = "aws:kms/keyPolicy:KeyPolicy"
SECRET = "aws:secretsmanager/secret:Secret"
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
POOL = "aws:cognito/userPool:UserPool"
PASSWORD_RULES = ("requireLowercase", "requireUppercase", "requireNumbers", "requireSymbols")
SHORTEST_PASSWORD = 8
"""Source: Security Hub, Cognito.3, default of its parameter minLength."""
FACTORS = ("ON", "OPTIONAL")
DECRYPTING = ("kms:Decrypt", "kms:ReEncryptFrom", "kms:*", "*")
LONGEST_ROTATION_DAYS = 90
"""Source: Security Hub, SecretsManager.4, default of its parameter maxDaysSinceRotation."""

NAMES_NO_RESOURCE: Mapping[str, str] = {
    "cloudwatch:PutMetricData": "metrics have no ARN",
    "comprehend:DetectToxicContent": "a call on text",
    "ec2:DescribeManagedPrefixLists": "a list",
    "ecr:GetAuthorizationToken": "the login to the registry",
    "kinesis:ListStreams": "a list",
    "logs:CreateLogDelivery": "vended logs have no ARN",
    "logs:DeleteLogDelivery": "vended logs have no ARN",
    "logs:DescribeLogGroups": "a list",
    "logs:DescribeResourcePolicies": "a list",
    "logs:GetLogDelivery": "vended logs have no ARN",
    "logs:ListLogDeliveries": "a list",
    "logs:PutResourcePolicy": "one policy of the account",
    "logs:UpdateLogDelivery": "vended logs have no ARN",
    "mediaconvert:DescribeEndpoints": "a list",
    "mediaconvert:Probe": "a call on a file, which the role's S3 permission guards",
    "rekognition:DetectModerationLabels": "a call on a picture, which the role's S3 permission guards",
    "rekognition:DetectText": "a call on a picture, which the role's S3 permission guards",
    "rekognition:GetContentModeration": "jobs have no ARN",
    "rekognition:StartContentModeration": "jobs have no ARN",
    "s3:ListAllMyBuckets": "a list",
    "transcribe:GetTranscriptionJob": "jobs had no ARN before they were made",
    "transcribe:StartTranscriptionJob": "jobs have no ARN before they are made",
    "xray:GetSamplingRules": "one set of the account",
    "xray:GetSamplingTargets": "one set of the account",
    "xray:PutTelemetryRecords": "traces have no ARN",
    "xray:PutTraceSegments": "traces have no ARN",
}
"""Reviewed actions that may name ``*`` as their resource -> why. Source: Service Authorization Reference."""

book = Rulebook()


def _documents(resource: Resource) -> list[Any]:
    inline = [entry.get("policy") for entry in many(resource.get("inlinePolicies"))]
    return [resource.get("policy"), *inline]


def _allowed(resource: Resource) -> list[Statement]:
    return [statement for document in _documents(resource) for statement in statements(document, "Allow")]


@book.fsbp("IAM.1", "high", "No policy allows everything", POLICY, ROLE_POLICY, ROLE)
def _not_everything(policy: Resource, stack: Stack) -> Iterator[str]:
    for statement in _allowed(policy):
        if "*" in many(statement.get("Action")) and "*" in many(statement.get("Resource")):
            yield "it allows * on *"


@book.fsbp(
    "IAM.2",
    "low",
    "Users get permissions by groups and roles",
    USER_POLICY,
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
)
def _no_user_policy(policy: Resource, stack: Stack) -> Iterator[str]:
    yield "a policy hangs on a user"


@book.fsbp("IAM.21", "low", "Managed policies allow no wildcard action of a service", POLICY)
def _no_service_wildcard(policy: Resource, stack: Stack) -> Iterator[str]:
    yield from _wildcard_actions(policy, exactly=True)


@book.own("RP.9", "high", "Policies name their actions", POLICY, ROLE_POLICY, ROLE)
def _named_actions(policy: Resource, stack: Stack) -> Iterator[str]:
    yield from _wildcard_actions(policy, exactly=False)


def _wildcard_actions(policy: Resource, *, exactly: bool) -> Iterator[str]:
    for statement in _allowed(policy):
        actions = [action for action in many(statement.get("Action")) if "*" in action]
        found = [action for action in actions if action.endswith(":*") or action == "*" or not exactly]
        if found:
            yield f"it allows {', '.join(found)}"
        if statement.get("NotAction"):
            yield "it allows everything except some (NotAction)"


@book.own("RP.10", "medium", "Policies name their resources", POLICY, ROLE_POLICY, ROLE)
def _named_resources(policy: Resource, stack: Stack) -> Iterator[str]:
    for statement in _allowed(policy):
        unnamed = [action for action in many(statement.get("Action")) if action not in NAMES_NO_RESOURCE]
        if "*" in many(statement.get("Resource")) and unnamed and not statement.get("Condition"):
            yield f"it allows {', '.join(unnamed)} on *, and none of them is reviewed in NAMES_NO_RESOURCE"


def _decrypts_all(policy: Resource) -> Iterator[str]:
    for statement in _allowed(policy):
        found = [action for action in many(statement.get("Action")) if action in DECRYPTING]
        resources = many(statement.get("Resource"))
        if found and any(entry == "*" or str(entry).endswith(":key/*") for entry in resources):
            yield f"it allows {', '.join(found)} with every key"


@book.fsbp("KMS.1", "medium", "Managed policies allow decryption with named keys only", POLICY)
def _managed_decryption(policy: Resource, stack: Stack) -> Iterator[str]:
    yield from _decrypts_all(policy)


@book.fsbp("KMS.2", "medium", "Inline policies allow decryption with named keys only", ROLE_POLICY, ROLE, USER_POLICY)
def _inline_decryption(policy: Resource, stack: Stack) -> Iterator[str]:
    yield from _decrypts_all(policy)


@book.hub("KMS.4", "medium", "Keys are rotated", KEY)
def _rotated_key(key: Resource, stack: Stack) -> Iterator[str]:
    symmetric = key.get("customerMasterKeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
    if symmetric and not key.is_on("enableKeyRotation"):
        yield "enableKeyRotation is not set"


@book.fsbp("KMS.5", "critical", "Keys are open to nobody unnamed", KEY, KEY_POLICY)
def _private_key(key: Resource, stack: Stack) -> Iterator[str]:
    if any(map(open_to_anybody, statements(key.get("policy"), "Allow"))):
        yield "its policy allows everybody"


book.fsbp("SecretsManager.1", "medium", "Secrets are rotated", SECRET)(must_have(ROTATION))


@book.fsbp("SecretsManager.4", "medium", "Secrets are rotated within 90 days", ROTATION)
def _rotated_in_time(rotation: Resource, stack: Stack) -> Iterator[str]:
    days = rotation.get("rotationRules.automaticallyAfterDays")
    if days is not None and int(days) > LONGEST_ROTATION_DAYS:
        yield f"automaticallyAfterDays is {days}, expected {LONGEST_ROTATION_DAYS} or less"


@book.fsbp("Cognito.1", "medium", "User pools enforce threat protection for standard authentication", POOL)
def _threats(pool: Resource, stack: Stack) -> Iterator[str]:
    if (mode := pool.get("userPoolAddOns.advancedSecurityMode", "OFF")) != "ENFORCED":
        yield f"advancedSecurityMode is {mode}, expected ENFORCED"


@book.fsbp(
    "Cognito.2", "medium", "Identity pools admit nobody unauthenticated", "aws:cognito/identityPool:IdentityPool"
)
def _authenticated(pool: Resource, stack: Stack) -> Iterator[str]:
    if pool.is_on("allowUnauthenticatedIdentities"):
        yield "allowUnauthenticatedIdentities is true"


@book.fsbp("Cognito.3", "medium", "User pools demand strong passwords", POOL)
def _passwords(pool: Resource, stack: Stack) -> Iterator[str]:
    missing = [rule for rule in PASSWORD_RULES if not pool.is_on(f"passwordPolicy.{rule}")]
    if missing:
        yield f"passwordPolicy lacks {', '.join(missing)}"
    if int(pool.get("passwordPolicy.minimumLength", 0)) < SHORTEST_PASSWORD:
        yield f"passwordPolicy.minimumLength is below {SHORTEST_PASSWORD}"


@book.fsbp("Cognito.4", "medium", "User pools enforce threat protection for custom authentication", POOL)
def _custom_threats(pool: Resource, stack: Stack) -> Iterator[str]:
    path = "userPoolAddOns.advancedSecurityAdditionalFlows.customAuthMode"
    if (mode := pool.get(path, "OFF")) != "ENFORCED":
        yield f"customAuthMode is {mode}, expected ENFORCED"


@book.fsbp("Cognito.5", "medium", "User pools offer a second factor", POOL)
def _second_factor(pool: Resource, stack: Stack) -> Iterator[str]:
    if (mode := pool.get("mfaConfiguration", "OFF")) not in FACTORS:
        yield f"mfaConfiguration is {mode}, expected {' or '.join(FACTORS)}"


@book.fsbp("Cognito.6", "medium", "User pools have deletion protection", POOL)
def _pool_kept(pool: Resource, stack: Stack) -> Iterator[str]:
    if (mode := pool.get("deletionProtection", "INACTIVE")) != "ACTIVE":
        yield f"deletionProtection is {mode}, expected ACTIVE"
