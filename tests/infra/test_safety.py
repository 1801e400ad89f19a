from __future__ import annotations

import os

import boto3
import pytest
from moto import mock_aws

from infra.emulator import safety
from infra.errors import EmulatorBreach

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


def test_a_guarded_client_works_while_moto_answers() -> None:
    with mock_aws():
        client = safety.guard(boto3.client("sqs", "eu-central-1"))

        assert client.create_queue(QueueName="q")["QueueUrl"]


def test_a_guarded_client_refuses_to_leave_this_machine() -> None:
    client = safety.guard(boto3.client("sqs", "eu-central-1", **KEYS))  # type: ignore[call-overload]  # keys by name

    with pytest.raises(EmulatorBreach, match=r"sqs\.eu-central-1\.amazonaws\.com.* was about to leave this machine"):
        client.list_queues()


def test_no_network_holds_clients_that_are_not_ours() -> None:
    client = boto3.client("s3", region_name="us-east-1", **KEYS)  # type: ignore[call-overload]  # keys by name

    with safety.no_network(), pytest.raises(EmulatorBreach):
        client.list_buckets()


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:5000/", True),
        ("http://localhost:5000/x", True),
        ("http://[::1]:80/", True),
        ("https://s3.amazonaws.com/", False),
        ("http://169.254.169.254/latest/meta-data", False),
        ("http://localhost.example.com/", False),
    ],
)
def test_only_loopback_is_this_machine(url: str, here: bool) -> None:
    assert safety.is_loopback(url) is here


def test_the_users_credentials_are_out_of_sight_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")

    with safety.clean_environment():
        assert "AWS_PROFILE" not in os.environ
        assert "AWS_SESSION_TOKEN" not in os.environ
        assert os.environ["AWS_ACCESS_KEY_ID"] == "testing"

    assert (os.environ["AWS_PROFILE"], os.environ["AWS_SESSION_TOKEN"]) == ("production", "real")
