"""The typed configuration of a stack: one section for each component, every key optional.

What a stack file leaves out comes from its profile (how careful) and its size (how many users): ``infra/profiles.py``.
Every fault is reported at once, under the key that the user wrote.
"""

from __future__ import annotations

import difflib
import ipaddress
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

import pulumi
from pulumi.runtime import get_config_env
from pulumi.runtime.config import CONFIG
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from infra.ladder import RUNGS
from infra.profiles import PROFILES, SIZES, merged
from infra.residency import region_faults

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


def _task_faults(cpu: int, memory_mib: int, min_tasks: int, max_tasks: int) -> Iterator[str]:
    """A size that Fargate does not offer, or a range of tasks that is upside down."""
    sizes = FARGATE_MEMORY_MIB.get(cpu)
    if sizes is None:
        yield f"cpu: found {cpu}, expected one of {', '.join(map(str, FARGATE_MEMORY_MIB))}"
    elif memory_mib not in sizes:
        yield (
            f"memoryMib: found {memory_mib}, expected one of {', '.join(map(str, sizes))}"
            f" (what Fargate allows with cpu {cpu})"
        )
    if max_tasks < min_tasks:
        yield f"maxTasks: found {max_tasks}, expected at least minTasks ({min_tasks})"


class CellSettings(Section):
    """Which people a stack is for, when their data may not lie just anywhere."""

    residency: Literal["eu", "uk", "us", "in"] | None = None
    """Part of the world that holds all data, keys and logs of the stack: its region and the replica's must lie in it,
    and a policy looks for anything that points outside. None is anywhere."""


class StorageSettings(Section):
    """Buckets and the table of videos."""

    raw_retention_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Age at which an uploaded original is deleted [day]."""
    review_days: Annotated[int, Field(ge=2, le=365)] = 14
    """Age at which renditions outside the CDN's reach are deleted: held, rejected, or copied when published [day].
    Reviewers have this long to decide."""
    allowed_origins: Annotated[tuple[str, ...], Field(min_length=1)] = ("https://localhost:3000",)
    """Web origins that may upload and play from a browser."""
    protect: bool = False
    """Refuse to delete what holds data: buckets, tables, image repositories."""
    replica_region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")] | None = None
    """Second region that holds a copy of what is published; CloudFront reads it when the first one fails. None has
    no copy."""


class UploadSettings(Section):
    """What users may upload, and the HTTP API that signs it."""

    max_mb: Annotated[int, Field(ge=1, le=50_000)] = 2_000
    """Largest file [MB]."""
    form_mb: Annotated[int, Field(ge=1, le=5_000)] = 50
    """Largest file that is sent as one form; a larger one goes in parts, each of which can be tried again [MB]."""
    part_mb: Annotated[int, Field(ge=6, le=5_000)] = 16
    """Size of a part [MB]."""
    content_types: Annotated[tuple[str, ...], Field(min_length=1)] = ("video/mp4", "video/quicktime", "video/webm")
    """Types that are taken."""
    requests_per_second: Annotated[int, Field(ge=1)] = 50
    """Requests of all users together that the HTTP API lets pass [request per second]; AWS's quota of an account is
    10,000."""
    burst: Annotated[int, Field(ge=1)] = 100
    """Requests that may come at once."""

    def faults(self) -> Iterator[str]:
        """A form larger than any file."""
        if self.form_mb > self.max_mb:
            yield f"formMb: found {self.form_mb}, expected at most maxMb ({self.max_mb})"


class TranscodingSettings(Section):
    """Renditions of a video."""

    ladder: Annotated[tuple[str, ...], Field(min_length=1)] = ("480p", "720p", "1080p")
    """Renditions of every video, by the short edge of the picture."""
    mp4_rendition: str = "720p"
    """Rung of the ladder that is also written as one progressive MP4."""
    segment_seconds: Annotated[int, Field(ge=GOP_SECONDS, le=10)] = GOP_SECONDS
    """Length of a media segment [second]. Shorter starts faster and costs more CDN requests."""
    earned_codecs: Mapping[Literal["HEVC", "AV1"], Annotated[int, Field(ge=1)]] = {}
    """Codec -> views from which a published video is encoded again in it [view]. At 0.03 USD a GB delivered, a clip of
    half a minute pays for HEVC after 2,000 views if 40 % of the players take it, and for AV1 after 47,000 if 15 % do.
    Views are counted from the stream of interactions, for as long as the original is kept."""
    reserved_slots: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Jobs that always run at once, for a fixed price [slot]. The next deployment buys them for a year, and neither
    Pulumi nor AWS can undo that; none is on demand only."""
    reserved_renewal: Literal["EXPIRE", "AUTO_RENEW"] = "EXPIRE"
    """What follows when the year is over: EXPIRE ends the reservation, AUTO_RENEW buys another year."""
    hop_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    """How long a job waits for a reserved slot before it goes to the queue on demand [minute]."""

    @property
    def earned(self) -> dict[str, int]:
        """The earned codecs as the functions name them."""
        return {codec.lower(): views for codec, views in self.earned_codecs.items()}

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


