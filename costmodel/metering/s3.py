"""Amazon S3: storage under the bucket's own lifecycle rules, requests, transitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering.cloudfront import DISTRIBUTION, origin_fetches, serves_media
from costmodel.metering.context import BYTES_PER_BILLED_GB, Context, Factors, Finding, Gap, literal_mapping
from costmodel.metering.files import Files, files_of_upload
from costmodel.metering.ladder import NO_LADDER
from costmodel.metering.residence import NEVER, surviving_share
from costmodel.tables import Array
from costmodel.units import BYTES_PER_KIB, BYTES_PER_MB

BUCKET = "aws:s3/bucket:Bucket"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
ROLE_TAG = "reelplan:role"

USAGE_KEYS = ("storage_gb", "monthly_put_requests", "monthly_get_requests")

STANDARD = "standard"
INTELLIGENT = "int"
CLASSES = {
    "STANDARD_IA": "standard_ia",
    "ONEZONE_IA": "onezone_ia",
    "INTELLIGENT_TIERING": INTELLIGENT,
    "GLACIER_IR": "glacier_instant",
    "GLACIER": "glacier_flexible",
    "DEEP_ARCHIVE": "glacier_deep_archive",
}
"""Storage class in a lifecycle rule -> its name in the price book's sku keys."""

ARCHIVES = frozenset({"glacier_flexible", "glacier_deep_archive"})
MINIMUM_DAYS_CLASSES = frozenset(CLASSES.values()) - {INTELLIGENT}


@dataclass(frozen=True)
class Stay:
    """An object's time in one storage class."""

    storage_class: str
    from_days: float
    until_days: float


@dataclass(frozen=True)
class Lifecycle:
    """What the rules of a bucket do to each of its objects."""

    transitions: tuple[tuple[float, str], ...]
    """(age in days, storage class), ascending."""
    expires_days: float
    moves_small: bool
    """Whether objects under 128 KB are moved to the archive classes too."""
    gaps: tuple[str, ...]


def bucket(resource: Resource, context: Context) -> Iterable[Finding]:
    """A bucket in the role that its tag names."""
    lifecycle = lifecycle_of(resource, context)
    match resource.tags.get(ROLE_TAG):
        case "raw":
            yield from _raw(resource, context, lifecycle)
        case "renditions" if context.ladder is not None:
            yield from _renditions(resource, context, lifecycle)
        case "renditions":
            yield Gap(NO_LADDER, closed_by=USAGE_KEYS)
            return
        case _:
            reason = f'what the bucket stores is not known (no tag "{ROLE_TAG}" = "raw" or "renditions")'
            yield Gap(reason, closed_by=USAGE_KEYS)
            return
    yield from map(Gap, lifecycle.gaps)


def _raw(resource: Resource, context: Context, lifecycle: Lifecycle) -> Iterator[Finding]:
    original = Files("originals", 1, context.activity.upload_mb * BYTES_PER_MB)
    yield from _stored(resource, context, [original], lifecycle, deleted_share=0.0)
    uploads = context.monthly_uploads
    yield _requests(resource, context, "put", {"uploads": uploads, "1 PUT": 1})
    reads = context.assumptions["eng.s3_reads_per_transcode"]
    yield _requests(resource, context, "get", {"uploads": uploads, "reads of the original per job": reads})


def _renditions(resource: Resource, context: Context, lifecycle: Lifecycle) -> Iterator[Finding]:
    assert context.ladder is not None
    files = files_of_upload(context.ladder, context.clip, context.assumptions)
    deleted = context.assumptions["usage.video_deleted_share_7m"]
    yield from _stored(resource, context, files, lifecycle, deleted)
    count = sum(kind.count for kind in files)
    words = f"{count:.1f} files per job (segments of every output)"
    yield _requests(resource, context, "put", {"uploads": context.monthly_uploads, words: count})
    for distribution in context.inventory.referring(resource.urn, DISTRIBUTION):
        if serves_media(distribution, context):
            yield _requests(resource, context, "get", origin_fetches(distribution, context, context.ladder))


