"""What happens to a job after it has left its queue: assume the role, read the inputs, write the outputs.

Failures carry the codes and messages of the user guide ("Error codes"). The outside world is a :class:`World`, so
that this file knows nothing of moto.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from infra.emulator import media_info
from infra.emulator.media_info import MediaInfo, UnreadableMedia
from infra.emulator.mediaconvert import hls_inputs, outputs
from infra.emulator.mediaconvert.outputs import WrittenGroup
from infra.emulator.mediaconvert.playlists import WrittenFile
from infra.emulator.permissions import PolicyError, Request, Statement, decide

SERVICE_PRINCIPAL = "mediaconvert.amazonaws.com"

CANNOT_OPEN = 1010
NO_VIDEO = 1020
INCOMPATIBLE_SETTINGS = 1040
BROKEN_STRUCTURE = 1075
TRUNCATED = 1076
ACCESS_DENIED = 1401
NOT_FOUND = 1404
ROLE_UNUSABLE = 1432
ROLE_MISSING = 1433
ROLE_NOT_TRUSTING = 1434


class JobFailed(Exception):
    """The job ends in ERROR."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code}: {message}")


@dataclass(frozen=True)
class Role:
    """An IAM role as far as a service that assumes it is concerned."""

    trust: Sequence[Statement]
    """Who may assume it; each statement names the role as its resource."""
    policy: Sequence[Statement]
    """What it may do: inline and attached policies."""

    def may(self, action: str, bucket: str, key: str) -> bool:
        """Whether the role's policies allow an action on an object."""
        return decide(self.policy, Request(action, f"arn:aws:s3:::{bucket}/{key}")).allowed


class World(Protocol):
    """What a job touches outside of MediaConvert."""

    def role(self, arn: str) -> Role | None:
        """The role; None when it does not exist.

        Raises:
            PolicyError: a policy of the role cannot be judged.
        """

    def read_object(self, bucket: str, key: str) -> bytes | None:
        """The object; None when it or its bucket does not exist."""

    def write_object(self, bucket: str, key: str, body: bytes, content_type: str) -> bool:
        """Put an object; False when the bucket does not exist."""


def assume(job: Mapping[str, Any], account: str, world: World) -> Role:
    """The job's role, assumed for the job's queue (user guide, "Cross-service confused deputy prevention").

    Raises:
        JobFailed: it does not exist, it does not trust MediaConvert, or its policies cannot be judged here.
    """
    try:
        role = world.role(job["Role"])
    except PolicyError as error:
        raise JobFailed(ROLE_UNUSABLE, f"Known to IAM, not to this emulator: {error}") from error
    if role is None:
        message = "Unable to assume role. Check that the role exists and that MediaConvert is a trusted entity."
        raise JobFailed(ROLE_MISSING, message)
    context = {"aws:SourceAccount": account, "aws:SourceArn": job["Queue"]}
    answer = decide(role.trust, Request("sts:AssumeRole", job["Role"], context, SERVICE_PRINCIPAL))
    if not answer.allowed:
        raise JobFailed(
            ROLE_NOT_TRUSTING, f"Unable to assume role [{job['Role']}]: [AssumeRole failed] ({answer.reason})"
        )
    return role


def read_inputs(settings: Mapping[str, Any], role: Role, world: World) -> list[tuple[str, MediaInfo]]:
    """Address and content of each input.

    Raises:
        JobFailed: an input is missing, forbidden or unreadable, or has no picture where one is to be encoded.
    """
    uris = [item["FileInput"] for item in settings["Inputs"]]
    found = [(uri, _read(uri, role, world)) for uri in uris]
    if _wants_video(settings):
        for uri, info in found:
            if not info.video:
                raise JobFailed(
                    NO_VIDEO, f"Your input file [{uri}] doesn't have video that the transcoder can consume."
                )
    return found


def write_outputs(
    settings: Mapping[str, Any], inputs: Sequence[MediaInfo], role: Role, world: World
) -> tuple[WrittenGroup, ...]:
    """Write what the job makes of its inputs.

    Raises:
        JobFailed: the role may not write there, the bucket does not exist, or an output would replace an input.
    """
    groups = outputs.render(settings, inputs)
    sources = {item["FileInput"] for item in settings["Inputs"]}
    for group in groups:
        for file in group.files:
            if file.uri in sources:
                raise JobFailed(INCOMPATIBLE_SETTINGS, f"Duplicate input and output path [{file.uri}] found in job.")
            _write(file, role, world)
    return groups


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of ``s3://bucket/key``."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def _read(uri: str, role: Role, world: World) -> MediaInfo:
    try:
        if hls_inputs.is_playlist(uri):
            return hls_inputs.read(uri, lambda file: _open(file, role, world))
        return media_info.read(_open(uri, role, world))
    except UnreadableMedia as error:
        raise JobFailed(_unreadable_code(error), _unreadable_message(uri, error)) from error


def _open(uri: str, role: Role, world: World) -> bytes:
    bucket, key = split_uri(uri)
    if not role.may("s3:GetObject", bucket, key):
        raise JobFailed(
            ACCESS_DENIED,
            _cannot_open(uri, f"Can't read input stream: [Failed to read data: Access denied to [{uri}]]"),
        )
    data = world.read_object(bucket, key)
    if data is None:
        raise JobFailed(
            NOT_FOUND, _cannot_open(uri, "Can't read input stream: [Failed to read data: HeadObject failed]")
        )
    return data


def _unreadable_code(error: UnreadableMedia) -> int:
    if error.truncated:
        return TRUNCATED
    return BROKEN_STRUCTURE if error.recognised else CANNOT_OPEN


def _unreadable_message(uri: str, error: UnreadableMedia) -> str:
    return f"Demuxer: [{error.reason}]" if error.truncated else _cannot_open(uri, error.reason)


def _cannot_open(uri: str, reason: str) -> str:
    return f"Unable to open input file [{uri}]: [Failed probe/open: [{reason}]]"


def _wants_video(settings: Mapping[str, Any]) -> bool:
    return any("VideoDescription" in output for group in settings["OutputGroups"] for output in group["Outputs"])


def _write(file: WrittenFile, role: Role, world: World) -> None:
    bucket, key = split_uri(file.uri)
    if not role.may("s3:PutObject", bucket, key):
        raise JobFailed(
            ACCESS_DENIED, f"Unable to write to output file [{file.uri}]: [Failed to write data: Access Denied]"
        )
    if not world.write_object(bucket, key, file.body, file.content_type):
        message = f"Unable to write to output file [{file.uri}]: [Failed to write data: bucket [{bucket}] not found]"
        raise JobFailed(NOT_FOUND, message)
