"""Numbers that a person states about a resource, in the place of what its meter would have estimated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Finding, Free, Gap
from costmodel.metering.usage_keys import USAGE_KEYS
from costmodel.tables import Quantity


@dataclass(frozen=True)
class Statement:
    """What a usage file says under one key of one resource."""

    amounts: Mapping[str, float]
    """Choice -> amount a month [unit of the key]; a key without choices has the choice ""."""
    where: str
    """File and line."""


Stated = Mapping[str, Mapping[str, Statement]]
"""URN -> key of ``USAGE_KEYS`` -> what is stated."""


def with_stated(
    findings: Iterable[Finding], resource: Resource, stated: Mapping[str, Statement], context: Context
) -> list[Finding]:
    """The findings of a meter after the stated numbers have taken the place of its estimates.

    A stated key replaces everything that the meter estimated for it, choices that are not stated included; what AWS
    bills without users stays. A gap is closed when all the keys that it names are stated.
    """
    replaced = {sku for key in stated for sku in _skus(resource, key, context)}
    kept = [finding for finding in findings if not _is_replaced(finding, replaced, stated)]
    return [*kept, *_quantities(resource, stated, context)]


def _is_replaced(finding: Finding, skus: set[tuple[str, str]], stated: Mapping[str, Statement]) -> bool:
    if isinstance(finding, Quantity):
        return finding.basis == "estimated" and (finding.service, finding.sku_key) in skus
    if isinstance(finding, Gap):
        return bool(finding.closed_by) and set(finding.closed_by) <= set(stated)
    return isinstance(finding, Free)


def _skus(resource: Resource, key: str, context: Context) -> Iterator[tuple[str, str]]:
    definition = USAGE_KEYS[resource.type][key]
    for choice in definition.choices or ("",):
        yield definition.sku_of(resource, context.inventory, choice)


def _quantities(resource: Resource, stated: Mapping[str, Statement], context: Context) -> Iterator[Quantity]:
    for key, statement in stated.items():
        definition = USAGE_KEYS[resource.type][key]
        for choice, amount in statement.amounts.items():
            service, sku_key = definition.sku_of(resource, context.inventory, choice)
            yield Quantity(
                resource_urn=resource.urn,
                resource_type=resource.type,
                service=service,
                sku_key=sku_key,
                region=definition.region_of(resource, context.inventory, choice),
                unit=definition.unit,
                amount=np.full(context.activity.timeline.count, amount),
                category=definition.category,
                driver=f"stated in {statement.where}",
                usage_based=True,
                basis="stated",
            )
