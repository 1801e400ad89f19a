"""Is a video published as it should be: a complete record, files that exist, and only the CDN that can read them?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from infra.emulator.exercise.playlists import files_of, variants
from infra.emulator.permissions import Request, Statement, decide

CLOUDFRONT = "cloudfront.amazonaws.com"
OTHER_DISTRIBUTION = "arn:aws:cloudfront::999999999999:distribution/ESOMEBODYELSE"
SINGLE_FILES = ("hls", "dash", "mp4", "poster")
"""Attributes of a record that name one file each."""

Record = Mapping[str, Any]


def record_faults(record: Record, rungs: int) -> Iterator[str]:
    """What a record of a published video lacks.

    Args:
        record: from the table; empty when there is none.
        rungs: renditions that the ladder gives this video.
    """
    if record.get("state") != "published":
        yield f"the record is {_text(record)}, expected state published"
        return
    found = len(record.get("renditions", ()))
    if found != rungs:
        yield f"the record has {found} renditions, expected {rungs}"
    for name in SINGLE_FILES:
        if not record.get(name):
            yield f"the record has no {name}"


def file_faults(record: Record, keys: Iterable[str], read: Callable[[str], str], rungs: int) -> Iterator[str]:
    """Files that a record or its playlists name and that are not in the bucket.

    Args:
        record: of a published video.
        keys: objects in the bucket of the renditions.
        read: text of an object.
        rungs: renditions that the ladder gives this video.
    """
    there = set(keys)
    for name in SINGLE_FILES:
        if record[name] not in there:
            yield f"{name} of the record names {record[name]}, which is not in the bucket"
    for name in ("hls", "dash"):
        if record[name] in there:
            missing = [key for key in files_of(record[name], read) if key not in there]
            yield from (f"{name}: {record[name]} leads to {key}, which is not in the bucket" for key in missing)
    if record["hls"] in there and (offered := variants(read(record["hls"]))) != rungs:
        yield f"{record['hls']} offers {offered} renditions, expected {rungs}"


def reader_faults(policy: Sequence[Statement], bucket: str, keys: Iterable[str], distribution: str) -> Iterator[str]:
    """Who can read files but should not, or cannot but should.

    Args:
        policy: of the bucket.
        bucket: its name.
        keys: files to judge.
        distribution: ARN of the stack's distribution, the only one that may read.
    """
    for key in keys:
        arn = f"arn:aws:s3:::{bucket}/{key}"
        for reader, request, expected in _readers(arn, distribution):
            decision = decide(policy, request)
            if decision.allowed is not expected:
                yield f"{reader} {'can' if decision.allowed else 'cannot'} read {key}: {decision.reason}"


def leak_faults(policy: Sequence[Statement], bucket: str, keys: Iterable[str], distribution: str) -> Iterator[str]:
    """Who can read files that no viewer may see: what waits for moderation, what was held or rejected.

    Args:
        policy: of the bucket.
        bucket: its name.
        keys: files to judge.
        distribution: ARN of the stack's distribution.
    """
    for key in keys:
        for reader, request, _ in _readers(f"arn:aws:s3:::{bucket}/{key}", distribution):
            if (decision := decide(policy, request)).allowed:
                yield f"{reader} can read {key}, which is not published: {decision.reason}"


def _readers(arn: str, distribution: str) -> Iterator[tuple[str, Request, bool]]:
    """Reader, what it asks, and whether it should get it."""
    tls, plain = {"aws:SecureTransport": "true"}, {"aws:SecureTransport": "false"}
    ours, other = {"aws:SourceArn": distribution}, {"aws:SourceArn": OTHER_DISTRIBUTION}
    yield "the stack's distribution", Request("s3:GetObject", arn, ours | tls, CLOUDFRONT), True
    yield "the stack's distribution over plain HTTP", Request("s3:GetObject", arn, ours | plain, CLOUDFRONT), False
    yield "somebody else's distribution", Request("s3:GetObject", arn, other | tls, CLOUDFRONT), False
    yield "anybody", Request("s3:GetObject", arn, tls, "anonymous"), False


def _text(record: Record) -> str:
    if not record:
        return "missing"
    known = {name: str(record[name]) for name in ("state", "reason", "job_id") if name in record}
    return ", ".join(f"{name} {value}" for name, value in known.items()) or "without state"
