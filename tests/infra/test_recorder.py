from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from infra.emulator.plan_provider import PlanProvider
from infra.emulator.recorder import record
from infra.emulator.recording import Recording, Registration, State
from infra.errors import ProgramError, ProvisionError
from infra.inventory import as_json, inventory
from infra.stackfile import StackFile, load_stack

MakeProject = Callable[..., Path]


def run(root: Path, *, preview: bool = False) -> Recording:
    return record(load_stack(root, "dev"), PlanProvider(), preview=preview)


def faults(root: Path) -> list[str]:
    with pytest.raises(ProgramError) as error:
        run(root)
    return [str(fault) for fault in error.value.faults]


# ---- what is recorded ----


def test_urns_are_those_of_the_engine(minimal: StackFile) -> None:
    recording = record(minimal, PlanProvider())

    assert [registration.urn for registration in recording.registrations] == [
        "urn:pulumi:dev::minimal::aws:sqs/queue:Queue::jobs",
        "urn:pulumi:dev::minimal::minimal:media:Media$aws:s3/bucket:Bucket::media-raw",
        "urn:pulumi:dev::minimal::minimal:media:Media$aws:s3/bucketVersioning:BucketVersioning::media-raw",
        "urn:pulumi:dev::minimal::minimal:media:Media::media",
    ]


def test_a_side_resource_finds_its_bucket_by_property_dependency(minimal: StackFile) -> None:
    recording = record(minimal, PlanProvider())

    versioning = recording.one("aws:s3/bucketVersioning:BucketVersioning", "media-raw")
    bucket = recording.one("aws:s3/bucket:Bucket", "media-raw")
    assert versioning.dependencies == {"bucket": (bucket.urn,)}
    assert versioning.parent == "urn:pulumi:dev::minimal::minimal:media:Media::media"
    assert versioning.inputs["bucket"] == recording.states[bucket.urn].id
    assert versioning.declared_at == "infra/__main__.py:17"


def test_stack_outputs_resolve(minimal: StackFile) -> None:
    recording = record(minimal, PlanProvider())

    # The suffix of an automatic name is a digest of the URN: the same in every run.
    assert recording.outputs == {
        "bucketName": "media-raw-a838c39",
        "queueArn": "arn:aws:sqs:eu-central-1:123456789012:jobs-8a9fe19",
    }


def test_two_runs_write_the_same_bytes(minimal: StackFile) -> None:
    first, second = (as_json(inventory(record(minimal, PlanProvider()))) for _ in range(2))

    assert first == second


def test_config_secrets_and_computed_values_reach_the_program(make_project: MakeProject) -> None:
    root = make_project(
        """
        config = pulumi.Config()
        queue = aws.sqs.Queue("q", delay_seconds=config.require_int("delay"), policy=config.require_secret("policy"))
        pulumi.export("policy", queue.policy)
        """,
        config="tiny:delay: 7\ntiny:policy: top-secret",
    )

    recording = run(root)

    assert recording.one("aws:sqs/queue:Queue", "q").inputs["delaySeconds"] == 7
    document = as_json(inventory(recording))
    assert json.loads(document)["resources"][0]["inputs"] == {"delaySeconds": 7, "policy": "[secret]"}
    assert recording.outputs == {"policy": "[secret]"}
    assert "top-secret" not in document + repr(recording)


def test_resource_options_are_kept(make_project: MakeProject) -> None:
    root = make_project(
        """
        first = aws.sqs.Queue("first")
        aws.sqs.Queue("second", opts=pulumi.ResourceOptions(
            protect=True, depends_on=[first], ignore_changes=["delaySeconds"], retain_on_delete=True))
        """
    )

    second = run(root).one("aws:sqs/queue:Queue", "second")

    assert second.options == {"protect": True, "retainOnDelete": True, "ignoreChanges": ["delaySeconds"]}
    assert second.depends_on == ("urn:pulumi:dev::tiny::aws:sqs/queue:Queue::first",)


