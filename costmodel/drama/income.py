"""Income: what viewers pay by the episode, the week or the pass, and what advertisers pay for the others."""

from __future__ import annotations

from typing import NamedTuple

from costmodel.assumptions import Assumption, Assumptions
from costmodel.drama.audience import series_started
from costmodel.drama.line import line
from costmodel.scenario import Scenario
from costmodel.sections.drama import Drama
from costmodel.tables import Activity, Array, Charge

IMPRESSIONS_PER_RATE_UNIT = 1000
"""Advertising is priced per 1,000 impressions (CPM, cost per mille)."""


def revenue(scenario: Scenario, drama: Drama, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    """What viewers and advertisers pay, one charge per geography and way."""
    starters = series_started(scenario, drama, activity, assumptions)
    ways = _ways_to_pay(scenario, drama, assumptions)
    return [
        charge
        for index, geography in enumerate(activity.geographies)
        for charge in (
            *(_paid(way, starters[..., index, :], geography, drama, assumptions) for way in ways),
            *_advertising(scenario, drama, starters[..., index, :], geography, assumptions),
        )
    ]


class _Way(NamedTuple):
    """A way to pay for dramas."""

    sku: str
    description: str
    share: Array | float
    """Share of the payers who use it."""
    units_per_series: float
    unit: str
    price: Assumption
    driver: str


def _ways_to_pay(scenario: Scenario, drama: Drama, assumptions: Assumptions) -> list[_Way]:
    subscribers = scenario.amount(
        drama.subscriber_share_of_payers, ("drama", "subscriber_share_of_payers"), assumptions
    ).value
    passes: Array | float = 0.0
    found: list[_Way] = []
    if drama.drama_pass is not None:
        passes = drama.drama_pass.share_of_payers * drama.drama_pass.running(scenario.timeline)
        price = scenario.amount(drama.drama_pass.usd_per_month, ("drama", "drama_pass", "usd_per_month"), assumptions)
        months = assumptions["drama.pass_months_per_series"]
        words = "series started x payers x share with the pass x months a series; no such pass exists yet"
        found.append(_Way("pass", "drama pass (unconfirmed)", passes, months, "month", price, words))
    weeks, week = assumptions["drama.subscription_weeks_per_series"], assumptions.entry("drama.subscription_week")
    episodes, episode = _paid_episodes(assumptions), assumptions.entry("drama.episode_price")
    by_week = "series started x payers x subscribers x weeks a series"
    by_episode = "series started x payers x others x (episodes - free ones) x completion"
    return [
        _Way("episodes", "episodes", (1 - passes) * (1 - subscribers), episodes, "episode", episode, by_episode),
        _Way("subscription", "weekly subscription", (1 - passes) * subscribers, weeks, "week", week, by_week),
        *found,
    ]


def _paid_episodes(assumptions: Assumptions) -> float:
    """Episodes that a payer buys of a series [episode]."""
    behind_the_wall = max(assumptions["drama.episodes_per_series"] - assumptions["drama.free_episodes"], 0)
    return behind_the_wall * assumptions["drama.completion_of_payers"]


def _paid(way: _Way, starters: Array, geography: str, drama: Drama, assumptions: Assumptions) -> Charge:
    price = way.price.value * drama.price_ratio.get(geography, 1.0)
    payers = starters * assumptions["drama.payer_share"] * (1 - assumptions["iap.refunded_share"])
    return line(
        "Drama",
        way.sku,
        f"{way.description}, {geography.replace('_', ' ')}",
        payers * way.share * way.units_per_series,
        way.unit,
        way.price,
        way.driver,
        geography,
        unit_price=price,
    )


def _advertising(
    scenario: Scenario, drama: Drama, starters: Array, geography: str, assumptions: Assumptions
) -> list[Charge]:
    """Advertising between the episodes of those who do not pay; none where it has no price."""
    if geography not in drama.usd_per_1000_impressions:
        return []
    path = ("drama", "usd_per_1000_impressions", geography)
    price = scenario.amount(drama.usd_per_1000_impressions[geography], path, assumptions)
    per_starter = assumptions["drama.ad_episodes_per_starter"] * assumptions["drama.ads_per_episode"]
    shown = starters * (1 - assumptions["drama.payer_share"]) * per_starter
    words = "series started x those who do not pay x episodes with advertising x ads an episode / 1000"
    place = geography.replace("_", " ")
    return [
        line(
            "Drama",
            "advertising",
            f"advertising in dramas, {place}",
            shown / IMPRESSIONS_PER_RATE_UNIT,
            "1000 impressions",
            price,
            words,
            geography,
        )
    ]
