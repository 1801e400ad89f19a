"""The inventory: every resource that a stack declares, as data. It is what ``infra`` tells the cost model."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.emulator.assets import Archive, Asset
from infra.emulator.recording import Recording, Registration
from infra.emulator.wire import SECRET_MARKER
from infra.errors import Fault, OutputError

FORMAT = "reelplan.inventory/1"


def inventory(recording: Recording) -> dict[str, Any]:
    """A recording in the form that ``costmodel`` reads.

    Returns:
        ``format``, ``project``, ``stack``, ``region`` and ``resources``, sorted by URN, components among them. Inputs
        are camelCase as declared; a file stands as its SHA-256, a secret as ``[secret]``. ``dependencies``: input ->
        URNs whose outputs it was made from. ``options``: only ``protect``, and only where it is set.
    """
    return {
        "format": FORMAT,
        "project": recording.project,
        "stack": recording.stack,
        "region": recording.region,
        "resources": [_resource(registration) for registration in recording.registrations],
    }


def as_json(document: Mapping[str, Any]) -> str:
    """The inventory's text: the same stack gives the same bytes."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def write(text: str, path: Path) -> None:
    """Write a file whole or not at all.

    Raises:
        OutputError: the directory does not exist or cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise OutputError([Fault(str(path), error.strerror or str(error), "a directory that can be written")]) from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OutputError([Fault(str(path), error.strerror or str(error), "a file that can be written")]) from None


def _resource(registration: Registration) -> dict[str, Any]:
    return {
        "urn": registration.urn,
        "type": registration.type,
        "name": registration.name,
        "parent": registration.parent,
        "inputs": {
            key: SECRET_MARKER if key in registration.secrets else _shown(value)
            for key, value in sorted(registration.inputs.items())
        },
        "dependencies": {key: list(urns) for key, urns in registration.dependencies.items()},
        **({"options": {"protect": True}} if registration.options.get("protect") else {}),
    }


def _shown(value: Any) -> Any:
    if isinstance(value, Asset | Archive):
        return value.summary()
    if isinstance(value, dict):
        return {key: _shown(item) for key, item in sorted(value.items())}
    return [_shown(item) for item in value] if isinstance(value, list) else value