def test_region_and_default_tags_come_from_stack_provider_or_resource(make_project: MakeProject) -> None:
    root = make_project(
        """
        aws.sqs.Queue("plain", tags={"own": "yes", "app": "mine"})
        aws.sqs.Queue("by-input", region="us-east-1")
        other = aws.Provider("other", region="eu-west-1", default_tags={"tags": {"team": "video"}})
        aws.sqs.Queue("by-provider", opts=pulumi.ResourceOptions(provider=other))
        pulumi.export("tags", aws.sqs.Queue("tagged").tags_all)
        """,
        config="aws:defaultTags: {tags: {app: tiny}}",
    )

    recording = run(root)

    queues = {r.name: r for r in recording.registrations if r.type == "aws:sqs/queue:Queue"}
    assert {name: queue.region for name, queue in queues.items()} == {
        "plain": "eu-central-1",
        "by-input": "us-east-1",
        "by-provider": "eu-west-1",
        "tagged": "eu-central-1",
    }
    assert queues["plain"].tags == {"app": "mine", "own": "yes"}
    assert queues["by-provider"].tags == {"team": "video"}
    assert recording.outputs["tags"] == {"app": "tiny"}


def test_old_style_transformations_run(make_project: MakeProject) -> None:
    root = make_project(
        """
        def tag(args):
            return pulumi.ResourceTransformationResult({**args.props, "tags": {"added": "yes"}}, args.opts)
        pulumi.runtime.register_stack_transformation(tag)
        aws.sqs.Queue("q")
        """
    )

    assert run(root).one("aws:sqs/queue:Queue", "q").inputs["tags"] == {"added": "yes"}


def test_files_stand_as_digests(make_project: MakeProject) -> None:
    root = make_project(
        """
        code = pulumi.AssetArchive({"a.py": pulumi.StringAsset("x = 1"), "b.py": pulumi.FileAsset("handler.py")})
        aws.lambda_.Function("f", role="arn:aws:iam::123456789012:role/r", code=code)
        """
    )
    (root / "infra" / "handler.py").write_text("y = 2\n")

    code = inventory(run(root))["resources"][0]["inputs"]["code"]

    assert code["files"] == ["a.py", "b.py"]
    assert len(code["asset"]) == 64
    (root / "infra" / "handler.py").write_text("y = 3\n")
    assert inventory(run(root))["resources"][0]["inputs"]["code"]["asset"] != code["asset"]


