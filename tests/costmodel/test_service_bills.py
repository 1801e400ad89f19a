"""Bills of data, live, moderation and analytics, worked by hand: caches, streams, tables by role, pictures, live hours.

Prices are the shipped ones of us-east-1 in November 2026; the arithmetic stands in each test.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from costmodel.assumptions import Assumptions
from costmodel.inventory import Inventory, Resource
from costmodel.metering import meter
from costmodel.pricing import PriceBook, price
from costmodel.tables import Activity, Charge, Coverage

Made = Callable[..., Activity]
BOOK = PriceBook.load()
GIB = 2**30
HOURS = 730

CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
CHANNEL = "aws:ivs/channel:Channel"
FIREHOSE = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
FUNCTION = "aws:lambda/function:Function"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
PIPE = "aws:pipes/pipe:Pipe"
RULE = "aws:cloudwatch/eventRule:EventRule"
STREAM = "aws:kinesis/stream:Stream"
TABLE = "aws:dynamodb/table:Table"


@dataclass(frozen=True)
class Bill:
    charges: Sequence[Charge]
    coverage: Coverage

    def cost(self, service: str, sku: str = "", name: str = "") -> float:
        chosen = [
            c
            for c in self.charges
            if c.service_name == service and c.sku_id.startswith(sku) and c.resource_urn.endswith(name)
        ]
        assert chosen, f"no {service} {sku}: {sorted({(c.service_name, c.sku_id) for c in self.charges})}"
        return sum(float(c.cost.sum()) for c in chosen)

    @property
    def gaps(self) -> str:
        found = [*self.coverage.not_covered.values(), *(g for gaps in self.coverage.gaps.values() for g in gaps)]
        return " | ".join(found)


def made(token: str, inputs: Mapping[str, Any] | None = None, name: str = "it", **tied: Resource) -> Resource:
    """A resource; ``tied`` are the inputs that were made from others."""
    dependencies = {prop: (other.urn,) for prop, other in tied.items()}
    return Resource(f"urn:{token}::{name}", token, name, "", dict(inputs or {}), dependencies, "us-east-1")


def bill(resources: Sequence[Resource], activity: Activity, **assumed: float) -> Bill:
    stack = Inventory("p", "dev", "us-east-1", {resource.urn: resource for resource in resources})
    assumptions = Assumptions.load({key.replace("__", "."): value for key, value in assumed.items()})
    quantities, coverage = meter(stack, activity, assumptions, BOOK)
    return Bill(price(quantities, BOOK, on=date(2027, 1, 1)), coverage)


# --- cache


def test_a_cache_costs_its_nodes(made_activity: Made) -> None:
    group = made(CACHE, {"engine": "valkey", "nodeType": "cache.r7g.large", "numCacheClusters": 2})
    # 2 nodes x 730 h x 0.1752
    assert bill([group], made_activity()).cost("ElastiCache") == pytest.approx(2 * 730 * 0.1752)


def test_a_cluster_counts_replicas_of_every_shard(made_activity: Made) -> None:
    group = made(CACHE, {"nodeType": "cache.t4g.micro", "numNodeGroups": 3, "replicasPerNodeGroup": 2})
    # Redis is the engine that the service takes by itself: 3 x (1 + 2) nodes x 730 h x 0.016
    assert bill([group], made_activity()).cost("ElastiCache", "redis.") == pytest.approx(9 * 730 * 0.016)


def test_reads_from_the_cache_cross_zones(made_activity: Made) -> None:
    subnets = made("aws:elasticache/subnetGroup:SubnetGroup", {"subnetIds": ["a", "b"]})
    inputs = {"engine": "valkey", "nodeType": "cache.t4g.micro", "numCacheClusters": 2}
    group = made(CACHE, inputs, subnetGroupName=subnets)
    found = bill([subnets, group], made_activity(api_requests=1e9))
    # 1e9 requests x 2 KB, half of the tasks in the other zone, one side billed at 0.01/GB
    assert found.cost("DataTransfer", "inter_az") == pytest.approx(1e9 * 2_000 / GIB / 2 * 0.01)


def test_a_second_snapshot_is_a_gap_and_the_first_is_free(made_activity: Made) -> None:
    inputs = {"engine": "valkey", "nodeType": "cache.t4g.micro", "numCacheClusters": 1}
    assert bill([made(CACHE, inputs | {"snapshotRetentionLimit": 1})], made_activity()).gaps == ""
    assert (
        "snapshots beyond the first"
        in bill([made(CACHE, inputs | {"snapshotRetentionLimit": 2})], made_activity()).gaps
    )


# --- live


def live_hours(made_activity: Made, **more: Any) -> Activity:
    return made_activity(live_hours_streamed=10, live_hours_watched=1_000, **more)


def test_a_standard_channel(made_activity: Made) -> None:
    found = bill([made(CHANNEL, {"type": "STANDARD"})], live_hours(made_activity))
    assert found.cost("IVS", "lowlatency.input.standard") == pytest.approx(10 * 2.00)
    # 65 % of hours at 480p, 25 % at 720p, 10 % at 1080p.
    assert found.cost("IVS", "lowlatency.output.sd") == pytest.approx(650 * 0.0375)
    assert found.cost("IVS", "lowlatency.output.hd") == pytest.approx(250 * 0.075)
    assert found.cost("IVS", "lowlatency.output.fhd") == pytest.approx(100 * 0.15)
    assert found.gaps == ""


@pytest.mark.parametrize(
    ("kind", "per_hour_in", "per_hour_out"),
    [
        ("BASIC", 0.20, 0.075),  # nothing is made: everybody gets the 720p that phones send
        ("ADVANCED_SD", 0.50, 0.0375),
        ("ADVANCED_HD", 0.85, 0.65 * 0.0375 + 0.35 * 0.075),
    ],
)
def test_channels_of_other_types(kind: str, per_hour_in: float, per_hour_out: float, made_activity: Made) -> None:
    found = bill([made(CHANNEL, {"type": kind})], live_hours(made_activity))
    assert found.cost("IVS") == pytest.approx(10 * per_hour_in + 1_000 * per_hour_out)


def test_viewers_elsewhere_are_counted_low_and_said_so(made_activity: Made) -> None:
    found = bill([made(CHANNEL)], live_hours(made_activity, edges=("us", "india")))
    # 1,000 hours in each of two places.
    assert found.cost("IVS", "lowlatency.output.sd") == pytest.approx(1_300 * 0.0375)
    assert "lowest of IVS's groups" in found.gaps


# --- interactions: stream, delivery, lake


def stream(**inputs: Any) -> Resource:
    return made(STREAM, {"streamModeDetails": {"streamMode": "ON_DEMAND"}} | inputs)


def test_a_stream_on_demand_with_two_readers(made_activity: Made) -> None:
    source = stream()
    readers = [made(MAPPING, eventSourceArn=source), made(FIREHOSE, {}, kinesisSourceConfiguration=source)]
    found = bill([source, *readers], made_activity(views=900_000, engagements=100_000))
    # Each of 1e6 records of 400 bytes counts as 1 KiB.
    gb = 1e6 * 1_024 / GIB
    assert found.cost("KinesisDataStreams", "ondemand.stream") == pytest.approx(730 * 0.04)
    assert found.cost("KinesisDataStreams", "ondemand.in") == pytest.approx(gb * 0.08)
    assert found.cost("KinesisDataStreams", "ondemand.out") == pytest.approx(2 * gb * 0.04)


@pytest.mark.parametrize(("size", "billed"), [(1, 1_024), (1_024, 1_024), (1_025, 2_048)])
def test_a_stream_rounds_records_up_to_whole_kb(size: float, billed: int, made_activity: Made) -> None:
    found = bill([stream()], made_activity(views=1e6), eng__interaction_bytes=size)
    assert found.cost("KinesisDataStreams", "ondemand.in") == pytest.approx(1e6 * billed / GIB * 0.08)


@pytest.mark.parametrize(("size", "units"), [(400, 1), (25 * 1_024, 1), (25 * 1_024 + 1, 2)])
def test_a_provisioned_stream_counts_units_of_25_kb(size: float, units: int, made_activity: Made) -> None:
    inputs = {"streamModeDetails": {"streamMode": "PROVISIONED"}, "shardCount": 3}
    found = bill([made(STREAM, inputs)], made_activity(views=1e6), eng__interaction_bytes=size)
    assert found.cost("KinesisDataStreams", "provisioned.shard") == pytest.approx(3 * 730 * 0.015)
    assert found.cost("KinesisDataStreams", "provisioned.put_units") == pytest.approx(units * 0.014)


def test_records_kept_longer_than_a_day(made_activity: Made) -> None:
    found = bill([stream(retentionPeriod=168)], made_activity(views=31e6))
    # 1e6 records a day, kept for six days beyond the first, at 0.10/GB-month.
    assert found.cost("KinesisDataStreams", "ondemand.ext_retention") == pytest.approx(6e6 * 1_024 / GIB * 0.10)
    assert all(
        c.sku_id != "ondemand.ext_retention" for c in bill([stream(retentionPeriod=24)], made_activity()).charges
    )


@pytest.mark.parametrize(("gb", "cost"), [(512_000, 14_848), (513_000, 14_873)])
def test_firehose_rounds_to_5_kb_and_climbs_its_tiers(gb: float, cost: float, made_activity: Made) -> None:
    # Each record of 400 bytes counts as 5 KiB: 512,000 GB at 0.029, the next 1,000 at 0.025.
    found = bill([made(FIREHOSE)], made_activity(views=gb * GIB / 5_120))
    assert found.cost("Firehose", "direct_put") == pytest.approx(cost)


def test_firehose_that_makes_parquet(made_activity: Made) -> None:
    target = {"extendedS3Configuration": {"dataFormatConversionConfiguration": {"enabled": True}}}
    found = bill([made(FIREHOSE, target)], made_activity(views=1e6))
    assert found.cost("Firehose", "format_conversion") == pytest.approx(1e6 * 5_120 / GIB * 0.018)


def test_queries_read_days_of_the_lake_within_their_limit(made_activity: Made) -> None:
    delivery, activity = made(FIREHOSE), made_activity(views=31e9)
    # A day's lake: 1e9 records x 400 bytes x 0.15 as Parquet = 55.88 GB. 300 queries read 14 days, at 5.00/TB.
    day = 1e9 * 400 * 0.15 / GIB
    free = bill([delivery, made("aws:athena/workgroup:Workgroup")], activity)
    assert free.cost("Athena") == pytest.approx(300 * 14 * day / 1_024 * 5)
    limit = {"configuration": {"bytesScannedCutoffPerQuery": 100 * GIB}}
    limited = bill([delivery, made("aws:athena/workgroup:Workgroup", limit)], activity)
    assert limited.cost("Athena") == pytest.approx(300 * 100 / 1_024 * 5)


# --- tables by role


def table(role: str, indexes: int = 0, **inputs: Any) -> Resource:
    found: dict[str, Any] = {"billingMode": "PAY_PER_REQUEST", "tags": {"reelplan:role": role}}
    found["globalSecondaryIndexes"] = [{"name": f"i{i}"} for i in range(indexes)]
    return made(TABLE, found | inputs, role)


def test_a_gift_is_a_transaction_of_three_writes(made_activity: Made) -> None:
    found = bill([table("gifts", 2)], made_activity(gift_coins=3e6), gifts__coins_per_gift=30)
    # 100,000 gifts x (3 writes x 2 units in a transaction + 2 index entries) = 800,000 units; the balance read at 0.5.
    assert found.cost("DynamoDB", "ondemand.wru") == pytest.approx(0.8 * 0.625)
    assert found.cost("DynamoDB", "ondemand.rru") == pytest.approx(0.05 * 0.125)


def test_an_order_is_written_with_its_indexes(made_activity: Made) -> None:
    found = bill([table("orders", 2)], made_activity(orders=250_000), shop__states_per_order=4)
    # 1e6 changes x (1 note + 2 writes x 3 copies) = 7e6 units
    assert found.cost("DynamoDB", "ondemand.wru") == pytest.approx(7 * 0.625)
    # 1e6 looks at the note x 0.5
    assert found.cost("DynamoDB", "ondemand.rru") == pytest.approx(0.5 * 0.125)


def test_candidates_are_scored_and_read(made_activity: Made) -> None:
    found = bill([table("candidates", 1)], made_activity(views=2e6))
    # Two interactions in a write; an index by score deletes and writes: 1e6 x 3 units.
    assert found.cost("DynamoDB", "ondemand.wru") == pytest.approx(3 * 0.625)
    # 2e6 views x 0.15 pages x 100 candidates of 0.4 KB = 40 KB = 10 steps of 4 KB at 0.5
    assert found.cost("DynamoDB", "ondemand.rru") == pytest.approx(2e6 * 0.15 * 5 / 1e6 * 0.125)


def test_candidates_expire_after_the_days_that_their_function_is_told(made_activity: Made) -> None:
    pool = table("candidates", 1, pointInTimeRecovery={"enabled": True})
    function = made(FUNCTION, {"environment": {"variables": {"CANDIDATE_DAYS": "7"}}}, environment=pool)
    found = bill([pool, function], made_activity(months=3, uploads=1e6))
    kept = next(c.quantity for c in found.charges if c.sku_id == "backup.pitr")
    # Half of the first day and seven whole ones of March's 31 days, in two copies of 0.4 KB.
    assert kept[2] == pytest.approx(1e6 * 400 * 2 / GIB * 7.5 / 31, rel=0.02)


def test_a_feed_takes_the_engagements_from_the_videos(made_activity: Made) -> None:
    activity = made_activity(engagements=1e6, uploads=1_000)
    found = bill([table("feed", 2), table("videos")], activity)
    # 1e6 x 2 writes x 3 copies, and 60 timeline entries for each of 1,000 uploads.
    assert found.cost("DynamoDB", "ondemand.wru", "::feed") == pytest.approx(6.06 * 0.625)
    # 1,000 uploads x 4 writes x 2 KB
    assert found.cost("DynamoDB", "ondemand.wru", "::videos") == pytest.approx(0.008 * 0.625)


def test_the_infrequent_access_class_has_prices_of_its_own(made_activity: Made) -> None:
    found = bill(
        [table("orders", tableClass="STANDARD_INFREQUENT_ACCESS")], made_activity(orders=1e6), shop__states_per_order=1
    )
    assert found.cost("DynamoDB", "ondemand.wru_ia") == pytest.approx(3 * 0.78)


def test_a_role_that_nobody_knows_is_a_gap(made_activity: Made) -> None:
    assert "table of wishes is used is not modelled" in bill([table("wishes")], made_activity()).gaps


def test_a_pipe_takes_changes_and_polls_all_the_time(made_activity: Made) -> None:
    feed = table("feed")
    found = bill([feed, made(PIPE, source=feed)], made_activity(engagements=1e6))
    assert found.cost("EventBridge", "pipes") == pytest.approx(0.40)
    # 4 shards x 4 polls x 86,400 s x 365/12 = 42.048e6 requests, of which 2.5e6 are free, at 0.20 a million.
    assert found.cost("DynamoDB", "streams.read") == pytest.approx((42.048 - 2.5) * 0.20)


def test_a_bus_carries_what_rules_wait_for_and_pipes_bring(made_activity: Made) -> None:
    bus, feed = made("aws:cloudwatch/eventBus:EventBus"), table("feed")
    rule = made(RULE, {"eventPattern": json.dumps({"source": ["x"], "detail-type": ["Gift Sent"]})}, eventBusName=bus)
    to = {"targetParameters": {"eventbridgeEventBusParameters": {"detailType": "Feed Changed"}}}
    pipe = made(PIPE, to, source=feed, target=bus)
    archive = made("aws:cloudwatch/eventArchive:EventArchive", {"retentionDays": 30}, eventSourceArn=bus)
    activity = made_activity(engagements=1e6, gift_coins=3e7)
    found = bill([bus, feed, rule, pipe, archive], activity, gifts__coins_per_gift=30)
    # 1e6 changes and 1e6 gifts at 1.00 a million; archived at 1 KB each for 0.10/GB.
    assert found.cost("EventBridge", "custom_events") == pytest.approx(2.00)
    assert found.cost("EventBridge", "archive_processing") == pytest.approx(2e9 / GIB * 0.10)
    # January: on average half of what has come is there.
    assert found.cost("EventBridge", "archive_storage") == pytest.approx(1e9 / GIB * 0.023)


def test_a_bus_with_an_unknown_event_says_which(made_activity: Made) -> None:
    bus = made("aws:cloudwatch/eventBus:EventBus")
    rule = made(RULE, {"eventPattern": json.dumps({"source": ["x"], "detail-type": ["Moon Risen"]})}, eventBusName=bus)
    assert "how often Moon Risen happens is not known" in bill([bus, rule], made_activity()).gaps


# --- moderation

LADDER = {
    "version": 1,
    "segment_seconds": 2,
    "mp4": None,
    "poster": False,
    "renditions": [
        {
            "name": "720p",
            "codec": "AVC",
            "short_edge": 720,
            "width": 720,
            "height": 1280,
            "max_kbps": 3000,
            "tuning": "SINGLE_PASS_HQ",
            "frame_rate": 30,
        }
    ],
}


def moderation(*parts: str, seconds: int = 5, most: int = 20) -> list[Resource]:
    sampling = json.dumps({"seconds_per_frame": seconds, "max_frames": most})
    submit = {"environment": {"variables": {"LADDER": json.dumps(LADDER), "SAMPLING": sampling}}}
    moderate = {"environment": {"variables": {"PARTS": json.dumps(parts), "RENDITIONS_BUCKET": "renditions"}}}
    return [made(FUNCTION, submit, "submit"), made(FUNCTION, moderate, "moderate")]


def clips(seconds: float) -> dict[str, float]:
    return {"usage__video_length_s_mean": seconds, "usage__video_length_s_median": seconds}


@pytest.mark.parametrize(
    ("uploads", "cost"), [(500_000, 1_000), (500_500, 1_000.80), (2_500_000, 4_200), (2_500_500, 4_200.60)]
)
def test_pictures_climb_rekognitions_tiers(uploads: float, cost: float, made_activity: Made) -> None:
    found = bill(moderation("frames"), made_activity(uploads=uploads), **clips(6))
    # A clip of 6 s has two pictures, at 0 s and 5 s: the first 1e6 at 0.0010, the next 4e6 at 0.0008, then 0.0006.
    assert found.cost("Rekognition", "image.") == pytest.approx(cost)


@pytest.mark.parametrize(("seconds", "pictures"), [(5, 1), (5.1, 2), (99, 20), (101, 20), (600, 20)])
def test_a_video_has_a_picture_every_five_seconds_up_to_twenty(
    seconds: float, pictures: int, made_activity: Made
) -> None:
    found = bill(moderation("frames"), made_activity(uploads=1_000, upload_seconds=seconds), **clips(seconds))
    assert found.cost("Rekognition") == pytest.approx(pictures * 1_000 * 0.001)


def test_whole_videos_cost_by_the_minute_and_far_more(made_activity: Made) -> None:
    found = bill(moderation("video"), made_activity(uploads=1_000_000), **clips(6))
    # 1e6 x 0.1 minutes at 0.10; two pictures of each would be 1,800.
    assert found.cost("Rekognition", "video.") == pytest.approx(10_000)


@pytest.mark.parametrize(("characters", "units"), [(10, 3), (300, 3), (301, 4)])
def test_captions_count_by_the_hundred_with_a_minimum(characters: float, units: int, made_activity: Made) -> None:
    found = bill(moderation("caption"), made_activity(uploads=1_000_000), usage__caption_characters=characters)
    assert found.cost("Comprehend") == pytest.approx(units * 100)


def test_a_way_of_looking_that_nobody_knows_is_a_gap(made_activity: Made) -> None:
    assert "moderation by telepathy costs is not metered yet" in bill(moderation("telepathy"), made_activity()).gaps


def test_a_function_that_judges_nothing_asks_nobody(made_activity: Made) -> None:
    found = bill(moderation(), made_activity(uploads=1_000))
    assert {c.service_name for c in found.charges} & {"Rekognition", "Comprehend"} == set()
