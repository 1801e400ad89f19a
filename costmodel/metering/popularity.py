"""How unequally videos are watched, and what that makes of codecs that a video must earn.

Views of a video are taken as lognormal: their mean is what the users' views and uploads make it, their inequality is
the published Gini coefficient. With ``G`` that coefficient, ``G = 2 Phi(sigma / sqrt 2) - 1`` gives the width
``sigma``, and ``mu = ln(mean) - sigma^2 / 2`` the middle.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from costmodel.metering.context import Context, Values, everywhere
from costmodel.metering.ladder import Ladder, parse_ladder, place_of, read_json, variables
from costmodel.tables import Array

FUNCTION = "aws:lambda/function:Function"
LADDERS = "EARNED_LADDERS"
"""Variable of the function that submits jobs in better codecs: codec -> its ladder."""
THRESHOLDS = "EARNED_VIEWS"
"""Variable of the function that counts views: codec -> views from which a video has it."""

_normal_share_below = np.vectorize(NormalDist().cdf, otypes=[float])


@dataclass(frozen=True)
class EarnedCodec:
    """A codec that the stack makes of videos that are watched a lot."""

    name: str
    """"hevc", "av1"."""
    ladder: Ladder
    views: float
    """From which a video has earned it [view]."""


def earned_codecs(context: Context) -> tuple[EarnedCodec, ...]:
    """Codecs beyond the ladder, from the one that is earned first on; none when the stack makes none.

    Raises:
        InventoryError: what a function declares of them is malformed.
    """
    return context.once(_earned_codecs)


def _earned_codecs(context: Context) -> tuple[EarnedCodec, ...]:
    ladders, thresholds = _declared(LADDERS, context), _declared(THRESHOLDS, context)
    found = [
        EarnedCodec(name, parse_ladder(document, f"{where}.{name}", urn), float(thresholds[name][0]))
        for name, (document, where, urn) in ladders.items()
        if name in thresholds
    ]
    return tuple(sorted(found, key=lambda codec: codec.views))


def _declared(variable: str, context: Context) -> Mapping[str, tuple[Any, str, str]]:
    """Codec -> what a function's variable says of it, where, and the function."""
    for function in context.inventory.of_type(FUNCTION):
        if isinstance(text := variables(function).get(variable), str):
            where = place_of(function, variable, context.inventory.source)
            document = read_json(text, where)
            found = document if isinstance(document, dict) else {}
            return {name: (said, where, function.urn) for name, said in found.items()}
    return {}


def sigma(assumptions: Values) -> float:
    """Standard deviation of the logarithm of a video's views."""
    return math.sqrt(2) * NormalDist().inv_cdf((1 + assumptions["usage.gini_of_views"]) / 2)


def mean_views(context: Context) -> Array:
    """Views of a video in its life, shape (..., month): as many as there are for each upload of the month."""
    views, uploads = everywhere(context.activity.monthly_views), context.monthly_uploads
    return np.divide(views, uploads, out=np.zeros_like(views), where=uploads > 0)


def share_of_videos(views: float, context: Context) -> Array:
    """Share of videos that are watched at least so often, shape (..., month); none beyond the number of users."""
    reach = _distances(views, context)
    return np.asarray(_reachable(views, context) * _normal_share_below(reach))


def share_of_views_after(views: float, context: Context) -> Array:
    """Share of all views that come after a video's first so many, ``E[max(V - t, 0)] / E[V]``; shape (..., month)."""
    width, reach = sigma(context.assumptions), _distances(views, context)
    mean = mean_views(context)
    before = np.divide(views, mean, out=np.zeros_like(mean), where=mean > 0)
    beyond = _normal_share_below(reach + width) - before * _normal_share_below(reach)
    return np.asarray(_reachable(views, context) * np.maximum(beyond, 0))


def _distances(views: float, context: Context) -> Array:
    """(mu - ln t) / sigma, far below zero where nobody watches; shape (..., month)."""
    width = sigma(context.assumptions)
    relative = mean_views(context) / views
    logs = np.log(relative, out=np.full_like(relative, -np.inf), where=relative > 0)
    return np.asarray(logs / width - width / 2)


def _reachable(views: float, context: Context) -> Array:
    """1 where the platform has as many users as a video needs views: most people watch a video once."""
    return np.asarray(everywhere(context.activity.monthly_active_users) >= views, dtype=np.float64)
