"""Where a scenario states an amount or names the assumption that gives it, and in what unit.

One table for the checks of a scenario file, for the editors' schema of what fits, and for the stages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from costmodel.yamlfile import Document, KeyPath

SALARY_UNIT = "USD/year"
RATE_UNIT = "USD/1000 qualified views"

ANY = "*"
"""Stands for every key of a mapping: a geography, a role."""

AMOUNTS: Mapping[KeyPath, str] = {
    ("geographies", ANY, "growth", "advertising", "usd_per_install"): "USD/install",
    ("geographies", ANY, "growth", "advertising", "share_of_installs"): "share of installs",
    ("people", "roles", ANY, "salary_usd_per_year"): SALARY_UNIT,
    ("people", "roles", ANY, "usd_per_hour"): "USD/hour",
    ("people", "equity_to_cash_pay"): "USD/USD salary",
    ("compliance", "residency", ANY, "usd_per_user_moved"): "USD/MAU moved",
    ("compliance", "residency", ANY, "usd_per_user_year"): "USD/MAU/year of residency",
    ("first_version", "people"): "people",
    ("first_version", "months"): "months",
    ("first_version", "usd_per_hour"): "USD/hour",
    ("drama", "usd_per_series"): "USD/series",
    ("drama", "audience_share"): "share of MAU",
    ("drama", "subscriber_share_of_payers"): "share of payers",
    ("drama", "drama_pass", "usd_per_month"): "USD/pass/month",
    ("drama", "usd_per_1000_impressions", ANY): "USD/1000 impressions",
    ("drama", "promotion_to_revenue"): "USD/USD",
    ("advertising", "in_feed", ANY, "usd_per_1000_impressions"): "USD/1000 impressions",
    ("advertising", "in_feed", ANY, "load"): "share of views",
    ("advertising", "in_feed", ANY, "fill"): "share of ads offered",
    ("advertising", "in_feed", ANY, "value_index"): "ratio of view values",
    ("advertising", "topview", ANY, "sold_share_of_days"): "share of days",
    ("advertising", "topview", ANY, "usd_per_1000_impressions"): "USD/1000 takeover impressions",
    ("advertising", "hashtag_challenges", "usd_per_campaign"): "USD/campaign",
    ("advertising", "branded_effects", "usd_per_campaign"): "USD/campaign",
    ("gifts", "markets", ANY, "payer_share"): "share/month",
    ("gifts", "markets", ANY, "usd_per_payer_month"): "USD/payer/month",
    ("shop", "markets", ANY, "usd_of_goods_per_user_year"): "USD/MAU/year",
    ("shop", "markets", ANY, "fee_share_of_goods"): "share of goods",
    ("shop", "markets", ANY, "refunded_share"): "share of goods sold",
    ("marketplace", "fee_share_of_deals"): "share of deals",
    ("marketplace", "markets", ANY, "sponsored_share_of_views"): "share of all views",
    ("marketplace", "markets", ANY, "usd_per_1000_views"): "USD/1000 sponsored views",
    ("subscriptions", ANY, "subscriber_share"): "share of MAU subscribed",
    ("subscriptions", ANY, "usd_per_month"): "USD/subscriber/month",
    ("payouts", "creator_rewards", "usd_per_1000_qualified_views", ANY): RATE_UNIT,
    ("payouts", "creator_rewards", "eligibility", "minimum_followers"): "follower",
    ("payouts", "creator_rewards", "eligibility", "minimum_video_seconds"): "second",
    ("payouts", "creator_rewards", "eligibility", "minimum_qualified_views"): "qualified view",
    ("payouts", "creator_fund", "usd_per_day"): "USD/day",
    ("payouts", "ad_pool", "creator_share"): "share of creator pool",
    ("payouts", "ad_pool", "share_of_views_with_one_track"): "share of views by tracks",
    ("payouts", "ad_pool", "share_of_views_with_two_tracks"): "share of views by tracks",
    ("payouts", "ad_pool", "minimum_followers"): "follower",
    ("payouts", "premium_ads", "share_of_in_feed"): "share of in-feed revenue",
    ("payouts", "premium_ads", "creator_share"): "share of premium ads",
    ("payouts", "daily_bonus", "usd_per_day"): "USD/day",
    ("payouts", "music_licences", "share_of_revenue"): "share of revenue",
    ("payouts", "minimum_usd"): "USD/payee",
}
"""Keys from the root of a scenario -> unit of the amount that may stand there; ``ANY`` matches every name."""


@cache
def unit_of(path: KeyPath) -> str:
    """Unit of the amount at ``path``.

    >>> unit_of(("gifts", "markets", "europe", "payer_share"))
    'share/month'
    """
    return next(unit for pattern, unit in AMOUNTS.items() if matches(pattern, path))


def matches(pattern: KeyPath, path: KeyPath) -> bool:
    """Whether ``path`` is one of the places that ``pattern`` means."""
    return len(pattern) == len(path) and all(wanted in (ANY, key) for wanted, key in zip(pattern, path, strict=True))


def places(document: Document, pattern: KeyPath) -> Iterator[KeyPath]:
    """The paths of a file that a pattern means and that stand in it.

    Args:
        document: the file; parts of another form are passed over.
        pattern: keys from the root, ``ANY`` for every name.
    """
    paths: list[KeyPath] = [()]
    for wanted in pattern:
        paths = [(*path, key) for path in paths for key in document.section(*path) if wanted in (ANY, key)]
    yield from paths
