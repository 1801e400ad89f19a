"""Subscriptions: viewers who pay a creator every month, and users who pay for a feed without advertising."""

from __future__ import annotations

from typing import Literal

import numpy as np

from costmodel.assumptions import Assumption, Assumptions
from costmodel.provenance import provenance
from costmodel.scenario import Scenario
from costmodel.sections.revenue import AdFreeTier, CreatorSubscriptions
from costmodel.tables import CREATOR_SUBSCRIPTIONS, Activity, Array, Charge, Sale

Kind = Literal["creator", "ad_free"]
Section = CreatorSubscriptions | AdFreeTier

SKUS: dict[Kind, str] = {"creator": CREATOR_SUBSCRIPTIONS, "ad_free": "revenue.subscriptions.ad_free"}
PRODUCTS: dict[Kind, str] = {"creator": "subscriptions to creators", "ad_free": "feed without advertising"}


def charges(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    """What subscribers of each geography pay; none without subscriptions."""
    return [
        _charge(kind, section, geography, scenario, activity, assumptions)
        for kind, section in _offers(scenario).items()
        for geography in activity.geographies
    ]


def sales(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Sale]:
    """Subscriptions at each till; a month is paid and used in the same month."""
    on_web = assumptions["iap.web_purchase_share"] if _offers(scenario) else 0.0
    lines = []
    for kind, section in _offers(scenario).items():
        paying = _subscribers(kind, section, scenario, activity, assumptions).sum(axis=-2)
        earned = paying * _price(kind, section, scenario, assumptions).value * (1 - assumptions["iap.refunded_share"])
        nothing = np.zeros_like(paying)
        lines += [
            Sale(PRODUCTS[kind], "store", earned * (1 - on_web), paying * (1 - on_web), nothing),
            Sale(PRODUCTS[kind], "web", earned * on_web, paying * on_web, nothing),
        ]
    return lines


def views_with_ads(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> Array:
    """Views of users who have not paid for a feed without advertising [view], shape (..., geography, month).

    Those who pay are counted as watching like everyone else; in truth they watch more.
    """
    tier = _offers(scenario).get("ad_free")
    if tier is None:
        return activity.monthly_views
    share = _share("ad_free", tier, scenario, assumptions)
    return activity.monthly_views * (1 - share.value * tier.running(activity.timeline))


def _offers(scenario: Scenario) -> dict[Kind, Section]:
    """The subscriptions that there are."""
    if scenario.subscriptions is None:
        return {}
    offers: dict[Kind, Section | None] = {
        "creator": scenario.subscriptions.creator,
        "ad_free": scenario.subscriptions.ad_free,
    }
    return {kind: section for kind, section in offers.items() if section is not None}


def _share(kind: Kind, section: Section, scenario: Scenario, assumptions: Assumptions) -> Assumption:
    return scenario.amount(section.subscriber_share, ("subscriptions", kind, "subscriber_share"), assumptions)


def _price(kind: Kind, section: Section, scenario: Scenario, assumptions: Assumptions) -> Assumption:
    return scenario.amount(section.usd_per_month, ("subscriptions", kind, "usd_per_month"), assumptions)


def _subscribers(
    kind: Kind, section: Section, scenario: Scenario, activity: Activity, assumptions: Assumptions
) -> Array:
    share = _share(kind, section, scenario, assumptions).value
    return activity.monthly_active_users * share * section.running(activity.timeline)


def _charge(
    kind: Kind, section: Section, geography: str, scenario: Scenario, activity: Activity, assumptions: Assumptions
) -> Charge:
    share = _share(kind, section, scenario, assumptions)
    price = _price(kind, section, scenario, assumptions)
    refunded = assumptions.entry("iap.refunded_share")
    paying = _subscribers(kind, section, scenario, activity, assumptions)
    return Charge(
        category="Subscriptions",
        service_name="Subscriptions",
        sku_id=SKUS[kind],
        description=f"{PRODUCTS[kind]}, {geography.replace('_', ' ')}",
        region_id=geography,
        resource_urn="",
        quantity=paying[..., activity.geographies.index(geography), :] * (1 - refunded.value),
        unit="subscriber-month",
        unit_price=np.asarray(price.value),
        driver="monthly users x share who subscribe x (1 - refunds)",
        usage_based=True,
        **provenance(price, share, refunded),
    )
