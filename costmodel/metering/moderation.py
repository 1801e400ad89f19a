"""Machines that judge every video before it is published: what the moderate function asks Rekognition and Comprehend.

The function's variables say what looks at a video, and the submit function's how many pictures are taken of it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from costmodel.inventory import Resource
from costmodel.metering import events
from costmodel.metering.context import Context, Factors, Finding, Gap, everywhere
from costmodel.metering.ladder import carries_ladder, variables
from costmodel.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

FUNCTION = "aws:lambda/function:Function"
PARTS, MODE, SAMPLING = "PARTS", "MODE", "SAMPLING"
BUCKET = "RENDITIONS_BUCKET"
"""Only the function that starts the looking has it; others hear the result."""
SECOND = 1
"""Unit of the time between two pictures, as the submit function is told [second]."""
CHARACTERS_PER_UNIT = 100
"""Comprehend bills text by 100 characters (Comprehend price page)."""


def calls(resource: Resource, context: Context) -> Iterable[Finding]:
    """What a function asks of the services that judge; nothing for a function that asks none."""
    for part in parts_of(resource):
        if part not in LOOKS:
            yield Gap(f"what moderation by {part} costs is not metered yet")
        else:
            yield from LOOKS[part](resource, context)


def parts_of(function: Resource) -> tuple[str, ...]:
    """What looks at a video, as a function is told; empty when it looks at none."""
    said = variables(function)
    if not isinstance(said.get(PARTS), str) or BUCKET not in said:
        return ()
    parts = json.loads(said[PARTS])
    return tuple(map(str, parts)) if isinstance(parts, list) else ()


def _frames(resource: Resource, context: Context) -> Iterator[Finding]:
    """Sampled pictures, one call each."""
    sampling = context.once(sampling_of)
    if sampling is None:
        yield Gap("how many pictures of a video are taken is not known", closed_by=("monthly_images",))
        return
    sku = ("Rekognition", "image.labels_moderation_text")
    shown: Factors = {"uploads": context.monthly_uploads, "pictures of an upload": frames_of_upload(sampling, context)}
    yield context.quantity(resource, sku, "images", shown, "Moderation")
    if context.inventory.of_type(events.RECORDING):
        shown = {**events.recordings(context), "pictures of a recording": frames_of_recording(sampling, context)}
        yield context.quantity(resource, sku, "images", shown, "Moderation")


def _video(resource: Resource, context: Context) -> Iterator[Finding]:
    """Whole videos, by the minute."""
    sku = ("Rekognition", "video.stored_per_api")
    minutes = context.clip.mean_seconds / SECONDS_PER_MINUTE
    seen: Factors = {"uploads": context.monthly_uploads, "minutes of an upload": minutes}
    yield context.quantity(resource, sku, "minute", seen, "Moderation")
    if context.inventory.of_type(events.RECORDING):
        hours = everywhere(context.activity.monthly_live_hours_streamed)
        seen = {"live hours recorded": hours, "minutes in an hour": SECONDS_PER_HOUR / SECONDS_PER_MINUTE}
        yield context.quantity(resource, sku, "minute", seen, "Moderation")


def _caption(resource: Resource, context: Context) -> Iterator[Finding]:
    """Captions, by the started 100 characters with a minimum."""
    least = context.rules.rule("Comprehend", "rule.min_units")
    units = max(least, math.ceil(context.assumptions["usage.caption_characters"] / CHARACTERS_PER_UNIT))
    read: Factors = {**events.first_transcodes(context), "units of 100 characters": units}
    yield context.quantity(resource, ("Comprehend", "toxicity"), "units", read, "Moderation")


LOOKS = {"frames": _frames, "video": _video, "caption": _caption}
"""What looks at a video, by the name in the function's variables."""


# --- pictures


def sampling_of(context: Context) -> Mapping[str, Any] | None:
    """Seconds between two pictures and the most of them, as the submit function is told; None when it takes none."""
    for function in context.inventory.of_type(FUNCTION):
        text = variables(function).get(SAMPLING)
        if carries_ladder(function) and isinstance(text, str) and text:
            found = json.loads(text)
            if isinstance(found, dict) and {"seconds_per_frame", "max_frames"} <= found.keys():
                return found
    return None


def frames_of_upload(sampling: Mapping[str, Any], context: Context) -> float:
    """Mean pictures of an upload, ``E[min(n, ceil(L / s))]``.

    A longer video is sampled more thinly, so it never has more than ``n``. For whole numbers the mean is the sum of
    ``P(pictures > k)`` over ``k`` below ``n``, and there are more than ``k`` when the video is longer than ``k s``.
    """
    step, most = sampling["seconds_per_frame"], int(sampling["max_frames"])
    return math.fsum(context.clip.share_longer(k * step * SECOND) for k in range(most))


def frames_of_recording(sampling: Mapping[str, Any], context: Context) -> float:
    """Pictures of a recorded stream of mean length: nearly always the most that there may be."""
    wanted = (
        context.assumptions["usage.live_stream_hours"] * SECONDS_PER_HOUR / (sampling["seconds_per_frame"] * SECOND)
    )
    return float(min(float(sampling["max_frames"]), wanted))
