from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from infra.emulator.safety import guard

RunInfra = Callable[..., int]
PROGRAMS = Path(__file__).parent / "programs"
KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


def test_a_client_of_another_process_finds_the_stack() -> None:
    command = [sys.executable, "-m", "infra.cli", "serve", "--port", "0", "--cwd", str(PROGRAMS / "minimal")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as server:
        assert server.stdout is not None
        lines = iter(server.stdout.readline, "")
        endpoint = next(found[1] for line in lines if (found := re.search(r"stack at (\S+)", line)))
        client = guard(boto3.client("s3", region_name="eu-central-1", endpoint_url=endpoint, **KEYS))  # type: ignore[call-overload]  # keys by name
        names = [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]
        client.close()
        server.send_signal(signal.SIGINT)
        _, error = server.communicate(timeout=60)

    assert names == ["media-raw-a838c39"]
    assert server.returncode == 0
    assert error == "Standing up minimal/dev on moto\nstopped\n"


def test_a_port_in_use_is_named(run_infra: RunInfra, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert run_infra("serve", "--cwd", PROGRAMS / "minimal", "--port", str(port)) == 2

    assert capsys.readouterr().err.splitlines()[-1] == (
        f"infra: --port {port}: found Address already in use, expected a free port (--port 0 takes any free one)"
    )
