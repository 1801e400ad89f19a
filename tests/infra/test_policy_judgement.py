"""Waivers, what a profile tolerates, the page, and the same rules inside a Pulumi policy pack."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pulumi_policy import EnforcementLevel, PolicyResource, PolicyResourceOptions, StackValidationArgs
from pulumi_policy.policy import PolicyCustomTimeouts

from infra.emulator.plan_provider import PlanProvider
from infra.emulator.recorder import record
from infra.errors import PolicyError
from infra.inventory import inventory
from infra.policies import report
from infra.policies.judgement import Judgement, judge
from infra.policies.pack import stack_of, stack_policies
from infra.policies.rules import RULES
from infra.policies.stack import Resource, Stack
from infra.policies.waivers import Waiver, load_waivers
from infra.stackfile import load_stack

RunInfra = Callable[..., int]
TODAY = dt.date(2026, 11, 21)
IDS = {rule.id for rule in RULES}
REPOSITORY = "aws:ecr/repository:Repository"
URN = "urn:pulumi:dev::reelplan::"


def repository(scan: bool) -> Resource:
    inputs = {"imageScanningConfiguration": {"scanOnPush": scan}}
    return Resource(f"{URN}{REPOSITORY}::api", REPOSITORY, "api", inputs)


def only(*ids: str) -> list[Any]:
    return [rule for rule in RULES if rule.id in ids]


def judged(*ids: str, profile: str = "dev", waivers: tuple[Waiver, ...] = (), today: dt.date = TODAY) -> Judgement:
    stack = Stack("reelplan", "dev", (repository(scan=False),))
    return judge(stack, only(*ids), waivers, profile=profile, today=today)


def waiver(**changes: Any) -> Waiver:
    values = {"rule": "ECR.1", "resource": f"{REPOSITORY}::*", "why": "x", "until": TODAY, "profiles": ("dev", "prod")}
    return Waiver(**{**values, **changes})


def test_a_high_finding_is_tolerated_nowhere_and_a_medium_one_not_in_prod() -> None:
    assert not judged("ECR.1", profile="dev").ok
    assert judged("ECR.2", profile="dev").ok
    assert judged("ECR.2", profile="dev").failed
    assert not judged("ECR.2", profile="prod").ok


def test_a_waiver_excuses_until_its_last_day() -> None:
    assert judged("ECR.1", waivers=(waiver(),)).ok
    late = judged("ECR.1", waivers=(waiver(),), today=TODAY + dt.timedelta(days=1))
    assert not late.ok
    assert late.expired == (waiver(),)


def test_a_waiver_that_has_run_out_is_a_fault_even_where_the_rule_holds_but_not_without_the_resource() -> None:
    late = TODAY + dt.timedelta(days=1)
    stack = Stack("reelplan", "dev", (repository(scan=True),))
    assert not judge(stack, only("ECR.1"), [waiver()], profile="dev", today=late).ok
    assert judge(Stack("reelplan", "dev", ()), only("ECR.1"), [waiver()], profile="dev", today=late).ok


@pytest.mark.parametrize(
    "changes", [{"rule": "ECR.2"}, {"resource": f"{REPOSITORY}::other"}], ids=["another rule", "another resource"]
)
def test_a_waiver_that_excuses_nobody_here_is_told_and_no_fault(changes: dict[str, str]) -> None:
    judgement = judged("ECR.3", waivers=(waiver(**changes),))
    assert judgement.idle == (waiver(**changes),)
    assert judgement.ok
    assert report.finding_lines(judgement)[-1].startswith("note\t")


def test_a_waiver_of_another_profile_does_not_count_and_is_not_missed() -> None:
    judgement = judged("ECR.1", waivers=(waiver(profiles=("prod",)),))
    assert judgement.failed
    assert judgement.idle == judgement.expired == ()


def test_every_fault_of_a_waiver_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text(
        """
