"""Production: what series cost to make and to promote, and what a portfolio of them can be expected to earn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.drama.line import line
from costmodel.scenario import Scenario
from costmodel.sections.drama import Drama
from costmodel.tables import Charge


def production(scenario: Scenario, drama: Drama, assumptions: Assumptions) -> list[Charge]:
    """Series are paid for some months before they are released; releases go on after the plan."""
    cost = scenario.amount(drama.usd_per_series, ("drama", "usd_per_series"), assumptions)
    started = drama.releases_per_month * drama.in_production(scenario.timeline)
    words = f"series released {drama.production_months} months later"
    filmed = line(
        "Drama production", "filmed", "series with actors", started * (1 - drama.ai_share), "series", cost, words
    )
    if drama.ai_share == 0:
        return [filmed]
    saved = assumptions.entry("drama.ai_cost_reduction")
    generated = line(
        "Drama production",
        "generated",
        "series with generated pictures",
        started * drama.ai_share,
        "series",
        cost,
        words,
        unit_price=cost.value * (1 - saved.value),
    )
    return [filmed, generated]


def promotion(scenario: Scenario, drama: Drama, earned: Sequence[Charge], assumptions: Assumptions) -> Charge:
    """What is spent for each dollar that dramas bring in, from viewers and advertisers alike."""
    ratio = scenario.amount(drama.promotion_to_revenue, ("drama", "promotion_to_revenue"), assumptions)
    total = sum((charge.cost for charge in earned), np.zeros(scenario.timeline.count))
    words = "what dramas bring in x promotion for each dollar"
    return line("Drama production", "promotion", "promotion of dramas", total, "USD of drama revenue", ratio, words)


def usd_per_release(scenario: Scenario, drama: Drama, assumptions: Assumptions) -> float:
    """Mean cost of a series over filmed and generated ones [USD/series]."""
    filmed = scenario.amount(drama.usd_per_series, ("drama", "usd_per_series"), assumptions).value
    saved = assumptions["drama.ai_cost_reduction"] if drama.ai_share > 0 else 0.0
    return filmed * (1 - drama.ai_share * saved)


def portfolio_profit(
    series: float,
    usd_per_series: float,
    hit_rate: float,
    usd_per_hit: float,
    usd_per_other: float,
    promotion_usd: float,
) -> float:
    """Expected result of a portfolio [USD]: n (h R_hit + (1 - h) R_other - C) - promotion.

    Twenty series of 180,000 USD cost 3.6 million: a hit in twenty must bring in just that. At a fifth of the cost it
    is 0.72 million.

    >>> round(portfolio_profit(20, 180_000, 0.05, 3_600_000, 0, 0))
    0
    >>> round(portfolio_profit(20, 36_000, 0.05, 720_000, 0, 0))
    0
    """
    expected_usd = hit_rate * usd_per_hit + (1 - hit_rate) * usd_per_other
    return series * (expected_usd - usd_per_series) - promotion_usd
