"""S3 replicates in the emulator what it would on AWS: new versions and delete markers, never the loss of a version."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.emulator import gaps

ALLOWED = ("s3:ReplicateObject", "s3:ReplicateDelete")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Two versioned buckets."""
    gaps.install()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client: Any = boto3.client("s3", region_name="us-east-1")
        for bucket in ("near", "far"):
            client.create_bucket(Bucket=bucket)
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        yield client


def replicate(s3: Any, *actions: str, markers: str = "Enabled") -> None:
    """A rule for everything below ``v/``, under a role that may do what is named."""
    iam = boto3.client("iam", region_name="us-east-1")
    trust = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(
        RoleName="copies", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]["Arn"]
    may = {"Effect": "Allow", "Action": list(actions), "Resource": "arn:aws:s3:::far/v/*"}
    iam.put_role_policy(
        RoleName="copies", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [may]})
    )
    rule = {
        "ID": "published",
        "Priority": 0,
        "Status": "Enabled",
        "Filter": {"Prefix": "v/"},
        "DeleteMarkerReplication": {"Status": markers},
        "Destination": {"Bucket": "arn:aws:s3:::far"},
    }
    s3.put_bucket_replication(Bucket="near", ReplicationConfiguration={"Role": role, "Rules": [rule]})


def far(s3: Any) -> tuple[list[str], int]:
    """Keys of the versions in the second bucket, and how many delete markers there are."""
    listed = s3.list_object_versions(Bucket="far")
    return [one["Key"] for one in listed.get("Versions", [])], len(listed.get("DeleteMarkers", []))


def test_what_is_put_or_copied_below_the_prefix_is_in_both(s3: Any) -> None:
    replicate(s3, *ALLOWED)
    for key in ("review/a", "v/a"):
        s3.put_object(Bucket="near", Key=key, Body=b"a")
    s3.copy_object(Bucket="near", Key="v/b", CopySource={"Bucket": "near", "Key": "review/a"})
    assert far(s3) == (["v/a", "v/b"], 0)
    assert s3.get_object(Bucket="far", Key="v/b")["Body"].read() == b"a"


@pytest.mark.parametrize(("markers", "copied"), [("Enabled", 1), ("Disabled", 0)])
def test_a_delete_marker_is_copied_where_the_rule_says_so(s3: Any, markers: str, copied: int) -> None:
    replicate(s3, *ALLOWED, markers=markers)
    s3.put_object(Bucket="near", Key="v/a", Body=b"a")
    s3.delete_object(Bucket="near", Key="v/a")
    assert far(s3) == (["v/a"], copied)


def test_the_loss_of_a_version_is_never_copied(s3: Any) -> None:
    replicate(s3, *ALLOWED)
    version = s3.put_object(Bucket="near", Key="v/a", Body=b"a")["VersionId"]
    s3.delete_object(Bucket="near", Key="v/a", VersionId=version)
    assert "Versions" not in s3.list_object_versions(Bucket="near")
    assert far(s3) == (["v/a"], 0)


def test_a_role_that_may_not_copy_copies_nothing(s3: Any) -> None:
    replicate(s3, "s3:ReplicateTags")
    s3.put_object(Bucket="near", Key="v/a", Body=b"a")
    assert far(s3) == ([], 0)
