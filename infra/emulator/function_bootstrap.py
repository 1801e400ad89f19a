"""Runs one Lambda function: started by ``function_runner`` in a Python of its own, never imported.

Speaks JSON lines: the first line from standard input says what to run, every further one is an event. One line comes
back for each event. Standard output belongs to this protocol, so what the handler prints goes to its log.

Imports the standard library only, for whatever it imports the function would find as well.
"""

from __future__ import annotations

import importlib
import io
import json
import logging
import os
import sys
import traceback
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

LOOPBACK = ("127.0.0.1", "::1", "localhost")
MS_PER_SECOND = 1000

CLIENT_CALL = "_make_api_call"
"""Private to botocore, but the one place that every client and resource passes, whatever session made it."""


class ManagedRuntime(MetaPathFinder):
    """The packages that AWS's Python runtime brings, from where they are installed here; no others of that place."""

    def __init__(self, packages: list[str], location: str) -> None:
        self._packages = packages
        self._location = location

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        """Find a top-level package of the runtime."""
        if fullname in self._packages:
            return PathFinder.find_spec(fullname, [self._location])
        return None


class HandlerError(Exception):
    """The handler cannot be loaded; ``kind`` is what Lambda calls it."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


class Recorder:
    """Notes each AWS call before it is sent."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def install(self) -> None:
        """Wrap the method through which every boto3 client and resource calls."""
        from botocore.client import BaseClient
        from botocore.exceptions import ClientError

        plain = getattr(BaseClient, CLIENT_CALL)
        recorder = self

        def recorded(client: Any, operation: str, params: dict[str, Any]) -> Any:
            call = {"service": client.meta.service_model.service_name, "operation": operation, "params": params}
            recorder.calls.append(call)
            try:
                return plain(client, operation, params)
            except ClientError as error:
                call["error"] = error.response["Error"]["Code"]
                raise

        setattr(BaseClient, CLIENT_CALL, recorded)


def stay_on_this_machine(event: str, args: tuple[Any, ...]) -> None:
    """Audit hook: refuses every connection and look-up but to the emulator on this machine."""
    if event == "socket.connect" and isinstance(args[1], tuple) and args[1][0] not in LOOPBACK:
        raise PermissionError(f"the function tried to connect to {args[1][0]}, which is not the emulator")
    if event == "socket.getaddrinfo" and args[0] not in LOOPBACK:
        raise PermissionError(f"the function tried to look up {args[0]}, which is not the emulator")


def load_handler(name: str, package: Path) -> Any:
    """The handler "package.module.function", from the deployed package and from nowhere else.

    Raises:
        HandlerError: as Lambda names it.
    """
    module_name, _, function_name = name.rpartition(".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise HandlerError("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from error
    except SyntaxError as error:
        raise HandlerError("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}") from error
    origin = Path(str(module.__file__)).resolve()
    if not origin.is_relative_to(package):
        raise HandlerError(
            "Emulator.NotDeployed", f"module '{module_name}' came from {origin}, not from the deployed package"
        )
    if not hasattr(module, function_name):
        raise HandlerError("Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'")
    return getattr(module, function_name)


def missing_variable(error: BaseException) -> str:
    """Name of the environment variable that the code wanted and did not find; empty for any other error."""
    last = error.__traceback__
    while last and last.tb_next:
        last = last.tb_next
    from_environment = last is not None and last.tb_frame.f_code is type(os.environ).__getitem__.__code__
    return str(error.args[0]) if isinstance(error, KeyError) and from_environment else ""


def failure(kind: str, error: BaseException, package: Path) -> dict[str, str]:
    """What a failed call reports: type and message as Lambda gives them, and the line of the function's own code."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_inside(frame.filename, package)]
    where = (
        f"{Path(frames[-1].filename).resolve().relative_to(package).as_posix()}:{frames[-1].lineno}" if frames else ""
    )
    return {"type": kind, "message": str(error), "where": where, "missing_variable": missing_variable(error)}


def is_inside(filename: str, package: Path) -> bool:
    """Whether a frame is the function's own code."""
    # Modules that are part of the interpreter have names such as "<frozen os>".
    return not filename.startswith("<") and Path(filename).resolve().is_relative_to(package)


def log_to(stream: io.StringIO) -> None:
    """Root logger in the format of AWS's runtime, without time and request id, which would differ each time."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("[%(levelname)s] %(message)s"))
    logging.getLogger().addHandler(handler)


def invoke(load: Any, recorder: Recorder, request: dict[str, Any], package: Path) -> dict[str, Any]:
    """Run the handler once."""
    recorder.calls = []
    context = SimpleNamespace(
        **request["context"], get_remaining_time_in_millis=lambda: request["timeout_seconds"] * MS_PER_SECOND
    )
    answer: dict[str, Any] = {}
    try:
        result = load()(request["event"], context)
        answer["result"] = json.loads(json.dumps(result))
    except HandlerError as error:
        answer["error"] = failure(error.kind, error.__cause__ or error, package) | {"message": str(error)}
    except Exception as error:  # whatever the handler raises is its answer
        answer["error"] = failure(type(error).__name__, error, package)
    except SystemExit as error:
        answer["error"] = failure("Runtime.ExitError", error, package)
    return answer | {"calls": recorder.calls}


def main() -> None:
    """Serve events until standard input ends."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    setup = json.loads(sys.stdin.readline())
    package = Path(setup["package"]).resolve()
    sys.path.insert(0, str(package))
    sys.meta_path.append(ManagedRuntime(setup["runtime_packages"], setup["runtime_location"]))
    sys.addaudithook(stay_on_this_machine)
    log = io.StringIO()
    sys.stdout = sys.stderr = log
    log_to(log)
    recorder = Recorder()
    recorder.install()
    loaded: list[Any] = []

    def load() -> Any:
        if not loaded:
            loaded.append(load_handler(setup["handler"], package))
        return loaded[0]

    for line in sys.stdin:
        answer = invoke(load, recorder, json.loads(line), package)
        answer["logs"] = log.getvalue().splitlines()
        log.seek(0)
        log.truncate()
        # Parameters may hold what JSON does not know (a Decimal, a condition of boto3): their text is enough here.
        replies.write(json.dumps(answer, default=str) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
