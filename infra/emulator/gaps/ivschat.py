"""Amazon IVS Chat, which moto does not have: rooms and where their messages are logged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random

from infra.emulator.gaps.operations import request
from infra.emulator.mediaconvert import plugin

SERVICE = "ivschat"
HOSTS = r"https?://ivschat\.(.+)\.amazonaws\.com"
ID_LENGTH = 12

DEFAULTS: dict[str, dict[str, Any]] = {
    "room": {"maximumMessageLength": 500, "maximumMessageRatePerSecond": 10},
    "logging-configuration": {"state": "ACTIVE"},
}
"""Kind, as in its ARN -> what the service assumes. Source: IVS Chat API reference."""


class ResourceNotFound(ServiceException):
    """There is no such thing."""

    code = "ResourceNotFoundException"


class IVSChatBackend(BaseBackend):
    """State of one account and region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.held: dict[str, dict[str, Any]] = {}
        """ARN -> what was created."""

    @property
    def _url_module(self) -> Any:
        """Moto looks for a module of its own otherwise."""
        from infra.emulator.gaps import ivschat

        return ivschat

    def create(self, kind: str, params: dict[str, Any]) -> dict[str, Any]:
        """Keep a new thing of a kind.

        Raises:
            ResourceNotFound: it names a logging configuration that does not exist.
        """
        for arn in params.get("loggingConfigurationIdentifiers", ()):
            self.find(arn)
        identifier = mock_random.get_random_string(ID_LENGTH)
        arn = f"arn:aws:ivschat:{self.region_name}:{self.account_id}:{kind}/{identifier}"
        now = utcnow()
        self.held[arn] = {
            **DEFAULTS[kind],
            "arn": arn,
            "id": identifier,
            "createTime": now,
            "updateTime": now,
            "tags": {},
            **params,
        }
        return self.held[arn]

    def find(self, identifier: str) -> dict[str, Any]:
        """What has an ARN or id.

        Raises:
            ResourceNotFound: nothing has it.
        """
        for held in self.held.values():
            if identifier in (held["arn"], held["id"]):
                return held
        raise ResourceNotFound(f"Resource {identifier} not found")


class IVSChatResponse(BaseResponse):
    """Requests to IVS Chat; what an answer holds is cut to the operation's model by moto."""

    def __init__(self) -> None:
        super().__init__(service_name=SERVICE)

    def _backend(self) -> IVSChatBackend:
        backend: IVSChatBackend = ivschat_backends[self.current_account][self.region]
        return backend


def _create(kind: str) -> Callable[[IVSChatResponse], ActionResult]:
    return lambda response: ActionResult(response._backend().create(kind, request(response)))


def _get(response: IVSChatResponse) -> ActionResult:
    return ActionResult(response._backend().find(request(response)["identifier"]))


def _delete(response: IVSChatResponse) -> ActionResult:
    backend = response._backend()
    del backend.held[backend.find(request(response)["identifier"])["arn"]]
    return ActionResult({})


for _kind in DEFAULTS:
    _name = _kind.replace("-", "_")
    setattr(IVSChatResponse, f"create_{_name}", _create(_kind))
    setattr(IVSChatResponse, f"get_{_name}", _get)
    setattr(IVSChatResponse, f"delete_{_name}", _delete)

ivschat_backends = BackendDict(IVSChatBackend, SERVICE)
url_bases = [HOSTS]
url_paths = {"{0}/(?P<operation>[A-Za-z]+)$": IVSChatResponse.dispatch}


def install() -> None:
    """Make moto serve IVS Chat; doing it again changes nothing."""
    plugin.register(SERVICE, ivschat_backends, HOSTS, {})
