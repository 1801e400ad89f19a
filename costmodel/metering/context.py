"""What every meter is given and what it may answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar, cast

import numpy as np

from costmodel.inventory import Inventory, Resource
from costmodel.metering.clips import ClipLength
from costmodel.metering.ladder import Ladder, find_ladder
from costmodel.metering.residence import presence, residence
from costmodel.tables import Activity, Array, Basis, Category, Quantity
from costmodel.units import BYTES_PER_GIB, SECONDS_PER_DAY

BYTES_PER_BILLED_GB = BYTES_PER_GIB
"""AWS bills 2^30 bytes as one GB, for storage and for transfer; its tier edges are binary in the same way."""


@dataclass(frozen=True)
class Gap:
    """Something about a resource that is billed by AWS and not counted here, with the reason."""

    reason: str
    closed_by: tuple[str, ...] = ()
    """Keys of a usage file that fill the gap when all of them are stated."""


@dataclass(frozen=True)
class Free:
    """The resource costs nothing as it is configured, with the reason."""

    reason: str


Factors = Mapping[str, Array | float]
"""Operands of a product in words -> their values, arrays of shape (..., month) or numbers."""

Finding = Quantity | Gap | Free
Answer = TypeVar("Answer")
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
        factors: Factors,
        category: Category,
        *,
        region: str | None = None,
        usage_based: bool = True,
        basis: Basis | None = None,
    ) -> Quantity:
        """A metered quantity of ``resource``: the product of its factors, which also are its driver in words.

        Args:
            resource: what is billed.
            sku: service and sku key of the price book.
            unit: base unit of the amount.
            factors: what is multiplied.
            category: what a founder would call it.
            region: price region; that of the resource when absent.
            usage_based: False for what is billed even when nobody comes.
            basis: where the amount comes from; when absent, what is billed without users is declared and the rest
                estimated.
        """
        return Quantity(
            resource_urn=resource.urn,
            resource_type=resource.type,
            service=sku[0],
            sku_key=sku[1],
            region=resource.region if region is None else region,
            unit=unit,
            amount=product(factors, self.activity.timeline.count),
            category=category,
            driver=" x ".join(factors),
            usage_based=usage_based,
            basis=basis or ("estimated" if usage_based else "declared"),
            factors=factors,
        )

    def once(self, answer: Callable[[Context], Answer]) -> Answer:
        """What ``answer`` says about this stack; asked once, however many resources need it."""
        if answer not in self._answers:
            self._answers[answer] = answer(self)
        return cast(Answer, self._answers[answer])

    def about(self, resource: Resource, answer: Callable[[Resource, Context], Answer]) -> Answer:
        """What ``answer`` says about a resource; asked once, however many others depend on it."""
        key = (answer, resource.urn)
        if key not in self._answers:
            self._answers[key] = answer(resource, self)
        return cast(Answer, self._answers[key])

    def traced(self, answer: Callable[[Resource, Context], Answer | None], resource: Resource) -> Answer | None:
        """What ``answer`` says about a resource, asked once; None to a question that comes back to itself in a ring."""
        key = (answer, resource.urn)
        if key not in self._answers:
            self._answers[key] = None
            self._answers[key] = answer(resource, self)
        return cast("Answer | None", self._answers[key])

    @cached_property
    def _answers(self) -> dict[object, object]:
        return {}

    def held(self, from_days: float, until_days: float, deleted_share: float = 0.0) -> Array:
        """Share of each month's intake that is there in each month; see ``residence`` and ``presence``.

        Args:
            from_days: age at which something comes to be there [day].
            until_days: age at which it leaves [day]; infinite for never.
            deleted_share: share that users delete within seven months.
        """
        key = (from_days, until_days, deleted_share)
        if key not in self._held:
            timeline = self.activity.timeline
            self._held[key] = residence(timeline, presence(timeline, from_days, until_days, deleted_share))
        return self._held[key]

    @cached_property
    def _held(self) -> dict[tuple[float, float, float], Array]:
        return {}

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


def product(factors: Factors, months: int) -> Array:
    """All factors multiplied, shape (..., month).

    >>> product({"2 zones": 2, "730 h": 730}, months=1)
    array([1460.])
    """
    amount: Array | float = 1.0
    for value in factors.values():
        amount = amount * value
    return np.asarray(amount if getattr(amount, "ndim", 0) else amount * np.ones(months))


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
