"""The platform of one stack: which components there are and how they hang together."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from infra.components.access_logs import AccessLogs, AccessLogsArgs
from infra.components.alerts import every_alarm_tells
from infra.components.analytics import Analytics, AnalyticsArgs
from infra.components.api import Api, ApiArgs, api_permissions
from infra.components.audit import Audit, AuditArgs
from infra.components.backup import Backup, BackupArgs
from infra.components.cache import Cache, CacheArgs
from infra.components.codecs import EarnedCodecs, EarnedCodecsArgs
from infra.components.delivery import Delivery, DeliveryArgs
from infra.components.domain import Domain, DomainArgs
from infra.components.erasure import Erasure, ErasureArgs
from infra.components.events import Events, EventsArgs
from infra.components.fargate_service import FargateArgs
from infra.components.feed import Feed, FeedArgs
from infra.components.firewall import Firewall, FirewallArgs
from infra.components.flow_log import FlowLog, FlowLogArgs
from infra.components.gifts import Gifts, GiftsArgs
from infra.components.guardrails import Guardrails, GuardrailsArgs
from infra.components.http_api import HttpApi, HttpApiArgs, Jwt
from infra.components.identity import Identity, IdentityArgs
from infra.components.kill_switch import KillSwitch, KillSwitchArgs
from infra.components.live import Live, LiveArgs
from infra.components.moderation import Moderation, ModerationArgs
from infra.components.network import Network, NetworkArgs
from infra.components.notices import Notices, NoticesArgs
from infra.components.observability import Observability, ObservabilityArgs
from infra.components.playback import Playback, PlaybackArgs
from infra.components.publishing import Publishing, PublishingArgs
from infra.components.recommendation import Recommendation, RecommendationArgs
from infra.components.replica import Replica, ReplicaArgs
from infra.components.shop import Shop, ShopArgs
from infra.components.signing_keys import SigningKeys
from infra.components.storage import MediaArgs, MediaStorage
from infra.components.transcoding import Transcoding, TranscodingArgs
from infra.components.upload import Upload, UploadArgs
from infra.ladder import earned_ladder_document, ladder_document
from infra.layout import private_subnets, public_subnets
from infra.naming import Naming
from infra.residency import keeps_requests
from infra.settings import Settings, SettingsError


def build(settings: Settings) -> Mapping[str, pulumi.Input[str]]:
    """Declares every resource of the stack.

    Returns:
        The stack's outputs by name.

    Raises:
        SettingsError: the stack's name does not fit into the names of its resources.
    """
    naming = Naming(pulumi.get_project(), pulumi.get_stack(), settings.cell.residency)
    if faults := list(naming.faults()):
        raise SettingsError(faults)
    account = aws.get_caller_identity_output().account_id
    region = aws.get_region_output().region
    guardrails = Guardrails(
        "guardrails",
        naming,
        GuardrailsArgs(
            account=account,
            monthly_budget_usd=settings.guardrails.monthly_budget_usd,
            anomaly_usd=settings.guardrails.anomaly_usd,
            emails=settings.guardrails.alert_emails,
            cost_tags_active=settings.guardrails.cost_tags_active,
        ),
    )
    every_alarm_tells(guardrails.alerts.topic)
    storage = MediaStorage(
        "media",
        naming,
        MediaArgs(
            raw_retention_days=settings.storage.raw_retention_days,
            review_days=settings.storage.review_days,
            allowed_origins=settings.storage.allowed_origins,
            protect=settings.storage.protect,
            replicated=settings.storage.replica_region is not None,
        ),
    )
    replica = _replica(naming, settings, storage, account)
    events = Events("events", naming, EventsArgs(archive_days=settings.events.archive_days))
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
            sampling=settings.moderation.sampling,
            reserved_slots=settings.transcoding.reserved_slots,
            reserved_renewal=settings.transcoding.reserved_renewal,
            hop_minutes=settings.transcoding.hop_minutes,
            events=events,
            log_retention_days=settings.observability.log_retention_days,
        ),
    )
    moderation = Moderation(
        "moderation",
        naming,
        ModerationArgs(
            account=account,
            region=region,
            parts=settings.moderation.parts,
            thresholds=settings.moderation.limits,
            storage=storage,
            events=events,
            log_retention_days=settings.observability.log_retention_days,
        ),
    )
    publishing = Publishing(
        "publishing",
        naming,
        PublishingArgs(storage=storage, events=events, log_retention_days=settings.observability.log_retention_days),
    )
    identity = Identity(
        "identity",
        naming,
        IdentityArgs(
            region=region,
            tier=settings.identity.tier,
            mfa=settings.identity.mfa,
            minimum_age=settings.identity.minimum_age,
            callback_urls=settings.storage.allowed_origins,
            log_retention_days=settings.observability.log_retention_days,
            protect=settings.storage.protect,
        ),
    )
    feed = Feed("feed", naming, FeedArgs(account=account, bus=events.bus, protect=settings.storage.protect))
    gifts = Gifts(
        "gifts",
        naming,
        GiftsArgs(
            events=events,
            diamonds_per_100_coins=settings.live.diamonds_per_100_coins,
            log_retention_days=settings.observability.log_retention_days,
            protect=settings.storage.protect,
        ),
    )
    network = Network(
        "network",
        naming,
        NetworkArgs(
            region=region,
            cidr=settings.network.vpc_cidr,
            subnets=private_subnets(settings.network.vpc_cidr, settings.network.availability_zones),
            nat_subnets=public_subnets(settings.network.vpc_cidr, settings.network.nat_gateways),
            zones=aws.get_availability_zones_output(state="available").names,
        ),
    )
    if settings.network.flow_log:
        FlowLog(
            "flow-log",
            naming,
            FlowLogArgs(account=account, network=network, log_retention_days=settings.observability.log_retention_days),
        )
    shop = None
    if settings.shop.enabled:
        shop = Shop(
            "shop",
            naming,
            ShopArgs(
                events=events,
                providers=settings.shop.webhook_providers,
                requests_per_second=settings.shop.webhooks_per_second,
                log_retention_days=settings.observability.log_retention_days,
                protect=settings.storage.protect,
            ),
        )
    if settings.live.enabled:
        Live(
            "live",
            naming,
            LiveArgs(
                storage=storage,
                transcoding=transcoding,
                channel_type=settings.live.channel_type,
                latency=settings.live.latency,
                record=settings.live.record,
                log_retention_days=settings.observability.log_retention_days,
            ),
        )
    analytics = None
    if settings.analytics.enabled:
        analytics = Analytics(
            "analytics",
            naming,
            AnalyticsArgs(
                account=account,
                region=region,
                source=settings.analytics.source,
                retention_days=settings.analytics.retention_days,
                buffer_seconds=settings.analytics.buffer_seconds,
                scan_limit_gb=settings.analytics.scan_limit_gb,
                log_retention_days=settings.observability.log_retention_days,
                protect=settings.storage.protect,
            ),
        )
    if analytics and analytics.stream and settings.transcoding.earned_codecs:
        _earned_codecs(naming, settings, storage, transcoding, events, analytics.stream)
    api = Api(
        "api",
        naming,
        ApiArgs(
            region=region,
            network=network,
            image_tag=settings.api.image_tag,
            cpu=settings.api.cpu,
            memory_mib=settings.api.memory_mib,
            min_tasks=settings.api.min_tasks,
            max_tasks=settings.api.max_tasks,
            spot_percent=settings.api.spot_percent,
            requests_per_task=settings.api.requests_per_task,
            environment={"RAW_BUCKET": storage.raw.name, "TABLE_NAME": storage.videos.name},
            statements=api_permissions(storage, feed, events, analytics),
            log_retention_days=settings.observability.log_retention_days,
            protect=settings.storage.protect,
        ),
    )
    clients = {"api": api.tasks}
    if settings.recommendation.enabled and analytics and analytics.stream:
        recommendation = Recommendation(
            "recommendation",
            naming,
            RecommendationArgs(
                api=api,
                feed=feed,
                stream=analytics.stream,
                weights=settings.recommendation.weights,
                candidate_days=settings.recommendation.candidate_days,
                service=FargateArgs(
                    region=region,
                    network=network,
                    image_tag=settings.recommendation.image_tag,
                    cpu=settings.recommendation.cpu,
                    memory_mib=settings.recommendation.memory_mib,
                    min_tasks=settings.recommendation.min_tasks,
                    max_tasks=settings.recommendation.max_tasks,
                    spot_percent=settings.api.spot_percent,
                    requests_per_task=settings.api.requests_per_task,
                    log_retention_days=settings.observability.log_retention_days,
                    protect=settings.storage.protect,
                ),
            ),
        )
        clients["ranking"] = recommendation.ranking.tasks
    if settings.cache.enabled:
        Cache(
            "cache",
            naming,
            CacheArgs(
                network=network,
                clients=clients,
                node_type=settings.cache.node_type,
                replicas=settings.cache.replicas,
            ),
        )
    gateway = HttpApi(
        "gateway",
        naming,
        HttpApiArgs(
            description="Uploads and sessions",
            allowed_origins=settings.storage.allowed_origins,
            requests_per_second=settings.upload.requests_per_second,
            burst=settings.upload.burst,
            log_retention_days=settings.observability.log_retention_days,
            jwt=Jwt(identity.issuer, identity.client.id),
        ),
    )
    Upload(
        "upload",
        naming,
        UploadArgs(
            storage=storage,
            api=gateway,
            max_mb=settings.upload.max_mb,
            form_mb=settings.upload.form_mb,
            part_mb=settings.upload.part_mb,
            content_types=settings.upload.content_types,
            log_retention_days=settings.observability.log_retention_days,
        ),
    )
    keys = SigningKeys("signing-keys", naming, settings.delivery.signing_keys) if settings.delivery.signed else None
    firewall = _firewall(naming, settings)
    domain = _domain(naming, settings)
    delivery = Delivery(
        "delivery",
        naming,
        DeliveryArgs(
            renditions=storage.renditions,
            api=api,
            price_class=settings.delivery.price_class,
            allowed_origins=settings.storage.allowed_origins,
            gateway=gateway,
            keys=keys,
            web_acl_arn=firewall.acl.arn if firewall else None,
            replica=replica.bucket if replica else None,
            shield_region=settings.delivery.origin_shield_region,
            host=domain.host if domain else None,
        ),
    )
    if domain:
        domain.lead_to(delivery.distribution)
    if settings.delivery.access_logs:
        days, protect = settings.delivery.access_log_days, settings.storage.protect
        AccessLogs("access-logs", naming, AccessLogsArgs(account, delivery.distribution, days, protect))
    Erasure(
        "erasure",
        naming,
        ErasureArgs(
            account=account,
            region=region,
            storage=storage,
            feed=feed,
            users=identity.pool,
            events=events,
            distribution=delivery.distribution,
            log_retention_days=settings.observability.log_retention_days,
            replica=replica,
        ),
    )
    _records(naming, settings, storage, account, region)
    if settings.audit.threat_detection:
        Notices(
            "notices",
            naming,
            NoticesArgs(
                finding_severity=settings.audit.finding_severity,
                alerts=guardrails.alerts.topic,
                log_retention_days=settings.observability.log_retention_days,
            ),
        )
    if keys:
        Playback(
            "playback",
            naming,
            PlaybackArgs(
                storage=storage,
                api=gateway,
                keys=keys,
                host=delivery.host,
                session_minutes=settings.delivery.session_minutes,
                anonymous=settings.delivery.anonymous_viewers,
                log_retention_days=settings.observability.log_retention_days,
            ),
        )
    if settings.guardrails.kill_switch:
        KillSwitch(
            "kill-switch",
            naming,
            KillSwitchArgs(
                queue=transcoding.queue,
                events=events,
                spending=guardrails.spending.topic,
                alerts=guardrails.alerts.topic,
                log_retention_days=settings.observability.log_retention_days,
            ),
        )
    Observability(
        "observability",
        naming,
        ObservabilityArgs(
            account=account,
            region=region,
            alerts=guardrails.alerts.topic,
            emails=settings.guardrails.alert_emails,
            queue=transcoding.queue,
            table=storage.videos,
            load_balancer=api.load_balancer,
            distribution=delivery.distribution,
            pipeline=[transcoding.submit, transcoding.complete, moderation.moderate, publishing.publish],
            time_to_publish_seconds=settings.observability.time_to_publish_seconds,
            api_latency_ms=settings.observability.api_latency_ms,
            review_queue=moderation.queue,
            review_hours=settings.observability.review_hours,
        ),
    )
    return {
        "url": delivery.url,
        "rawBucket": storage.raw.name,
        "renditionsBucket": storage.renditions.name,
        "videosTable": storage.videos.name,
        "transcodeQueue": transcoding.queue.arn,
        "alertsTopic": guardrails.alerts.topic.arn,
        "spendingTopic": guardrails.spending.topic.arn,
        "eventBus": events.bus.name,
        "gatewayUrl": gateway.api.api_endpoint,
        "reviewQueue": moderation.queue.url,
        "apiRepository": api.repository.repository_url,
        "userPool": identity.pool.id,
        "userPoolClient": identity.client.id,
        "feedTable": feed.table.name,
        "giftsTable": gifts.ledger.name,
        **({"webhooksUrl": shop.door.api.api_endpoint} if shop else {}),
    }


def _earned_codecs(
    naming: Naming,
    settings: Settings,
    storage: MediaStorage,
    transcoding: Transcoding,
    events: Events,
    stream: aws.kinesis.Stream,
) -> None:
    wanted = settings.transcoding
    ladders = {
        codec.lower(): earned_ladder_document(codec, wanted.ladder, segment_seconds=wanted.segment_seconds)
        for codec in wanted.earned_codecs
    }
    EarnedCodecs(
        "earned-codecs",
        naming,
        EarnedCodecsArgs(
            storage=storage,
            transcoding=transcoding,
            events=events,
            stream=stream,
            views=wanted.earned,
            ladders=ladders,
            keep_days=settings.storage.raw_retention_days,
            log_retention_days=settings.observability.log_retention_days,
        ),
    )


def _replica(naming: Naming, settings: Settings, storage: MediaStorage, account: pulumi.Input[str]) -> Replica | None:
    region = settings.storage.replica_region
    if region is None:
        return None
    return Replica("replica", naming, ReplicaArgs(account, storage.renditions, region, settings.storage.protect))


def _firewall(naming: Naming, settings: Settings) -> Firewall | None:
    wanted = settings.firewall
    if not wanted.enabled:
        return None
    return Firewall(
        "firewall",
        naming,
        FirewallArgs(
            api_requests=wanted.api_requests_per_5_minutes,
            media_requests=wanted.media_requests_per_5_minutes,
            keep_requests=keeps_requests(settings.cell.residency),
            log_retention_days=settings.observability.log_retention_days,
        ),
    )


def _domain(naming: Naming, settings: Settings) -> Domain | None:
    name, zone = settings.delivery.domain, settings.delivery.hosted_zone_id
    return Domain("domain", naming, DomainArgs(name, zone)) if name and zone else None


def _records(
    naming: Naming, settings: Settings, storage: MediaStorage, account: pulumi.Input[str], region: pulumi.Input[str]
) -> None:
    """What is kept for the day that something goes wrong: audit records and backups."""
    wanted = settings.audit
    if wanted.trail or wanted.threat_detection or wanted.access_analyzer:
        Audit(
            "audit",
            naming,
            AuditArgs(
                account=account,
                region=region,
                trail=wanted.trail,
                threat_detection=wanted.threat_detection,
                access_analyzer=wanted.access_analyzer,
                retention_days=wanted.retention_days,
                protect=settings.storage.protect,
                watched_buckets=(storage.raw, storage.renditions) if wanted.data_events else (),
            ),
        )
    if settings.backup.enabled:
        Backup(
            "backup",
            naming,
            BackupArgs(
                account=account,
                region=region,
                retention_days=settings.backup.retention_days,
                protect=settings.storage.protect,
            ),
        )
