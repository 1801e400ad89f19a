from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.emulator.plan_provider import PlanProvider
from infra.emulator.recorder import record
from infra.inventory import inventory
from infra.stackfile import load_stack

MakeProject = Callable[..., Path]
RunInfra = Callable[..., int]
PROGRAMS = Path(__file__).parent / "programs"


def test_the_inventory_of_the_minimal_program(run_infra: RunInfra, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_infra("plan", "--cwd", PROGRAMS / "minimal") == 0

    # Golden: what the cost model reads. No path, no clock, no chance.
    assert json.loads(capsys.readouterr().out) == {
        "format": "reelplan.inventory/1",
        "project": "minimal",
        "stack": "dev",
        "region": "eu-central-1",
        "resources": [
            {
                "urn": "urn:pulumi:dev::minimal::aws:sqs/queue:Queue::jobs",
                "type": "aws:sqs/queue:Queue",
                "name": "jobs",
                "parent": "urn:pulumi:dev::minimal::pulumi:pulumi:Stack::minimal-dev",
                "inputs": {"visibilityTimeoutSeconds": 30},
                "dependencies": {},
            },
            {
                "urn": "urn:pulumi:dev::minimal::minimal:media:Media$aws:s3/bucket:Bucket::media-raw",
                "type": "aws:s3/bucket:Bucket",
                "name": "media-raw",
                "parent": "urn:pulumi:dev::minimal::minimal:media:Media::media",
                "inputs": {"tags": {"role": "media"}},
                "dependencies": {},
            },
            {
                "urn": "urn:pulumi:dev::minimal::minimal:media:Media$aws:s3/bucketVersioning:BucketVersioning"
                "::media-raw",
                "type": "aws:s3/bucketVersioning:BucketVersioning",
                "name": "media-raw",
                "parent": "urn:pulumi:dev::minimal::minimal:media:Media::media",
                "inputs": {"bucket": "media-raw-a838c39", "versioningConfiguration": {"status": "Enabled"}},
                "dependencies": {
                    "bucket": ["urn:pulumi:dev::minimal::minimal:media:Media$aws:s3/bucket:Bucket::media-raw"]
                },
            },
            {
                "urn": "urn:pulumi:dev::minimal::minimal:media:Media::media",
                "type": "minimal:media:Media",
                "name": "media",
                "parent": "urn:pulumi:dev::minimal::pulumi:pulumi:Stack::minimal-dev",
                "inputs": {},
                "dependencies": {},
            },
        ],
    }


def test_the_inventory_can_be_written_to_a_file(tmp_path: Path, run_infra: RunInfra) -> None:
    out = tmp_path / "inventory.json"

    assert run_infra("plan", "--cwd", PROGRAMS / "minimal", "--out", out) == 0

    assert json.loads(out.read_text())["project"] == "minimal"
    assert list(tmp_path.iterdir()) == [out]


def test_an_output_directory_that_is_not_there(
    tmp_path: Path, run_infra: RunInfra, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "nowhere" / "inventory.json"

    assert run_infra("plan", "--cwd", PROGRAMS / "minimal", "--out", out) == 2

    assert capsys.readouterr().err == (
        f"infra: {out}: found No such file or directory, expected a directory that can be written\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_resource_inside_an_apply_is_found(
    make_project: MakeProject, run_infra: RunInfra, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_project('aws.sqs.Queue("q").arn.apply(lambda arn: aws.sqs.Queue("hidden"))')

    assert run_infra("plan", "--cwd", root) == 1

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "infra/__main__.py:3: urn:pulumi:dev::tiny::aws:sqs/queue:Queue::hidden is declared inside an apply:"
        " `pulumi preview` does not show it (declare it outside, and pass the output as an input)\n"
    )


def test_a_program_that_leaves_something_to_chance_is_found(
    make_project: MakeProject, run_infra: RunInfra, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_project(
        'import uuid\naws.sqs.Queue("q", name=uuid.uuid4().hex)\naws.sqs.Queue("fine")\naws.sqs.Queue(uuid.uuid4().hex)'
    )

    assert run_infra("plan", "--cwd", root) == 1

    lines = capsys.readouterr().err.splitlines()
    assert "urn:pulumi:dev::tiny::aws:sqs/queue:Queue::q: input `name` differ between two runs" in lines
    assert sum("declared in the first run, not in the second" in line for line in lines) == 1
    assert sum("declared in the second run, not in the first" in line for line in lines) == 1
    assert not any("fine" in line for line in lines)


def test_a_type_that_the_emulator_does_not_know_is_planned_all_the_same(make_project: MakeProject) -> None:
    root = make_project(
        'thing = aws.iot.Thing("news")\npulumi.export("arn", thing.arn)\npulumi.export("c", thing.default_client_id)'
    )

    recording = record(load_stack(root, "dev"), PlanProvider())

    assert recording.outputs["arn"].startswith("arn:aws:iot:eu-central-1:123456789012:thing/news-")
    # What cannot be known says so, and says what it is.
    assert recording.outputs["c"] == "not-emulated:aws:iot/thing:Thing#defaultClientId"


def test_names_keep_to_what_the_service_takes(make_project: MakeProject) -> None:
    root = make_project(
        'aws.lb.TargetGroup("a-very-long-name-of-a-target-group")\naws.s3.Bucket("Capital")\n'
        'aws.sqs.Queue("f", fifo_queue=True)'
    )

    recording = record(load_stack(root, "dev"), PlanProvider())
    names = {registration.name: recording.states[registration.urn].outputs for registration in recording.registrations}

    group = names["a-very-long-name-of-a-target-group"]["name"]
    assert len(group) == 32
    assert group.startswith("a-very-long-name-of-a-ta")
    assert names["Capital"]["bucket"].startswith("capital-")
    assert names["f"]["name"].endswith(".fifo")


@pytest.mark.parametrize(
    ("call", "key", "value"),
    [
        ("aws.get_caller_identity()", "account_id", "123456789012"),
        ("aws.get_region()", "region", "eu-central-1"),
        ("aws.get_partition()", "dns_suffix", "amazonaws.com"),
        ("aws.get_availability_zones()", "names", ["eu-central-1a", "eu-central-1b", "eu-central-1c"]),
        (
            'aws.cloudfront.get_cache_policy(name="Managed-CachingOptimized")',
            "id",
            "658327ea-f89d-4fab-a63d-7e88639e58f6",
        ),
    ],
)
def test_provider_functions_answer(make_project: MakeProject, call: str, key: str, value: object) -> None:
    root = make_project(f'pulumi.export("answer", {call}.{key})')

    assert record(load_stack(root, "dev"), PlanProvider()).outputs["answer"] == value


def test_a_policy_document_is_computed(make_project: MakeProject) -> None:
    root = make_project(
        """
        document = aws.iam.get_policy_document(statements=[{
            "actions": ["s3:GetObject", "s3:PutObject"], "resources": ["arn:aws:s3:::b/*"],
            "principals": [{"type": "Service", "identifiers": ["lambda.amazonaws.com"]}],
            "conditions": [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["1"]}],
        }])
        pulumi.export("json", document.json)
        """
    )

    assert json.loads(record(load_stack(root, "dev"), PlanProvider()).outputs["json"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": "arn:aws:s3:::b/*",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Condition": {"StringEquals": {"aws:SourceAccount": "1"}},
            }
        ],
    }


def test_only_the_stack_file_changes_and_so_does_the_inventory(make_project: MakeProject) -> None:
    root = make_project(
        'aws.sqs.Queue("q", delay_seconds=pulumi.Config().require_int("delay"))\naws.sqs.Queue("same")',
        config="tiny:delay: 1",
    )
    before = inventory(record(load_stack(root, "dev"), PlanProvider()))["resources"]
    stack = root / "Pulumi.dev.yaml"
    stack.write_text(stack.read_text().replace("delay: 1", "delay: 2"))

    after = inventory(record(load_stack(root, "dev"), PlanProvider()))["resources"]

    assert [one["name"] for one, other in zip(before, after, strict=True) if one != other] == ["q"]