class Threshold(Section):
    """From which confidence a category of pictures counts."""

    block: Annotated[int, Field(ge=50, le=100)] | None = None
    """Rejected from this confidence on [percent]; none never rejects by itself."""
    review: Annotated[int, Field(ge=50, le=100)] | None = None
    """Held for a person from this confidence on [percent]."""

    def faults(self) -> Iterator[str]:
        """Limits upside down, or none at all."""
        if self.block is None and self.review is None:
            yield "block: found neither block nor review, expected one of them (leave the category out to allow it)"
        elif self.block is not None and self.review is not None and self.block < self.review:
            yield f"block: found {self.block}, expected at least review ({self.review})"


MODERATION_CATEGORIES = (
    *("Explicit", "Non-Explicit Nudity of Intimate parts and Kissing", "Swimwear or Underwear", "Violence"),
    *("Visually Disturbing", "Drugs & Tobacco", "Alcohol", "Rude Gestures", "Gambling", "Hate Symbols"),
)
"""Top level of Rekognition's taxonomy. Source: Amazon Rekognition developer guide, "Using the image and video
moderation APIs" (moderation model 7)."""


TEXT_CATEGORIES = (
    *("GRAPHIC", "HARASSMENT_OR_ABUSE", "HATE_SPEECH", "INSULT"),
    *("PROFANITY", "SEXUAL", "VIOLENCE_OR_THREAT"),
)
"""Kinds of toxic text. Source: Amazon Comprehend API reference, ToxicContent."""


class ModerationSettings(Section):
    """The gate before publishing."""

    mode: Literal["frames", "video", "off"] = "frames"
    """What looks at a video before it is published: Rekognition at sampled frames, at the whole MP4, or nothing. A
    minute of video costs 0.10 USD, a frame 0.001 USD (us-east-1, 2026)."""
    captions: bool = False
    """Whether Comprehend reads the caption. It knows toxic English only, and is not offered in every region."""
    speech: bool = False
    """Whether Transcribe listens to what is said. It knows toxic American English only; 0.024 USD a minute (us-east-1,
    2026)."""
    seconds_per_frame: Annotated[int, Field(ge=1, le=60)] = 5
    """Between two sampled frames [second]. Each is one Rekognition image."""
    max_frames: Annotated[int, Field(ge=1, le=500)] = 20
    """The most frames of one video; a longer one is sampled more thinly, to its end."""
    thresholds: Mapping[str, Threshold] = {
        "Explicit": Threshold(block=90, review=50),
        "Non-Explicit Nudity of Intimate parts and Kissing": Threshold(review=80),
        "Violence": Threshold(block=98, review=70),
        "Visually Disturbing": Threshold(block=98, review=60),
        "Drugs & Tobacco": Threshold(review=80),
        "Hate Symbols": Threshold(block=95, review=50),
    }
    """Category of Rekognition -> limits. What a stack file says replaces the whole list; a category that is left out is
    allowed."""
    text_thresholds: Mapping[str, Threshold] = {
        "HATE_SPEECH": Threshold(block=98, review=70),
        "SEXUAL": Threshold(review=80),
        "VIOLENCE_OR_THREAT": Threshold(block=98, review=70),
        "HARASSMENT_OR_ABUSE": Threshold(review=80),
    }
    """Kind of toxic text, written or said -> limits, in the same way."""

    @property
    def parts(self) -> tuple[str, ...]:
        """What looks at a video; nothing clears every video unseen."""
        pictures = () if self.mode == "off" else (self.mode,)
        words = {"caption": self.captions, "speech": self.speech}
        return (*pictures, *(part for part, wanted in words.items() if wanted))

    @property
    def sampling(self) -> dict[str, int] | None:
        """What the submit function is told about frames; None takes none."""
        if self.mode != "frames":
            return None
        return {"seconds_per_frame": self.seconds_per_frame, "max_frames": self.max_frames}

    @property
    def limits(self) -> dict[str, dict[str, int]]:
        """The thresholds as plain values, for the moderate function."""
        limits = {**self.thresholds, **self.text_thresholds}
        return {name: one.model_dump(exclude_none=True) for name, one in limits.items()}

    def faults(self) -> Iterator[str]:
        """Categories that nobody knows: they would never be found."""
        yield from _unknown("thresholds", self.thresholds, "category of Rekognition", MODERATION_CATEGORIES)
        yield from _unknown("textThresholds", self.text_thresholds, "kind of toxic text", TEXT_CATEGORIES)


