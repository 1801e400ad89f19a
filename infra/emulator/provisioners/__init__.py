"""How each resource type of the AWS provider becomes API calls: one entry a type, one file a group of services.

To add a type, write its entry in the file of its service; ``infra validate`` says what is still missing.
"""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners import (
    compute,
    data,
    delivery,
    identity,
    media,
    messaging,
    network,
    observability,
    s3,
)
from infra.emulator.provisioners.spec import ResourceType

TYPES: Mapping[str, ResourceType] = {
    **compute.TYPES,
    **data.TYPES,
    **delivery.TYPES,
    **identity.TYPES,
    **media.TYPES,
    **messaging.TYPES,
    **network.TYPES,
    **observability.TYPES,
    **s3.TYPES,
}
"""Type token -> its entry."""
