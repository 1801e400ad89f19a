"""Amazon ECR: images that a repository keeps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Factors, Finding

LIFECYCLE_POLICY = "aws:ecr/lifecyclePolicy:LifecyclePolicy"


def repository(resource: Resource, context: Context) -> Iterable[Finding]:
    """A repository: one image per deployment, as many as its lifecycle policy keeps."""
    months = np.arange(1, context.activity.timeline.count + 1, dtype=np.float64)
    deployed = months * context.assumptions["eng.deployments_per_month"]
    kept = kept_images(resource, context)
    images = np.minimum(deployed, kept) if kept is not None else deployed
    factors: Factors = {
        f"images, at most {kept}" if kept is not None else "images, none deleted": images,
        "GB of an image (shared layers not deducted)": context.assumptions["eng.container_image_gb"],
    }
    sku = ("ECR", "storage")
    yield context.quantity(resource, sku, "GB-month", factors, "Storage", usage_based=False, basis="estimated")


def kept_images(resource: Resource, context: Context) -> int | None:
    """Images that the lifecycle policy keeps; None without a rule that counts them."""
    counts = [
        count
        for policy in context.inventory.referring(resource.urn, LIFECYCLE_POLICY)
        for rule in _rules(policy.inputs.get("policy"))
        if (selection := rule.get("selection") or {}).get("countType") == "imageCountMoreThan"
        if isinstance(count := selection.get("countNumber"), int)
    ]
    return min(counts, default=None)


def _rules(policy: object) -> list[dict[str, Any]]:
    try:
        document = json.loads(policy) if isinstance(policy, str) else policy
    except json.JSONDecodeError:
        return []
    rules = document.get("rules") if isinstance(document, dict) else None
    return [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