def _unknown(key: str, names: Iterable[str], what: str, known: tuple[str, ...]) -> Iterator[str]:
    """Names that are none of the known ones."""
    for name in names:
        if name not in known:
            nearest = _nearest(name, list(known))
            yield f"{key}.{name}: found no {what}, expected one of {', '.join(known)}{nearest}"


class DeliverySettings(Section):
    """CloudFront."""

    price_class: PriceClass = "PriceClass_100"
    """Which edge locations serve the videos."""
    signed: bool = True
    """Give videos to viewers with signed cookies only."""
    signing_keys: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")], ...], Field(min_length=1)] = (
        "key-1",
    )
    """Names of key pairs that CloudFront trusts, oldest first; the last one signs. To rotate, add a name, and take the
    oldest away when the cookies that it signed have expired."""
    origin_shield_region: Annotated[str, Field(pattern=r"^[a-z]{2}-[a-z]+-[0-9]$")] | None = None
    """Region of CloudFront's Origin Shield, the one nearest to the stack of those that have it; without it every edge
    fetches from the bucket by itself. A request through it has a price of its own."""
    access_logs: bool = False
    """Whether every request to CloudFront is logged to a bucket; the viewers' addresses are personal data."""
    access_log_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Age at which access logs are deleted [day]."""
    domain: Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$")] | None = None
    """Host name of the stack; none is served under CloudFront's."""
    hosted_zone_id: Annotated[str, Field(pattern=r"^Z[A-Z0-9]{1,31}$")] | None = None
    """Hosted zone of Route 53, there already, in which the host name and the proof of its certificate are written."""
    session_minutes: Annotated[int, Field(ge=5, le=1440)] = 120
    """How long a viewer's cookies for one video are valid [minute]."""
    anonymous_viewers: bool = False
    """Whether who is not signed in gets cookies for published videos, too: for sites that search engines and shared
    links lead to. Their age is not known then."""

    def faults(self) -> Iterator[str]:
        """A key twice, which would be one resource; a host name without its zone, or a zone without a name."""
        if len(set(self.signing_keys)) < len(self.signing_keys):
            yield f"signingKeys: found a name twice in {list(self.signing_keys)}, expected each once"
        if self.domain and not self.hosted_zone_id:
            yield "hostedZoneId: found none, expected the zone that the domain is written to"
        if self.hosted_zone_id and not self.domain:
            yield "domain: found none, expected a host name, since hostedZoneId is set"


