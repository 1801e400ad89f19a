"""How each resource type of the AWS provider becomes API calls: one entry a type, one file a group of services.

To add a type, write its entry in the file of its service; ``infra validate`` says what is still missing.
"""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners import (
    audit,
    cache,
    cognito,
    compute,
    data,
    delivery,
    domains,
    firewall,
    guardrails,
    http_api,
    identity,
    lake,
    live,
    media,
    messaging,
    network,
    observability,
    s3,
    secrets,
    streaming,
    tls,
)
from infra.emulator.provisioners.spec import ResourceType

TYPES: Mapping[str, ResourceType] = {
    **audit.TYPES,
    **cache.TYPES,
    **cognito.TYPES,
    **compute.TYPES,
    **data.TYPES,
    **delivery.TYPES,
    **domains.TYPES,
    **firewall.TYPES,
    **guardrails.TYPES,
    **http_api.TYPES,
    **identity.TYPES,
    **lake.TYPES,
    **live.TYPES,
    **media.TYPES,
    **messaging.TYPES,
    **network.TYPES,
    **observability.TYPES,
    **s3.TYPES,
    **secrets.TYPES,
    **streaming.TYPES,
    **tls.TYPES,
}
"""Type token -> its entry."""
