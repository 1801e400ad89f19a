"""What CloudFront would answer to a viewer: behaviour, signed cookies, and then the bucket's policy.

Source: CloudFront developer guide, "How CloudFront processes signed cookies", "Set signed cookies using a custom
policy", "Cache behavior settings" (path pattern).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from infra.emulator.permissions import Request, bucket_policy, decide

CLOUDFRONT = "cloudfront.amazonaws.com"
COOKIES = ("CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id")
STANDARD_ALPHABET = str.maketrans("-_~", "+=/")


@dataclass(frozen=True)
class Distribution:
    """A distribution as CloudFront holds it."""

    arn: str
    domain: str
    config: Mapping[str, Any] = field(repr=False)
    keys: Mapping[str, str] = field(repr=False)
    """Id of each public key in a key group that some behaviour trusts -> PEM."""
    groups: Mapping[str, tuple[str, ...]] = field(repr=False)
    """Key group -> ids of its keys."""

    @property
    def host(self) -> str:
        """Name under which viewers come: the stack's own, or CloudFront's."""
        aliases = self.config.get("Aliases", {}).get("Items", [])
        return str(aliases[0]) if aliases else self.domain


def distribution(cloudfront: Any, arn: str) -> Distribution:
    """Look a distribution up, with the keys that it trusts."""
    found = cloudfront.get_distribution(Id=arn.rpartition("/")[2])["Distribution"]
    config = found["DistributionConfig"]
    behaviours = [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", {}).get("Items", [])]
    names = {group for one in behaviours for group in one.get("TrustedKeyGroups", {}).get("Items", [])}
    groups = {
        name: tuple(cloudfront.get_key_group(Id=name)["KeyGroup"]["KeyGroupConfig"]["Items"]) for name in sorted(names)
    }
    keys = {
        key: cloudfront.get_public_key(Id=key)["PublicKey"]["PublicKeyConfig"]["EncodedKey"]
        for ids in groups.values()
        for key in ids
    }
    return Distribution(arn, found["DomainName"], config, keys, groups)


def behaviour(config: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """The behaviour for a path: the first whose pattern fits, else the default one."""
    for one in config.get("CacheBehaviors", {}).get("Items", []):
        if fnmatchcase(path.lstrip("/"), one["PathPattern"].lstrip("/")):
            return dict(one)
    return dict(config["DefaultCacheBehavior"])


def refusal(cdn: Distribution, url: str, cookies: Mapping[str, str], now: int) -> str:
    """Why CloudFront would refuse a viewer's request; empty when it would serve it.

    Args:
        cdn: the distribution.
        url: that the viewer asks for.
        cookies: name -> value.
        now: Unix time [second].
    """
    parts = urlsplit(url)
    rules = behaviour(cdn.config, parts.path)
    if parts.scheme != "https" and rules["ViewerProtocolPolicy"] != "allow-all":
        return "plain HTTP is not served"
    trusted = rules.get("TrustedKeyGroups", {})
    if not trusted.get("Enabled"):
        return ""
    if missing := [name for name in COOKIES if not cookies.get(name)]:
        return f"MissingKey: no cookie {', '.join(missing)}"
    pair = cookies["CloudFront-Key-Pair-Id"]
    if not any(pair in cdn.groups.get(group, ()) for group in trusted["Items"]):
        return f"key {pair} is in no key group that the behaviour trusts"
    try:
        text = _decoded(cookies["CloudFront-Policy"])
        _verify(cdn.keys[pair], _decoded(cookies["CloudFront-Signature"]), text)
        (statement,) = json.loads(text)["Statement"]
    except (InvalidSignature, ValueError, binascii.Error) as error:
        return f"the signature does not verify: {type(error).__name__}"
    if not fnmatchcase(url, statement["Resource"]):
        return f"the policy is for {statement['Resource']}"
    expires = statement["Condition"]["DateLessThan"]["AWS:EpochTime"]
    return "" if now < expires else f"the policy expired at {expires}"


def fetch(s3: Any, cdn: Distribution, bucket: str, url: str, cookies: Mapping[str, str], now: int) -> bytes | str:
    """The file that a viewer gets, or why there is none."""
    if why := refusal(cdn, url, cookies, now):
        return why
    key = urlsplit(url).path.lstrip("/")
    context = {"aws:SourceArn": cdn.arn, "aws:SecureTransport": "true"}
    request = Request("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}", context, CLOUDFRONT)
    decision = decide(bucket_policy(s3, bucket), request)
    if not decision.allowed:
        return f"the bucket refuses the distribution: {decision.reason}"
    try:
        return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except s3.exceptions.NoSuchKey:
        return f"there is no {key}"


def _decoded(value: str) -> bytes:
    return base64.b64decode(value.translate(STANDARD_ALPHABET), validate=True)


def _verify(pem: str, signature: bytes, text: bytes) -> None:
    key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("the public key is none of RSA")
    key.verify(signature, text, padding.PKCS1v15(), hashes.SHA1())
