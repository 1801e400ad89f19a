"""Runs a deployed Lambda function: the zip that Lambda holds, in a Python of its own, with its own variables.

Nothing of this process reaches the function: not its modules (the source tree is on no path there), not its
environment, not its network (only the emulator on this machine can be reached). Packages that AWS's Python runtime
brings (boto3 and what it needs) are lent from this installation; any other must be in the package, as on AWS.

As on AWS, one environment is kept per function and serves its events one after another. Not emulated: memory limits,
the runtime's Python version (the function runs on the Python of this process), layers, VPCs.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from infra.emulator.required_permissions import Call

BOOTSTRAP = Path(__file__).with_name("function_bootstrap.py")

RUNTIME_PACKAGES = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
"""Source: AWS Lambda developer guide, Python runtimes: the SDK and its dependencies are part of the runtime."""

MS_PER_SECOND = 1000


@dataclass(frozen=True)
class DeployedFunction:
    """A function as Lambda holds it."""

    name: str
    arn: str
    handler: str
    role_arn: str
    region: str
    timeout_seconds: int
    memory_mib: int
    environment: Mapping[str, str] = field(repr=False)
    package: bytes = field(repr=False)
    """The zip."""
    dead_letter_arn: str = ""
    """Queue for events that the function failed; empty when there is none."""


@dataclass(frozen=True)
class FunctionError:
    """Why a call of a function failed."""

    type: str
    """Class of the exception, or Lambda's own name ("Runtime.ImportModuleError")."""
    message: str
    where: str = ""
    """Line of the function's own code ("infra/functions/submit.py:131"); empty when none was reached."""
    missing_variable: str = ""
    """Environment variable that the code wanted and did not find."""

    def __str__(self) -> str:
        if self.missing_variable:
            return f"environment variable {self.missing_variable} is not set ({self.where})"
        place = f" ({self.where})" if self.where else ""
        return f"{self.type}: {self.message}{place}"


@dataclass(frozen=True)
class Outcome:
    """One call of a function."""

    result: Any
    """What the handler returned, as JSON; None after an error."""
    error: FunctionError | None
    logs: tuple[str, ...]
    calls: tuple[Call, ...] = field(repr=False)
    """AWS calls that the function made, in order."""
    duration_ms: float = 0.0


class FunctionRunner:
    """Keeps one environment per function; leaving the context ends them and removes their files."""

    def __init__(self, endpoint_url: str) -> None:
        """Run functions against an emulator.

        Args:
            endpoint_url: moto server on this machine that the functions' AWS calls go to.
        """
        self._endpoint_url = endpoint_url
        self._environments: dict[str, _Environment] = {}

    def __enter__(self) -> FunctionRunner:
        """Start with no environment."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all environments."""
        for environment in self._environments.values():
            environment.close()
        self._environments.clear()

    def warm(self, function: DeployedFunction) -> None:
        """Start the environment now, so that the first event need not wait for it."""
        self._environment(function)

    def invoke(self, function: DeployedFunction, event: Mapping[str, Any], request_id: str) -> Outcome:
        """Run the function once.

        Args:
            function: as deployed; when it changed since the last call, a new environment is started.
            event: what the handler gets.
            request_id: Lambda's id of the call; retries have the same one.
        """
        started = time.perf_counter()
        environment = self._environment(function)
        answer = environment.ask(_request(function, event, request_id))
        if "error" in answer and answer["error"]["type"].startswith(("Runtime.", "Sandbox.", "Emulator.")):
            # Lambda gives up an environment that could not start or that died.
            self._environments.pop(function.arn).close()
        return _outcome(answer, (time.perf_counter() - started) * MS_PER_SECOND)

    def _environment(self, function: DeployedFunction) -> _Environment:
        known = self._environments.get(function.arn)
        if known and known.function == function:
            return known
        if known:
            known.close()
        self._environments[function.arn] = _Environment(function, self._endpoint_url)
        return self._environments[function.arn]


class _Environment:
    """The process and the directory of one function."""

    def __init__(self, function: DeployedFunction, endpoint_url: str) -> None:
        self.function = function
        self._directory = tempfile.TemporaryDirectory(prefix="reelplan-function-")
        root = Path(self._directory.name)
        task = root / "task"
        with zipfile.ZipFile(io.BytesIO(function.package)) as package:
            package.extractall(task)
        self._crash_log = root / "crash.log"
        with self._crash_log.open("wb") as crash_log:
            self._process = subprocess.Popen(
                # Isolated, without site-packages, without writing byte code into the package.
                [sys.executable, "-I", "-S", "-B", "-X", "utf8", str(BOOTSTRAP)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=crash_log,
                env=_variables(function, endpoint_url, task),
                cwd=task,
                text=True,
                encoding="utf-8",
            )
        self._send(
            {
                "package": str(task),
                "handler": function.handler,
                "runtime_packages": RUNTIME_PACKAGES,
                "runtime_location": _runtime_location(),
            }
        )

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one event; an answer with an error when the process ends without one or takes too long."""
        limit = self.function.timeout_seconds
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self._process.kill()

        timer = threading.Timer(limit, expire)
        timer.start()
        try:
            self._send(request)
            line = self._process.stdout.readline() if self._process.stdout else ""
        finally:
            timer.cancel()
        if line:
            return dict(json.loads(line))
        if expired.is_set():
            return _failed("Sandbox.Timedout", f"Task timed out after {limit:.2f} seconds")
        return _failed("Runtime.ExitError", f"the process ended with status {self._process.wait()}{self._last_words()}")

    def close(self) -> None:
        """End the process and remove the directory."""
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                # A broken pipe: the process ended before it read everything.
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        self._process.wait()
        self._directory.cleanup()

    def _send(self, message: Mapping[str, Any]) -> None:
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(json.dumps(message) + "\n")
                self._process.stdin.flush()

    def _last_words(self) -> str:
        lines = self._crash_log.read_text(errors="replace").strip().splitlines()
        return f": {lines[-1]}" if lines else ""


def _variables(function: DeployedFunction, endpoint_url: str, task: Path) -> dict[str, str]:
    """Exactly the function's own variables, and those that AWS's runtime sets."""
    return {
        **function.environment,
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mib),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "LAMBDA_TASK_ROOT": str(task),
        "_HANDLER": function.handler,
        "TZ": ":UTC",
        "LANG": "en_US.UTF-8",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Neither the user's profiles nor an endpoint written there may reach the function.
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }


def _runtime_location() -> str:
    """Directory that holds boto3 and its dependencies."""
    spec = importlib.util.find_spec("boto3")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("boto3 is not installed: install reelplan[emulator]")
    return str(Path(spec.origin).parent.parent)


def _request(function: DeployedFunction, event: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    return {
        "event": event,
        "timeout_seconds": function.timeout_seconds,
        "context": {
            "aws_request_id": request_id,
            "function_name": function.name,
            "function_version": "$LATEST",
            "invoked_function_arn": function.arn,
            "log_group_name": f"/aws/lambda/{function.name}",
            "memory_limit_in_mb": str(function.memory_mib),
        },
    }


def _failed(kind: str, message: str) -> dict[str, Any]:
    return {"error": {"type": kind, "message": message}, "calls": [], "logs": []}


def _outcome(answer: Mapping[str, Any], duration_ms: float) -> Outcome:
    return Outcome(
        result=answer.get("result"),
        error=FunctionError(**answer["error"]) if "error" in answer else None,
        logs=tuple(answer["logs"]),
        calls=tuple(Call(**call) for call in answer["calls"]),
        duration_ms=duration_ms,
    )
