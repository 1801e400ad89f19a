"""AWS Certificate Manager and Amazon Route 53 records."""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType, To

RECORD_SET = "ChangeBatch.Changes[].ResourceRecordSet"

TYPES: Mapping[str, ResourceType] = {
    "aws:acm/certificate:Certificate": ResourceType(
        service="acm",
        id=Output("arn:aws:acm:{region}:{account}:certificate/{uuid}", "RequestCertificate.CertificateArn"),
        calls=(
            Call(
                "RequestCertificate",
                reads=(
                    Read(
                        "DescribeCertificate",
                        {"CertificateArn": "{id}"},
                        {"ValidationMethod": "Certificate.DomainValidationOptions[].ValidationMethod"},
                        rest="Certificate",
                    ),
                    Read("ListTagsForCertificate", {"CertificateArn": "{id}"}, {"Tags": "Tags"}),
                ),
            ),
        ),
        outputs={"arn": Output("{id}"), "status": Output("PENDING_VALIDATION")},
        structures={
            "domainValidationOptions": [
                {
                    "domainName": "{domainName}",
                    "resourceRecordName": "_{hex}.{domainName}.",
                    "resourceRecordType": "CNAME",
                    "resourceRecordValue": "_{hex}.acm-validations.aws.",
                }
            ]
        },
    ),
    "aws:acm/certificateValidation:CertificateValidation": ResourceType(
        service="acm",
        id=Output("{certificateArn}"),
        calls=(Call("DescribeCertificate"),),
        ignored={"validationRecordFqdns": "what Pulumi waits for", "timeouts": "how long Pulumi waits"},
    ),
    "aws:route53/record:Record": ResourceType(
        service="route53",
        id=Output("{zoneId}_{name}_{type}"),
        calls=(
            Call(
                "ChangeResourceRecordSets",
                into=RECORD_SET,
                prepare=lambda inputs: {**inputs, "allowOverwrite": "UPSERT"},
                inputs={
                    # The provider has an operation of its own for each change; here every record is written.
                    "allowOverwrite": "/ChangeBatch.Changes[].Action",
                    "zoneId": "/HostedZoneId",
                    "records": To("ResourceRecords", lambda values: [{"Value": value} for value in values]),
                    "aliases": "AliasTarget",
                    "aliases.zoneId": "HostedZoneId",
                    "aliases.name": "DNSName",
                },
            ),
        ),
        outputs={"fqdn": Output("{name}")},
        checked_because="its hosted zone belongs to no stack",
    ),
}
