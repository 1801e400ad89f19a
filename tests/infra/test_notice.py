"""Findings and notices become messages that SNS takes and people understand."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from moto.sns.models import sns_backends

from infra.components.notices import pattern
from infra.emulator.moto_events import matches
from infra.emulator.naming import ACCOUNT_ID
from infra.functions import notice

FINDING: dict[str, Any] = {
    "detail-type": "GuardDuty Finding",
    "source": "aws.guardduty",
    "detail": {
        "id": "f1",
        "type": "UnauthorizedAccess:IAMUser/MaliciousIPCaller",
        "severity": 8,
        "title": "API called from a known malicious address",
        "description": "Somebody called ListBuckets.",
        "accountId": "123456789012",
        "region": "eu-central-1",
        "updatedAt": "2026-11-22T00:00:00Z",
    },
}
HEALTH: dict[str, Any] = {
    "detail-type": "AWS Health Event",
    "source": "aws.health",
    "detail": {
        "service": "MEDIACONVERT",
        "eventTypeCode": "AWS_MEDIACONVERT_OPERATIONAL_ISSUE",
        "eventTypeCategory": "issue",
        "eventScopeCode": "ACCOUNT_SPECIFIC",
        "startTime": "Sun, 22 Nov 2026 00:00:00 GMT",
        "eventDescription": [{"language": "en_US", "latestDescription": "Jobs start late."}],
        "affectedEntities": [{"entityValue": "queues/transcode"}],
    },
}


def changed(event: dict[str, Any], **detail: Any) -> dict[str, Any]:
    return event | {"detail": event["detail"] | detail}


def test_a_finding_says_what_where_and_how_grave() -> None:
    subject, text = notice.message(FINDING)
    assert subject == "high finding: API called from a known malicious address"
    assert text.splitlines() == [
        "Somebody called ListBuckets.",
        "Type: UnauthorizedAccess:IAMUser/MaliciousIPCaller, severity 8 (high)",
        "Account 123456789012, region eu-central-1, last seen 2026-11-22T00:00:00Z",
        "https://eu-central-1.console.aws.amazon.com/guardduty/home#/findings?macros=current&fId=f1",
    ]


def test_a_notice_of_aws_health_says_what_it_concerns() -> None:
    subject, text = notice.message(HEALTH)
    assert subject == "AWS Health, MEDIACONVERT: AWS_MEDIACONVERT_OPERATIONAL_ISSUE"
    assert text.splitlines()[0] == "Jobs start late."
    assert text.endswith("Concerns: queues/transcode")


def test_an_event_of_another_kind_becomes_a_dead_letter() -> None:
    with pytest.raises(ValueError, match="found an event of type 'Scheduled Event'"):
        notice.message({"detail-type": "Scheduled Event", "detail": {}})


@given(st.text())
def test_any_subject_becomes_one_that_sns_takes(text: str) -> None:
    subject = notice.fitting(f"stack: {text}")
    assert subject.isascii()
    assert subject.isprintable()
    assert len(subject) < 100


@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        (FINDING, True),
        (changed(FINDING, severity=7), True),
        (changed(FINDING, severity=6.9), False),
        (changed(FINDING, severity=2, type="Policy:IAMUser/RootCredentialUsage"), True),
        (HEALTH, True),
        (changed(HEALTH, eventTypeCategory="accountNotification"), False),
        (changed(HEALTH, eventScopeCode="PUBLIC"), False),
        ({**FINDING, "source": "somebody.else"}, False),
    ],
)
def test_only_what_is_worth_a_message_matches(event: dict[str, Any], wanted: bool) -> None:
    assert matches(pattern(7), event) is wanted


def test_the_message_is_on_the_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_aws():
        for name, value in {
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "WORKFLOW": "reelplan-test",
        }.items():
            monkeypatch.setenv(name, value)
        topic = boto3.client("sns").create_topic(Name="alerts")["TopicArn"]
        monkeypatch.setenv("ALERTS_TOPIC", topic)
        notice.handler(FINDING, object())
        ((_, message, subject, *_),) = sns_backends[ACCOUNT_ID]["us-east-1"].topics[topic].sent_notifications
    assert subject == "reelplan-test: high finding: API called from a known malicious address"
    assert message.startswith("Somebody called ListBuckets.")
