"""AWS Secrets Manager."""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType

TYPES: Mapping[str, ResourceType] = {
    "aws:secretsmanager/secret:Secret": ResourceType(
        service="secretsmanager",
        name="name",
        name_limit=512,
        id=Output("arn:aws:secretsmanager:{region}:{account}:secret:{name}-abcdef", "CreateSecret.ARN"),
        calls=(
            Call(
                "CreateSecret",
                fixed={"ClientRequestToken": "{uuid}"},
                reads=(Read("DescribeSecret", {"SecretId": "{id}"}, rest="@"),),
                lost={"ClientRequestToken": "tells a repeated request from a new one; it is no part of the secret"},
            ),
        ),
        outputs={"arn": Output("{id}")},
        ignored={
            "recoveryWindowInDays": "how Pulumi deletes the secret",
            "forceOverwriteReplicaSecret": "how Pulumi changes replicas",
        },
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": ResourceType(
        service="secretsmanager",
        id=Output("{secretId}|{uuid}", "PutSecretValue.VersionId"),
        calls=(
            Call(
                "PutSecretValue",
                fixed={"ClientRequestToken": "{uuid}"},
                reads=(
                    Read("GetSecretValue", {"SecretId": "{secretId}"}, {"ClientRequestToken": "VersionId"}, rest="@"),
                ),
            ),
        ),
    ),
}
