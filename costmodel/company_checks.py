"""What can be wrong with a company in a scenario file: its people, its first version, its dramas.

Faults of meaning across keys, beside those of ``scenario_checks``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from costmodel.assumptions import SUM_TOLERANCE, Assumptions
from costmodel.errors import Fault, nearest
from costmodel.organisations import organisation, shipped_organisations
from costmodel.scenario_checks import is_month, is_number
from costmodel.yamlfile import Document, KeyPath

SHARED_DRIVERS: Mapping[str, str] = {"moderation": "reviews", "support_tickets": "tickets"}
"""Driver whose work several roles may share -> what the work is."""

DRIVER_NEEDS: Mapping[str, str] = {
    "advertising_usd_per_year": "advertising",
    "monthly_live_hours_streamed": "live",
    "monthly_orders": "shop",
    "regulation": "compliance",
}
"""Driver -> section without which it is always 0."""


MOST_MONTHS = 1200
"""A century, in months: what is longer is a fault of another kind and is not looked at here."""


def company_faults(document: Document, catalogue: Assumptions) -> Iterator[Fault]:
    """Faults of people, first version and dramas.

    Args:
        document: the file; parts of the wrong form are passed over.
        catalogue: the shipped assumptions.
    """
    if isinstance(document.data.get("people"), dict):
        yield from _organisation_faults(document)
        yield from _shared_work_faults(document)
        yield from _driver_faults(document)
    yield from _first_version_faults(document, catalogue)
    yield from _production_faults(document)


def _organisation_faults(document: Document) -> Iterator[Fault]:
    """An organisation that is not shipped, roles that it does not have, or nobody at all."""
    people, known = document.section("people"), shipped_organisations()
    template = people.get("template")
    if template is None and "roles" not in people:
        yield Fault(document.where(("people",)), "neither roles nor a template", f"roles, or one of {', '.join(known)}")
    elif isinstance(template, str) and template not in known:
        where = document.where(("people", "template"))
        yield Fault(where, f"text {template!r}", f"one of {', '.join(known)}", nearest(template, known))
    if template is None or template in known:
        yield from _left_out_faults(document)


def _left_out_faults(document: Document) -> Iterator[Fault]:
    """Roles that the company does without and that its organisation does not have."""
    people, roles = document.section("people"), list(_shipped_roles(document))
    without = people.get("without")
    expected = f"a role of the organisation {people.get('template')}" if roles else "no role, as there is no template"
    for index, name in enumerate(without if isinstance(without, list) else ()):
        if isinstance(name, str) and name not in roles:
            where = document.where(("people", "without", str(index)))
            yield Fault(where, f"text {name!r}", expected, nearest(name, roles))


def _shipped_roles(document: Document) -> dict[str, dict[str, Any]]:
    """Roles of the organisation that the file takes, as they would stand in a file; none when it takes none."""
    template = document.section("people").get("template")
    if not isinstance(template, str) or template not in shipped_organisations():
        return {}
    return {name: role.model_dump() for name, role in organisation(template).roles.items()}


def _shared_work_faults(document: Document) -> Iterator[Fault]:
    """Roles that share a work of which more or less than the whole is done."""
    people = document.section("people")
    without = people.get("without")
    left_out = without if isinstance(without, list) else []
    shipped = {name: role for name, role in _shipped_roles(document).items() if name not in left_out}
    roles = shipped | document.section("people", "roles")
    for driver, work in SHARED_DRIVERS.items():
        done = [
            role.get("share_of_work", 1)
            for role in roles.values()
            if isinstance(role, dict) and role.get("driver") == driver
        ]
        if done and all(map(is_number, done)) and abs(math.fsum(done) - 1) > SUM_TOLERANCE:
            listed = " + ".join(f"{share:g}" for share in done)
            found = f"{listed} = {math.fsum(done):g} of the {work}" if len(done) > 1 else f"{listed} of the {work}"
            yield Fault(document.where(("people",)), found, f"share_of_work of all roles by {driver} to sum to 1")


def _driver_faults(document: Document) -> Iterator[Fault]:
    """Roles that follow what the scenario does not have: nobody would ever be hired."""
    for name in document.section("people", "roles"):
        path: KeyPath = ("people", "roles", name, "driver")
        driver = document.section(*path[:-1]).get("driver")
        needed = DRIVER_NEEDS.get(driver) if isinstance(driver, str) else None
        if needed and document.data.get(needed) is None:
            yield Fault(document.where(path), str(driver), f"a section {needed} in the scenario, which this follows")


def _first_version_faults(document: Document, catalogue: Assumptions) -> Iterator[Fault]:
    """A first version that is begun before the plan, or used before it is finished."""
    version, start = document.section("first_version"), document.data.get("start")
    begun = version.get("starts", start)
    if not version or not is_month(start) or not is_month(begun):
        return
    if begun < start:
        where = document.where(("first_version", "starts"))
        yield Fault(where, begun, f"a month from the first of the plan on, {start}: earlier work is paid for")
    months = _months(version.get("months", "build.mvp_months"), document, catalogue)
    if months is None:
        return
    usable = _months_after(begun, math.ceil(months))
    for name in document.section("geographies"):
        path = ("geographies", name, "growth", "launch")
        launch = document.section(*path[:-1]).get("launch")
        if is_month(launch) and launch < usable:
            yield Fault(document.where(path), launch, f"a month from {usable} on, when the first version is finished")


def _months(stated: Any, document: Document, catalogue: Assumptions) -> float | None:
    """The months behind an amount of the file; None when it does not give any."""
    if isinstance(stated, str) and stated in catalogue.entries:
        stated = document.section("assumptions").get(stated, catalogue.entries[stated].value)
    return float(stated) if is_number(stated) and 0 <= stated <= MOST_MONTHS else None


def _months_after(month: str, count: int) -> str:
    return str(np.datetime64(month, "M") + np.timedelta64(min(count, MOST_MONTHS), "M"))


def _production_faults(document: Document) -> Iterator[Fault]:
    """Dramas that are released before they can have been made within the plan: their cost would be missing."""
    drama, start = document.section("drama"), document.data.get("start")
    months, first = drama.get("production_months", 0), drama.get("starts", start)
    if not isinstance(months, int) or months < 1 or not is_month(start) or not is_month(first):
        return
    earliest = _months_after(start, months)
    if first < earliest:
        expected = f"a month from {earliest} on: {months} months after the plan's start, when the first one is paid for"
        yield Fault(document.where(("drama", "starts")), first, expected)
