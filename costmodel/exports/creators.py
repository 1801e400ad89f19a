"""What a report says of creators: what their views are worth, and what they live on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costmodel.plan import Plan
from costmodel.view_worth import ViewWorth, view_worth


@dataclass(frozen=True)
class Income:
    """One source of creators' income."""

    source: str
    paid_by: str
    by_year: tuple[float, ...]
    """[USD], for each calendar year of the plan."""


@dataclass(frozen=True)
class Creators:
    """What creators bring and get."""

    worth: tuple[ViewWorth, ...]
    """Of the last twelve months, the most valuable geography first."""
    income: tuple[Income, ...]
    """Largest of the last year first."""


def make_creators(plan: Plan) -> Creators:
    """The worth of views and the income of creators in a plan."""
    years = plan.scenario.timeline.months.astype("datetime64[Y]")
    paid = set(plan.ledger.loc[plan.ledger["x_category"] == "Payouts", "service_name"].astype(str))
    income = [
        Income(
            source=source,
            paid_by="the platform" if source in paid else "sellers and brands",
            by_year=tuple(float(usd[years == year].sum()) for year in np.unique(years)),
        )
        for source, usd in plan.creator_income_usd.items()
    ]
    income.sort(key=lambda row: -row.by_year[-1])
    return Creators(worth=view_worth(plan.ledger, plan.activity), income=tuple(income))
