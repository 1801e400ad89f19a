"""What a run of a Pulumi program leaves behind: its registrations, their states and the stack's outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"


@dataclass(frozen=True)
class Registration:
    """One resource as the program declares it, with everything that the engine is told."""

    urn: str
    type: str
    """Type token ("aws:s3/bucket:Bucket")."""
    name: str
    """Logical name."""
    parent: str
    """URN of the parent; that of the stack for a resource without one."""
    custom: bool
    """False for a component, which groups resources and has nothing of its own in AWS."""
    region: str
    """AWS region that the resource is declared for."""
    declared_at: str
    """Where the program declares it ("infra/components/media.py:41"); empty when Python does not say."""
    inputs: Mapping[str, Any] = field(repr=False)
    """camelCase as in the Pulumi engine; files are ``Asset`` and ``Archive``; secrets are in plain: do not print."""
    secrets: frozenset[str] = frozenset()
    """Top-level inputs that are or hold a secret."""
    unknowns: frozenset[str] = frozenset()
    """Top-level inputs that are not known: in a preview, or because what they depend on failed."""
    dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Input -> URNs whose outputs it was made from, sorted."""
    depends_on: tuple[str, ...] = ()
    """URNs of all dependencies, explicit ones included, sorted."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Resource options that were given (``protect``, ``ignoreChanges``, ``aliases``, ...)."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Default tags of its provider and its own, which win."""

    @property
    def is_component(self) -> bool:
        """Whether it only groups others."""
        return not self.custom

    @property
    def is_provider(self) -> bool:
        """Whether it configures a provider and is nothing in AWS."""
        return self.type.startswith(PROVIDER_PREFIX)


@dataclass(frozen=True)
class State:
    """What the provider made of a registration."""

    id: str
    outputs: Mapping[str, Any] = field(repr=False)
    """Inputs and computed properties, camelCase."""


@dataclass(frozen=True)
class Recording:
    """One run of a program."""

    project: str
    stack: str
    region: str
    registrations: tuple[Registration, ...]
    """Sorted by URN."""
    states: Mapping[str, State]
    """URN -> state; components and what a preview cannot know are missing."""
    outputs: Mapping[str, Any]
    """Stack outputs; a secret stands as ``[secret]``."""
    messages: tuple[str, ...] = ()
    """What the program logged, "warning: ..."."""

    def one(self, type_token: str, name: str) -> Registration:
        """The registration of a type and logical name.

        Raises:
            KeyError: there is none.
        """
        for registration in self.registrations:
            if (registration.type, registration.name) == (type_token, name):
                return registration
        raise KeyError(f"{type_token} {name}")


class Provider(Protocol):
    """Stands for the resource provider plugin of the Pulumi engine."""

    def create(self, registration: Registration) -> State:
        """The state of a declared custom resource.

        Raises:
            ProvisionError: it cannot be created; what depends on it is then unknown.
        """

    def invoke(self, token: str, args: Mapping[str, Any], region: str) -> Mapping[str, Any]:
        """The answer of a provider function ("aws:index/getRegion:getRegion").

        Raises:
            ProgramError: no such function is known here.
        """
