"""A provider that creates every resource on moto through boto3, and looks whether it is there.

Three judges see each call: the AWS API model (``api_model``), moto, and the read-back of what was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import jmespath
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from infra.emulator import api_model, invokes, readback
from infra.emulator.converter import Conversion, leaves
from infra.emulator.naming import fill, physical_name, template_values
from infra.emulator.plan_provider import PlanProvider, tags_all
from infra.emulator.provisioners import TYPES
from infra.emulator.provisioners.spec import IGNORED_EVERYWHERE, Call, Output, Read, ResourceType
from infra.emulator.recording import Registration, State
from infra.emulator.sdk import NOT_EMULATED, placeholders
from infra.emulator.wire import SECRET_MARKER
from infra.errors import EmulatorBreach, Fault, ProvisionError, nearest

Status = Literal["provisioned", "checked"]
ClientFactory = Callable[[str, str], Any]
"""Service and region -> boto3 client."""


@dataclass(frozen=True)
class Request:
    """One call as it was sent, for assertions on what moto cannot give back."""

    urn: str
    service: str
    operation: str
    params: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Result:
    """What became of one resource."""

    urn: str
    type: str
    status: Status
    reason: str
    only_sent: tuple[str, ...] = ()
    """Request paths that could not be read back, each with the reason."""


class MotoProvider:
    """Creates on moto. Not thread-safe; the recorder calls it from one thread."""

    def __init__(
        self,
        clients: ClientFactory,
        progress: Callable[[Result], None] | None = None,
        edit: Callable[[Registration], Registration] | None = None,
    ) -> None:
        self.results: list[Result] = []
        self.requests: list[Request] = []
        self._clients = clients
        self._progress = progress or (lambda result: None)
        self._edit = edit or (lambda registration: registration)

    def create(self, registration: Registration) -> State:
        """Create, read back, compare.

        Raises:
            ProvisionError: all faults of the resource that one of the judges found.
        """
        registration = self._edit(registration)
        if registration.is_provider:
            self._note(registration, "checked", "configures the provider; its region and tags are applied")
            return PlanProvider().create(registration)
        try:
            return self._create(registration)
        except ProvisionError as error:
            raise _without_secrets(error, registration) from None

    def _create(self, registration: Registration) -> State:
        kind = _kind_of(registration)
        _refuse_placeholders(registration)
        if kind.checked_because:
            return self._check(registration, kind)
        if kind.made_here:
            made = dict(kind.made_here(registration))
            self._note(registration, "provisioned", "made on this machine, as its provider does")
            return State(id=made.pop("id"), outputs={**made, **registration.inputs})
        creation = _Creation(registration, kind, self._clients(kind.service, registration.region), self.requests)
        state = creation.run()
        self._note(registration, "provisioned", creation.summary(), creation.only_sent())
        return state

    def invoke(self, token: str, args: Mapping[str, Any], region: str) -> Mapping[str, Any]:
        """Answer of a provider function."""
        return invokes.answer(token, args, region)

    def _check(self, registration: Registration, kind: ResourceType) -> State:
        creation = _Creation(registration, kind, None, self.requests)
        creation.check()
        self._note(registration, "checked", f"requests fit the API model; not created, because {kind.checked_because}")
        return PlanProvider().create(registration)

    def _note(self, registration: Registration, status: Status, reason: str, only_sent: tuple[str, ...] = ()) -> None:
        result = Result(registration.urn, registration.type, status, reason, only_sent)
        self.results.append(result)
        self._progress(result)


class _Creation:
    """One resource on its way to moto."""

    def __init__(self, registration: Registration, kind: ResourceType, client: Any, requests: list[Request]) -> None:
        self._registration = registration
        self._kind = kind
        self._client = client
        self._requests = requests
        self._answers: dict[str, Any] = {}
        self._values = template_values(registration, kind)
        self._operations: list[str] = []
        self._read = 0
        self._lost: dict[str, str] = {}

    def run(self) -> State:
        for call, inputs in self._calls():
            request = self._request(call, inputs)
            self._answers[call.operation] = self._send(call.operation, request)
            self._learn()
            self._requests.append(Request(self._registration.urn, self._kind.service, call.operation, request))
            self._compare(call, request)
        return self._state()

    def check(self) -> None:
        for call, inputs in self._calls():
            request = self._request(call, inputs)
            self._requests.append(Request(self._registration.urn, self._kind.service, call.operation, request))

    def summary(self) -> str:
        text = f"{', '.join(self._operations)}; {self._read} values read back"
        only_sent = self.only_sent()
        return f"{text}; only sent: {', '.join(only_sent)}" if only_sent else text

    def only_sent(self) -> tuple[str, ...]:
        return tuple(f"{path} ({why})" for path, why in sorted(self._lost.items()))

    def _calls(self) -> Iterator[tuple[Call, dict[str, Any]]]:
        """Each call to make, with the inputs that it carries."""
        inputs = self._inputs()
        taken = {name for call in self._kind.calls for name in call.takes or ()}
        for call in self._kind.calls:
            if call.takes is None:
                yield call, {key: value for key, value in inputs.items() if key not in taken}
            elif not call.takes:
                yield call, {}
            elif carried := {key: inputs[key] for key in call.takes if key in inputs}:
                yield call, carried

    def _inputs(self) -> dict[str, Any]:
        ignored = {**IGNORED_EVERYWHERE, **self._kind.ignored}
        inputs = {key: value for key, value in self._registration.inputs.items() if key not in ignored}
        if self._kind.name:
            inputs[self._kind.name] = physical_name(self._registration, self._kind)
        if self._registration.tags and self._takes_tags():
            inputs["tags"] = dict(self._registration.tags)
        return inputs

    def _takes_tags(self) -> bool:
        model = api_model.operation_model(self._kind.service, self._kind.calls[0].operation)
        members = {member.lower() for member in (model.input_shape.members if model.input_shape else ())}
        return "tags" in members or any("tags" in (*call.inputs, *(call.takes or ())) for call in self._kind.calls)

    def _request(self, call: Call, inputs: Mapping[str, Any]) -> dict[str, Any]:
        model = api_model.operation_model(self._kind.service, call.operation)
        conversion = Conversion(model, call.inputs)
        conversion.add(call.prepare(inputs) if call.prepare else inputs, call.into)
        faults: list[Fault | str] = [
            Fault(
                f"{self._where()}: {found.path}",
                f"an input with no place in {self._kind.service} {call.operation}: {found.reason}",
                f"a mapping in infra/emulator/provisioners for {self._registration.type}",
                found.hint,
            )
            for found in conversion.unmapped
        ]
        if faults:
            raise ProvisionError(faults)
        for target, value in call.fixed.items():
            made = value(self._values) if callable(value) else fill(value, self._values)
            if made is not None and self._applies(target, conversion.request):
                conversion.set_default(target, made)
        self._hold_against_model(call.operation, conversion.request)
        return conversion.request

    def _applies(self, target: str, request: Mapping[str, Any]) -> bool:
        """What stands beside an optional list entry (``Tags[].Kind``) is set only when the entry is there."""
        return "[]" not in target or target.partition("[]")[0] in request

    def _hold_against_model(self, operation: str, request: Mapping[str, Any]) -> None:
        found = api_model.violations(self._kind.service, operation, request)
        if found:
            raise ProvisionError(
                [f"{self._where()}: {self._kind.service} {operation}: {violation}" for violation in found]
            )

    def _send(self, operation: str, params: Mapping[str, Any]) -> Any:
        self._operations.append(operation)
        return self._call(operation, params)

    def _call(self, operation: str, params: Mapping[str, Any]) -> Any:
        try:
            answer = getattr(self._client, xform_name(operation))(**params)
        except (ClientError, BotoCoreError) as error:
            raise ProvisionError([f"{self._where()}: {self._kind.service} {error}"]) from error
        except EmulatorBreach:
            raise
        except Exception as error:
            # In process, a fault of moto's own comes through as whatever it raised.
            raise ProvisionError(
                [f"{self._where()}: moto failed in {operation}: {type(error).__name__}: {error}"]
            ) from error
        return {key: value for key, value in answer.items() if key != "ResponseMetadata"}

    def _compare(self, call: Call, request: Mapping[str, Any]) -> None:
        reads = []
        for read in call.reads:
            params = fill(dict(read.params), self._values)
            if _concerns(read, request):
                self._answers[read.operation] = self._call(read.operation, params)
                self._learn()
                found = replace(read, rest=fill(read.rest, self._values))
                reads.append((found, params, self._answers[read.operation]))
        faults = readback.missing(request, tuple(reads), call.lost) if call.reads else []
        if faults:
            raise ProvisionError(
                [f"{self._where()}: {call.operation} was accepted, but not kept: {fault}" for fault in faults]
            )
        sent = [path for path, _ in leaves(dict(request))]
        lost = {path: why for path, why in call.lost.items() if any(_below(leaf, path) for leaf in sent)}
        self._lost |= lost
        if call.reads:
            self._read += sum(1 for leaf in sent if not any(_below(leaf, path) for path in lost))

    def _learn(self) -> None:
        """Take over id and outputs as soon as an answer holds them."""
        for name, output in {"id": self._kind.id, **self._kind.outputs}.items():
            value = self._output(output)
            if value is not None:
                self._values[name] = value

    def _output(self, output: Output) -> str | None:
        if not output.answer:
            try:
                return str(fill(output.plan, self._values))
            except KeyError:
                return None
        found = jmespath.search(output.answer, self._answers)
        if found is None:
            return None
        return str(found).partition(fill(output.after, self._values))[2] if output.after else str(found)

    def _state(self) -> State:
        self._learn()
        known = {name: self._values[name] for name in self._kind.outputs if name in self._values}
        structures = fill(dict(self._kind.structures), self._values)
        named = {self._kind.name: self._values["name"]} if self._kind.name else {}
        outputs = {
            **placeholders(self._registration.type),
            **known,
            **structures,
            **named,
            **tags_all(self._registration),
        }
        return State(id=self._values["id"], outputs={**outputs, **self._registration.inputs})

    def _where(self) -> str:
        return where(self._registration)


def where(registration: Registration) -> str:
    """How a fault names a resource: the line that declares it, its type and its name."""
    return f"{registration.declared_at}: {registration.type} {registration.name}".removeprefix(": ")


def _without_secrets(error: ProvisionError, registration: Registration) -> ProvisionError:
    """The same faults, in which no value of a secret input can be read."""
    if not registration.secrets:
        return error
    secrets = {key: registration.inputs[key] for key in registration.secrets}
    texts = sorted({str(value) for _, value in leaves(secrets) if str(value)}, key=len, reverse=True)
    faults = []
    for fault in map(str, error.faults):
        for text in texts:
            fault = fault.replace(text, SECRET_MARKER)
        faults.append(fault)
    return ProvisionError(faults)


def _kind_of(registration: Registration) -> ResourceType:
    kind = TYPES.get(registration.type)
    if kind is None:
        hint = f"add it to infra/emulator/provisioners; {nearest(registration.type, TYPES)}".removesuffix("; ")
        raise ProvisionError(
            [Fault(where(registration), "a type that has no provisioner", "one of infra/emulator/provisioners", hint)]
        )
    return kind


def _refuse_placeholders(registration: Registration) -> None:
    faults: list[Fault | str] = [
        Fault(
            f"{where(registration)}: {path}",
            f"a value made from the output {str(value).partition(NOT_EMULATED)[2]!r}",
            "an output that the emulator knows",
            "add it to `outputs` of that type in infra/emulator/provisioners",
        )
        for path, value in leaves(dict(registration.inputs))
        if isinstance(value, str) and NOT_EMULATED in value
    ]
    if faults:
        raise ProvisionError(faults)


def _concerns(read: Read, request: Mapping[str, Any]) -> bool:
    """Whether a read can prove anything of a request: tags are not asked for when none were sent."""
    proven = {path.partition(".")[0] for path in read.members} | read.params.keys()
    return bool(read.rest) or not read.members or any(member in proven for member in request)


def _below(path: str, ancestor: str) -> bool:
    return path == ancestor or path.startswith(f"{ancestor}.")
