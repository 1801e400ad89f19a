"""The platform of one stack: which components there are and how they hang together."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from infra.components.api import Api, ApiArgs
from infra.components.delivery import Delivery, DeliveryArgs
from infra.components.network import Network, NetworkArgs
from infra.components.storage import MediaArgs, MediaStorage
from infra.components.transcoding import Transcoding, TranscodingArgs
from infra.ladder import ladder_document
from infra.layout import private_subnets
from infra.naming import Naming
from infra.settings import Settings


def build(settings: Settings) -> Mapping[str, pulumi.Input[str]]:
    """Declares every resource of the stack.

    Returns:
        The stack's outputs by name.
    """
    naming = Naming(pulumi.get_project(), pulumi.get_stack())
    account = aws.get_caller_identity_output().account_id
    region = aws.get_region_output().region
    storage = MediaStorage(
        "media",
        naming,
        MediaArgs(
            raw_retention_days=settings.storage.raw_retention_days,
            allowed_origins=settings.storage.allowed_origins,
            protect=settings.storage.protect,
        ),
    )
    transcoding = Transcoding(
        "transcoding",
        naming,
        TranscodingArgs(
            account=account,
            region=region,
            storage=storage,
            ladder=ladder_document(
                settings.transcoding.ladder,
                mp4=settings.transcoding.mp4_rendition,
                segment_seconds=settings.transcoding.segment_seconds,
            ),
            log_retention_days=settings.observability.log_retention_days,
        ),
    )
    network = Network(
        "network",
        naming,
        NetworkArgs(
            region=region,
            cidr=settings.network.vpc_cidr,
            subnets=private_subnets(settings.network.vpc_cidr, settings.network.availability_zones),
            zones=aws.get_availability_zones_output(state="available").names,
        ),
    )
    api = Api(
        "api",
        naming,
        ApiArgs(
            region=region,
            network=network,
            storage=storage,
            image_tag=settings.api.image_tag,
            cpu=settings.api.cpu,
            memory_mib=settings.api.memory_mib,
            min_tasks=settings.api.min_tasks,
            max_tasks=settings.api.max_tasks,
            requests_per_task=settings.api.requests_per_task,
            log_retention_days=settings.observability.log_retention_days,
            protect=settings.storage.protect,
        ),
    )
    delivery = Delivery(
        "delivery",
        naming,
        DeliveryArgs(
            renditions=storage.renditions,
            api=api,
            price_class=settings.delivery.price_class,
            allowed_origins=settings.storage.allowed_origins,
        ),
    )
    return {
        "url": delivery.url,
        "rawBucket": storage.raw.name,
        "renditionsBucket": storage.renditions.name,
        "videosTable": storage.videos.name,
        "transcodeQueue": transcoding.queue.arn,
        "apiRepository": api.repository.repository_url,
    }
