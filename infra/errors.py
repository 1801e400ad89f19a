"""Errors of ``infra plan|validate|serve`` that a person can act on.

    InfraError                exit code 2, one message per fault, no traceback of ours
    ├── ConfigError           Pulumi.yaml or Pulumi.<stack>.yaml
    ├── ProgramError          the Pulumi program: it raised, or it declares what an engine would refuse
    ├── ProvisionError        a resource that the AWS API, moto or the read-back refuses
    ├── ServeError            the moto server cannot be started
    ├── PolicyError           a file of waivers
    └── OutputError           a place that cannot be written
    EmulatorBreach            a request was about to leave this machine: always a bug, keeps its traceback

Everything else that escapes is a bug of ours and keeps its traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong at one place: ``where: found, expected; hint``."""

    where: str
    """File and line, or URN and input path, as the user knows them ("Pulumi.dev.yaml:12: reelplan:apiCpu")."""
    found: str
    expected: str
    hint: str = ""
    """The nearest valid name or the next step; empty when there is none."""

    def __str__(self) -> str:
        tail = f" ({self.hint})" if self.hint else ""
        return f"{self.where}: found {self.found}, expected {self.expected}{tail}"


class InfraError(Exception):
    """Something of the user's that cannot be run; carries every fault that was found, not just the first."""

    def __init__(self, faults: Sequence[Fault | str], *, trace: str = "") -> None:
        if not faults:
            raise ValueError("an InfraError needs at least one fault")
        self.faults = tuple(faults)
        self.trace = trace
        super().__init__("\n".join(str(fault) for fault in self.faults))


class ConfigError(InfraError):
    """A project or stack file is missing, malformed, or does not fit the declared configuration."""


class ProgramError(InfraError):
    """The program raised (``trace`` holds the user's frames), or it declares what the Pulumi engine refuses."""


class ProvisionError(InfraError):
    """A declared resource is refused by the AWS API model or by moto, or its state reads back differently."""


class ServeError(InfraError):
    """The moto server cannot listen."""


class PolicyError(InfraError):
    """A file of waivers does not have the form that ``infra/policies/waivers.py`` asks for."""


class OutputError(InfraError):
    """A file or directory cannot be written."""


class EmulatorBreach(RuntimeError):
    """A request was about to go to an address that is neither moto in process nor this machine."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Hint that names the nearest valid name, empty when nothing is near.

    >>> nearest("apiCpuu", ["apiCpu", "vpcCidr"])
    'did you mean apiCpu?'
    >>> nearest("zzz", ["apiCpu"])
    ''
    """
    match = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {match[0]}?" if match else ""