def test_what_a_program_prints_does_not_reach_standard_output(
    make_project: MakeProject, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = run(make_project('print("hello")\npulumi.log.warn("careful")'))

    assert capsys.readouterr() == ("", "hello\n")
    assert recording.messages == ("warning: careful",)


# ---- what is refused ----


def test_every_duplicate_urn_is_named(make_project: MakeProject) -> None:
    root = make_project('for name in ("a", "b"):\n    aws.sqs.Queue(name)\n    aws.sqs.Queue(name)\n')

    assert faults(root) == [
        f"infra/__main__.py:5: urn:pulumi:dev::tiny::aws:sqs/queue:Queue::{name}: found a second resource of this URN,"
        " expected one (give it another name or parent)"
        for name in ("a", "b")
    ]


def test_an_output_in_an_f_string_is_named(make_project: MakeProject) -> None:
    root = make_project('queue = aws.sqs.Queue("q")\npulumi.export("x", f"queue {queue.arn}")\n')

    assert faults(root) == [
        'infra/__main__.py:4: found an Output used as text in `pulumi.export("x", f"queue {queue.arn}")`,'
        " expected Output.format, Output.concat or .apply"
    ]


def test_an_exception_shows_the_programs_own_line_and_frames(make_project: MakeProject) -> None:
    root = make_project("def size():\n    return 1 / 0\nsize()\n")

    with pytest.raises(ProgramError) as error:
        run(root)

    assert str(error.value) == (
        "infra/__main__.py:4: found ZeroDivisionError: division by zero, expected a program that runs"
    )
    assert error.value.trace.count("File") == 2


def test_an_exception_in_an_apply_is_the_programs_too(make_project: MakeProject) -> None:
    root = make_project('aws.sqs.Queue("q").arn.apply(lambda arn: {}["missing"])\n')

    assert faults(root) == ["infra/__main__.py:3: found KeyError: 'missing', expected a program that runs"]


@pytest.mark.parametrize(
    ("program", "fault"),
    [
        ("def broken(:\n", "infra/__main__.py:3: found SyntaxError: invalid syntax, expected valid Python"),
        ("raise SystemExit(3)", "infra/__main__.py:3: found sys.exit(3), expected a program that runs to its end"),
        ("import sibling", "infra/__main__.py:3: found ModuleNotFoundError: No module named 'sibling'"),
        ('raise pulumi.RunError("bad size")', "Pulumi.dev.yaml: bad size"),
        ('pulumi.Config().require("size")', "Pulumi.dev.yaml: Missing required configuration variable 'tiny:size'"),
        ('aws.s3.Bucket.get("b", "there")', "aws:s3/bucket:Bucket b: found a read of the existing 'there'"),
        ('pulumi.StackReference("org/other/dev")', "pulumi:pulumi:StackReference org/other/dev: found a read"),
        ("pulumi.runtime.register_resource_transform(lambda args: None)", "register_resource_transform: found"),
        (
            'aws.ec2.get_ami(most_recent=True, owners=["self"])',
            "aws:ec2/getAmi:getAmi: found a function that the emulator",
        ),
        (
            'aws.lambda_.Function("f", role="r", code=pulumi.FileArchive("nowhere"))',
            "infra/__main__.py:3: urn:pulumi:dev::tiny::aws:lambda/function:Function::f: found archive",
        ),
    ],
)
def test_a_program_that_cannot_run_says_why(make_project: MakeProject, program: str, fault: str) -> None:
    root = make_project(program)
    (root / "sibling.py").write_text("")

    assert faults(root)[0].startswith(fault)


def test_what_depends_on_a_failed_resource_is_left_alone(make_project: MakeProject) -> None:
    class Refusing(PlanProvider):
        asked: list[str]

        def create(self, registration: Registration) -> State:
            self.asked.append(registration.name)
            if registration.name == "bad":
                raise ProvisionError(["bad: no"])
            return super().create(registration)

    provider = Refusing()
    provider.asked = []
    root = make_project(
        'bad = aws.sqs.Queue("bad")\naws.sqs.QueuePolicy("after", queue_url=bad.url, policy="{}")\naws.sqs.Queue("ok")'
    )

    with pytest.raises(ProgramError, match=r"^bad: no$"):
        record(load_stack(root, "dev"), provider)

    assert sorted(provider.asked) == ["bad", "ok"]


def test_a_bug_of_ours_keeps_its_own_exception(minimal: StackFile) -> None:
    class Broken(PlanProvider):
        def invoke(self, token: str, args: Mapping[str, Any], region: str) -> Mapping[str, Any]:
            raise AssertionError

        def create(self, registration: Registration) -> State:
            raise LookupError("ours")

    with pytest.raises(LookupError, match="ours"):
        record(minimal, Broken())


def test_a_program_that_calls_aws_by_itself_is_held_back(make_project: MakeProject) -> None:
    root = make_project('import boto3\nboto3.client("sts", region_name="us-east-1").get_caller_identity()')

    (fault,) = faults(root)

    assert fault.startswith("infra/__main__.py:4: found EmulatorBreach: POST https://sts.")


# ---- runs do not see one another ----


def test_everything_of_the_process_is_put_back(minimal: StackFile) -> None:
    before = (Path.cwd(), list(sys.path), sys.argv, dict(os.environ), pulumi.get_project(), pulumi.get_stack())

    record(minimal, PlanProvider())

    assert before == (Path.cwd(), list(sys.path), sys.argv, dict(os.environ), pulumi.get_project(), pulumi.get_stack())
    assert pulumi.runtime.get_root_resource() is None
    assert pulumi.runtime.settings.get_monitor() is None


def test_everything_is_put_back_after_a_failure_too(make_project: MakeProject) -> None:
    before = (Path.cwd(), list(sys.path), dict(os.environ))
    root = make_project('aws.sqs.Queue("q")\nraise ValueError("no")\n')

    assert faults(root)
    assert before == (Path.cwd(), list(sys.path), dict(os.environ))
    assert pulumi.runtime.get_root_resource() is None


def test_modules_beside_two_programs_are_not_mixed_up(make_project: MakeProject) -> None:
    for name in ("one", "two"):
        root = make_project("import beside\naws.sqs.Queue(beside.NAME)\n", name=name)
        (root / "infra" / "beside.py").write_text(f'NAME = "{name}"\n')

        assert [registration.name for registration in run(root).registrations] == [name]
    assert "beside" not in sys.modules


def test_a_preview_does_not_know_computed_outputs(make_project: MakeProject) -> None:
    root = make_project('aws.sqs.Queue("q").arn.apply(lambda arn: aws.sqs.Queue("hidden"))\n')

    assert [r.name for r in run(root, preview=True).registrations] == ["q"]
    assert [r.name for r in run(root).registrations] == ["hidden", "q"]
