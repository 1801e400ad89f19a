"""Policy statements as pure functions; ``document`` makes the JSON, waiting for outputs where it must."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

Statement = Mapping[str, Any]

POLICY_VERSION = "2012-10-17"
"""Version of the policy language, not a date of ours."""


def document(*statements: Statement) -> pulumi.Output[str]:
    """Policy document as JSON."""
    return pulumi.Output.json_dumps({"Version": POLICY_VERSION, "Statement": list(statements)}, sort_keys=True)


def allow(
    actions: Sequence[str],
    resources: pulumi.Input[str] | Sequence[pulumi.Input[str]],
    *,
    conditions: Mapping[str, Any] | None = None,
) -> Statement:
    """Permission in an identity's own policy."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": resources}
    if conditions:
        statement["Condition"] = conditions
    return statement


def service_may(
    service: str,
    actions: Sequence[str],
    resources: pulumi.Input[str],
    *,
    source_arns: Sequence[pulumi.Input[str]],
) -> Statement:
    """Permission on a resource for an AWS service acting for the given sources and nobody else (confused deputy)."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": list(actions),
        "Resource": resources,
        "Condition": {"ArnEquals": {"aws:SourceArn": list(source_arns)}},
    }


def trust(service: str, *, account: pulumi.Input[str] | None = None) -> Statement:
    """Trust policy of a role that a service assumes, for one account where the service says which."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    if account is not None:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": account}}
    return statement


def tls_only(bucket_arn: pulumi.Output[str]) -> Statement:
    """Refuses plain HTTP to a bucket and everything in it."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, pulumi.Output.concat(bucket_arn, "/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
