"""AWS Elemental MediaConvert: normalized minutes of every output of the ladder.

Billed on output minutes, per output, in steps of a second with a minimum of ten seconds: a 6-second clip in five
renditions bills 50 seconds. An output minute counts as many normalized minutes as its codec, pass, resolution and frame
rate say; volume tiers apply per month, region and price tier (Basic, Professional).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering import events
from costmodel.metering.context import Context, Factors, Finding, Gap, everywhere, literal_mapping, product
from costmodel.metering.events import RECORDING
from costmodel.metering.ladder import NO_LADDER, Ladder, Rendition
from costmodel.metering.popularity import earned_codecs
from costmodel.tables import Array
from costmodel.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

SERVICE = "MediaConvert"
QUEUE = "aws:mediaconvert/queue:Queue"

BASIC_PASSES = frozenset({"SINGLE_PASS", "SINGLE_PASS_HQ"})
"""AVC in one pass is all that the Basic tier includes of what a ladder here can ask for."""

PASSES = {"SINGLE_PASS": "single", "SINGLE_PASS_HQ": "single_hq", "MULTI_PASS_HQ": "multi_hq"}
"""Quality tuning level -> its name in the price book's multiplier keys."""

USAGE_KEYS = ("monthly_normalized_minutes", "monthly_audio_minutes")

UHD_TO_PIXELS = 4096 * 2160
"""Largest picture that AWS bills as UHD; above it is 8K."""

FRAME_RATES = ((30, "le30"), (60, "30_60"), (120, "60_120"))
"""(up to frames per second, name in the multiplier keys)."""


def queue(resource: Resource, context: Context) -> Iterable[Finding]:
    """The queue through which the submit function sends its jobs."""
    ladder = context.ladder
    if ladder is None:
        yield Gap(NO_LADDER, closed_by=USAGE_KEYS)
    elif not _is_used(resource, ladder, context):
        yield Gap("no function with a ladder sends jobs to this queue", closed_by=USAGE_KEYS)
    elif resource.inputs.get("pricingPlan") == "RESERVED":
        yield from _reserved(resource, context)
    else:
        yield from _on_demand(resource, context, ladder)


def _is_used(resource: Resource, ladder: Ladder, context: Context) -> bool:
    queues = context.inventory.of_type(QUEUE)
    submit = context.inventory.resources[ladder.function_urn]
    return len(queues) == 1 or resource in context.inventory.referred(submit, QUEUE)


def _reserved(resource: Resource, context: Context) -> Iterator[Finding]:
    slots = literal_mapping(resource.inputs.get("reservationPlanSettings")).get("reservedSlots")
    if not isinstance(slots, int | float):
        yield Gap("the number of reserved slots is not known")
        return
    sku = (SERVICE, "reserved_slot")
    yield context.quantity(resource, sku, "RTS-month", {"reserved slots": slots}, "Transcoding", usage_based=False)
    if not _takes_the_rest(context):
        yield Gap("whether the reserved slots can carry the uploads is not checked")


def _takes_the_rest(context: Context) -> bool:
    """Whether there is a queue on demand, to which jobs hop that wait too long for a slot."""
    return any(queue.inputs.get("pricingPlan") != "RESERVED" for queue in context.inventory.of_type(QUEUE))


def _on_demand(resource: Resource, context: Context, ladder: Ladder) -> Iterator[Finding]:
    hopping: Factors = {}
    if slots := reserved_slots(context):
        hopping = {f"share that {slots:g} reserved slots do not carry": overflow_share(slots, context, ladder)}
    for made, minutes in jobs(context, ladder):
        yield from _job(resource, context, made, {**minutes, **hopping})
    if ladder.poster:
        yield Gap("pictures (frame capture) have no sku in the price data")
    yield Gap("probing the upload has no sku in the price data")


def jobs(context: Context, ladder: Ladder) -> Iterator[tuple[Ladder, Factors]]:
    """What is made, and billed minutes of each of its outputs: of uploads, of recordings, of codecs that are earned."""
    yield ladder, {"uploads": context.monthly_uploads, "billed minutes per output": billed_minutes(context)}
    if context.inventory.of_type(RECORDING):
        yield ladder, _recorded(context)
    for codec in earned_codecs(context):
        earned = events.codec_earned(codec, context)
        yield codec.ladder, {**earned, "billed minutes per output": billed_minutes(context)}


