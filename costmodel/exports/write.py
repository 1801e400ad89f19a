"""Writes the files of a report: all rendered before the first is written, each put in place by one rename."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from costmodel.errors import Fault, OutputError
from costmodel.exports.report import Report, make_report
from costmodel.exports.summary import render_json, summary
from costmodel.exports.tables import ledger_csv, ledger_parquet
from costmodel.exports.words import load_words
from costmodel.plan import Plan

HTML, CSV, PARQUET, JSON = "report.html", "ledger.csv", "ledger.parquet", "summary.json"


def write_report(plan: Plan, out_dir: Path | str, progress: Callable[[str], None] = lambda _: None) -> Report:
    """Write ``report.html``, ``ledger.csv``, ``ledger.parquet`` and ``summary.json``.

    Args:
        plan: what to report on.
        out_dir: folder to write to, made when missing; other files in it stay.
        progress: told the name of each file before it is made.

    Returns:
        What the report says.

    Raises:
        OutputError: the folder cannot be written, or the chart library is not installed; nothing was changed then.
    """
    report = make_report(plan, load_words())
    check_writable(Path(out_dir))
    renderers: Mapping[str, Callable[[], bytes]] = {
        CSV: lambda: ledger_csv(plan.ledger),
        PARQUET: lambda: ledger_parquet(plan.ledger),
        JSON: lambda: render_json(summary(report)).encode(),
        HTML: lambda: _html(report),
    }
    contents: dict[str, bytes] = {}
    for name, render in renderers.items():
        progress(name)
        contents[name] = render()
    replace_files(Path(out_dir), contents)
    return report


def _html(report: Report) -> bytes:
    try:
        from costmodel.exports.html import render_html
    except ModuleNotFoundError as error:
        found = f"no module {error.name}"
        raise OutputError([Fault(HTML, found, "the charts' library", "pip install 'reelplan[charts]'")]) from None
    return render_html(report).encode()


def check_writable(folder: Path) -> None:
    """Fail early on a folder that cannot be: before the report is rendered, and without leaving a trace.

    Raises:
        OutputError: something else stands there, or its parent cannot be written.
    """
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not existing.is_dir():
        raise OutputError([Fault(str(folder), f"{existing} is a file", "a folder that can be written")])
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from None


def replace_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Put all files in place, or none: they are written beside the old ones first and then renamed.

    Raises:
        OutputError: the folder or a file cannot be written.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    staging: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".reelplan-", dir=folder))
        for name, content in contents.items():
            (staging / name).write_bytes(content)
            if (folder / name).is_dir():
                raise IsADirectoryError(f"{name} is a folder")
        for name in contents:
            (staging / name).replace(folder / name)
    except OSError as error:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
        for path in made:
            with contextlib.suppress(OSError):
                path.rmdir()
        raise _unwritable(folder, error) from None
    finally:
        # Also when somebody interrupts: no half-written folder is left lying about.
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)


def _unwritable(folder: Path, error: OSError) -> OutputError:
    found = error.strerror or str(error)
    return OutputError([Fault(str(folder), found[:1].lower() + found[1:], "a folder that can be written")])
