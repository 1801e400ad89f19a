"""Names and tags: the one place where both are made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Naming:
    """Names of one stack's resources in the account."""

    project: str
    stack: str

    @property
    def workflow(self) -> str:
        """Tells apart the jobs and events of several stacks in one account."""
        return f"{self.project}-{self.stack}"

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
            **{f"{self.project}:{key}": value for key, value in extra.items()},
        }
