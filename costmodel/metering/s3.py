"""Amazon S3: what lies in each bucket, under its own lifecycle rules, and the requests that put and fetch it.

What is written comes in kinds (segments, posters, originals), each with a flow of objects and GB a month. Lifecycle
rules say in which class a kind is at which age; ``residence`` turns flow and age into what is there in each month.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering import events, interactions, moderation
from costmodel.metering.cloudfront import DISTRIBUTION, origin_fetches, origin_gb, serves_media, viewer_requests
from costmodel.metering.context import (
    BYTES_PER_BILLED_GB,
    Context,
    Factors,
    Finding,
    Gap,
    everywhere,
    literal_mapping,
    product,
)
from costmodel.metering.delivery import share_watched_between
from costmodel.metering.files import Files, files_of_recording, files_of_upload
from costmodel.metering.ladder import NO_LADDER, Ladder
from costmodel.metering.lifecycle import (
    ARCHIVES,
    CLASSES,
    INTELLIGENT,
    STANDARD,
    Lifecycle,
    Stay,
    expires,
    lifecycle_of,
    smallest_bytes,
    stays,
)
from costmodel.metering.popularity import earned_codecs
from costmodel.metering.residence import surviving_share
from costmodel.tables import Array
from costmodel.units import BITS_PER_BYTE, BYTES_PER_KB, BYTES_PER_KIB, BYTES_PER_MB, SECONDS_PER_HOUR

__all__ = ["BUCKET", "CLASSES", "STANDARD", "bucket", "storage_sku"]

BUCKET = "aws:s3/bucket:Bucket"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
ROLE_TAG = "reelplan:role"
USAGE_KEYS = ("storage_gb", "monthly_put_requests", "monthly_get_requests")

RAW_PREFIX, RECORDINGS_PREFIX = "raw/", "ivs/"
REVIEW_PREFIX, PUBLISHED_PREFIX = "review/", "v/"
"""Parts of the buckets, as the stack lays them out (docs/architecture.md): what waits, and what viewers may get."""

BITS_PER_MBIT = 10**6
LISTS_PER_VIDEO = 2
"""The moderate and the publish function each ask once what there is; a LIST is priced like a PUT."""
RETRIEVED_CLASSES = frozenset({"standard_ia", "onezone_ia", "glacier_instant"})
"""Classes from which reading a GB costs; from the archives nothing is read without restoring it."""


@dataclass(frozen=True)
class Kind:
    """Objects of one kind that come into a bucket."""

    name: str
    monthly_objects: Array
    """[object], shape (..., month)."""
    monthly_gb: Array
    """[GB as billed], shape (..., month)."""
    mean_bytes: float
    """Of one object; infinite for what is never small."""
    deleted_share: float = 0.0
    """Share that users delete within seven months."""

    def billed_gb(self, storage_class: str, context: Context) -> Array:
        """[GB] as a class bills them: in the infrequent-access classes a small object counts as 128 KB."""
        if storage_class in {STANDARD, INTELLIGENT}:
            return self.monthly_gb
        if storage_class in ARCHIVES:
            return self.monthly_gb + self.monthly_objects * _kb(context, "rule.archive_metadata_kb")
        smallest = smallest_bytes(context)
        if self.mean_bytes >= smallest:
            return self.monthly_gb
        return self.monthly_objects * smallest / BYTES_PER_BILLED_GB


def _kb(context: Context, rule: str) -> float:
    """A size among the billing rules [GB as billed]."""
    return context.rules.rule("S3", rule) * BYTES_PER_KIB / BYTES_PER_BILLED_GB


def bucket(resource: Resource, context: Context) -> Iterable[Finding]:
    """A bucket in the role that its tag names."""
    role = str(resource.tags.get(ROLE_TAG))
    if role in ("renditions", "renditions-replica") and context.ladder is None:
        yield Gap(NO_LADDER, closed_by=USAGE_KEYS)
    elif role in ROLES:
        yield from ROLES[role](resource, context)
    else:
        reason = f'what the bucket stores is not known (no tag "{ROLE_TAG}" with a role that is modelled)'
        yield Gap(reason, closed_by=USAGE_KEYS)


# --- originals and recordings


def _raw(resource: Resource, context: Context) -> Iterator[Finding]:
    uploads = context.monthly_uploads
    original = Files("originals", 1, context.activity.upload_mb * BYTES_PER_MB)
    yield from _part(resource, context, RAW_PREFIX, [_kind(original, uploads)])
    yield _requests(resource, context, "put", {"uploads": uploads, "1 PUT": 1})
    reads = context.assumptions["eng.s3_reads_per_transcode"]
    yield _requests(resource, context, "get", {"uploads": uploads, "reads of the original per job": reads})
    if context.inventory.of_type(events.RECORDING):
        yield from _recordings(resource, context)


def _recordings(resource: Resource, context: Context) -> Iterator[Finding]:
    """What IVS records: every rendition of a stream, in small files; the encoder reads them once."""
    assumptions = context.assumptions
    hours = everywhere(context.activity.monthly_live_hours_streamed)
    bytes_per_second = assumptions["usage.live_recorded_mbps"] * BITS_PER_MBIT / BITS_PER_BYTE
    files = assumptions["eng.recorded_files_per_hour"]
    recorded = Files("recordings", files, bytes_per_second * SECONDS_PER_HOUR)
    yield from _part(resource, context, RECORDINGS_PREFIX, [_kind(recorded, hours)])
    written: Factors = {"live hours recorded": hours, "files of an hour": files}
    yield _requests(resource, context, "put", written)
    yield _requests(resource, context, "get", {**written, "1 read by the encoder": 1})


# --- renditions


def _renditions(resource: Resource, context: Context) -> Iterator[Finding]:
    assert context.ladder is not None
    written = written_by_jobs(context, context.ladder)
    waits = expires(REVIEW_PREFIX, resource, context)
    if waits:
        frames = _frames(context)
        yield from _part(resource, context, REVIEW_PREFIX, [*written, *frames], "waiting for moderation: ")
        yield from _puts(resource, context, [*written, *frames], "written by jobs")
        if frames:
            looked_at = {"pictures that moderation reads": _sum(kind.monthly_objects for kind in frames)}
            yield _requests(resource, context, "get", looked_at)
        listed = {**events.first_transcodes(context), f"{LISTS_PER_VIDEO} lists of its files": LISTS_PER_VIDEO}
        yield _requests(resource, context, "put", listed)
    published = published_kinds(context, written) if waits else _owned_by_users(context, written)
    prefix = PUBLISHED_PREFIX if waits else ""
    lifecycle = lifecycle_of(resource, context, prefix)
    yield from _stored(resource, context, published, lifecycle, "")
    yield from _puts(resource, context, published if waits else written, "copied to viewers" if waits else "")
    for distribution in context.inventory.referring(resource.urn, DISTRIBUTION):
        if serves_media(distribution, context):
            yield from _fetched(resource, context, context.ladder, distribution, published, lifecycle)
    yield from map(Gap, lifecycle.gaps)


def written_by_jobs(context: Context, ladder: Ladder) -> list[Kind]:
    """What all jobs write in a month: of uploads, of recordings, of codecs that videos earn."""
    kinds = [_kind(f, context.monthly_uploads) for f in files_of_upload(ladder, context.clip, context.assumptions)]
    if context.inventory.of_type(events.RECORDING):
        streams = product(events.recordings(context), context.activity.timeline.count)
        seconds = context.assumptions["usage.live_stream_hours"] * SECONDS_PER_HOUR
        of_stream = files_of_recording(ladder, seconds, context.assumptions)
        kinds += [_named(_kind(f, streams), "of recordings") for f in of_stream]
    for codec in earned_codecs(context):
        earned = product(events.codec_earned(codec, context), context.activity.timeline.count)
        files = files_of_upload(codec.ladder, context.clip, context.assumptions)
        kinds += [_named(_kind(f, earned), f"in {codec.name.upper()}") for f in files]
    return kinds


def published_kinds(context: Context, written: Sequence[Kind]) -> list[Kind]:
    """What viewers may get: the files of the videos that moderation lets through, until their owners delete them."""
    cleared = 1 - context.assumptions["staff.removed_share_uploads"]
    let_through = [
        replace(k, monthly_objects=k.monthly_objects * cleared, monthly_gb=k.monthly_gb * cleared) for k in written
    ]
    return _owned_by_users(context, let_through)


def _owned_by_users(context: Context, kinds: Sequence[Kind]) -> list[Kind]:
    deleted = context.assumptions["usage.video_deleted_share_7m"]
    return [replace(kind, deleted_share=deleted) for kind in kinds]


def _frames(context: Context) -> list[Kind]:
    """Pictures that are taken for moderation."""
    sampling = context.once(moderation.sampling_of)
    if sampling is None:
        return []
    each = context.assumptions["eng.poster_kb"] * BYTES_PER_KB
    count = moderation.frames_of_upload(sampling, context)
    kinds = [_kind(Files("sampled pictures", count, count * each), context.monthly_uploads)]
    if context.inventory.of_type(events.RECORDING):
        count = moderation.frames_of_recording(sampling, context)
        streams = product(events.recordings(context), context.activity.timeline.count)
        kinds.append(_kind(Files("sampled pictures of recordings", count, count * each), streams))
    return kinds


def _puts(resource: Resource, context: Context, kinds: Sequence[Kind], words: str) -> Iterator[Finding]:
    """Writing files; with one flow of uploads the files of a job are told, which explains more."""
    count = _sum(kind.monthly_objects for kind in kinds)
    if words:
        yield _requests(resource, context, "put", {f"files {words}": count})
    else:
        assert context.ladder is not None
        each = sum(f.count for f in files_of_upload(context.ladder, context.clip, context.assumptions))
        told = f"{each:.1f} files per job (segments of every output)"
        yield _requests(resource, context, "put", {"uploads": context.monthly_uploads, told: each})


def _fetched(
    resource: Resource,
    context: Context,
    ladder: Ladder,
    distribution: Resource,
    kinds: Sequence[Kind],
    lifecycle: Lifecycle,
) -> Iterator[Finding]:
    """What the CDN fetches, from the class in which it lies by then: what is old is watched less."""
    fetches = origin_fetches(distribution, context, ladder)
    shares = fetched_shares(kinds, lifecycle, context)
    for storage_class, (of_requests, of_bytes) in shares.items():
        share = {f"share that lies in {storage_class}": of_requests} if len(shares) > 1 else {}
        sku = ("S3", f"req.get.{storage_class}")
        yield context.quantity(resource, sku, "requests", {**fetches, **share}, "Storage")
        if storage_class in RETRIEVED_CLASSES:
            read = {**origin_gb(distribution, context, ladder), f"share of bytes in {storage_class}": of_bytes}
            yield context.quantity(resource, ("S3", f"retrieval.{storage_class}"), "GB", read, "Storage")


def fetched_shares(kinds: Sequence[Kind], lifecycle: Lifecycle, context: Context) -> dict[str, tuple[float, float]]:
    """Share of the CDN's requests, and of its bytes, that each class answers; nothing is read from the archives."""
    objects, gb = _sum(k.monthly_objects for k in kinds).sum(), _sum(k.monthly_gb for k in kinds).sum()
    found: dict[str, tuple[float, float]] = {}
    if not any(stay.storage_class != STANDARD for k in kinds for stay in stays(lifecycle, k.mean_bytes, context)):
        return {STANDARD: (1.0, 1.0)}
    for kind in kinds:
        for stay in stays(lifecycle, kind.mean_bytes, context):
            if stay.storage_class in ARCHIVES:
                continue
            watched = share_watched_between(stay.from_days, stay.until_days, context.assumptions)
            requests, data = found.get(stay.storage_class, (0.0, 0.0))
            found[stay.storage_class] = (
                requests + watched * _ratio(kind.monthly_objects.sum(), objects),
                data + watched * _ratio(kind.monthly_gb.sum(), gb),
            )
    return found


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0


