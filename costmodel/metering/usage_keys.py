"""What a person may state about a resource instead of having it estimated: the keys of a usage file.

A key stands for one sku, or for one sku a choice (an edge geography, a storage class). Where Infracost has a key for
the same number, it has the same name here. A stated number takes the place of what the meter would have estimated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from costmodel.inventory import Inventory, Resource
from costmodel.metering import cloudfront, cloudwatch, cognito, fargate, ivs, lambda_, s3
from costmodel.tables import EDGES, Category

Of = Callable[[Resource, Inventory], str]
"""Something that depends on how the resource is declared."""


@dataclass(frozen=True)
class UsageKey:
    """One number that may be stated about a resource for a month."""

    sku: tuple[str, str | Of]
    """Service and sku key; ``{}`` in the sku key stands for the choice."""
    unit: str
    """Base unit of the stated number."""
    category: Category
    choices: tuple[str, ...] = ()
    """What the number is told apart by; empty for a single number."""
    region: str | Of = ""
    """Price region, ``{}`` in it stands for the choice; that of the resource when empty."""

    def sku_of(self, resource: Resource, inventory: Inventory, choice: str = "") -> tuple[str, str]:
        """Service and sku key for a resource and one of the choices."""
        service, key = self.sku
        return service, _resolved(key, resource, inventory).format(choice)

    def region_of(self, resource: Resource, inventory: Inventory, choice: str = "") -> str:
        """Price region for a resource and one of the choices."""
        return _resolved(self.region, resource, inventory).format(choice) or resource.region


def _resolved(value: str | Of, resource: Resource, inventory: Inventory) -> str:
    return value if isinstance(value, str) else value(resource, inventory)


def _by_edge(sku_key: str, unit: str) -> UsageKey:
    return UsageKey(("CloudFront", sku_key), unit, "CDN", choices=EDGES, region="edge:{}")


_CLASSES = tuple(s3.storage_sku(name) for name in (s3.STANDARD, *s3.CLASSES.values()))
_TIERS = ("basic", "professional")

USAGE_KEYS: Mapping[str, Mapping[str, UsageKey]] = {
    "aws:apigatewayv2/api:Api": {
        "monthly_requests": UsageKey(("APIGateway", "http_api"), "requests", "Network"),
        "monthly_data_transfer_out_gb": UsageKey(("DataTransfer", "dto.internet"), "GB", "Network"),
    },
    "aws:athena/workgroup:Workgroup": {
        "monthly_data_scanned_tb": UsageKey(("Athena", "query"), "TB scanned", "Analytics"),
    },
    "aws:backup/vault:Vault": {
        "storage_gb": UsageKey(("DynamoDB", "backup.ondemand"), "GB-month", "Database"),
    },
    "aws:cloudfront/distribution:Distribution": {
        "monthly_data_transfer_to_internet_gb": _by_edge("dto.{}", "GB"),
        "monthly_https_requests": _by_edge("req.https.{}", "requests"),
        "monthly_shield_requests": UsageKey(
            ("CloudFront", "origin_shield"), "requests", "CDN", region=lambda r, _: cloudfront.shield_region(r)
        ),
    },
    "aws:cloudtrail/trail:Trail": {
        "monthly_data_events": UsageKey(("CloudTrail", "data_events"), "events", "Security"),
        "monthly_insight_events": UsageKey(("CloudTrail", "insights"), "events", "Security"),
    },
    "aws:cloudwatch/eventArchive:EventArchive": {
        "monthly_archived_gb": UsageKey(("EventBridge", "archive_processing"), "GB", "Messaging"),
        "storage_gb": UsageKey(("EventBridge", "archive_storage"), "GB-month", "Messaging"),
    },
    "aws:cloudwatch/eventBus:EventBus": {
        "monthly_custom_events": UsageKey(("EventBridge", "custom_events"), "events", "Messaging"),
    },
    "aws:cloudwatch/eventRule:EventRule": {
        "monthly_custom_events": UsageKey(("EventBridge", "custom_events"), "events", "Messaging"),
    },
    "aws:cloudwatch/logDelivery:LogDelivery": {
        "monthly_data_ingested_gb": UsageKey(("CloudWatch", "logs.vended"), "GB", "Observability"),
    },
    "aws:cloudwatch/logGroup:LogGroup": {
        "monthly_data_ingested_gb": UsageKey(("CloudWatch", cloudwatch.ingestion_sku), "GB", "Observability"),
        "storage_gb": UsageKey(("CloudWatch", "logs.storage"), "GB-month", "Observability"),
    },
    "aws:cognito/userPool:UserPool": {
        "monthly_active_users": UsageKey(("Cognito", lambda r, _: cognito.tier_sku(r)), "MAU", "Security"),
    },
    "aws:dynamodb/table:Table": {
        "monthly_write_request_units": UsageKey(("DynamoDB", "ondemand.wru"), "WRU", "Database"),
        "monthly_read_request_units": UsageKey(("DynamoDB", "ondemand.rru"), "RRU", "Database"),
        "storage_gb": UsageKey(("DynamoDB", "storage.standard"), "GB-month", "Database"),
        "pitr_backup_storage_gb": UsageKey(("DynamoDB", "backup.pitr"), "GB-month", "Database"),
    },
    "aws:ec2/flowLog:FlowLog": {
        "monthly_data_ingested_gb": UsageKey(("CloudWatch", "logs.vended"), "GB", "Observability"),
    },
    "aws:ec2/natGateway:NatGateway": {
        "monthly_data_processed_gb": UsageKey(("NAT", "data"), "GB", "Network"),
    },
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        "monthly_data_processed_gb": UsageKey(("VPC", "interface_endpoint.data"), "GB", "Network"),
    },
    "aws:ecr/repository:Repository": {
        "storage_gb": UsageKey(("ECR", "storage"), "GB-month", "Storage"),
    },
    "aws:ecs/service:Service": {
        "monthly_vcpu_hours_above_minimum": UsageKey(
            ("Fargate", lambda r, i: f"{fargate.chip_of_service(r, i)}.vcpu"), "vCPU-hour", "Compute"
        ),
        "monthly_gb_hours_above_minimum": UsageKey(
            ("Fargate", lambda r, i: f"{fargate.chip_of_service(r, i)}.gb"), "GB-hour", "Compute"
        ),
    },
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "storage_gb": UsageKey(("ElastiCache", "backup"), "GB-month", "Database"),
    },
    "aws:guardduty/detector:Detector": {
        "monthly_management_events": UsageKey(("GuardDuty", "cloudtrail"), "events", "Security"),
        "monthly_s3_events": UsageKey(("GuardDuty", "s3_data_events"), "events", "Security"),
        "monthly_flow_log_gb": UsageKey(("GuardDuty", "vpc_flow_dns"), "GB", "Security"),
    },
    "aws:ivs/channel:Channel": {
        "monthly_input_hours": UsageKey(("IVS", lambda r, _: ivs.input_sku(r)), "hour", "Live"),
        "monthly_viewer_hours": UsageKey(
            ("IVS", "lowlatency.output.{}"),
            "viewer-hour",
            "Live",
            choices=("audio", "sd", "hd", "fhd"),
            region=ivs.CHEAPEST_GROUP,
        ),
    },
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": {
        "monthly_data_ingested_gb": UsageKey(("Firehose", "direct_put"), "GB", "Analytics"),
    },
    "aws:kinesis/stream:Stream": {
        "monthly_data_in_gb": UsageKey(("KinesisDataStreams", "ondemand.in"), "GB", "Analytics"),
        "monthly_data_out_gb": UsageKey(("KinesisDataStreams", "ondemand.out"), "GB", "Analytics"),
    },
    "aws:kms/key:Key": {
        "monthly_requests": UsageKey(("KMS", "requests"), "requests", "Security"),
    },
    "aws:lambda/function:Function": {
        "monthly_images": UsageKey(("Rekognition", "image.labels_moderation_text"), "images", "Moderation"),
        "monthly_requests": UsageKey(("Lambda", "requests"), "requests", "Compute"),
        "monthly_gb_seconds": UsageKey(("Lambda", lambda r, _: f"duration.{lambda_.chip(r)}"), "GB-second", "Compute"),
    },
    "aws:lb/loadBalancer:LoadBalancer": {
        "monthly_lcu_hours": UsageKey(("ALB", "lcu"), "LCU-hour", "Network"),
    },
    "aws:mediaconvert/queue:Queue": {
        "monthly_normalized_minutes": UsageKey(
            ("MediaConvert", "ntm.{}"), "normalized minute", "Transcoding", choices=_TIERS
        ),
        "monthly_audio_minutes": UsageKey(
            ("MediaConvert", "permin.{}.audio_only"), "output minute", "Transcoding", choices=_TIERS
        ),
    },
    "aws:pipes/pipe:Pipe": {
        "monthly_requests": UsageKey(("EventBridge", "pipes"), "requests", "Messaging"),
    },
    "aws:s3/bucket:Bucket": {
        "storage_gb": UsageKey(("S3", "storage.{}"), "GB-month", "Storage", choices=_CLASSES),
        "monthly_put_requests": UsageKey(("S3", "req.put.standard"), "requests", "Storage"),
        "monthly_get_requests": UsageKey(("S3", "req.get.standard"), "requests", "Storage"),
        "monthly_lifecycle_transition_requests": UsageKey(
            ("S3", "lifecycle.into.{}"), "requests", "Storage", choices=tuple(s3.CLASSES.values())
        ),
        "monitored_objects": UsageKey(("S3", "int.monitoring"), "objects-month", "Storage"),
    },
    "aws:secretsmanager/secret:Secret": {
        "monthly_requests": UsageKey(("SecretsManager", "api"), "requests", "Security"),
    },
    "aws:sns/topic:Topic": {
        "monthly_requests": UsageKey(("SNS", "publish"), "requests", "Messaging"),
    },
    "aws:sqs/queue:Queue": {
        "monthly_requests": UsageKey(
            ("SQS", lambda r, _: "fifo" if r.inputs.get("fifoQueue") else "standard"), "requests", "Messaging"
        ),
    },
    "aws:wafv2/webAcl:WebAcl": {
        "monthly_requests": UsageKey(("WAF", "requests"), "requests", "Security"),
    },
}
"""Resource type -> key -> what it states."""
