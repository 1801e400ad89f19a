"""CloudFront policies and VPC origins, which moto does not have."""

from __future__ import annotations

from moto.cloudfront.responses import CloudFrontResponse

from infra.emulator.gaps import records
from infra.emulator.gaps.records import RecordKind

KINDS = (
    *(
        RecordKind(name, f"{name}Config", missing=f"NoSuch{name}", exists=f"{name}AlreadyExists")
        for name in ("CachePolicy", "OriginRequestPolicy", "ResponseHeadersPolicy")
    ),
    RecordKind(
        "VpcOrigin",
        "VpcOriginEndpointConfig",
        missing="EntityNotFound",
        exists="EntityAlreadyExists",
        arn="arn:aws:cloudfront::{account}:vpcorigin/{id}",
    ),
)


def install() -> None:
    """Add them to moto's CloudFront."""
    records.install("cloudfront", CloudFrontResponse, KINDS)
