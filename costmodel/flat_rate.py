"""CloudFront's flat-rate plans: what a distribution would cost by the month instead of by GB and request.

A plan is no line of the bill, as a stack cannot declare it: it is bought in the console. It is shown as the alternative
that it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from costmodel.inventory import Inventory
from costmodel.price_book import PriceBook
from costmodel.tables import Array, Charge, Timeline
from costmodel.units import parse_unit

SERVICE = "CloudFront"
PREFIX = "flatrate."
PLANS = (
    "free",
    "pro",
    "business",
    "premium",
    *(f"premium.level_{tb}tb" for tb in (75, 125, 200, 350, 600)),
)
"""Sku keys of the plans, without the prefix; "premium" is its own first level."""
CARRIED = {"dto.": "included_gb", "req.": "included_requests"}
"""Beginning of the skus that a plan takes the place of -> rule that says how much of it is included."""


@dataclass(frozen=True)
class FlatRate:
    """One plan."""

    name: str
    """Sku key without the prefix ("premium.level_75tb")."""
    usd_per_month: float
    included: Mapping[str, float]
    """Beginning of the skus -> what is included of them [GB, requests]."""

    def carries(self, use: Mapping[str, Array]) -> Array:
        """1 in the months whose use the plan includes, else 0."""
        fits = [use[sku] <= most for sku, most in self.included.items()]
        return np.asarray(np.logical_and.reduce(fits), dtype=np.float64)


def flat_rates(book: PriceBook, on: date = date.max) -> list[FlatRate]:
    """Every plan in the price book, the cheapest first."""
    found = [
        FlatRate(
            name=name,
            usd_per_month=book.ladder(SERVICE, PREFIX + name, "global", on).rows[0].price_usd,
            included={sku: book.rule(SERVICE, f"rule.{PREFIX}{name}.{rule}") for sku, rule in CARRIED.items()},
        )
        for name in PLANS
    ]
    return sorted(found, key=lambda plan: (plan.usd_per_month, plan.name))


def notes(
    charges: Sequence[Charge], inventory: Inventory, timeline: Timeline, book: PriceBook, *, last_only: bool = False
) -> Iterator[str]:
    """Where a flat-rate plan would be cheaper than what a distribution is billed, in words.

    Args:
        charges: of AWS, discounts included.
        inventory: knows the distributions by name.
        timeline: the months of the charges.
        book: prices of the plans, and what they include.
        last_only: look at the last month alone.
    """
    by_resource: dict[str, list[Charge]] = {}
    for charge in charges:
        if charge.service_name == SERVICE and charge.sku_id.startswith(tuple(CARRIED)):
            by_resource.setdefault(charge.resource_urn, []).append(charge)
    if not by_resource:
        return
    plans, months = flat_rates(book), slice(-1 if last_only else 0, None)
    for urn, members in by_resource.items():
        paid = np.asarray(sum(charge.billed_cost for charge in members), dtype=np.float64)
        if paid.ndim == 1:  # of trials there is no one bill to compare with
            use = {sku: amount[months] for sku, amount in _use(members).items()}
            yield from _cheaper(inventory.resources[urn].name, paid[months], use, plans, timeline.labels[months])


def _use(members: Sequence[Charge]) -> dict[str, Array]:
    """What a distribution sends and answers in each month [GB, requests]."""
    nothing = np.zeros_like(members[0].quantity)
    return {
        sku: sum((c.quantity * parse_unit(c.unit).multiple for c in members if c.sku_id.startswith(sku)), nothing)
        for sku in CARRIED
    }


def _cheaper(
    name: str, paid: Array, use: Mapping[str, Array], plans: Sequence[FlatRate], labels: Sequence[str]
) -> Iterator[str]:
    """One note on the months in which a plan saves money, with the one that saves most as the example."""
    fees = np.array([np.where(plan.carries(use) > 0, plan.usd_per_month, np.inf) for plan in plans])
    saved = paid - fees.min(axis=0)
    if not (saved > 0).any():
        return
    month = int(saved.argmax())
    plan = plans[int(fees[:, month].argmin())]
    months = int((saved > 0).sum())
    within = f"in {months} of {len(labels)} months; most in" if len(labels) > 1 else "in"
    yield (
        f"{name}: a flat-rate plan of CloudFront would be cheaper {within} {labels[month]}, when "
        f"{plan.name} costs ${plan.usd_per_month:,.0f} instead of ${paid[month]:,.0f}; it includes "
        f"{plan.included['dto.']:,.0f} GB and {plan.included['req.']:,.0f} requests of one distribution, and "
        "AWS may slow down what exceeds them for long. Check that it allows what the distribution uses"
    )
