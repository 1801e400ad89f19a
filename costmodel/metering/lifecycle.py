"""The lifecycle rules of a bucket: through which storage classes its objects go, and when they are deleted.

Rules may cover a part of the bucket, told by a prefix: the objects of each part (``raw/``, ``review/``, ``v/``) have a
life of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from costmodel.inventory import Resource
from costmodel.metering.context import Context, literal_mapping
from costmodel.metering.residence import NEVER
from costmodel.units import BYTES_PER_KIB

LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"

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
    """What the rules of a bucket do to each object of one of its parts."""

    transitions: tuple[tuple[float, str], ...]
    """(age in days, storage class), ascending."""
    expires_days: float
    moves_small: bool
    """Whether objects under 128 KB are moved to the archive classes too."""
    gaps: tuple[str, ...]
    first: str = STANDARD
    """Storage class in which objects arrive."""


def lifecycle_of(resource: Resource, context: Context, prefix: str = "", first: str = STANDARD) -> Lifecycle:
    """What the side resources of a bucket do to its objects.

    Args:
        resource: the bucket.
        context: where its side resources are.
        prefix: beginning of the keys of the objects that are meant; empty for all.
        first: storage class in which they arrive.
    """
    configurations = context.inventory.referring(resource.urn, LIFECYCLE)
    active = active_rules(resource, context)
    acting = [rule for rule in active if _covers(rule, prefix)]
    unclear = [rule for rule in active if _is_unclear(rule, prefix) and (_moves(rule) or rule.get("expiration"))]
    transitions, unknown = _transitions(acting)
    gaps = [
        f'lifecycle rule "{rule.get("id", "?")}" covers a part of the bucket and is not counted' for rule in unclear
    ]
    gaps += [f"storage class {name} is not metered yet" for name in unknown]
    if any(name == INTELLIGENT for _, name in transitions):
        gaps.append("Intelligent-Tiering is counted at its frequent tier, the dearest it can be")
    if any(name in ARCHIVES for _, name in transitions):
        gaps.append("what lies in an archive class cannot be watched: restoring it is not counted")
    size = {c.inputs.get("transitionDefaultMinimumObjectSize") for c in configurations}
    return Lifecycle(
        transitions=tuple(transitions),
        expires_days=_expiry_days(acting, _is_versioned(resource, context)),
        moves_small="varies_by_storage_class" in size,
        gaps=tuple(gaps),
        first=first,
    )


def active_rules(resource: Resource, context: Context) -> list[dict[str, Any]]:
    """Rules of a bucket that are switched on."""
    configurations = context.inventory.referring(resource.urn, LIFECYCLE)
    rules = [rule for configuration in configurations for rule in configuration.inputs.get("rules") or []]
    return [rule for rule in rules if isinstance(rule, dict) and rule.get("status") == "Enabled"]


def prefix_of(rule: Mapping[str, Any]) -> str:
    """Beginning of the keys that a rule is for; empty when it is for all."""
    return str(literal_mapping(rule.get("filter")).get("prefix") or rule.get("prefix") or "")


def expires(prefix: str, resource: Resource, context: Context) -> bool:
    """Whether a rule deletes exactly the objects of a prefix."""
    return any(rule.get("expiration") and prefix_of(rule) == prefix for rule in active_rules(resource, context))


def _covers(rule: Mapping[str, Any], prefix: str) -> bool:
    return not _picks_otherwise(rule) and prefix.startswith(prefix_of(rule))


def _is_unclear(rule: Mapping[str, Any], prefix: str) -> bool:
    """Whether a rule is for some of the objects that are meant, and it is not known for which."""
    own = prefix_of(rule)
    return (own != prefix and own.startswith(prefix)) or (_picks_otherwise(rule) and prefix.startswith(own))


def _picks_otherwise(rule: Mapping[str, Any]) -> bool:
    """Whether a rule picks objects by a tag or by size."""
    condition = literal_mapping(rule.get("filter"))
    return any(value for key, value in condition.items() if key != "prefix")


def _moves(rule: Mapping[str, Any]) -> bool:
    return bool(rule.get("transitions"))


def _transitions(rules: list[dict[str, Any]]) -> tuple[list[tuple[float, str]], list[str]]:
    steps = [step for rule in rules for step in rule.get("transitions") or []]
    known = [(float(s.get("days") or 0), CLASSES[s["storageClass"]]) for s in steps if s.get("storageClass") in CLASSES]
    return sorted(known), [str(s.get("storageClass")) for s in steps if s.get("storageClass") not in CLASSES]


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


# --- what becomes of one object


def stays(lifecycle: Lifecycle, mean_bytes: float, context: Context) -> list[Stay]:
    """The classes that an object of such a size passes through; the shortest billed time of a class is counted."""
    small = bool(lifecycle.transitions) and mean_bytes < smallest_bytes(context)
    moves = [
        (age, name)
        for age, name in lifecycle.transitions
        if age < lifecycle.expires_days and not (small and not (lifecycle.moves_small and name in ARCHIVES))
    ]
    starts = [(0.0, lifecycle.first), *moves]
    ends = [age for age, _ in moves] + [lifecycle.expires_days]
    return [
        Stay(name, start, max(end, start + _minimum_days(name, context)))
        for (start, name), end in zip(starts, ends, strict=True)
        if end > start
    ]


def smallest_bytes(context: Context) -> float:
    """Size that a smaller object counts as in the infrequent-access classes, and below which it is not moved there."""
    return context.rules.rule("S3", "rule.min_object_size_kb") * BYTES_PER_KIB


def _minimum_days(storage_class: str, context: Context) -> float:
    if storage_class not in MINIMUM_DAYS_CLASSES:
        return 0.0
    return context.rules.rule("S3", f"rule.min_days.{storage_class}")
