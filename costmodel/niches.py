"""What the subject of a video does to the worth of a view: for advertisers, for brands and for the pay of creators."""

from __future__ import annotations

from collections.abc import Mapping

from costmodel.assumptions import SUM_TOLERANCE, Assumptions
from costmodel.sections.revenue import Niches

REST = "rest"
"""Videos of no niche in particular, whose views are worth the mean."""


def shares_of_views(niches: Niches) -> dict[str, float]:
    """Share of views of each niche, and of the rest; they sum to 1.

    >>> shares_of_views({"finance": 0.25})
    {'finance': 0.25, 'rest': 0.75}
    """
    shares: dict[str, float] = {niche: share for niche, share in niches.items()}  # noqa: C416
    rest = 1 - sum(shares.values())
    return shares | ({REST: rest} if rest > SUM_TOLERANCE else {})


def ad_index(niches: Niches, assumptions: Assumptions) -> float:
    """Price of advertising beside this mixture of videos, relative to the mean of the market [ratio].

    Sum over niches of share of views x CPM of the niche / CPM of the market; the rest counts 1.

    Args:
        niches: niche -> share of views.
        assumptions: prices of advertising (ads.cpm_niche_*), all of one market, North America.
    """
    return sum(
        share * (1.0 if niche == REST else assumptions[f"ads.cpm_niche_{niche}"] / assumptions["ads.cpm_infeed_NA"])
        for niche, share in shares_of_views(niches).items()
    )


def creator_multipliers(niches: Niches, assumptions: Assumptions) -> dict[str, float]:
    """What a view of each niche earns its creator, relative to the mean of the market [ratio]."""
    return {
        niche: 1.0 if niche == REST else assumptions[f"payout.niche_multiplier_{niche}"]
        for niche in shares_of_views(niches)
    }


def mean_multiplier(multipliers: Mapping[str, float], shares: Mapping[str, float]) -> float:
    """Mean of multipliers over views.

    >>> mean_multiplier({"finance": 2.0, "rest": 1.0}, {"finance": 0.25, "rest": 0.75})
    1.25
    """
    return sum(multipliers[niche] * share for niche, share in shares.items())


def mean_one(multipliers: Mapping[str, float], shares: Mapping[str, float]) -> dict[str, float]:
    """Multipliers that move money between niches and leave the whole as it is: divided by their mean over views.

    >>> mean_one({"finance": 2.0, "rest": 1.0}, {"finance": 0.25, "rest": 0.75})
    {'finance': 1.6, 'rest': 0.8}
    """
    mean = mean_multiplier(multipliers, shares)
    return {niche: multiplier / mean for niche, multiplier in multipliers.items()}