# --- a copy in another region


def _replica(resource: Resource, context: Context) -> Iterator[Finding]:
    """What a replication rule copies here: storage and writing in this region, the way out of the other."""
    assert context.ladder is not None
    found = [
        (config, rule)
        for config in context.inventory.referring(resource.urn, REPLICATION)
        for rule in config.inputs.get("rules") or []
        if literal_mapping(rule).get("status") == "Enabled"
    ]
    sources = [s for config, _ in found for s in context.inventory.referred(config, BUCKET, prop="bucket")]
    if not found or not sources:
        yield Gap("no replication rule of the stack leads to it", closed_by=USAGE_KEYS)
        return
    destination = literal_mapping(literal_mapping(found[0][1]).get("destination"))
    first = CLASSES.get(str(destination.get("storageClass")), STANDARD)
    kinds = published_kinds(context, written_by_jobs(context, context.ladder))
    yield from _part(resource, context, PUBLISHED_PREFIX, kinds, "replicated: ", first)
    copied: Factors = {"files replicated": _sum(kind.monthly_objects for kind in kinds)}
    yield context.quantity(resource, ("S3", f"req.put.{first}"), "requests", copied, "Storage")
    moved: Factors = {"GB replicated": _sum(kind.monthly_gb for kind in kinds)}
    home = sources[0].region
    if home != resource.region:
        sku = ("DataTransfer", f"inter_region.to.{resource.region}")
        yield context.quantity(resource, sku, "GB", moved, "Network", region=home)
    if literal_mapping(destination.get("replicationTime")).get("status") == "Enabled":
        yield context.quantity(resource, ("S3", "replication.rtc_data"), "GB", moved, "Storage", region=home)