- {rule: S3.88, resource: raw, why: short, until: soon, profiles: [production]}
- {rule: S3.8, resource: "aws:s3/bucket:Bucket::raw", wyh: "a reason that is long enough", until: 2027-01-01}
- text
"""
    )
    with pytest.raises(PolicyError) as raised:
        load_waivers(IDS, path)

    assert [str(fault).partition(": found")[0] for fault in raised.value.faults] == [
        "waivers.yaml[0].rule",
        "waivers.yaml[0].resource",
        "waivers.yaml[0].why",
        "waivers.yaml[0].until",
        "waivers.yaml[0].profiles",
        "waivers.yaml[1].wyh",
        "waivers.yaml[1]",
        "waivers.yaml[2]",
    ]
    assert "did you mean S3.8?" in str(raised.value)


def test_the_waivers_of_the_repository_are_sound() -> None:
    assert all(waiver.rule in IDS for waiver in load_waivers(IDS))


def test_the_page_shows_each_control_and_each_waiver() -> None:
    page = report.as_markdown(judged("ECR.1", "ECS.12", waivers=(waiver(why="it is only a test"),)), "infra policies")

    assert "| ECR.1 | Repositories scan images | high | 1 | 0 | 0 | 1 |" in page
    assert "| ECS.12 | Clusters use Container Insights | medium | 0 |" in page
    assert "| ECR.1 | `ecr/repository:Repository::api` | it is only a test | 2026-11-21 |" in page


def engine_args(*resources: Resource) -> StackValidationArgs:
    options = PolicyResourceOptions(True, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])
    entries = {
        resource.urn: PolicyResource(
            resource.type, resource.inputs, resource.urn, resource.name, options, None, None, [], {}
        )
        for resource in resources
    }
    for resource in resources:
        entries[resource.urn].property_dependencies = {
            key: [entries[urn] for urn in urns] for key, urns in resource.dependencies.items()
        }
    return StackValidationArgs(list(entries.values()))


def test_the_engines_resources_become_the_same_stack() -> None:
    lifecycle = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
    side = Resource(
        f"{URN}{lifecycle}::api", lifecycle, "api", {}, dependencies={"repository": [f"{URN}{REPOSITORY}::api"]}
    )
    stack = stack_of(engine_args(repository(scan=True), side))

    assert (stack.project, stack.stack) == ("reelplan", "dev")
    assert stack.resources[0].protected
    assert [found.name for found in stack.about(stack.resources[0], lifecycle)] == ["api"]


def test_the_policy_pack_reports_what_the_rule_finds() -> None:
    (policy,) = stack_policies(only("ECR.1"), [], profile="dev", today=TODAY)
    told: list[tuple[str, str | None]] = []

    def tell(message: str, urn: str | None = None) -> None:
        told.append((message, urn))

    for scan in (False, True):
        policy.validate(engine_args(repository(scan=scan)), tell)

    assert policy.name == "ecr-1"
    assert policy.enforcement_level == EnforcementLevel.MANDATORY
    assert told == [("imageScanningConfiguration.scanOnPush is False, expected true", f"{URN}{REPOSITORY}::api")]


def test_the_policy_pack_only_advises_where_the_profile_tolerates() -> None:
    levels = {
        profile: [
            policy.enforcement_level for policy in stack_policies(only("ECR.2"), [], profile=profile, today=TODAY)
        ]
        for profile in ("dev", "prod")
    }
    assert levels == {"dev": [EnforcementLevel.ADVISORY], "prod": [EnforcementLevel.MANDATORY]}


OPEN_BUCKET = 'aws.s3.Bucket("open")'
CONFIG = "tiny:profile: dev"


def test_a_stack_with_a_high_finding_does_not_validate(
    make_project: Callable[..., Path], run_infra: RunInfra, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_infra("validate", "--cwd", make_project(OPEN_BUCKET, config=CONFIG)) == 1

    lines = capsys.readouterr().out.splitlines()
    assert "high\tS3.8\taws:s3/bucket:Bucket::open\tfound no BucketPublicAccessBlock for it" in lines
    assert "policies apply" in lines[-1]


def test_findings_do_not_disturb_the_json(
    make_project: Callable[..., Path], run_infra: RunInfra, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_infra("validate", "--json", "--cwd", make_project(OPEN_BUCKET, config=CONFIG)) == 1

    captured = capsys.readouterr()
    assert [entry["status"] for entry in json.loads(captured.out)] == ["provisioned"]
    assert "S3.8" in captured.err


def test_a_program_without_profiles_is_not_held_against_the_policies(
    make_project: Callable[..., Path], run_infra: RunInfra
) -> None:
    assert run_infra("validate", "--cwd", make_project(OPEN_BUCKET)) == 0


def test_what_is_protected_stands_in_the_inventory(make_project: Callable[..., Path]) -> None:
    root = make_project('aws.s3.Bucket("kept", opts=pulumi.ResourceOptions(protect=True))\naws.s3.Bucket("loose")')
    document = inventory(record(load_stack(root, "dev"), PlanProvider()))

    assert {entry["name"]: entry.get("options") for entry in document["resources"]} == {
        "kept": {"protect": True},
        "loose": None,
    }
    assert {one.name: one.protected for one in Stack.from_inventory(document).resources} == {
        "kept": True,
        "loose": False,
    }


def test_the_command_prints_every_control(run_infra: RunInfra, capsys: pytest.CaptureFixture[str]) -> None:
    run_infra("policies", "--cwd", Path(__file__).parents[2], "--stack", "dev", "--json")

    document = json.loads(capsys.readouterr().out)
    assert document["profile"] == "dev"
    assert [control["id"] for control in document["controls"]] == [rule.id for rule in RULES]
