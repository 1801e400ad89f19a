"""Transcribe listens at once, writes a transcript and tells EventBridge, of which moto does nothing.

Nothing is heard: the file's tag ``speech`` says what is in it (``hate_speech=0.82/insult=0.6``); one without it is
clean, and one with ``FAILED`` ends the job in failure.

Private surface of moto used here: ``TranscribeBackend.start_transcription_job``, the state of its jobs, and S3's object
store and tags.
"""

from __future__ import annotations

import functools
import json
from typing import Any

from moto.core.utils import utcnow
from moto.s3.models import s3_backends
from moto.transcribe.models import TranscribeBackend
from moto.utilities.utils import get_partition

from infra.emulator.mediaconvert.plugin import publish

MARK = "_reelplan_listens"
TAG = "speech"
FAILED, COMPLETED = "FAILED", "COMPLETED"


def install() -> None:
    """Make moto's Transcribe listen; doing it again changes nothing."""
    original = TranscribeBackend.start_transcription_job
    if hasattr(original, MARK):
        return

    @functools.wraps(original)
    def start(self: TranscribeBackend, **request: Any) -> dict[str, Any]:
        answer = original(self, **request)
        _listen(self, request)
        return answer

    setattr(start, MARK, True)
    setattr(TranscribeBackend, "start_transcription_job", start)  # noqa: B010 - moto has no hook for it


def _listen(backend: TranscribeBackend, request: Any) -> None:
    name, bucket = request["transcription_job_name"], request["output_bucket_name"]
    said = _tag(backend, request["media"]["MediaFileUri"])
    job = backend.transcriptions[name]
    while job.status != COMPLETED:
        job.advance()
    if said != FAILED:
        s3 = s3_backends[backend.account_id][get_partition(backend.region_name)]
        s3.put_object(bucket, request["output_key"], json.dumps(transcript(said)).encode())
        address = f"https://s3.{backend.region_name}.amazonaws.com/{bucket}/{request['output_key']}"
        job.transcript = {"TranscriptFileUri": address}
    status = FAILED if said == FAILED else COMPLETED
    event = {
        "version": "0",
        "detail-type": "Transcribe Job State Change",
        "source": "aws.transcribe",
        "account": backend.account_id,
        "time": utcnow().timestamp(),
        "region": backend.region_name,
        "resources": [],
        "detail": {"TranscriptionJobName": name, "TranscriptionJobStatus": status},
    }
    publish(backend.account_id, backend.region_name, event)


def _tag(backend: TranscribeBackend, address: str) -> str:
    bucket, _, key = address.removeprefix("s3://").partition("/")
    s3 = s3_backends[backend.account_id][get_partition(backend.region_name)]
    found = s3.get_object(bucket, key)
    tags = s3.get_object_tagging(found)["Tags"] if found else [{"Key": TAG, "Value": FAILED}]
    return {tag["Key"]: tag["Value"] for tag in tags}.get(TAG, "")


def transcript(said: str) -> dict[str, Any]:
    """A transcript with what a tag's value names, as far as somebody reads it.

    >>> transcript("insult=0.6")["results"]["toxicity_detection"][0]["categories"]
    {'insult': 0.6}
    """
    scores = {kind: float(score) for kind, _, score in (part.partition("=") for part in said.split("/") if part)}
    piece = {"text": "", "toxicity": max(scores.values(), default=0.0), "categories": scores}
    return {"status": COMPLETED, "results": {"transcripts": [], "items": [], "toxicity_detection": [piece]}}
