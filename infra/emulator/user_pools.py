"""A user pool asks its function before it takes a new user, which moto does not.

moto (5.2) keeps the pool's triggers and calls none: ``sign_up`` and ``admin_create_user`` of its back end are replaced
inside the context of :class:`UserPools`. :func:`missing_hooks` names what a later moto no longer has. Triggers other
than the one before sign-up are not called; :func:`silent_triggers` names them.

Source: Amazon Cognito developer guide, "Pre sign-up Lambda trigger", "Customizing user pool workflows with Lambda
triggers".
"""

from __future__ import annotations

import contextlib
import inspect
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from moto.cognitoidp.models import CognitoIdpBackend, CognitoIdpUser, UserStatus
from moto.core.exceptions import JsonRESTError

from infra.emulator.dead_letters import Clients
from infra.emulator.delivery import Runner
from infra.emulator.function_runner import DeployedFunction, Outcome
from infra.emulator.permissions import Request, decide, function_policy

COGNITO = "cognito-idp.amazonaws.com"
PRE_SIGN_UP = "PreSignUp"
SIGN_UP, ADMIN_CREATE = "PreSignUp_SignUp", "PreSignUp_AdminCreateUser"
ANSWERS = {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}


@dataclass(frozen=True)
class Question:
    """What a pool asks its function before it takes a user."""

    pool_arn: str
    function_arn: str
    event: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Asked:
    """One question, and what became of it."""

    question: Question
    function: DeployedFunction | None
    outcome: Outcome | None
    refusal: str
    """Why the user was not taken; empty when they were."""

    def __str__(self) -> str:
        pool, source = self.question.pool_arn.rpartition("/")[2], self.question.event["triggerSource"]
        return f"user pool {pool} {source} -> {self.refusal or 'taken'}"


class UserPools:
    """Asks the functions of user pools inside its context.

    Attributes:
        journal: what was asked, in order.
    """

    def __init__(self, clients: Clients, runner: Runner, function: Callable[[str], DeployedFunction | None]) -> None:
        self.journal: list[Asked] = []
        self._clients = clients
        self._runner = runner
        self._function = function
        self._open = contextlib.ExitStack()

    def __enter__(self) -> UserPools:
        """Take the questions over from moto."""
        self._open.enter_context(intercept(self._ask))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give moto its own sign-ups back."""
        self._open.close()

    def _ask(self, question: Question) -> Mapping[str, Any]:
        function = self._function(question.function_arn)
        outcome = None
        if function is None:
            error = ("UnexpectedLambdaException", f"function {question.function_arn} does not exist")
        elif why := self._not_allowed(question, function):
            error = ("UnexpectedLambdaException", f"the pool may not invoke function {function.name}: {why}")
        else:
            request_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{question.function_arn} {len(self.journal)}"))
            outcome = self._runner.invoke(function, question.event, request_id)
            said = outcome.error.message if outcome.error else ""
            error = ("UserLambdaValidationException", f"{PRE_SIGN_UP} failed with error {said}.") if said else ("", "")
        self.journal.append(Asked(question, function, outcome, error[1]))
        if error[1]:
            raise JsonRESTError(*error)
        return dict(outcome.result["response"]) if outcome else {}

    def _not_allowed(self, question: Question, function: DeployedFunction) -> str:
        context = {"aws:SourceArn": question.pool_arn}
        request = Request("lambda:InvokeFunction", function.arn, context, COGNITO)
        decision = decide(function_policy(self._clients("lambda"), function.name), request)
        return "" if decision.allowed else decision.reason


@contextlib.contextmanager
def intercept(ask: Callable[[Question], Mapping[str, Any]]) -> Iterator[None]:
    """Inside, each pool with a function before sign-up asks ``ask``, which raises to keep a user out."""

    def sign_up(
        self: CognitoIdpBackend, client_id: str, username: str, password: str, attributes: list[dict[str, str]]
    ) -> tuple[CognitoIdpUser, Any]:
        pool = next((one for one in self.user_pools.values() if client_id in one.clients), None)
        answer = ask_first(pool, SIGN_UP, username, attributes, client_id)
        user, details = _SIGN_UP(self, client_id, username, password, attributes)
        if answer.get("autoConfirmUser"):
            user.status = UserStatus.CONFIRMED
        return user, details

    def admin_create_user(
        self: CognitoIdpBackend,
        user_pool_id: str,
        username: str,
        message_action: str,
        temporary_password: str,
        attributes: list[dict[str, str]],
    ) -> CognitoIdpUser:
        if message_action != "RESEND":
            ask_first(self.user_pools.get(user_pool_id), ADMIN_CREATE, username, attributes, "CLIENT_ID_NOT_APPLICABLE")
        return _ADMIN_CREATE(self, user_pool_id, username, message_action, temporary_password, attributes)

    def ask_first(
        pool: Any, source: str, username: str, attributes: list[dict[str, str]], client_id: str
    ) -> Mapping[str, Any]:
        function = triggers(pool).get(PRE_SIGN_UP) if pool else None
        if not function:
            return {}
        event = {
            "version": "1",
            "triggerSource": source,
            "region": pool.region,
            "userPoolId": pool.id,
            "userName": username,
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id},
            "request": {
                "userAttributes": {one["Name"]: one["Value"] for one in attributes},
                "validationData": None,
            },
            "response": dict(ANSWERS),
        }
        return ask(Question(pool.arn, function, event))

    CognitoIdpBackend.sign_up = sign_up  # type: ignore[method-assign]  # moto has no hook for triggers
    CognitoIdpBackend.admin_create_user = admin_create_user  # type: ignore[method-assign]  # nor for this way in
    try:
        yield
    finally:
        CognitoIdpBackend.sign_up = _SIGN_UP  # type: ignore[method-assign]  # moto's own again
        CognitoIdpBackend.admin_create_user = _ADMIN_CREATE  # type: ignore[method-assign]  # moto's own again


def triggers(pool: Any) -> Mapping[str, Any]:
    """Functions of a pool of moto's by the name of their trigger."""
    return dict(pool.extended_config.get("LambdaConfig") or {})


def silent_triggers(config: Mapping[str, Any]) -> list[str]:
    """Triggers of a pool that this emulator never calls.

    Args:
        config: "LambdaConfig" of DescribeUserPool.
    """
    return sorted(set(config) - {PRE_SIGN_UP})


def missing_hooks() -> list[str]:
    """The parts of moto's private surface that this moto lacks; empty when all are there."""
    checks = {
        "CognitoIdpBackend.sign_up(client_id, username, password, attributes)": list(
            inspect.signature(_SIGN_UP).parameters
        )
        == ["self", "client_id", "username", "password", "attributes"],
        "CognitoIdpBackend.admin_create_user(user_pool_id, username, ...)": list(
            inspect.signature(_ADMIN_CREATE).parameters
        )
        == ["self", "user_pool_id", "username", "message_action", "temporary_password", "attributes"],
    }
    return [name for name, present in checks.items() if not present]


_SIGN_UP = CognitoIdpBackend.sign_up
_ADMIN_CREATE = CognitoIdpBackend.admin_create_user
