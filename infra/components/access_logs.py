"""Who asked CloudFront for what: its access logs (standard logging v2) in a bucket of their own."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.storage import BucketArgs, PrivateBucket
from infra.naming import Naming

CLOUDFRONT_REGION = "us-east-1"
"""Where the logs of CloudFront are configured; the bucket may be anywhere."""
BY_HOUR = "/{DistributionId}/{yyyy}/{MM}/{dd}/{HH}"


@dataclass(frozen=True)
class AccessLogsArgs:
    """Which distribution, and how long its logs are kept."""

    account: pulumi.Input[str]
    distribution: aws.cloudfront.Distribution
    retention_days: int
    protect: bool


class AccessLogs(pulumi.ComponentResource):
    """Source, destination and the delivery between them. JSON, because delivery as Parquet is billed."""

    bucket: PrivateBucket

    def __init__(
        self, name: str, naming: Naming, args: AccessLogsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:delivery:AccessLogs", name, None, opts)
        tags = naming.tags("delivery")
        child = pulumi.ResourceOptions(parent=self)
        self.bucket = PrivateBucket(
            "access-logs",
            naming,
            BucketArgs(role="access-logs", expire_days=args.retention_days, protect=args.protect),
            child,
        )
        source = aws.cloudwatch.LogDeliverySource(
            "access",
            name=naming.physical("access"),
            log_type="ACCESS_LOGS",
            resource_arn=args.distribution.arn,
            region=CLOUDFRONT_REGION,
            tags=tags,
            opts=child,
        )
        self.bucket.grant(
            iam.service_may(
                "delivery.logs.amazonaws.com",
                ["s3:PutObject"],
                pulumi.Output.concat(self.bucket.arn, "/AWSLogs/", args.account, "/CloudFront/*"),
                source_arns=[source.arn],
            )
        )
        destination = aws.cloudwatch.LogDeliveryDestination(
            "access",
            name=naming.physical("access"),
            output_format="json",
            delivery_destination_configuration={"destination_resource_arn": self.bucket.arn},
            region=CLOUDFRONT_REGION,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.bucket]),
        )
        aws.cloudwatch.LogDelivery(
            "access",
            delivery_source_name=source.name,
            delivery_destination_arn=destination.arn,
            s3_delivery_configurations=[{"suffix_path": BY_HOUR, "enable_hive_compatible_path": False}],
            region=CLOUDFRONT_REGION,
            tags=tags,
            opts=child,
        )
        self.register_outputs({"bucket": self.bucket.name})
