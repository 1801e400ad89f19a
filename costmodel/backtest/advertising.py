"""Advertising revenue of TikTok: what the world's says about ads per view, tried on the United States."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.backtest.figures import Figure, the
from costmodel.backtest.forecast import Forecast
from costmodel.revenue.ads import impressions
from costmodel.units import DAYS_PER_YEAR, SECONDS_PER_MINUTE
from costmodel.usage import views_per_dau_day

YEAR = "2024"
IMPRESSIONS_PER_RATE_UNIT = 1000
"""Ads are priced per 1,000 impressions (CPM, cost per mille)."""


def forecasts(figures: Sequence[Figure]) -> Iterator[Forecast]:
    """Revenue of the United States, at their price and with the ads per view that the world's revenue implies."""
    assumptions = Assumptions.load()
    world, there = _users(figures, "TikTok"), _users(figures, "TikTok US")
    earned, judged = (the(figures, name, "advertising revenue", YEAR) for name in ("TikTok", "TikTok US"))
    ads_per_view = ads_per_view_behind(earned.value, world.value, assumptions["ads.cpm_global_mean"], assumptions)
    predicted = revenue_usd(there.value, assumptions["ads.cpm_infeed_NA"], ads_per_view, assumptions)
    read = tuple(entry.key for entry in assumptions.used)
    test = "advertising revenue of the US, ads per view as in the world"
    trained = "revenue and users of the world in the same year"
    yield Forecast(test, trained, judged, predicted, (earned, world), (there,), read)


def ads_per_view_behind(usd: float, monthly_active_users: float, cpm_usd: float, assumptions: Assumptions) -> float:
    """Load x fill that a year's revenue implies [impression/view].

    Args:
        usd: advertising revenue of a year [USD].
        monthly_active_users: mean of the year [user].
        cpm_usd: price [USD/1000 impressions].
        assumptions: habits of grown platforms.

    TikTok in 2024, as published: 18.49 billion USD with 1.58 billion users at 1.80 USD are 18 %.

    >>> round(ads_per_view_behind(18.49e9, 1.58e9, 1.80, Assumptions.load()), 3)
    0.183
    """
    return usd / revenue_usd(monthly_active_users, cpm_usd, 1.0, assumptions)


def revenue_usd(monthly_active_users: float, cpm_usd: float, ads_per_view: float, assumptions: Assumptions) -> float:
    """Advertising revenue of a year [USD]: users x share daily x views x ads per view x price."""
    minutes = assumptions["usage.minutes_per_dau_day"] * assumptions["usage.feed_watch_share_of_time"]
    daily_views = views_per_dau_day(minutes * SECONDS_PER_MINUTE, assumptions["usage.seconds_watched_per_view"])
    views = monthly_active_users * assumptions["growth.dau_mau_mature"] * daily_views * DAYS_PER_YEAR
    shown = impressions(np.asarray(views), ads_per_view, fill=1.0)
    return float(shown * cpm_usd / IMPRESSIONS_PER_RATE_UNIT)


def _users(figures: Sequence[Figure], series: str) -> Figure:
    return the(figures, series, "mean MAU of the year", YEAR)
