"""Operations that moto lacks, one function each, added to the responses of a moto service.

Private surface of moto used here: methods of the service's ``BaseResponse`` class, which moto calls by the operation's
name. What is stored lives in moto's own back end, so a reset takes it away.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore import xform_name
from moto.core.base_backend import BaseBackend
from moto.core.responses import ActionResult, BaseResponse

SHELF = "_reelplan_shelf"
"""Attribute of a moto back end that holds what the added operations keep."""

Operation = Callable[[Any], ActionResult]
"""Given moto's response object, returns the answer; it may raise moto's ``ServiceException``."""


def install(response_class: type[BaseResponse], operations: Mapping[str, Operation]) -> None:
    """Add operations; what moto has by itself stays, and doing it again changes nothing."""
    for name, operation in operations.items():
        method = xform_name(name)
        if not hasattr(response_class, method):
            setattr(response_class, method, operation)


def request(response: BaseResponse) -> dict[str, Any]:
    """Parameters of a request whose body is JSON."""
    return dict(json.loads(response.body or "{}"))


def shelf(backend: BaseBackend, kind: str) -> dict[str, Any]:
    """What a back end keeps of a kind, by id."""
    shelves: dict[str, dict[str, Any]] = backend.__dict__.setdefault(SHELF, {})
    return shelves.setdefault(kind, {})
