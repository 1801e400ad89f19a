"""Rules for what stands at the edge: CloudFront, WAF, certificates, DNS, API Gateway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.policies.rule import Rulebook, must_be_set
from infra.policies.stack import Resource, Stack, many

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
LOG_SOURCE = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
BUCKET = "aws:s3/bucket:Bucket"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"
CERTIFICATE = "aws:acm/certificate:Certificate"
ROUTE = "aws:apigatewayv2/route:Route"
STAGE = "aws:apigatewayv2/stage:Stage"
S3_HOST = ".s3."
FUNCTION_URL_HOST = ".lambda-url."
MODERN_TLS = ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")
"""Source: CloudFront developer guide, security policies; those that Security Hub accepts or that came after them."""
OLD_SSL = ("SSLv3", "TLSv1", "TLSv1.1")

book = Rulebook()


def _behaviors(distribution: Resource) -> list[Mapping[str, Any]]:
    return [*many(distribution.get("defaultCacheBehavior")), *many(distribution.get("orderedCacheBehaviors"))]


def _origins(distribution: Resource) -> list[Mapping[str, Any]]:
    return many(distribution.get("origins"))


def _is_s3(origin: Mapping[str, Any]) -> bool:
    return S3_HOST in str(origin.get("domainName")) and not origin.get("customOriginConfig")


def _path(behavior: Mapping[str, Any]) -> str:
    return str(behavior.get("pathPattern", "the default behavior"))


book.fsbp("CloudFront.1", "high", "Distributions have a default root object", DISTRIBUTION)(
    must_be_set("defaultRootObject")
)


@book.fsbp("CloudFront.3", "medium", "Distributions require encryption in transit", DISTRIBUTION)
def _viewers_encrypt(distribution: Resource, stack: Stack) -> Iterator[str]:
    for behavior in _behaviors(distribution):
        if behavior.get("viewerProtocolPolicy") == "allow-all":
            yield f"{_path(behavior)} allows plain HTTP"


book.fsbp("CloudFront.4", "low", "Distributions have origin failover", DISTRIBUTION)(must_be_set("originGroups"))


@book.fsbp("CloudFront.5", "medium", "Distributions are logged", DISTRIBUTION)
def _logged(distribution: Resource, stack: Stack) -> Iterator[str]:
    if not distribution.get("loggingConfig") and not stack.about(distribution, LOG_SOURCE):
        yield "neither loggingConfig nor a LogDeliverySource (standard logs v2)"


book.fsbp("CloudFront.6", "medium", "Distributions stand behind a WAF", DISTRIBUTION)(must_be_set("webAclId"))


@book.fsbp("CloudFront.7", "medium", "Distributions use a certificate of their own", DISTRIBUTION)
def _own_certificate(distribution: Resource, stack: Stack) -> Iterator[str]:
    if distribution.is_on("viewerCertificate.cloudfrontDefaultCertificate"):
        yield "viewerCertificate is CloudFront's own, whose TLS version cannot be chosen"


@book.fsbp("CloudFront.8", "low", "Distributions serve HTTPS by SNI", DISTRIBUTION)
def _sni(distribution: Resource, stack: Stack) -> Iterator[str]:
    if _brings_certificate(distribution) and distribution.get("viewerCertificate.sslSupportMethod") != "sni-only":
        yield f"sslSupportMethod is {distribution.get('viewerCertificate.sslSupportMethod')}, expected sni-only"


def _brings_certificate(distribution: Resource) -> bool:
    return not distribution.is_on("viewerCertificate.cloudfrontDefaultCertificate")


@book.fsbp("CloudFront.9", "medium", "Distributions encrypt traffic to custom origins", DISTRIBUTION)
def _origins_encrypt(distribution: Resource, stack: Stack) -> Iterator[str]:
    for origin in _origins(distribution):
        policy = (origin.get("customOriginConfig") or {}).get("originProtocolPolicy", "https-only")
        if policy != "https-only":
            yield f"origin {origin.get('originId')} has originProtocolPolicy {policy}, expected https-only"


@book.fsbp("CloudFront.10", "medium", "Custom origins accept no outdated TLS", DISTRIBUTION)
def _modern_origins(distribution: Resource, stack: Stack) -> Iterator[str]:
    for origin in _origins(distribution):
        old = set(many((origin.get("customOriginConfig") or {}).get("originSslProtocols"))) & set(OLD_SSL)
        if old:
            yield f"origin {origin.get('originId')} accepts {', '.join(sorted(old))}"


@book.fsbp("CloudFront.12", "high", "Distributions point to buckets that exist", DISTRIBUTION)
def _existing_buckets(distribution: Resource, stack: Stack) -> Iterator[str]:
    if any(map(_is_s3, _origins(distribution))) and not stack.behind(distribution, BUCKET, prop="origins"):
        yield "it has S3 origins, none of them a bucket of this stack"


@book.fsbp("CloudFront.13", "medium", "S3 origins are read with origin access control", DISTRIBUTION)
def _access_control(distribution: Resource, stack: Stack) -> Iterator[str]:
    for origin in _origins(distribution):
        if _is_s3(origin) and not origin.get("originAccessControlId"):
            yield f"origin {origin.get('originId')} has no originAccessControlId"


@book.fsbp("CloudFront.15", "medium", "Distributions use a recommended TLS policy", DISTRIBUTION)
def _modern_viewers(distribution: Resource, stack: Stack) -> Iterator[str]:
    version = distribution.get("viewerCertificate.minimumProtocolVersion")
    if _brings_certificate(distribution) and version not in MODERN_TLS:
        yield f"minimumProtocolVersion is {version}, expected one of {', '.join(MODERN_TLS)}"


@book.fsbp("CloudFront.16", "medium", "Function URL origins are called with origin access control", DISTRIBUTION)
def _function_access_control(distribution: Resource, stack: Stack) -> Iterator[str]:
    for origin in _origins(distribution):
        if FUNCTION_URL_HOST in str(origin.get("domainName")) and not origin.get("originAccessControlId"):
            yield f"origin {origin.get('originId')} has no originAccessControlId"


@book.fsbp("CloudFront.17", "medium", "Signed delivery trusts key groups, not accounts", DISTRIBUTION)
def _no_trusted_accounts(distribution: Resource, stack: Stack) -> Iterator[str]:
    for behavior in _behaviors(distribution):
        if behavior.get("trustedSigners"):
            yield f"{_path(behavior)} names trustedSigners, expected trustedKeyGroups"


@book.own("RP.2", "medium", "Media are delivered to signed requests only", DISTRIBUTION)
def _signed_media(distribution: Resource, stack: Stack) -> Iterator[str]:
    media = {origin.get("originId") for origin in _origins(distribution) if _is_s3(origin)}
    media |= {
        group.get("originId")
        for group in many(distribution.get("originGroups"))
        if media & {member.get("originId") for member in many(group.get("members"))}
    }
    for behavior in _behaviors(distribution):
        if behavior.get("targetOriginId") in media and not behavior.get("trustedKeyGroups"):
            yield f"{_path(behavior)} reads a bucket and has no trustedKeyGroups"


@book.fsbp("WAF.10", "medium", "Web ACLs have a rule", WEB_ACL)
def _has_rules(acl: Resource, stack: Stack) -> Iterator[str]:
    if not many(acl.get("rules")) and not acl.get("ruleJson"):
        yield "found no rule"


@book.fsbp("WAF.12", "medium", "WAF rules have CloudWatch metrics", WEB_ACL)
def _measured(acl: Resource, stack: Stack) -> Iterator[str]:
    for rule in many(acl.get("rules")):
        if not (rule.get("visibilityConfig") or {}).get("cloudwatchMetricsEnabled"):
            yield f"rule {rule.get('name')} has no metrics"


@book.fsbp("ACM.2", "high", "RSA certificates have keys of 2,048 bits or more", CERTIFICATE)
def _long_keys(certificate: Resource, stack: Stack) -> Iterator[str]:
    if certificate.get("keyAlgorithm") == "RSA_1024":
        yield "keyAlgorithm is RSA_1024"


@book.fsbp("Route53.2", "medium", "Public zones log DNS queries", "aws:route53/zone:Zone")
def _queries_logged(zone: Resource, stack: Stack) -> Iterator[str]:
    if not zone.get("vpcs") and not stack.about(zone, "aws:route53/queryLog:QueryLog"):
        yield "found no QueryLog for it"


@book.fsbp("APIGateway.8", "medium", "Routes say how a caller is authorized", ROUTE)
def _authorized(route: Resource, stack: Stack) -> Iterator[str]:
    if route.get("authorizationType", "NONE") == "NONE":
        yield f"route {route.get('routeKey')} has authorizationType NONE"


book.fsbp("APIGateway.9", "medium", "Stages of API Gateway V2 have access logs", STAGE)(
    must_be_set("accessLogSettings")
)
