"""The command as a person and as a script meet it: tables, JSON, faults, exit codes, a fast start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from costmodel.scenario import shipped_scenarios

HERE = Path(__file__).parent
PLATFORM = HERE / "inventories" / "platform.json"
Run = Callable[..., tuple[int, str, str]]


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_report_in_a_pipe_is_plain_text(run: Run, tmp_path: Path) -> None:
    code, out, err = run("report", PLATFORM, "--scenario", "niche", "--out", "out")
    assert (code, err) == (0, "")
    rows = [line.split("\t") for line in out.splitlines()]
    assert rows[0] == ["Category", "2027-01", "2029-12", "36 months", "Share"]
    assert [row[0] for row in rows[-3:]] == ["Total", "Revenue", "Result"]
    assert "\x1b" not in out
    assert files(tmp_path / "out") == ["ledger.csv", "ledger.parquet", "report.html", "summary.json"]


def test_json_is_the_summary_and_nothing_else(run: Run, tmp_path: Path) -> None:
    code, out, err = run("report", PLATFORM, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))


def test_a_type_never_seen_is_listed_and_no_error(run: Run, tmp_path: Path) -> None:
    document = json.loads(PLATFORM.read_text(encoding="utf-8"))
    token = "aws:qldb/ledger:Ledger"
    document["resources"].append({"urn": f"urn:pulumi:dev::p::{token}::audit", "type": token, "name": "audit"})
    (tmp_path / "new.json").write_text(json.dumps(document), encoding="utf-8")
    code, out, _ = run("report", "new.json", "--json")
    assert code == 0
    assert json.loads(out)["coverage"]["not_covered"] == [
        {"type": token, "names": ["audit"], "reason": f"no meter for this type yet ({token})"}
    ]
    assert token in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_all_faults_of_all_inputs_at_once_and_nothing_written(run: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    code, out, err = run("report", "inventory.json", "--scenario", "nich", "--out", "taken/out")
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("costmodel: ") for line in lines)
    assert "inventory.json: found no such file" in lines[0]
    assert "'nich'" in lines[1]
    assert "nearest: niche" in lines[1]
    assert "is a file, expected a folder that can be written" in lines[2]
    assert "Traceback" not in err
    assert files(tmp_path) == ["taken"]


def edited(change: Callable[[str], str]) -> Callable[[Path], list[str]]:
    def arguments(folder: Path) -> list[str]:
        text = (HERE.parents[1] / "costmodel" / "data" / "scenarios" / "niche.yaml").read_text(encoding="utf-8")
        (folder / "mine.yaml").write_text(change(text), encoding="utf-8")
        return [str(PLATFORM), "--scenario", "mine.yaml"]

    return arguments


def truncated(folder: Path) -> list[str]:
    (folder / "cut.json").write_text(PLATFORM.read_text(encoding="utf-8")[:5000], encoding="utf-8")
    return ["cut.json"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (lambda _: ["missing.json"], "missing.json: found no such file, expected an inventory"),
        (truncated, "cut.json: found JSON that breaks off at line"),
        (edited(lambda text: text.replace("months: 36", "monhts: 36")), "(nearest: months)"),
        (edited(lambda text: text.replace("rate_per_year: 1.9", "rate_per_year: -1.9")), "rate_per_year: found -1.9"),
        (
            edited(lambda text: text.replace("months: 36", "months: many")),
            "months: found text 'many', expected a whole number",
        ),
        (lambda _: [str(PLATFORM), "--scenario", "global-domination"], "'global-domination'"),
        (lambda _: [str(PLATFORM), "--out", f"{PLATFORM}/out"], "is a file, expected a folder that can be written"),
    ],
    ids=["missing", "truncated", "unknown-key", "negative-rate", "text-for-number", "unknown-scenario", "output"],
)
def test_bad_input_is_told_in_a_line_and_leaves_nothing(
    arguments: Callable[[Path], Sequence[str]], message: str, run: Run, tmp_path: Path
) -> None:
    given = arguments(tmp_path)
    before = files(tmp_path)
    code, out, err = run("report", *given)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    assert files(tmp_path) == before


def test_scenarios_are_listed_with_their_title(run: Run) -> None:
    code, out, _ = run("scenario", "list")
    assert code == 0
    assert [line.split("\t")[0] for line in out.splitlines()] == ["Scenario", *shipped_scenarios()]


def test_version(run: Run) -> None:
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("reelplan ")


@pytest.mark.parametrize("command", [[], ["report"], ["scenario", "init"]])
def test_every_help_has_an_example(command: list[str], run: Run) -> None:
    code, out, _ = run(*command, "--help")
    assert code == 0
    assert "For example:" in out
    assert "costmodel" in out


def test_an_unknown_option_is_a_usage_error(run: Run) -> None:
    code, _, err = run("report", PLATFORM, "--scnario", "niche")
    assert code == 2
    assert "--scenario" in err, "the nearest option is named"


def child(code: str, **environment: str) -> Any:
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, **environment}
    )
    return json.loads(result.stdout)


def test_help_imports_nothing_heavy() -> None:
    heavy = ["altair", "boto3", "jinja2", "moto", "numpy", "pandas", "pulumi", "pyarrow", "pydantic", "rich", "yaml"]
    loaded = child(f"import sys, json, costmodel.cli; print(json.dumps([m for m in {heavy} if m in sys.modules]))")
    assert loaded == []


def test_a_run_in_another_process_with_another_hash_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    code = (
        "import sys, json, hashlib, pathlib; from costmodel.cli import main\n"
        "sys.argv = ['costmodel', 'report', {inventory!r}, '--out', {out!r}]\n"
        "real, sys.stdout = sys.stdout, sys.stderr\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "sys.stdout = real\n"
        "hashes = {{p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in pathlib.Path({out!r}).iterdir()}}\n"
        "print(json.dumps(hashes, sort_keys=True))"
    )
    runs = [
        child(code.format(inventory=str(PLATFORM), out=str(tmp_path / name)), PYTHONHASHSEED=seed, TZ=zone)
        for name, seed, zone in (("a", "1", "UTC"), ("b", "2", "America/Sao_Paulo"))
    ]
    assert len(runs[0]) == 4
    assert runs[0] == runs[1]
