"""Makes bills: a stack and what is known about its use in, the bill of one month out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from costmodel import flat_rate
from costmodel.assumptions import Assumptions
from costmodel.bill import Bill, Commitment, Line, Slice
from costmodel.cells import Cell, merged, with_the_rest
from costmodel.discounts import Discounts
from costmodel.errors import Fault, SelectionError
from costmodel.inventory import Inventory
from costmodel.metering.stated import Stated
from costmodel.month_of_use import MonthOfUse, in_short, month_index, month_of_use, unknown_use
from costmodel.price_book import PriceBook
from costmodel.regions import relocated
from costmodel.scenario import Scenario
from costmodel.scenario_checks import MONTH
from costmodel.stack_cost import LATEST, StackCost, price_cells
from costmodel.tables import Array, Charge, Quantity


@dataclass(frozen=True)
class Case:
    """What is priced, and what is known about its use."""

    inventory: Inventory
    scenario: Scenario | None = None
    """Says what the users do; without it only what costs without users is known."""
    month: str = ""
    """"2028-06" or a number counted from 1; the scenario's first month when empty."""
    at_users: float | None = None
    """Monthly active users to scale the month to; those of the scenario when None."""
    stated: Stated = field(default_factory=dict)
    """Quantities that a person knows."""
    discounts: Discounts = field(default_factory=dict)
    """What a contract takes off; those of the scenario act first."""
    free_tier: bool = False
    """Count the allowances of the AWS Free Tier."""
    cells: tuple[Cell, ...] = ()
    """Further stacks and the geographies that they serve; the inventory serves the rest."""

    def assumptions(self) -> Assumptions:
        """A fresh set, with the overrides of the scenario."""
        if self.scenario is None:
            return Assumptions.load()
        return self.scenario.load_assumptions()

    def use(self, assumptions: Assumptions) -> MonthOfUse:
        """What the users do in the month, under the given assumptions.

        Raises:
            SelectionError: there is no such month, or nobody to scale.
        """
        if self.scenario is None:
            return unknown_use(assumptions, self.month)
        return month_of_use(self.scenario, self.month, self.at_users, assumptions)

    @property
    def all_discounts(self) -> Discounts:
        """Those of the scenario, then those of a file."""
        return {**(self.scenario.discounts if self.scenario else {}), **self.discounts}


def make_bill(case: Case, book: PriceBook | None = None, label: str = "") -> Bill:
    """The bill of a case.

    Args:
        case: what is priced.
        book: list prices; the shipped ones when absent.
        label: what tells the bill from others at its side.

    Raises:
        PlanError: an input that cannot be priced, with all its faults.
    """
    book = book or PriceBook.load()
    check(case)
    assumptions = case.assumptions()
    use = case.use(assumptions)
    cells = with_the_rest(case.inventory, case.cells, use.activity.geographies)
    inventory = merged(cells)
    cost = price_cells(
        cells,
        use.activity,
        assumptions,
        book,
        stated=case.stated,
        discounts=case.all_discounts,
        free_tier=case.free_tier,
        support_plan=case.scenario.support if case.scenario else None,
    )
    timeline = use.activity.timeline
    alternatives = flat_rate.notes(cost.charges, inventory, timeline, book, last_only=True) if use.is_known else ()
    return Bill(
        label=label,
        inventory=inventory,
        month=use.month if case.scenario or case.month else "",
        users=use.users,
        scenario=case.scenario.name if case.scenario else "",
        lines=tuple(_lines(cost, inventory, use, book)),
        commitments=tuple(_commitments(cost.charges)),
        coverage=cost.coverage,
        notes=(*cost.notes, *(f"{label}: {note}" if label else note for note in alternatives)),
    )


