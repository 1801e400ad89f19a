"""The plan: the one place that knows the order of the stages.

scenario ─► growth ─► users ─► usage ─► activity ─┬─► people, payouts ──────────────┐
inventory ────────────────────────────────────────┴─► metering ─► quantities ─► pricing ─► charges ─► ledger
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from costmodel import growth, metering, payouts, people, usage
from costmodel.assumptions import Assumption, Assumptions
from costmodel.inventory import Inventory
from costmodel.ledger import check, ledger
from costmodel.price_book import PriceRow
from costmodel.pricing import PriceBook, price
from costmodel.scenario import Scenario
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
    quantities, coverage = metering.meter(inventory, activity, assumptions, rules)
    charges = [
        *price(quantities, book, on=LATEST),
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
        coverage=coverage,
        ledger=table,
        headcount=people.headcount(scenario, activity, assumptions),
        assumptions=assumptions.used,
        rules=rules.rows,
        notes=_notes(assumptions),
        digests={
            "inventory": _inventory_digest(inventory),
            "scenario": scenario.digest,
            "assumptions": assumptions.digest,
            "prices": _prices_digest(table, rules.rows),
        },
    )


LATEST = date.max
"""Day of the price look-up: the newest list price that the book holds."""


class UsedRules:
    """The billing rules of a price book, remembering which were asked for."""

    def __init__(self, book: PriceBook) -> None:
        self._book = book
        self._rows: dict[tuple[str, str], PriceRow] = {}

    def rule(self, service: str, sku_key: str) -> float:
        """Value of a rule or multiplier; see ``PriceBook.rule``."""
        self._rows[service, sku_key] = self._book.rule_row(service, sku_key)
        return self._book.rule(service, sku_key)

    @property
    def rows(self) -> tuple[PriceRow, ...]:
        """Rows of the price data behind the rules, by service and key."""
        return tuple(self._rows[key] for key in sorted(self._rows))


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
