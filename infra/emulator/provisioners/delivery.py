"""Amazon CloudFront."""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType, Target, To

CONFIG = "DistributionConfigWithTags.DistributionConfig"


def _record(
    kind: str,
    id_plan: str,
    *,
    config: str = "",
    fixed: Mapping[str, object] | None = None,
    lost: tuple[str, ...] = (),
) -> ResourceType:
    """A thing of CloudFront that is one configuration with an id: ``Create<kind>``, ``Get<kind>``."""
    structure = config or f"{kind}Config"
    return ResourceType(
        service="cloudfront",
        id=Output(id_plan, f"Create{kind}.{kind}.Id"),
        calls=(
            Call(
                f"Create{kind}",
                into=structure,
                fixed={f"{structure}.{path}": value for path, value in (fixed or {}).items()},
                reads=(Read(f"Get{kind}", {"Id": "{id}"}, {structure: f"{kind}.{structure}"}),),
                lost={f"{structure}.{path}": "moto does not keep it" for path in lost},
            ),
        ),
        outputs={"etag": Output("E{HEX}", f"Get{kind}.ETag")},
    )


def _trusted(groups: list[str]) -> dict[str, object]:
    """As the provider sends it: no group at all trusts nobody, and is switched off."""
    return {"Enabled": bool(groups), "Quantity": len(groups), "Items": groups}


def _behavior(path: str) -> dict[str, Target]:
    return {
        f"{path}.trustedKeyGroups": To("TrustedKeyGroups", _trusted),
        f"{path}.cachedMethods": "AllowedMethods.CachedMethods",
        f"{path}.lambdaFunctionAssociations.lambdaArn": "LambdaFunctionARN",
    }


TYPES: Mapping[str, ResourceType] = {
    "aws:cloudfront/distribution:Distribution": ResourceType(
        service="cloudfront",
        id=Output("E{HEX}", "CreateDistributionWithTags.Distribution.Id"),
        calls=(
            Call(
                "CreateDistributionWithTags",
                into=CONFIG,
                inputs={
                    "tags": "/DistributionConfigWithTags.Tags.Items",
                    "orderedCacheBehaviors": "CacheBehaviors",
                    "loggingConfig": "Logging",
                    "origins.originId": "Id",
                    "originGroups.originId": "Id",
                    "restrictions.geoRestriction.locations": "Items",
                    **_behavior("defaultCacheBehavior"),
                    **_behavior("orderedCacheBehaviors"),
                },
                fixed={f"{CONFIG}.CallerReference": "{hex}", f"{CONFIG}.Comment": ""},
                reads=(
                    Read("GetDistribution", {"Id": "{id}"}, {CONFIG: "Distribution.DistributionConfig"}),
                    Read(
                        "ListTagsForResource",
                        {"Resource": "{arn}"},
                        {"DistributionConfigWithTags.Tags": "Tags"},
                    ),
                ),
                lost={
                    f"{CONFIG}.{path}": "moto does not keep it"
                    for path in (
                        "Origins.Items.OriginAccessControlId",
                        "Origins.Items.VpcOriginConfig",
                    )
                },
            ),
        ),
        outputs={
            "arn": Output(
                "arn:aws:cloudfront::{account}:distribution/{id}", "CreateDistributionWithTags.Distribution.ARN"
            ),
            "domainName": Output("d{hex}.cloudfront.net", "CreateDistributionWithTags.Distribution.DomainName"),
            "hostedZoneId": Output("Z2FDTNDATAQYW2"),
            "etag": Output("E{HEX}", "GetDistribution.ETag"),
        },
        ignored={
            "waitForDeployment": "how long Pulumi waits",
            "retainOnDelete": "how Pulumi deletes the distribution",
        },
    ),
    "aws:cloudfront/originAccessControl:OriginAccessControl": _record("OriginAccessControl", "E{HEX}"),
    "aws:cloudfront/cachePolicy:CachePolicy": _record(
        "CachePolicy",
        "{uuid}",
        fixed={"ParametersInCacheKeyAndForwardedToOrigin.EnableAcceptEncodingGzip": False},
    ),
    "aws:cloudfront/originRequestPolicy:OriginRequestPolicy": _record("OriginRequestPolicy", "{uuid}"),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": _record("ResponseHeadersPolicy", "{uuid}"),
    "aws:cloudfront/publicKey:PublicKey": _record(
        "PublicKey", "K{HEX}", fixed={"CallerReference": "{hex}"}, lost=("Comment",)
    ),
    "aws:cloudfront/keyGroup:KeyGroup": _record("KeyGroup", "{uuid}", lost=("Comment",)),
    "aws:cloudfront/vpcOrigin:VpcOrigin": ResourceType(
        service="cloudfront",
        id=Output("vo_{hex}", "CreateVpcOrigin.VpcOrigin.Id"),
        calls=(
            Call(
                "CreateVpcOrigin",
                inputs={"tags": "Tags.Items"},
                reads=(
                    Read(
                        "GetVpcOrigin",
                        {"Id": "{id}"},
                        {"VpcOriginEndpointConfig": "VpcOrigin.VpcOriginEndpointConfig"},
                    ),
                    Read("ListTagsForResource", {"Resource": "{arn}"}, {"Tags": "Tags"}),
                ),
            ),
        ),
        outputs={"arn": Output("arn:aws:cloudfront::{account}:vpcorigin/{id}", "CreateVpcOrigin.VpcOrigin.Arn")},
        ignored={"timeouts": "how long Pulumi waits"},
    ),
}
