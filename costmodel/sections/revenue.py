"""How the platform earns money: a section for each stream, and one that is absent is a stream that is off.

Amounts have the key of an assumption as their default, so that ``europe: {}`` is a whole market at published values.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from costmodel.schema import Amount, ClosedModel, Name, NotNegative, Positive
from costmodel.sections.period import Period

Niche = Literal["finance", "tech_business", "ecommerce", "education", "fashion_beauty", "gaming", "entertainment"]
"""Subjects of videos whose views are worth more or less than the mean view."""

Niches = dict[Niche, Positive]


class CpmMarket(ClosedModel):
    """In-feed advertising at a price that is known for the geography: CPM, cost per mille, per 1,000 impressions."""

    priced_by: Literal["cpm"]
    """How a view gets its value: by the price of an impression here, or relative to another geography."""
    usd_per_1000_impressions: Amount
    """Price of 1,000 ads shown, in a mean quarter and for a mean niche [USD/1000 impressions], or an assumption."""
    load: Amount = "ads.load_share_of_feed_items"
    """Ads offered for each view when advertising is fully built up [share of views], or an assumption."""
    fill: Amount = "ads.fill_rate"
    """Part of these that are sold [share of ads offered], or an assumption."""


class IndexMarket(ClosedModel):
    """In-feed advertising worth a part of what a view earns elsewhere: price, load and fill in one number."""

    priced_by: Literal["value_index"]
    """How a view gets its value: by the price of an impression here, or relative to another geography."""
    value_index: Amount
    """Worth of a view relative to one in ``relative_to`` [ratio of view values], or an assumption."""
    relative_to: Name
    """Geography of this scenario that is priced by cpm."""


InFeedMarket = Annotated[CpmMarket | IndexMarket, Field(discriminator="priced_by")]


class TopView(ClosedModel):
    """The takeover that everyone sees who opens the app on a day that was sold."""

    sold_share_of_days: Amount
    """Days on which it is sold [share of days], or an assumption."""
    usd_per_1000_impressions: Amount = "ads.cpm_topview"
    """Price of 1,000 of them, in a mean quarter [USD/1000 takeover impressions], or an assumption."""


class HashtagChallenges(ClosedModel):
    """Campaigns in which a brand asks for videos on a subject."""

    per_year: NotNegative
    """Campaigns sold in a year [campaign/year]."""
    usd_per_campaign: Amount = "ads.hashtag_challenge_price"
    """Price [USD/campaign], or an assumption."""


class BrandedEffects(ClosedModel):
    """Effects that a brand pays for and creators use."""

    per_year: NotNegative
    """Campaigns sold in a year [campaign/year]."""
    usd_per_campaign: Amount = "ads.branded_effect_price"
    """Price [USD/campaign], or an assumption."""


class Advertising(Period):
    """What advertisers pay."""

    ramp_months: Annotated[int, Field(ge=0, le=120)] = 0
    """Months in which the share of ads that are sold grows, in equal steps, to its full height [month]."""
    in_feed: dict[Name, InFeedMarket] = Field(default_factory=dict)
    """Geography -> ads between the videos; absent means none are sold there."""
    topview: dict[Name, TopView] = Field(default_factory=dict)
    """Geography -> takeovers; absent means none are sold there."""
    hashtag_challenges: HashtagChallenges | None = None
    """Without it none are sold."""
    branded_effects: BrandedEffects | None = None
    """Without it none are sold."""


class GiftMarket(ClosedModel):
    """Who buys coins in a geography, and for how much."""

    payer_share: Amount = "gifts.payer_share_mau"
    """Monthly users who buy coins [share/month], or an assumption."""
    usd_per_payer_month: Amount = "gifts.arppu_month"
    """What one of them spends [USD/payer/month], or an assumption."""


class Gifts(Period):
    """Coins that viewers buy and give to creators."""

    markets: dict[Name, GiftMarket] | None = None
    """Geography -> its payers; without it every geography at the published means."""

    def market(self, geography: str) -> GiftMarket | None:
        """The payers of a geography; None where there are no gifts."""
        return GiftMarket() if self.markets is None else self.markets.get(geography)


class ShopMarket(ClosedModel):
    """What users of a geography buy, and what the shop keeps of it."""

    usd_of_goods_per_user_year: Amount = "shop.gmv_per_mau_year"
    """Goods that a monthly user buys in a year [USD/MAU/year], or an assumption."""
    fee_share_of_goods: Amount = "shop.referral_fee_US"
    """What the seller pays of each sale [share of goods], or an assumption."""
    refunded_share: Amount = "shop.refunded_share_of_goods"
    """Goods that are sent back [share of goods sold], or an assumption."""


class Shop(Period):
    """Goods that are sold inside the product."""

    markets: dict[Name, ShopMarket] | None = None
    """Geography -> its shop; without it every geography at the published means."""

    def market(self, geography: str) -> ShopMarket | None:
        """The shop of a geography; None where there is none."""
        return ShopMarket() if self.markets is None else self.markets.get(geography)


class DealMarket(ClosedModel):
    """Deals between brands and creators in a geography."""

    sponsored_share_of_views: Amount = "market.sponsored_share_of_views"
    """Views on videos that a brand pays for [share of all views], or an assumption."""
    usd_per_1000_views: Amount = "market.deal_cpm"
    """What the brand pays the creator, for a mean niche [USD/1000 sponsored views], or an assumption."""


class Marketplace(Period):
    """Where brands find creators."""

    fee_share_of_deals: Amount = "market.fee_platform"
    """What the platform keeps of a deal [share of deals], or an assumption; may be 0."""
    markets: dict[Name, DealMarket] | None = None
    """Geography -> its deals; without it every geography at the published means."""

    def market(self, geography: str) -> DealMarket | None:
        """The deals of a geography; None where there are none."""
        return DealMarket() if self.markets is None else self.markets.get(geography)


class CreatorSubscriptions(Period):
    """Viewers who pay a creator every month."""

    subscriber_share: Amount = "subs.creator_subscriber_share_mau"
    """Subscriptions for each monthly user [share of MAU subscribed], or an assumption."""
    usd_per_month: Amount = "subs.creator_subscription_price"
    """Price [USD/subscriber/month], or an assumption."""


class AdFreeTier(Period):
    """Users who pay for a feed without advertising."""

    subscriber_share: Amount = "subs.ad_free_subscriber_share_mau"
    """Monthly users who subscribe [share of MAU subscribed], or an assumption."""
    usd_per_month: Amount = "ads.adfree_tier_price"
    """Price [USD/subscriber/month], or an assumption."""


class Subscriptions(ClosedModel):
    """What users pay every month."""

    creator: CreatorSubscriptions | None = None
    """Subscriptions to creators; without it there are none."""
    ad_free: AdFreeTier | None = None
    """A feed without advertising; without it there is none."""
