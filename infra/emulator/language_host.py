"""Runs a Pulumi Python program in this process, as ``pulumi-language-python-exec`` runs it in one of its own.

Same chain of calls (configuration, settings, ``run_in_stack`` around ``runpy``), same current directory and import
path: what a program cannot import under ``pulumi up`` it cannot import here either. Everything that a run changes in
the process is put back, so runs do not see each other; but installed packages that a program imports are imported
once per process.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import os
import runpy
import sys
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pulumi
from pulumi.runtime import Settings, configure, set_all_config
from pulumi.runtime.settings import SETTINGS, set_root_resource
from pulumi.runtime.stack import run_in_stack

from infra.emulator import safety
from infra.emulator.monitor import Engine, ResourceMonitor
from infra.errors import Fault, InfraError, ProgramError
from infra.stackfile import StackFile

PROCESS_LOCK = threading.Lock()
"""One program at a time: the current directory and the import path belong to the whole process."""

OWN_FRAMES = Path(__file__).parent


def run_program(stackfile: StackFile, monitor: ResourceMonitor, engine: Engine, *, preview: bool) -> None:
    """Run the program until all its resources are registered.

    Raises:
        ProgramError: the program raised; faults name file and line, ``trace`` shows the program's own frames.
    """
    with PROCESS_LOCK, _as_own_process(stackfile.program), _collector_paused(), _event_loop() as runner:
        try:
            runner.run(_run(stackfile, monitor, engine, preview=preview))
        except InfraError:
            raise
        except Exception as error:
            if monitor.bug is not None:
                raise monitor.bug from None
            raise _program_error(stackfile, error) from error
        except SystemExit as error:
            raise _program_error(stackfile, error) from error


async def _run(stackfile: StackFile, monitor: ResourceMonitor, engine: Engine, *, preview: bool) -> None:
    # The runner gives each run a copy of the context variables that hold all of Pulumi's state.
    set_root_resource(None)  # type: ignore[arg-type]  # None is how Pulumi itself says "no stack yet"
    set_all_config(dict(stackfile.config), list(stackfile.secret_keys))
    configure(
        Settings(
            project=stackfile.project,
            stack=stackfile.stack,
            monitor=monitor,
            engine=engine,
            dry_run=preview,
            root_directory=str(stackfile.root),
            organization="organization",
        )
    )
    SETTINGS.outputs = set()
    SETTINGS.lock = threading.Lock()
    await run_in_stack(lambda: _execute(stackfile.program))


async def _execute(program: Path) -> None:
    runpy.run_path(str(program), run_name="__main__")
    await _outputs_settled()


async def _outputs_settled() -> None:
    """Wait until every output has its value, or one has failed; Pulumi's own wait then finds nothing left to wait for.

    Pulumi waits for the first of all outputs, then for the first of all others, and so on: for the thousands of a large
    stack that takes longer than everything else. Errors are left to it: a failed output stays in its set.
    """
    while pending := [output for output in SETTINGS.outputs if not output.done()]:
        done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
        if any(output.cancelled() or output.exception() for output in done):
            return


@contextlib.contextmanager
def _event_loop() -> Iterator[asyncio.Runner]:
    """A loop whose calls to the monitor all run on one thread, in order."""
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="resource-monitor")
    with executor, asyncio.Runner() as runner:
        loop = runner.get_loop()
        loop.set_default_executor(executor)
        # After a failed program some futures are never looked at; the language host silences asyncio about it, too.
        loop.set_exception_handler(lambda loop, context: None)
        yield runner


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """What a running program makes is kept to its end; looking for garbage took a third of a large run's time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextlib.contextmanager
def _as_own_process(program: Path) -> Iterator[None]:
    """Directory, arguments, import path, environment and standard output as in a process of the language host."""
    directory = program if program.is_dir() else program.parent
    before = (Path.cwd(), sys.argv, list(sys.path), set(sys.modules))
    error_text = os.environ.get("PULUMI_ERROR_OUTPUT_STRING")
    importlib.invalidate_caches()
    try:
        os.environ["PULUMI_ERROR_OUTPUT_STRING"] = "1"
        os.chdir(directory)
        sys.argv = [str(program)]
        if sys.path[0] in ("", str(before[0])):
            # ``python -m`` puts the current directory first on the path; the language host does not.
            del sys.path[0]
        with contextlib.redirect_stdout(sys.stderr), safety.clean_environment(), safety.no_network():
            yield
    finally:
        os.chdir(before[0])
        sys.argv = before[1]
        sys.path[:] = before[2]
        _forget(set(sys.modules) - before[3], directory)
        if error_text is None:
            del os.environ["PULUMI_ERROR_OUTPUT_STRING"]
        else:
            os.environ["PULUMI_ERROR_OUTPUT_STRING"] = error_text


def _forget(modules: set[str], directory: Path) -> None:
    """Drop what was imported through the program's directory itself: the next program may use the same names."""
    for name in modules:
        origin = getattr(getattr(sys.modules.get(name), "__spec__", None), "origin", None)
        if origin is None or not Path(origin).is_relative_to(directory):
            continue
        if Path(origin).relative_to(directory).with_suffix("").parts[0] == name.partition(".")[0]:
            del sys.modules[name]


def _program_error(stackfile: StackFile, error: BaseException) -> ProgramError:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(frame, stackfile.root)]
    trace = "".join(traceback.format_list(frames))
    if isinstance(error, pulumi.RunError):
        lines = getattr(error, "faults", None) or str(error).splitlines()
        written = [line.strip() for line in lines if line.strip()]
        return ProgramError([f"{stackfile.where(line)}: {line}" for line in written])
    if isinstance(error, SyntaxError) and error.filename:
        where = f"{_relative(error.filename, stackfile.root)}:{error.lineno}"
        return ProgramError([Fault(where, f"{type(error).__name__}: {error.msg}", "valid Python")])
    where = f"{_relative(frames[-1].filename, stackfile.root)}:{frames[-1].lineno}" if frames else "the program"
    if type(error).__name__ == "_OutputToStringError":
        line = frames[-1].line if frames else ""
        fault = Fault(where, f"an Output used as text in `{line}`", "Output.format, Output.concat or .apply")
        return ProgramError([fault], trace=trace)
    if isinstance(error, SystemExit):
        return ProgramError([Fault(where, f"sys.exit({error.code!r})", "a program that runs to its end")], trace=trace)
    return ProgramError([Fault(where, f"{type(error).__name__}: {error}", "a program that runs")], trace=trace)


def _is_users(frame: traceback.FrameSummary, root: Path) -> bool:
    path = Path(frame.filename)
    return path.is_relative_to(root) and "site-packages" not in path.parts and not path.is_relative_to(OWN_FRAMES)


def _relative(filename: str, root: Path) -> str:
    path = Path(filename)
    return str(path.relative_to(root)) if path.is_relative_to(root) else filename
