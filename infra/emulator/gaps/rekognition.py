"""What moto lacks of Rekognition: moderation of pictures and of whole videos. Nothing is looked at: a tag says it all.

An object in S3 with the tag ``moderation`` gets the labels of its value, ``Violence=81.5/Weapons=70``; one without it
is clean, and one with ``FAILED`` ends the analysis of a video in failure. (``&`` cannot stand in a tag: write ``and``.)
A video is analysed at once, under the role that the request names, and the topic is told.

That a role which Rekognition cannot use is refused as AccessDenied is not documented; something has to be.

Private surface of moto used here: methods of ``RekognitionResponse``, the object store and tags of S3's back end, and
``SNSBackend.publish``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.utils import unix_time_millis
from moto.moto_api._internal import mock_random
from moto.rekognition.responses import RekognitionResponse
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.utilities.utils import get_partition

from infra.emulator.gaps.operations import shelf
from infra.emulator.mediaconvert.plugin import MotoWorld
from infra.emulator.permissions import Request, decide

TAG = "moderation"
FAILED = "FAILED"
SERVICE = "rekognition.amazonaws.com"
MODEL_VERSION = "7.0"
JOB_ID_LENGTH = 64
LEAST_CONFIDENCE = 50.0
"""When the request names none. Source: Rekognition API reference, DetectModerationLabels."""

Job = Mapping[str, Any]


def install() -> None:
    """Add them; doing it again changes nothing."""
    made = {
        "detect_moderation_labels": _detect,
        "start_content_moderation": _start,
        "get_content_moderation": _get,
    }
    for name, operation in made.items():
        if not hasattr(RekognitionResponse, name):
            setattr(RekognitionResponse, name, operation)


def _detect(self: Any) -> str:
    request = json.loads(self.body)
    labels = list(_labels(_tag(self, request["Image"]["S3Object"]), request))
    return json.dumps({"ModerationLabels": labels, "ModerationModelVersion": MODEL_VERSION, "ContentTypes": []})


def _start(self: Any) -> str:
    request = json.loads(self.body)
    jobs = _jobs(self)
    token = request.get("ClientRequestToken")
    earlier = next((job for job in jobs.values() if token and job["token"] == token), None)
    if earlier:
        return json.dumps({"JobId": earlier["JobId"]})
    tag = _tag(self, request["Video"]["S3Object"])
    job = {
        "JobId": mock_random.get_random_string(JOB_ID_LENGTH).lower(),
        "JobStatus": FAILED if tag == FAILED else "SUCCEEDED",
        "JobTag": request.get("JobTag", ""),
        "Video": request["Video"],
        "labels": [] if tag == FAILED else list(_labels(tag, request)),
        "token": token,
    }
    if channel := request.get("NotificationChannel"):
        _require_publisher(self, channel)
    jobs[job["JobId"]] = job
    if channel:
        sns_backends[self.current_account][self.region].publish(message=_message(job), arn=channel["SNSTopicArn"])
    return json.dumps({"JobId": job["JobId"]})


def _get(self: Any) -> str:
    """All labels in one page: what a tag holds is few."""
    job = _jobs(self).get(json.loads(self.body)["JobId"])
    if job is None:
        raise JsonRESTError("ResourceNotFoundException", "Could not find JobId")
    moments = [{"Timestamp": 0, "ModerationLabel": label} for label in job["labels"]]
    told = {key: job[key] for key in ("JobId", "JobStatus", "JobTag", "Video")}
    return json.dumps({**told, "ModerationLabels": moments, "ModerationModelVersion": MODEL_VERSION})


def _jobs(response: Any) -> dict[str, Job]:
    return shelf(response.rekognition_backend, "ContentModeration")


def _tag(response: Any, place: Mapping[str, str]) -> str:
    """Value of an object's tag; empty without one."""
    backend = s3_backends[response.current_account][get_partition(response.region)]
    found = backend.get_object(place["Bucket"], place["Name"]) if place["Bucket"] in backend.buckets else None
    if found is None:
        raise JsonRESTError("InvalidS3ObjectException", "Unable to get object metadata from S3. Check object key.")
    return {tag["Key"]: tag["Value"] for tag in backend.get_object_tagging(found)["Tags"]}.get(TAG, "")


def _labels(tag: str, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    least = request.get("MinConfidence", LEAST_CONFIDENCE)
    yield from (label for label in labels_of(tag) if label["Confidence"] >= least)


def _require_publisher(response: Any, channel: Mapping[str, str]) -> None:
    """Refuse a role that Rekognition may not assume, or that may not publish."""
    role = MotoWorld(response.current_account, response.region).role(channel["RoleArn"])
    context = {"aws:SourceAccount": response.current_account}
    needs = (
        []
        if role is None
        else [
            (role.trust, Request("sts:AssumeRole", channel["RoleArn"], context, SERVICE)),
            (role.policy, Request("sns:Publish", channel["SNSTopicArn"])),
        ]
    )
    refused = [answer.reason for policy, need in needs if not (answer := decide(policy, need)).allowed]
    if role is None or refused:
        why = "; ".join(refused) or "there is no such role"
        raise JsonRESTError("AccessDeniedException", f"Rekognition cannot use {channel['RoleArn']}: {why}")


def _message(job: Job) -> str:
    """Source: Rekognition developer guide, "Reference: Video analysis results notification"."""
    place = job["Video"]["S3Object"]
    return json.dumps(
        {
            "JobId": job["JobId"],
            "Status": job["JobStatus"],
            "API": "StartContentModeration",
            "JobTag": job["JobTag"],
            "Timestamp": int(unix_time_millis()),
            "Video": {"S3ObjectName": place["Name"], "S3Bucket": place["Bucket"]},
        }
    )


def labels_of(value: str) -> Iterator[dict[str, Any]]:
    """Labels that a tag's value names.

    >>> list(labels_of("Violence=81.5"))
    [{'Name': 'Violence', 'Confidence': 81.5, 'ParentName': '', 'TaxonomyLevel': 1}]
    """
    for part in filter(None, value.split("/")):
        name, _, confidence = part.partition("=")
        yield {
            "Name": name.replace(" and ", " & "),
            "Confidence": float(confidence),
            "ParentName": "",
            "TaxonomyLevel": 1,
        }
