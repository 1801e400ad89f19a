"""AWS KMS: keys of the customer."""

from __future__ import annotations

from collections.abc import Iterable

from costmodel.inventory import Resource
from costmodel.metering.context import Context, Finding, Gap


def key(resource: Resource, context: Context) -> Iterable[Finding]:
    """A key: its month. Keys of AWS services (aws/s3, aws/kinesis) are no resources and cost only their use."""
    yield context.quantity(resource, ("KMS", "key"), "key-month", {"1 key": 1}, "Security", usage_based=False)
    if resource.inputs.get("enableKeyRotation"):
        yield Gap("each of its first two yearly rotations adds the price of a key, and is not counted")
    reason = "how often the key is used is not counted: with bucket keys and data keys that are kept it is seldom"
    yield Gap(reason, closed_by=("monthly_requests",))
