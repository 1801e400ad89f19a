"""What a report says of the traffic: the figures that capacity is planned with."""

from __future__ import annotations

from dataclasses import dataclass

from costmodel.plan import Plan
from costmodel.traffic import traffic


@dataclass(frozen=True)
class TrafficRow:
    """One figure."""

    name: str
    unit: str
    amounts: tuple[float, ...]
    """By month; NaN where nothing tells it."""
    formula: str


def make_traffic(plan: Plan) -> tuple[TrafficRow, ...]:
    """The traffic of a plan; what is 0 throughout is left out."""
    return tuple(
        TrafficRow(flow.name, flow.unit, tuple(map(float, flow.amount)), flow.formula)
        for flow in traffic(plan)
        if flow.amount.any()
    )
