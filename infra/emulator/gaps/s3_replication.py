"""S3 replication: what is put under a replicated prefix is in the other bucket at once, which moto only configures.

As on AWS: a new version is copied, a delete marker where the rule says so, and the removal of a version never. Whether
the rule's role may do it is judged each time.

Not emulated: metadata (moto writes it after the object), tags, storage classes, replication time, priorities of rules.

Private surface of moto used here: ``S3Backend.put_object``, ``S3Backend._set_delete_marker``, and ``replication`` of a
bucket.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from moto.s3.models import FakeDeleteMarker, FakeKey, S3Backend

from infra.emulator.mediaconvert.plugin import MotoWorld
from infra.emulator.permissions import Request, decide

MARK = "_reelplan_replicates"
ENABLED = "Enabled"
BUCKET_ARN = "arn:aws:s3:::"


def install() -> None:
    """Make moto's S3 replicate; doing it again changes nothing."""
    if hasattr(S3Backend, MARK):
        return
    put, mark = S3Backend.put_object, S3Backend._set_delete_marker

    @functools.wraps(put)
    def put_object(self: S3Backend, bucket_name: str, key_name: str, *args: Any, **more: Any) -> FakeKey:
        made = put(self, bucket_name, key_name, *args, **more)
        for target in _targets(self, bucket_name, key_name, "s3:ReplicateObject"):
            put(self, target, key_name, made.value, disable_notification=True)
        return made

    @functools.wraps(mark)
    def set_delete_marker(self: S3Backend, bucket_name: str, key_name: str) -> FakeDeleteMarker:
        for target in _targets(self, bucket_name, key_name, "s3:ReplicateDelete"):
            if key_name in self.get_bucket(target).keys:
                mark(self, target, key_name)
        return mark(self, bucket_name, key_name)

    S3Backend.put_object = put_object  # type: ignore[method-assign]  # moto has no hook for it
    S3Backend._set_delete_marker = set_delete_marker  # type: ignore[method-assign]  # nor for this
    setattr(S3Backend, MARK, True)


def _targets(backend: S3Backend, bucket_name: str, key_name: str, action: str) -> Iterator[str]:
    """Buckets that get a copy of a change."""
    replication: Any = getattr(backend.get_bucket(bucket_name), "replication", None)
    for rule in (replication or {}).get("Rule", []):
        if not _applies(rule, key_name, action):
            continue
        arn = rule["Destination"]["Bucket"]
        role = MotoWorld(backend.account_id, "us-east-1").role(replication["Role"])
        if role and decide(role.policy, Request(action, f"{arn}/{key_name}")).allowed:
            yield arn.removeprefix(BUCKET_ARN)


def _applies(rule: Mapping[str, Any], key_name: str, action: str) -> bool:
    markers = rule.get("DeleteMarkerReplication", {}).get("Status")
    wanted = action != "s3:ReplicateDelete" or markers == ENABLED
    prefix = (rule.get("Filter") or {}).get("Prefix") or rule.get("Prefix") or ""
    return rule["Status"] == ENABLED and wanted and key_name.startswith(prefix)
