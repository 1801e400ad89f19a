"""Exposure: what authorities may take, from the expected value of fines to the profit that caps a fee."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.compliance.line import line
from costmodel.tables import REVENUE, Array, Charge, Regime
from costmodel.units import MONTHS_PER_YEAR


def fines(duties: Regime, running: Array, others: Sequence[Charge], assumptions: Assumptions) -> list[Charge]:
    """The expected value of fines, until a platform is very large and from then on."""
    small = running * (1 - duties.very_large) / MONTHS_PER_YEAR * assumptions["comp.fine_probability_year_small"]
    revenue = _total([charge for charge in others if charge.category in REVENUE], running)
    exposed = running * duties.very_large * revenue
    severity, share = map(assumptions.entry, ("comp.fine_severity_small", "comp.fine_expected_share_revenue"))
    rare = "months / 12 x fines a year: an expected value, not a bill"
    usual = "revenue of a very large platform: an expected value, not a bill"
    return [
        line("expected_fines_small", "expected fines (a risk, not a bill)", small, "fine", rare, severity),
        line(
            "expected_fines",
            "expected fines, very large platform (a risk, not a bill)",
            exposed,
            "USD of revenue",
            usual,
            share,
        ),
    ]


def profit(charges: Sequence[Charge], like: Array) -> Array:
    """Revenue less costs [USD], of the shape of ``like``."""
    earned = _total([charge for charge in charges if charge.category in REVENUE], like)
    return earned - _total([charge for charge in charges if charge.category not in REVENUE], like)


def _total(charges: Sequence[Charge], like: Array) -> Array:
    return sum((charge.billed_cost for charge in charges), np.zeros_like(like))
