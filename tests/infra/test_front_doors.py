"""What the HTTP functions are given, by settings: under which host cookies open, who may call, what is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from infra.emulator.plan_provider import PlanProvider
from infra.emulator.recorder import record
from infra.emulator.recording import Registration
from infra.settings import SettingsError, load_settings
from infra.stackfile import StackFile

FUNCTION = "aws:lambda/function:Function"
ROUTE = "aws:apigatewayv2/route:Route"
QUEUE = "aws:sqs/queue:Queue"
Plan = Callable[..., list[Registration]]


@pytest.fixture(scope="module")
def plan(real_stack: StackFile) -> Plan:
    """Plans the real program with some sections of the settings replaced; the same ones only once."""
    made: dict[str, list[Registration]] = {}

    def known(**sections: Mapping[str, Any]) -> list[Registration]:
        key = json.dumps(sections, sort_keys=True)
        if key not in made:
            made[key] = make(**sections)
        return made[key]

    def make(**sections: Mapping[str, Any]) -> list[Registration]:
        written = {f"reelplan:{name}": json.dumps(values) for name, values in sections.items()}
        stack = replace(real_stack, config={**real_stack.config, **written})
        return list(record(stack, PlanProvider()).registrations)

    return known


def of(registrations: list[Registration], kind: str) -> dict[str, Mapping[str, Any]]:
    """Inputs of the resources of a type, by name."""
    return {one.urn.rpartition("::")[2]: one.inputs for one in registrations if one.type == kind}


def variables(registrations: list[Registration], function: str) -> Mapping[str, str]:
    return dict(of(registrations, FUNCTION)[function]["environment"]["variables"])


def test_cookies_open_files_under_the_stacks_own_host(plan: Plan) -> None:
    own = plan(delivery={"domain": "app.example.com", "hostedZoneId": "Z123"})
    assert variables(own, "session")["CDN_DOMAIN"] == "app.example.com"
    assert variables(plan(), "session")["CDN_DOMAIN"].endswith(".cloudfront.net")


@pytest.mark.parametrize(("sections", "expected"), [({}, "JWT"), ({"delivery": {"anonymousViewers": True}}, "NONE")])
def test_who_is_not_signed_in_gets_cookies_only_where_the_settings_say_so(
    plan: Plan, sections: Mapping[str, Any], expected: str
) -> None:
    routes = of(plan(**sections), ROUTE)
    kinds = {name: inputs["authorizationType"] for name, inputs in routes.items()}
    assert kinds.pop("session GET /session/{video}") == expected
    assert kinds.pop("webhook POST /webhooks/{provider}") == "NONE"
    # Nobody uploads without a name.
    assert set(kinds.values()) == {"JWT"}
    assert [name for name, inputs in routes.items() if inputs.get("authorizerId")] == [
        name for name, inputs in routes.items() if inputs["authorizationType"] == "JWT"
    ]


def test_what_somebody_waits_for_keeps_no_dead_letters_and_has_an_alarm(plan: Plan) -> None:
    planned = plan()
    waited_for = {"age-gate", "session", "upload", "webhook"}
    functions = of(planned, FUNCTION)
    assert {name for name, inputs in functions.items() if not inputs.get("deadLetterConfig")} == waited_for
    assert not {f"{name}-dead-letters" for name in waited_for} & set(of(planned, QUEUE))
    alarms = of(planned, "aws:cloudwatch/metricAlarm:MetricAlarm")
    # The age gate refuses by failing: an alarm would tell of every child.
    assert {name for name in alarms if name.endswith("-errors")} >= {
        "session-errors",
        "upload-errors",
        "webhook-errors",
    }
    assert "age-gate-errors" not in alarms


def test_only_the_door_puts_webhooks_into_the_queue(plan: Plan) -> None:
    planned = plan()
    (arn,) = [one.urn for one in planned if one.type == QUEUE and one.urn.endswith("::order")]
    senders = {
        one.urn.rpartition("::")[2]
        for one in planned
        if one.type == "aws:iam/rolePolicy:RolePolicy" and arn in one.dependencies.get("policy", [])
    }
    assert senders == {"webhook", "order-receive"}


def test_a_provider_that_is_named_twice_is_a_fault() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"shop": json.dumps({"webhookProviders": ["payment", "payment"]})})
    assert caught.value.faults == [
        "reelplan:shop.webhookProviders: found a name twice in ['payment', 'payment'], expected each once"
    ]