class NetworkSettings(Section):
    """The private network."""

    vpc_cidr: str = "10.20.0.0/16"
    """Address range, /16 to /22."""
    availability_zones: Annotated[int, Field(ge=2, le=3)] = 2
    """Zones that the API runs in; a load balancer needs two."""
    nat: Literal["none", "single", "each-zone"] = "none"
    """Way of the containers to the internet. AWS services are reached without one, through endpoints. A NAT gateway
    costs about 33 USD a month and 0.045 USD a GB (us-east-1, 2026); "each-zone" survives the loss of a zone."""
    flow_log: bool = False
    """Whether refused connections are logged; billed by the GB, and few in a network that nobody reaches."""

    @property
    def nat_gateways(self) -> int:
        """How many NAT gateways there are."""
        return {"none": 0, "single": 1, "each-zone": self.availability_zones}[self.nat]

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
    spot_percent: Annotated[int, Field(ge=0, le=100)] = 0
    """Share of the tasks above minTasks that runs on Fargate Spot [%]: about 70 % cheaper, and AWS may take them away
    with two minutes' notice."""
    requests_per_task: Annotated[int, Field(ge=1)] = 3000
    """Requests per task that autoscaling aims at [request per minute]."""

    def faults(self) -> Iterator[str]:
        """A size that Fargate does not offer, or a range of tasks that is upside down."""
        yield from _task_faults(self.cpu, self.memory_mib, self.min_tasks, self.max_tasks)


class EventsSettings(Section):
    """The platform's own event bus."""

    archive_days: Annotated[int, Field(ge=1, le=365)] = 7
    """Age at which archived events can no longer be replayed [day]."""


class IdentitySettings(Section):
    """Users: the Cognito pool."""

    tier: Literal["LITE", "ESSENTIALS", "PLUS"] = "LITE"
    """Feature plan of the pool. It sets the price of every monthly active user; PLUS adds threat protection."""
    mfa: Literal["OFF", "OPTIONAL", "ON"] = "OPTIONAL"
    """Second factor by authenticator app."""
    minimum_age: Annotated[int, Field(ge=13, le=21)] = 13
    """Sign-ups below this age are refused [year]; the law of some countries asks for more than 13."""


LIVE_REGIONS = (
    *("ap-northeast-1", "ap-northeast-2", "ap-south-1", "eu-central-1", "eu-west-1"),
    *("us-east-1", "us-west-2"),
)
"""Where Amazon IVS and its chat are offered. Source: AWS General Reference, "Amazon Interactive Video Service endpoints
and quotas", checked 2026-11-22."""


class LiveSettings(Section):
    """Live streams with chat and gifts."""

    enabled: bool = False
    """Recording and chat for live streams; channels are made by the API, one a creator. Gifts are there either way."""
    channel_type: Literal["BASIC", "STANDARD", "ADVANCED_SD", "ADVANCED_HD"] = "BASIC"
    """Kind of IVS channel: BASIC passes the picture on as it comes; the others transcode it, for a higher price."""
    latency: Literal["LOW", "NORMAL"] = "LOW"
    """LOW is under five seconds from camera to viewer, for gifts that a streamer can answer."""
    record: bool = True
    """Whether streams are recorded and go through the same pipeline as uploads."""
    diamonds_per_100_coins: Annotated[int, Field(ge=0, le=100)] = 50
    """What a creator is credited for 100 coins of gifts [diamond]."""


class ShopSettings(Section):
    """Orders of the shop."""

    enabled: bool = True
    """Whether there is a table of orders and a queue for the webhooks of payment and shipping providers."""
    webhook_providers: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")], ...], Field(min_length=1)
    ] = ("payment", "shipping")
    """Who sends webhooks, to ``/webhooks/<name>``, signed as the Standard Webhooks specification says. Each has a
    secret of its own, which somebody has to write after the first deployment."""
    webhooks_per_second: Annotated[int, Field(ge=1, le=5000)] = 50
    """Webhooks of all providers together that are taken; more are refused and come again [request per second]."""

    def faults(self) -> Iterator[str]:
        """A provider twice: both would be the same secret."""
        if len(set(self.webhook_providers)) < len(self.webhook_providers):
            yield f"webhookProviders: found a name twice in {list(self.webhook_providers)}, expected each once"


