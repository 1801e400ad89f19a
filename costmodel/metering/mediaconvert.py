"""AWS Elemental MediaConvert: normalized minutes of every output of the ladder.

Billed on output minutes, per output, in steps of a second with a minimum of ten seconds: a 6-second clip in five
renditions bills 50 seconds. An output minute counts as many normalized minutes as its codec, pass, resolution and frame
rate say; volume tiers apply per month, region and price tier (Basic, Professional).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Factors, Finding, Gap, literal_mapping
from costmodel.metering.ladder import NO_LADDER, Ladder, Rendition
from costmodel.units import SECONDS_PER_MINUTE

SERVICE = "MediaConvert"
QUEUE = "aws:mediaconvert/queue:Queue"

BASIC_PASSES = frozenset({"SINGLE_PASS", "SINGLE_PASS_HQ"})
"""AVC in one pass is all that the Basic tier includes of what a ladder here can ask for."""

PASSES = {"SINGLE_PASS": "single", "SINGLE_PASS_HQ": "single_hq", "MULTI_PASS_HQ": "multi_hq"}
"""Quality tuning level -> its name in the price book's multiplier keys."""

USAGE_KEYS = ("monthly_normalized_minutes", "monthly_audio_minutes")

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
    yield Gap("whether the reserved slots can carry the uploads is not checked")


def _on_demand(resource: Resource, context: Context, ladder: Ladder) -> Iterator[Finding]:
    minutes: Factors = {"uploads": context.monthly_uploads, "billed minutes per output": billed_minutes(context)}
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
    if ladder.poster:
        yield Gap("the poster (frame capture) has no sku in the price data")
    yield Gap("probing the upload has no sku in the price data")


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
    return "uhd" if pixels <= context.assumptions["eng.mediaconvert_uhd_to_pixels"] else "8k"
