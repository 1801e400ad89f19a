"""Cells: several stacks of one account, each for the users of some geographies, priced together.

The users of a geography are served by one cell alone, so each cell is metered with its own users. Prices pool: what
AWS counts by account or by edge geography (CloudFront's tiers) climbs one ladder for all cells, what it counts by
region (MediaConvert, S3) one in each region.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from costmodel.errors import Fault, SelectionError, nearest
from costmodel.inventory import Inventory
from costmodel.tables import Activity, Coverage


@dataclass(frozen=True)
class Cell:
    """One stack, and whose users it serves."""

    inventory: Inventory
    geographies: tuple[str, ...]
    """Names of the scenario's geographies."""


def of_geographies(activity: Activity, names: Sequence[str]) -> Activity:
    """What the users of some geographies do; the others are left out.

    >>> import numpy as np
    >>> from costmodel.tables import Timeline
    >>> month = Timeline.starting("2027-01", 1)
    >>> both = Activity.nothing(month, ("a", "b"), ("us", "india"), upload_seconds=6, upload_mb=9)
    >>> of_geographies(both, ["b"]).edges, of_geographies(both, ["b"]).monthly_views.shape
    (('india',), (1, 1))
    """
    kept = [i for i, name in enumerate(activity.geographies) if name in names]
    flows = [f.name for f in fields(activity) if f.name.startswith(("monthly_", "daily_"))]
    parts: dict[str, Any] = {name: getattr(activity, name)[..., kept, :] for name in flows}
    return replace(
        activity,
        geographies=tuple(activity.geographies[i] for i in kept),
        edges=tuple(activity.edges[i] for i in kept),
        **parts,
    )


def with_the_rest(home: Inventory, others: Sequence[Cell], geographies: Sequence[str]) -> list[Cell]:
    """All cells: that of the home stack, which serves the geographies that no other one names, and the others.

    Raises:
        SelectionError: a geography that the scenario does not have, or that two cells name; a stack given twice.
    """
    faults = [*_geography_faults(others, geographies), *_stack_faults([home, *(cell.inventory for cell in others)])]
    if faults:
        raise SelectionError(faults)
    taken = {name for cell in others for name in cell.geographies}
    return [Cell(home, tuple(name for name in geographies if name not in taken)), *others]


def _geography_faults(cells: Sequence[Cell], geographies: Sequence[str]) -> Iterator[Fault]:
    served: dict[str, str] = {}
    for cell in cells:
        where = f"--cell {cell.inventory.source}"
        for name in cell.geographies:
            if name not in geographies:
                expected = f"one of {', '.join(geographies)}"
                yield Fault(where, f"no geography {name!r} in the scenario", expected, nearest(name, geographies))
            elif name in served:
                yield Fault(where, f"{name}, which {served[name]} serves already", "each geography in one cell")
            served.setdefault(name, cell.inventory.source)


def _stack_faults(inventories: Sequence[Inventory]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for inventory in inventories:
        again = next((seen[urn] for urn in inventory.resources if urn in seen), None)
        if again is not None:
            found = f"resources that {again} declares, too"
            yield Fault(f"--cell {inventory.source}", found, "a stack of its own for each cell")
        seen |= dict.fromkeys(inventory.resources, inventory.source)


def merged(cells: Sequence[Cell]) -> Inventory:
    """The resources of all cells as one inventory, for what looks a resource up by its URN."""
    home = cells[0].inventory
    if len(cells) == 1:
        return home
    resources = {urn: resource for cell in cells for urn, resource in cell.inventory.resources.items()}
    return replace(home, stack=" + ".join(cell.inventory.stack for cell in cells), resources=resources)


def joined(parts: Sequence[Coverage]) -> Coverage:
    """What became of the resources of all cells."""
    return Coverage(
        priced=tuple(urn for part in parts for urn in part.priced),
        free={urn: why for part in parts for urn, why in part.free.items()},
        not_covered={urn: why for part in parts for urn, why in part.not_covered.items()},
        gaps={urn: why for part in parts for urn, why in part.gaps.items()},
        closed_by={key: keys for part in parts for key, keys in part.closed_by.items()},
    )
