"""What a stack file need not say: settings by profile (how careful) and by size (how many users).

Both hold only what differs from the defaults of ``infra/settings.py``. A stack file's own keys win over the size,
and the size over the profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Values = Mapping[str, Any]
"""Section -> key -> value, as a stack file would write it."""

PROFILES: Mapping[str, Values] = {
    # The cheapest stack that works end to end.
    "dev": {},
    # Like prod in shape, small in size, and easy to throw away.
    "staging": {
        "observability": {"logRetentionDays": 30},
        "transcoding": {"earnedCodecs": {"HEVC": 2500}},
        "live": {"enabled": True},
        "analytics": {"enabled": True, "source": "stream"},
        "recommendation": {"enabled": True},
        "cache": {"enabled": True, "replicas": 0},
        "guardrails": {"monthlyBudgetUsd": 600},
        "audit": {"accessAnalyzer": True},
        "backup": {"enabled": True, "retentionDays": 7},
        "firewall": {"enabled": True},
        "delivery": {"priceClass": "PriceClass_100"},
    },
    # Highly available, protected against deletion, delivered from everywhere.
    "prod": {
        "storage": {"protect": True},
        "transcoding": {"earnedCodecs": {"HEVC": 2500, "AV1": 50_000}},
        "network": {"availabilityZones": 3, "flowLog": True},
        "api": {"minTasks": 3, "spotPercent": 50},
        "delivery": {"priceClass": "PriceClass_All", "accessLogs": True},
        "events": {"archiveDays": 30},
        "identity": {"tier": "ESSENTIALS"},
        "live": {"enabled": True, "channelType": "STANDARD"},
        "analytics": {"enabled": True, "source": "stream"},
        "recommendation": {"enabled": True, "minTasks": 3, "maxTasks": 12},
        "cache": {"enabled": True},
        "guardrails": {"monthlyBudgetUsd": 2000, "anomalyUsd": 100},
        "audit": {"trail": True, "threatDetection": True, "accessAnalyzer": True},
        "backup": {"enabled": True},
        "firewall": {"enabled": True},
        "observability": {"logRetentionDays": 90},
    },
}

SIZES: Mapping[str, Values] = {
    "10k": {},
    "1m": {
        "api": {"cpu": 1024, "memoryMib": 2048, "minTasks": 4, "maxTasks": 60, "requestsPerTask": 6_000},
        "recommendation": {"cpu": 1024, "memoryMib": 2048, "minTasks": 3, "maxTasks": 40},
        "cache": {"nodeType": "cache.m7g.large"},
        "guardrails": {"monthlyBudgetUsd": 40_000},
    },
    "50m": {
        "api": {"cpu": 4096, "memoryMib": 8192, "minTasks": 60, "maxTasks": 1200, "requestsPerTask": 24_000},
        "recommendation": {"cpu": 4096, "memoryMib": 16384, "minTasks": 30, "maxTasks": 800},
        "cache": {"nodeType": "cache.r7g.2xlarge", "replicas": 2},
        "analytics": {"bufferSeconds": 900, "scanLimitGb": 2000},
        "guardrails": {"monthlyBudgetUsd": 1_500_000},
    },
}
"""Capacities for about that many monthly users. The API's follow the cost model's peak requests per second."""


def merged(*layers: Values) -> dict[str, Any]:
    """Layers laid over one another, later ones winning key by key inside each section.

    >>> merged({"api": {"cpu": 256, "minTasks": 1}}, {"api": {"cpu": 1024}})
    {'api': {'cpu': 1024, 'minTasks': 1}}
    """
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            below = result.get(key)
            if isinstance(below, Mapping) and isinstance(value, Mapping):
                result[key] = merged(below, value)
            else:
                result[key] = value
    return result
