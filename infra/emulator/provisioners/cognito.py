"""Amazon Cognito user pools."""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType

TYPES: Mapping[str, ResourceType] = {
    "aws:cognito/userPool:UserPool": ResourceType(
        service="cognito-idp",
        name="name",
        name_limit=128,
        id=Output("{region}_{hex}", "CreateUserPool.UserPool.Id"),
        calls=(
            Call(
                "CreateUserPool",
                inputs={
                    "name": "PoolName",
                    "schemas": "Schema",
                    "tags": "UserPoolTags",
                    "passwordPolicy": "Policies.PasswordPolicy",
                    "signInPolicy": "Policies.SignInPolicy",
                    "userAttributeUpdateSettings.attributesRequireVerificationBeforeUpdates": (
                        "AttributesRequireVerificationBeforeUpdate"
                    ),
                },
                reads=(
                    Read(
                        "DescribeUserPool",
                        {"UserPoolId": "{id}"},
                        {"PoolName": "UserPool.Name"},
                        rest="UserPool",
                    ),
                ),
                lost={"Schema": "Cognito gives it back among its own attributes, with the prefix custom:"},
            ),
            Call(
                "SetUserPoolMfaConfig",
                takes=("softwareTokenMfaConfiguration", "mfaConfiguration"),
                fixed={"UserPoolId": "{id}"},
                reads=(Read("GetUserPoolMfaConfig", {"UserPoolId": "{id}"}, rest="@"),),
            ),
        ),
        outputs={
            "arn": Output("arn:aws:cognito-idp:{region}:{account}:userpool/{id}", "CreateUserPool.UserPool.Arn"),
            "endpoint": Output("cognito-idp.{region}.amazonaws.com/{id}"),
        },
    ),
    "aws:cognito/userPoolClient:UserPoolClient": ResourceType(
        service="cognito-idp",
        name="name",
        name_limit=128,
        id=Output("{hex}", "CreateUserPoolClient.UserPoolClient.ClientId"),
        calls=(
            Call(
                "CreateUserPoolClient",
                inputs={"name": "ClientName"},
                reads=(
                    Read(
                        "DescribeUserPoolClient",
                        {"UserPoolId": "{userPoolId}", "ClientId": "{id}"},
                        rest="UserPoolClient",
                    ),
                ),
                lost={"GenerateSecret": "shown only by the secret being there or not"},
            ),
        ),
    ),
}
