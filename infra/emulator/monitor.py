"""The Pulumi engine's resource monitor, as far as a program can see it, in process.

It gives URNs as the engine does, refuses what the engine refuses (a URN twice), asks a ``Provider`` for the state of
each resource, and writes everything down. Its methods have the names of the engine's protocol
(``pulumirpc.ResourceMonitor``). They run on one worker thread, so nothing here needs a lock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import engine_pb2, resource_pb2

from infra.emulator import wire
from infra.emulator.recording import STACK_TYPE, Provider, Recording, Registration, State
from infra.errors import Fault, InfraError, ProgramError
from infra.stackfile import StackFile

FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
)
"""Without resource references and output values: inputs then arrive as plain values, as a provider gets them."""

LIST_OPTIONS = ("ignoreChanges", "additionalSecretOutputs", "replaceOnChanges", "aliasURNs", "replace_with")
FLAG_OPTIONS = ("protect", "retainOnDelete", "deleteBeforeReplace", "deletedWith", "importId", "provider")
SEVERITIES: Mapping[int, str] = {engine_pb2.INFO: "info", engine_pb2.WARNING: "warning", engine_pb2.ERROR: "error"}


class ResourceMonitor:
    """Records one run of one program."""

    def __init__(self, stackfile: StackFile, provider: Provider, *, preview: bool) -> None:
        self.faults: list[Fault | str] = []
        self.bug: Exception | None = None
        """What the provider raised beside its own errors: a fault of ours, not of the program."""
        self._stackfile = stackfile
        self._provider = provider
        self._preview = preview
        self._registrations: dict[str, Registration] = {}
        self._states: dict[str, State] = {}
        self._outputs: dict[str, Any] = {}

    def recording(self, messages: tuple[str, ...]) -> Recording:
        """Everything seen so far."""
        return Recording(
            project=self._stackfile.project,
            stack=self._stackfile.stack,
            region=self._stackfile.region,
            registrations=tuple(self._registrations[urn] for urn in sorted(self._registrations)),
            states=dict(sorted(self._states.items())),
            outputs=self._outputs,
            messages=messages,
        )

    def RegisterResource(self, request: Any) -> Any:
        """Record a resource, and let the provider create it unless this is a preview."""
        urn = make_urn(self._stackfile, request.parent, request.type, request.name)
        if request.type == STACK_TYPE:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        if fault := self._refusal(urn, request):
            self.faults.append(fault)
            return _failed(urn)
        registration = self._register(urn, request)
        if registration is None:
            return _failed(urn)
        if self._preview or registration.is_component:
            return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)
        return self._create(registration, request.object)

    def RegisterResourceOutputs(self, request: Any) -> Any:
        """Keep the outputs of the stack; those of components are only for people."""
        if request.urn.split("::")[2] == STACK_TYPE:
            self._outputs = wire.masked(request.outputs)
        return empty_pb2.Empty()

    def ReadResource(self, request: Any) -> Any:
        """Refuse ``Type.get()`` and stack references: what they read is not part of this stack."""
        raise ProgramError(
            [
                Fault(
                    f"{request.type} {request.name}",
                    f"a read of the existing {request.id!r}",
                    "only resources that this stack declares",
                    "the emulator starts from an empty account",
                )
            ]
        )

    def Invoke(self, request: Any) -> Any:
        """Answer a provider function."""
        args = wire.decode(request.args).values
        answer = self._provider.invoke(request.tok, args, str(args.get("region") or self._stackfile.region))
        return resource_pb2.ResourceInvokeResponse(**{"return": wire.encode(answer)})

    def RegisterStackTransform(self, request: Any) -> Any:
        """Refuse transforms that only the real engine can run, instead of leaving them out in silence."""
        raise _unsupported("register_resource_transform")

    def RegisterStackInvokeTransform(self, request: Any) -> Any:
        """Refuse, as for resource transforms."""
        raise _unsupported("register_invoke_transform")

    def RegisterResourceHook(self, request: Any) -> Any:
        """Refuse, as for resource transforms."""
        raise _unsupported("ResourceHook")

    def RegisterErrorHook(self, request: Any) -> Any:
        """Refuse, as for resource transforms."""
        raise _unsupported("ErrorHook")

    def RegisterPackage(self, request: Any) -> Any:
        """A reference to a parameterized provider package."""
        return resource_pb2.RegisterPackageResponse(ref=f"{request.name}@{request.version}")

    def GetDeploymentInfo(self, request: Any) -> Any:
        """What this monitor can do."""
        return resource_pb2.DeploymentInfo(supportedFeatures=FEATURES)

    def SignalAndWaitForShutdown(self, request: Any) -> Any:
        """Nothing is left to do when a program ends."""
        return empty_pb2.Empty()

    def _refusal(self, urn: str, request: Any) -> Fault | None:
        where = f"{_position(request, self._stackfile.root)}: {urn}"
        if urn in self._registrations:
            return Fault(where, "a second resource of this URN", "one", "give it another name or parent")
        if request.transforms:
            return Fault(where, "option `transforms`", "`transformations`", "only the real engine runs transforms")
        if request.remote:
            return Fault(where, "a remote component", "a component in Python", "its children stay invisible here")
        return None

    def _register(self, urn: str, request: Any) -> Registration | None:
        try:
            properties = wire.decode(request.object)
        except ValueError as error:
            self.faults.append(Fault(f"{_position(request, self._stackfile.root)}: {urn}", str(error), "a local file"))
            return None
        provider = self._registrations.get(request.provider.rpartition("::")[0])
        registration = Registration(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=request.custom,
            region=str(properties.values.get("region") or _provider_region(provider) or self._stackfile.region),
            declared_at=_position(request, self._stackfile.root),
            inputs=properties.values,
            secrets=properties.secrets,
            unknowns=properties.unknowns,
            dependencies=_property_dependencies(request),
            depends_on=tuple(sorted(request.dependencies)),
            options=_options(request),
            tags=self._tags(properties.values, provider),
        )
        self._registrations[urn] = registration
        return registration

    def _create(self, registration: Registration, declared: struct_pb2.Struct) -> Any:
        if registration.unknowns:
            return _failed(registration.urn)
        try:
            state = self._provider.create(registration)
        except InfraError as error:
            self.faults += error.faults
            return _failed(registration.urn)
        except Exception as error:
            self.bug = self.bug or error
            raise
        self._states[registration.urn] = state
        known = struct_pb2.Struct()
        known.CopyFrom(declared)
        computed = {key: value for key, value in state.outputs.items() if key not in registration.inputs}
        known.MergeFrom(wire.encode(computed))
        return resource_pb2.RegisterResourceResponse(urn=registration.urn, id=state.id, object=known)

    def _tags(self, inputs: Mapping[str, Any], provider: Registration | None) -> dict[str, str]:
        defaults = _provider_tags(provider) if provider else self._stackfile.default_tags
        own = inputs.get("tags")
        return {**defaults, **(own if isinstance(own, dict) else {})}


class Engine:
    """Takes what the program logs."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def Log(self, request: Any) -> Any:
        """Keep what is meant for people."""
        if severity := SEVERITIES.get(request.severity):
            self.messages.append(f"{severity}: {request.message}")
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, request: Any) -> Any:
        """Accept any: there is no CLI here whose version could be wrong."""
        return engine_pb2.RequirePulumiVersionResponse()


