"""What can be wrong with the revenue and the payouts of a scenario file: worth of views, niches, shares of advertising.

Faults of meaning across keys, beside those of ``scenario_checks``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from costmodel.assumptions import SUM_TOLERANCE, Assumptions
from costmodel.errors import Fault, nearest
from costmodel.scenario_checks import is_number
from costmodel.yamlfile import Document

TRACKS = {
    "share_of_views_with_one_track": "payout.views_with_one_track",
    "share_of_views_with_two_tracks": "payout.views_with_two_tracks",
}
"""Key of an ad pool -> the assumption that holds where it is absent."""


def revenue_faults(document: Document, catalogue: Assumptions) -> Iterator[Fault]:
    """Prices with nothing to multiply, parts of more than the whole, shares of nothing.

    Args:
        document: the file; parts of the wrong form are passed over, for ``schema_faults`` reports them.
        catalogue: the shipped assumptions.
    """
    yield from _value_index_faults(document)
    yield from _niche_faults(document)
    yield from _ad_share_faults(document)
    yield from _music_faults(document, catalogue)


def _value_index_faults(document: Document) -> Iterator[Fault]:
    """Values relative to a geography that has no price of its own: there would be nothing to multiply."""
    markets = document.section("advertising", "in_feed")
    priced = [name for name in markets if _market(document, name).get("priced_by") == "cpm"]
    for name in markets:
        reference = _market(document, name).get("relative_to")
        if isinstance(reference, str) and reference not in priced:
            where = document.where(("advertising", "in_feed", name, "relative_to"))
            expected = f"a geography that is priced by cpm ({', '.join(priced) or 'there is none'})"
            yield Fault(where, f"text {reference!r}", expected, nearest(reference, priced))


def _market(document: Document, geography: str) -> dict[str, Any]:
    return document.section("advertising", "in_feed", geography)


def _niche_faults(document: Document) -> Iterator[Fault]:
    """Niches that are more than all videos."""
    shares = [share for share in document.section("niches").values() if is_number(share)]
    if math.fsum(shares) > 1 + SUM_TOLERANCE:
        listed = " + ".join(f"{share:g}" for share in shares)
        yield Fault(document.where(("niches",)), f"{listed} = {math.fsum(shares):g}", "shares that sum to 1 or less")


def _ad_share_faults(document: Document) -> Iterator[Fault]:
    """Shares of advertising where none is sold in the feed: they would silently pay nothing."""
    known, sold = document.section("geographies"), list(document.section("advertising", "in_feed"))
    pool = ("payouts", "ad_pool", "geographies")
    names = document.section(*pool[:-1]).get(pool[-1])
    for index, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, str) and name in known and name not in sold:
            expected = f"a geography of advertising.in_feed ({', '.join(sold) or 'there is none'})"
            yield Fault(document.where((*pool, str(index))), "a geography without ads in the feed", expected)
    premium = ("payouts", "premium_ads")
    if not sold and isinstance(document.section(*premium[:-1]).get(premium[-1]), dict):
        yield Fault(
            document.where(premium), "a share of ads that are not sold", "geographies under advertising.in_feed"
        )


def _music_faults(document: Document, catalogue: Assumptions) -> Iterator[Fault]:
    """Views with one track and views with two that are together more than all views."""
    path = ("payouts", "ad_pool")
    pool = document.section(*path)
    shares = {name: _share(pool.get(name, key), document, catalogue) for name, key in TRACKS.items()}
    if pool and all(0 <= share <= 1 for share in shares.values()) and sum(shares.values()) > 1 + SUM_TOLERANCE:
        listed = " + ".join(f"{share:g}" for share in shares.values())
        expected = f"shares that sum to 1 or less ({', '.join(TRACKS)})"
        yield Fault(document.where(path), f"{listed} = {sum(shares.values()):g}", expected)


def _share(stated: Any, document: Document, catalogue: Assumptions) -> float:
    """The number that an amount comes to; not-a-number for what is none."""
    if isinstance(stated, str) and stated in catalogue.entries:
        stated = document.section("assumptions").get(stated, catalogue.entries[stated].value)
    return float(stated) if is_number(stated) else math.nan
