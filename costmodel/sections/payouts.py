"""What creators and rights holders are paid: a section for each programme, and one that is absent is off.

What creators get out of gifts, subscriptions, the shop and brand deals follows from those features and has no switch.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from costmodel.schema import Amount, ClosedModel, Name, Positive
from costmodel.sections.period import Period


class Eligibility(ClosedModel):
    """Whose views count, worked out from how followers, lengths and views are distributed on this platform."""

    minimum_followers: Amount = "payout.min_followers"
    """Followers that a creator needs [follower], or an assumption."""
    minimum_video_seconds: Amount = "payout.min_video_seconds"
    """Length that a video needs [second], or an assumption."""
    minimum_qualified_views: Amount = "payout.min_qualified_before_pay"
    """Qualified views that a video needs before any of them is paid [qualified view], or an assumption."""


class CreatorRewards(Period):
    """Money per qualified view of eligible videos, at a rate that depends on where the viewer is."""

    usd_per_1000_qualified_views: Annotated[dict[Name, Amount], Field(min_length=1)]
    """Geography -> rate [USD/1000 qualified views], or the key of an assumption; absent means not offered there."""
    eligibility: Eligibility | None = None
    """Worked out from distributions; without it the published share of eligible views holds."""
    usd_per_day_at_most: Positive | None = None
    """Budget: beyond it every rate is cut by the same part [USD/day]; without it there is none."""


class CreatorFund(Period):
    """A fixed pool a day that all qualified views share; what 1,000 of them earn is a result."""

    usd_per_day: Amount
    """The pool, paid in full [USD/day], or an assumption."""
    weights: Annotated[dict[Name, Positive], Field(min_length=1)]
    """Geography -> weight of a view from there; absent means that its views earn nothing."""


class AdPool(Period):
    """A part of the advertising in the feed goes to creators by their views, after music, as with YouTube Shorts."""

    geographies: Annotated[list[Name], Field(min_length=1)]
    """Where it is offered."""
    creator_share: Amount = "payout.shorts_creator_share"
    """What creators get of the pool that their views stand for [share of creator pool], or an assumption."""
    share_of_views_with_one_track: Amount = "payout.views_with_one_track"
    """Views on videos with one piece of music [share of views by tracks], or an assumption."""
    share_of_views_with_two_tracks: Amount = "payout.views_with_two_tracks"
    """Views on videos with two or more [share of views by tracks], or an assumption."""
    minimum_followers: Amount = "payout.ad_pool_min_followers"
    """Followers that a creator needs [follower], or an assumption."""


class PremiumAds(Period):
    """Advertising beside the best videos, half of which goes to their creators, as with TikTok Pulse."""

    share_of_in_feed: Amount = "payout.premium_share_of_in_feed"
    """Part of the advertising in the feed that is sold so [share of in-feed revenue], or an assumption."""
    creator_share: Amount = "ads.pulse_revenue_share_creator"
    """What their creators get of it [share of premium ads], or an assumption."""


class DailyBonus(Period):
    """A fixed sum every day for the most watched videos, as Snapchat's Spotlight paid in its first year."""

    usd_per_day: Amount = "payout.spotlight_daily"
    """The sum [USD/day], or an assumption."""


class MusicLicences(Period):
    """What labels and publishers are paid as a part of revenue."""

    share_of_revenue: Amount = "payout.music_license_share_revenue"
    """Their part [share of revenue], or an assumption; advertising that an ad pool shares has paid music already."""


class Payouts(ClosedModel):
    """What creators and rights holders are paid."""

    creator_rewards: CreatorRewards | None = None
    """Rate times qualified views."""
    creator_fund: CreatorFund | None = None
    """A fixed pool a day."""
    ad_pool: AdPool | None = None
    """A share of the advertising in the feed."""
    premium_ads: PremiumAds | None = None
    """Half of the advertising beside the best videos."""
    daily_bonus: DailyBonus | None = None
    """A fixed sum a day for the best videos."""
    music_licences: MusicLicences | None = None
    """A part of revenue for rights holders."""
    minimum_usd: Amount = "payout.minimum_usd"
    """Balance below which nothing is transferred to a creator [USD/payee], or an assumption."""
