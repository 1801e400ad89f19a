"""How often things happen on a platform: the events, requests and messages that its parts are started by.

A stack says what it listens to: the names in event patterns and routes. What the users do says how often that happens.
Names are the platform's own vocabulary; one that is not here is not modelled, and its listeners become gaps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from costmodel.metering.context import Context, Factors, everywhere, product
from costmodel.metering.popularity import EarnedCodec, earned_codecs, share_of_videos
from costmodel.units import MONTHS_PER_YEAR

Happening = Callable[[Context], Factors]

USERS_PER_M = 10**6
"""Users in the M of a rate per M MAU."""

FUNCTION = "aws:lambda/function:Function"
RECORDING = "aws:ivs/recordingConfiguration:RecordingConfiguration"


def total(flows: Sequence[Factors], context: Context) -> Factors:
    """Several flows as one: the sum of their products, described by all of their words.

    Args:
        flows: at least one.
        context: says how many months there are.
    """
    if len(flows) == 1:
        return flows[0]
    months = context.activity.timeline.count
    amounts = [product(flow, months) for flow in flows]
    return {" + ".join(" x ".join(flow) for flow in flows): sum(amounts[1:], amounts[0])}


def uploads(context: Context) -> Factors:
    """Videos that users upload."""
    return {"uploads": context.monthly_uploads}


def recordings(context: Context) -> Factors:
    """Live streams that end and were recorded."""
    hours = everywhere(context.activity.monthly_live_hours_streamed)
    return {"live hours streamed": hours, "streams per hour": 1 / context.assumptions["usage.live_stream_hours"]}


def codecs_earned(context: Context) -> Factors:
    """Better codecs that videos earn by being watched a lot; one event for each codec of each of them."""
    flows = [codec_earned(codec, context) for codec in earned_codecs(context)]
    return total(flows, context) if flows else {**first_transcodes(context), "no better codec": 0}


def codec_earned(codec: EarnedCodec, context: Context) -> Factors:
    """Videos that earn one codec."""
    share = share_of_videos(codec.views, context)
    return {**first_transcodes(context), f"share with {codec.views:,.0f} views ({codec.name.upper()})": share}


def first_transcodes(context: Context) -> Factors:
    """Videos that become playable: uploads, and recordings of live streams where they are kept."""
    recorded = [recordings(context)] if context.inventory.of_type(RECORDING) else []
    return total([uploads(context), *recorded], context)


def transcoding_jobs(context: Context) -> Factors:
    """Jobs of MediaConvert: each video once, and once for each better codec that it earns."""
    earned = [codecs_earned(context)] if earned_codecs(context) else []
    return total([first_transcodes(context), *earned], context)


def cleared(context: Context) -> Factors:
    """Videos that moderation lets through."""
    share = 1 - context.assumptions["staff.removed_share_uploads"]
    return {**first_transcodes(context), "share cleared": share}


def reviewed(context: Context) -> Factors:
    """Videos that people look at."""
    share = context.assumptions["staff.human_review_share_uploads"]
    return {"uploads": context.monthly_uploads, "share that people review": share}


def appeals(context: Context) -> Factors:
    """Authors who ask for a second look at a removal."""
    assumptions = context.assumptions
    return {
        "uploads": context.monthly_uploads,
        "share removed": assumptions["staff.removed_share_uploads"],
        "share appealed": assumptions["staff.appeal_share_of_removals"],
    }


def erasures(context: Context) -> Factors:
    """Videos whose owners delete them."""
    share = context.assumptions["usage.video_deleted_share_7m"]
    return {"uploads": context.monthly_uploads, "share that users delete": share}


def account_erasures(context: Context) -> Factors:
    """People who ask for everything about them to be erased."""
    per_million = context.assumptions["comp.dsr_delete_per_M_mau_year"]
    return {
        "monthly users": everywhere(context.activity.monthly_active_users),
        "requests of a million users a month": per_million / MONTHS_PER_YEAR,
        "1 / a million": 1 / USERS_PER_M,
    }


def left_after_erasure(context: Context) -> Factors:
    """Files that a job still wrote while its video was being erased."""
    return {**erasures(context), "share that comes late": context.assumptions["eng.pipeline_failure_share"]}


def gifts_sent(context: Context) -> Factors:
    """Gifts in live streams."""
    coins = everywhere(context.activity.monthly_gift_coins)
    return {"coins spent": coins, "gifts per coin": 1 / context.assumptions["gifts.coins_per_gift"]}


def chat_messages(context: Context) -> Factors:
    """Messages that viewers of live streams write."""
    hours = everywhere(context.activity.monthly_live_hours_watched)
    return {"live hours watched": hours, "messages an hour": context.assumptions["usage.live_chat_messages_per_hour"]}


def order_changes(context: Context) -> Factors:
    """States that orders reach: placed, paid, shipped, delivered."""
    orders = everywhere(context.activity.monthly_orders)
    return {"orders": orders, "states of an order": context.assumptions["shop.states_per_order"]}


def feed_changes(context: Context) -> Factors:
    """Likes, comments, shares and follows."""
    return {"engagements": everywhere(context.activity.monthly_engagements)}


def sign_ups(context: Context) -> Factors:
    """People who register."""
    return {"new users": everywhere(context.activity.monthly_new_users)}


def interactions(context: Context) -> Factors:
    """What the app reports to the recommendation: each view, and each reaction to one."""
    activity = context.activity
    return {"views + engagements": everywhere(activity.monthly_views + activity.monthly_engagements)}


def findings(context: Context) -> Factors:
    """Threats that GuardDuty finds."""
    return {"1 account": 1, "findings a month": context.assumptions["eng.security_findings_per_month"]}


def troubles(context: Context) -> Factors:
    """What AWS says about trouble on its side, and about changes that are due."""
    return {"1 account": 1, "notices of AWS a month": context.assumptions["eng.health_events_per_month"]}


def operations(context: Context) -> Factors:
    """What the people who run the platform do by hand."""
    return {"1 team": 1, "acts by hand a month": context.assumptions["eng.operator_events_per_month"]}


EVENTS: Mapping[str, Happening] = {
    "AWS Health Event": troubles,
    "Account Erasure Requested": account_erasures,
    "Codec Earned": codecs_earned,
    "Codec Transcoded": codecs_earned,
    "Erasure Requested": erasures,
    "Feed Changed": feed_changes,
    "Files After Erasure": left_after_erasure,
    "Gift Sent": gifts_sent,
    "GuardDuty Finding": findings,
    "IVS Recording State Change": recordings,
    "MediaConvert Job State Change": transcoding_jobs,
    "Object Created": uploads,
    "Order Changed": order_changes,
    "Pause Transcoding": operations,
    "Resume Transcoding": operations,
    "Review Appealed": appeals,
    "Review Decided": reviewed,
    "Video Cleared": cleared,
    "Video Transcoded": first_transcodes,
}
"""Detail-type of an event -> how often it happens."""


def _in_parts(context: Context) -> Factors:
    share = context.assumptions["eng.multipart_upload_share"]
    return {"uploads": context.monthly_uploads, "share sent in parts": share}


def _abandoned(context: Context) -> Factors:
    return {**_in_parts(context), "share given up": context.assumptions["eng.pipeline_failure_share"]}


def _sessions(context: Context) -> Factors:
    views = everywhere(context.activity.monthly_views)
    return {"views": views, "sessions per view": context.assumptions["eng.session_requests_per_view"]}


ROUTES: Mapping[str, Happening] = {
    "DELETE /uploads/{video}": _abandoned,
    "GET /session/{video}": _sessions,
    "POST /uploads": uploads,
    "POST /uploads/{video}/complete": _in_parts,
    "POST /uploads/{video}/parts": _in_parts,
    "POST /webhooks/{provider}": order_changes,
}
"""Route key of the gateway -> how often it is called."""

QUEUED: Mapping[str, Happening] = {"orders": order_changes}
"""Role of the table that a queue's consumer writes to -> how often the queue gets a message."""
