"""How a line of a bill came about, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from costmodel.explain import Explanation


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """Quantity, formula, influences, price and cost as plain data; null where something is not known."""
    line = explanation.line
    return {
        "line": line.name,
        "urn": line.resource.urn,
        "service": line.service,
        "sku": line.sku_key,
        "region": line.region,
        "unit": line.unit,
        "quantity": line.quantity,
        "basis": line.basis,
        "usage_based": line.usage_based,
        "driver": line.driver,
        "factors": [{"name": name, "value": value} for name, value in line.factors.items()],
        "influences": [asdict(influence) for influence in explanation.influences],
        "without_effect": list(explanation.without_effect),
        "tiers": [asdict(piece) | {"cost": piece.cost} for piece in line.slices],
        "list_cost": line.cost,
        "billed_cost": line.billed_cost,
    }
