"""What the Python SDK of the AWS provider knows of a resource type."""

from __future__ import annotations

import functools
import importlib
import inspect
from types import ModuleType

PACKAGE = "pulumi_aws"
RENAMED_MODULES = {"index": "", "lambda": "lambda_"}
NOT_EMULATED = "not-emulated:"
"""Begins the text that stands for a computed property which nothing here can know."""


@functools.cache
def resource_class(token: str) -> type | None:
    """Class of a type token, None when the SDK has none.

    >>> resource_class("aws:sqs/queue:Queue").__name__
    'Queue'
    """
    package, _, rest = token.partition(":")
    module, _, name = rest.partition(":")
    folder = module.partition("/")[0]
    try:
        found: ModuleType = importlib.import_module(PACKAGE)
        attribute = RENAMED_MODULES.get(folder, folder)
        holder = getattr(found, attribute) if attribute else found
        return getattr(holder, name, None) if package == "aws" else None
    except AttributeError:
        return None


@functools.cache
def computed_text_outputs(token: str) -> frozenset[str]:
    """Properties of a type that are text and can only come from AWS, in camelCase.

    >>> "arn" in computed_text_outputs("aws:sqs/queue:Queue")
    True
    >>> "name" in computed_text_outputs("aws:sqs/queue:Queue")
    False
    """
    cls = resource_class(token)
    if cls is None:
        return frozenset()
    inputs = set(inspect.signature(cls._internal_init).parameters)  # type: ignore[attr-defined]  # generated code
    return frozenset(
        getattr(member.fget, "_pulumi_name", name)
        for name, member in vars(cls).items()
        if isinstance(member, property) and name not in inputs and _is_text(member)
    )


def _is_text(member: property) -> bool:
    annotation = str(inspect.get_annotations(member.fget).get("return", "")) if member.fget else ""
    return annotation.endswith(("Output[str]", "Output[_builtins.str]"))


def placeholders(token: str) -> dict[str, str]:
    """Marked text for each computed property of a type: whoever uses it can say where it came from."""
    return {name: f"{NOT_EMULATED}{token}#{name}" for name in sorted(computed_text_outputs(token))}


@functools.cache
def takes_tags(token: str) -> bool:
    """Whether a type has the input ``tags``.

    >>> takes_tags("aws:sqs/queue:Queue"), takes_tags("aws:sqs/queuePolicy:QueuePolicy")
    (True, False)
    """
    cls = resource_class(token)
    return cls is not None and "tags" in inspect.signature(cls._internal_init).parameters  # type: ignore[attr-defined]
