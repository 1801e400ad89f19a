"""The plan: the one place that knows the order of the stages.

scenario ─► growth ─► users ─► usage ─► activity ─┬─► revenue, drama ─► fees, payouts, people ─┐
                                                  ├─► marketing, first version ───────────────┼─► charges ─► ledger
inventory ────────────────────────────────────────┴─► stack_cost ─────────────────────────────┘
                                                      compliance ─► the same, after all others

``stack_cost`` runs metering, pricing and discounts, here and in the bill of one month; ``marketing`` prices the
installs that growth says are bought.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from costmodel import (
    compliance,
    drama,
    fees,
    first_version,
    flat_rate,
    growth,
    marketing,
    payouts,
    people,
    revenue,
    usage,
)
from costmodel.assumptions import Assumption, Assumptions
from costmodel.inventory import Inventory
from costmodel.ledger import check, ledger
from costmodel.price_book import PriceRow
from costmodel.pricing import PriceBook
from costmodel.scenario import Scenario
from costmodel.stack_cost import UsedRules, price_stack
from costmodel.tables import PURCHASES, REVENUE, Activity, Array, Balance, Business, Charge, Coverage, Regime, Users


@dataclass(frozen=True)
class Plan:
    """What a stack, the people and the creators will cost as users grow, and where each number comes from."""

    scenario: Scenario
    inventory: Inventory
    users: Users
    activity: Activity
    coverage: Coverage
    ledger: pd.DataFrame
    headcount: Mapping[str, Array]
    """Role -> employees in each month."""
    assumptions: tuple[Assumption, ...]
    """Every assumption that the plan used."""
    rules: tuple[PriceRow, ...]
    """Every billing rule of the price data that metering used."""
    notes: tuple[str, ...]
    """What a reader should know before trusting a number."""
    digests: Mapping[str, str]
    """Input -> SHA-256 of its content, so that a report can be traced to what it was made from."""
    contractors: Mapping[str, Array] = field(default_factory=dict)
    """Role -> people billed by the hour in each month; no employees."""
    balances: tuple[Balance, ...] = ()
    """Money that belongs to others at the end of each month: coins not spent, payouts not transferred yet."""
    creator_income_usd: Mapping[str, Array] = field(default_factory=dict)
    """Source -> what creators earn in each month [USD]; what sellers and brands pay them included."""


def make_plan(inventory: Inventory, scenario: Scenario, book: PriceBook | None = None) -> Plan:
    """Run all stages for a base case.

    Args:
        inventory: the declared resources.
        scenario: the business.
        book: list prices; the shipped ones when absent.

    Raises:
        PlanError: an input that cannot be planned with, with all its faults.
    """
    book = book or PriceBook.load()
    assumptions = scenario.load_assumptions()
    users = growth.users(scenario, assumptions)
    activity = usage.activity(users, scenario, assumptions)
    rules = UsedRules(book)
    stack = price_stack(
        inventory,
        activity,
        assumptions,
        book,
        rules=rules,
        discounts=scenario.discounts,
        support_plan=scenario.support,
    )
    duties = compliance.regime(scenario, activity, assumptions)
    company = _company(scenario, users, activity, assumptions, inventory.service_count, duties)
    charges = [*stack.charges, *company.charges]
    charges += compliance.charges(scenario, activity, assumptions, duties, others=charges)
    table = ledger(charges, scenario.timeline, scenario.name)
    check(table, charges)
    return Plan(
        scenario=scenario,
        inventory=inventory,
        users=users,
        activity=activity,
        coverage=stack.coverage,
        ledger=table,
        headcount=people.employees(scenario, company.heads),
        contractors=people.contractors(scenario, company.heads),
        balances=company.balances,
        creator_income_usd=company.creator_income_usd,
        assumptions=assumptions.used,
        rules=rules.rows,
        notes=(
            *_notes(assumptions),
            *company.notes,
            *stack.notes,
            *flat_rate.notes(stack.charges, inventory, scenario.timeline, book),
        ),
        digests={
            "inventory": inventory.digest,
            "scenario": scenario.digest,
            "assumptions": assumptions.digest,
            "prices": _prices_digest(charges, rules.rows),
        },
    )


@dataclass(frozen=True)
class _Company:
    """What the stages of the business come to, beside the cloud and the law."""

    charges: list[Charge]
    heads: Mapping[str, Array]
    """Role -> everybody at work in each month, employees and contractors."""
    balances: tuple[Balance, ...]
    creator_income_usd: Mapping[str, Array]
    notes: tuple[str, ...]


def _company(
    scenario: Scenario, users: Users, activity: Activity, assumptions: Assumptions, services: int, duties: Regime | None
) -> _Company:
    """Run the stages of the business: what is sold first, for fees, people and payouts follow it."""
    income = revenue.charges(scenario, activity, assumptions)
    dramas = drama.charges(scenario, activity, assumptions)
    sales = [*revenue.sales(scenario, activity, assumptions), *drama.sales(dramas, assumptions)]
    business = Business(revenue=income, cloud_services=services, regime=duties)
    staff = people.charges(scenario, activity, assumptions, business)
    paid = payouts.payouts(scenario, activity, [*income, *dramas], assumptions)
    return _Company(
        charges=[
            *income,
            *dramas,
            *fees.charges(sales, scenario.timeline, assumptions),
            *marketing.charges(scenario, users, assumptions),
            *staff,
            *paid.charges,
            *first_version.charges(scenario, assumptions),
        ],
        heads=people.headcount(scenario, activity, assumptions, business),
        balances=(
            *revenue.balances(scenario, activity, assumptions),
            *fees.balances(sales, scenario.timeline, assumptions),
            *paid.balances,
            *people.balances(staff),
        ),
        creator_income_usd=paid.creator_income_usd,
        notes=tuple(first_version.notes(scenario, staff, assumptions)),
    )


def _notes(assumptions: Assumptions) -> tuple[str, ...]:
    return tuple(
        f"the scenario overrides {key}, but nothing in this plan depends on it"
        for key in assumptions.ineffective_overrides
    )


def _prices_digest(charges: Sequence[Charge], rules: tuple[PriceRow, ...]) -> str:
    """SHA-256 of every price of AWS and rule that the plan used."""
    prices = {
        (c.service_name, c.sku_id, c.region_id, c.tier, price, c.price_date)
        for c in charges
        if c.category not in PURCHASES | REVENUE
        for price in set(np.asarray(c.unit_price).ravel().tolist())
    }
    content = [*map(list, sorted(prices)), *(repr(row) for row in rules)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
