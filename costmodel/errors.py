"""Errors that a person can act on.

    PlanError                 exit code 2, one message per fault, no traceback
    ├── ScenarioError         a scenario file or name
    ├── UsageFileError        a usage file
    ├── DiscountError         discounts
    ├── SelectionError        a month, size, region, resource or line that was asked for and is not there
    ├── InventoryError        an inventory, preview or stack export file
    ├── CatalogError          the price book or the assumptions
    │   ├── PriceNotFound     no price for a sku in a region on a date
    │   └── AssumptionNotFound
    ├── PriceListError        the AWS Price List cannot be read, or says what no price list would
    ├── UnitError             a quantity in a unit that its sku does not use
    ├── QuantityError         a metered quantity that is negative or not a number
    ├── LedgerError           price x quantity differs from cost, or parts from the whole
    └── OutputError           a place that cannot be written

Everything else that escapes is a bug of ours and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Fault:
    """One thing wrong at one place: ``where: found, expected; hint``."""

    where: str
    """File, and line or path inside it, as the user knows them ("niche.yaml:12: growth.model")."""
    found: str
    expected: str
    hint: str = ""
    """The nearest valid name or the next step; empty when there is none."""

    def __str__(self) -> str:
        tail = f" ({self.hint})" if self.hint else ""
        return f"{self.where}: found {self.found}, expected {self.expected}{tail}"


class PlanError(Exception):
    """An input that cannot be planned with; carries every fault that was found, not just the first."""

    def __init__(self, faults: Sequence[Fault | str]) -> None:
        if not faults:
            raise ValueError("a PlanError needs at least one fault")
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class ScenarioError(PlanError):
    """A scenario is missing, malformed, or contradicts itself."""


class UsageFileError(PlanError):
    """A usage file states something about a resource that cannot be."""


class DiscountError(PlanError):
    """Discounts are malformed, or of a sku that the price book does not have."""


class SelectionError(PlanError):
    """What a command was asked for does not exist: a month, a size, a region, a resource, a line."""


class InventoryError(PlanError):
    """An inventory file is missing, truncated, or of no known format."""


class CatalogError(PlanError):
    """The price book or the assumptions are malformed or lack an entry."""


class PriceNotFound(CatalogError):
    """The book has no price for a sku in a region on a date; never answered with 0."""


class AssumptionNotFound(CatalogError):
    """A key that no assumption file defines."""


class PriceListError(PlanError):
    """The AWS Price List cannot be read, or says what no price list would; the price book stays as it was."""


class UnitError(PlanError):
    """A quantity was metered in a unit that its sku is not priced in."""


class QuantityError(PlanError):
    """A metered quantity is negative or not a finite number; it is not priced."""


class LedgerError(PlanError):
    """The ledger breaks an invariant: price x quantity = cost, parts = whole."""


class OutputError(PlanError):
    """An output directory or file cannot be written."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the valid name closest to ``name``; empty when none is close.

    >>> nearest("monhts", ["months", "start"])
    'nearest: months'
    """
    close = get_close_matches(name, list(known), n=1)
    return f"nearest: {close[0]}" if close else ""
