"""Bills of where videos lie and how they are made, worked by hand: parts of a bucket, replicas, codecs, archives.

Prices are the shipped ones of us-east-1 in November 2026; the arithmetic stands in each test.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from costmodel.assumptions import Assumptions
from costmodel.inventory import Inventory, Resource
from costmodel.metering import meter
from costmodel.metering.context import Context
from costmodel.metering.delivery import mean_kbps, share_watched_between
from costmodel.metering.popularity import share_of_videos, share_of_views_after
from costmodel.pricing import PriceBook, price
from costmodel.tables import Activity, Charge, Coverage

Made = Callable[..., Activity]
BOOK = PriceBook.load()
GIB = 2**30
SIX_SECONDS = {"usage.video_length_s_mean": 6.0, "usage.video_length_s_median": 6.0}

BUCKET = "aws:s3/bucket:Bucket"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
FUNCTION = "aws:lambda/function:Function"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
QUEUE = "aws:mediaconvert/queue:Queue"
RECORDING = "aws:ivs/recordingConfiguration:RecordingConfiguration"

HD = {"name": "720p", "codec": "AVC", "short_edge": 720, "width": 720, "height": 1280}
RENDITION = HD | {"max_kbps": 3000, "tuning": "SINGLE_PASS_HQ", "frame_rate": 30}
LADDER = {"version": 1, "segment_seconds": 2, "mp4": None, "poster": False, "renditions": [RENDITION]}
FILES = 12
"""Of one 6-second upload: three segments of video and three of sound, two files of each output, two playlists; 12."""
CLEARED = 1 - 0.009


@dataclass(frozen=True)
class Bill:
    charges: Sequence[Charge]
    coverage: Coverage

    def chosen(self, sku: str, name: str = "") -> list[Charge]:
        found = [c for c in self.charges if c.sku_id.startswith(sku) and c.resource_urn.endswith(name)]
        assert found, f"no {sku} {name}: {sorted({c.sku_id for c in self.charges})}"
        return found

    def cost(self, sku: str, name: str = "") -> float:
        return sum(float(c.cost.sum()) for c in self.chosen(sku, name))

    def quantity(self, sku: str, name: str = "") -> Any:
        return sum(c.quantity for c in self.chosen(sku, name))

    @property
    def gaps(self) -> str:
        found = [*self.coverage.not_covered.values(), *(g for gaps in self.coverage.gaps.values() for g in gaps)]
        return " | ".join(found)


def made(token: str, inputs: Mapping[str, Any] | None = None, name: str = "it", **tied: Resource) -> Resource:
    dependencies = {prop: (other.urn,) for prop, other in tied.items()}
    return Resource(f"urn:{token}::{name}", token, name, "", dict(inputs or {}), dependencies, "us-east-1")


def inventory(resources: Sequence[Resource]) -> Inventory:
    return Inventory("p", "dev", "us-east-1", {resource.urn: resource for resource in resources})


def bill(resources: Sequence[Resource], activity: Activity, **assumed: float) -> Bill:
    values = SIX_SECONDS | {key.replace("__", "."): value for key, value in assumed.items()}
    quantities, coverage = meter(inventory(resources), activity, Assumptions.load(values), BOOK)
    return Bill(price(quantities, BOOK, on=date(2027, 1, 1)), coverage)


def submit(**variables: Any) -> Resource:
    told = {"LADDER": json.dumps(LADDER)} | {key: json.dumps(value) for key, value in variables.items()}
    return made(FUNCTION, {"environment": {"variables": told}}, "submit")


def bucket(role: str, *rules: Mapping[str, Any], region: str = "us-east-1") -> list[Resource]:
    found = replace(made(BUCKET, {"tags": {"reelplan:role": role}}, role), region=region)
    active = [{"id": "r", "status": "Enabled", **rule} for rule in rules]
    return [found, made(LIFECYCLE, {"rules": active}, role, bucket=found)]


WAITING = {"filter": {"prefix": "review/"}, "expiration": {"days": 14}}
SAMPLING = {"seconds_per_frame": 5, "max_frames": 20}


# --- parts of a bucket


def test_files_wait_in_one_part_and_are_copied_to_another(made_activity: Made) -> None:
    found = bill([submit(SAMPLING=SAMPLING), *bucket("renditions", WAITING)], made_activity(uploads=1e6))
    # 12 files and 2 pictures are written, 12 files of the 99.1 % that are cleared are copied, 2 lists are asked for.
    assert found.quantity("req.put.standard") * 1000 == pytest.approx(1e6 * (14 + 12 * CLEARED + 2))
    # Rekognition reads both pictures.
    assert found.quantity("req.get.standard") * 1000 == pytest.approx(2e6)
    assert "lifecycle" not in found.gaps


def test_what_waits_goes_after_its_days_and_what_is_published_stays(made_activity: Made) -> None:
    found = bill(
        [submit(), *bucket("renditions", WAITING)],
        made_activity(months=3, uploads=1e6),
        usage__video_deleted_share_7m=0,
    )
    waiting, published = [c.quantity for c in found.chosen("storage.standard", "renditions")]
    # 720p at 1,670 kbit/s and sound at 128 for 6 s, and 6 small files of 1.5 KB.
    gb = 1e6 * ((1_670 + 128) * 1000 / 8 * 6 + 6 * 1_500) / GIB
    # In March: half of the first day and 14 whole ones of 31 wait.
    assert waiting[2] == pytest.approx(gb * 14.5 / 31, rel=0.05)
    # Of what was published, all of January and February and half of March.
    assert published[2] == pytest.approx(gb * CLEARED * 2.5)


def test_without_a_part_that_waits_files_are_written_once(made_activity: Made) -> None:
    found = bill([submit(SAMPLING=SAMPLING), *bucket("renditions")], made_activity(uploads=1e6))
    assert found.quantity("req.put.standard") * 1000 == pytest.approx(1e6 * FILES)


def test_a_rule_that_picks_by_tag_is_a_gap(made_activity: Made) -> None:
    rule = {"filter": {"tag": {"key": "cold", "value": "yes"}}, "expiration": {"days": 1}}
    found = bill([submit(), *bucket("raw", rule)], made_activity(uploads=1))
    assert 'lifecycle rule "r" covers a part of the bucket and is not counted' in found.gaps


# --- a copy in another region


def replicated(destination: Mapping[str, Any] | None = None, region: str = "us-west-2") -> list[Resource]:
    source, copy = bucket("renditions", WAITING), bucket("renditions-replica", region=region)
    rules = [{"status": "Enabled", "filter": {"prefix": "v/"}, "destination": dict(destination or {})}]
    config = made("aws:s3/bucketReplicationConfig:BucketReplicationConfig", {"rules": rules}, bucket=source[0])
    tied = replace(config, dependencies={**config.dependencies, "rules": (copy[0].urn,)})
    return [submit(), *source, *copy, tied]


def test_a_replica_costs_the_way_the_writing_and_the_storage(made_activity: Made) -> None:
    found = bill(replicated(), made_activity(uploads=1e6))
    gb = 1e6 * CLEARED * ((1_670 + 128) * 1000 / 8 * 6 + 6 * 1_500) / GIB
    assert found.cost("inter_region.to.us-west-2") == pytest.approx(gb * 0.02)
    assert found.cost("req.put.standard", "renditions-replica") == pytest.approx(1e6 * CLEARED * 12 / 1000 * 0.005)
    (stored,) = found.chosen("storage.standard", "renditions-replica")
    assert stored.region_id == "us-west-2"


def test_a_replica_in_a_colder_class_is_billed_in_it_from_the_first_day(made_activity: Made) -> None:
    found = bill(replicated({"storageClass": "STANDARD_IA"}), made_activity(uploads=1e6))
    assert found.cost("req.put.standard_ia", "renditions-replica") == pytest.approx(1e6 * CLEARED * 12 / 1000 * 0.01)
    assert found.cost("storage.standard_ia", "renditions-replica") > 0
    # Nothing is moved there: it arrives there.
    assert not [c for c in found.charges if c.sku_id.startswith("lifecycle.into")]


def test_a_copy_in_the_same_region_crosses_nothing(made_activity: Made) -> None:
    found = bill(replicated(region="us-east-1"), made_activity(uploads=1e6))
    assert not [c for c in found.charges if c.service_name == "DataTransfer"]


def test_replication_time_control_costs_by_gb(made_activity: Made) -> None:
    found = bill(replicated({"replicationTime": {"status": "Enabled"}}), made_activity(uploads=1e6))
    assert found.cost("replication.rtc_data") == pytest.approx(found.quantity("inter_region").sum() * 0.015)


# --- colder classes


@pytest.mark.parametrize(
    ("days", "share"),
    [(0, 1.0), (3.5, 0.66), (7, 0.32), (21, 1 - (0.68 + 0.5 * 0.22)), (35, 0.10), (90, 0.0), (400, 0.0)],
)
def test_how_much_is_still_watched_at_an_age(days: float, share: float) -> None:
    assert share_watched_between(days, math.inf, Assumptions.load()) == pytest.approx(share)


def test_the_shares_of_all_ages_are_all_views() -> None:
    ages = [0, 1, 3, 30, 60, math.inf]
    assumptions = Assumptions.load()
    parts = [share_watched_between(a, b, assumptions) for a, b in pairwise(ages)]
    assert sum(parts) == pytest.approx(1)


def watched(made_activity: Made, **more: Any) -> Activity:
    return made_activity(uploads=1_000, watch_seconds=7e9, views=1e6, **more)


def test_what_is_fetched_from_a_colder_class_is_paid_for(made_activity: Made) -> None:
    rule = {"filter": {"prefix": ""}, "transitions": [{"days": 35, "storageClass": "STANDARD_IA"}]}
    lake = bucket("renditions", rule)
    cdn = made(DISTRIBUTION, {"priceClass": "PriceClass_100"}, origins=lake[0])
    # Clips of 60 s in segments of 10 s: video segments are 2 MB and move, sound has 160 KB and moves, playlists stay.
    ladder = LADDER | {"segment_seconds": 10}
    long = {"usage__video_length_s_mean": 60.0, "usage__video_length_s_median": 60.0}
    function = made(FUNCTION, {"environment": {"variables": {"LADDER": json.dumps(ladder)}}}, "submit")
    found = bill([function, *lake, cdn], watched(made_activity, upload_seconds=60.0), **long)
    # 7e9 s watched, 30 % of what is sent is waste, at 1,798 kbit/s; 8 % miss; 10 % of views are after 35 days.
    gb = 7e9 / 0.7 * 1_798_000 / 8 / GIB * 0.08 * 0.10
    moved = 1_798_000 / 8 * 60 / (1_798_000 / 8 * 60 + 6 * 1_500)
    assert found.cost("retrieval.standard_ia") == pytest.approx(gb * moved * 0.01)
    # The beginning of the sku names both classes.
    gets = found.quantity("req.get.standard_ia").sum() / found.quantity("req.get.standard").sum()
    # Of 18 files of an upload 12 are segments.
    assert gets == pytest.approx(12 / 18 * 0.10)


def test_an_archived_object_carries_40_kb_of_its_own(made_activity: Made) -> None:
    rule = {"transitions": [{"days": 1, "storageClass": "DEEP_ARCHIVE"}]}
    found = bill(bucket("raw", rule), made_activity(uploads=31e6, upload_mb=1))
    archived = found.quantity("storage.glacier_deep_archive").sum()
    objects = archived / ((1e6 + 32 * 1024) / GIB)
    # 8 KB of each archived object lie in Standard, beside the originals of the first day.
    names = [c.quantity.sum() for c in found.chosen("storage.standard") if "names" in c.driver]
    assert names == [pytest.approx(objects * 8 * 1024 / GIB)]


# --- codecs that videos earn


HEVC = LADDER | {"renditions": [RENDITION | {"codec": "HEVC", "max_kbps": 1800}]}
AV1 = LADDER | {"renditions": [RENDITION | {"codec": "AV1", "max_kbps": 1260}]}


def earning(**views: float) -> list[Resource]:
    ladders = {"hevc": HEVC, "av1": AV1}
    told = {"EARNED_LADDERS": json.dumps({codec: ladders[codec] for codec in views})}
    counted = {"EARNED_VIEWS": json.dumps(views)}
    return [
        submit(),
        made(FUNCTION, {"environment": {"variables": told}}, "reencode"),
        made(FUNCTION, {"environment": {"variables": counted}}, "views"),
    ]


def above(threshold: float, mean: float, gini: float = 0.93) -> float:
    """Share of a lognormal above a threshold, by the textbook."""
    sigma = math.sqrt(2) * NormalDist().inv_cdf((1 + gini) / 2)
    return 1 - NormalDist(math.log(mean) - sigma**2 / 2, sigma).cdf(math.log(threshold))


def crowd(made_activity: Made) -> Activity:
    """1,000 uploads with 1,000 views each, by 100,000 users."""
    return made_activity(uploads=1_000, views=1e6, watch_seconds=1e7, active_users=100_000)


def context(resources: Sequence[Resource], activity: Activity) -> Context:
    return Context(inventory(resources), activity, Assumptions.load(), BOOK)


def test_how_many_videos_are_watched_so_often(made_activity: Made) -> None:
    stack = context(earning(hevc=2_500), crowd(made_activity))
    assert share_of_videos(2_500, stack) == pytest.approx([above(2_500, 1_000)])
    # sigma = sqrt 2 x 1.8119 = 2.5625, mu = ln 1,000 - sigma^2 / 2 = 3.6246: P(Z > (ln 2,500 - mu) / sigma = 1.6388)
    assert above(2_500, 1_000) == pytest.approx(0.0506, abs=2e-4)


def test_no_video_is_watched_by_more_people_than_there_are(made_activity: Made) -> None:
    few = replace(crowd(made_activity), monthly_active_users=np.full((1, 1), 2_499.0))
    assert share_of_videos(2_500, context(earning(hevc=2_500), few)) == pytest.approx([0])
    enough = replace(crowd(made_activity), monthly_active_users=np.full((1, 1), 2_500.0))
    assert share_of_videos(2_500, context(earning(hevc=2_500), enough))[0] > 0


def test_views_after_the_threshold_by_brute_force(made_activity: Made) -> None:
    share = share_of_views_after(2_500, context(earning(hevc=2_500), crowd(made_activity)))[0]
    sigma = math.sqrt(2) * NormalDist().inv_cdf(1.93 / 2)
    z = np.arange(-10, 15, 0.001)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    views = np.exp(math.log(1_000) - sigma**2 / 2 + sigma * z)
    assert (density * views).sum() * 0.001 == pytest.approx(1_000, rel=1e-6), "the mean is in the grid"
    assert share == pytest.approx((density * np.maximum(views - 2_500, 0)).sum() * 0.001 / 1_000, rel=1e-5)


def test_nobody_watches_and_no_codec_is_earned(made_activity: Made) -> None:
    idle = context(earning(hevc=2_500), made_activity())
    assert share_of_videos(2_500, idle) == pytest.approx([0])
    assert share_of_views_after(2_500, idle) == pytest.approx([0])


def test_a_codec_costs_professional_minutes_for_the_few(made_activity: Made) -> None:
    queue = made(QUEUE)
    found = bill([*earning(hevc=2_500, av1=50_000), queue], crowd(made_activity))
    # 10 s minimum of one output: 1,000 x share / 6 minutes; HD in HEVC counts 4, in AV1 16, at 0.012.
    hevc = 1_000 / 6 * above(2_500, 1_000) * 4
    av1 = 1_000 / 6 * above(50_000, 1_000) * 16
    assert found.cost("ntm.professional") == pytest.approx((hevc + av1) * 0.012)
    assert found.cost("ntm.basic") == pytest.approx(1_000 / 6 * 2 * 0.0075)


def test_a_lower_threshold_costs_more_and_delivers_less(made_activity: Made) -> None:
    strict, generous = earning(hevc=10_000), earning(hevc=1_000)
    activity = crowd(made_activity)
    costs = [bill([*stack, made(QUEUE)], activity).cost("ntm.professional") for stack in (strict, generous)]
    rates = []
    for stack in ([submit()], strict, generous):
        found = context(stack, activity)
        assert found.ladder is not None
        rates.append(float(np.max(mean_kbps(found.ladder, found))))
    assert costs[0] < costs[1]
    assert rates[0] > rates[1] > rates[2]


def test_viewers_get_the_better_codec_after_it_was_earned(made_activity: Made) -> None:
    stack = context(earning(hevc=2_500), crowd(made_activity))
    assert stack.ladder is not None
    # 720p: 1,670 kbit/s in AVC, 40 % less in HEVC; 85 % of watch time is on phones that decode it.
    after = share_of_views_after(2_500, stack)
    assert mean_kbps(stack.ladder, stack) == pytest.approx(1_798 - 0.85 * after * 0.4 * 1_670)


# --- recordings


def test_a_recorded_hour_is_encoded_stored_and_read(made_activity: Made) -> None:
    activity = made_activity(live_hours_streamed=100)
    found = bill([submit(), made(QUEUE), made(RECORDING), *bucket("raw")], activity)
    # 100 h x 60 min x 2 (HD in AVC) at 0.0075, and the sound.
    assert found.cost("ntm.basic") == pytest.approx(100 * 60 * 2 * 0.0075)
    # 1,800 files of an hour, written once and read once.
    assert found.cost("req.put.standard") == pytest.approx(180_000 / 1000 * 0.005)
    assert found.cost("req.get.standard") == pytest.approx(180_000 / 1000 * 0.0004)
    # 5 Mbit/s for 360,000 s, half of it there on average in its month.
    assert found.quantity("storage.standard").sum() == pytest.approx(5e6 / 8 * 360_000 / GIB / 2)


# --- several of a kind


def test_two_private_endpoints_for_logs_share_the_logs(made_activity: Made) -> None:
    task = made("aws:ecs/taskDefinition:TaskDefinition", name="task")
    group = made("aws:cloudwatch/logGroup:LogGroup", name="api")
    task = replace(task, dependencies={"containerDefinitions": (group.urn,)})
    inputs = {"vpcEndpointType": "Interface", "serviceName": "com.amazonaws.us-east-1.logs", "subnetIds": ["a"]}
    endpoints = [made("aws:ec2/vpcEndpoint:VpcEndpoint", inputs, f"logs-{i}") for i in range(2)]
    one = bill([task, group, endpoints[0]], made_activity(api_requests=1e9))
    two = bill([task, group, *endpoints], made_activity(api_requests=1e9))
    assert two.cost("interface_endpoint.data") == pytest.approx(one.cost("interface_endpoint.data"))


@pytest.mark.parametrize(("deleted", "cost"), [(1_000, 0), (1_001, 0.005), (11_000, 50)])
def test_deleted_videos_are_taken_out_of_the_caches(deleted: float, cost: float, made_activity: Made) -> None:
    lake = bucket("renditions")
    cdn = made(DISTRIBUTION, {"priceClass": "PriceClass_100"}, origins=lake[0])
    erase = made(FUNCTION, {"environment": {"variables": {"DISTRIBUTION_ID": "x"}}}, "erase", environment=cdn)
    # A fifth of the uploads is deleted; the first thousand paths of a month are free, then 0.005 each.
    found = bill([submit(), *lake, cdn, erase], made_activity(uploads=deleted / 0.2))
    assert found.cost("invalidation") == pytest.approx(cost)


def test_functions_at_the_edge_run_for_each_request(made_activity: Made) -> None:
    lake = bucket("renditions")
    behavior = {"functionAssociations": [{"eventType": "viewer-request"}, {"eventType": "viewer-response"}]}
    cdn = made(DISTRIBUTION, {"priceClass": "PriceClass_100", "defaultCacheBehavior": behavior}, origins=lake[0])
    # 1e6 views of no seconds: 6 requests that start each, two functions, at 0.10 a million.
    assert bill([submit(), *lake, cdn], made_activity(views=1e6)).cost("functions") == pytest.approx(12 * 0.10)


# --- reserved slots


def slots(count: int) -> Resource:
    inputs = {"pricingPlan": "RESERVED", "reservationPlanSettings": {"reservedSlots": count}}
    return made(QUEUE, inputs, "reserved")


def with_slots(count: int) -> list[Resource]:
    reserved, rest = slots(count), made(QUEUE, {"pricingPlan": "ON_DEMAND"}, "rest")
    function = submit()
    return [reserved, rest, replace(function, dependencies={"environment": (reserved.urn, rest.urn)})]


@pytest.mark.parametrize(("count", "overflow"), [(1, 350_000), (3, 50_000), (4, 0)])
def test_what_slots_do_not_carry_hops_to_the_queue_on_demand(count: int, overflow: float, made_activity: Made) -> None:
    # 1.5e6 uploads x 1/6 minute x 2 = 500,000 normalized minutes; a slot carries 150,000 a month.
    found = bill(with_slots(count), made_activity(uploads=1.5e6))
    assert found.cost("reserved_slot") == pytest.approx(count * 400)
    hopped = sum(float(c.quantity.sum()) for c in found.charges if c.sku_id == "ntm.basic")
    assert hopped == pytest.approx(overflow)
    assert "reserved slots can carry" not in found.gaps


def test_slots_without_a_way_out_are_a_gap(made_activity: Made) -> None:
    found = bill([submit(), slots(1)], made_activity(uploads=1.5e6))
    assert found.cost("reserved_slot") == pytest.approx(400)
    assert "whether the reserved slots can carry the uploads is not checked" in found.gaps
