"""Is a submitted job the one that the stack wants: its queue, its ladder, its settings?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from infra.emulator.mediaconvert import rules

Job = Mapping[str, Any]
Ladder = Mapping[str, Any]


def rungs_for(ladder: Ladder, short_edge: int) -> list[str]:
    """Names of the rungs that a video should get: those that do not enlarge it, or the smallest.

    Args:
        ladder: as ``infra.ladder.ladder_document`` makes it.
        short_edge: of the video [pixel].
    """
    rungs = sorted(ladder["renditions"], key=lambda rung: int(rung["short_edge"]))
    return [rung["name"] for rung in rungs if rung["short_edge"] <= short_edge] or [rungs[0]["name"]]


def queue_faults(job: Job, queues: Collection[str]) -> Iterator[str]:
    """A job on a queue that is not one of the stack's (ARNs)."""
    if job["Queue"] not in queues:
        yield f"the job is on queue {job['Queue']}, expected one of this stack: {', '.join(sorted(queues))}"


def ladder_faults(job: Job, ladder: Ladder, short_edge: int) -> Iterator[str]:
    """Rungs of the ladder that the job's adaptive group lacks, or has without need."""
    edges = {rung["name"]: int(rung["short_edge"]) for rung in ladder["renditions"]}
    wanted = {edges[name] for name in rungs_for(ladder, short_edge)}
    found = set(_adaptive_edges(job))
    if found != wanted:
        yield f"the job's renditions have short edges {sorted(found)}, the ladder gives {sorted(wanted)}"


def settings_faults(request: Mapping[str, Any]) -> Iterator[str]:
    """What the API model or the service's own rules refuse in a CreateJob request."""
    for violation in rules.violations("CreateJob", request):
        yield f"CreateJob: {violation}"


def _adaptive_edges(job: Job) -> Iterator[int]:
    for group in job["Settings"]["OutputGroups"]:
        if group["OutputGroupSettings"]["Type"] == "CMAF_GROUP_SETTINGS":
            for output in group["Outputs"]:
                if video := output.get("VideoDescription"):
                    yield min(video["Width"], video["Height"])
