"""Advertising shared with creators: a pool by views after music, and half of what stands beside the best videos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from costmodel.assumptions import Assumption, Assumptions
from costmodel.payouts.eligibility import views_of_creators_with
from costmodel.provenance import provenance
from costmodel.scenario import Scenario
from costmodel.sections.payouts import AdPool
from costmodel.tables import IN_FEED_ADS, Activity, Array, Charge


@dataclass(frozen=True)
class Split:
    """What becomes of a pool of advertising; the rest stays with the platform."""

    music: float
    """Share of the pool for labels and publishers."""
    creators: float
    """Share of the pool for creators."""


def split(one_track: float, two_tracks: float, music_1: float, music_2: float, creator_share: float) -> Split:
    """How a pool is split between music, creators and the platform.

    Args:
        one_track: share of views with one piece of music.
        two_tracks: share of views with two or more.
        music_1: share of the pool of a view that music gets with one track.
        music_2: the same with two.
        creator_share: share of what music leaves that creators get.

    The example: half of the views with one track, a million dollars: music 250,000, creators 337,500.

    >>> split(0.5, 0.0, 1 / 2, 2 / 3, 0.45)
    Split(music=0.25, creators=0.3375)
    """
    music = one_track * music_1 + two_tracks * music_2
    return Split(music=music, creators=(1 - music) * creator_share)


def charges(scenario: Scenario, activity: Activity, income: Sequence[Charge], assumptions: Assumptions) -> list[Charge]:
    """What creators get of the advertising in the feed, by geography; none without such a programme."""
    if scenario.payouts is None:
        return []
    return [
        charge
        for ads in in_feed(income)
        for charge in (
            *_premium(ads, scenario, activity, assumptions),
            *_pool(ads, scenario, activity, assumptions),
        )
    ]


def in_feed(income: Sequence[Charge]) -> list[Charge]:
    """The advertising between the videos, a charge for each geography."""
    return [charge for charge in income if charge.sku_id == IN_FEED_ADS]


def pooled_usd(ads: Charge, scenario: Scenario, activity: Activity, assumptions: Assumptions) -> Array:
    """The part of a geography's advertising that an ad pool shares [USD], shape (..., month); 0 without one.

    It is what premium ads leave, as far as it stands beside videos of creators who are in the programme.
    """
    pool = scenario.payouts.ad_pool if scenario.payouts else None
    if pool is None or ads.region_id not in pool.geographies:
        return np.zeros_like(ads.cost)
    path = ("payouts", "ad_pool", "minimum_followers")
    followers = scenario.amount(pool.minimum_followers, path, assumptions).value
    members = views_of_creators_with(followers, activity, assumptions)
    ordinary = 1 - _premium_share(scenario, activity, assumptions)
    return np.asarray(ads.cost * ordinary * members * pool.running(activity.timeline), dtype=np.float64)


def pool_split(pool: AdPool, scenario: Scenario, assumptions: Assumptions) -> tuple[Split, tuple[Assumption, ...]]:
    """The split of an ad pool, and the assumptions behind it."""
    path = ("payouts", "ad_pool")
    one = scenario.amount(pool.share_of_views_with_one_track, (*path, "share_of_views_with_one_track"), assumptions)
    two = scenario.amount(pool.share_of_views_with_two_tracks, (*path, "share_of_views_with_two_tracks"), assumptions)
    share = scenario.amount(pool.creator_share, (*path, "creator_share"), assumptions)
    of_one = assumptions.entry("payout.shorts_music_share_1track")
    of_two = assumptions.entry("payout.shorts_music_share_2tracks")
    return split(one.value, two.value, of_one.value, of_two.value, share.value), (share, one, two, of_one, of_two)


def _pool(ads: Charge, scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    pool = scenario.payouts.ad_pool if scenario.payouts else None
    if pool is None or ads.region_id not in pool.geographies:
        return []
    shares, sources = pool_split(pool, scenario, assumptions)
    return [
        Charge(
            category="Payouts",
            service_name="Ad revenue share",
            sku_id="payouts.ad_pool",
            description=f"creators' part of advertising, {ads.region_id.replace('_', ' ')}",
            region_id=ads.region_id,
            resource_urn="",
            quantity=pooled_usd(ads, scenario, activity, assumptions),
            unit="USD of ads",
            unit_price=np.asarray(shares.creators),
            driver="in-feed ads x views of creators in the programme, at (1 - music) x creators' share",
            usage_based=True,
            **provenance(*sources),
        )
    ]


def _premium_share(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> Array:
    """Part of the in-feed advertising that is sold as premium ads, shape (month,); 0 without them."""
    premium = scenario.payouts.premium_ads if scenario.payouts else None
    if premium is None:
        return np.zeros(activity.timeline.count)
    path = ("payouts", "premium_ads", "share_of_in_feed")
    return scenario.amount(premium.share_of_in_feed, path, assumptions).value * premium.running(activity.timeline)


def _premium(ads: Charge, scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    premium = scenario.payouts.premium_ads if scenario.payouts else None
    if premium is None:
        return []
    share = scenario.amount(premium.creator_share, ("payouts", "premium_ads", "creator_share"), assumptions)
    return [
        Charge(
            category="Payouts",
            service_name="Premium ads",
            sku_id="payouts.premium_ads",
            description=f"creators' part of ads beside the best videos, {ads.region_id.replace('_', ' ')}",
            region_id=ads.region_id,
            resource_urn="",
            quantity=ads.cost * _premium_share(scenario, activity, assumptions),
            unit="USD of ads",
            unit_price=np.asarray(share.value),
            driver="in-feed ads x part sold beside the best videos",
            usage_based=True,
            **provenance(share),
        )
    ]
