"""Bucket policies on moto: conditions count, so that a bucket that demands TLS can be used."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.emulator import gaps

OBJECTS = "arn:aws:s3:::bucket-of-a-test/*"
OVER_HTTP = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}


@pytest.fixture
def s3() -> Iterator[Any]:
    gaps.install()
    with mock_aws():
        client = boto3.client("s3", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
        client.create_bucket(Bucket="bucket-of-a-test")
        client.put_object(Bucket="bucket-of-a-test", Key="k", Body=b"hello")
        yield client


def deny(client: Any, **more: Any) -> None:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": OBJECTS, **more}
    client.put_bucket_policy(Bucket="bucket-of-a-test", Policy=json.dumps({"Statement": [statement]}))


def test_a_bucket_that_demands_tls_can_be_read_and_written(s3: Any) -> None:
    deny(s3, **OVER_HTTP)
    s3.put_object(Bucket="bucket-of-a-test", Key="k", Body=b"again")
    assert s3.get_object(Bucket="bucket-of-a-test", Key="k")["Body"].read() == b"again"


def test_a_refusal_without_condition_holds(s3: Any) -> None:
    deny(s3)
    with pytest.raises(ClientError, match="403"):
        s3.get_object(Bucket="bucket-of-a-test", Key="k")


def test_a_refusal_of_somebody_else_does_not_matter(s3: Any) -> None:
    deny(s3, Principal={"AWS": "arn:aws:iam::999999999999:root"})
    assert s3.get_object(Bucket="bucket-of-a-test", Key="k")["Body"].read() == b"hello"
