"""What moto 5.2 lacks of the services that a stack uses, added to moto's own services."""

from __future__ import annotations

from infra.emulator.gaps.cloudfront import install as _install_cloudfront
from infra.emulator.gaps.s3_policies import install as _install_s3_policies


def install() -> None:
    """Add every missing operation, before moto starts; doing it again changes nothing."""
    _install_cloudfront()
    _install_s3_policies()
