"""What a rule is, and how a module of rules is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from infra.emulator.sdk import takes_tags
from infra.policies.stack import STACK_TYPE, Resource, Stack

Severity = Literal["low", "medium", "high", "critical"]

SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
"""Gravest first."""

Check = Callable[[Resource, Stack], Iterable[str]]
"""Yields what is wrong with a resource: what was found, what was expected."""

FSBP = "AWS Security Hub, Foundational Security Best Practices"
SECURITY_HUB = "AWS Security Hub"
OWN = "Reelplan"

TAGGABLE = "aws:*"
"""Stands for every type of AWS that takes tags."""
PARTS = (
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
)
"""Take tags, but are parts of something that bears them, and cost nothing of their own."""


@dataclass(frozen=True)
class Rule:
    """One control."""

    id: str
    """Of the standard that it comes from ("S3.8"), or RP.n for our own."""
    title: str
    """What must hold, as a sentence without a full stop."""
    severity: Severity
    types: tuple[str, ...]
    """Resource types that it judges; the stack's own type for a rule about the whole."""
    source: str
    check: Check = field(repr=False)

    @property
    def about_the_whole(self) -> bool:
        """Whether it is held against the stack, not against single resources."""
        return self.types == (STACK_TYPE,)

    def subjects(self, stack: Stack) -> list[Resource]:
        """What it judges in a stack."""
        if self.types == (TAGGABLE,):
            return [
                resource for resource in stack.resources if takes_tags(resource.type) and resource.type not in PARTS
            ]
        return [stack.itself] if self.about_the_whole else stack.of_type(*self.types)


class Rulebook:
    """Collects the rules of one module, in the order in which they are written."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def fsbp(self, id: str, severity: Severity, title: str, *types: str) -> Callable[[Check], Check]:
        """Declares the decorated check as a control of the Foundational Security Best Practices."""
        return self._rule(id, severity, title, types, FSBP)

    def hub(self, id: str, severity: Severity, title: str, *types: str) -> Callable[[Check], Check]:
        """Declares the decorated check as a control of Security Hub that stands in other standards (CIS, NIST)."""
        return self._rule(id, severity, title, types, SECURITY_HUB)

    def own(self, id: str, severity: Severity, title: str, *types: str) -> Callable[[Check], Check]:
        """Declares the decorated check as a rule of ours."""
        return self._rule(id, severity, title, types, OWN)

    def _rule(
        self, id: str, severity: Severity, title: str, types: tuple[str, ...], source: str
    ) -> Callable[[Check], Check]:
        def declare(check: Check) -> Check:
            self.rules.append(Rule(id, title, severity, types, source, check))
            return check

        return declare


def must_be_on(path: str) -> Check:
    """Check that a switch of the resource is set."""

    def check(resource: Resource, stack: Stack) -> Iterable[str]:
        if not resource.is_on(path):
            yield f"{path} is {resource.get(path, 'not set')}, expected true"

    return check


def must_be_set(path: str) -> Check:
    """Check that an input of the resource has a value."""

    def check(resource: Resource, stack: Stack) -> Iterable[str]:
        if not resource.get(path) and not resource.dependencies.get(path.partition(".")[0]):
            yield f"{path} is not set"

    return check


def must_have(*types: str, prop: str = "") -> Check:
    """Check that a resource of one of the types is made from this one."""

    def check(resource: Resource, stack: Stack) -> Iterable[str]:
        if not stack.about(resource, *types, prop=prop):
            yield f"found no {' or '.join(kind.rpartition(':')[2] for kind in types)} for it"

    return check
