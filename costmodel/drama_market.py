"""The dramas of a plan beside ReelShort, DramaBox and others, from what these have published.

The data are in ``costmodel/data/short_drama.csv``. The figures of a plan are those of its last twelve months.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

import numpy as np
import pandas as pd

from costmodel.assumptions import Grade
from costmodel.drama import fee_share
from costmodel.drama.audience import expected_reach, hit_rate, series_started
from costmodel.drama.line import ADVERTISING, COSTS
from costmodel.drama.production import portfolio_profit, usd_per_release
from costmodel.plan import Plan
from costmodel.sections.drama import Drama
from costmodel.units import MONTHS_PER_YEAR

SHIPPED = Path(__file__).parent / "data" / "short_drama.csv"

Figure = Literal["revenue", "revenue_per_viewer", "revenue_per_payer", "promotion_to_revenue", "gross_margin", "margin"]
WORDS: Mapping[Figure, str] = {
    "revenue": "Revenue of dramas in a year",
    "revenue_per_viewer": "Revenue per viewer and month",
    "revenue_per_payer": "Paid by a payer: here for a series, elsewhere in a month",
    "promotion_to_revenue": "Promotion, of the revenue",
    "gross_margin": "Left after store fees and production",
    "margin": "Left after promotion as well",
}
"""Figure -> what it says."""


@dataclass(frozen=True)
class Published:
    """What a company, or somebody who watches it, has made known."""

    company: str
    figure: Figure
    period: str
    value: float
    unit: str
    source: str
    source_date: str
    grade: Grade
    note: str


@dataclass(frozen=True)
class Comparison:
    """One figure of the plan beside those of others."""

    figure: Figure
    words: str
    unit: str
    """USD, or share of the revenue."""
    here: float
    """NaN where the plan has no revenue from dramas."""
    others: tuple[Published, ...]


@dataclass(frozen=True)
class Portfolio:
    """The releases of the last month of a plan over their lives, with the viewers of that month."""

    series: float
    usd_per_series: float
    hit_rate: float
    usd_per_hit: float
    """What a hit brings in, less what tills keep."""
    usd_per_other: float
    promotion_usd: float
    expected_usd: float
    """Result over hits and others, after production and promotion."""


@cache
def published(path: Path = SHIPPED) -> tuple[Published, ...]:
    """Every published figure, in the order of the file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Published(
            company=row["company"],
            figure=cast(Figure, row["figure"]),
            period=row["period"],
            value=float(row["value"]),
            unit=row["unit"],
            source=row["source"],
            source_date=row["source_date"],
            grade=cast(Grade, row["grade"]),
            note=row["note"],
        )
        for row in rows
    )


def comparison(plan: Plan) -> tuple[Comparison, ...]:
    """The dramas of a plan beside others; empty for a plan without dramas."""
    if plan.scenario.drama is None:
        return ()
    here = _figures(plan, plan.scenario.drama)
    return tuple(
        Comparison(figure, WORDS[figure], others[0].unit, here[figure], others)
        for figure in cast(tuple[Figure, ...], get_args(Figure))
        if (others := tuple(entry for entry in published() if entry.figure == figure))
    )


def portfolio(plan: Plan) -> Portfolio | None:
    """What the releases of the last month can be expected to earn; None without dramas or viewers.

    A viewer who starts a series brings in what one did in the last twelve months, less what tills keep.
    """
    section = plan.scenario.drama
    if section is None:
        return None
    assumptions = plan.scenario.load_assumptions()
    months = min(MONTHS_PER_YEAR, plan.scenario.months)
    usd = _usd_by_sku(plan.ledger, plan.scenario.timeline.months[-months])
    started = float(series_started(plan.scenario, section, plan.activity, assumptions)[..., -months:].sum())
    if started == 0:
        return None
    paid, revenue = _earned(usd)
    usd_per_start = (revenue - paid * fee_share(assumptions)) / started
    viewers = _viewer_months(plan, section, 1)
    hits = hit_rate(section.ai_share, assumptions)
    usd_per_hit = viewers * assumptions["drama.reach_hit"] * usd_per_start
    usd_per_other = viewers * assumptions["drama.reach_other"] * usd_per_start
    usd_per_series = usd_per_release(plan.scenario, section, assumptions)
    starts = viewers * section.releases_per_month * expected_reach(section.ai_share, assumptions)
    promotion = usd.get("dramas.promotion", 0.0) / started * starts
    known = (section.releases_per_month, usd_per_series, hits, usd_per_hit, usd_per_other, promotion)
    return Portfolio(*known, expected_usd=portfolio_profit(*known))


def _earned(usd: Mapping[str, float]) -> tuple[float, float]:
    """What viewers paid, and that with what advertisers paid [USD]."""
    paid = sum(amount for sku, amount in usd.items() if sku not in COSTS and sku != ADVERTISING)
    return paid, paid + usd.get(ADVERTISING, 0.0)


def _figures(plan: Plan, section: Drama) -> dict[Figure, float]:
    """The figures of the last twelve months of a plan, or of all when it is shorter."""
    months = min(MONTHS_PER_YEAR, plan.scenario.months)
    usd = _usd_by_sku(plan.ledger, plan.scenario.timeline.months[-months])
    spent = sum(usd.get(sku, 0.0) for sku in ("dramas.filmed", "dramas.generated"))
    promotion = usd.get("dramas.promotion", 0.0)
    paid, revenue = _earned(usd)
    left = revenue - spent - paid * fee_share(plan.scenario.load_assumptions())
    return {
        "revenue": revenue * MONTHS_PER_YEAR / months,
        "revenue_per_viewer": _ratio(revenue, _viewer_months(plan, section, months)),
        "revenue_per_payer": _ratio(paid, _payers(plan, section, months)),
        "promotion_to_revenue": _ratio(promotion, revenue),
        "gross_margin": _ratio(left, revenue),
        "margin": _ratio(left - promotion, revenue),
    }


def _usd_by_sku(ledger: pd.DataFrame, since: np.datetime64) -> dict[str, float]:
    dramas = ledger[ledger["x_category"].isin(["Drama", "Drama production"])]
    recent = dramas[dramas["charge_period_start"] >= pd.Timestamp(since.astype("datetime64[s]"))]
    sums = recent.groupby("sku_id", observed=True)["billed_cost"].sum()
    return {str(sku): float(amount) for sku, amount in sums.items()}


def _viewer_months(plan: Plan, section: Drama, months: int) -> float:
    share = plan.scenario.amount(
        section.audience_share, ("drama", "audience_share"), plan.scenario.load_assumptions()
    ).value
    return float(plan.activity.monthly_active_users[..., -months:].sum()) * share


def _payers(plan: Plan, section: Drama, months: int) -> float:
    """Series that somebody paid for."""
    assumptions = plan.scenario.load_assumptions()
    started = series_started(plan.scenario, section, plan.activity, assumptions)
    return float(started[..., -months:].sum()) * assumptions["drama.payer_share"]


def _ratio(amount: float, whole: float) -> float:
    return amount / whole if whole > 0 else float("nan")
