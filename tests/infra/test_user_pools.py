"""A user pool asks its function before it takes a user: permission, answer, refusal, and every way in."""

from __future__ import annotations

import functools
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.cognitoidp.models import CognitoIdpBackend

from infra.emulator import user_pools
from infra.emulator.delivery import Delivery
from infra.emulator.function_runner import DeployedFunction, FunctionError, Outcome
from infra.emulator.user_pools import UserPools

ACCOUNT, REGION = "123456789012", "us-east-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:gate"


@functools.cache
def client(service: str) -> Any:
    make: Any = boto3.client  # its stubs know services as literals only
    return make(service, region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing")


@dataclass
class Gate:
    """Plays the function: answers, or refuses with a text."""

    refusal: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)
    events: list[Mapping[str, Any]] = field(default_factory=list)

    def invoke(self, function: DeployedFunction, event: Mapping[str, Any], request_id: str) -> Outcome:
        self.events.append(event)
        error = FunctionError("TooYoung", self.refusal) if self.refusal else None
        result = None if error else {**event, "response": {**event["response"], **self.answer}}
        return Outcome(result=result, error=error, logs=(), calls=())


@dataclass(frozen=True)
class Pool:
    """A pool with a trigger, and a client of it."""

    id: str
    arn: str
    client_id: str

    def sign_up(self, name: str = "ann") -> Any:
        return client("cognito-idp").sign_up(
            ClientId=self.client_id,
            Username=name,
            Password="Test-0nly-42",
            UserAttributes=[{"Name": "birthdate", "Value": "1990-01-01"}],
        )

    def create(self, name: str = "ann", **more: Any) -> Any:
        return client("cognito-idp").admin_create_user(UserPoolId=self.id, Username=name, **more)

    def users(self) -> list[str]:
        return [one["Username"] for one in client("cognito-idp").list_users(UserPoolId=self.id)["Users"]]


@pytest.fixture
def pool() -> Iterator[Pool]:
    with mock_aws(config={"lambda": {"use_docker": False}, "iam": {"load_aws_managed_policies": False}}):
        client("iam").create_role(RoleName="gate", AssumeRolePolicyDocument="{}")
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("app.py", "def handler(event, context): return event")
        client("lambda").create_function(
            FunctionName="gate",
            Runtime="python3.13",
            Handler="app.handler",
            Role=f"arn:aws:iam::{ACCOUNT}:role/gate",
            Code={"ZipFile": buffer.getvalue()},
        )
        made = client("cognito-idp").create_user_pool(PoolName="users", LambdaConfig={"PreSignUp": FUNCTION})[
            "UserPool"
        ]
        apps = client("cognito-idp").create_user_pool_client(UserPoolId=made["Id"], ClientName="apps")
        yield Pool(made["Id"], made["Arn"], apps["UserPoolClient"]["ClientId"])


def permit(source: str) -> None:
    client("lambda").add_permission(
        FunctionName="gate",
        StatementId="pool",
        Action="lambda:InvokeFunction",
        Principal="cognito-idp.amazonaws.com",
        SourceArn=source,
    )


def asking(gate: Gate) -> UserPools:
    return UserPools(client, gate, Delivery(client, gate).function)


def test_the_gate_sees_the_documented_event_and_lets_the_user_in(pool: Pool) -> None:
    permit(pool.arn)
    gate = Gate()
    with asking(gate) as pools:
        assert pool.sign_up()["UserConfirmed"] is False
    (event,) = gate.events
    assert event == {
        "version": "1",
        "triggerSource": "PreSignUp_SignUp",
        "region": REGION,
        "userPoolId": pool.id,
        "userName": "ann",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": pool.client_id},
        "request": {"userAttributes": {"birthdate": "1990-01-01"}, "validationData": None},
        "response": {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False},
    }
    assert pool.users() == ["ann"]
    assert [str(one) for one in pools.journal] == [f"user pool {pool.id} PreSignUp_SignUp -> taken"]


def test_an_error_of_the_gate_keeps_the_user_out_and_is_shown(pool: Pool) -> None:
    permit(pool.arn)
    with asking(Gate("You must be at least 13 years old.")) as pools, pytest.raises(ClientError) as refused:
        pool.sign_up()
    assert refused.value.response["Error"]["Code"] == "UserLambdaValidationException"
    assert "PreSignUp failed with error You must be at least 13 years old." in str(refused.value)
    assert pool.users() == []
    assert pools.journal[0].refusal


def test_an_administrator_asks_the_gate_as_well_but_not_to_send_a_mail_again(pool: Pool) -> None:
    permit(pool.arn)
    gate = Gate()
    with asking(gate):
        pool.create()
        pool.create(MessageAction="RESEND")
    assert [event["triggerSource"] for event in gate.events] == ["PreSignUp_AdminCreateUser"]
    with asking(Gate("no")), pytest.raises(ClientError):
        pool.create("bob")
    assert pool.users() == ["ann"]


def test_a_gate_may_confirm_the_user_at_once(pool: Pool) -> None:
    permit(pool.arn)
    with asking(Gate(answer={"autoConfirmUser": True})):
        assert pool.sign_up()["UserConfirmed"] is True


def test_a_pool_that_may_not_ask_takes_nobody(pool: Pool) -> None:
    permit(f"{pool.arn}-of-another")
    gate = Gate()
    with asking(gate), pytest.raises(ClientError) as refused:
        pool.sign_up()
    assert refused.value.response["Error"]["Code"] == "UnexpectedLambdaException"
    assert "the pool may not invoke function gate" in str(refused.value)
    assert (gate.events, pool.users()) == ([], [])


def test_a_gate_that_does_not_exist_lets_nobody_in(pool: Pool) -> None:
    client("lambda").delete_function(FunctionName="gate")
    with asking(Gate()), pytest.raises(ClientError, match="does not exist"):
        pool.sign_up()


def test_a_pool_without_a_gate_asks_nobody(pool: Pool) -> None:
    client("cognito-idp").update_user_pool(UserPoolId=pool.id, LambdaConfig={})
    gate = Gate("nobody comes in here")
    with asking(gate):
        pool.sign_up()
    assert (gate.events, pool.users()) == ([], ["ann"])


def test_moto_has_its_own_sign_up_back_afterwards(pool: Pool) -> None:
    before = CognitoIdpBackend.sign_up
    with asking(Gate()):
        assert CognitoIdpBackend.sign_up is not before
    assert CognitoIdpBackend.sign_up is before


def test_triggers_that_are_never_called_are_named() -> None:
    assert user_pools.silent_triggers({"PreSignUp": FUNCTION, "PostConfirmation": FUNCTION}) == ["PostConfirmation"]


def test_moto_still_has_the_hooks() -> None:
    assert user_pools.missing_hooks() == []
