"""Operations that moto lacks, for things that are one configuration with an id: create, get, update, delete, list.

Nothing is written per operation: names of members, of the answer's fields and of the errors come from botocore's model
of the service. What is stored lives in moto's own back end, so a reset takes it away.

Private surface of moto used here: ``<service>.urls.url_paths`` and methods of the service's ``BaseResponse`` class.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name
from botocore.model import OperationModel
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random

from infra.emulator.api_model import service_model

SHELF = "_reelplan_records"
"""Attribute of a moto back end that holds the records."""

ID_LENGTH = 14
ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True)
class RecordKind:
    """One kind of thing that a service keeps."""

    name: str
    """As in its operations: ``CachePolicy`` of CreateCachePolicy."""
    config: str
    """Member of the create request that holds the configuration."""
    missing: str
    """Code of the error for an id that is not there."""
    exists: str
    """Code of the error for a name that is taken."""
    arn: str = ""
    """Template with ``{account}`` and ``{id}``; empty when the thing has no ARN."""


@dataclass
class Record:
    """One thing that is kept."""

    id: str
    config: Mapping[str, Any]
    arn: str
    etag: str = field(default_factory=lambda: _new_id("E"))
    modified: Any = field(default_factory=utcnow)


class RecordError(ServiceException):
    """An error of the service at hand: moto takes its status and form from the service's model, by the code."""


def install(service: str, response_class: type[BaseResponse], kinds: tuple[RecordKind, ...]) -> None:
    """Add the operations of each kind to moto's service; what moto has by itself stays. Doing it again changes nothing.

    Args:
        service: botocore's and moto's name of the service.
        response_class: moto's responses of that service, with automated parameter parsing and a ``backend``.
        kinds: what to keep.
    """
    paths = importlib.import_module(f"moto.{service}.urls").url_paths
    for kind in kinds:
        for operation, action in _actions(kind).items():
            model = _operation(service, operation)
            method = xform_name(operation)
            if model is None or hasattr(response_class, method):
                continue
            setattr(response_class, method, _bound(action, kind, model))
            paths.setdefault(_url(model), response_class.dispatch)


Action = Callable[[BaseResponse, RecordKind, OperationModel], ActionResult]


def _actions(kind: RecordKind) -> dict[str, Action]:
    plural = f"{kind.name[:-1]}ies" if kind.name.endswith("y") else f"{kind.name}s"
    return {
        f"Create{kind.name}": _create,
        f"Get{kind.name}": _get,
        f"Get{kind.name}Config": _get_config,
        f"Update{kind.name}": _update,
        f"Delete{kind.name}": _delete,
        f"List{plural}": _list,
    }


def _operation(service: str, name: str) -> OperationModel | None:
    model = service_model(service)
    return model.operation_model(name) if name in model.operation_names else None


def _url(model: OperationModel) -> str:
    path = model.http["requestUri"].partition("?")[0]
    return "{0}" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "$"


def _bound(action: Action, kind: RecordKind, model: OperationModel) -> Callable[[BaseResponse], ActionResult]:
    def method(self: BaseResponse) -> ActionResult:
        return action(self, kind, model)

    return method


def _create(response: Any, kind: RecordKind, model: OperationModel) -> ActionResult:
    config = response._get_param(kind.config)
    shelf = _shelf(response, kind)
    if any(record.config.get("Name") == config.get("Name") for record in shelf.values()):
        raise RecordError(kind.exists, f"A {kind.name} with the name {config.get('Name')!r} exists already.")
    identifier = _new_id("")
    record = Record(identifier, config, kind.arn.format(account=response.current_account, id=identifier))
    shelf[identifier] = record
    tags = response._get_param("Tags.Items", [])
    if tags:
        response.backend.tagger.tag_resource(record.arn, tags)
    return ActionResult(_answer(model, kind, record) | {"Location": f"{model.http['requestUri']}/{identifier}"})


def _get(response: Any, kind: RecordKind, model: OperationModel) -> ActionResult:
    return ActionResult(_answer(model, kind, _find(response, kind)))


def _get_config(response: Any, kind: RecordKind, model: OperationModel) -> ActionResult:
    record = _find(response, kind)
    return ActionResult({kind.config: record.config, "ETag": record.etag})


def _update(response: Any, kind: RecordKind, model: OperationModel) -> ActionResult:
    record = _matching(response, kind)
    record.config = response._get_param(kind.config)
    record.etag, record.modified = _new_id("E"), utcnow()
    return ActionResult(_answer(model, kind, record))


def _delete(response: Any, kind: RecordKind, model: OperationModel) -> ActionResult:
    record = _matching(response, kind)
    del _shelf(response, kind)[record.id]
    return ActionResult(_answer(model, kind, record)) if model.output_shape else EmptyResult()


def _list(response: Any, kind: RecordKind, model: OperationModel) -> ActionResult:
    """One page of all: the emulator holds few."""
    name, shape = next(iter(_output(model).items()))
    element = shape.members["Items"].member
    items = [_summary(element, kind, record) for record in _shelf(response, kind).values()]
    listing: dict[str, Any] = {"MaxItems": 100, "Quantity": len(items), "Items": items}
    return ActionResult({name: listing | ({"IsTruncated": False} if "IsTruncated" in shape.members else {})})


def _output(model: OperationModel) -> dict[str, Any]:
    """Members of an operation's answer: name -> shape."""
    return dict(model.output_shape.members) if model.output_shape else {}


def _answer(model: OperationModel, kind: RecordKind, record: Record) -> dict[str, Any]:
    return {kind.name: _fields(_output(model)[kind.name], kind, record), "ETag": record.etag}


def _summary(shape: Any, kind: RecordKind, record: Record) -> dict[str, Any]:
    """An element of a list: the thing itself, some facts of it, or the thing under its name beside its type."""
    if kind.name in shape.members:
        return {"Type": "custom", kind.name: _fields(shape.members[kind.name], kind, record)}
    return _fields(shape, kind, record)


def _fields(shape: Any, kind: RecordKind, record: Record) -> dict[str, Any]:
    known = {
        "Id": record.id,
        "Arn": record.arn,
        "Status": "Deployed",
        "CreatedTime": record.modified,
        "LastModifiedTime": record.modified,
        "AccountId": "",
        kind.config: record.config,
        **{key: value for key, value in record.config.items() if not isinstance(value, dict)},
        "OriginEndpointArn": record.config.get("Arn", ""),
    }
    # A VPC origin's own ARN, not that of the load balancer in its configuration.
    known["Arn"] = record.arn
    return {name: known[name] for name in shape.members if name in known}


def _shelf(response: Any, kind: RecordKind) -> dict[str, Record]:
    shelves: dict[str, dict[str, Record]] = response.backend.__dict__.setdefault(SHELF, {})
    return shelves.setdefault(kind.name, {})


def _find(response: Any, kind: RecordKind) -> Record:
    identifier = response._get_param("Id")
    record = _shelf(response, kind).get(identifier)
    if record is None:
        raise RecordError(kind.missing, f"The specified {kind.name} does not exist.")
    return record


def _matching(response: Any, kind: RecordKind) -> Record:
    """The record that a change is for, when the caller has seen its latest version."""
    record = _find(response, kind)
    seen = response._get_param("IfMatch")
    if not seen:
        raise RecordError("InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource.")
    if seen != record.etag:
        raise RecordError(
            "PreconditionFailed", "The precondition in one or more of the request-header fields is false."
        )
    return record


def _new_id(prefix: str) -> str:
    return prefix + "".join(mock_random.choice(ID_ALPHABET) for _ in range(ID_LENGTH - len(prefix)))