def _requests(resource: Resource, context: Context, verb: str, factors: Factors) -> Finding:
    return context.quantity(resource, ("S3", f"req.{verb}.standard"), "requests", factors, "Storage")


def _stored(
    resource: Resource, context: Context, files: list[Files], lifecycle: Lifecycle, deleted_share: float
) -> Iterator[Finding]:
    """Storage by class, and the moves between classes."""
    kinds = ", ".join(kind.kind for kind in files)
    by_class: dict[str, list[tuple[Files, Stay]]] = defaultdict(list)
    for kind in files:
        for stay in stays(lifecycle, kind, context):
            by_class[stay.storage_class].append((kind, stay))
    for storage_class, held in by_class.items():
        present = [(kind, _monthly_present(context, stay, deleted_share)) for kind, stay in held]
        gb = _sum(uploads * _billed_gb(kind, storage_class, context) for kind, uploads in present)
        sku = ("S3", f"storage.{storage_sku(storage_class)}")
        yield context.quantity(resource, sku, "GB-month", {f"GB of {kinds} that the rules keep": gb}, "Storage")
        if storage_class != STANDARD:
            moved = _sum(_monthly_arrivals(context, stay.from_days, deleted_share) * kind.count for kind, stay in held)
            sku = ("S3", f"lifecycle.into.{storage_class}")
            words = "objects that reach the transition's age"
            yield context.quantity(resource, sku, "requests", {words: moved}, "Storage")
        if storage_class == INTELLIGENT:
            objects = _sum(uploads * kind.count for kind, uploads in present)
            sku = ("S3", "int.monitoring")
            words = "objects in Intelligent-Tiering"
            yield context.quantity(resource, sku, "objects-month", {words: objects}, "Storage")


def storage_sku(storage_class: str) -> str:
    """Part of the storage sku that tells the class; Intelligent-Tiering is taken at its dearest tier, the frequent one.

    >>> storage_sku("standard_ia"), storage_sku("int")
    ('standard_ia', 'int.frequent')
    """
    return "int.frequent" if storage_class == INTELLIGENT else storage_class


def _sum(parts: Iterable[Array]) -> Array:
    first, *others = parts
    return sum(others, first)


def _monthly_present(context: Context, stay: Stay, deleted_share: float) -> Array:
    """Uploads of which the objects are in a class, mean of each month, shape (..., month)."""
    held = context.held(stay.from_days, stay.until_days, deleted_share)
    return np.asarray(context.monthly_uploads @ held.T)


def _billed_gb(kind: Files, storage_class: str, context: Context) -> float:
    """GB per upload; small objects count as 128 KB in the infrequent-access classes."""
    if storage_class in {STANDARD, INTELLIGENT, *ARCHIVES}:
        return kind.total_gb
    return max(kind.mean_bytes, _smallest_bytes(context)) * kind.count / BYTES_PER_BILLED_GB


def _smallest_bytes(context: Context) -> float:
    return context.rules.rule("S3", "rule.min_object_size_kb") * BYTES_PER_KIB


def _monthly_arrivals(context: Context, age_days: float, deleted_share: float) -> Array:
    """Uploads that reach an age in each month, shape (..., month)."""
    timeline = context.activity.timeline
    survival = surviving_share(np.asarray(age_days), deleted_share)
    ends = np.cumsum(timeline.days)
    starts = ends - timeline.days
    # Uploads are even over a month's days: the share of month k that has reached the age at the end of month m.
    reached = np.clip((ends[:, None] - age_days - starts[None, :]) / timeline.days[None, :], 0, 1)
    arriving = np.diff(reached, axis=0, prepend=0)
    return np.asarray(context.monthly_uploads @ arriving.T) * survival


