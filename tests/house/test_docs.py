"""What the README and docs promise is executed or looked up here."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def shell_lines(page: Path) -> list[str]:
    lines = [line.partition("#")[0].strip() for block in blocks(page, "sh") for line in block.splitlines()]
    return [line for line in lines if line]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
    local = [target for target in targets if not target.startswith(("http:", "https:"))]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_target_and_option_in_a_shell_block_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for line in shell_lines(page):
        program, *words = shlex.split(line)
        if program == "make":
            assert re.search(rf"^{words[0]}:", makefile, flags=re.MULTILINE), line
        elif program in ("infra", "costmodel"):
            assert_options_exist(program, words, line)


def assert_options_exist(program: str, words: list[str], line: str) -> None:
    options = [word for word in words if word.startswith("--")]
    command = words[: words.index(options[0])] if options else words
    text = subprocess.run([BIN / program, *command, "--help"], check=True, capture_output=True, text=True).stdout
    for option in options:
        assert option in text, line


def test_the_readme_shows_what_the_report_prints(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.json"
    subprocess.run([BIN / "infra", "plan", "--out", inventory], cwd=ROOT, check=True, capture_output=True)
    printed = subprocess.run(
        [BIN / "costmodel", "report", inventory, "--scenario", "niche", "--out", tmp_path / "out"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    shown = [line.split() for line in blocks(ROOT / "README.md", "text")[0].splitlines()]
    assert shown == [line.split() for line in printed.splitlines()]


def test_every_decision_says_what_was_asked_decided_and_why() -> None:
    for page in (ROOT / "docs" / "decisions").glob("*.md"):
        text = page.read_text()
        assert all(f"**{part}.**" in text for part in ("Question", "Decision")), page.name
