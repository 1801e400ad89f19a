"""A host name of one's own: certificate, its proof in the DNS, and the records that lead to CloudFront."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.naming import Naming

CLOUDFRONT_REGION = "us-east-1"
"""CloudFront takes certificates from there only."""
PROOF_TTL_SECONDS = 300
ADDRESS_TYPES = ("A", "AAAA")


@dataclass(frozen=True)
class Host:
    """A name that viewers use, and the certificate for it."""

    name: str
    certificate_arn: pulumi.Input[str]
    """Of a certificate that is issued."""


@dataclass(frozen=True)
class DomainArgs:
    """Which name, in which zone."""

    name: str
    zone_id: str
    """Hosted zone of Route 53 that is there already: it belongs to the company, not to a stack."""


class Domain(pulumi.ComponentResource):
    """A certificate that proves itself, and the addresses of the name once the distribution is there."""

    host: Host

    def __init__(self, name: str, naming: Naming, args: DomainArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("reelplan:delivery:Domain", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        certificate = aws.acm.Certificate(
            "host",
            domain_name=args.name,
            validation_method="DNS",
            region=CLOUDFRONT_REGION,
            tags=naming.tags("delivery"),
            # CloudFront uses the old one until the new one is issued.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=False),
        )
        proof = certificate.domain_validation_options[0]
        record = aws.route53.Record(
            "proof",
            zone_id=args.zone_id,
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            records=[proof.resource_record_value],
            ttl=PROOF_TTL_SECONDS,
            allow_overwrite=True,
            opts=self._child,
        )
        issued = aws.acm.CertificateValidation(
            "host",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            region=CLOUDFRONT_REGION,
            opts=self._child,
        )
        self.host = Host(args.name, issued.certificate_arn)
        self.register_outputs({"host": args.name})

    def lead_to(self, distribution: aws.cloudfront.Distribution) -> None:
        """Makes the name an alias of the distribution, for both versions of IP."""
        for kind in ADDRESS_TYPES:
            aws.route53.Record(
                kind.lower(),
                zone_id=self._args.zone_id,
                name=self._args.name,
                type=kind,
                aliases=[
                    {
                        "name": distribution.domain_name,
                        "zone_id": distribution.hosted_zone_id,
                        "evaluate_target_health": False,
                    }
                ],
                opts=self._child,
            )