def make_urn(stackfile: StackFile, parent: str, type_token: str, name: str) -> str:
    """URN as the engine makes it: the chain of the parents' types, without the stack itself."""
    chain = parent.split("::")[2] if parent else STACK_TYPE
    qualified = type_token if chain == STACK_TYPE else f"{chain}${type_token}"
    return f"urn:pulumi:{stackfile.stack}::{stackfile.project}::{qualified}::{name}"


def _failed(urn: str) -> Any:
    """The answer after which the program goes on, with everything that depends on the resource unknown."""
    return resource_pb2.RegisterResourceResponse(urn=urn, result=resource_pb2.Result.FAIL)


def _unsupported(name: str) -> ProgramError:
    return ProgramError(
        [
            Fault(
                name,
                "a function that the engine calls back",
                "plain Python or the older `transformations`",
                "the emulator has no engine to run it, and leaving it out would change the stack",
            )
        ]
    )


def _position(request: Any, root: Path) -> str:
    """Innermost frame of the user's own code, relative to the project."""
    for frame in request.stackTrace.frames:
        path = Path(unquote(urlparse(frame.pc.uri).path))
        if path.is_relative_to(root) and "site-packages" not in path.parts:
            return f"{path.relative_to(root)}:{frame.pc.line}"
    return ""


def _property_dependencies(request: Any) -> dict[str, tuple[str, ...]]:
    found = {key: tuple(sorted(entry.urns)) for key, entry in request.propertyDependencies.items()}
    return {key: urns for key, urns in sorted(found.items()) if urns}


def _options(request: Any) -> dict[str, Any]:
    options: dict[str, Any] = {name: getattr(request, name) for name in FLAG_OPTIONS if getattr(request, name)}
    options |= {name: list(getattr(request, name)) for name in LIST_OPTIONS if getattr(request, name)}
    if request.aliases:
        options["aliases"] = [alias.urn or alias.spec.name or alias.spec.type for alias in request.aliases]
    return options


def _provider_region(provider: Registration | None) -> str:
    return str(provider.inputs.get("region", "")) if provider else ""


def _provider_tags(provider: Registration) -> dict[str, str]:
    """An explicit provider's ``defaultTags``, which the SDK sends as JSON text."""
    value = provider.inputs.get("defaultTags", {})
    parsed = json.loads(value) if isinstance(value, str) else value
    return dict(parsed.get("tags", {}))