class AnalyticsSettings(Section):
    """What viewers do, as Parquet in S3, to be asked with SQL."""

    enabled: bool = False
    """Whether interactions are collected."""
    source: Literal["direct", "stream"] = "direct"
    """How interactions reach Firehose: put directly, or through a Kinesis stream that others can read, too; the stream
    is billed by the hour and by GB, and recommendation needs it."""
    retention_days: Annotated[int, Field(ge=1, le=3650)] = 395
    """Age at which interactions are deleted [day]."""
    buffer_seconds: Annotated[int, Field(ge=60, le=900)] = 300
    """How long Firehose collects before it writes a file [second]; longer makes fewer, larger files."""
    scan_limit_gb: Annotated[int, Field(ge=1, le=10_000)] = 100
    """Most that one Athena query may read [GB]; it is cancelled beyond, because each GB is billed."""


class RecommendationSettings(Section):
    """The personal feed: candidates from the stream of interactions, ranked by a service of its own."""

    enabled: bool = False
    """Whether candidates are counted and the ranking service runs."""
    image_tag: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$")] = "latest"
    """Tag of the ranking image in its own repository."""
    cpu: int = 512
    """CPU of one ranking task [1/1024 vCPU]."""
    memory_mib: int = 1024
    """Memory of one ranking task [MiB]."""
    min_tasks: Annotated[int, Field(ge=1, le=5000)] = 1
    """Ranking tasks that always run."""
    max_tasks: Annotated[int, Field(ge=1, le=5000)] = 4
    """Most ranking tasks that autoscaling may start."""
    weights: Mapping[str, float] = Field(
        default={"view": 1, "like": 3, "comment": 4, "share": 5, "follow": 8, "skip": -1, "report": -20}
    )
    """What each kind of interaction adds to the score of a video."""
    candidate_days: Annotated[int, Field(ge=1, le=365)] = 14
    """Age at which an untouched candidate leaves the pool [day]."""

    def faults(self) -> Iterator[str]:
        """A size that Fargate does not offer, or a range of tasks that is upside down."""
        yield from _task_faults(self.cpu, self.memory_mib, self.min_tasks, self.max_tasks)


class CacheSettings(Section):
    """A cache in memory, for counters and candidate pools."""

    enabled: bool = False
    """Whether there is one; nodes are billed by the hour."""
    node_type: Annotated[str, Field(pattern=r"^cache\.[a-z0-9]+\.[a-z0-9]+$")] = "cache.t4g.micro"
    """Size of a node; the Graviton families (t4g, m7g, r7g) cost least."""
    replicas: Annotated[int, Field(ge=0, le=5)] = 1
    """Nodes beside the primary one; with at least one, a failed node is replaced without loss of service."""


class ObservabilitySettings(Section):
    """Logs, dashboards and alarms."""

    log_retention_days: int = 30
    """Age at which logs are deleted [day]; one of the values CloudWatch Logs allows."""
    time_to_publish_seconds: Annotated[int, Field(ge=30, le=86_400)] = 600
    """From upload to published, for 95 % of the videos that nobody has to review [second]; more is an alarm."""
    api_latency_ms: Annotated[int, Field(ge=10, le=60_000)] = 500
    """Answer time of the API for 95 % of the requests [ms]; more is an alarm."""
    review_hours: Annotated[int, Field(ge=1, le=168)] = 24
    """How long a held video may wait for a person [h]; more is an alarm."""

    def faults(self) -> Iterator[str]:
        """A retention that CloudWatch Logs does not offer."""
        if self.log_retention_days not in LOG_RETENTION_DAYS:
            days = ", ".join(str(day) for day in LOG_RETENTION_DAYS)
            yield f"logRetentionDays: found {self.log_retention_days}, expected one of {days}"