def reserved_slots(context: Context) -> float:
    """Slots of all reserved queues; 0 without."""
    settings = [queue.inputs.get("reservationPlanSettings") for queue in context.inventory.of_type(QUEUE)]
    slots = [literal_mapping(setting).get("reservedSlots") for setting in settings]
    return float(sum(count for count in slots if isinstance(count, int | float)))


def overflow_share(slots: float, context: Context, ladder: Ladder) -> Array:
    """Share of the normalized minutes that reserved slots do not carry in a month, shape (..., month)."""
    months = context.activity.timeline.count
    wanted = [
        product(minutes, months) * sum(multiplier(rendition, context) for _, rendition in video_outputs(made))
        for made, minutes in jobs(context, ladder)
    ]
    total = sum(wanted[1:], wanted[0])
    carried = np.minimum(total, slots * context.assumptions["eng.normalized_minutes_per_slot_month"])
    return np.asarray(np.divide(total - carried, total, out=np.zeros_like(total), where=total > 0))


def _recorded(context: Context) -> Factors:
    """Minutes of an output of all recordings; streams are so long that the minimum of an output does not matter."""
    hours = everywhere(context.activity.monthly_live_hours_streamed)
    return {"live hours recorded": hours, "minutes in an hour": SECONDS_PER_HOUR / SECONDS_PER_MINUTE}


def _job(resource: Resource, context: Context, ladder: Ladder, minutes: Factors) -> Iterator[Finding]:
    """What the jobs of one kind bill: the video outputs of a ladder, and the sound."""
    outputs: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for label, rendition in video_outputs(ladder):
        outputs[price_tier(rendition)].append((label, multiplier(rendition, context)))
    for tier, members in outputs.items():
        normalized = sum(factor for _, factor in members)
        words = " + ".join(f"{label} x{factor:g}" for label, factor in members)
        factors = {**minutes, f"({words})": normalized}
        yield context.quantity(resource, (SERVICE, f"ntm.{tier}"), "normalized minute", factors, "Transcoding")
    audio_tier = "professional" if "professional" in outputs else "basic"
    sku = (SERVICE, f"permin.{audio_tier}.audio_only")
    yield context.quantity(resource, sku, "output minute", {**minutes, "1 audio output": 1}, "Transcoding")


def billed_minutes(context: Context) -> float:
    """Mean billed minutes of one output of one upload, rounding and minimum included."""
    step = context.rules.rule(SERVICE, "rule.billing_increment_seconds")
    minimum = context.rules.rule(SERVICE, "rule.min_billable_seconds")
    return context.clip.mean_steps(step, round(minimum / step)) * step / SECONDS_PER_MINUTE


def video_outputs(ladder: Ladder) -> list[tuple[str, Rendition]]:
    """Every video output of a job: the renditions, and the progressive MP4."""
    outputs = [(rendition.name, rendition) for rendition in ladder.renditions]
    return [*outputs, (f"{ladder.mp4.name} MP4", ladder.mp4)] if ladder.mp4 else outputs


def price_tier(rendition: Rendition) -> str:
    """Price tier that the output's features ask for."""
    return "basic" if rendition.codec == "AVC" and rendition.tuning in BASIC_PASSES else "professional"


def multiplier(rendition: Rendition, context: Context) -> float:
    """Normalized minutes per output minute."""
    key = ".".join(
        (
            "multiplier",
            price_tier(rendition),
            rendition.codec.lower(),
            PASSES.get(rendition.tuning, rendition.tuning.lower()),
            resolution_class(rendition, context),
            next((name for rate, name in FRAME_RATES if rendition.frame_rate <= rate), "above_120"),
        )
    )
    return context.rules.rule(SERVICE, key)


def resolution_class(rendition: Rendition, context: Context) -> str:
    """Name of the resolution in the multiplier keys, by the number of pixels.

    AWS names its classes after landscape pictures and does not say how portrait ones map; by pixels 720 x 1280 is HD.
    """
    pixels = rendition.width * rendition.height
    if pixels < context.assumptions["eng.mediaconvert_hd_from_pixels"]:
        return "sd"
    if pixels <= context.assumptions["eng.mediaconvert_hd_to_pixels"]:
        return "hd"
    return "uhd" if pixels <= UHD_TO_PIXELS else "8k"
