"""What a declared stack costs: metered, priced, discounted. Used by the plan of many months and the bill of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from costmodel.discounts import Discounts, discounted
from costmodel.inventory import Inventory
from costmodel.metering import meter
from costmodel.metering.context import Rules, Values
from costmodel.metering.stated import Stated
from costmodel.price_book import PriceBook, PriceRow
from costmodel.pricing import price
from costmodel.tables import Activity, Charge, Coverage, Quantity

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


@dataclass(frozen=True)
class StackCost:
    """The cloud's part of a plan."""

    quantities: list[Quantity]
    """In the order of the inventory."""
    charges: list[Charge]
    """In the order of the quantities, then the fixed part of commitments."""
    coverage: Coverage
    notes: tuple[str, ...]
    """What a reader should know before trusting a number."""


def price_stack(
    inventory: Inventory,
    activity: Activity,
    assumptions: Values,
    book: PriceBook,
    *,
    rules: Rules | None = None,
    stated: Stated | None = None,
    discounts: Discounts | None = None,
    free_tier: bool = False,
) -> StackCost:
    """Meter and price every resource of a stack.

    Args:
        inventory: the declared resources.
        activity: what the users do.
        assumptions: values by key.
        book: list prices.
        rules: billing rules; those of the book when absent.
        stated: quantities that a person knows, in the place of estimates.
        discounts: what a contract takes off the list prices.
        free_tier: count the allowances of the AWS Free Tier.

    Raises:
        PlanError: a stack that contradicts itself, prices that are missing, discounts that cannot be.
    """
    quantities, coverage = meter(inventory, activity, assumptions, rules or book, stated)
    charges = price(quantities, book, LATEST, free_tier=free_tier)
    if not discounts:
        return StackCost(quantities, charges, coverage, notes=())
    charges, notes = discounted(charges, discounts, activity.timeline, book)
    return StackCost(quantities, charges, coverage, notes)
