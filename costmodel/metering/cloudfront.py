"""Amazon CloudFront: bytes and requests at the edges that serve the viewers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from costmodel.inventory import Resource
from costmodel.metering import events
from costmodel.metering.context import Context, Factors, Finding, Gap, everywhere, literal_mapping
from costmodel.metering.delivery import (
    PRICE_CLASSES,
    api_answer_gb,
    by_edge,
    fetched_gb_per_second_watched,
    monthly_media_requests,
)
from costmodel.metering.ladder import NO_LADDER, Ladder, variables

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
VPC_ORIGIN = "aws:cloudfront/vpcOrigin:VpcOrigin"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
FUNCTION = "aws:lambda/function:Function"
BUCKET = "aws:s3/bucket:Bucket"
ROLE_TAG = "reelplan:role"
USAGE_KEYS = ("monthly_data_transfer_to_internet_gb", "monthly_https_requests")

DEFAULT_PRICE_CLASS = "PriceClass_All"
"""What the service takes when a distribution names none."""


def distribution(resource: Resource, context: Context) -> Iterable[Finding]:
    """A distribution, for what its origins show that it serves: the renditions, the API, or both."""
    price_class = resource.inputs.get("priceClass") or DEFAULT_PRICE_CLASS
    media, api = serves_media(resource, context), serves_api(resource, context)
    if price_class not in PRICE_CLASSES:
        yield Gap(f"price class {price_class} is not known to the planner")
    elif media and context.ladder is None:
        yield Gap(NO_LADDER, closed_by=USAGE_KEYS)
    elif not (media or api):
        reason = "what it serves is not known: its origins are neither the renditions bucket nor the API"
        yield Gap(reason, closed_by=USAGE_KEYS)
    else:
        if media and context.ladder is not None:
            yield from _media(resource, context, context.ladder, price_class)
            yield from _invalidations(resource, context)
        if api:
            yield from _api(resource, context, price_class)
        yield from _per_request(resource, context)


def _media(resource: Resource, context: Context, ladder: Ladder, price_class: str) -> Iterator[Finding]:
    seconds = context.activity.monthly_watch_seconds
    per_second = fetched_gb_per_second_watched(ladder, context)
    words = "GB per second (bitrate by playback share / (1 - prefetch waste))"
    for edge, amount in by_edge(context, seconds, price_class).items():
        yield _transfer(resource, context, edge, {"media: seconds watched": amount, words: per_second})
    requests = monthly_media_requests(context, ladder)
    words = "media: video and audio segments fetched + requests that start a view"
    for edge, amount in by_edge(context, requests, price_class).items():
        yield _requests(resource, context, edge, {words: amount})
    if region := shield_region(resource):
        missed_share = 1 - context.assumptions["eng.cdn_hit_ratio_edge"]
        factors: Factors = {"player requests": everywhere(requests), "share that misses at the edge": missed_share}
        yield context.quantity(resource, ("CloudFront", "origin_shield"), "requests", factors, "CDN", region=region)


def _invalidations(resource: Resource, context: Context) -> Iterator[Finding]:
    """What the erase function takes out of the caches: one path for each video that its owner deletes."""
    functions = context.inventory.referring(resource.urn, FUNCTION)
    if any("DISTRIBUTION_ID" in variables(function) for function in functions):
        paths = {**events.erasures(context), "1 path": 1}
        yield context.quantity(resource, ("CloudFront", "invalidation"), "path", paths, "CDN", region="global")


def _per_request(resource: Resource, context: Context) -> Iterator[Finding]:
    """What a distribution does with each request beside answering it: functions at the edge, a line in real-time logs.

    Of several behaviors the one that does most is taken for all requests.
    """
    behaviors = [resource.inputs.get("defaultCacheBehavior"), *(resource.inputs.get("orderedCacheBehaviors") or [])]
    told = [literal_mapping(behavior) for behavior in behaviors]
    requests = viewer_requests(resource, context) or {}
    associations = [behavior.get("functionAssociations") for behavior in told]
    if count := max(len(found) if isinstance(found, list) else 0 for found in associations):
        run = {**requests, f"{count} functions": count}
        yield context.quantity(resource, ("CloudFront", "functions"), "invocations", run, "CDN", region="global")
    if any(behavior.get("realtimeLogConfigArn") for behavior in told):
        sku, lines = ("CloudFront", "realtime_logs"), {**requests, "1 line": 1}
        yield context.quantity(resource, sku, "lines", lines, "Observability", region="global")


def _api(resource: Resource, context: Context, price_class: str) -> Iterator[Finding]:
    requests = by_edge(context, context.activity.monthly_api_requests, price_class)
    answer_gb = api_answer_gb(context.assumptions)
    for edge, amount in requests.items():
        yield _transfer(resource, context, edge, {"API: requests": amount, "GB of an answer": answer_gb})
    for edge, amount in requests.items():
        yield _requests(resource, context, edge, {"API: requests": amount})


def _transfer(resource: Resource, context: Context, edge: str, factors: Factors) -> Finding:
    sku = ("CloudFront", f"dto.{edge}")
    return context.quantity(resource, sku, "GB", factors, "CDN", region=f"edge:{edge}")


def _requests(resource: Resource, context: Context, edge: str, factors: Factors) -> Finding:
    sku = ("CloudFront", f"req.https.{edge}")
    return context.quantity(resource, sku, "requests", factors, "CDN", region=f"edge:{edge}")


def origin_fetches(resource: Resource, context: Context, ladder: Ladder) -> Factors:
    """Player requests that no cache answers."""
    return {
        "player requests": everywhere(monthly_media_requests(context, ladder)),
        "(1 - CDN hit ratio)": missed_share(resource, context),
    }


def origin_gb(resource: Resource, context: Context, ladder: Ladder) -> Factors:
    """Media that the CDN fetches from its origin [GB as billed]."""
    return {
        "seconds watched": everywhere(context.activity.monthly_watch_seconds),
        "GB per second": fetched_gb_per_second_watched(ladder, context),
        "(1 - CDN hit ratio)": missed_share(resource, context),
    }


def missed_share(resource: Resource, context: Context) -> float:
    """Share of what viewers ask for that no cache has."""
    key = "eng.cdn_hit_ratio_with_shield" if shield_region(resource) else "eng.cdn_hit_ratio_edge"
    return 1 - context.assumptions[key]


def serves_media(resource: Resource, context: Context) -> bool:
    """Whether one of the origins is the bucket of renditions."""
    buckets = context.inventory.referred(resource, BUCKET, prop="origins")
    return any(bucket.tags.get(ROLE_TAG) == "renditions" for bucket in buckets)


def serves_api(resource: Resource, context: Context) -> bool:
    """Whether one of the origins is a load balancer, directly or inside a VPC."""
    return bool(context.inventory.referred(resource, VPC_ORIGIN, LOAD_BALANCER, prop="origins"))


def shield_region(resource: Resource) -> str:
    """Region of the Origin Shield; empty when no origin has one."""
    for origin in resource.inputs.get("origins") or []:
        shield = literal_mapping(literal_mapping(origin).get("originShield"))
        if shield.get("enabled"):
            return str(shield.get("originShieldRegion") or resource.region)
    return ""


def viewer_requests(resource: Resource, context: Context) -> Factors | None:
    """All requests that viewers send to a distribution, wherever they are; None when what it serves is not known."""
    flows = []
    if serves_media(resource, context) and context.ladder is not None:
        flows.append(everywhere(monthly_media_requests(context, context.ladder)))
    if serves_api(resource, context):
        flows.append(context.monthly_api_requests)
    return {"requests of viewers": sum(flows[1:], flows[0])} if flows else None
