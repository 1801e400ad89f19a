"""Amazon Cognito: monthly users of a user pool, by the tier of its features."""

from __future__ import annotations

from collections.abc import Iterable

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Finding, Gap, everywhere

TIERS = {"LITE": "lite", "ESSENTIALS": "essentials", "PLUS": "plus"}
"""Tier of a pool -> its name in the price book's sku keys."""
DEFAULT_TIER = "ESSENTIALS"
"""What a new pool gets when it names none: 2.7 times as dear as LITE, and more. Source: Amazon Cognito API reference,
UserPoolType, UserPoolTier ("Defaults to ESSENTIALS"), checked 2026-11-22."""


def tier_sku(resource: Resource) -> str:
    """Sku key of the tier that a pool declares."""
    declared = resource.inputs.get("userPoolTier") or DEFAULT_TIER
    return f"{TIERS.get(str(declared), TIERS[DEFAULT_TIER])}.mau"


def user_pool(resource: Resource, context: Context) -> Iterable[Finding]:
    """A pool: everybody who signs in, or whose session is renewed, in a month counts once."""
    users = {"monthly active users": everywhere(context.activity.monthly_active_users)}
    yield context.quantity(resource, ("Cognito", tier_sku(resource)), "MAU", users, "Security")
    if resource.inputs.get("smsConfiguration"):
        yield Gap("text messages with codes are not counted: their price depends on country and carrier")