# --- what the platform writes about itself


def _interactions(resource: Resource, context: Context) -> Iterator[Finding]:
    """The lake of interactions: few large files."""
    for firehose in context.inventory.of_type(interactions.FIREHOSE):
        files = interactions.monthly_files(firehose, context)
        lake = Kind("interactions", files, interactions.monthly_lake_gb(context), np.inf)
        yield from _part(resource, context, "interactions/", [lake])
        yield _requests(resource, context, "put", {"files of Firehose, by time or by size": files})
        return
    yield Gap("no delivery stream of the stack writes to it", closed_by=USAGE_KEYS)


def _access_logs(resource: Resource, context: Context) -> Iterator[Finding]:
    """Lines of the CDN's requests."""
    distributions = context.inventory.of_type(DISTRIBUTION)
    flows = [flow for found in distributions if (flow := viewer_requests(found, context)) is not None]
    if not flows:
        yield Gap("whose requests are logged is not known", closed_by=USAGE_KEYS)
        return
    lines = product(events.total(flows, context), context.activity.timeline.count)
    gb = lines * context.assumptions["eng.access_log_bytes"] / BYTES_PER_BILLED_GB
    yield from _part(resource, context, "", [Kind("access logs", np.zeros_like(gb), gb, np.inf)])


def _audit(resource: Resource, context: Context) -> Iterator[Finding]:
    """Records of calls of the account."""
    calls = context.assumptions["eng.management_events_per_month"]
    gb = calls * context.assumptions["eng.audit_event_bytes"] / BYTES_PER_BILLED_GB
    flow = np.full(context.activity.timeline.count, 1.0) * gb
    yield from _part(resource, context, "", [Kind("audit records", np.zeros_like(flow), flow, np.inf)])


