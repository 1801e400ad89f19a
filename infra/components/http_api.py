"""An HTTP API in front of functions: throttled, logged, and open to signed-in users only where there is an identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.components.dead_letters import ALARM_PERIOD_SECONDS
from infra.components.handler_function import FunctionArgs, HandlerFunction
from infra.naming import Naming

PREFLIGHT_SECONDS = 600
PAYLOAD_VERSION = "2.0"
ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "ip": "$context.identity.sourceIp",
    "route": "$context.routeKey",
    "status": "$context.status",
    "latencyMs": "$context.responseLatency",
    "error": "$context.integrationErrorMessage",
}
"""What is noted of each request: no token, no body, no name of a user."""


@dataclass(frozen=True)
class Jwt:
    """Whose tokens are taken."""

    issuer: pulumi.Input[str]
    audience: pulumi.Input[str]


@dataclass(frozen=True)
class HttpApiArgs:
    """One API."""

    description: str
    allowed_origins: Sequence[str]
    """Web origins whose pages may call; none for an API that programs call."""
    requests_per_second: int
    """Of all callers together; more are refused [request per second]."""
    burst: int
    """Requests that may come at once."""
    log_retention_days: int
    jwt: Jwt | None = None
    """None lets anybody call: the functions behind must tell friend from foe themselves."""


class HttpApi(pulumi.ComponentResource):
    """The API and its one stage; functions add their routes (``HttpFunction``)."""

    api: aws.apigatewayv2.Api
    authorizer: aws.apigatewayv2.Authorizer | None = None
    domain: pulumi.Output[str]
    """Host name, for the distribution in front of it."""

    def __init__(
        self, name: str, naming: Naming, args: HttpApiArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:compute:HttpApi", name, None, opts)
        tags = naming.tags(name)
        child = pulumi.ResourceOptions(parent=self)
        self.api = aws.apigatewayv2.Api(
            name,
            name=naming.physical(name),
            description=args.description,
            protocol_type="HTTP",
            cors_configuration=_cors(args.allowed_origins) if args.allowed_origins else None,
            tags=tags,
            opts=child,
        )
        self.domain = self.api.api_endpoint.apply(lambda url: url.removeprefix("https://"))
        if args.jwt:
            self.authorizer = aws.apigatewayv2.Authorizer(
                name,
                name=naming.physical(name),
                api_id=self.api.id,
                authorizer_type="JWT",
                identity_sources=["$request.header.Authorization"],
                jwt_configuration={"issuer": args.jwt.issuer, "audiences": [args.jwt.audience]},
                opts=child,
            )
        logs = aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/apigateway/{naming.physical(name)}",
            retention_in_days=args.log_retention_days,
            tags=tags,
            opts=child,
        )
        aws.apigatewayv2.Stage(
            name,
            api_id=self.api.id,
            name="$default",
            auto_deploy=True,
            access_log_settings={
                "destination_arn": logs.arn,
                "format": pulumi.Output.json_dumps(ACCESS_LOG, sort_keys=True),
            },
            default_route_settings={
                "throttling_burst_limit": args.burst,
                "throttling_rate_limit": args.requests_per_second,
            },
            tags=tags,
            opts=child,
        )
        self.register_outputs({"domain": self.domain})


def _cors(origins: Sequence[str]) -> aws.apigatewayv2.ApiCorsConfigurationArgsDict:
    return {
        "allow_origins": list(origins),
        "allow_methods": ["GET", "POST", "DELETE"],
        "allow_headers": ["authorization", "content-type"],
        # The session's cookies are set by the answer to a page of ours on another host.
        "allow_credentials": True,
        "max_age": PREFLIGHT_SECONDS,
    }


@dataclass(frozen=True, kw_only=True)
class HttpFunctionArgs(FunctionArgs):
    """What one handler needs, and what calls it."""

    api: HttpApi
    routes: Sequence[str]
    """Method and path ("POST /uploads")."""
    anonymous: bool = False
    """Whether who is not signed in may call, too."""


class HttpFunction(HandlerFunction):
    """API -> function. The caller hears of a failure; an alarm tells us of them."""

    errors: aws.cloudwatch.MetricAlarm

    def __init__(
        self, name: str, naming: Naming, args: HttpFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:compute:HttpFunction", name, naming, args, opts)
        integration = aws.apigatewayv2.Integration(
            name,
            api_id=args.api.api.id,
            description=args.description,
            integration_type="AWS_PROXY",
            integration_uri=self.function.arn,
            payload_format_version=PAYLOAD_VERSION,
            opts=self._child,
        )
        authorizer = None if args.anonymous else args.api.authorizer
        for route in args.routes:
            aws.apigatewayv2.Route(
                f"{name} {route}",
                api_id=args.api.api.id,
                route_key=route,
                target=pulumi.Output.concat("integrations/", integration.id),
                authorization_type="JWT" if authorizer else "NONE",
                authorizer_id=authorizer.id if authorizer else None,
                opts=self._child,
            )
        self._may_be_called_by("apigateway.amazonaws.com", pulumi.Output.concat(args.api.api.execution_arn, "/*/*"))
        self.errors = self._error_alarm()
        self.register_outputs({"function": self.function.arn})

    def _error_alarm(self) -> aws.cloudwatch.MetricAlarm:
        return aws.cloudwatch.MetricAlarm(
            f"{self._logical_name}-errors",
            alarm_description=f"{self._physical} fails requests: callers get server errors.",
            namespace="AWS/Lambda",
            metric_name="Errors",
            dimensions={"FunctionName": self.function.name},
            statistic="Sum",
            period=ALARM_PERIOD_SECONDS,
            evaluation_periods=1,
            threshold=0,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
            tags=self._tags,
            opts=self._child,
        )
