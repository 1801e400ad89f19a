"""All rules, by the part of the platform that they are about."""

from __future__ import annotations

from infra.policies import compute, delivery, identity, messaging, network, operations, residency, retention, storage
from infra.policies.rule import Rule

RULES: tuple[Rule, ...] = (
    *storage.book.rules,
    *delivery.book.rules,
    *compute.book.rules,
    *network.book.rules,
    *messaging.book.rules,
    *identity.book.rules,
    *operations.book.rules,
    *residency.book.rules,
    *retention.book.rules,
)
