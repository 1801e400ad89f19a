"""Rekognition's DetectModerationLabels, which moto does not have. Nothing is looked at: the picture's tag says it all.

A picture in S3 with the tag ``moderation`` gets the labels of its value, ``Violence=81.5/Weapons=70``; one without it
is clean. (``&`` cannot stand in a tag: write ``and``.)

Private surface of moto used here: methods of ``RekognitionResponse``, and the object store and tags of S3's back end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.rekognition.responses import RekognitionResponse
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

TAG = "moderation"
MODEL_VERSION = "7.0"
LEAST_CONFIDENCE = 50.0
"""When the request names none. Source: Rekognition API reference, DetectModerationLabels."""


def install() -> None:
    """Add it; doing it again changes nothing."""
    if not hasattr(RekognitionResponse, "detect_moderation_labels"):
        setattr(RekognitionResponse, "detect_moderation_labels", _detect)  # noqa: B010 - a method that moto lacks


def _detect(self: Any) -> str:
    request = json.loads(self.body)
    place = request["Image"]["S3Object"]
    backend = s3_backends[self.current_account][get_partition(self.region)]
    found = backend.get_object(place["Bucket"], place["Name"]) if place["Bucket"] in backend.buckets else None
    if found is None:
        raise JsonRESTError("InvalidS3ObjectException", "Unable to get object metadata from S3. Check object key.")
    tags = {tag["Key"]: tag["Value"] for tag in backend.get_object_tagging(found)["Tags"]}
    least = request.get("MinConfidence", LEAST_CONFIDENCE)
    labels = [label for label in labels_of(tags.get(TAG, "")) if label["Confidence"] >= least]
    return json.dumps({"ModerationLabels": labels, "ModerationModelVersion": MODEL_VERSION, "ContentTypes": []})


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
