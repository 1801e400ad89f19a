"""A stack that stands on moto: in this process, or behind a server on this machine."""

from __future__ import annotations

import contextlib
import functools
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Literal, Self

import boto3
from botocore.config import Config
from moto import mock_aws
from moto.core.config import DefaultConfig, default_user_config
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from infra.emulator import gaps, mediaconvert, safety
from infra.emulator.load_once import load_once
from infra.emulator.provision import MotoProvider, Request, Result
from infra.emulator.recorder import record
from infra.emulator.recording import Recording, Registration
from infra.errors import Fault, ServeError
from infra.stackfile import StackFile

Where = Literal["process", "server"]

ONE_SESSION = threading.Lock()
LOOPBACK = "127.0.0.1"
SEED = 0
"""Start of moto's random numbers: two runs give resources the same ids."""

MOTO_CONFIG: DefaultConfig = {
    "iam": {"load_aws_managed_policies": True},
    "lambda": {"use_docker": False},
}

CLIENT_CONFIG = Config(
    retries={"max_attempts": 1}, s3={"addressing_style": "path"}, account_id_endpoint_mode="disabled"
)
"""moto answers at once or not at all; no bucket name becomes a host name, and no account of a table's stream either:
moto does not know ``<account>.streams-ddb.<region>``."""


class Session:
    """Context manager: starts moto with everything that it lacks, creates a stack on it, gives clients to look at it.

    Attributes:
        recording: the run of the program that created the stack; set by ``provision``.
        results: what became of each resource, in order of creation.
        requests: every call that created something, as it was sent.
        endpoint: URL of the server; empty in process.
    """

    recording: Recording

    def __init__(self, stackfile: StackFile, *, where: Where = "process", port: int = 0) -> None:
        """Prepare a session; nothing starts yet.

        Args:
            stackfile: the stack to stand up.
            where: "process" for ``mock_aws``, "server" for a server on 127.0.0.1.
            port: of the server; 0 takes a free one.
        """
        self.stackfile = stackfile
        self.results: list[Result] = []
        self.requests: list[Request] = []
        self.endpoint = ""
        self._where = where
        self._port = port
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as opening:
            opening.enter_context(_only_one())
            opening.enter_context(safety.clean_environment())
            opening.enter_context(safety.no_network())
            opening.enter_context(load_once())
            gaps.install()
            mediaconvert.install()
            if self._where == "process":
                opening.enter_context(mock_aws(config=MOTO_CONFIG))
            else:
                opening.enter_context(_configured())
                # ``mock_aws`` begins and ends with an empty account; a server in this process keeps what was there.
                moto_api_backend.reset()
                opening.callback(moto_api_backend.reset)
                self.endpoint = opening.enter_context(moto_server(self._port))
            mock_random.seed(SEED)
            opening.callback(self.client.cache_clear)
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def provision(
        self,
        progress: Callable[[Result], None] | None = None,
        edit: Callable[[Registration], Registration] | None = None,
    ) -> Recording:
        """Run the program and create everything that it declares.

        Args:
            progress: called for each resource when it is there.
            edit: changes a registration before it is created, to see what a mistake in the program would do.

        Raises:
            ProgramError: the program does not run, or a resource cannot be created: all faults at once.
        """
        provider = MotoProvider(self.client, progress, edit)
        try:
            self.recording = record(self.stackfile, provider)
        finally:
            self.results, self.requests = provider.results, provider.requests
        return self.recording

    @functools.cached_property
    def _boto(self) -> boto3.session.Session:
        return boto3.session.Session(aws_access_key_id=safety.DUMMY_KEY, aws_secret_access_key=safety.DUMMY_KEY)

    @functools.cache  # noqa: B019 - cleared when the session closes
    def client(self, service: str, region: str = "") -> Any:
        """A boto3 client of the emulated account that cannot reach anything else.

        Args:
            service: botocore's name of the service.
            region: AWS region; that of the stack when empty.
        """
        # boto3 has one overload a service; which one is known only here.
        factory: Any = self._boto.client
        made = factory(
            service,
            region_name=region or self.stackfile.region,
            endpoint_url=self.endpoint or None,
            config=CLIENT_CONFIG,
        )
        return safety.guard(made)


@contextlib.contextmanager
def moto_server(port: int = 0) -> Iterator[str]:
    """Moto behind a socket of this machine: the same state as in this process, reached by other processes.

    Args:
        port: to listen on; 0 takes a free one.

    Yields:
        Its URL.

    Raises:
        ServeError: the port is taken.
    """
    # The development server announces itself and every request on standard error.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    _refuse_taken_port(port)
    server = ThreadedMotoServer(ip_address=LOOPBACK, port=port, verbose=False)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port())
    finally:
        _stop(server)


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    """Moto's state belongs to the process: a second session inside a first one would see the first one's resources."""
    if not ONE_SESSION.acquire(blocking=False):
        raise RuntimeError("a Session is open already in this process")
    try:
        yield
    finally:
        ONE_SESSION.release()


@contextlib.contextmanager
def _configured() -> Iterator[None]:
    """Moto's server reads the configuration that ``mock_aws`` takes as an argument from a global."""
    before = default_user_config.copy()
    default_user_config.update(MOTO_CONFIG)
    try:
        yield
    finally:
        default_user_config.update(before)


def _refuse_taken_port(port: int) -> None:
    """Look first: moto's server waits forever when it cannot listen."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise ServeError(
                [Fault(f"--port {port}", error.strerror or str(error), "a free port", "--port 0 takes any free one")]
            ) from None


def _stop(server: ThreadedMotoServer) -> None:
    server.stop()
    if server._server is not None:
        # moto leaves the socket open.
        server._server.server_close()
