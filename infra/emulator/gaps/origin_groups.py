"""Origin groups as the target of a distribution: moto looks for the target among the single origins only.

Private surface of moto used here: ``DistributionConfig.__init__`` of its CloudFront.
"""

from __future__ import annotations

from typing import Any

from moto.cloudfront.exceptions import OriginDoesNotExist
from moto.cloudfront.models import DistributionConfig

_ORIGINAL = DistributionConfig.__init__


def install() -> None:
    """Let a behavior target a group; doing it again changes nothing."""
    DistributionConfig.__init__ = _init  # type: ignore[method-assign]  # moto has no hook for its check


def _init(self: DistributionConfig, config: dict[str, Any]) -> None:
    behavior = config.get("DefaultCacheBehavior", {})
    target = behavior.get("TargetOriginId")
    origins = {origin["Id"] for origin in config["Origins"]["Items"]}
    groups = {group["Id"]: group for group in config.get("OriginGroups", {}).get("Items", ())}
    members = [member["OriginId"] for group in groups.values() for member in group["Members"]["Items"]]
    if not origins.issuperset(members):
        raise OriginDoesNotExist
    if target not in groups:
        _ORIGINAL(self, config)
        return
    behavior["TargetOriginId"] = groups[target]["Members"]["Items"][0]["OriginId"]
    _ORIGINAL(self, config)
    self.__dict__["DefaultCacheBehavior"].target_origin_id = target
