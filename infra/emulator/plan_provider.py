"""A provider that creates nothing: ids, ARNs and other computed properties have the shape that AWS gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.emulator import invokes
from infra.emulator.naming import ACCOUNT_ID, auto_name, fill, physical_name, template_values
from infra.emulator.provisioners import TYPES
from infra.emulator.provisioners.spec import ResourceType
from infra.emulator.recording import Registration, State
from infra.emulator.sdk import computed_text_outputs, placeholders

LONGEST_NAME = 63


class PlanProvider:
    """Answers as AWS would, for every type, the same in every run."""

    def create(self, registration: Registration) -> State:
        """Synthetic state of a resource."""
        kind = TYPES.get(registration.type)
        computed = _computed(registration, kind) if kind else _guessed(registration)
        outputs = {**placeholders(registration.type), **computed, **tags_all(registration), **registration.inputs}
        return State(id=computed["id"], outputs=outputs)

    def invoke(self, token: str, args: Mapping[str, Any], region: str) -> Mapping[str, Any]:
        """Answer of a provider function."""
        return invokes.answer(token, args, region)


def tags_all(registration: Registration) -> dict[str, Any]:
    """Output ``tagsAll``: what is declared and what the provider puts on everything."""
    return {"tagsAll": dict(registration.tags)} if registration.tags else {}


def _computed(registration: Registration, kind: ResourceType) -> dict[str, Any]:
    values = template_values(registration, kind)
    # An id may be made of the ARN, an ARN of the id: whichever needs no other comes first.
    pending = {"id": kind.id.plan, **{name: output.plan for name, output in kind.outputs.items()}}
    while pending:
        ready = [name for name, template in pending.items() if not _names(template) & set(pending)]
        for name in ready:
            values[name] = fill(pending.pop(name), values)
    known = {name: values[name] for name in ("id", *kind.outputs)}
    structures = fill(dict(kind.structures), values)
    return {**known, **structures, **({kind.name: physical_name(registration, kind)} if kind.name else {})}


def _names(template: str) -> set[str]:
    return {part.partition("}")[0] for part in template.split("{")[1:]}


def _guessed(registration: Registration) -> dict[str, str]:
    """For a type without an entry: an id and a name as most types have them, and an ARN if the type has one."""
    name = str(registration.inputs.get("name") or auto_name(registration, LONGEST_NAME))
    service, _, kind = registration.type.partition(":")[2].partition(":")[0].partition("/")
    guessed = {"id": name, "name": name}
    if "arn" in computed_text_outputs(registration.type):
        guessed["arn"] = f"arn:aws:{service}:{registration.region}:{ACCOUNT_ID}:{kind}/{name}"
    return guessed
