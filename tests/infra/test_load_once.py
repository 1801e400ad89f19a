"""What makes standing up a stack quick leaves nothing behind and changes no answer."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.loaders import JSONFileLoader
from moto.core.utils import get_service_model
from moto.iam.models import iam_backends

from infra.emulator import api_model, language_host
from infra.emulator.load_once import load_once
from infra.emulator.naming import ACCOUNT_ID
from infra.emulator.plan_provider import PlanProvider
from infra.emulator.recorder import record
from infra.emulator.session import Session
from infra.errors import ProgramError
from infra.stackfile import StackFile, load_stack

MakeProject = Callable[..., Path]

QUEUES = """
last = None
for index in range({count}):
    last = aws.sqs.Queue(f"q{{index}}", tags={{"before": last.arn if last else "nobody"}})
"""


@pytest.fixture
def files_read(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often botocore's and moto's loaders read each file."""
    read: Counter[str] = Counter()
    load = JSONFileLoader.load_file

    def counted(self: JSONFileLoader, path: str) -> Any:
        found = load(self, path)
        if found is not None:
            read[path] += 1
        return found

    monkeypatch.setattr(JSONFileLoader, "load_file", counted)
    return read


def test_each_api_model_is_read_once_by_botocore_and_once_by_moto(minimal: StackFile, files_read: Counter[str]) -> None:
    get_service_model.cache_clear()
    with Session(minimal) as session:
        session.provision()
        session.client("s3", "us-west-2").list_buckets()

    assert files_read
    assert {path for path, times in files_read.items() if times > 2} == set()
    assert [path for path in files_read if path.endswith("endpoints") and files_read[path] > 1] == []


def test_what_moto_adds_to_a_model_for_itself_is_not_seen_by_the_clients(minimal: StackFile) -> None:
    before = set(botocore.session.Session().get_service_model("s3").shape_names)
    with Session(minimal) as session:
        session.provision()
        ours = set(session.client("s3").meta.service_model.shape_names)
        assert ours == before == set(api_model.service_model("s3").shape_names)


def test_afterwards_everything_is_as_it_was() -> None:
    outside = botocore.session.Session().get_component("data_loader")
    with load_once():
        assert botocore.session.Session().get_component("data_loader") is api_model.data_loader()
        assert os.environ["MOTO_ACCOUNT_ID"] == ACCOUNT_ID
    assert "MOTO_ACCOUNT_ID" not in os.environ
    assert botocore.session.Session().get_component("data_loader") not in (outside, api_model.data_loader())


def test_managed_policies_are_made_for_the_partition_in_use_only(minimal: StackFile) -> None:
    with Session(minimal) as session:
        session.provision()
        session.client("iam").get_policy(PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
        assert list(iam_backends[ACCOUNT_ID]) == ["aws"]


@pytest.mark.parametrize("count", [2, 20])
def test_the_wait_for_outputs_does_not_grow_with_the_stack(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """Pulumi's own wait, which we spare, would look at all outputs again whenever one is there."""
    waits = []
    wait = asyncio.wait

    async def counted(tasks: Any, **options: Any) -> Any:
        waits.append(len(tasks))
        return await wait(tasks, **options)

    monkeypatch.setattr(asyncio, "wait", counted)
    recording = record(load_stack(make_project(QUEUES.format(count=count)), "dev"), PlanProvider())

    assert len(recording.registrations) == count
    assert len(waits) <= 4


def test_an_output_that_fails_is_reported_as_before(make_project: MakeProject) -> None:
    root = make_project('aws.sqs.Queue("q").arn.apply(lambda arn: 1 / 0)\naws.sqs.Queue("r")')

    with pytest.raises(ProgramError, match="ZeroDivisionError"):
        record(load_stack(root, "dev"), PlanProvider())


@pytest.mark.parametrize("program", ["import gc\nassert not gc.isenabled()", "raise ValueError('no')"])
def test_the_garbage_collector_rests_while_a_program_runs_and_works_again_afterwards(
    make_project: MakeProject, program: str
) -> None:
    with contextlib.suppress(ProgramError) if "raise" in program else contextlib.nullcontext():
        record(load_stack(make_project(program), "dev"), PlanProvider())
    assert gc.isenabled()


def test_who_has_switched_the_collector_off_finds_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "isenabled", lambda: False)
    switched = []
    monkeypatch.setattr(gc, "enable", lambda: switched.append("on"))
    monkeypatch.setattr(gc, "disable", lambda: switched.append("off"))

    with language_host._collector_paused():
        pass

    assert "on" not in switched
