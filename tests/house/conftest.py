"""The declared stacks, planned once a session for all tests of the house."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INFRA = str(Path(sys.executable).parent / "infra")


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The file that `infra plan` writes for a stack; each stack is planned once."""
    made: dict[str, Path] = {}

    def plan(stack: str) -> Path:
        if stack not in made:
            made[stack] = tmp_path_factory.mktemp(stack) / "inventory.json"
            write_plan(stack, project=ROOT, out=made[stack])
        return made[stack]

    return plan


def write_plan(stack: str, project: Path, out: Path) -> None:
    command = [INFRA, "plan", "--cwd", str(project), "--stack", stack, "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="session")
def prod_inventory_file(planned: Callable[[str], Path]) -> Path:
    """The production stack."""
    return planned("prod")


@pytest.fixture(scope="session")
def everything_inventory_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stack with every optional capability, ``tests/stacks/Pulumi.everything.yaml``."""
    project = tmp_path_factory.mktemp("everything")
    for name in ("Pulumi.yaml", "tests/stacks/Pulumi.everything.yaml"):
        shutil.copy(ROOT / name, project)
    (project / "infra").symlink_to(ROOT / "infra")
    write_plan("everything", project, out=project / "inventory.json")
    return project / "inventory.json"
