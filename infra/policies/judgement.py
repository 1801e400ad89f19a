"""Holds a stack against all rules and says what that means for its profile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from infra.policies.rule import SEVERITIES, Rule
from infra.policies.stack import Resource, Stack
from infra.policies.waivers import Waiver

STRICT_PROFILE = "prod"
"""Profile in which no finding is tolerated."""
NEVER_TOLERATED = ("critical", "high")
"""Severities that no profile tolerates."""


@dataclass(frozen=True)
class Finding:
    """A resource that breaks a rule."""

    rule: Rule
    resource: Resource
    message: str
    waiver: Waiver | None = None

    def __str__(self) -> str:
        return f"{self.rule.severity}\t{self.rule.id}\t{self.resource.label}\t{self.message}"

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "rule": self.rule.id,
            "severity": self.rule.severity,
            "urn": self.resource.urn,
            "message": self.message,
            "waived": self.waiver.why if self.waiver else None,
        }


@dataclass(frozen=True)
class Control:
    """What became of one rule in one stack."""

    rule: Rule
    judged: int
    """Resources that it was held against."""
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> tuple[Finding, ...]:
        """Findings that no waiver excuses."""
        return tuple(finding for finding in self.findings if finding.waiver is None)

    @property
    def waived(self) -> tuple[Finding, ...]:
        """Findings that a waiver excuses."""
        return tuple(finding for finding in self.findings if finding.waiver is not None)

    @property
    def passed(self) -> int:
        """Resources with nothing wrong."""
        return self.judged - len({finding.resource.urn for finding in self.findings})


@dataclass(frozen=True)
class Judgement:
    """All controls of one stack."""

    profile: str
    controls: tuple[Control, ...]
    expired: tuple[Waiver, ...]
    """Waivers for this profile that have run out, about a resource of this stack: somebody has to look again."""
    idle: tuple[Waiver, ...]
    """Waivers for this profile that excuse nobody here. No fault of the stack: one with a host name, or without a
    trail, needs fewer. That each is of use to some stack of the repository is tested (tests/house/test_waivers.py)."""

    @property
    def failed(self) -> list[Finding]:
        """Findings that no waiver excuses, gravest first."""
        found = [finding for control in self.controls for finding in control.failed]
        return sorted(found, key=lambda finding: SEVERITIES.index(finding.rule.severity))

    @property
    def intolerable(self) -> list[Finding]:
        """Findings that this profile does not tolerate."""
        strict = self.profile == STRICT_PROFILE
        return [finding for finding in self.failed if strict or finding.rule.severity in NEVER_TOLERATED]

    @property
    def ok(self) -> bool:
        """Whether the stack may be deployed."""
        return not self.intolerable and not self.expired

    @property
    def summary(self) -> str:
        """One line."""
        applied = [control for control in self.controls if control.judged]
        waived = sum(len(control.waived) for control in applied)
        return (
            f"{len(applied)} of {len(self.controls)} policies apply: {len(self.failed)} findings"
            f" ({len(self.intolerable)} not tolerated in {self.profile}), {waived} waived"
        )


def judge(stack: Stack, rules: Sequence[Rule], waivers: Sequence[Waiver], *, profile: str, today: dt.date) -> Judgement:
    """Hold a stack against rules.

    Args:
        stack: what is judged.
        rules: all of them, in the order of the report.
        waivers: who is excused.
        profile: profile of the stack: which findings are tolerated, which waivers count.
        today: the day for which waivers must not have run out.
    """
    meant = [waiver for waiver in waivers if profile in waiver.profiles]
    counting = [waiver for waiver in meant if today <= waiver.until]
    controls = tuple(_control(rule, stack, counting) for rule in rules)
    used = {finding.waiver for control in controls for finding in control.waived}
    expired = tuple(waiver for waiver in meant if waiver not in counting and _is_about_some(waiver, rules, stack))
    return Judgement(profile, controls, expired, idle=tuple(one for one in counting if one not in used))


def _is_about_some(waiver: Waiver, rules: Sequence[Rule], stack: Stack) -> bool:
    """Whether a stack has a resource that a waiver is about."""
    return any(waiver.excuses(rule.id, resource) for rule in rules for resource in rule.subjects(stack))


def _control(rule: Rule, stack: Stack, waivers: Sequence[Waiver]) -> Control:
    subjects = rule.subjects(stack)
    findings = tuple(
        Finding(rule, subject, message, _waiver(rule, subject, waivers))
        for subject in subjects
        for message in rule.check(subject, stack)
    )
    return Control(rule, len(subjects), findings)


def _waiver(rule: Rule, resource: Resource, waivers: Sequence[Waiver]) -> Waiver | None:
    return next((waiver for waiver in waivers if waiver.excuses(rule.id, resource)), None)