class GuardrailSettings(Section):
    """What keeps the bill from being a surprise."""

    monthly_budget_usd: Annotated[float, Field(ge=1)] = 200
    """Budget of a calendar month [USD]. People hear of a forecast of 80 %, and at 100 % spent the kill switch acts."""
    kill_switch: bool = True
    """Whether transcoding is paused when the budget is spent: uploads wait, viewers notice nothing, people resume."""
    alert_emails: tuple[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")], ...] = ()
    """Who gets alarms and budget messages by mail; AWS asks each one to confirm."""
    anomaly_usd: Annotated[float, Field(gt=0)] | None = None
    """Smallest unusual spending that is worth a message [USD]; none has no anomaly monitor."""
    cost_tags_active: bool = False
    """Whether the bill is split by tags: the budget then counts this stack only, else the whole account. AWS knows tags
    about a day after the first deployment, so turn it on then."""

    def faults(self) -> Iterator[str]:
        """An address twice: both would be the same resource."""
        if len(set(self.alert_emails)) < len(self.alert_emails):
            yield f"alertEmails: found an address twice in {list(self.alert_emails)}, expected each once"


class AuditSettings(Section):
    """Who did what in the account, and what looks like an attack."""

    trail: bool = False
    """Whether CloudTrail writes every management event to a bucket of its own; an account's first trail is free."""
    data_events: bool = False
    """Whether writes to the media buckets are recorded, too; billed by the event, and there are millions."""
    retention_days: Annotated[int, Field(ge=90, le=3650)] = 400
    """Age at which audit records are deleted [day]."""
    threat_detection: bool = False
    """Whether GuardDuty watches, and people hear of its findings, of the root user and of AWS Health. A region of an
    account has one detector: turn it on in one stack only."""
    finding_severity: Annotated[float, Field(ge=1, le=10)] = 7
    """From which severity on people hear of a finding of GuardDuty: 4 is medium, 7 is high, 9 is critical."""
    access_analyzer: bool = False
    """Whether IAM Access Analyzer reports what is open to other accounts; free for this kind."""

    def faults(self) -> Iterator[str]:
        """Data events that no trail would record."""
        if self.data_events and not self.trail:
            yield "dataEvents: found true, expected false, or trail: true (a trail records them)"


class BackupSettings(Section):
    """Copies of the tables beside their own point-in-time recovery."""

    enabled: bool = False
    """Whether AWS Backup copies every table each night to a vault; survives a deleted table."""
    retention_days: Annotated[int, Field(ge=7, le=3650)] = 35
    """Age at which a nightly copy is deleted [day]."""


class FirewallSettings(Section):
    """AWS WAF in front of CloudFront."""

    enabled: bool = False
    """Whether requests pass a web ACL; billed by the rule and by the request, of which media has many."""
    api_requests_per_5_minutes: Annotated[int, Field(ge=10, le=2_000_000_000)] = 2000
    """Most API requests of one address in five minutes; more are refused."""
    media_requests_per_5_minutes: Annotated[int, Field(ge=10, le=2_000_000_000)] = 20_000
    """Most media requests of one address in five minutes; many phones share one address of a mobile network."""


class Settings(Section):
    """One stack, as its owner wants it."""

    profile: Profile = "dev"
    """How careful: dev is the cheapest that works end to end, prod is protected and highly available."""
    size: Size = "10k"
    """How many monthly users the capacities are made for."""
    cell: CellSettings = CellSettings()
    """Data residency."""
    storage: StorageSettings = StorageSettings()
    """Buckets and the table of videos."""
    upload: UploadSettings = UploadSettings()
    """What users may upload."""
    transcoding: TranscodingSettings = TranscodingSettings()
    """Renditions of a video."""
    moderation: ModerationSettings = ModerationSettings()
    """The gate before publishing."""
    delivery: DeliverySettings = DeliverySettings()
    """CloudFront."""
    network: NetworkSettings = NetworkSettings()
    """The private network."""
    api: ApiSettings = ApiSettings()
    """The API service on Fargate."""
    events: EventsSettings = EventsSettings()
    """The platform's own event bus."""
    identity: IdentitySettings = IdentitySettings()
    """Users: the Cognito pool."""
    live: LiveSettings = LiveSettings()
    """Live streams with chat and gifts."""
    shop: ShopSettings = ShopSettings()
    """Orders of the shop."""
    analytics: AnalyticsSettings = AnalyticsSettings()
    """What viewers do, as Parquet in S3."""
    recommendation: RecommendationSettings = RecommendationSettings()
    """The personal feed."""
    cache: CacheSettings = CacheSettings()
    """A cache in memory."""
    observability: ObservabilitySettings = ObservabilitySettings()
    """Logs, dashboards and alarms."""
    guardrails: GuardrailSettings = GuardrailSettings()
    """What keeps the bill from being a surprise."""
    audit: AuditSettings = AuditSettings()
    """Who did what in the account."""
    backup: BackupSettings = BackupSettings()
    """Copies of the tables."""
    firewall: FirewallSettings = FirewallSettings()
    """AWS WAF in front of CloudFront."""

    def faults(self) -> Iterator[str]:
        """A capability that another one, which is off, would feed."""
        streaming = self.analytics.enabled and self.analytics.source == "stream"
        if self.transcoding.earned_codecs and not streaming:
            yield (
                f"transcoding.earnedCodecs: found {', '.join(self.transcoding.earned_codecs)}, expected none, or"
                " analytics.enabled with analytics.source stream (views are counted from the stream of interactions)"
            )
        if self.recommendation.enabled and not streaming:
            yield (
                "recommendation.enabled: found true, expected false, or analytics.enabled with analytics.source stream"
                " (candidates are counted from the stream of interactions)"
            )


def config_values(project: str) -> dict[str, str]:
    """Every configuration value of the project's own namespace, as the engine passes it: text, structures as JSON.

    ``pulumi.Config`` answers only for keys one asks for, so a misspelt key would go unnoticed.
    """
    prefix = f"{project}:"
    values = {**get_config_env(), **CONFIG.get()}
    return {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)}


