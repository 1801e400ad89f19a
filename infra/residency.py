"""Data residency: which regions a cell may use, and what of a stack stands elsewhere with good reason.

A cell is one stack with users of one part of the world: its own data, keys, logs and edge. Cells share the program and
the hosted zone of the domain, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

RESIDENCIES: Mapping[str, tuple[str, ...]] = {
    # Without eu-west-2 (London) and eu-central-2 (Zurich): named like the others, but not in the Union.
    "eu": ("eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"),
    "uk": ("eu-west-2",),
    "us": ("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    "in": ("ap-south-1", "ap-south-2"),
}
"""Residency -> regions inside of it. Source: AWS regions and availability zones, list of regions with their place."""

EDGE_REGION = "us-east-1"
"""CloudFront's own region: its certificates, web ACLs and alarms can be nowhere else."""

OUTSIDE: Mapping[str, str] = {
    "aws:acm/certificate:Certificate": "holds a host name",
    "aws:acm/certificateValidation:CertificateValidation": "holds a host name",
    "aws:cloudfront/distribution:Distribution": "names certificate and web ACL; it stores nothing",
    "aws:cloudwatch/logDelivery:LogDelivery": "carries access logs to the cell's own bucket and keeps none",
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": "names the cell's own bucket",
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": "names the distribution",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "counts requests of the edge, of nobody in particular",
    "aws:s3/bucketPolicy:BucketPolicy": "lets the edge's log delivery write into the cell's own bucket",
    "aws:sns/topic:Topic": "tells of alarms of the edge",
    "aws:sns/topicPolicy:TopicPolicy": "belongs to the topic of the edge",
    "aws:sns/topicSubscription:TopicSubscription": "holds an address of the staff, of no user",
    "aws:wafv2/webAcl:WebAcl": "holds rules; in a cell outside it keeps no requests",
}
"""Type that may stand in, or point to, the edge's region from any cell -> why that keeps data where it belongs."""


def region_faults(residency: object, used: Mapping[str, object]) -> Iterator[str]:
    """Regions of a cell that are outside of its residency, each under the key as written in the stack file.

    Args:
        residency: of the cell; None, or one that does not exist, asks for nothing.
        used: key of the stack file -> the region that stands there; nothing where none does.
    """
    inside = RESIDENCIES.get(str(residency))
    if inside is None:
        return
    for key, found in used.items():
        if found and found not in inside:
            yield f"{key}: found {found}, expected one of {', '.join(inside)} (reelplan:cell.residency is {residency})"


def keeps_requests(residency: str | None) -> bool:
    """Whether the web ACL of a cell may keep requests, with the addresses of viewers, in the region of the edge."""
    return residency is None or EDGE_REGION in RESIDENCIES[residency]
