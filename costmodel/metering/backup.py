"""AWS Backup: copies of tables, each of the table's whole size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from costmodel.inventory import Resource
from costmodel.metering import dynamodb
from costmodel.metering.context import Context, Factors, Finding, Gap, literal_mapping
from costmodel.metering.schedules import runs_per_month
from costmodel.metering.triggers import TABLE
from costmodel.tables import Array, Quantity
from costmodel.units import DAYS_PER_MONTH

PLAN = "aws:backup/plan:Plan"
SELECTION = "aws:backup/selection:Selection"
TABLES_ARN = "arn:aws:dynamodb:"


def vault(resource: Resource, context: Context) -> Iterable[Finding]:
    """A vault: every copy of a table that a plan keeps in it. A copy of a table is never incremental.

    Source: AWS Backup developer guide, "Advanced DynamoDB backup": storage costs as much as without AWS Backup.
    """
    plans = context.inventory.referring(resource.urn, PLAN)
    if not plans:
        yield Gap("no backup plan of the stack keeps copies in it", closed_by=("storage_gb",))
    for plan in plans:
        yield from _kept(resource, plan, context)


def _kept(resource: Resource, plan: Resource, context: Context) -> Iterator[Finding]:
    if any(not _only_tables(selection) for selection in context.inventory.referring(plan.urn, SELECTION)):
        yield Gap("copies of what is no table are not counted")
    sizes, unknown = context.once(table_sizes)
    rules = plan.inputs.get("rules")
    if not isinstance(rules, list):
        yield Gap("the rules of its backup plan are not known", closed_by=("storage_gb",))
        return
    if not sizes and not unknown:
        yield Gap("the stack has no table to copy", closed_by=("storage_gb",))
    for rule in rules:
        copies = copies_kept(literal_mapping(rule))
        if copies is None:
            yield Gap("how many copies are kept is not known", closed_by=("storage_gb",))
        elif sizes:
            stored: Factors = {"GB of the tables": sum(sizes[1:], sizes[0]), f"{copies:g} copies kept": copies}
            sku = ("DynamoDB", "backup.ondemand")
            yield context.quantity(resource, sku, "GB-month", stored, "Database")
    if unknown:
        yield Gap(
            f"copies of {', '.join(unknown)} are not counted: the size of the table is not known", ("storage_gb",)
        )


def copies_kept(rule: dict[str, object] | object) -> float | None:
    """Copies that a rule keeps at a time, once its first have expired; None when it keeps them for ever.

    >>> round(copies_kept({"schedule": "cron(0 3 * * ? *)", "lifecycle": {"deleteAfter": 35}}))
    35
    """
    inputs = literal_mapping(rule)
    runs, days = runs_per_month(inputs.get("schedule")), literal_mapping(inputs.get("lifecycle")).get("deleteAfter")
    return None if runs is None or not isinstance(days, int | float) else runs / DAYS_PER_MONTH * days


def table_sizes(context: Context) -> tuple[list[Array], list[str]]:
    """GB of each table as its own meter counts them, and the names of those that it cannot count."""
    sizes: list[Array] = []
    unknown: list[str] = []
    for table in context.inventory.of_type(TABLE):
        found = [f for f in dynamodb.table(table, context) if isinstance(f, Quantity)]
        stored = [f.amount for f in found if f.sku_key == "storage.standard"]
        sizes += stored
        if not stored:
            unknown.append(table.name)
    return sizes, unknown


def _only_tables(selection: Resource) -> bool:
    chosen = selection.inputs.get("resources")
    return isinstance(chosen, list) and all(str(arn).startswith(TABLES_ARN) for arn in chosen)
