"""Nothing may reach real AWS: dummy credentials, a clean environment, and a guard in front of every request."""

from __future__ import annotations

import contextlib
import importlib.util
import ipaddress
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from infra.errors import EmulatorBreach

DUMMY_KEY = "testing"
"""Access key and secret key: moto takes any, real AWS takes this from nobody."""

NO_FILES = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""A profile of the user's must not be read, nor the metadata service of the machine be asked."""


@contextlib.contextmanager
def clean_environment() -> Iterator[None]:
    """No ``AWS_*`` of the user's is visible inside; all of it is back afterwards."""
    before = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    for name in before:
        del os.environ[name]
    os.environ.update({"AWS_ACCESS_KEY_ID": DUMMY_KEY, "AWS_SECRET_ACCESS_KEY": DUMMY_KEY, **NO_FILES})
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(before)


def guard(client: Any) -> Any:
    """A boto3 client that cannot leave this machine, whatever is mocked or not when it is used.

    The guard stands where botocore sends, behind all its hooks: botocore comes there only when moto in this process has
    not answered. (A ``before-send`` hook cannot tell: botocore calls every one of them, answered or not.)
    """
    wire = client._endpoint.http_session
    client._endpoint.http_session = _GuardedSession(wire)
    return client


@contextlib.contextmanager
def no_network() -> Iterator[None]:
    """Inside, no botocore client of this process can leave this machine, also those of code that is not ours."""
    if importlib.util.find_spec("botocore") is None:
        # ``infra plan`` works without the emulator's packages; then there is no client to hold back.
        yield
        return
    from botocore.httpsession import URLLib3Session

    send = URLLib3Session.send

    def guarded(self: Any, request: Any) -> Any:
        _refuse_network(request)
        return send(self, request)

    setattr(URLLib3Session, "send", guarded)  # noqa: B010 - replacing a method by name is what is meant
    try:
        yield
    finally:
        setattr(URLLib3Session, "send", send)  # noqa: B010


class _GuardedSession:
    """Stands in for botocore's HTTP session."""

    def __init__(self, wire: Any) -> None:
        self._wire = wire

    def send(self, request: Any) -> Any:
        _refuse_network(request)
        return self._wire.send(request)

    def close(self) -> None:
        self._wire.close()


def _refuse_network(request: Any) -> None:
    if not is_loopback(request.url):
        raise EmulatorBreach(
            f"{request.method} {request.url} was about to leave this machine: no moto answers in this process"
        )


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine.

    >>> is_loopback("http://127.0.0.1:5000/"), is_loopback("https://s3.amazonaws.com/")
    (True, False)
    """
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
