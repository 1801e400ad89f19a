"""The form in which a resource type says how it becomes AWS API calls.

A type is data: which operations create it, which inputs go where when the name alone does not say it, what to read
back, and what moto is known to lose. The generic converter does the rest and refuses every input that is not spoken
for.

A template is text with ``{names}``: any scalar input in camelCase, ``name`` (the physical name), ``id``, ``arn`` and
the other outputs already known, ``region``, ``account``, and three that depend on the URN alone: ``hex`` (17 digits),
``HEX`` (13 in capitals) and ``uuid``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Template = str


@dataclass(frozen=True)
class To:
    """Where an input goes, with its value changed on the way; the function's result is sent as it is."""

    target: str
    value: Callable[[Any], Any]
    """Given the input, returns the request's value; None leaves the member out."""


Target = str | To
"""Path in the request from the structure at hand: ``A.B``; ``/A.B`` from the request itself; ``A[key]`` an entry of a
map or of a list of key-value pairs; ``A[]`` the one element of a list; ``.`` an object's members at its own level."""


@dataclass(frozen=True)
class Read:
    """How to ask for what a call wrote."""

    operation: str
    params: Mapping[str, Any]
    """Request of the read, with templates. A member that the call sent with the same value is proven by the answer."""
    members: Mapping[str, str] = field(default_factory=dict)
    """Request member -> JMESPath in the answer, where its value is found again."""
    rest: str = ""
    """JMESPath, a template, of the structure that holds all members not named above, under their own names."""


@dataclass(frozen=True)
class Call:
    """One API call that carries some of a resource's inputs."""

    operation: str
    inputs: Mapping[str, Target] = field(default_factory=dict)
    """Input path (``a.b``, without list positions) -> where it goes, when its name does not say it."""
    takes: tuple[str, ...] | None = None
    """Top-level inputs that this call carries; it is made when one of them is set. None: all that no other takes.
    Empty: it carries none and is always made."""
    into: str = ""
    """Structure of the request that inputs go to; empty for the request itself."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Path in the request -> template, value, or function of the template values, that the provider sets by itself
    when no input did; what comes to None is left out."""
    prepare: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    """Rearranges the inputs first, for the few APIs whose shape is another one."""
    reads: tuple[Read, ...] = ()
    lost: Mapping[str, str] = field(default_factory=dict)
    """Request path (``A.B``, without list positions) that cannot be read back -> why; it is only sent, and reported."""


@dataclass(frozen=True)
class Output:
    """A computed property."""

    plan: Template
    """What ``infra plan`` shows; also the value on moto when ``answer`` is empty."""
    answer: str = ""
    """JMESPath into the answers, which are keyed by operation ("CreateQueue.QueueUrl")."""
    after: str = ""
    """Only what follows this text in the answer is the value."""


@dataclass(frozen=True)
class ResourceType:
    """One type of the AWS provider."""

    service: str
    """botocore's name of the service."""
    calls: tuple[Call, ...]
    """In order; the first one creates."""
    id: Output
    name: str = ""
    """Input that Pulumi fills with a name of its own when the program gives none; empty when there is none."""
    name_limit: int = 255
    """Longest physical name [character]."""
    outputs: Mapping[str, Output] = field(default_factory=dict)
    structures: Mapping[str, Any] = field(default_factory=dict)
    """Computed property that is a list or an object -> its value, with templates."""
    ignored: Mapping[str, str] = field(default_factory=dict)
    """Input path -> why it is no part of any request."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Input -> what AWS takes when it is not given, for templates that name it."""
    made_here: Callable[[Any], Mapping[str, str]] | None = None
    """Registration -> id and outputs, for what no API makes: keys. Then there are no calls."""
    checked_because: str = ""
    """Why moto is not asked: requests are then only held against the API model. Empty: the type is provisioned."""


IGNORED_EVERYWHERE: Mapping[str, str] = {
    "region": "chooses the endpoint of the call",
    "tagsAll": "an output; the declared tags are sent",
}
