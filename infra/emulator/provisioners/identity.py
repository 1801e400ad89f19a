"""AWS IAM."""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType

TYPES: Mapping[str, ResourceType] = {
    "aws:iam/role:Role": ResourceType(
        service="iam",
        name="name",
        name_limit=64,
        id=Output("{name}"),
        calls=(
            Call(
                "CreateRole",
                inputs={"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"},
                reads=(Read("GetRole", {"RoleName": "{name}"}, rest="Role"),),
            ),
        ),
        outputs={
            "arn": Output("arn:aws:iam::{account}:role/{name}", "CreateRole.Role.Arn"),
            "uniqueId": Output("AROA{hex}", "CreateRole.Role.RoleId"),
        },
        ignored={"forceDetachPolicies": "how Pulumi deletes the role"},
    ),
    "aws:iam/rolePolicy:RolePolicy": ResourceType(
        service="iam",
        name="name",
        name_limit=128,
        id=Output("{role}:{name}"),
        calls=(
            Call(
                "PutRolePolicy",
                inputs={"name": "PolicyName", "role": "RoleName", "policy": "PolicyDocument"},
                reads=(Read("GetRolePolicy", {"RoleName": "{role}", "PolicyName": "{name}"}, rest="@"),),
            ),
        ),
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ResourceType(
        service="iam",
        id=Output("{role}/{policyArn}"),
        calls=(
            Call(
                "AttachRolePolicy",
                inputs={"role": "RoleName"},
                reads=(
                    Read(
                        "ListAttachedRolePolicies",
                        {"RoleName": "{role}"},
                        {"PolicyArn": "AttachedPolicies[].PolicyArn"},
                    ),
                ),
            ),
        ),
    ),
}
