"""Provider functions (``aws.get_region()``, ...) answered from what the emulator knows, without any call.

Network facts that change over time (which zones a region has) are a plausible set: zones a, b and c.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from infra.emulator.naming import ACCOUNT_ID
from infra.errors import Fault, ProgramError, nearest

ZONE_LETTERS = "abc"
POLICY_VERSION = "2012-10-17"

MANAGED_CACHE_POLICIES = {
    "Managed-Amplify": "2e54312d-136d-493c-8eb9-b001f22f67d2",
    "Managed-CachingDisabled": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    "Managed-CachingOptimized": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    "Managed-CachingOptimizedForUncompressedObjects": "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
    "Managed-Elemental-MediaPackage": "08627262-05a9-4f76-9ded-b50ca2e3a84f",
}
"""Source: Amazon CloudFront developer guide, "Use managed cache policies"."""

MANAGED_ORIGIN_REQUEST_POLICIES = {
    "Managed-AllViewer": "216adef6-5c7f-47e4-b989-5492eafa07d3",
    "Managed-AllViewerExceptHostHeader": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    "Managed-CORS-CustomOrigin": "59781a5b-3903-41f3-afcb-af62929ccde1",
    "Managed-CORS-S3Origin": "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
    "Managed-UserAgentRefererHeaders": "acba4595-bd28-49b8-b9fe-13317c0390fa",
}
"""Source: Amazon CloudFront developer guide, "Use managed origin request policies"."""

MANAGED_RESPONSE_HEADERS_POLICIES = {
    "Managed-CORS-and-SecurityHeadersPolicy": "e61eb60c-9c35-4d20-a928-2b84e02af89c",
    "Managed-CORS-With-Preflight": "5cc3b908-e619-4b99-88e5-2cf7f45965bd",
    "Managed-SecurityHeadersPolicy": "67f7725c-6f97-4210-82d7-5512b31e9d03",
    "Managed-SimpleCORS": "60669652-455b-4ae9-85a4-c4c02393f86c",
}
"""Source: Amazon CloudFront developer guide, "Use managed response headers policies"."""

Args = Mapping[str, Any]


def answer(token: str, args: Args, region: str) -> dict[str, Any]:
    """Result of a provider function.

    Raises:
        ProgramError: an unknown function, or an argument that it does not know.

    >>> answer("aws:index/getRegion:getRegion", {}, "eu-central-1")["region"]
    'eu-central-1'
    """
    if token not in FUNCTIONS:
        hint = nearest(token, FUNCTIONS) or "add it to infra/emulator/invokes.py"
        raise ProgramError([Fault(token, "a function that the emulator cannot answer", "a known one", hint)])
    return {"id": region, **FUNCTIONS[token](args, region)}


def _caller_identity(args: Args, region: str) -> dict[str, Any]:
    return {
        "id": ACCOUNT_ID,
        "accountId": ACCOUNT_ID,
        "arn": f"arn:aws:iam::{ACCOUNT_ID}:user/emulator",
        "userId": "AIDAEMULATOR",
    }


def _region(args: Args, region: str) -> dict[str, Any]:
    return {"name": region, "region": region, "endpoint": f"ec2.{region}.amazonaws.com", "description": region}


def _partition(args: Args, region: str) -> dict[str, Any]:
    return {"partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws", "id": "aws"}


def _availability_zones(args: Args, region: str) -> dict[str, Any]:
    names = [f"{region}{letter}" for letter in ZONE_LETTERS]
    return {
        "names": names,
        "zoneIds": [f"{region}-az{index + 1}" for index in range(len(names))],
        "groupNames": [region],
    }


def _managed_prefix_list(args: Args, region: str) -> dict[str, Any]:
    name = str(args.get("name") or args.get("id") or _filtered(args))
    identifier = f"pl-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return {
        "id": identifier,
        "name": name,
        "arn": f"arn:aws:ec2:{region}:aws:prefix-list/{identifier}",
        "addressFamily": "IPv4",
        "ownerId": "AWS",
        "entries": [],
        "maxEntries": 0,
        "version": 1,
        "tags": {},
    }


def _filtered(args: Args) -> str:
    return ",".join(value for item in args.get("filters", []) for value in item.get("values", []))


def _managed(known: Mapping[str, str], kind: str) -> Callable[[Args, str], dict[str, Any]]:
    def find(args: Args, region: str) -> dict[str, Any]:
        by_id = {identifier: name for name, identifier in known.items()}
        name = str(args.get("name") or by_id.get(str(args.get("id"))))
        if name not in known:
            hint = nearest(name, known)
            raise ProgramError([Fault(kind, repr(name), "a policy that AWS manages", hint)])
        return {"id": known[name], "name": name}

    return find


def _policy_document(args: Args, region: str) -> dict[str, Any]:
    document = {
        "Version": args.get("version", POLICY_VERSION),
        **({"Id": args["policyId"]} if "policyId" in args else {}),
        "Statement": [_statement(statement) for statement in args.get("statements", [])],
    }
    text = json.dumps(document, indent=2)
    return {
        "id": hashlib.sha256(text.encode()).hexdigest()[:10],
        "json": text,
        "minifiedJson": json.dumps(document, separators=(",", ":")),
    }


def _statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    lists = {"actions": "Action", "notActions": "NotAction", "resources": "Resource", "notResources": "NotResource"}
    result: dict[str, Any] = {"Sid": statement["sid"]} if statement.get("sid") else {}
    result["Effect"] = statement.get("effect", "Allow")
    result |= {name: _scalar(statement[key]) for key, name in lists.items() if statement.get(key)}
    for key, name in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if statement.get(key):
            result[name] = _principals(statement[key])
    if statement.get("conditions"):
        result["Condition"] = _conditions(statement["conditions"])
    return result


def _principals(principals: Sequence[Mapping[str, Any]]) -> Any:
    if any(entry["type"] == "*" for entry in principals):
        return "*"
    merged: dict[str, list[str]] = {}
    for entry in principals:
        merged.setdefault(entry["type"], []).extend(entry["identifiers"])
    return {kind: _scalar(sorted(identifiers)) for kind, identifiers in sorted(merged.items())}


def _conditions(conditions: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    merged: dict[str, dict[str, Any]] = {}
    for condition in conditions:
        merged.setdefault(condition["test"], {})[condition["variable"]] = _scalar(condition["values"])
    return merged


def _scalar(values: Sequence[str]) -> Any:
    """One value stands alone, several as a list: as the provider writes policies."""
    return values[0] if len(values) == 1 else list(values)


FUNCTIONS: Mapping[str, Callable[[Args, str], dict[str, Any]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": _managed_prefix_list,
    "aws:cloudfront/getCachePolicy:getCachePolicy": _managed(MANAGED_CACHE_POLICIES, "aws.cloudfront.get_cache_policy"),
    "aws:cloudfront/getOriginRequestPolicy:getOriginRequestPolicy": _managed(
        MANAGED_ORIGIN_REQUEST_POLICIES, "aws.cloudfront.get_origin_request_policy"
    ),
    "aws:cloudfront/getResponseHeadersPolicy:getResponseHeadersPolicy": _managed(
        MANAGED_RESPONSE_HEADERS_POLICIES, "aws.cloudfront.get_response_headers_policy"
    ),
}
"""Token -> pure function of the arguments and the region."""