def load_settings(values: Mapping[str, str], region: str | None = None) -> Settings:
    """Settings of a stack.

    Args:
        values: key -> text, as ``config_values`` gives them.
        region: AWS region of the stack; None does not hold it against the residency of the cell, nor against what is
            offered there.

    Raises:
        SettingsError: one line per fault, each under the key as written in the stack file.
    """
    written = {key: _parsed(value) for key, value in values.items()}
    profile = PROFILES.get(str(written.get("profile", "dev")), {})
    size = SIZES.get(str(written.get("size", "10k")), {})
    whole = merged(profile, size, written)
    outside = [*_outside(whole, region), *_not_offered(whole, region)]
    try:
        settings = Settings.model_validate(whole)
    except ValidationError as error:
        raise SettingsError([*_fault_lines(error), *outside]) from None
    if outside:
        raise SettingsError(outside)
    return settings


def _outside(written: Mapping[str, Any], region: str | None) -> Iterator[str]:
    """Regions outside of the cell's residency; whatever is no section at all is another fault."""
    sections = (written.get(name) for name in ("cell", "storage", "delivery"))
    cell, storage, delivery = (one if isinstance(one, Mapping) else {} for one in sections)
    used = {
        "aws:region": region,
        "reelplan:storage.replicaRegion": storage.get("replicaRegion"),
        "reelplan:delivery.originShieldRegion": delivery.get("originShieldRegion"),
    }
    yield from region_faults(cell.get("residency"), used)


def _not_offered(written: Mapping[str, Any], region: str | None) -> Iterator[str]:
    """Capabilities that AWS does not have in the stack's region."""
    live = written.get("live")
    if region and region not in LIVE_REGIONS and isinstance(live, Mapping) and live.get("enabled") is True:
        offered = ", ".join(LIVE_REGIONS)
        yield f"reelplan:live.enabled: found true in {region}, expected false, or a region with Amazon IVS: {offered}"


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
    section: Any = Settings
    for part in path:
        if get_origin(section) is Mapping:
            section = get_args(section)[-1]
        else:
            section = next(field.annotation for field in section.model_fields.values() if field.alias == part)
    return [field.alias or name for name, field in section.model_fields.items()]


def _nearest(name: str, known: Mapping[str, object] | list[str]) -> str:
    match = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {match[0]}?)" if match else ""
