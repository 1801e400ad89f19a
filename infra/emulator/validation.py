"""What became of every resource of a stack: nothing is left out, and each has a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from infra.emulator.provision import Result, Status
from infra.emulator.recording import Recording, Registration
from infra.errors import ProvisionError

COMPONENT_REASON = "a component: it groups its children and is nothing of its own in AWS"


@dataclass(frozen=True)
class Row:
    """Resources of one type in one component, for people."""

    component: str
    """Names of the components around it ("media/raw")."""
    type: str
    count: int
    status: Status
    only_sent: tuple[str, ...]
    """What could not be read back, and why."""


def account_for(recording: Recording, results: Sequence[Result]) -> list[Result]:
    """One result for each registration, components included, sorted by URN.

    Raises:
        ProvisionError: a registration has no result: it was skipped.
    """
    known = {result.urn: result for result in results}
    for registration in recording.registrations:
        if registration.is_component:
            known[registration.urn] = Result(registration.urn, registration.type, "checked", COMPONENT_REASON)
    skipped = [registration.urn for registration in recording.registrations if registration.urn not in known]
    if skipped:
        raise ProvisionError([f"{urn}: declared, but neither provisioned nor checked" for urn in skipped])
    return [known[registration.urn] for registration in recording.registrations]


def rows(recording: Recording, results: Sequence[Result]) -> list[Row]:
    """The results by component and type; components themselves are the headings, not rows."""
    by_urn = {registration.urn: registration for registration in recording.registrations}
    groups: dict[tuple[str, str, Status], list[Result]] = {}
    for result in results:
        registration = by_urn[result.urn]
        if not registration.is_component:
            groups.setdefault((component_path(registration, by_urn), result.type, result.status), []).append(result)
    return [
        Row(component, kind, len(found), status, tuple(sorted({note for result in found for note in result.only_sent})))
        for (component, kind, status), found in sorted(groups.items())
    ]


def component_path(registration: Registration, by_urn: dict[str, Registration]) -> str:
    """Names of the components that a resource stands in, outermost first; empty at the top of the stack."""
    names: list[str] = []
    parent = by_urn.get(registration.parent)
    while parent is not None:
        names.insert(0, parent.name)
        parent = by_urn.get(parent.parent)
    return "/".join(names)


def summary(results: Sequence[Result]) -> str:
    """One line: how many resources there are and what became of them."""
    components = sum(1 for result in results if result.reason == COMPONENT_REASON)
    counts = Counter(result.status for result in results if result.reason != COMPONENT_REASON)
    return (
        f"{sum(counts.values())} resources in {components} components: {counts['provisioned']} provisioned,"
        f" {counts['checked']} checked, 0 skipped"
    )
