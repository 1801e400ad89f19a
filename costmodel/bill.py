"""The bill of one month: a line for each thing that a resource uses, in the tree of the architecture.

What depends on use that nobody has told is a line without a quantity and without a cost, never one of 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from costmodel.inventory import Inventory, Resource
from costmodel.price_book import Grade, Ladder
from costmodel.tables import Basis, Category, Coverage


@dataclass(frozen=True)
class Slice:
    """The part of a line that has one price: a tier, or the whole."""

    words: str
    """Name of the tier (", next 40,960 GB"); empty for a flat price."""
    quantity: float
    """[listed unit]"""
    unit_price: float
    """[USD per listed unit]"""
    billed_cost: float
    """After discounts [USD]."""
    discount: str
    """Names of the discounts that acted; empty at list price."""
    source: str
    observed: str
    """Date of the price."""
    grade: Grade

    @property
    def cost(self) -> float:
        """At list price [USD]."""
        return self.quantity * self.unit_price


@dataclass(frozen=True)
class Line:
    """What one resource uses of one sku in the month."""

    resource: Resource
    service: str
    sku_key: str
    region: str
    category: Category
    ladder: Ladder
    """The list price with its tiers."""
    driver: str
    factors: Mapping[str, float]
    """The formula with its values; their product is the quantity in base units."""
    basis: Basis
    usage_based: bool
    quantity: float | None
    """[listed unit]; None when it depends on use that is not known."""
    slices: tuple[Slice, ...]
    """Ascending by tier; empty for an unknown quantity and for one of 0."""

    @property
    def name(self) -> str:
        """What a person asks for to have it explained ("delivery/dto.us")."""
        return f"{self.resource.name}/{self.sku_key}"

    @property
    def unit(self) -> str:
        """Listed unit ("10000 requests")."""
        return self.ladder.unit

    @property
    def cost(self) -> float | None:
        """At list price [USD]; None when it depends on use that is not known."""
        return None if self.quantity is None else sum(piece.cost for piece in self.slices)

    @property
    def billed_cost(self) -> float | None:
        """After discounts [USD]; None when it depends on use that is not known."""
        return None if self.quantity is None else sum(piece.billed_cost for piece in self.slices)


@dataclass(frozen=True)
class Commitment:
    """What is paid for the stack as a whole and for none of its resources: contracts, support."""

    words: str
    cost: float
    """At list price [USD]; 0 for a contract, which is no part of the price list's bill."""
    billed_cost: float
    """[USD]"""
    source: str


@dataclass(frozen=True)
class Bill:
    """A stack's month."""

    label: str
    """What tells it from others at its side ("eu-central-1", "50M users"); empty when there is no other."""
    inventory: Inventory
    month: str
    """"2028-06"; empty when nothing depends on it."""
    users: float | None
    """Monthly active users; None when nothing is known about use."""
    scenario: str
    """Name of the scenario; empty without one."""
    lines: tuple[Line, ...]
    """In the order of the inventory."""
    commitments: tuple[Commitment, ...]
    coverage: Coverage
    notes: tuple[str, ...]

    @property
    def cost(self) -> float:
        """All that is known, at list price [USD]."""
        return sum(line.cost or 0.0 for line in self.lines) + sum(c.cost for c in self.commitments)

    @property
    def billed_cost(self) -> float:
        """All that is known, after discounts and with commitments [USD]."""
        return sum(line.billed_cost or 0.0 for line in self.lines) + sum(c.billed_cost for c in self.commitments)

    @property
    def usage_cost(self) -> float:
        """What of the list cost depends on use [USD]."""
        return sum(line.cost or 0.0 for line in self.lines if line.usage_based)

    @property
    def is_discounted(self) -> bool:
        """Whether anything is paid otherwise than at list price."""
        if any(paid.billed_cost != paid.cost for paid in self.commitments):
            return True
        return any(piece.discount for line in self.lines for piece in line.slices)

    @property
    def unknown(self) -> tuple[Line, ...]:
        """Lines that depend on use that is not known."""
        return tuple(line for line in self.lines if line.quantity is None)

    @cached_property
    def lines_by_urn(self) -> Mapping[str, tuple[Line, ...]]:
        """URN -> its lines."""
        found: dict[str, list[Line]] = {}
        for line in self.lines:
            found.setdefault(line.resource.urn, []).append(line)
        return {urn: tuple(lines) for urn, lines in found.items()}

    @cached_property
    def tree(self) -> Node:
        """The stack with everything in it that has lines."""
        resources = self.inventory.resources
        children: dict[str, list[str]] = {}
        for urn, resource in resources.items():
            children.setdefault(resource.parent if resource.parent in resources else "", []).append(urn)
        name = "/".join(filter(None, (self.inventory.project, self.inventory.stack))) or "stack"
        return Node(name, None, (), tuple(self._nodes(children.get("", []), children)))

    def _nodes(self, urns: list[str], children: Mapping[str, list[str]]) -> Iterator[Node]:
        for urn in urns:
            resource = self.inventory.resources[urn]
            inner = tuple(self._nodes(children.get(urn, []), children))
            if resource.type == "pulumi:pulumi:Stack":
                yield from inner
            elif (lines := self.lines_by_urn.get(urn, ())) or inner:
                yield Node(resource.name, resource, lines, inner)


@dataclass(frozen=True)
class Node:
    """A stack, component or resource with what it costs."""

    name: str
    resource: Resource | None
    """None for the stack as a whole."""
    lines: tuple[Line, ...]
    children: tuple[Node, ...]

    @cached_property
    def all_lines(self) -> tuple[Line, ...]:
        """Its own lines and those of everything in it."""
        return (*self.lines, *(line for child in self.children for line in child.all_lines))

    @property
    def cost(self) -> float | None:
        """Known list cost [USD]; None when nothing in it is known."""
        known = [line.cost for line in self.all_lines if line.cost is not None]
        return sum(known) if known else None

    @property
    def billed_cost(self) -> float | None:
        """Known cost after discounts [USD]; None when nothing in it is known."""
        known = [line.billed_cost for line in self.all_lines if line.billed_cost is not None]
        return sum(known) if known else None
