"""The deployed package runs by itself: its own modules, its own variables, no network but the emulator."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from infra.emulator.function_runner import DeployedFunction, FunctionRunner, Outcome

HANDLER = "app.main.handler"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def runner(endpoint: str) -> Iterator[FunctionRunner]:
    with FunctionRunner(endpoint) as runner:
        yield runner


def package(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def deployed(code: str, **changes: Any) -> DeployedFunction:
    """A function whose package is app/main.py with the given code."""
    values: dict[str, Any] = {
        "name": "probe",
        "arn": "arn:aws:lambda:us-east-1:123456789012:function:probe",
        "handler": HANDLER,
        "role_arn": "arn:aws:iam::123456789012:role/probe",
        "region": "us-east-1",
        "timeout_seconds": 20,
        "memory_mib": 128,
        "environment": {},
        "package": package({"app/__init__.py": "", "app/main.py": code, **changes.pop("files", {})}),
    }
    return DeployedFunction(**values | changes)


def run(runner: FunctionRunner, function: DeployedFunction, event: dict[str, Any] | None = None) -> Outcome:
    return runner.invoke(function, event or {}, "request-1")


def test_the_handler_gets_the_event_and_the_context(runner: FunctionRunner) -> None:
    code = "def handler(event, context): return [event['a'], context.function_name, context.aws_request_id]"
    assert run(runner, deployed(code), {"a": 7}).result == [7, "probe", "request-1"]


def test_the_environment_is_the_functions_own_and_the_runtimes(
    runner: FunctionRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THIS_PROCESS", "secret")
    code = "import os\ndef handler(event, context): return sorted(os.environ)"
    names = run(runner, deployed(code, environment={"TABLE_NAME": "t"})).result
    assert "TABLE_NAME" in names
    assert "AWS_REGION" in names
    assert "OF_THIS_PROCESS" not in names
    assert [name for name in names if not name.startswith(("AWS_", "LC_"))] == [
        "LAMBDA_TASK_ROOT",
        "LANG",
        "TABLE_NAME",
        "TZ",
        "_HANDLER",
    ]


def test_the_source_tree_and_other_packages_are_out_of_reach(runner: FunctionRunner) -> None:
    code = (
        "import importlib\n"
        "def handler(event, context):\n"
        "    found = []\n"
        "    for name in ('infra', 'costmodel', 'pulumi', 'moto', 'boto3', 'json'):\n"
        "        try: importlib.import_module(name); found.append(name)\n"
        "        except ImportError: pass\n"
        "    return found\n"
    )
    assert run(runner, deployed(code)).result == ["boto3", "json"]


def test_a_module_missing_from_the_package_is_named(runner: FunctionRunner) -> None:
    error = run(runner, deployed("import app.settings\ndef handler(event, context): ...")).error
    assert error is not None
    assert str(error) == (
        "Runtime.ImportModuleError: Unable to import module 'app.main': No module named 'app.settings' (app/main.py:1)"
    )


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        ("app.main.hander", "Handler 'hander' missing on module 'app.main'"),
        ("app.mian.handler", "Unable to import module 'app.mian': No module named 'app.mian'"),
        ("json.loads", "not from the deployed package"),
    ],
)
def test_a_handler_that_does_not_exist_is_named(runner: FunctionRunner, handler: str, message: str) -> None:
    error = run(runner, deployed("def handler(event, context): ...", handler=handler)).error
    assert error is not None
    assert message in error.message


def test_a_missing_environment_variable_is_named_with_its_line(runner: FunctionRunner) -> None:
    code = "import os\ndef handler(event, context):\n    return os.environ['TABLE_NAME']"
    error = run(runner, deployed(code)).error
    assert error is not None
    assert str(error) == "environment variable TABLE_NAME is not set (app/main.py:3)"


def test_another_key_error_is_no_missing_variable(runner: FunctionRunner) -> None:
    error = run(runner, deployed("def handler(event, context): return event['detail']")).error
    assert error is not None
    assert (error.type, error.message, error.missing_variable) == ("KeyError", "'detail'", "")


def test_aws_calls_go_to_the_emulator_and_are_recorded(runner: FunctionRunner, endpoint: str) -> None:
    client = boto3.client(
        "sqs",
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    client.create_queue(QueueName="q")
    code = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    sqs = boto3.client('sqs')\n"
        "    url = sqs.get_queue_url(QueueName='q')['QueueUrl']\n"
        "    boto3.resource('sqs').Queue(url).send_message(MessageBody='hello')\n"
        "    try: sqs.get_queue_url(QueueName='none')\n"
        "    except Exception: pass\n"
    )
    calls = run(runner, deployed(code)).calls
    assert [(call.service, call.operation, bool(call.error)) for call in calls] == [
        ("sqs", "GetQueueUrl", False),
        ("sqs", "SendMessage", False),
        ("sqs", "GetQueueUrl", True),
    ]
    assert calls[1].params["MessageBody"] == "hello"
    attributes = client.get_queue_attributes(
        QueueUrl=client.get_queue_url(QueueName="q")["QueueUrl"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert attributes["Attributes"]["ApproximateNumberOfMessages"] == "1"


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)",
        "import urllib.request; urllib.request.urlopen('http://aws.invalid/', timeout=5)",
    ],
)
def test_nothing_but_the_emulator_can_be_reached(runner: FunctionRunner, attempt: str) -> None:
    error = run(runner, deployed(f"def handler(event, context):\n    {attempt}")).error
    assert error is not None
    assert "which is not the emulator" in error.message


def test_what_is_printed_and_logged_is_in_the_log(runner: FunctionRunner) -> None:
    code = (
        "import logging\n"
        "log = logging.getLogger(); log.setLevel(logging.INFO)\n"
        "def handler(event, context):\n"
        "    print('printed'); log.info('noted %s', 1); log.debug('not noted')\n"
    )
    function = deployed(code)
    assert run(runner, function).logs == ("printed", "[INFO] noted 1")
    assert run(runner, function).logs == ("printed", "[INFO] noted 1")


def test_an_environment_is_kept_between_events_and_renewed_when_the_function_changes(runner: FunctionRunner) -> None:
    code = "seen = []\ndef handler(event, context):\n    seen.append(1)\n    return len(seen)"
    function = deployed(code)
    assert [run(runner, function).result, run(runner, function).result] == [1, 2]
    assert run(runner, deployed(code, environment={"A": "b"})).result == 1


def test_a_function_that_takes_too_long_is_ended(runner: FunctionRunner) -> None:
    function = deployed("import time\ndef handler(event, context): time.sleep(60)", timeout_seconds=1)
    error = run(runner, function).error
    assert error is not None
    assert str(error) == "Sandbox.Timedout: Task timed out after 1.00 seconds"


def test_a_process_that_dies_is_reported_and_replaced(runner: FunctionRunner) -> None:
    function = deployed(
        "import os\ndef handler(event, context):\n    if event.get('die'): os._exit(3)\n    return 'alive'"
    )
    error = run(runner, function, {"die": True}).error
    assert error is not None
    assert str(error) == "Runtime.ExitError: the process ended with status 3"
    assert run(runner, function).result == "alive"


def test_directories_are_removed(endpoint: str) -> None:
    code = "def handler(event, context):\n    import os\n    return os.environ['LAMBDA_TASK_ROOT']"
    with FunctionRunner(endpoint) as own:
        root = Path(run(own, deployed(code)).result)
        assert (root / "app" / "main.py").exists()
    assert not root.exists()
