"""What the policies found, as text for a terminal, as a page for the docs, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from infra.policies.judgement import Control, Finding, Judgement

HEADER = """# Policies

Made by `make docs` from `{command}`; the rules are in `infra/policies/`, the waivers in `infra/policies/waivers.yaml`.

`infra validate` holds every stack against them. A finding of severity critical or high fails any profile; any finding
at all fails `prod`; a waiver that has run out fails too. `infra/policy_pack/` gives the same rules
to `pulumi preview --policy-pack infra/policy_pack`.

Ids such as S3.8 are controls of AWS Security Hub. With few exceptions (KMS.4, SNS.1) they stand in its standard
Foundational Security Best Practices. RP.n are our own. Left out are controls about an account rather than a stack (root
user, password policy, AWS Config), about what only shows at run time (findings, backups made), and about services that
Reelplan does not use. An empty row judged nothing: the stack holds no such resource.
"""


def finding_lines(judgement: Judgement) -> list[str]:
    """One line for each finding, for each waiver that has run out, and for each that nobody here needs."""
    expired = [f"waiver\t{one.rule}\t{one.resource}\tran out on {one.until}: look again" for one in judgement.expired]
    idle = [f"note\t{one.rule}\t{one.resource}\tits waiver excuses nobody here" for one in judgement.idle]
    return [*map(str, judgement.failed), *expired, *idle]


def control_lines(controls: Sequence[Control]) -> list[str]:
    """One line for each control: id, severity, judged, passed, failed, waived, what must hold."""
    return [
        "\t".join(
            [
                control.rule.id,
                control.rule.severity,
                *map(str, (control.judged, control.passed, len(control.failed), len(control.waived))),
                control.rule.title,
            ]
        )
        for control in controls
    ]


def as_json(judgement: Judgement) -> str:
    """All controls with their findings."""
    controls = [
        {
            "id": control.rule.id,
            "title": control.rule.title,
            "severity": control.rule.severity,
            "source": control.rule.source,
            "judged": control.judged,
            "passed": control.passed,
            "findings": [finding.as_json() for finding in control.findings],
        }
        for control in judgement.controls
    ]
    expired, idle = (
        [{"rule": waiver.rule, "resource": waiver.resource} for waiver in waivers]
        for waivers in (judgement.expired, judgement.idle)
    )
    document = {"profile": judgement.profile, "controls": controls, "expiredWaivers": expired, "idleWaivers": idle}
    return json.dumps(document, indent=2) + "\n"


def as_markdown(judgement: Judgement, command: str) -> str:
    """The page ``docs/policies.md``."""
    return "\n".join([HEADER.format(command=command), *_control_table(judgement), "", *_waiver_table(judgement), ""])


def _control_table(judgement: Judgement) -> Iterator[str]:
    yield f"## Controls, held against the `{judgement.profile}` stack"
    yield ""
    yield f"{judgement.summary}."
    yield ""
    yield "| id | what must hold | severity | judged | passed | failed | waived |"
    yield "|---|---|---|---:|---:|---:|---:|"
    for control in judgement.controls:
        numbers = (control.judged, control.passed, len(control.failed), len(control.waived))
        shown = " | ".join(map(str, numbers)) if control.judged else "0 | | | "
        yield f"| {control.rule.id} | {control.rule.title} | {control.rule.severity} | {shown} |"


def _waiver_table(judgement: Judgement) -> Iterator[str]:
    yield "## Waivers"
    yield ""
    yield "| id | resource | why | until |"
    yield "|---|---|---|---|"
    waived: dict[tuple[str, str], Finding] = {}
    for control in judgement.controls:
        for finding in control.waived:
            waived.setdefault((finding.rule.id, finding.resource.label), finding)
    for (rule, label), finding in waived.items():
        if finding.waiver is not None:
            yield f"| {rule} | `{label.partition(':')[2]}` | {finding.waiver.why} | {finding.waiver.until} |"
