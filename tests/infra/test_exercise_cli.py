"""``infra validate --exercise``: what is printed, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.emulator.exercise.steps import STEPS
from infra.emulator.recording import Recording
from infra.emulator.session import Session

REPOSITORY = Path(__file__).parents[2]
RunInfra = Callable[..., int]


def test_the_journey_is_printed_step_by_step(run_infra: RunInfra, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_infra("validate", "--exercise", "--cwd", REPOSITORY) == 0
    lines = capsys.readouterr().out.splitlines()
    start = next(number for number, line in enumerate(lines) if "the video is uploaded" in line)
    numbers = [str(number) for number in range(1, len(STEPS) + 1)]
    assert [line.split()[0] for line in lines[start : start + len(STEPS)]] == numbers
    assert lines[-1].startswith(f"the video arrived: {len(STEPS)} steps in ")


def test_a_journey_that_fails_has_exit_code_1(
    run_infra: RunInfra, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    provision = Session.provision

    def provision_and_disable(self: Session, *args: Any) -> Recording:
        recording = provision(self, *args)
        self.client("events").disable_rule(Name="reelplan-dev-submit")
        return recording

    monkeypatch.setattr(Session, "provision", provision_and_disable)
    assert run_infra("validate", "--exercise", "--json", "--cwd", REPOSITORY) == 1
    told = json.loads(capsys.readouterr().out)
    assert {entry["status"] for entry in told["resources"]} == {"provisioned", "checked"}
    broken = [step for step in told["journey"]["steps"] if step["status"] == "failed"]
    assert [step["diagnosis"] for step in broken] == [["rule reelplan-dev-submit matches, but it is disabled"]]
