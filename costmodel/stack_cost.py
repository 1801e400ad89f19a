"""What a declared stack costs: metered, priced, discounted. Used by the plan of many months and the bill of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from costmodel import support
from costmodel.cells import Cell, joined, of_geographies
from costmodel.discounts import Discounts, discounted
from costmodel.inventory import Inventory
from costmodel.metering import meter
from costmodel.metering.context import Rules, Values
from costmodel.metering.stated import Stated
from costmodel.price_book import PriceBook, PriceRow
from costmodel.pricing import price
from costmodel.tables import Activity, Charge, Coverage, Quantity, SupportPlan

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
    """In the order of the quantities, then what is paid for no resource: the fixed part of commitments, support."""
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
    support_plan: SupportPlan | None = None,
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
        support_plan: plan of AWS Support, which costs a share of all the rest.

    Raises:
        PlanError: a stack that contradicts itself, prices that are missing, discounts that cannot be.
    """
    cells = [Cell(inventory, activity.geographies)]
    return price_cells(
        cells,
        activity,
        assumptions,
        book,
        rules=rules,
        stated=stated,
        discounts=discounts,
        free_tier=free_tier,
        support_plan=support_plan,
    )


def price_cells(
    cells: Sequence[Cell],
    activity: Activity,
    assumptions: Values,
    book: PriceBook,
    *,
    rules: Rules | None = None,
    stated: Stated | None = None,
    discounts: Discounts | None = None,
    free_tier: bool = False,
    support_plan: SupportPlan | None = None,
) -> StackCost:
    """Meter every cell with its own users, and price them together: one account, one ladder of tiers.

    The arguments are those of ``price_stack``; the geographies of the cells are those of the activity, each in one.
    """
    metered = [
        meter(cell.inventory, of_geographies(activity, cell.geographies), assumptions, rules or book, stated)
        for cell in cells
    ]
    quantities = [quantity for found, _ in metered for quantity in found]
    coverage = joined([found for _, found in metered])
    charges = price(quantities, book, LATEST, free_tier=free_tier)
    notes: tuple[str, ...] = ()
    if discounts:
        charges, notes = discounted(charges, discounts, activity.timeline, book)
    if support_plan:
        charges = [*charges, *support.charges(support_plan, charges, book, LATEST)]
    return StackCost(quantities, charges, coverage, notes)
