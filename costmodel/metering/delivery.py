"""What viewers fetch: bytes and requests, by geography and by the edge that serves them.

Method B of the two in use (business notes, section 2): seconds watched times the bitrate of the ladder, plus what the
player fetches ahead and throws away. Phone counters (method A) contain that waste already; mixing both counts it twice.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from costmodel.metering.context import BYTES_PER_BILLED_GB, Context, Values
from costmodel.metering.files import BITS_PER_KBIT, playback_kbps
from costmodel.metering.ladder import Ladder
from costmodel.metering.popularity import earned_codecs, share_of_views_after
from costmodel.tables import EDGES, Array
from costmodel.units import BITS_PER_BYTE, BYTES_PER_KB

STREAMS_PER_SEGMENT = 2
"""CMAF carries video and audio in separate segments."""

PLAYBACK_RUNGS = (480, 720, 1080)
"""Short edges with an assumption ``usage.playback_share_<short edge>``: what viewers' phones and networks ask for."""

_CLASS_100 = frozenset({"us", "canada", "europe_israel"})
PRICE_CLASSES: Mapping[str, frozenset[str]] = {
    "PriceClass_All": frozenset(EDGES),
    "PriceClass_200": frozenset(EDGES) - {"south_america", "australia_nz"},
    "PriceClass_100": _CLASS_100,
}
"""Edges of a price class. Source: Amazon CloudFront developer guide, "Choose the price class", checked 2026-11-21."""

NEAREST_EDGES: Mapping[str, tuple[str, ...]] = {
    "south_africa_kenya": ("europe_israel",),
    "middle_east": ("europe_israel",),
    "south_america": ("us",),
    "japan": ("us",),
    "australia_nz": ("asia_other", "us"),
    "india": ("europe_israel",),
    "asia_other": ("us",),
}
"""Who serves the viewers of an edge that the price class leaves out; the first one that it includes.

CloudFront answers from the edge with the lowest latency among those of the class, and publishes no table; this one
follows the submarine cables. In the classes 100 and 200 all candidates cost the same or nearly so.
"""


def serving_edge(edge: str, price_class: str) -> str:
    """Edge geography at whose price a viewer's traffic is billed.

    >>> serving_edge("australia_nz", "PriceClass_200"), serving_edge("australia_nz", "PriceClass_100")
    ('asia_other', 'us')
    >>> serving_edge("india", "PriceClass_All")
    'india'
    """
    included = PRICE_CLASSES[price_class]
    candidates = (edge, *NEAREST_EDGES.get(edge, ()))
    return next(candidate for candidate in candidates if candidate in included)


def playback_shares(ladder: Ladder, assumptions: Values) -> dict[str, float]:
    """Share of watch time by rendition.

    What is asked for at a size is served by the largest rendition that does not exceed it: a ladder without 1080p hands
    that share to 720p. Below the smallest rendition, the smallest serves.
    """
    shares = {rendition.name: 0.0 for rendition in ladder.renditions}
    for short_edge in PLAYBACK_RUNGS:
        fitting = [rendition for rendition in ladder.renditions if rendition.short_edge <= short_edge]
        serving = fitting[-1] if fitting else ladder.renditions[0]
        shares[serving.name] += assumptions[f"usage.playback_share_{short_edge}"]
    return shares


def blended_kbps(ladder: Ladder, assumptions: Values) -> float:
    """Mean bitrate over all watch time, audio included [kbit/s]."""
    shares = playback_shares(ladder, assumptions)
    return sum(shares[rendition.name] * playback_kbps(rendition, assumptions) for rendition in ladder.renditions)


def fetched_share(assumptions: Values) -> float:
    """Media fetched per media watched: 1 / (1 - waste), as waste is a share of what is sent."""
    return 1 / (1 - assumptions["usage.prefetch_waste_share"])


def codec_shares(context: Context) -> dict[str, Array]:
    """Share of all watch time that is seen in each codec that videos earn, shape (..., month).

    A video is seen in a codec after it has earned it, on phones that decode it; the codec that takes most views to earn
    is the better one, and is taken first.
    """
    shares: dict[str, Array] = {}
    taken: Array | float = 0.0
    for codec in reversed(earned_codecs(context)):
        decoding = context.assumptions[f"eng.playback_share_of_{codec.name}"]
        shares[codec.name] = decoding * (share_of_views_after(codec.views, context) - taken)
        taken = taken + shares[codec.name]
    return shares


def mean_kbps(ladder: Ladder, context: Context) -> Array | float:
    """Mean bitrate over all watch time, audio and better codecs included [kbit/s]; shape (..., month) with such."""
    plain = blended_kbps(ladder, context.assumptions)
    shares = codec_shares(context)
    saved = [
        shares[codec.name] * (plain - blended_kbps(codec.ladder, context.assumptions))
        for codec in earned_codecs(context)
    ]
    return plain - sum(saved[1:], saved[0]) if saved else plain


def fetched_gb_per_second_watched(ladder: Ladder, context: Context) -> Array | float:
    """Media sent to a viewer for each second watched [GB as billed]."""
    bytes_per_second = mean_kbps(ladder, context) * BITS_PER_KBIT / BITS_PER_BYTE
    return fetched_share(context.assumptions) * bytes_per_second / BYTES_PER_BILLED_GB


def share_watched_between(from_days: float, until_days: float, assumptions: Values) -> float:
    """Share of views that a video gets between two ages [day], on straight lines between the published points."""
    shares = [assumptions[f"eng.views_share_{age}"] for age in ("7d", "35d")]
    ages, reached = (0.0, *PUBLISHED_AGES, ALL_VIEWS_DAYS), (0.0, *shares, 1.0)
    return float(np.interp(until_days, ages, reached) - np.interp(from_days, ages, reached))


PUBLISHED_AGES = (7.0, 35.0)
"""Ages of the assumptions ``eng.views_share_<age>`` [day]."""
ALL_VIEWS_DAYS = 90.0
"""They are shares of the views of the first 90 days; what comes later is not told and left out."""


def monthly_media_requests(context: Context, ladder: Ladder) -> Array:
    """Requests of players: a video and an audio segment at a time, and what starts each view.

    Shape (..., geography, month).
    """
    seconds = context.activity.monthly_watch_seconds * fetched_share(context.assumptions)
    segments = STREAMS_PER_SEGMENT * seconds / ladder.segment_seconds
    return segments + context.activity.monthly_views * context.assumptions["eng.start_requests_per_view"]


def api_answer_gb(assumptions: Values) -> float:
    """Size of an API answer [GB as billed]."""
    return assumptions["eng.api_response_kb"] * BYTES_PER_KB / BYTES_PER_BILLED_GB


def by_edge(context: Context, by_geography: Array, price_class: str) -> dict[str, Array]:
    """Amounts of the geographies, summed by the edge that serves them: edge -> shape (..., month).

    Edges that serve anyone, in the order of the price book; their sum is the sum over the geographies.
    """
    serving = [serving_edge(edge, price_class) for edge in context.activity.edges]
    return {
        edge: np.asarray(by_geography[..., [i for i, served in enumerate(serving) if served == edge], :].sum(axis=-2))
        for edge in EDGES
        if edge in serving
    }
