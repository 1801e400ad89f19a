"""What every meter is given and what it may answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from costmodel.inventory import Inventory, Resource
from costmodel.metering.clips import ClipLength
from costmodel.metering.ladder import Ladder, find_ladder
from costmodel.tables import Activity, Array, Category, Quantity
from costmodel.units import BYTES_PER_GIB, SECONDS_PER_DAY

BYTES_PER_BILLED_GB = BYTES_PER_GIB
"""AWS bills 2^30 bytes as one GB, for storage and for transfer; its tier edges are binary in the same way."""


@dataclass(frozen=True)
class Gap:
    """Something about a resource that is billed by AWS and not counted here, with the reason."""

    reason: str


@dataclass(frozen=True)
class Free:
    """The resource costs nothing as it is configured, with the reason."""

    reason: str


Finding = Quantity | Gap | Free
Meter = Callable[[Resource, "Context"], Iterable[Finding]]


class Values(Protocol):
    """Assumptions by key, as ``costmodel.assumptions.Assumptions`` gives them."""

    def __getitem__(self, key: str, /) -> float:
        """Value in force of one assumption."""


class Rules(Protocol):
    """Billing rules that the price data hold beside prices, as ``costmodel.pricing.PriceBook`` gives them."""

    def rule(self, service: str, sku_key: str) -> float:
        """Value of a rule or multiplier ("rule.min_billable_seconds")."""


@dataclass(frozen=True)
class Context:
    """The stack, what its users do, and what is assumed."""

    inventory: Inventory
    activity: Activity
    assumptions: Values
    rules: Rules

    def quantity(
        self,
        resource: Resource,
        sku: tuple[str, str],
        unit: str,
        amount: Array | float,
        category: Category,
        driver: str,
        *,
        region: str | None = None,
        usage_based: bool = True,
    ) -> Quantity:
        """A metered quantity of ``resource``.

        Args:
            resource: what is billed.
            sku: service and sku key of the price book.
            unit: base unit of the amount.
            amount: shape (..., month), or one number for every month.
            category: what a founder would call it.
            driver: the formula in words.
            region: price region; that of the resource when absent.
            usage_based: False for what is billed even when nobody comes.
        """
        return Quantity(
            resource_urn=resource.urn,
            resource_type=resource.type,
            service=sku[0],
            sku_key=sku[1],
            region=resource.region if region is None else region,
            unit=unit,
            amount=np.asarray(amount, dtype=np.float64) + np.zeros(self.activity.timeline.count),
            category=category,
            driver=driver,
            usage_based=usage_based,
        )

    def every_month(self, amount: float) -> Array:
        """The same amount in each month, shape (month,)."""
        return np.full(self.activity.timeline.count, amount)

    @cached_property
    def ladder(self) -> Ladder | None:
        """The encoding ladder that the stack's submit function carries; None in a stack without one."""
        return find_ladder(self.inventory)

    @cached_property
    def clip(self) -> ClipLength:
        """How long an uploaded video is."""
        return ClipLength(
            mean_seconds=self.activity.upload_seconds,
            median_seconds=self.assumptions["usage.video_length_s_median"],
        )

    @cached_property
    def monthly_uploads(self) -> Array:
        """[video], shape (..., month)."""
        return everywhere(self.activity.monthly_uploads)

    @cached_property
    def monthly_api_requests(self) -> Array:
        """[request], shape (..., month)."""
        return everywhere(self.activity.monthly_api_requests)

    @cached_property
    def mean_api_requests_per_second(self) -> Array:
        """[request/second] over the calendar month, shape (..., month)."""
        return self.monthly_api_requests / (self.activity.timeline.days * SECONDS_PER_DAY)


def everywhere(by_geography: Array) -> Array:
    """Sum over the geographies: (..., geography, month) -> (..., month)."""
    return np.asarray(by_geography.sum(axis=-2))


def count_of(resource: Resource, prop: str) -> int | None:
    """Entries of a list input; from the resources that it was made from while the list itself is not known yet."""
    value = resource.inputs.get(prop)
    if isinstance(value, list):
        return len(value)
    return len(resource.dependencies.get(prop, ())) or None


def literal_mapping(value: object) -> Mapping[str, object]:
    """A nested input as a mapping; empty when absent, secret or not known yet. Single-item lists are unwrapped."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, dict) else {}
