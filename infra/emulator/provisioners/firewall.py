"""AWS WAF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType, To

API_NAMES = {"arn": "ARN", "cloudwatchMetricsEnabled": "CloudWatchMetricsEnabled"}
"""Members that are not just the input's name with a capital."""
BLOBS = ("searchString",)


def _api_form(value: Any) -> Any:
    """Statements nest without end, so they are rewritten as a whole: the same names, in the API's capitals."""
    if isinstance(value, list):
        return [_api_form(item) for item in value]
    if isinstance(value, Mapping):
        return {
            API_NAMES.get(key, f"{key[0].upper()}{key[1:]}"): item.encode() if key in BLOBS else _api_form(item)
            for key, item in value.items()
        }
    # Protobuf carries every number as a float; the API wants whole ones.
    return int(value) if isinstance(value, float) and value.is_integer() else value


WEB_ACL = {"Name": "{name}", "Scope": "{scope}", "Id": "{id}"}

TYPES: Mapping[str, ResourceType] = {
    "aws:wafv2/webAcl:WebAcl": ResourceType(
        service="wafv2",
        name="name",
        name_limit=128,
        id=Output("{uuid}", "CreateWebACL.Summary.Id"),
        calls=(
            Call(
                "CreateWebACL",
                inputs={
                    "rules": To("Rules", _api_form),
                    "defaultAction": To("DefaultAction", _api_form),
                    "visibilityConfig": To("VisibilityConfig", _api_form),
                },
                reads=(
                    Read("GetWebACL", WEB_ACL, rest="WebACL"),
                    Read("ListTagsForResource", {"ResourceARN": "{arn}"}, {"Tags": "TagInfoForResource.TagList"}),
                ),
            ),
        ),
        outputs={
            "arn": Output("arn:aws:wafv2:{region}:{account}:global/webacl/{name}/{id}", "CreateWebACL.Summary.ARN"),
            "lockToken": Output("{uuid}", "CreateWebACL.Summary.LockToken"),
        },
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": ResourceType(
        service="wafv2",
        id=Output("{resourceArn}"),
        calls=(
            Call(
                "PutLoggingConfiguration",
                into="LoggingConfiguration",
                inputs={"redactedFields": To("RedactedFields", _api_form)},
                reads=(
                    Read(
                        "GetLoggingConfiguration",
                        {"ResourceArn": "{resourceArn}"},
                        {"LoggingConfiguration": "LoggingConfiguration"},
                    ),
                ),
            ),
        ),
    ),
}