ROLES: Mapping[str, Callable[[Resource, Context], Iterator[Finding]]] = {
    "access-logs": _access_logs,
    "audit": _audit,
    "interactions": _interactions,
    "raw": _raw,
    "renditions": _renditions,
    "renditions-replica": _replica,
}
"""Role in a bucket's tag -> what lies in it."""


# --- storage by class


def _part(
    resource: Resource, context: Context, prefix: str, kinds: Sequence[Kind], words: str = "", first: str = STANDARD
) -> Iterator[Finding]:
    """What lies under a prefix, with what is not known of its rules."""
    lifecycle = lifecycle_of(resource, context, prefix, first)
    yield from _stored(resource, context, kinds, lifecycle, words)
    yield from map(Gap, lifecycle.gaps)


def _stored(
    resource: Resource, context: Context, kinds: Sequence[Kind], lifecycle: Lifecycle, words: str
) -> Iterator[Finding]:
    """Storage by class, and the moves between classes."""
    named = ", ".join(dict.fromkeys(kind.name for kind in kinds))
    by_class: dict[str, list[tuple[Kind, Stay]]] = defaultdict(list)
    for kind in kinds:
        for stay in stays(lifecycle, kind.mean_bytes, context):
            by_class[stay.storage_class].append((kind, stay))
    for storage_class, held in by_class.items():
        gb = _sum(_held(context, k.billed_gb(storage_class, context), stay, k) for k, stay in held)
        sku = ("S3", f"storage.{storage_sku(storage_class)}")
        told = f"{words}GB of {named} that the rules keep"
        yield context.quantity(resource, sku, "GB-month", {told: gb}, "Storage")
        objects = _sum(_held(context, k.monthly_objects, stay, k) for k, stay in held)
        if storage_class in ARCHIVES:
            gb = objects * _kb(context, "rule.archive_name_kb")
            told = f"{words}names of archived objects"
            yield context.quantity(resource, ("S3", "storage.standard"), "GB-month", {told: gb}, "Storage")
        if storage_class != lifecycle.first:
            moved = _sum(_arriving(context, k, stay) for k, stay in held)
            sku = ("S3", f"lifecycle.into.{storage_class}")
            told = "objects that reach the transition's age"
            yield context.quantity(resource, sku, "requests", {told: moved}, "Storage")
        if storage_class == INTELLIGENT:
            sku, monitored = ("S3", "int.monitoring"), {"objects in Intelligent-Tiering": objects}
            yield context.quantity(resource, sku, "objects-month", monitored, "Storage")


