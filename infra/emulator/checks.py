"""Checks of a program that need more than one run: is it repeatable, and does a preview see all of it?"""

from __future__ import annotations

from collections.abc import Iterator

from infra.emulator.recording import Recording
from infra.inventory import inventory


def differences(first: Recording, second: Recording) -> Iterator[str]:
    """What a second run of the same stack declares differently; nothing for a program without clock or chance."""
    one, other = ({entry["urn"]: entry for entry in inventory(run)["resources"]} for run in (first, second))
    for urn in sorted(one.keys() | other.keys()):
        if urn not in other:
            yield f"{urn}: declared in the first run, not in the second"
        elif urn not in one:
            yield f"{urn}: declared in the second run, not in the first"
        elif one[urn] != other[urn]:
            yield f"{urn}: {', '.join(_changed(one[urn], other[urn]))} differ between two runs"


def hidden_from_preview(run: Recording, preview: Recording) -> Iterator[str]:
    """Resources that `pulumi preview` cannot show, because they are declared when an output becomes known."""
    visible = {registration.urn for registration in preview.registrations}
    for registration in run.registrations:
        if registration.urn not in visible:
            yield (
                f"{registration.declared_at}: {registration.urn} is declared inside an apply: `pulumi preview` does not"
                " show it (declare it outside, and pass the output as an input)"
            )


def _changed(one: dict[str, dict[str, object]], other: dict[str, dict[str, object]]) -> list[str]:
    """Names of the inputs, or of other facts, that are not the same."""
    inputs, others = one["inputs"], other["inputs"]
    changed = [f"input `{key}`" for key in sorted(inputs.keys() | others.keys()) if inputs.get(key) != others.get(key)]
    return changed or [key for key in one if one[key] != other[key]]
