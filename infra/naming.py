"""Names and tags: the one place where both are made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_WORKFLOW = 34
"""[character] With "-cache" behind it, it fills the 40 that ElastiCache takes for a replication group; every other
service takes more. Source: Amazon ElastiCache API reference, CreateReplicationGroup."""
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""What all services take: repositories no capitals, caches no double hyphens, functions no dots."""


@dataclass(frozen=True)
class Naming:
    """Names of one stack's resources in the account."""

    project: str
    stack: str
    residency: str | None = None
    """Where the data of a cell must stay ("eu"); None for a stack that is no cell."""

    @property
    def workflow(self) -> str:
        """Tells apart the jobs and events of several stacks in one account."""
        return f"{self.project}-{self.stack}"

    def faults(self) -> Iterator[str]:
        """Why the stack's name does not fit into the names of its resources; AWS would say so in mid-deployment.

        >>> list(Naming("reelplan", "dev").faults())
        []
        """
        longest = LONGEST_WORKFLOW - len(f"{self.project}-")
        if not NAME.fullmatch(self.workflow) or len(self.stack) > longest:
            yield (
                f"name of the stack: found {self.stack!r}, expected at most {longest} lowercase letters, digits and"
                " single hyphens (it is part of the names of repositories, functions and caches)"
            )

    def physical(self, name: str) -> str:
        """Name in AWS of what must be called by name; all else is named by Pulumi.

        >>> Naming("reelplan", "dev").physical("submit")
        'reelplan-dev-submit'
        """
        return f"{self.workflow}-{name}"

    def source(self, room: str) -> str:
        """Who an event on the stack's bus comes from.

        >>> Naming("reelplan", "dev").source("video")
        'reelplan.video'
        """
        return f"{self.project}.{room}"

    def tags(self, component: str, **extra: str) -> dict[str, str]:
        """Tags by which the bill can be split; ``extra`` are further facts (``role="raw"``), kept under our prefix."""
        return {
            "app": self.project,
            "env": self.stack,
            "component": component,
            **({"residency": self.residency} if self.residency else {}),
            **{f"{self.project}:{key}": value for key, value in extra.items()},
        }