def stays(lifecycle: Lifecycle, kind: Files, context: Context) -> list[Stay]:
    """The classes that an object of this kind passes through; the shortest billed time of a class is counted."""
    small = bool(lifecycle.transitions) and kind.mean_bytes < _smallest_bytes(context)
    moves = [
        (age, name)
        for age, name in lifecycle.transitions
        if age < lifecycle.expires_days and not (small and not (lifecycle.moves_small and name in ARCHIVES))
    ]
    starts = [(0.0, STANDARD), *moves]
    ends = [age for age, _ in moves] + [lifecycle.expires_days]
    return [
        Stay(name, start, max(end, start + _minimum_days(name, context)))
        for (start, name), end in zip(starts, ends, strict=True)
        if end > start
    ]


def _minimum_days(storage_class: str, context: Context) -> float:
    if storage_class not in MINIMUM_DAYS_CLASSES:
        return 0.0
    return context.rules.rule("S3", f"rule.min_days.{storage_class}")


def lifecycle_of(resource: Resource, context: Context) -> Lifecycle:
    """What the side resources of a bucket do to its objects."""
    configurations = context.inventory.referring(resource.urn, LIFECYCLE)
    rules = [rule for configuration in configurations for rule in configuration.inputs.get("rules") or []]
    active = [rule for rule in rules if isinstance(rule, dict) and rule.get("status") == "Enabled"]
    whole = [rule for rule in active if _covers_all(rule)]
    gaps = [
        f'lifecycle rule "{rule.get("id", "?")}" covers a part of the bucket and is not counted'
        for rule in active
        if rule not in whole and (rule.get("transitions") or rule.get("expiration"))
    ]
    transitions, unknown = _transitions(whole)
    gaps += [f"storage class {name} is not metered yet" for name in unknown]
    if any(name == INTELLIGENT for _, name in transitions):
        gaps.append("Intelligent-Tiering is counted at its frequent tier, the dearest it can be")
    if any(name in ARCHIVES for _, name in transitions):
        gaps.append("archive classes: 40 KB of metadata per object and retrieval are not counted")
    elif any(name != INTELLIGENT for _, name in transitions):
        gaps.append(
            "retrieval from infrequent-access classes is not counted: the age of what is watched is not modelled"
        )
    size = {c.inputs.get("transitionDefaultMinimumObjectSize") for c in configurations}
    return Lifecycle(
        transitions=tuple(transitions),
        expires_days=_expiry_days(whole, _is_versioned(resource, context)),
        moves_small="varies_by_storage_class" in size,
        gaps=tuple(gaps),
    )


def _transitions(rules: list[dict[str, Any]]) -> tuple[list[tuple[float, str]], list[str]]:
    steps = [step for rule in rules for step in rule.get("transitions") or []]
    known = [(float(s.get("days") or 0), CLASSES[s["storageClass"]]) for s in steps if s.get("storageClass") in CLASSES]
    return sorted(known), [str(s.get("storageClass")) for s in steps if s.get("storageClass") not in CLASSES]


def _covers_all(rule: dict[str, Any]) -> bool:
    condition = literal_mapping(rule.get("filter"))
    return not any(condition.values()) and not rule.get("prefix")


def _is_versioned(resource: Resource, context: Context) -> bool:
    return any(
        literal_mapping(versioning.inputs.get("versioningConfiguration")).get("status") == "Enabled"
        for versioning in context.inventory.referring(resource.urn, VERSIONING)
    )


def _expiry_days(rules: list[dict[str, Any]], versioned: bool) -> float:
    """Age at which an object stops being billed; in a versioned bucket expiry only hides it until its versions go."""
    expiry = _earliest(rules, "expiration", "days")
    if not versioned:
        return expiry
    return expiry + _earliest(rules, "noncurrentVersionExpiration", "noncurrentDays")


def _earliest(rules: list[dict[str, Any]], block: str, key: str) -> float:
    days = [literal_mapping(rule.get(block)).get(key) for rule in rules]
    return min((float(value) for value in days if isinstance(value, int | float) and value > 0), default=NEVER)
