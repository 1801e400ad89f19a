"""How long the stack keeps what it holds: every store says so here, and is held to it.

A store is known by its role (tag ``<project>:role``) or, where it has none, by its type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from infra.policies.rule import Rulebook
from infra.policies.stack import Resource, Stack, many

BUCKET = "aws:s3/bucket:Bucket"
TABLE = "aws:dynamodb/table:Table"
POOL = "aws:cognito/userPool:UserPool"
ARCHIVE = "aws:cloudwatch/eventArchive:EventArchive"
PLAN = "aws:backup/plan:Plan"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
FUNCTION = "aws:lambda/function:Function"
ERASERS = ("erase", "erase-account")
"""Functions that erase."""

Proof = Callable[[Resource, Stack], str]
"""What is wrong with a store that should end so; empty when it does."""


@dataclass(frozen=True)
class Retention:
    """When what is in a store ends."""

    kept: str
    """For people, as a clause: "for 30 days"."""
    proof: Proof | None
    """None where the law, not the stack, says when."""


def _expires(store: Resource, stack: Stack) -> str:
    rules = [rule for one in stack.about(store, LIFECYCLE, prop="bucket") for rule in many(one.get("rules"))]
    whole = [rule for rule in rules if not (rule.get("filter") or {}).get("prefix")]
    return "" if any((rule.get("expiration") or {}).get("days") for rule in whole) else "nothing in it expires"


def _ages_out(store: Resource, stack: Stack) -> str:
    return "" if store.is_on("ttl.enabled") else "its items do not expire (ttl)"


def _is_erased(store: Resource, stack: Stack) -> str:
    erasers = [one for one in stack.about(store, FUNCTION, prop="environment") if one.name in ERASERS]
    return "" if erasers else f"neither {' nor '.join(ERASERS)} knows it"


BY_ROLE: Mapping[str, Retention] = {
    "access-logs": Retention("until they expire (delivery.accessLogDays)", _expires),
    "audit": Retention("until they expire (audit.retentionDays)", _expires),
    "candidates": Retention("until nobody has watched the video for a while (recommendation.candidateDays)", _ages_out),
    "feed": Retention("until video or account are erased; timelines age out", _is_erased),
    "gifts": Retention("as long as the law wants books kept; an erased account leaves an id that names nobody", None),
    "interactions": Retention("under a pseudonym until they expire (analytics.retentionDays)", _expires),
    "orders": Retention("as long as the law wants books kept; an erased account leaves an id that names nobody", None),
    "raw": Retention("until they expire (storage.rawRetentionDays) or are erased", _expires),
    "renditions": Retention("until the video is erased; what waits expires (storage.reviewDays)", _is_erased),
    "renditions-replica": Retention("until the video is erased", _is_erased),
    "videos": Retention("until the video is erased; counts of views age out", _is_erased),
}
"""Role of a bucket or table -> how long it keeps what it holds."""

BY_TYPE: Mapping[str, Retention] = {
    ARCHIVE: Retention(
        "until events cannot be replayed any more (events.archiveDays)",
        lambda store, stack: "" if store.get("retentionDays") else "retentionDays is not set: events are kept for ever",
    ),
    PLAN: Retention(
        "until the copy is deleted (backup.retentionDays)",
        lambda store, stack: (
            ""
            if all((rule.get("lifecycle") or {}).get("deleteAfter") for rule in many(store.get("rules")))
            else "copies are not deleted (lifecycle.deleteAfter)"
        ),
    ),
    POOL: Retention("until the account is erased", _is_erased),
}
"""Type of a store without role -> the same."""

book = Rulebook()


@book.own("RP.21", "high", "What holds data says how long it keeps them, and keeps to it", BUCKET, TABLE, *BY_TYPE)
def _kept_as_said(store: Resource, stack: Stack) -> Iterator[str]:
    role = store.get("tags", {}).get(f"{stack.project}:role", "")
    said = BY_TYPE.get(store.type) or BY_ROLE.get(role)
    if said is None:
        yield f"role {role or 'none'} says not how long it keeps data (BY_ROLE in infra/policies/retention.py)"
    elif said.proof and (fault := said.proof(store, stack)):
        yield f"{fault}, expected: kept {said.kept}"
