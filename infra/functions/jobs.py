"""Sends MediaConvert jobs: for an upload, for a recording, and for a codec that a video has earned."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import boto3

from infra.functions.job_settings import JOB_DEFINITION, Job, fingerprint, render

UPLOAD_PRIORITY = 0
"""MediaConvert's own default."""
EARNED_PRIORITY = -25
"""Somebody waits for an upload; a better codec of what is published already can wait. Between -50 and 50."""


def send_job(ladder: Mapping[str, Any], job: Job, token: str, priority: int, **about: str) -> str:
    """Send a job to the stack's queue; returns its id.

    Args:
        ladder: what the job makes.
        job: what it is about.
        token: the same job is made once for the same token, within MediaConvert's minute.
        priority: among the jobs of the queue.
        about: user metadata, by which the end of the job finds its record (``videoId``, ``uploadToken``, ``codec``).
    """
    workflow = os.environ["WORKFLOW"]
    answer = boto3.client("mediaconvert").create_job(
        Role=os.environ["JOB_ROLE_ARN"],
        Queue=os.environ["QUEUE_ARN"],
        ClientRequestToken=token,
        Priority=priority,
        **_hop(),
        # Acceleration bills the Professional tier and is made for jobs of ten minutes and more.
        AccelerationSettings={"Mode": "DISABLED"},
        StatusUpdateInterval="SECONDS_60",
        BillingTagsSource="JOB",
        Tags={"workflow": workflow, "ladder": fingerprint(ladder)},
        UserMetadata={"workflow": workflow, "jobDefinition": str(JOB_DEFINITION), **about},
        Settings=render(ladder, job),
    )
    return str(answer["Job"]["Id"])


def _hop() -> dict[str, Any]:
    """Where a job goes that has waited too long; nothing where there is one queue only."""
    hop = os.environ.get("HOP")
    return {"HopDestinations": [json.loads(hop)]} if hop else {}
