"""Amazon DynamoDB: requests, storage and backups of a table; how a table is used stands in ``table_loads``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Factors, Finding, Gap, literal_mapping
from costmodel.metering.table_loads import ROLE_TAG, Load, load_of
from costmodel.units import HOURS_PER_MONTH

SERVICE = "DynamoDB"
INFREQUENT = "STANDARD_INFREQUENT_ACCESS"
USAGE_KEYS = ("monthly_write_request_units", "monthly_read_request_units", "storage_gb")


def table(resource: Resource, context: Context) -> Iterable[Finding]:
    """A table, in the role that its tag names."""
    load = load_of(resource, context)
    if load is None:
        role = resource.tags.get(ROLE_TAG)
        holds = f"how much the table of {role} is used is not modelled yet"
        reason = holds if role else "the stack has several tables and nothing says which one holds what"
        yield Gap(reason, closed_by=USAGE_KEYS)
        return
    infrequent = resource.inputs.get("tableClass") == INFREQUENT
    if resource.inputs.get("billingMode") == "PAY_PER_REQUEST":
        yield from _on_demand(resource, context, load, "_ia" if infrequent else "")
    else:
        yield from _provisioned(resource, context)
        if infrequent:
            yield Gap("provisioned capacity of the infrequent-access class is counted at the standard price, a low one")
    stored: Factors = {f"GB of records of {load.records_in_words}": load.stored_gb}
    sku = (SERVICE, "storage.ia" if infrequent else "storage.standard")
    yield context.quantity(resource, sku, "GB-month", stored, "Database")
    if literal_mapping(resource.inputs.get("pointInTimeRecovery")).get("enabled"):
        kept: Factors = {"GB of the table, kept for point-in-time recovery": load.stored_gb}
        yield context.quantity(resource, (SERVICE, "backup.pitr"), "GB-month", kept, "Database")
    if resource.inputs.get("replicas"):
        yield Gap("replicas in other regions are not metered yet")


def _on_demand(resource: Resource, context: Context, load: Load, suffix: str) -> Iterator[Finding]:
    yield context.quantity(resource, (SERVICE, f"ondemand.wru{suffix}"), "WRU", load.writes, "Database")
    yield context.quantity(resource, (SERVICE, f"ondemand.rru{suffix}"), "RRU", load.reads, "Database")


def _provisioned(resource: Resource, context: Context) -> Iterator[Finding]:
    for key, sku, unit in (
        ("writeCapacity", "provisioned.wcu", "WCU-hour"),
        ("readCapacity", "provisioned.rcu", "RCU-hour"),
    ):
        capacity = resource.inputs.get(key)
        if not isinstance(capacity, int | float):
            yield Gap(f"the table is provisioned and its {key} is not known")
            continue
        factors: Factors = {key: capacity, "730 h": HOURS_PER_MONTH}
        yield context.quantity(resource, (SERVICE, sku), unit, factors, "Database", usage_based=False)
    yield Gap("whether the provisioned capacity carries the load is not checked")
