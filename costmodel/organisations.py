"""Organisations: shipped sets of roles, hired as their drivers grow.

The data are the YAML files of ``costmodel/data/organisations/``, one a kind of company. A scenario takes one by its
name (``people.template``), leaves roles out and puts its own beside or in the place of others.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from costmodel.sections.people import Organisation, People, Role
from costmodel.yamlfile import read_document

SHIPPED = Path(__file__).parent / "data" / "organisations"


def shipped_organisations() -> tuple[str, ...]:
    """Names of the organisations that come with the program."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


@cache
def organisation(name: str) -> Organisation:
    """A shipped organisation by its name."""
    path = SHIPPED / f"{name}.yaml"
    return Organisation.model_validate(read_document(path, path.name).data)


def roles(people: People) -> dict[str, Role]:
    """Every role that the company has: those of its organisation, less what it does without, and its own.

    A role of the organisation works where the organisation does, unless it names places of its own.
    """
    shipped = organisation(people.template).roles if people.template else {}
    hired = {
        name: role if role.locations else role.model_copy(update={"locations": people.locations})
        for name, role in shipped.items()
        if name not in people.without
    }
    return hired | people.roles
