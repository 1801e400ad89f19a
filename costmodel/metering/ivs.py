"""Amazon IVS: hours that broadcasters send, hours that viewers watch, and the chat beside them.

A stack declares the channel that the platform itself streams on; creators' channels are made by the API with the same
settings. So the one declared channel stands for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Factors, Finding, Gap, everywhere
from costmodel.tables import Array

SERVICE = "IVS"
CHANNEL = "aws:ivs/channel:Channel"
USAGE_KEYS = ("monthly_input_hours", "monthly_viewer_hours")

DEFAULT_TYPE = "STANDARD"
"""What the service takes when a channel names none."""
INPUTS = {
    "STANDARD": "standard",
    "BASIC": "basic",
    "ADVANCED_SD": "advanced_sd",
    "ADVANCED_HD": "advanced_hd",
}
"""Channel type -> its name in the price book's sku keys."""

RESOLUTIONS: Mapping[str, Mapping[int, str]] = {
    "STANDARD": {480: "sd", 720: "hd", 1080: "fhd"},
    "ADVANCED_HD": {480: "sd", 720: "hd", 1080: "hd"},
    "ADVANCED_SD": {480: "sd", 720: "sd", 1080: "sd"},
    "BASIC": {480: "hd", 720: "hd", 1080: "hd"},
}
"""Channel type -> what viewers ask for, by short edge -> resolution that they are billed at.

An advanced channel makes nothing larger than its name says; a basic one makes nothing at all, and everybody gets the
720p that phones send. Source: Amazon IVS user guide, "Channel types".
"""

CHEAPEST_GROUP = "billing:north_america_europe"
LISTED_EDGES = frozenset({"us", "canada", "europe_israel"})
"""Edges of the one group of countries whose viewer-hours the price book lists; it is the cheapest of IVS's groups."""


def input_sku(resource: Resource) -> str:
    """Sku of the hours that are sent to a channel."""
    kind = str(resource.inputs.get("type") or DEFAULT_TYPE)
    return f"lowlatency.input.{INPUTS.get(kind, INPUTS[DEFAULT_TYPE])}"


def channel(resource: Resource, context: Context) -> Iterable[Finding]:
    """A channel: hours in by its type, viewer-hours out by resolution."""
    kind = str(resource.inputs.get("type") or DEFAULT_TYPE)
    if kind not in INPUTS:
        yield Gap(f"channels of type {kind} are not metered yet", closed_by=USAGE_KEYS)
    elif len(context.inventory.of_type(CHANNEL)) > 1:
        yield Gap("of several channels it is not known which is watched how much", closed_by=USAGE_KEYS)
    else:
        yield from _hours(resource, context, kind)


def _hours(resource: Resource, context: Context, kind: str) -> Iterator[Finding]:
    sent: Factors = {"live hours streamed": everywhere(context.activity.monthly_live_hours_streamed)}
    yield context.quantity(resource, (SERVICE, input_sku(resource)), "hour", sent, "Live")
    watched = everywhere(context.activity.monthly_live_hours_watched)
    for resolution, share in resolution_shares(kind, context).items():
        factors: Factors = {"live hours watched": watched, f"share in {resolution.upper()}": share}
        sku = (SERVICE, f"lowlatency.output.{resolution}")
        yield context.quantity(resource, sku, "viewer-hour", factors, "Live", region=CHEAPEST_GROUP)
    if watched_elsewhere(context).any():
        yield Gap(
            "viewers outside North America and Europe are counted at its price, the lowest of IVS's groups:"
            " the prices of the others are in no source"
        )


def resolution_shares(kind: str, context: Context) -> dict[str, float]:
    """Share of viewers' hours by the resolution that is billed; live is watched on the same phones as the feed."""
    shares: dict[str, float] = {}
    for short_edge, resolution in RESOLUTIONS[kind].items():
        share = context.assumptions[f"usage.playback_share_{short_edge}"]
        shares[resolution] = shares.get(resolution, 0) + share
    return shares


def watched_elsewhere(context: Context) -> Array:
    """Hours of live video watched where the price book lists no price, shape (..., month)."""
    elsewhere = [i for i, edge in enumerate(context.activity.edges) if edge not in LISTED_EDGES]
    return np.asarray(everywhere(context.activity.monthly_live_hours_watched[..., elsewhere, :]))
