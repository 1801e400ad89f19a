"""Delivery: one CloudFront distribution for the videos and for the API, with nothing behind it open to the internet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.api import HTTP, Api
from infra.components.domain import Host
from infra.components.http_api import HttpApi
from infra.components.network import HTTPS
from infra.components.signing_keys import SigningKeys
from infra.components.storage import PUBLISHED_PREFIX, PrivateBucket
from infra.naming import Naming

DAY_SECONDS = 24 * 3600
YEAR_SECONDS = 365 * DAY_SECONDS
PREFLIGHT_SECONDS = 600
API_PATH = "/api/*"
ROOT_OBJECT = "index.html"
MEDIA_ORIGIN = "media"
REPLICA_ORIGIN = "replica"
MEDIA_GROUP = "media-or-replica"
FAILOVER_STATUS = (500, 502, 503, 504)
"""Answers after which CloudFront asks the replica. Not 403 or 404: what is erased must not be looked for elsewhere."""
API_ORIGIN = "api"
GATEWAY_ORIGIN = "gateway"
GATEWAY_PATHS = ("/uploads*", "/session/*")
"""Routes of the HTTP API. Cookies for videos count only when the host that serves them has set them."""


@dataclass(frozen=True)
class DeliveryArgs:
    """What is delivered, and where from."""

    renditions: PrivateBucket
    api: Api
    price_class: str
    allowed_origins: Sequence[str]
    gateway: HttpApi
    keys: SigningKeys | None = None
    """Who signs viewers' cookies; None gives published videos to everybody."""
    web_acl_arn: pulumi.Input[str] | None = None
    """AWS WAF that every request passes."""
    replica: PrivateBucket | None = None
    """Copy of the renditions, for when their region does not answer."""
    shield_region: str | None = None
    """Region of the cache before the renditions; None leaves every edge to fetch by itself."""
    host: Host | None = None
    """The stack's own host name; None leaves CloudFront's."""


