"""Delivery: one CloudFront distribution for the videos and for the API, with nothing behind it open to the internet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.api import HTTP, Api
from infra.components.network import HTTPS
from infra.components.storage import PrivateBucket
from infra.naming import Naming

DAY_SECONDS = 24 * 3600
YEAR_SECONDS = 365 * DAY_SECONDS
PREFLIGHT_SECONDS = 600
API_PATH = "/api/*"
MEDIA_ORIGIN = "media"
API_ORIGIN = "api"


@dataclass(frozen=True)
class DeliveryArgs:
    """What is delivered, and where from."""

    renditions: PrivateBucket
    api: Api
    price_class: str
    allowed_origins: Sequence[str]


class Delivery(pulumi.ComponentResource):
    """The distribution and its policies; the only reader of the renditions."""

    distribution: aws.cloudfront.Distribution
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
            comment=f"{naming.workflow}: videos and API",
            http_version="http2and3",
            is_ipv6_enabled=True,
            price_class=args.price_class,
            origins=[self._media_origin(args), self._api_origin(args)],
            default_cache_behavior=self._media_behavior(args),
            ordered_cache_behaviors=[self._api_behavior()],
            restrictions={"geo_restriction": {"restriction_type": "none"}},
            # CloudFront's own certificate; a stack with a domain of its own brings one that demands TLS 1.2.
            viewer_certificate={"cloudfront_default_certificate": True},
            tags=self._tags,
            opts=self._child,
        )
        self.url = pulumi.Output.concat("https://", self.distribution.domain_name)
        args.renditions.grant(
            iam.service_may(
                "cloudfront.amazonaws.com",
                ["s3:GetObject"],
                pulumi.Output.concat(args.renditions.arn, "/*"),
                source_arns=[self.distribution.arn],
            )
        )
        self.register_outputs({"url": self.url})

    def _media_origin(self, args: DeliveryArgs) -> aws.cloudfront.DistributionOriginArgsDict:
        control = aws.cloudfront.OriginAccessControl(
            "media",
            name=self._naming.physical("media"),
            description="Signs every request to the renditions",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=self._child,
        )
        return {
            "origin_id": MEDIA_ORIGIN,
            "domain_name": args.renditions.regional_domain_name,
            "origin_access_control_id": control.id,
        }

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
                "access_control_allow_credentials": False,
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
            "target_origin_id": MEDIA_ORIGIN,
            "viewer_protocol_policy": "redirect-to-https",
            "allowed_methods": ["GET", "HEAD", "OPTIONS"],
            "cached_methods": ["GET", "HEAD"],
            # Playlists are text and shrink; video is compressed already and passes as it is.
            "compress": True,
            "cache_policy_id": cache.id,
            "response_headers_policy_id": headers.id,
        }

    def _api_behavior(self) -> aws.cloudfront.DistributionOrderedCacheBehaviorArgsDict:
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
        return {
            "path_pattern": API_PATH,
            "target_origin_id": API_ORIGIN,
            "viewer_protocol_policy": "https-only",
            "allowed_methods": ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
            "cached_methods": ["GET", "HEAD"],
            "compress": True,
            "cache_policy_id": cache.id,
            "origin_request_policy_id": forward.id,
        }
