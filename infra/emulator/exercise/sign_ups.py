"""Somebody signs up: the user pool asks the age gate first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from infra.emulator.exercise.causes import require_none
from infra.emulator.exercise.journey import Stopped
from infra.emulator.exercise.travel import Travel
from infra.emulator.user_pools import PRE_SIGN_UP, silent_triggers

POOL, CLIENT = "userPool", "userPoolClient"
"""Outputs of the stack."""
PASSWORD = "Exercise-0nly-42"
REFUSED = "UserLambdaValidationException"


def ask_for_the_age(travel: Travel) -> str:
    """Who is old enough gets an account; a child, and who does not say their age, gets none by any way."""
    pool = travel.session.recording.outputs[POOL]
    config = travel.client("cognito-idp").describe_user_pool(UserPoolId=pool)["UserPool"].get("LambdaConfig", {})
    if silent := silent_triggers(config):
        raise Stopped(f"the emulator does not call the pool's triggers {', '.join(silent)}")
    if PRE_SIGN_UP not in config:
        raise Stopped(f"user pool {pool} asks no function before it takes a user: children get in")
    age = minimum_age(travel, config[PRE_SIGN_UP])
    # Born on 1 January: of that age, or a year younger, on any day of this year.
    year = datetime.now(UTC).year - age
    mark = len(travel.pools.journal)
    answers = {
        "who is old enough": sign_up(travel, "grown-up", f"{year}-01-01"),
        "a child": sign_up(travel, "child", f"{year + 1}-01-01"),
        "who does not say their age": sign_up(travel, "silent", ""),
        "a child that an administrator brings": create(travel, "brought", f"{year + 1}-01-01"),
    }
    wanted = dict.fromkeys(answers, REFUSED) | {"who is old enough": ""}
    require_none(
        f"{who} is {f'refused: {answers[who]}' if answers[who] else 'taken'}, expected"
        f" {'a refusal of the age gate' if wanted[who] else 'an account'}"
        for who in answers
        if answers[who].partition(":")[0] != wanted[who]
    )
    require_none(_missing_permissions(travel, mark))
    return f"from {age} years on; {len(answers) - 1} refused, one taken"


def minimum_age(travel: Travel, function_arn: str) -> int:
    """Age that the deployed gate asks for [year]."""
    gate = travel.delivery.function(function_arn)
    if gate is None:
        raise Stopped(f"the function {function_arn} that the pool asks does not exist")
    return int(gate.environment["MINIMUM_AGE"])


def sign_up(travel: Travel, name: str, birthdate: str) -> str:
    """Sign up as the apps do; empty, or the error."""
    request = {
        "ClientId": travel.session.recording.outputs[CLIENT],
        "Username": address(travel, name),
        "Password": PASSWORD,
        "UserAttributes": attributes(birthdate),
    }
    return _error(travel.client("cognito-idp").sign_up, request)


def create(travel: Travel, name: str, birthdate: str) -> str:
    """Create a user as an administrator does; empty, or the error."""
    request = {
        "UserPoolId": travel.session.recording.outputs[POOL],
        "Username": address(travel, name),
        "UserAttributes": attributes(birthdate),
    }
    return _error(travel.client("cognito-idp").admin_create_user, request)


def address(travel: Travel, name: str) -> str:
    """Mail address of somebody; nobody ever gets a mail there."""
    return f"{name}-{travel.run}@example.com"


def attributes(birthdate: str) -> list[dict[str, str]]:
    """What the apps send of a user."""
    return [{"Name": "birthdate", "Value": birthdate}] if birthdate else []


def _error(call: Any, request: dict[str, Any]) -> str:
    try:
        call(**request)
    except ClientError as error:
        return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
    return ""


def _missing_permissions(travel: Travel, mark: int) -> list[str]:
    asked = travel.pools.journal[mark:]
    return [
        fault
        for one in asked
        if one.function
        for fault in travel.audit.function(one.function, one.outcome.calls if one.outcome else ())
    ]
