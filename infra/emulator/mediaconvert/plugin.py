"""moto's private surface, all of it: how a service is plugged in, and how its back end reaches the other services.

moto (5.2) documents no plug-in interface. Four hooks are used, and :func:`missing_hooks` names each that a later moto
no longer has:

1. ``moto.backends.get_backend`` imports ``moto.<service>`` and reads ``<service>_backends``: a module of that name
   is put into ``sys.modules``;
2. ``BaseBackend`` takes its URLs from ``_url_module``, which a back end can override;
3. the stubber and the server both read the list ``moto.backend_index.backend_url_patterns``: a pattern is added;
4. ``BaseResponse`` with ``automated_parameter_parsing`` and ``ActionResult`` route, parse and serialise by
   botocore's model.
"""

from __future__ import annotations

import copy
import importlib.util
import inspect
import json
import re
import sys
import types
from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from moto import backend_index
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.core.utils import utcnow
from moto.events.models import EventsBackend, Rule, events_backends
from moto.events.utils import EventMessageType
from moto.iam.models import Role as IamRole
from moto.iam.models import iam_backends
from moto.moto_api import state_manager
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.managed_state_model import ManagedState
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

from infra.emulator.mediaconvert.processing import Role
from infra.emulator.permissions import Statement, statements

__all__ = [
    "ActionResult",
    "BackendDict",
    "BaseBackend",
    "BaseResponse",
    "EmptyResult",
    "MotoWorld",
    "PluginError",
    "ServiceException",
    "Transitions",
    "get_partition",
    "missing_hooks",
    "publish",
    "random_text",
    "register",
    "utcnow",
]

_DEFAULT_BUS = "default"
_SERVED_BY_MOTO = frozenset({"events", "logs", "sqs"})
"""Services of targets that ``Rule.send_to_targets`` delivers to."""
_RANDOM_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


class PluginError(Exception):
    """moto does not offer the hooks that a plugged-in service needs."""


class Transitions(ManagedState):
    """moto's state machine of a resource, with a look at the state that does not move it."""

    def peek(self) -> str:
        """The state as it is, without the transition that reading ``status`` may cause."""
        return str(self._status)


class MotoWorld:
    """IAM and S3 of one account, as a job sees them."""

    def __init__(self, account: str, region: str) -> None:
        self._account = account
        self._partition = get_partition(region)

    def role(self, arn: str) -> Role | None:
        """The role; None when it does not exist.

        Raises:
            PolicyError: a policy of the role cannot be judged.
        """
        roles = iam_backends[self._account][self._partition].get_roles()
        found = next((role for role in roles if role.arn == arn), None)
        return None if found is None else Role(trust=_trust(found), policy=_policy(found))

    def read_object(self, bucket: str, key: str) -> bytes | None:
        """The object; None when it or its bucket does not exist."""
        if bucket not in s3_backends.bucket_accounts:
            return None
        found = self._s3.get_object(bucket, key)
        return None if found is None else bytes(found.value)

    def write_object(self, bucket: str, key: str, body: bytes, content_type: str) -> bool:
        """Put an object, which notifies as any upload does; False when the bucket does not exist."""
        if bucket not in s3_backends.bucket_accounts:
            return False
        self._s3.put_object(bucket, key, body).set_metadata({"Content-Type": content_type})
        return True

    @property
    def _s3(self) -> Any:
        return s3_backends[self._account][self._partition]


def _trust(role: IamRole) -> list[Statement]:
    document = json.loads(role.assume_role_policy_document)
    listed = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    # A trust policy names no resource: it is about its role.
    about = [{"Resource": role.arn, **statement} for statement in listed]
    return statements({"Statement": about}, f"trust policy of role {role.name}")


def _policy(role: IamRole) -> list[Statement]:
    inline = [(name, document) for name, document in role.policies.items()]
    versions = [(policy.name, version) for policy in role.managed_policies.values() for version in policy.versions]
    attached = [(name, version.document) for name, version in versions if version.is_default]
    return [
        statement
        for name, document in (*inline, *attached)
        for statement in statements(document, f"policy {name} of role {role.name}")
    ]


