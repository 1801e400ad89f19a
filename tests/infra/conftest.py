"""Pulumi projects to run: tiny ones written by a test, and the real one of this repository."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra import cli
from infra.emulator.session import Session
from infra.stackfile import StackFile, load_stack

REPOSITORY = Path(__file__).parents[2]
PROGRAMS = Path(__file__).parent / "programs"

MakeProject = Callable[..., Path]
RunInfra = Callable[..., int]

PARTS: Mapping[str, Any] = {
    "reelplan:analytics": {"enabled": True, "source": "stream"},
    "reelplan:audit": {"threatDetection": True},
    "reelplan:live": {"enabled": True},
    "reelplan:recommendation": {"enabled": True},
    "reelplan:transcoding": {"earnedCodecs": {"HEVC": 10, "AV1": 20}},
}
"""Settings by which a stack gets the parts that a stack of profile dev does not have."""


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """Writes a project whose program is given as text; returns its directory."""

    def make(program: str, *, config: str = "", declared: str = "", name: str = "tiny") -> Path:
        root = tmp_path / name
        (root / "infra").mkdir(parents=True)
        declarations = f"config:\n{textwrap.indent(textwrap.dedent(declared), '  ')}\n" if declared else ""
        (root / "Pulumi.yaml").write_text(f"name: {name}\nmain: infra/\nruntime: python\n{declarations}")
        values = f"aws:region: eu-central-1\n{textwrap.dedent(config)}"
        (root / "Pulumi.dev.yaml").write_text(f"config:\n{textwrap.indent(values, '  ')}\n")
        source = "import pulumi\nimport pulumi_aws as aws\n" + textwrap.dedent(program)
        (root / "infra" / "__main__.py").write_text(source)
        return root

    return make


@pytest.fixture
def minimal() -> StackFile:
    """The smallest program with a component, a dependency and outputs."""
    return load_stack(PROGRAMS / "minimal", "dev")


@pytest.fixture
def run_infra(monkeypatch: pytest.MonkeyPatch) -> RunInfra:
    """Runs the command line in this process; returns the exit code."""

    def run(*arguments: str | Path) -> int:
        monkeypatch.setattr("sys.argv", ["infra", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_info:
            cli.main()
        code = exit_info.value.code
        assert code is None or isinstance(code, int)
        return code or 0

    return run


@pytest.fixture(scope="module")
def real_stack() -> StackFile:
    """Stack ``dev`` of this repository."""
    return load_stack(REPOSITORY, "dev")


@pytest.fixture(scope="module")
def complete_stack(real_stack: StackFile) -> StackFile:
    """Stack ``dev`` with every part that a stack can have: what the exercise tells stories about."""
    written = real_stack.config
    parts = {key: json.dumps(json.loads(written.get(key, "{}")) | value) for key, value in PARTS.items()}
    return replace(real_stack, config={**written, **parts})


@pytest.fixture(scope="module")
def provisioned(real_stack: StackFile) -> Session:
    """What was left when this repository's stack had been stood up on moto: recording, results and requests."""
    with Session(real_stack) as session:
        session.provision()
    return session
