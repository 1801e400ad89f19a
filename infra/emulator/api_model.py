r"""Does a request satisfy the AWS API model, enums, maxima and patterns included?

botocore checks names, types, required members and minima before it sends a request; it leaves enums, maxima
and patterns to the service. Here nothing reaches a service, so the whole model is checked: :func:`violations`
walks the operation's input shape beside the parameters and reports every fault at once.

Patterns are Java or ECMA regular expressions. An anchored one (``^`` or ``$``) is searched for as written;
one without anchors must match the whole value, as the services apply it (IAM's ``[\w+=,.@-]+`` means a whole
name). Character classes that Python lacks (``\p{L}``) are widened to the nearest that it has, so a check may
be too mild, never too strict. A pattern that Python cannot compile is listed by :func:`unchecked_patterns`.
"""

from __future__ import annotations

import base64
import datetime
import difflib
import functools
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import botocore.session
from botocore.loaders import Loader
from botocore.model import (
    ListShape,
    MapShape,
    OperationModel,
    ServiceModel,
    Shape,
    StringShape,
    StructureShape,
)
from botocore.validate import ParamValidator

Path = tuple[str | int, ...]
"""Steps from the request down: member names, map keys and list indexes."""

Kind = Literal["unknown", "missing", "type", "enum", "minimum", "maximum", "pattern", "union", "rule", "botocore"]
"""``rule`` is a rule of the service outside its model; ``botocore`` is what only botocore finds."""


@dataclass(frozen=True)
class Violation:
    """One parameter that the API would refuse."""

    path: Path
    """Where, from the request down; empty for the request itself."""
    found: str
    expected: str
    kind: Kind
    hint: str = ""
    """The nearest valid name or the next step; empty when there is none."""

    @property
    def where(self) -> str:
        """The path as people write it: ``Settings.OutputGroups[0].Name``."""
        text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return text.removeprefix(".") or "request"

    def __str__(self) -> str:
        tail = f" ({self.hint})" if self.hint else ""
        return f"{self.where}: found {self.found}, expected {self.expected}{tail}"


class ApiModelError(Exception):
    """A request that the API model refuses; carries every violation."""

    def __init__(self, service: str, operation: str, found: Sequence[Violation]) -> None:
        self.service = service
        self.operation = operation
        self.violations = tuple(found)
        super().__init__("\n".join(f"{service}.{operation}: {violation}" for violation in found))


def check(service: str, operation: str, params: Mapping[str, Any]) -> None:
    """Raise when the API model refuses a request.

    Raises:
        ApiModelError: with all violations.
    """
    found = violations(service, operation, params)
    if found:
        raise ApiModelError(service, operation, found)


def violations(service: str, operation: str, params: Mapping[str, Any]) -> list[Violation]:
    """Everything in a request that the API model refuses.

    Args:
        service: botocore's name ("mediaconvert").
        operation: name in the model ("CreateJob").
        params: as for the boto3 client method.

    Returns:
        All faults, in the order of the parameters; empty when the request is good.

    Raises:
        ValueError: the service or the operation does not exist; names the nearest.

    >>> for violation in violations("sqs", "SendMessage", {"QueueUrl": "q", "MessageBdy": "hello"}):
    ...     print(violation)
    MessageBdy: found unknown member, expected a member of SendMessageRequest (did you mean MessageBody?)
    MessageBody: found nothing, expected a value (required)
    """
    shape = operation_model(service, operation).input_shape
    if shape is None:
        return [_unknown((name,), name, (), f"{operation}, which takes no parameters") for name in params]
    found = list(_walk(shape, params, ()))
    return found or _botocore_only(shape, params)


@functools.cache
def service_model(service: str) -> ServiceModel:
    """Model of a service.

    Raises:
        ValueError: no such service; names the nearest.
    """
    session = _session()
    known = session.get_available_services()
    if service not in known:
        raise ValueError(f"botocore has no service {service!r}{_nearest(service, known, ' (did you mean {}?)')}")
    return session.get_service_model(service)


def operation_model(service: str, operation: str) -> OperationModel:
    """Model of an operation.

    Raises:
        ValueError: no such service or operation; names the nearest.
    """
    model = service_model(service)
    known = model.operation_names
    if operation not in known:
        raise ValueError(f"{service} has no operation {operation!r}{_nearest(operation, known, ' (did you mean {}?)')}")
    return model.operation_model(operation)