def register(
    service: str, backends: BackendDict[Any], url_pattern: str, transitions: Mapping[str, Mapping[str, Any]]
) -> None:
    """Make ``mock_aws`` and moto's server serve a service; a second call changes nothing.

    Args:
        service: moto's name, the same as botocore's endpoint prefix.
        backends: state by account and region.
        url_pattern: regular expression of the service's hosts.
        transitions: model name -> how its states move unless the user says otherwise.

    Raises:
        PluginError: moto lacks a hook, or has this service itself.
    """
    lacking = missing_hooks()
    if lacking:
        raise PluginError("this moto cannot be extended: " + "; ".join(lacking))
    name = f"moto.{service}"
    if name not in sys.modules:
        if importlib.util.find_spec(name) is not None:
            raise PluginError(f"moto has {service} of its own now; this back end is not needed")
        module = types.ModuleType(name, f"{service}, plugged in by {__name__}")
        setattr(module, f"{service}_backends", backends)
        sys.modules[name] = module
        backend_index.backend_url_patterns.append((service, re.compile(url_pattern)))
    for model, transition in transitions.items():
        state_manager.register_default_transition(model, dict(transition))


def missing_hooks() -> list[str]:
    """The hooks of moto's private surface that this moto lacks; empty when all are there."""
    from moto import backends
    from moto.core import botocore_stubber
    from moto.moto_server import werkzeug_app

    checks = {
        "moto.backends.get_backend imports moto.<service>": "import_module" in inspect.getsource(backends),
        "BaseBackend._url_module gives the URLs": isinstance(getattr(BaseBackend, "_url_module", None), property),
        "backend_index.backend_url_patterns is a list": isinstance(
            getattr(backend_index, "backend_url_patterns", None), list
        ),
        "the stubber reads backend_url_patterns": "backend_url_patterns" in inspect.getsource(botocore_stubber),
        "the server reads backend_url_patterns": "backend_url_patterns" in inspect.getsource(werkzeug_app),
        "BaseResponse parses parameters by the model": hasattr(BaseResponse(), "automated_parameter_parsing"),
        "BaseResponse serialises an ActionResult": hasattr(BaseResponse, "serialized"),
        "ManagedState keeps _status": "_status" in vars(ManagedState("probe", [("a", "b")])),
        "Rule.send_to_targets takes transform_input": "transform_input"
        in inspect.signature(Rule.send_to_targets).parameters,
    }
    return [hook for hook, present in checks.items() if not present]


def publish(account: str, region: str, event: Mapping[str, Any]) -> None:
    """Give an event of an AWS service to the rules of the account's default bus.

    Targets that moto cannot deliver to (a Lambda function, unless something has taught ``Rule.send_to_targets`` to)
    come last, so that they keep the event from no other. ``time`` stays a number [s]: moto formats it on delivery.
    """
    backend: EventsBackend = events_backends[account][region]
    message = {**event, "id": _uuid()}
    for rule in list(backend.event_buses[_DEFAULT_BUS].rules.values()):
        # moto itself does not look at the state.
        if rule.state == "ENABLED":
            _deliver(rule, message)


def _deliver(rule: Rule, message: Mapping[str, Any]) -> None:
    ordered = copy.copy(rule)
    ordered.targets = sorted(rule.targets, key=lambda target: target["Arn"].split(":")[2] not in _SERVED_BY_MOTO)
    # Without a transformer moto's own template would drop "account" from the event.
    transform = any("InputTransformer" in target for target in rule.targets)
    event = dict(message)
    if transform:
        event["ingestion-time"] = message["time"]
    try:
        ordered.send_to_targets(cast(EventMessageType, event), transform_input=transform)
    except NotImplementedError:
        return


def random_text(length: int) -> str:
    """Lower-case letters and digits from moto's random source, which its users can seed."""
    return "".join(mock_random.choice(_RANDOM_ALPHABET) for _ in range(length))


def _uuid() -> str:
    made: UUID = mock_random.uuid4()
    return str(made)
