"""The typed configuration of a stack: one section for each component, every key optional.

What a stack file leaves out comes from its profile (how careful) and its size (how many users): ``infra/profiles.py``.
Every fault is reported at once, under the key that the user wrote.
"""

from __future__ import annotations

import difflib
import ipaddress
import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import pulumi
from pulumi.runtime import get_config_env
from pulumi.runtime.config import CONFIG
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from infra.ladder import RUNGS
from infra.profiles import PROFILES, SIZES, merged

Profile = Literal["dev", "staging", "prod"]
Size = Literal["10k", "1m", "50m"]
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
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""Source: CloudWatch Logs API, PutRetentionPolicy."""

GOP_SECONDS = 2
"""Seconds between key frames: a segment starts with one, so it is a multiple of this."""

SMALLEST_PREFIX, LARGEST_PREFIX = 22, 16
"""Address ranges that hold the subnets and that a VPC allows."""


class SettingsError(pulumi.RunError):
    """A stack file that cannot be built; the Pulumi CLI prints it without a traceback."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class SectionFaults(ValueError):
    """Several faults of one section, kept apart so that each is printed on its own line."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class Section(BaseModel):
    """A group of keys; ``faults`` says what a type cannot."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, use_attribute_docstrings=True)

    def faults(self) -> Iterator[str]:
        """One line for each thing that contradicts another, beginning with the key."""
        yield from ()

    @model_validator(mode="after")
    def _consistent(self) -> Section:
        if found := list(self.faults()):
            raise SectionFaults(found)
        return self


class StorageSettings(Section):
    """Buckets and the table of videos."""

    raw_retention_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Age at which an uploaded original is deleted [day]."""
    allowed_origins: Annotated[tuple[str, ...], Field(min_length=1)] = ("https://localhost:3000",)
    """Web origins that may upload and play from a browser."""
    protect: bool = False
    """Refuse to delete what holds data: buckets, tables, image repositories."""


class TranscodingSettings(Section):
    """Renditions of a video."""

    ladder: Annotated[tuple[str, ...], Field(min_length=1)] = ("480p", "720p", "1080p")
    """Renditions of every video, by the short edge of the picture."""
    mp4_rendition: str = "720p"
    """Rung of the ladder that is also written as one progressive MP4."""
    segment_seconds: Annotated[int, Field(ge=GOP_SECONDS, le=10)] = GOP_SECONDS
    """Length of a media segment [second]. Shorter starts faster and costs more CDN requests."""

    def faults(self) -> Iterator[str]:
        """Rungs that do not exist or stand twice, an MP4 of no rung, segments that cut a group of pictures."""
        for name in self.ladder:
            if name not in RUNGS:
                yield f"ladder: found {name!r}, expected one of {', '.join(RUNGS)}{_nearest(name, RUNGS)}"
        if len(set(self.ladder)) < len(self.ladder):
            yield f"ladder: found a rung twice in {list(self.ladder)}, expected each once"
        if self.mp4_rendition not in self.ladder:
            yield f"mp4Rendition: found {self.mp4_rendition!r}, expected a rung of the ladder {list(self.ladder)}"
        if self.segment_seconds % GOP_SECONDS:
            yield (
                f"segmentSeconds: found {self.segment_seconds}, expected a multiple of {GOP_SECONDS}"
                " (a segment starts with a key frame)"
            )


class DeliverySettings(Section):
    """CloudFront."""

    price_class: PriceClass = "PriceClass_100"
    """Which edge locations serve the videos."""


class NetworkSettings(Section):
    """The private network."""

    vpc_cidr: str = "10.20.0.0/16"
    """Address range, /16 to /22."""
    availability_zones: Annotated[int, Field(ge=2, le=3)] = 2
    """Zones that the API runs in; a load balancer needs two."""

    def faults(self) -> Iterator[str]:
        """An address range that is none, is public, or does not fit."""
        try:
            network = ipaddress.IPv4Network(self.vpc_cidr)
        except ValueError as error:
            yield f"vpcCidr: found {self.vpc_cidr!r}, expected an IPv4 range such as 10.20.0.0/16 ({error})"
            return
        if not network.is_private or not LARGEST_PREFIX <= network.prefixlen <= SMALLEST_PREFIX:
            yield f"vpcCidr: found {self.vpc_cidr}, expected a private range of /{LARGEST_PREFIX} to /{SMALLEST_PREFIX}"


class ApiSettings(Section):
    """The API service on Fargate."""

    image_tag: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$")] = "latest"
    """Tag of the API image in the stack's own repository."""
    cpu: int = 256
    """CPU of one task [1/1024 vCPU]."""
    memory_mib: int = 512
    """Memory of one task [MiB]; Fargate allows certain sizes for each CPU size."""
    min_tasks: Annotated[int, Field(ge=1, le=5000)] = 1
    """Tasks that always run."""
    max_tasks: Annotated[int, Field(ge=1, le=5000)] = 4
    """Most tasks that autoscaling may start."""
    requests_per_task: Annotated[int, Field(ge=1)] = 3000
    """Requests per task that autoscaling aims at [request per minute]."""

    def faults(self) -> Iterator[str]:
        """A size that Fargate does not offer, or a range of tasks that is upside down."""
        sizes = FARGATE_MEMORY_MIB.get(self.cpu)
        if sizes is None:
            yield f"cpu: found {self.cpu}, expected one of {', '.join(map(str, FARGATE_MEMORY_MIB))}"
        elif self.memory_mib not in sizes:
            yield (
                f"memoryMib: found {self.memory_mib}, expected one of {', '.join(map(str, sizes))}"
                f" (what Fargate allows with cpu {self.cpu})"
            )
        if self.max_tasks < self.min_tasks:
            yield f"maxTasks: found {self.max_tasks}, expected at least minTasks ({self.min_tasks})"


