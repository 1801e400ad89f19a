"""Amazon CloudFront: bytes and requests at the edges that serve the viewers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Finding, Gap, everywhere, literal_mapping
from costmodel.metering.delivery import (
    PRICE_CLASSES,
    by_edge,
    monthly_api_gb,
    monthly_media_gb,
    monthly_media_requests,
)
from costmodel.metering.ladder import NO_LADDER, Ladder
from costmodel.tables import Array

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
VPC_ORIGIN = "aws:cloudfront/vpcOrigin:VpcOrigin"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
BUCKET = "aws:s3/bucket:Bucket"
ROLE_TAG = "reelplan:role"
DEFAULT_PRICE_CLASS = "PriceClass_All"
"""What the service takes when a distribution names none."""


def distribution(resource: Resource, context: Context) -> Iterable[Finding]:
    """A distribution, for what its origins show that it serves: the renditions, the API, or both."""
    price_class = resource.inputs.get("priceClass") or DEFAULT_PRICE_CLASS
    media, api = serves_media(resource, context), serves_api(resource, context)
    if price_class not in PRICE_CLASSES:
        yield Gap(f"price class {price_class} is not known to the planner")
    elif media and context.ladder is None:
        yield Gap(NO_LADDER)
    elif not (media or api):
        yield Gap("what it serves is not known: its origins are neither the renditions bucket nor the API")
    else:
        if media and context.ladder is not None:
            yield from _media(resource, context, context.ladder, price_class)
        if api:
            yield from _api(resource, context, price_class)


def _media(resource: Resource, context: Context, ladder: Ladder, price_class: str) -> Iterator[Finding]:
    gb = monthly_media_gb(context, ladder)
    requests = monthly_media_requests(context, ladder)
    words = "seconds watched x bitrate by playback share / (1 - prefetch waste)"
    for edge, amount in by_edge(context, gb, price_class).items():
        yield _transfer(resource, context, edge, amount, f"media: {words}")
    words = "video and audio segments fetched + requests that start a view"
    for edge, amount in by_edge(context, requests, price_class).items():
        yield _requests(resource, context, edge, amount, f"media: {words}")
    if _shield(resource):
        missed = everywhere(requests) * (1 - context.assumptions["eng.cdn_hit_ratio_edge"])
        region = _shield(resource)
        driver = "player requests that miss at the edge"
        yield context.quantity(
            resource, ("CloudFront", "origin_shield"), "requests", missed, "CDN", driver, region=region
        )


def _api(resource: Resource, context: Context, price_class: str) -> Iterator[Finding]:
    for edge, amount in by_edge(context, monthly_api_gb(context), price_class).items():
        yield _transfer(resource, context, edge, amount, "API: requests x size of an answer")
    for edge, amount in by_edge(context, context.activity.monthly_api_requests, price_class).items():
        yield _requests(resource, context, edge, amount, "API: requests")


def _transfer(resource: Resource, context: Context, edge: str, amount: Array, driver: str) -> Finding:
    sku = ("CloudFront", f"dto.{edge}")
    return context.quantity(resource, sku, "GB", amount, "CDN", driver, region=f"edge:{edge}")


def _requests(resource: Resource, context: Context, edge: str, amount: Array, driver: str) -> Finding:
    sku = ("CloudFront", f"req.https.{edge}")
    return context.quantity(resource, sku, "requests", amount, "CDN", driver, region=f"edge:{edge}")


def monthly_origin_fetches(resource: Resource, context: Context, ladder: Ladder) -> Array:
    """Player requests that no cache answers, shape (..., month)."""
    key = "eng.cdn_hit_ratio_with_shield" if _shield(resource) else "eng.cdn_hit_ratio_edge"
    return np.asarray(everywhere(monthly_media_requests(context, ladder)) * (1 - context.assumptions[key]))


def serves_media(resource: Resource, context: Context) -> bool:
    """Whether one of the origins is the bucket of renditions."""
    buckets = context.inventory.referred(resource, BUCKET, prop="origins")
    return any(bucket.tags.get(ROLE_TAG) == "renditions" for bucket in buckets)


def serves_api(resource: Resource, context: Context) -> bool:
    """Whether one of the origins is a load balancer, directly or inside a VPC."""
    return bool(context.inventory.referred(resource, VPC_ORIGIN, LOAD_BALANCER, prop="origins"))


def _shield(resource: Resource) -> str:
    """Region of the Origin Shield; empty when no origin has one."""
    for origin in resource.inputs.get("origins") or []:
        shield = literal_mapping(literal_mapping(origin).get("originShield"))
        if shield.get("enabled"):
            return str(shield.get("originShieldRegion") or resource.region)
    return ""