def unchecked_patterns(service: str) -> dict[str, str]:
    """Patterns of a service's model that Python's ``re`` cannot compile: shape name -> pattern."""
    model = service_model(service)
    patterns = {name: model.shape_for(name).metadata.get("pattern") for name in model.shape_names}
    return {name: text for name, text in patterns.items() if text and _compiled(text) is None}


@functools.cache
def data_loader() -> Loader:
    """Botocore's loader of models, for clients that need not load them a second time."""
    return Loader()


@functools.cache
def _session() -> botocore.session.Session:
    session = botocore.session.Session()
    session.register_component("data_loader", data_loader())
    return session


# ---- the walk: one checker per kind of shape ----


def _walk(shape: Shape, value: object, path: Path) -> Iterator[Violation]:
    if getattr(shape, "is_document_type", False):
        return
    checker = _CHECKERS.get(shape.type_name)
    if checker is None:
        raise NotImplementedError(f"no check for shape type {shape.type_name!r} at {path}")
    yield from checker(shape, value, path)


def _structure(shape: StructureShape, value: object, path: Path) -> Iterator[Violation]:
    if not isinstance(value, Mapping):
        yield _wrong_type(path, value, f"a structure {shape.name}")
        return
    for name in value:
        if name not in shape.members:
            yield _unknown((*path, name), name, tuple(shape.members), f"a member of {shape.name}")
    for name in shape.required_members:
        if name not in value and not shape.members[name].metadata.get("idempotencyToken"):
            yield Violation((*path, name), "nothing", "a value", "missing", "required")
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        yield Violation(path, _names(value), f"exactly one of {', '.join(shape.members)}", "union")
    for name, member in shape.members.items():
        if name in value:
            yield from _walk(member, value[name], (*path, name))


def _list(shape: ListShape, value: object, path: Path) -> Iterator[Violation]:
    if not isinstance(value, (list, tuple)):
        yield _wrong_type(path, value, "a list")
        return
    yield from _bounds(shape, len(value), path, "item")
    for index, item in enumerate(value):
        yield from _walk(shape.member, item, (*path, index))


def _map(shape: MapShape, value: object, path: Path) -> Iterator[Violation]:
    if not isinstance(value, Mapping):
        yield _wrong_type(path, value, "a map")
        return
    yield from _bounds(shape, len(value), path, "entry")
    for key, item in value.items():
        yield from _walk(shape.key, key, (*path, str(key)))
        yield from _walk(shape.value, item, (*path, str(key)))


def _string(shape: StringShape, value: object, path: Path) -> Iterator[Violation]:
    if not isinstance(value, str):
        yield _wrong_type(path, value, "text")
        return
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        hint = _nearest(value, allowed, "did you mean {}?")
        yield Violation(path, _short(value), _one_of(allowed), "enum", hint)
    yield from _bounds(shape, len(value), path, "character")
    pattern = shape.metadata.get("pattern")
    if pattern and not _matches(pattern, value):
        yield Violation(path, _short(value), f"text like {pattern}", "pattern")


def _number(shape: Shape, value: object, path: Path) -> Iterator[Violation]:
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        yield from _bounds(shape, value, path, "")
    else:
        yield _wrong_type(path, value, "a number")


def _whole_number(shape: Shape, value: object, path: Path) -> Iterator[Violation]:
    if isinstance(value, int) and not isinstance(value, bool):
        yield from _bounds(shape, value, path, "")
    else:
        yield _wrong_type(path, value, "a whole number")


def _boolean(shape: Shape, value: object, path: Path) -> Iterator[Violation]:
    if not isinstance(value, bool):
        yield _wrong_type(path, value, "true or false")


def _blob(shape: Shape, value: object, path: Path) -> Iterator[Violation]:
    if isinstance(value, (bytes, bytearray, str)):
        yield from _bounds(shape, len(value), path, "byte")
    elif not isinstance(value, io.IOBase) and not hasattr(value, "read"):
        yield _wrong_type(path, value, "bytes or a file")


def _timestamp(shape: Shape, value: object, path: Path) -> Iterator[Violation]:
    if isinstance(value, (datetime.date, int, float)) and not isinstance(value, bool):
        return
    try:
        datetime.datetime.fromisoformat(str(value))
    except ValueError:
        yield _wrong_type(path, value, "a time (datetime, seconds since 1970, or ISO 8601 text)")


_CHECKERS: dict[str, Callable[[Any, Any, Path], Iterator[Violation]]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "character": _string,
    "integer": _whole_number,
    "long": _whole_number,
    "float": _number,
    "double": _number,
    "boolean": _boolean,
    "blob": _blob,
    "timestamp": _timestamp,
}


