"""The same stack in another AWS region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from costmodel.errors import Fault, SelectionError, nearest
from costmodel.inventory import Inventory
from costmodel.price_book import PriceBook

EVERYWHERE = ("MediaConvert", "ntm.basic")
"""A sku that every region has in which a whole platform can be priced; a replica of files can be in more of them."""


def known_regions(book: PriceBook) -> tuple[str, ...]:
    """AWS regions that the price book covers, sorted."""
    return tuple(sorted({ladder.region for ladder in book.sku(*EVERYWHERE)}))


def check_regions(names: Sequence[str], book: PriceBook) -> None:
    """Refuse regions that the price book does not know.

    Raises:
        SelectionError: every one of them, with the nearest that there is.
    """
    known = known_regions(book)
    faults = [
        Fault(f"region {name}", "no prices", f"one of {', '.join(known)}", nearest(name, known))
        for name in names
        if name not in known
    ]
    if faults:
        raise SelectionError(faults)


def relocated(inventory: Inventory, region: str) -> Inventory:
    """The stack as if its default region were another one.

    What is declared in a region of its own stays there, such as a certificate for CloudFront; an input that repeats
    the default region (of an Origin Shield) moves along.
    """
    if region == inventory.region:
        return inventory
    moved = {
        urn: replace(
            resource,
            region=region if resource.region == inventory.region else resource.region,
            inputs=_renamed(resource.inputs, inventory.region, region),
        )
        for urn, resource in inventory.resources.items()
    }
    return replace(inventory, region=region, resources=moved)


def _renamed(value: Any, old: str, new: str) -> Any:
    """Nested data with every text that equals ``old`` replaced."""
    if isinstance(value, dict):
        return {key: _renamed(entry, old, new) for key, entry in value.items()}
    if isinstance(value, list):
        return [_renamed(entry, old, new) for entry in value]
    return new if value == old else value
