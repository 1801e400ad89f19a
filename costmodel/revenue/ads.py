"""Advertising: views x load x fill x price of an impression, by geography; takeovers and campaigns beside it.

A view's worth comes either from the price of an impression in its geography (CPM, with load and fill), or from an index
relative to another geography, which holds price, load and fill already. A market has one or the other, never both.
"""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumption, Assumptions
from costmodel.collection import outstanding
from costmodel.niches import ad_index
from costmodel.provenance import provenance
from costmodel.revenue.subscriptions import views_with_ads
from costmodel.scenario import Scenario
from costmodel.sections.revenue import Advertising, CpmMarket, IndexMarket
from costmodel.tables import IN_FEED_ADS, Activity, Array, Balance, Charge, Timeline
from costmodel.units import MONTHS_PER_YEAR, PER_MILLE

SEASON_KEYS = (
    "growth.season_revenue_q1",
    "growth.season_revenue_q2",
    "growth.season_revenue_q3",
    "growth.season_revenue_q4",
)
MONTHS_PER_QUARTER = MONTHS_PER_YEAR // len(SEASON_KEYS)


def charges(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    """One charge for each geography and format; none without advertising."""
    advertising = scenario.advertising
    if advertising is None:
        return []
    return [
        *_in_feed(advertising, scenario, activity, assumptions),
        *_topview(advertising, scenario, activity, assumptions),
        *_campaigns(advertising, scenario, assumptions),
    ]


def balances(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Balance]:
    """Invoices that advertisers have not paid yet: money of ours that others hold."""
    lines = charges(scenario, activity, assumptions)
    if not lines:
        return []
    days = assumptions["ads.payment_days"]
    billed = np.sum(np.broadcast_arrays(*(line.billed_cost for line in lines)), axis=0)
    return [
        Balance(
            name="invoices that advertisers have not paid",
            owed=-outstanding(billed, days),
            driver=f"advertising of the last {days:g} days (ads.payment_days)",
        )
    ]


def impressions(views: Array, load: float, fill: float) -> Array:
    """Ads shown [impression]: ads offered for each view, of which a part is sold.

    Args:
        views: any shape [view].
        load: ads offered [share of views].
        fill: sold of these [share of ads offered].

    >>> impressions(np.array([1000.0]), 0.20, 0.9)
    array([180.])
    """
    return views * load * fill


def season(timeline: Timeline, assumptions: Assumptions) -> Array:
    """What the season does to the price of advertising, mean one over a calendar year; shape (month,).

    It multiplies prices, never traffic.

    Source: quarters of Kuaishou's revenue 2021-2024 without their trend.
    """
    indices = np.array([assumptions[key] for key in SEASON_KEYS])
    month_of_year = timeline.months.astype(np.int64) % MONTHS_PER_YEAR  # datetime64[M] counts from January 1970
    return np.asarray((indices / indices.mean())[month_of_year // MONTHS_PER_QUARTER], dtype=np.float64)


def ramp(advertising: Advertising, timeline: Timeline) -> Array:
    """Part of the full sales that is reached: equal steps over the months of the ramp, then 1; shape (month,).

    >>> ramp(Advertising(starts="2027-02", ramp_months=2), Timeline.starting("2027-01", 4))
    array([0. , 0.5, 1. , 1. ])
    """
    months = advertising.months_open(timeline)
    return np.asarray((months / max(advertising.ramp_months, 1)).clip(max=1.0), dtype=np.float64)


def _in_feed(
    advertising: Advertising, scenario: Scenario, activity: Activity, assumptions: Assumptions
) -> list[Charge]:
    views = views_with_ads(scenario, activity, assumptions) * ramp(advertising, activity.timeline)
    season_and_niche = season(activity.timeline, assumptions) * ad_index(scenario.niches, assumptions)
    lines = []
    for geography, market in advertising.in_feed.items():
        local = views[..., activity.geographies.index(geography), :]
        if isinstance(market, CpmMarket):
            lines.append(_by_cpm(geography, market, local, season_and_niche, scenario, assumptions))
        else:
            reference = advertising.in_feed[market.relative_to]
            if isinstance(reference, CpmMarket):  # the checks of a scenario file refuse any other
                lines.append(_by_index(geography, market, reference, local, season_and_niche, scenario, assumptions))
    return lines


def _by_cpm(
    geography: str, market: CpmMarket, views: Array, factor: Array, scenario: Scenario, assumptions: Assumptions
) -> Charge:
    cpm, load, fill = _worth(geography, market, scenario, assumptions)
    return Charge(
        category="Advertising",
        service_name="In-feed ads",
        sku_id=IN_FEED_ADS,
        description=f"in-feed ads, {geography.replace('_', ' ')}",
        region_id=geography,
        resource_urn="",
        quantity=impressions(views, load.value, fill.value) / PER_MILLE,
        unit="1000 impressions",
        unit_price=cpm.value * factor,
        driver="views x load x fill x ramp / 1000, at CPM x season x niche",
        usage_based=True,
        **provenance(cpm, load, fill),
    )


def _by_index(
    geography: str,
    market: IndexMarket,
    reference: CpmMarket,
    views: Array,
    factor: Array,
    scenario: Scenario,
    assumptions: Assumptions,
) -> Charge:
    worth = _worth(market.relative_to, reference, scenario, assumptions)
    cpm, load, fill = worth
    index = scenario.amount(market.value_index, ("advertising", "in_feed", geography, "value_index"), assumptions)
    usd_per_thousand_views = load.value * fill.value * cpm.value * index.value
    return Charge(
        category="Advertising",
        service_name="In-feed ads",
        sku_id=IN_FEED_ADS,
        description=f"in-feed ads, {geography.replace('_', ' ')}",
        region_id=geography,
        resource_urn="",
        quantity=views / PER_MILLE,
        unit="1000 views",
        unit_price=usd_per_thousand_views * factor,
        driver=f"views x ramp / 1000, at value index x a view's worth in {market.relative_to} x season x niche",
        usage_based=True,
        **provenance(index, *worth),
    )


def _worth(
    geography: str, market: CpmMarket, scenario: Scenario, assumptions: Assumptions
) -> tuple[Assumption, Assumption, Assumption]:
    """CPM, load and fill of a market; their product is the worth of a thousand views [USD/1000 views]."""
    path = ("advertising", "in_feed", geography)
    return (
        scenario.amount(market.usd_per_1000_impressions, (*path, "usd_per_1000_impressions"), assumptions),
        scenario.amount(market.load, (*path, "load"), assumptions),
        scenario.amount(market.fill, (*path, "fill"), assumptions),
    )


def _topview(
    advertising: Advertising, scenario: Scenario, activity: Activity, assumptions: Assumptions
) -> list[Charge]:
    """Everyone who comes on a sold day sees it once."""
    price_factor = season(activity.timeline, assumptions)
    users_days = activity.daily_active_users * activity.timeline.days * advertising.running(activity.timeline)
    lines = []
    for geography, sold in advertising.topview.items():
        path = ("advertising", "topview", geography)
        share = scenario.amount(sold.sold_share_of_days, (*path, "sold_share_of_days"), assumptions)
        cpm = scenario.amount(sold.usd_per_1000_impressions, (*path, "usd_per_1000_impressions"), assumptions)
        shown = users_days[..., activity.geographies.index(geography), :] * share.value
        line = Charge(
            category="Advertising",
            service_name="Takeovers",
            sku_id="revenue.topview",
            description=f"takeovers, {geography.replace('_', ' ')}",
            region_id=geography,
            resource_urn="",
            quantity=shown / PER_MILLE,
            unit="1000 impressions",
            unit_price=cpm.value * price_factor,
            driver="daily users x days x share of days sold / 1000, at CPM x season",
            usage_based=True,
            **provenance(cpm, share),
        )
        lines.append(line)
    return lines


def _campaigns(advertising: Advertising, scenario: Scenario, assumptions: Assumptions) -> list[Charge]:
    on_sale = advertising.running(scenario.timeline)
    kinds = {"hashtag_challenge": advertising.hashtag_challenges, "branded_effect": advertising.branded_effects}
    lines = []
    for kind, campaigns in kinds.items():
        if campaigns is None:
            continue
        path = ("advertising", f"{kind}s", "usd_per_campaign")
        price = scenario.amount(campaigns.usd_per_campaign, path, assumptions)
        line = Charge(
            category="Advertising",
            service_name="Campaigns",
            sku_id=f"revenue.{kind}",
            description=f"{kind.replace('_', ' ')}s",
            region_id="global",
            resource_urn="",
            quantity=on_sale * campaigns.per_year / MONTHS_PER_YEAR,
            unit="campaign",
            unit_price=np.asarray(price.value),
            driver="campaigns sold in a year / 12",
            usage_based=False,
            **provenance(price),
        )
        lines.append(line)
    return lines
