"""The same rules as policies of the Pulumi engine. Needs the extra ``policies``; nothing else here imports this."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from pulumi_policy import EnforcementLevel, StackValidationArgs, StackValidationPolicy

from infra.policies.judgement import NEVER_TOLERATED, STRICT_PROFILE, judge
from infra.policies.rule import Rule
from infra.policies.stack import STACK_TYPE, Resource, Stack
from infra.policies.waivers import Waiver

PROFILE_VARIABLE = "REELPLAN_PROFILE"
"""Environment variable that names the stack's profile; the engine does not tell a pack. Without it: the strictest."""

Report = Callable[[str, str | None], None]


def stack_policies(
    rules: Sequence[Rule], waivers: Sequence[Waiver], *, profile: str, today: dt.date
) -> list[StackValidationPolicy]:
    """One policy for each rule.

    Args:
        rules: what must hold.
        waivers: who is excused.
        profile: decides what stops a deployment and what is only told.
        today: day for which waivers must not have run out.
    """
    return [_policy(rule, waivers, profile, today) for rule in rules]


def _policy(rule: Rule, waivers: Sequence[Waiver], profile: str, today: dt.date) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report: Report) -> None:
        judgement = judge(stack_of(args), [rule], waivers, profile=profile, today=today)
        for finding in judgement.failed:
            report(finding.message, None if rule.about_the_whole else finding.resource.urn)

    stops = profile == STRICT_PROFILE or rule.severity in NEVER_TOLERATED
    return StackValidationPolicy(
        name=rule.id.lower().replace(".", "-"),
        description=f"{rule.id}: {rule.title} ({rule.severity}; {rule.source})",
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY if stops else EnforcementLevel.ADVISORY,
    )


def stack_of(args: StackValidationArgs) -> Stack:
    """The engine's resources as the rules see them."""
    resources = tuple(_resource(entry) for entry in args.resources if entry.resource_type != STACK_TYPE)
    first = args.resources[0].urn.split("::") if args.resources else ["urn:pulumi:", ""]
    return Stack(project=first[1], stack=first[0].removeprefix("urn:pulumi:"), resources=resources)


def _resource(entry: Any) -> Resource:
    return Resource(
        urn=entry.urn,
        type=entry.resource_type,
        name=entry.name,
        inputs=entry.props,
        parent=entry.parent.urn if entry.parent else "",
        dependencies={key: [other.urn for other in others] for key, others in entry.property_dependencies.items()},
        protected=bool(entry.opts.protect),
    )
