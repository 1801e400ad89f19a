from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

RunInfra = Callable[..., int]
ROOT = Path(__file__).parents[2]
HEAVY = {"pulumi", "pulumi_aws", "moto", "boto3", "botocore", "pydantic", "pandas", "pyarrow", "yaml"}


def test_help_names_the_commands_and_shows_examples(run_infra: RunInfra, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_infra("--help") == 0
    assert {"plan", "validate", "serve"} <= set(capsys.readouterr().out.split())
    for command in ("plan", "validate", "serve"):
        assert run_infra(command, "--help") == 0
        assert "Examples" in capsys.readouterr().out


def test_the_version_is_printed(run_infra: RunInfra, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_infra("--version") == 0
    assert capsys.readouterr().out.startswith("infra (reelplan) 0.")


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, infra.cli; print(*{name.partition('.')[0] for name in sys.modules})"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout

    assert set(loaded.split()) & HEAVY == set()


@pytest.mark.parametrize("command", ["plan", "validate", "serve"])
def test_a_stack_that_is_not_there(command: str, run_infra: RunInfra, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_infra(command, "--cwd", ROOT, "--stack", "deev") == 2
    error = capsys.readouterr().err
    assert error.startswith("infra: Pulumi.deev.yaml: found no such file")
    assert error.endswith("(did you mean dev?)\n")


def test_the_command_is_installed_under_its_name() -> None:
    assert 'infra = "infra.cli:main"' in (ROOT / "pyproject.toml").read_text()
