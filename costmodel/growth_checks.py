"""What can be wrong with the users of a scenario file: ceilings, retention, tables, cohorts, advertising.

Faults of meaning across keys, beside those of ``scenario_checks``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from costmodel.amounts import ANY, places
from costmodel.assumptions import Assumptions
from costmodel.errors import Fault
from costmodel.scenario_checks import is_month, is_number, last_month
from costmodel.yamlfile import Document, KeyPath


def growth_faults(document: Document, catalogue: Assumptions) -> Iterator[Fault]:
    """Users that cannot be, or would silently be nobody.

    Args:
        document: the file; parts of the wrong form are passed over, for ``schema_faults`` reports them.
        catalogue: the shipped assumptions.
    """
    yield from _ceiling_faults(document)
    yield from _retention_faults(document, catalogue)
    yield from _table_faults(document)
    yield from _cohort_faults(document)
    yield from _advertising_faults(document)


def _ceiling_faults(document: Document) -> Iterator[Fault]:
    """More users at launch than there can ever be."""
    for name in document.section("geographies"):
        growth = document.section("geographies", name, "growth")
        users, ceiling = growth.get("users_at_launch"), growth.get("ceiling_users")
        if is_number(users) and is_number(ceiling) and 0 < ceiling <= users:
            where = document.where(("geographies", name, "growth", "users_at_launch"))
            yield Fault(where, repr(users), f"fewer than ceiling_users, {ceiling!r}")


def _retention_faults(document: Document, catalogue: Assumptions) -> Iterator[Fault]:
    """More people who come a week after the install than on the day after it: a cohort cannot grow with age."""
    keys = ("growth.retention_d1", "growth.retention_d7")
    overrides = document.section("assumptions")
    first, seventh = (overrides.get(key, catalogue.entries[key].base) for key in keys)
    if is_number(first) and is_number(seventh) and seventh > first:
        stated = keys[1] if keys[1] in overrides else keys[0]
        expected = f"{keys[1]} ({seventh:g}) of at most {keys[0]} ({first:g})"
        yield Fault(document.where(("assumptions", stated)), repr(overrides[stated]), expected)


def _growths(document: Document, model: str) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    for name in document.section("geographies"):
        path = ("geographies", name, "growth")
        if document.section(*path).get("model") == model:
            yield path, document.section(*path)


def _table_faults(document: Document) -> Iterator[Fault]:
    """Months of the plan before or after those that a table of users knows."""
    first, last = document.data.get("start"), last_month(document)
    for path, growth in _growths(document, "table") if last else ():
        users = growth.get("monthly_active_users")
        months = sorted(filter(is_month, users)) if isinstance(users, dict) else []
        if months and not months[0] <= str(first) <= last <= months[-1]:
            expected = f"users for every month of the plan, {first} to {last}"
            yield Fault(document.where(path), f"users from {months[0]} to {months[-1]}", expected)


def _cohort_faults(document: Document) -> Iterator[Fault]:
    """Cohorts without anybody who could come: users would silently be 0."""
    for path, growth in _growths(document, "cohorts"):
        ways = ("users_at_launch", "organic_installs_per_month", "advertising")
        if not any(growth.get(way) for way in ways):
            yield Fault(document.where(path), "nobody who comes", f"one of {', '.join(ways)}")


def _advertising_faults(document: Document) -> Iterator[Fault]:
    """Installs for nothing, and advertising that stops before it can have begun."""
    for path in places(document, ("geographies", ANY, "growth", "advertising")):
        advertising, growth = document.section(*path), document.section(*path[:-1])
        price, stops = advertising.get("usd_per_install"), advertising.get("stops")
        counted = filter(is_month, document.section(*path[:-1], "monthly_active_users"))
        launch = growth.get("launch", min(counted, default=None))
        if is_number(price) and price == 0:
            yield Fault(document.where((*path, "usd_per_install")), repr(price), "a number above 0 [USD/install]")
        if is_month(stops) and is_month(launch) and stops <= launch:
            yield Fault(document.where((*path, "stops")), stops, f"a month after the launch, {launch}")