def variants(case: Case, regions: Sequence[str], sizes: Sequence[float]) -> dict[str, Case]:
    """The case in each region and at each size, by what tells them apart; the case itself when neither is named."""
    found = {}
    for region in regions or ("",):
        inventory = relocated(case.inventory, region) if region else case.inventory
        for size in sizes or (None,):
            words = (region if len(regions) > 1 else "", "" if size is None else f"{in_short(size)} users")
            found[", ".join(filter(None, words))] = replace(case, inventory=inventory, at_users=size)
    return found


def _lines(cost: StackCost, inventory: Inventory, use: MonthOfUse, book: PriceBook) -> Iterator[Line]:
    charges: dict[tuple[str, ...], list[Charge]] = {}
    for charge in cost.charges:
        key = (charge.resource_urn, charge.service_name, charge.sku_id, charge.region_id, charge.driver)
        charges.setdefault(key, []).append(charge)
    for quantity in cost.quantities:
        key = (quantity.resource_urn, quantity.service, quantity.sku_key, quantity.region, quantity.driver)
        is_known = use.is_known or quantity.basis == "stated" or not quantity.usage_based
        yield _line(quantity, charges.get(key, []), inventory, book, is_known)


def _line(quantity: Quantity, charges: Sequence[Charge], inventory: Inventory, book: PriceBook, is_known: bool) -> Line:
    ladder = book.ladder(quantity.service, quantity.sku_key, quantity.region, LATEST)
    return Line(
        resource=inventory.resources[quantity.resource_urn],
        service=quantity.service,
        sku_key=quantity.sku_key,
        region=quantity.region,
        category=quantity.category,
        ladder=ladder,
        driver=quantity.driver,
        factors={name: last(value) for name, value in quantity.factors.items()} if is_known else {},
        basis=quantity.basis,
        usage_based=quantity.usage_based,
        quantity=last(quantity.amount) / ladder.listed_unit.multiple if is_known else None,
        slices=tuple(_slice(charge) for charge in charges if last(charge.quantity)),
    )


def _slice(charge: Charge) -> Slice:
    return Slice(
        words=charge.description.removeprefix(f"{charge.service_name} {charge.sku_id}"),
        quantity=last(charge.quantity),
        unit_price=float(charge.unit_price),
        billed_cost=last(charge.billed_cost),
        discount=charge.discount,
        source=charge.price_source,
        observed=charge.price_date,
        grade=charge.price_grade,
    )


def _commitments(charges: Sequence[Charge]) -> Iterator[Commitment]:
    """What belongs to no resource, by what it is; the slices of support together."""
    found: dict[str, list[Charge]] = {}
    for charge in charges:
        if not charge.resource_urn:
            found.setdefault(charge.description, []).append(charge)
    for words, members in found.items():
        cost, paid = sum(last(c.cost) for c in members), sum(last(c.billed_cost) for c in members)
        if paid:
            yield Commitment(words, cost, paid, members[0].price_source)


def last(value: Array | float) -> float:
    """The last month of an array that ends in months; a number is the same in each."""
    return float(value[-1]) if isinstance(value, np.ndarray) and value.ndim else float(value)


def check(case: Case) -> None:
    """Refuse a case that asks for what its scenario does not have.

    Raises:
        SelectionError: every such fault.
    """
    if case.scenario is not None:
        month_index(case.scenario.timeline, case.month)
        return
    faults = []
    if case.cells:
        faults.append(Fault("--cell", "no scenario that says who is where", "--scenario NAME_OR_FILE beside it"))
    if case.at_users is not None:
        faults.append(Fault("--at-mau", "no scenario to scale", "--scenario NAME_OR_FILE beside it"))
    if case.month and not MONTH.fullmatch(case.month):
        faults.append(Fault("--month", repr(case.month), "a month such as 2027-01, or a scenario to count from"))
    dated = [name for name, discount in case.discounts.items() if discount.start or discount.end]
    if dated and not case.month:
        found = f"no month to tell whether {', '.join(dated)} acts"
        faults.append(Fault("--month", found, "a month such as 2027-01"))
    if faults:
        raise SelectionError(faults)