class Delivery(pulumi.ComponentResource):
    """The distribution and its policies; the only reader of the renditions."""

    distribution: aws.cloudfront.Distribution
    host: pulumi.Output[str]
    """Name under which viewers come; cookies are signed for it."""
    url: pulumi.Output[str]

    def __init__(
        self, name: str, naming: Naming, args: DeliveryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:delivery:Delivery", name, None, opts)
        self._naming = naming
        self._tags = naming.tags("delivery")
        self._child = pulumi.ResourceOptions(parent=self)
        self.distribution = aws.cloudfront.Distribution(
            "delivery",
            enabled=True,
            # Nobody sees a listing of the origin under the bare domain.
            default_root_object=ROOT_OBJECT,
            comment=f"{naming.workflow}: videos and API",
            http_version="http2and3",
            is_ipv6_enabled=True,
            price_class=args.price_class,
            web_acl_id=args.web_acl_arn,
            aliases=[args.host.name] if args.host else None,
            origins=[*self._media_origins(args), self._api_origin(args), self._gateway_origin(args)],
            origin_groups=[_failover()] if args.replica else None,
            default_cache_behavior=self._media_behavior(args),
            ordered_cache_behaviors=self._api_behaviors(),
            restrictions={"geo_restriction": {"restriction_type": "none"}},
            viewer_certificate=_viewer_certificate(args.host),
            tags=self._tags,
            opts=self._child,
        )
        self.host = pulumi.Output.from_input(args.host.name) if args.host else self.distribution.domain_name
        self.url = pulumi.Output.concat("https://", self.host)
        for bucket in (args.renditions, *([args.replica] if args.replica else [])):
            bucket.grant(
                iam.service_may(
                    "cloudfront.amazonaws.com",
                    ["s3:GetObject"],
                    # Not the whole bucket: what waits for moderation lies beside it.
                    pulumi.Output.concat(bucket.arn, "/", PUBLISHED_PREFIX, "*"),
                    source_arns=[self.distribution.arn],
                )
            )
        self.register_outputs({"url": self.url})

    def _media_origins(self, args: DeliveryArgs) -> list[aws.cloudfront.DistributionOriginArgsDict]:
        """The renditions and, if there is one, their copy."""
        control = aws.cloudfront.OriginAccessControl(
            "media",
            name=self._naming.physical("media"),
            description="Signs every request to the renditions",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=self._child,
        )
        buckets = {MEDIA_ORIGIN: args.renditions, **({REPLICA_ORIGIN: args.replica} if args.replica else {})}
        return [
            {
                "origin_id": origin,
                "domain_name": bucket.regional_domain_name,
                "origin_access_control_id": control.id,
                **_shield(args.shield_region if origin == MEDIA_ORIGIN else None),
            }
            for origin, bucket in buckets.items()
        ]

    def _api_origin(self, args: DeliveryArgs) -> aws.cloudfront.DistributionOriginArgsDict:
        origin = aws.cloudfront.VpcOrigin(
            "api",
            vpc_origin_endpoint_config={
                "name": self._naming.physical("api"),
                "arn": args.api.load_balancer.arn,
                "http_port": HTTP,
                "https_port": HTTPS,
                "origin_protocol_policy": "http-only",
                "origin_ssl_protocols": {"items": ["TLSv1.2"], "quantity": 1},
            },
            tags=self._tags,
            opts=self._child,
        )
        return {
            "origin_id": API_ORIGIN,
            "domain_name": args.api.load_balancer.dns_name,
            "vpc_origin_config": {"vpc_origin_id": origin.id},
        }

    def _media_behavior(self, args: DeliveryArgs) -> aws.cloudfront.DistributionDefaultCacheBehaviorArgsDict:
        cache = aws.cloudfront.CachePolicy(
            "media",
            name=self._naming.physical("media"),
            comment="Files never change under their name: the path is the whole cache key",
            min_ttl=0,
            default_ttl=DAY_SECONDS,
            max_ttl=YEAR_SECONDS,
            parameters_in_cache_key_and_forwarded_to_origin={
                "cookies_config": {"cookie_behavior": "none"},
                "headers_config": {"header_behavior": "none"},
                "query_strings_config": {"query_string_behavior": "none"},
                "enable_accept_encoding_brotli": True,
                "enable_accept_encoding_gzip": True,
            },
            opts=self._child,
        )
        headers = aws.cloudfront.ResponseHeadersPolicy(
            "media",
            name=self._naming.physical("media"),
            comment="Players on our own sites, and the usual hardening",
            cors_config={
                # The signed cookies must come along when a page of ours on another host plays a video.
                "access_control_allow_credentials": args.keys is not None,
                "access_control_allow_headers": {"items": ["Range"]},
                "access_control_allow_methods": {"items": ["GET", "HEAD"]},
                "access_control_allow_origins": {"items": list(args.allowed_origins)},
                "access_control_max_age_sec": PREFLIGHT_SECONDS,
                "origin_override": True,
            },
            security_headers_config={
                "content_type_options": {"override": True},
                "strict_transport_security": {
                    "access_control_max_age_sec": YEAR_SECONDS,
                    "include_subdomains": True,
                    "override": True,
                },
            },
            opts=self._child,
        )
        return {
            "target_origin_id": MEDIA_GROUP if args.replica else MEDIA_ORIGIN,
            "viewer_protocol_policy": "redirect-to-https",
            "allowed_methods": ["GET", "HEAD", "OPTIONS"],
            "cached_methods": ["GET", "HEAD"],
            # Playlists are text and shrink; video is compressed already and passes as it is.
            "compress": True,
            "cache_policy_id": cache.id,
            "response_headers_policy_id": headers.id,
            "trusted_key_groups": [args.keys.group.id] if args.keys else [],
        }

    def _gateway_origin(self, args: DeliveryArgs) -> aws.cloudfront.DistributionOriginArgsDict:
        return {
            "origin_id": GATEWAY_ORIGIN,
            "domain_name": args.gateway.domain,
            "custom_origin_config": {
                "http_port": HTTP,
                "https_port": HTTPS,
                "origin_protocol_policy": "https-only",
                "origin_ssl_protocols": ["TLSv1.2"],
            },
        }

    def _api_behaviors(self) -> list[aws.cloudfront.DistributionOrderedCacheBehaviorArgsDict]:
        cache = aws.cloudfront.CachePolicy(
            "api",
            name=self._naming.physical("api"),
            comment="Answers are personal: nothing is cached",
            min_ttl=0,
            default_ttl=0,
            max_ttl=0,
            parameters_in_cache_key_and_forwarded_to_origin={
                "cookies_config": {"cookie_behavior": "none"},
                "headers_config": {"header_behavior": "none"},
                "query_strings_config": {"query_string_behavior": "none"},
            },
            opts=self._child,
        )
        forward = aws.cloudfront.OriginRequestPolicy(
            "api",
            name=self._naming.physical("api"),
            comment="The API sees the whole request, under its own host name",
            cookies_config={"cookie_behavior": "all"},
            headers_config={"header_behavior": "allExcept", "headers": {"items": ["host"]}},
            query_strings_config={"query_string_behavior": "all"},
            opts=self._child,
        )
        targets = {API_PATH: API_ORIGIN, **dict.fromkeys(GATEWAY_PATHS, GATEWAY_ORIGIN)}
        return [
            {
                "path_pattern": path,
                "target_origin_id": origin,
                "viewer_protocol_policy": "https-only",
                "allowed_methods": ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
                "cached_methods": ["GET", "HEAD"],
                "compress": True,
                "cache_policy_id": cache.id,
                "origin_request_policy_id": forward.id,
            }
            for path, origin in targets.items()
        ]


def _shield(region: str | None) -> aws.cloudfront.DistributionOriginArgsDict:
    """The part of an origin that puts one more cache before it; the copy is read when that region does not answer."""
    return {"origin_shield": {"enabled": True, "origin_shield_region": region}} if region else {}  # type: ignore[typeddict-item]  # a part of an origin


def _failover() -> aws.cloudfront.DistributionOriginGroupArgsDict:
    """The renditions, and their copy when the region does not answer."""
    return {
        "origin_id": MEDIA_GROUP,
        "failover_criteria": {"status_codes": list(FAILOVER_STATUS)},
        "members": [{"origin_id": MEDIA_ORIGIN}, {"origin_id": REPLICA_ORIGIN}],
    }


def _viewer_certificate(host: Host | None) -> aws.cloudfront.DistributionViewerCertificateArgsDict:
    """The certificate of a host of one's own demands TLS 1.2; with CloudFront's own, its version cannot be chosen."""
    if host is None:
        return {"cloudfront_default_certificate": True}
    return {
        "acm_certificate_arn": host.certificate_arn,
        "minimum_protocol_version": "TLSv1.2_2021",
        "ssl_support_method": "sni-only",
    }