def storage_sku(storage_class: str) -> str:
    """Part of the storage sku that tells the class; Intelligent-Tiering is taken at its dearest tier, the frequent one.

    >>> storage_sku("standard_ia"), storage_sku("int")
    ('standard_ia', 'int.frequent')
    """
    return "int.frequent" if storage_class == INTELLIGENT else storage_class


def _kind(files: Files, monthly: Array) -> Kind:
    """Files of a flow of uploads, hours or jobs."""
    return Kind(files.kind, monthly * files.count, monthly * files.total_gb, files.mean_bytes)


def _named(kind: Kind, words: str) -> Kind:
    return replace(kind, name=f"{kind.name} {words}")


def _requests(resource: Resource, context: Context, verb: str, factors: Factors) -> Finding:
    return context.quantity(resource, ("S3", f"req.{verb}.standard"), "requests", factors, "Storage")


def _sum(parts: Iterable[Array]) -> Array:
    first, *others = parts
    return sum(others, first)


def _held(context: Context, monthly: Array, stay: Stay, kind: Kind) -> Array:
    """What of a monthly flow is in a class, mean of each month, shape (..., month)."""
    return np.asarray(monthly @ context.held(stay.from_days, stay.until_days, kind.deleted_share).T)


def _arriving(context: Context, kind: Kind, stay: Stay) -> Array:
    return _monthly_arrivals(context, kind.monthly_objects, stay.from_days, kind.deleted_share)


def _monthly_arrivals(context: Context, monthly: Array, age_days: float, deleted_share: float) -> Array:
    """What of a monthly flow reaches an age in each month, shape (..., month)."""
    timeline = context.activity.timeline
    survival = surviving_share(np.asarray(age_days), deleted_share)
    ends = np.cumsum(timeline.days)
    starts = ends - timeline.days
    # The flow is even over a month's days: the share of month k that has reached the age at the end of month m.
    reached = np.clip((ends[:, None] - age_days - starts[None, :]) / timeline.days[None, :], 0, 1)
    arriving = np.diff(reached, axis=0, prepend=0)
    return np.asarray(monthly @ arriving.T) * survival
