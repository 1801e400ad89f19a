"""The plan: the one place that knows the order of the stages.

scenario ─► growth ─► users ─► usage ─► activity ─┬─► people, payouts ──────────────┐
inventory ────────────────────────────────────────┴─► stack_cost ───────────────────► charges ─► ledger

``stack_cost`` runs metering, pricing and discounts, here and in the bill of one month.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from costmodel import growth, payouts, people, usage
from costmodel.assumptions import Assumption, Assumptions
from costmodel.inventory import Inventory
from costmodel.ledger import check, ledger
from costmodel.price_book import PriceRow
from costmodel.pricing import PriceBook
from costmodel.scenario import Scenario
from costmodel.stack_cost import UsedRules, price_stack
from costmodel.tables import Activity, Array, Coverage, Users


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
    """Role -> heads in each month."""
    assumptions: tuple[Assumption, ...]
    """Every assumption that the plan used."""
    rules: tuple[PriceRow, ...]
    """Every billing rule of the price data that metering used."""
    notes: tuple[str, ...]
    """What a reader should know before trusting a number."""
    digests: Mapping[str, str]
    """Input -> SHA-256 of its content, so that a report can be traced to what it was made from."""


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
    assumptions = Assumptions.load(scenario.assumptions, as_of=scenario.as_of)
    users = growth.users(scenario)
    activity = usage.activity(users, scenario, assumptions)
    rules = UsedRules(book)
    stack = price_stack(inventory, activity, assumptions, book, rules=rules, discounts=scenario.discounts)
    charges = [
        *stack.charges,
        *people.charges(scenario, activity, assumptions),
        *payouts.charges(scenario, activity, assumptions),
    ]
    table = ledger(charges, scenario.timeline, scenario.name)
    check(table, charges)
    return Plan(
        scenario=scenario,
        inventory=inventory,
        users=users,
        activity=activity,
        coverage=stack.coverage,
        ledger=table,
        headcount=people.headcount(scenario, activity, assumptions),
        assumptions=assumptions.used,
        rules=rules.rows,
        notes=(*_notes(assumptions), *stack.notes),
        digests={
            "inventory": _inventory_digest(inventory),
            "scenario": scenario.digest,
            "assumptions": assumptions.digest,
            "prices": _prices_digest(table, rules.rows),
        },
    )


def _notes(assumptions: Assumptions) -> tuple[str, ...]:
    return tuple(
        f"the scenario overrides {key}, but nothing in this plan depends on it"
        for key in assumptions.ineffective_overrides
    )


def _inventory_digest(inventory: Inventory) -> str:
    """SHA-256 of what the resources declare; the file's format and layout do not count."""
    content = {urn: [r.type, r.region, r.inputs] for urn, r in inventory.resources.items()}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _prices_digest(table: pd.DataFrame, rules: tuple[PriceRow, ...]) -> str:
    """SHA-256 of every price and rule that the plan used."""
    columns = ["service_name", "sku_id", "region_id", "x_tier", "list_unit_price", "x_price_date"]
    prices = table.loc[table["charge_category"] == "Usage", columns].astype("str").drop_duplicates()
    content = [*map(list, prices.sort_values(columns).to_numpy()), *(repr(row) for row in rules)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
