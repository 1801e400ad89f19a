"""GuardDuty finds something: people hear of what is grave, and of nothing else."""

from __future__ import annotations

from typing import Any

from infra.emulator.exercise.causes import require_invocation, require_match, require_none, require_permissions
from infra.emulator.exercise.journey import Absent
from infra.emulator.exercise.travel import Travel
from infra.emulator.moto_events import Event

DETECTOR = "aws:guardduty/detector:Detector"
GRAVE, SLIGHT = 9.5, 1.0
"""Severities above and below any limit that a stack may set."""
ROOT_USED = "Policy:IAMUser/RootCredentialUsage"


def tell(travel: Travel) -> str:
    """A grave finding, and any use of the root user, becomes a message on the topic of the alarms."""
    if not travel.outputs(DETECTOR, "arn"):
        raise Absent("the stack has no detector (audit.threatDetection)")
    worth = {
        "grave": finding(travel, "grave", "UnauthorizedAccess:IAMUser/MaliciousIPCaller", GRAVE),
        "root": finding(travel, "root", ROOT_USED, SLIGHT),
    }
    slight = finding(travel, "slight", "Recon:EC2/Portscan", SLIGHT)
    subjects = []
    for event in worth.values():
        require_match(travel, event)
        entry = require_invocation(travel, event)
        require_permissions(travel, entry)
        subjects.append(entry.outcome.result["subject"] if entry.outcome else "")
    unwanted = [one for one in travel.delivery.journal if one.event is slight]
    require_none(f"a slight finding is worth a message: {one}" for one in unwanted)
    topic = travel.session.recording.outputs["alertsTopic"]
    published = [
        call.params
        for one in travel.delivery.journal
        if one.event in worth.values() and one.outcome
        for call in one.outcome.calls
        if call.operation == "Publish"
    ]
    require_none(f"a message went to {one['TopicArn']}, not {topic}" for one in published if one["TopicArn"] != topic)
    return f"{len(published)} messages on {topic.rpartition(':')[2]}: {'; '.join(subjects)}"


def finding(travel: Travel, name: str, kind: str, severity: float) -> Event:
    """Let GuardDuty publish a finding, and let it be served."""
    place, finding_id = travel.place, f"{travel.run}-{name}"
    detail: dict[str, Any] = {
        "schemaVersion": "2.0",
        "accountId": place.account,
        "region": place.region,
        "id": finding_id,
        "type": kind,
        "severity": severity,
        "title": f"Finding {finding_id}",
        "description": "Made by the exercise.",
        "createdAt": "2026-11-02T09:00:00.000Z",
        "updatedAt": "2026-11-02T09:00:00.000Z",
    }
    travel.delivery.announce(
        {
            "version": "0",
            "id": finding_id,
            "detail-type": "GuardDuty Finding",
            "source": "aws.guardduty",
            "account": place.account,
            "time": "2026-11-02T09:00:00Z",
            "region": place.region,
            "resources": [],
            "detail": detail,
        }
    )
    travel.delivery.drain()
    return next(one for one in reversed(travel.delivery.seen) if one["id"] == finding_id)
