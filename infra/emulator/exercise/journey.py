"""The report of a journey: what happened, who did it, how long it took, and what broke it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["passed", "failed", "not reached", "absent"]
"""Absent is what the stack does not have, by its settings."""

MS_PER_SECOND = 1000
MARKS = {"passed": "ok", "failed": "FAILED", "not reached": "-", "absent": "none"}


class Stopped(Exception):
    """A step did not hold; the causes name what is wrong."""

    def __init__(self, *causes: str) -> None:
        self.causes = causes
        super().__init__("; ".join(causes))


class Absent(Exception):
    """The stack does not have what a step is about; says what it lacks."""


@dataclass(frozen=True)
class Step:
    """One step of the journey."""

    title: str
    status: Status
    evidence: str = ""
    """What was seen."""
    diagnosis: tuple[str, ...] = ()
    """What broke it, by name; empty unless it failed."""
    duration_ms: float = 0.0


@dataclass(frozen=True)
class Journey:
    """All steps, in order."""

    steps: Sequence[Step]
    notes: Sequence[str] = ()
    """What is no fault but worth knowing: permissions that nothing needed."""

    @property
    def ok(self) -> bool:
        """Whether the video arrived and every step held that the stack has."""
        return all(step.status in ("passed", "absent") for step in self.steps)

    @property
    def duration_ms(self) -> float:
        """Sum over the steps."""
        return sum(step.duration_ms for step in self.steps)

    def as_json(self) -> dict[str, Any]:
        """Plain values: ``{ok, duration_ms, steps: [{title, status, evidence, diagnosis, duration_ms}], notes}``."""
        steps = [{**asdict(step), "diagnosis": list(step.diagnosis)} for step in self.steps]
        return {"ok": self.ok, "duration_ms": self.duration_ms, "steps": steps, "notes": list(self.notes)}


def step_lines(number: int, step: Step) -> Iterator[str]:
    r"""A step as text: one line, then what broke it.

    >>> print(*step_lines(2, Step("the bucket announces it", "passed", "Object Created", duration_ms=1500)), sep="\n")
     2  ok      1.50 s  the bucket announces it: Object Created
    """
    time = f"{step.duration_ms / MS_PER_SECOND:.2f} s" if step.status != "not reached" else ""
    evidence = f": {step.evidence}" if step.evidence else ""
    yield f"{number:2d}  {MARKS[step.status]:6}{time:>8}  {step.title}{evidence}"
    for cause in step.diagnosis:
        yield f"                    {cause}"


def summary_line(journey: Journey) -> str:
    """How it ended, in one line."""
    seconds = f"{journey.duration_ms / MS_PER_SECOND:.1f} s"
    if journey.ok:
        absent = sum(step.status == "absent" for step in journey.steps)
        without = f", {absent} of parts that this stack does not have" if absent else ""
        return f"the video arrived: {len(journey.steps)} steps in {seconds}{without}"
    failed = [step.title for step in journey.steps if step.status == "failed"]
    return f"the video did not arrive as it should: {'; '.join(failed)}"
