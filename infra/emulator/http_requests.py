"""API Gateway hands HTTP requests to functions, which moto does not: route, who may call, and the payload 2.0.

Source: API Gateway developer guide, "Working with AWS Lambda proxy integrations for HTTP APIs".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from infra.emulator.dead_letters import Clients
from infra.emulator.function_runner import DeployedFunction, Outcome
from infra.emulator.permissions import Request, decide, function_policy

GATEWAY = "apigateway.amazonaws.com"
MS_PER_SECOND = 1000
UNAUTHORIZED = 401


class Functions(Protocol):
    """Looks functions up."""

    def __call__(self, arn: str) -> DeployedFunction | None:
        """The function of an ARN."""


class Runner(Protocol):
    """Runs functions."""

    def invoke(self, function: DeployedFunction, event: Mapping[str, Any], request_id: str) -> Outcome:
        """Run the function once."""


class Unserved(Exception):
    """The API gives the request to no function."""


@dataclass(frozen=True)
class Caller:
    """Who sends a request, and when."""

    now: int
    """Unix time [second]."""
    user: str = ""
    """Subject of the token; empty for nobody signed in."""


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    body: Mapping[str, Any]
    cookies: Mapping[str, str]
    """Name -> value."""
    function: DeployedFunction | None
    outcome: Outcome | None


@dataclass(frozen=True)
class Gateway:
    """The HTTP APIs of a stack and what serves them."""

    clients: Clients
    functions: Functions
    runner: Runner
    api_ids: Sequence[str]

    def send(
        self, method: str, path: str, caller: Caller, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request to the API that has a route for it.

        Args:
            method: of HTTP.
            path: with query.
            caller: who sends it, and when.
            body: text as it is, all else as JSON; None for none.
            headers: besides the usual ones; API Gateway hands their names over in small letters.

        Raises:
            Unserved: no route fits, or the function does not let the API call it, or it fails.
        """
        gateway = self.clients("apigatewayv2")
        api_id, route, variables = self._route(method, path)
        if route.get("AuthorizationType") == "JWT" and not caller.user:
            return Reply(UNAUTHORIZED, {"message": "Unauthorized"}, {}, None, None)
        target = route["Target"].partition("/")[2]
        arn = gateway.get_integration(ApiId=api_id, IntegrationId=target)["IntegrationUri"]
        function = self.functions(arn)
        if function is None:
            raise Unserved(f"route {route['RouteKey']} leads to no function: {arn}")
        self._require_permission(function, api_id, route["RouteKey"])
        event = _payload(route["RouteKey"], path, variables, caller, body, headers or {})
        outcome = self.runner.invoke(function, event, f"{api_id} {method} {path}")
        if outcome.error:
            raise Unserved(f"function {function.name} fails: {outcome.error}")
        return _reply(function, outcome)

    def _route(self, method: str, path: str) -> tuple[str, Mapping[str, Any], dict[str, str]]:
        """API, route and path variables for a request."""
        known: list[str] = []
        for api_id in self.api_ids:
            routes = self.clients("apigatewayv2").get_routes(ApiId=api_id)["Items"]
            if found := _fitting(routes, method, path):
                return api_id, *found
            known += [one["RouteKey"] for one in routes]
        raise Unserved(f"no route of the API fits {method} {path}: {', '.join(sorted(known))}")

    def _require_permission(self, function: DeployedFunction, api_id: str, route_key: str) -> None:
        _, _, _, region, account, *_ = function.arn.split(":")
        source = f"arn:aws:execute-api:{region}:{account}:{api_id}/$default/{route_key.replace(' ', '')}"
        request = Request("lambda:InvokeFunction", function.arn, {"aws:SourceArn": source}, GATEWAY)
        decision = decide(function_policy(self.clients("lambda"), function.name), request)
        if not decision.allowed:
            raise Unserved(f"the API may not invoke function {function.name}: {decision.reason}")


def _fitting(
    routes: Sequence[Mapping[str, Any]], method: str, path: str
) -> tuple[Mapping[str, Any], dict[str, str]] | None:
    for route in routes:
        wanted, _, pattern = route["RouteKey"].partition(" ")
        shape = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(pattern))
        if wanted == method and (found := re.fullmatch(shape, path.partition("?")[0])):
            return route, found.groupdict()
    return None


def _payload(
    route_key: str,
    path: str,
    variables: Mapping[str, str],
    caller: Caller,
    body: Any,
    headers: Mapping[str, str],
) -> dict[str, Any]:
    _, _, query = path.partition("?")
    pairs = dict(part.split("=", 1) for part in query.split("&") if part)
    authorizer = {"authorizer": {"jwt": {"claims": {"sub": caller.user}, "scopes": None}}} if caller.user else {}
    return {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path.partition("?")[0],
        "rawQueryString": query,
        "headers": {"content-type": "application/json", **{name.lower(): value for name, value in headers.items()}},
        "pathParameters": dict(variables),
        "queryStringParameters": pairs,
        "requestContext": {"timeEpoch": caller.now * MS_PER_SECOND, **authorizer},
        "isBase64Encoded": False,
        **({"body": body if isinstance(body, str) else json.dumps(body)} if body is not None else {}),
    }


def _reply(function: DeployedFunction, outcome: Outcome) -> Reply:
    result = outcome.result
    pairs = (line.partition(";")[0].partition("=") for line in result.get("cookies", []))
    cookies = {name: value for name, _, value in pairs}
    return Reply(int(result["statusCode"]), json.loads(result["body"]), cookies, function, outcome)
