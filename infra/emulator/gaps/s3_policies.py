"""Bucket policies judged with their conditions.

Before moto's S3 serves an object it asks the bucket's policy, and a statement whose condition does *not* hold counts as
a refusal there: with a policy that denies plain HTTP, as every bucket should have one, nothing can be written or read.
The evaluator of ``permissions`` answers instead. Who asks is not known at that place, so statements about named
principals do not apply; a request to the emulator counts as one over TLS.

Private surface of moto used here: ``FakeBucket.get_permission``.
"""

from __future__ import annotations

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from infra.emulator.permissions import Request, decide, statements

SOMEBODY = "somebody"
OVER_TLS = {"aws:SecureTransport": "true"}


def install() -> None:
    """Replace moto's judgement; doing it again changes nothing."""
    FakeBucket.get_permission = _get_permission  # type: ignore[method-assign]  # moto has no hook for policies


def _get_permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
    if self.policy is None:
        return PermissionResult.NEUTRAL
    policy = statements(self.policy.decode(), f"policy of bucket {self.name}")
    decision = decide(policy, Request(action, resource, OVER_TLS, SOMEBODY))
    if decision.allowed:
        return PermissionResult.PERMITTED
    return PermissionResult.DENIED if decision.explicit else PermissionResult.NEUTRAL
