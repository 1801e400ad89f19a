"""Several inputs of one command, their faults told together before any work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from costmodel.errors import Fault, PlanError


def load_together(**loaders: Callable[[], Any]) -> dict[str, Any]:
    """Run every loader, whichever of them fails.

    Args:
        loaders: name -> function that gives the input or raises PlanError.

    Returns:
        name -> what its loader gave, in the order of the arguments.

    Raises:
        PlanError: the faults of all loaders.

    >>> load_together(stack=lambda: "inventory", business=lambda: "scenario")
    {'stack': 'inventory', 'business': 'scenario'}
    """
    faults: list[Fault | str] = []
    loaded: dict[str, Any] = {}
    for name, load in loaders.items():
        try:
            loaded[name] = load()
        except PlanError as error:
            faults += error.faults
    if faults:
        raise PlanError(faults)
    return loaded