class ObservabilitySettings(Section):
    """Logs, dashboards and alarms."""

    log_retention_days: int = 30
    """Age at which logs are deleted [day]; one of the values CloudWatch Logs allows."""

    def faults(self) -> Iterator[str]:
        """A retention that CloudWatch Logs does not offer."""
        if self.log_retention_days not in LOG_RETENTION_DAYS:
            days = ", ".join(str(day) for day in LOG_RETENTION_DAYS)
            yield f"logRetentionDays: found {self.log_retention_days}, expected one of {days}"


class Settings(Section):
    """One stack, as its owner wants it."""

    profile: Profile = "dev"
    """How careful: dev is the cheapest that works end to end, prod is protected and highly available."""
    size: Size = "10k"
    """How many monthly users the capacities are made for."""
    storage: StorageSettings = StorageSettings()
    """Buckets and the table of videos."""
    transcoding: TranscodingSettings = TranscodingSettings()
    """Renditions of a video."""
    delivery: DeliverySettings = DeliverySettings()
    """CloudFront."""
    network: NetworkSettings = NetworkSettings()
    """The private network."""
    api: ApiSettings = ApiSettings()
    """The API service on Fargate."""
    observability: ObservabilitySettings = ObservabilitySettings()
    """Logs, dashboards and alarms."""


def config_values(project: str) -> dict[str, str]:
    """Every configuration value of the project's own namespace, as the engine passes it: text, structures as JSON.

    ``pulumi.Config`` answers only for keys one asks for, so a misspelt key would go unnoticed.
    """
    prefix = f"{project}:"
    values = {**get_config_env(), **CONFIG.get()}
    return {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)}


def load_settings(values: Mapping[str, str]) -> Settings:
    """Settings of a stack.

    Args:
        values: key -> text, as ``config_values`` gives them.

    Raises:
        SettingsError: one line per fault, each under the key as written in the stack file.
    """
    written = {key: _parsed(value) for key, value in values.items()}
    profile = PROFILES.get(str(written.get("profile", "dev")), {})
    size = SIZES.get(str(written.get("size", "10k")), {})
    try:
        return Settings.model_validate(merged(profile, size, written))
    except ValidationError as error:
        raise SettingsError(list(_fault_lines(error))) from None


def _parsed(value: str) -> object:
    if not value.startswith(("[", "{")):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def _fault_lines(error: ValidationError) -> Iterator[str]:
    for fault in error.errors():
        path = [str(part) for part in fault["loc"]]
        cause = fault.get("ctx", {}).get("error")
        if isinstance(cause, SectionFaults):
            prefix = ".".join(path)
            yield from (f"reelplan:{prefix}.{line}" if prefix else f"reelplan:{line}" for line in cause.faults)
        elif fault["type"] == "extra_forbidden":
            yield _unknown_key(path)
        else:
            yield f"reelplan:{'.'.join(path)}: found {fault['input']!r}, expected: {fault['msg']}"


def _unknown_key(path: list[str]) -> str:
    known = _keys_at(path[:-1])
    return f"reelplan:{'.'.join(path)}: found a key of no meaning, expected one of {', '.join(known)}" + _nearest(
        path[-1], known
    )


def _keys_at(path: list[str]) -> list[str]:
    """Keys of the section that a path leads to."""
    section: type[BaseModel] = Settings
    for part in path:
        field: Any = next(field for field in section.model_fields.values() if field.alias == part)
        section = field.annotation
    return [field.alias or name for name, field in section.model_fields.items()]


def _nearest(name: str, known: Mapping[str, object] | list[str]) -> str:
    match = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {match[0]}?)" if match else ""