# ---- parts of the walk ----


def _bounds(shape: Shape, size: float | Decimal, path: Path, counted: str) -> Iterator[Violation]:
    """Compare a value (``counted`` empty) or a length with the shape's min and max."""
    kinds: tuple[tuple[Kind, str, int], ...] = (("minimum", "min", 1), ("maximum", "max", -1))
    for kind, key, sign in kinds:
        limit = shape.metadata.get(key)
        if limit is not None and sign * (float(size) - float(limit)) < 0:
            word = "at least" if kind == "minimum" else "at most"
            yield Violation(path, _counted(size, counted), f"{word} {_counted(limit, counted)}", kind)


def _one_of(allowed: Sequence[str], listed: int = 12) -> str:
    return f"one of {', '.join(allowed)}" if len(allowed) <= listed else f"one of {len(allowed)} values"


def _counted(amount: float | Decimal, unit: str) -> str:
    if not unit:
        return str(amount)
    plural = unit if amount == 1 else {"entry": "entries"}.get(unit, f"{unit}s")
    return f"{amount} {plural}"


def _wrong_type(path: Path, value: object, expected: str) -> Violation:
    return Violation(path, f"{type(value).__name__} {_short(value)}", expected, "type")


def _unknown(path: Path, name: str, known: Sequence[str], expected: str) -> Violation:
    return Violation(path, "unknown member", expected, "unknown", _nearest(name, known, "did you mean {}?"))


def _nearest(name: str, known: Sequence[str], text: str) -> str:
    """``text`` filled with the nearest of the known names, case ignored; empty when none is near."""
    folded = {candidate.casefold(): candidate for candidate in known}
    close = difflib.get_close_matches(name.casefold(), folded, n=1)
    return text.format(folded[close[0]]) if close else ""


def _names(value: Mapping[str, Any]) -> str:
    return ", ".join(value) or "none"


def _short(value: object, longest: int = 60) -> str:
    text = base64.b64encode(value).decode() if isinstance(value, bytes) else repr(value)
    return text if len(text) <= longest else f"{text[:longest]}…"


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    if compiled is None:
        return True
    anchored = pattern.startswith("^") or pattern.endswith("$")
    return bool(compiled.search(value) if anchored else compiled.fullmatch(value))


_JAVA_CLASSES = {
    "L": r"\w",
    "M": r"\w",
    "N": r"\d",
    "Z": r"\s",
    "P": r"!-/:-@\[-`{-~\u00a1-\u00bf\u2010-\u2bff",
    "S": r"$+<=>^`|~\u00a2-\u00bf\u2010-\u2bff",
    "C": r"\x00-\x1f",
    "ASCII": r"\x00-\x7f",
    "Print": r" -~",
    "Alnum": r"a-zA-Z0-9",
    "Alpha": r"a-zA-Z",
}
r"""What Java writes ``\p{..}`` -> the inside of a Python class that includes it."""

_SUPPLEMENTARY_IN_JAVA = r"\uD800\uDC00-\uDBFF\uDFFF"


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    text = pattern.replace(_SUPPLEMENTARY_IN_JAVA, r"\U00010000-\U0010FFFF")
    text = re.sub(r"(\\[wds])-(?=[^\]])", r"\1\-", text)
    text = re.sub(r"\\p\{(?:Is)?(\w+)\}", lambda found: _python_class(found, text), text)
    try:
        return re.compile(text, re.DOTALL)
    except re.error:
        return None


def _python_class(found: re.Match[str], pattern: str) -> str:
    r"""``\p{L}`` as part of the brackets around it, or with brackets of its own."""
    inside = _JAVA_CLASSES.get(found[1]) or _JAVA_CLASSES.get(found[1][:1])
    if inside is None:
        return found[0]
    before = re.sub(r"\\.", "", pattern[: found.start()])
    return inside if before.rfind("[") > before.rfind("]") else f"[{inside}]"


def _botocore_only(shape: StructureShape, params: Mapping[str, Any]) -> list[Violation]:
    """Findings of botocore's own validator that the walk did not have (none is known; a safety net)."""
    tokens = {name: "token" for name, member in shape.members.items() if member.metadata.get("idempotencyToken")}
    report = ParamValidator().validate({**tokens, **params}, shape)
    if not report.has_errors():
        return []
    lines = report.generate_report().splitlines()
    return [Violation((), line, "a request that botocore accepts", "botocore") for line in lines]
