"""Short dramas of our own: what is made, how viewers pay for it and how it is promoted."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from costmodel.schema import Amount, Name, NotNegative, Positive, Share
from costmodel.sections.period import Period
from costmodel.tables import Array, Timeline


class DramaPass(Period):
    """A monthly pass for all dramas. Nobody has announced one: price and takers are inputs that nothing confirms."""

    share_of_payers: Share
    """Share of those who pay for dramas who do it with the pass; the other ways share the rest."""
    usd_per_month: Amount = "drama.drama_pass_price"
    """Price [USD/pass/month], or the key of an assumption."""


class Drama(Period):
    """Short dramas of our own: the expected value of a portfolio of series, most of which fail."""

    releases_per_month: Positive
    """Series released in a month [series/month]."""
    production_months: Annotated[int, Field(ge=0, le=120)] = 0
    """Months between paying for a series and releasing it [month]."""
    usd_per_series: Amount = "drama.series_cost_live_US"
    """What a series with actors and a crew costs [USD/series], or the key of an assumption."""
    ai_share: Share = 0
    """Share of the releases that are made with generated pictures: cheaper, and less often a hit."""
    audience_share: Amount = "drama.viewer_share_mau"
    """Monthly active users who open dramas in a month [share of MAU], or the key of an assumption."""
    subscriber_share_of_payers: Amount = "drama.subscriber_share_of_payers"
    """Payers who subscribe by the week [share of payers]; the others pay by the episode."""
    drama_pass: DramaPass | None = None
    """A monthly pass for dramas; without it there is none."""
    usd_per_1000_impressions: Annotated[dict[Name, Amount], Field(default_factory=dict)]
    """Geography -> price of advertising between episodes [USD/1000 impressions], or an assumption; absent: none."""
    price_ratio: dict[Name, NotNegative] = Field(default_factory=dict)
    """Geography -> prices there over those of the United States; absent: the same [USD/USD]."""
    promotion_to_revenue: Amount = "drama.promotion_to_revenue_own_feed"
    """Promotion for each dollar that dramas bring in [USD/USD], or the key of an assumption."""

    def in_production(self, timeline: Timeline) -> Array:
        """1 in the months in which series are paid for, ``production_months`` ahead of the releases; shape (month,)."""
        ahead = np.timedelta64(self.production_months, "M")
        return self.running(Timeline(months=timeline.months + ahead))
