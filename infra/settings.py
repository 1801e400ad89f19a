"""The typed configuration of a stack; Pulumi.yaml documents each key for the person who sets it.

Every fault of a stack file is reported at once, under the key that the user wrote.
"""

from __future__ import annotations

import difflib
import ipaddress
import json
from collections.abc import Mapping
from typing import Annotated, Literal, Protocol

import pulumi
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from infra.ladder import RUNGS

PriceClass = Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"]

MIB_PER_GIB = 1024

FARGATE_MEMORY_MIB: Mapping[int, tuple[int, ...]] = {
    256: (512, 1 * MIB_PER_GIB, 2 * MIB_PER_GIB),
    512: tuple(gib * MIB_PER_GIB for gib in range(1, 5)),
    1024: tuple(gib * MIB_PER_GIB for gib in range(2, 9)),
    2048: tuple(gib * MIB_PER_GIB for gib in range(4, 17)),
    4096: tuple(gib * MIB_PER_GIB for gib in range(8, 31)),
    8192: tuple(gib * MIB_PER_GIB for gib in range(16, 61, 4)),
    16384: tuple(gib * MIB_PER_GIB for gib in range(32, 121, 8)),
}
"""CPU units -> memory sizes that Fargate accepts with them. Source: Amazon ECS developer guide, task size."""

LOG_RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""Source: CloudWatch Logs API, PutRetentionPolicy."""

GOP_SECONDS = 2
"""Seconds between key frames: a segment starts with one, so it is a multiple of this."""


class SettingsError(pulumi.RunError):
    """A stack file that cannot be built; the Pulumi CLI prints it without a traceback."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class ConfigReader(Protocol):
    """The part of ``pulumi.Config`` that is read here."""

    def get(self, key: str) -> str | None:
        """Text of a configuration value, None when it is not set."""


class Settings(BaseModel):
    """One stack, as its owner wants it. Keys are those of Pulumi.yaml in snake case."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, use_attribute_docstrings=True)

    ladder: Annotated[tuple[str, ...], Field(min_length=1)] = ("480p", "720p", "1080p")
    """Renditions of every video, by the short edge of the picture."""
    mp4_rendition: str = "720p"
    """Rung of the ladder that is also written as one progressive MP4."""
    segment_seconds: Annotated[int, Field(ge=GOP_SECONDS, le=10)] = GOP_SECONDS
    """Length of a media segment [second]."""
    raw_retention_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Age at which an uploaded original is deleted [day]."""
    price_class: PriceClass = "PriceClass_100"
    """Which CloudFront edge locations serve the videos."""
    allowed_origins: Annotated[tuple[str, ...], Field(min_length=1)] = ("https://localhost:3000",)
    """Web origins that may upload and play from a browser."""
    vpc_cidr: str = "10.20.0.0/16"
    """Address range of the network."""
    availability_zones: Annotated[int, Field(ge=2, le=3)] = 2
    """Zones that the API runs in; a load balancer needs two."""
    api_image_tag: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$")] = "latest"
    """Tag of the API image in the stack's own repository."""
    api_cpu: int = 256
    """CPU of one API task [1/1024 vCPU]."""
    api_memory_mib: int = 512
    """Memory of one API task [MiB]."""
    api_min_tasks: Annotated[int, Field(ge=1, le=5000)] = 1
    """Tasks that always run."""
    api_max_tasks: Annotated[int, Field(ge=1, le=5000)] = 4
    """Most tasks that autoscaling may start."""
    api_requests_per_task: Annotated[int, Field(ge=1)] = 3000
    """Requests per task that autoscaling aims at [request per minute]."""
    log_retention_days: int = 30
    """Age at which logs are deleted [day]."""
    protect: bool = False
    """Refuse to delete what holds data."""

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        faults = [*self._ladder_faults(), *self._network_faults(), *self._api_faults()]
        if self.log_retention_days not in LOG_RETENTION_DAYS:
            days = ", ".join(str(day) for day in LOG_RETENTION_DAYS)
            faults.append(f"logRetentionDays: found {self.log_retention_days}, expected one of {days}")
        if faults:
            raise SettingsFaults(faults)
        return self

    def _ladder_faults(self) -> list[str]:
        faults = [
            f"ladder: found {name!r}, expected one of {', '.join(RUNGS)}{_nearest(name, RUNGS)}"
            for name in self.ladder
            if name not in RUNGS
        ]
        if len(set(self.ladder)) < len(self.ladder):
            faults.append(f"ladder: found a rung twice in {list(self.ladder)}, expected each once")
        if self.mp4_rendition not in self.ladder:
            faults.append(
                f"mp4Rendition: found {self.mp4_rendition!r}, expected a rung of the ladder {list(self.ladder)}"
            )
        if self.segment_seconds % GOP_SECONDS:
            faults.append(
                f"segmentSeconds: found {self.segment_seconds}, expected a multiple of {GOP_SECONDS}"
                " (a segment starts with a key frame)"
            )
        return faults

    def _network_faults(self) -> list[str]:
        try:
            network = ipaddress.IPv4Network(self.vpc_cidr)
        except ValueError as error:
            return [f"vpcCidr: found {self.vpc_cidr!r}, expected an IPv4 range such as 10.20.0.0/16 ({error})"]
        if not network.is_private or not 16 <= network.prefixlen <= 22:
            return [f"vpcCidr: found {self.vpc_cidr}, expected a private range of /16 to /22"]
        return []

    def _api_faults(self) -> list[str]:
        faults = []
        sizes = FARGATE_MEMORY_MIB.get(self.api_cpu)
        if sizes is None:
            faults.append(f"apiCpu: found {self.api_cpu}, expected one of {', '.join(map(str, FARGATE_MEMORY_MIB))}")
        elif self.api_memory_mib not in sizes:
            faults.append(
                f"apiMemoryMib: found {self.api_memory_mib}, expected one of {', '.join(map(str, sizes))}"
                f" (what Fargate allows with apiCpu {self.api_cpu})"
            )
        if self.api_max_tasks < self.api_min_tasks:
            faults.append(
                f"apiMaxTasks: found {self.api_max_tasks}, expected at least apiMinTasks ({self.api_min_tasks})"
            )
        return faults


class SettingsFaults(ValueError):
    """Several faults of one model, kept apart so that each is printed on its own line."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


def load_settings(config: ConfigReader) -> Settings:
    """Settings of the stack that is being run.

    Args:
        config: the project's own namespace, ``pulumi.Config()``.

    Raises:
        SettingsError: one line per fault, each under the key as written in the stack file.
    """
    keys = [field.alias or name for name, field in Settings.model_fields.items()]
    written = {key: value for key in keys if (value := config.get(key)) is not None}
    try:
        return Settings.model_validate({key: _parse(key, value) for key, value in written.items()})
    except ValidationError as error:
        raise SettingsError(_fault_lines(error)) from None


def _parse(key: str, value: str) -> object:
    """Structured values reach the program as JSON, all others as text, which the model converts."""
    if not value.startswith(("[", "{")):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def _fault_lines(error: ValidationError) -> list[str]:
    lines: list[str] = []
    for fault in error.errors():
        cause = fault.get("ctx", {}).get("error")
        if isinstance(cause, SettingsFaults):
            lines += [f"reelplan:{line}" for line in cause.faults]
        else:
            path = ".".join(str(part) for part in fault["loc"])
            lines.append(f"reelplan:{path}: found {fault['input']!r}, expected: {fault['msg']}")
    return lines


def _nearest(name: str, known: Mapping[str, object]) -> str:
    match = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {match[0]}?)" if match else ""
