"""House rules of the Pulumi program that no linter knows."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_file_of_infra_hides_a_standard_module() -> None:
    """`pulumi up` runs with infra/ as the first entry of sys.path: infra/platform.py would replace the standard one."""
    names = {path.stem for path in (ROOT / "infra").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert names & sys.stdlib_module_names == set()


def test_the_program_is_found_from_any_working_directory() -> None:
    """Nothing in the program opens a file relative to the working directory, which differs between CLI and emulator."""
    import infra

    assert Path(infra.__file__).parent == ROOT / "infra"
