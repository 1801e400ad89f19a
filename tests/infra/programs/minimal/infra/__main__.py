"""A bucket in a component, a side resource, a queue: the smallest program with a parent and a dependency."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws


class Media(pulumi.ComponentResource):
    """A component."""

    def __init__(self, name: str) -> None:
        super().__init__("minimal:media:Media", name)
        own = pulumi.ResourceOptions(parent=self)
        tag = pulumi.Config().require("bucketTag")
        self.bucket = aws.s3.Bucket(f"{name}-raw", tags={"role": tag}, opts=own)
        aws.s3.BucketVersioning(
            f"{name}-raw",
            bucket=self.bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=own,
        )
        self.register_outputs({"bucket": self.bucket.id})


media = Media("media")
queue = aws.sqs.Queue("jobs", visibility_timeout_seconds=30)
pulumi.export("bucketName", media.bucket.id)
pulumi.export("queueArn", queue.arn)
