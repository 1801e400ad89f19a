"""What views are worth: by geography, what customers pay and creators get for each thousand of them.

A view in one country may bring thirty times what it brings in another; its delivery does not differ by as much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from costmodel.tables import REVENUE, Activity
from costmodel.units import MONTHS_PER_YEAR, PER_MILLE


@dataclass(frozen=True)
class ViewWorth:
    """A thousand views of one geography."""

    geography: str
    views: float
    """In the months that are looked at [view]."""
    advertising_usd: float
    """What advertisers pay [USD/1000 views]."""
    revenue_usd: float
    """What everybody pays [USD/1000 views]."""
    creators_usd: float
    """What creators and rights holders are paid [USD/1000 views]."""


def view_worth(table: pd.DataFrame, activity: Activity, months: int = MONTHS_PER_YEAR) -> tuple[ViewWorth, ...]:
    """The worth of views in the last months of a plan, the most valuable geography first.

    What belongs to no geography (campaigns, bonuses, licences on all revenue) is left out.

    Args:
        table: the ledger.
        activity: views, shape (geography, month).
        months: how many to look at [month]; shorter plans as a whole.

    Returns:
        One row for each geography with views that somebody pays for or is paid for.
    """
    last = activity.timeline.months[-months:]
    recent = table[table["charge_period_start"] >= last[0].astype("datetime64[s]")]
    rows = [
        _worth(name, recent[recent["region_id"] == name], float(activity.monthly_views[index, -last.size :].sum()))
        for index, name in enumerate(activity.geographies)
    ]
    paid = [row for row in rows if row.views > 0 and (row.revenue_usd or row.creators_usd)]
    return tuple(sorted(paid, key=lambda row: -row.revenue_usd))


def _worth(geography: str, rows: pd.DataFrame, views: float) -> ViewWorth:
    def usd(*categories: str) -> float:
        billed = float(rows.loc[rows["x_category"].isin(categories), "billed_cost"].sum())
        return billed / views * PER_MILLE if views else np.nan

    return ViewWorth(
        geography=geography,
        views=views,
        advertising_usd=usd("Advertising"),
        revenue_usd=usd(*REVENUE),
        creators_usd=usd("Payouts"),
    )
