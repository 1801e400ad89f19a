"""Amazon API Gateway, HTTP APIs."""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType

TYPES: Mapping[str, ResourceType] = {
    "aws:apigatewayv2/api:Api": ResourceType(
        service="apigatewayv2",
        name="name",
        id=Output("{hex}", "CreateApi.ApiId"),
        calls=(Call("CreateApi", reads=(Read("GetApi", {"ApiId": "{id}"}, rest="@"),)),),
        outputs={
            "apiEndpoint": Output("https://{id}.execute-api.{region}.amazonaws.com", "CreateApi.ApiEndpoint"),
            "arn": Output("arn:aws:apigateway:{region}::/apis/{id}"),
            "executionArn": Output("arn:aws:execute-api:{region}:{account}:{id}"),
        },
    ),
    "aws:apigatewayv2/stage:Stage": ResourceType(
        service="apigatewayv2",
        id=Output("{name}"),
        name="name",
        calls=(
            Call(
                "CreateStage",
                inputs={"name": "StageName"},
                reads=(Read("GetStage", {"ApiId": "{apiId}", "StageName": "{name}"}, rest="@"),),
            ),
        ),
        outputs={
            "arn": Output("arn:aws:apigateway:{region}::/apis/{apiId}/stages/{name}"),
            "invokeUrl": Output("https://{apiId}.execute-api.{region}.amazonaws.com/"),
        },
    ),
    "aws:apigatewayv2/authorizer:Authorizer": ResourceType(
        service="apigatewayv2",
        name="name",
        id=Output("{hex}", "CreateAuthorizer.AuthorizerId"),
        calls=(
            Call(
                "CreateAuthorizer",
                inputs={"identitySources": "IdentitySource", "jwtConfiguration.audiences": "Audience"},
                reads=(Read("GetAuthorizer", {"ApiId": "{apiId}", "AuthorizerId": "{id}"}, rest="@"),),
            ),
        ),
    ),
    "aws:apigatewayv2/integration:Integration": ResourceType(
        service="apigatewayv2",
        id=Output("{hex}", "CreateIntegration.IntegrationId"),
        calls=(
            Call(
                "CreateIntegration",
                fixed={"IntegrationMethod": "POST"},
                reads=(Read("GetIntegration", {"ApiId": "{apiId}", "IntegrationId": "{id}"}, rest="@"),),
            ),
        ),
    ),
    "aws:apigatewayv2/route:Route": ResourceType(
        service="apigatewayv2",
        id=Output("{hex}", "CreateRoute.RouteId"),
        calls=(Call("CreateRoute", reads=(Read("GetRoute", {"ApiId": "{apiId}", "RouteId": "{id}"}, rest="@"),)),),
    ),
}
