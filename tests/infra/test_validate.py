from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.emulator import validation
from infra.emulator.session import Session
from infra.errors import ProvisionError

MakeProject = Callable[..., Path]
RunInfra = Callable[..., int]
PROGRAMS = Path(__file__).parent / "programs"


def test_json_lists_every_resource_with_status_and_reason(
    run_infra: RunInfra, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_infra("validate", "--cwd", PROGRAMS / "minimal", "--json") == 0

    entries = json.loads(capsys.readouterr().out)
    assert [(entry["urn"].rpartition("::")[0].rpartition("::")[2], entry["status"]) for entry in entries] == [
        ("aws:sqs/queue:Queue", "provisioned"),
        ("minimal:media:Media$aws:s3/bucket:Bucket", "provisioned"),
        ("minimal:media:Media$aws:s3/bucketVersioning:BucketVersioning", "provisioned"),
        ("minimal:media:Media", "checked"),
    ]
    assert [entry["reason"] for entry in entries] == [
        "CreateQueue; 2 values read back",
        "CreateBucket, PutBucketTagging; 5 values read back",
        "PutBucketVersioning; 2 values read back",
        "a component: it groups its children and is nothing of its own in AWS",
    ]
    assert {key for entry in entries for key in entry} == {"urn", "type", "status", "reason"}


def test_in_a_pipe_the_table_is_plain(run_infra: RunInfra, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_infra("validate", "--cwd", PROGRAMS / "minimal") == 0

    captured = capsys.readouterr()
    *lines, last = captured.out.splitlines()
    assert lines == [
        "-\taws:sqs/queue:Queue\t1\tprovisioned",
        "media\taws:s3/bucket:Bucket\t1\tprovisioned",
        "media\taws:s3/bucketVersioning:BucketVersioning\t1\tprovisioned",
    ]
    assert last.startswith("3 resources in 1 components: 3 provisioned, 0 checked, 0 skipped (")
    assert captured.err == "Standing up minimal/dev on moto\n"


def test_on_a_terminal_the_table_has_headings(
    run_infra: RunInfra, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)

    assert run_infra("validate", "--cwd", PROGRAMS / "minimal") == 0

    assert "Component" in capsys.readouterr().out


def test_refusals_end_with_exit_code_2_and_one_line_each(
    make_project: MakeProject, run_infra: RunInfra, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_project('aws.iot.Thing("t")\naws.iot.Thing("u")')

    assert run_infra("validate", "--cwd", root) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert [line.split(": found ")[0] for line in captured.err.splitlines()[1:]] == [
        "infra: infra/__main__.py:3: aws:iot/thing:Thing t",
        "infra: infra/__main__.py:4: aws:iot/thing:Thing u",
    ]


def test_the_programs_own_traceback_is_shown_and_none_of_ours(
    make_project: MakeProject, run_infra: RunInfra, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_project("def size():\n    raise ValueError('too big')\nsize()")

    assert run_infra("validate", "--cwd", root) == 2

    error = capsys.readouterr().err
    assert error.endswith("infra: infra/__main__.py:4: found ValueError: too big, expected a program that runs\n")
    assert error.count('File "') == 2
    assert "language_host" not in error


def test_a_resource_that_was_skipped_is_a_fault(provisioned: Session) -> None:
    without_one = provisioned.results[1:]

    with pytest.raises(ProvisionError, match="declared, but neither provisioned nor checked"):
        validation.account_for(provisioned.recording, without_one)


def test_resources_are_grouped_by_component(provisioned: Session) -> None:
    results = validation.account_for(provisioned.recording, provisioned.results)
    rows = validation.rows(provisioned.recording, results)

    assert sum(row.count for row in rows) == sum(
        registration.custom for registration in provisioned.recording.registrations
    )
    assert {"media/raw", "media/renditions", "transcoding/submit", "network", "api", "delivery"} <= {
        row.component for row in rows
    }
    loss = dataclasses.replace(results[0], only_sent=("a (why)",))
    assert ("a (why)",) in {row.only_sent for row in validation.rows(provisioned.recording, [loss])}
