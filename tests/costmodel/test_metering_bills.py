"""Bills worked by hand, from the inventory document to dollars; the arithmetic stands in each test.

Prices are the shipped ones of us-east-1 in November 2026. A change of a price changes the bill and is followed here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pytest

from costmodel.assumptions import Assumptions
from costmodel.inventory import Inventory
from costmodel.metering import meter
from costmodel.metering.s3 import CLASSES
from costmodel.pricing import PriceBook, price
from costmodel.tables import Activity, Charge

Document = dict[str, Any]
Loaded = Callable[[Any], Inventory]
Made = Callable[..., Activity]

SIX_SECONDS = {"usage.video_length_s_mean": 6.0, "usage.video_length_s_median": 6.0}
GIB = 2**30


def bill(inventory: Inventory, activity: Activity, assumptions: Mapping[str, float] | None = None) -> list[Charge]:
    book = PriceBook.load()
    quantities, _ = meter(inventory, activity, Assumptions.load(SIX_SECONDS | dict(assumptions or {})), book)
    return price(quantities, book, on=date(2027, 1, 1))


def cost(charges: list[Charge], service: str, sku: str = "", resource: str = "") -> float:
    chosen = [
        charge
        for charge in charges
        if charge.service_name == service
        and charge.sku_id.startswith(sku)
        and charge.resource_urn.endswith(f"::{resource}" if resource else "")
    ]
    assert chosen, f"no {service} {sku} {resource}"
    return sum(float(charge.cost.sum()) for charge in chosen)


def of_type(document: Document, token: str, name: str = "") -> Document:
    return next(r for r in document["resources"] if r["type"] == token and name in ("", r["name"]))


def set_ladder(document: Document, change: Callable[[Document], None]) -> None:
    variables = of_type(document, "aws:lambda/function:Function", "submit")["inputs"]["environment"]["variables"]
    ladder = json.loads(variables["LADDER"])
    change(ladder)
    variables["LADDER"] = json.dumps(ladder)


def test_a_ladder_of_six_second_clips_across_three_volume_tiers(
    platform: Document, loaded: Loaded, made_activity: Made
) -> None:
    charges = bill(loaded(platform), made_activity(uploads=1_200_000))
    # Each output of a 6-second clip bills 10 s = 1/6 minute. Normalized minutes per output minute, all Basic:
    # 480p SD 1, 720p HD 2, 1080p HD 2, the 720p MP4 (one more output) 2; together 7.
    # 1,200,000 x 1/6 x 7 = 1,400,000 normalized minutes:
    #   100,000 x 0.0075 =   750
    #   900,000 x 0.0053 = 4,770
    #   400,000 x 0.0038 = 1,520
    assert cost(charges, "MediaConvert", "ntm.basic") == pytest.approx(750 + 4_770 + 1_520)
    # One audio output: 1,200,000 / 6 = 200,000 minutes x 0.003.
    assert cost(charges, "MediaConvert", "permin.basic.audio_only") == pytest.approx(600)
    assert cost(charges, "MediaConvert") == pytest.approx(7_640)


@pytest.mark.parametrize(("seconds", "billed"), [(3, 10), (10, 10), (10.2, 11), (60, 60)])
def test_outputs_are_billed_by_the_started_second_from_ten_on(
    seconds: float, billed: int, platform: Document, loaded: Loaded, made_activity: Made
) -> None:
    length = {"usage.video_length_s_mean": seconds, "usage.video_length_s_median": seconds}
    activity = made_activity(uploads=60, upload_seconds=seconds)
    # 60 uploads x billed seconds / 60 = billed minutes of audio, at 0.003.
    audio = cost(bill(loaded(platform), activity, length), "MediaConvert", "permin.basic.audio_only")
    assert audio == pytest.approx(billed * 0.003)


def test_hevc_and_two_passes_need_the_professional_tier(
    platform: Document, loaded: Loaded, made_activity: Made
) -> None:
    def change(ladder: Document) -> None:
        ladder["renditions"] = ladder["renditions"][1:]
        ladder["renditions"][1]["codec"] = "HEVC"
        ladder["mp4"] = None

    set_ladder(platform, change)
    charges = bill(loaded(platform), made_activity(uploads=6_000))
    # 6,000 / 6 = 1,000 output minutes. 720p AVC stays Basic: x2 x 0.0075 = 15.
    assert cost(charges, "MediaConvert", "ntm.basic") == pytest.approx(15)
    # 1080p HEVC in one pass HQ: x4 x 0.012 = 48. Audio then is Professional, too: 1,000 x 0.005.
    assert cost(charges, "MediaConvert", "ntm.professional") == pytest.approx(48)
    assert cost(charges, "MediaConvert", "permin.professional.audio_only") == pytest.approx(5)


def test_fargate_arm_for_a_month(platform: Document, loaded: Loaded, made_activity: Made) -> None:
    # January: 31 x 86,400 = 2,678,400 s; x 75 requests a second on average, 150 at the daily peak (factor 2).
    charges = bill(loaded(platform), made_activity(api_requests=2_678_400 * 75))
    # Scaling policies let a task of 1/4 vCPU carry: 3,000 a minute = 50/s -> 3 tasks;
    # 60 % of 1/4 x 150/s = 22.5/s -> 6.67 -> 7 tasks, which the maximum caps at 4.
    # 4 x 0.25 vCPU x 730 h x 0.03238 + 4 x 0.5 GB x 730 h x 0.00356 = 23.6374 + 5.1976
    assert cost(charges, "Fargate", "arm.vcpu") == pytest.approx(23.6374)
    assert cost(charges, "Fargate", "arm.gb") == pytest.approx(5.1976)
    fixed = [c for c in charges if c.service_name == "Fargate" and not c.usage_based]
    assert sum(float(c.cost.sum()) for c in fixed) == pytest.approx((23.6374 + 5.1976) / 4), "the task that always runs"


def test_larger_tasks_carry_more(platform: Document, loaded: Loaded, made_activity: Made) -> None:
    of_type(platform, "aws:ecs/taskDefinition:TaskDefinition")["inputs"] |= {"cpu": "1024", "memory": "2048"}
    charges = bill(loaded(platform), made_activity(api_requests=2_678_400 * 75))
    # 60 % of 1 vCPU x 150/s = 90/s -> 2 tasks; 50/s by requests -> 3 tasks; the larger counts.
    # 3 x 1 vCPU x 730 h x 0.03238 = 70.9122; 3 x 2 GB x 730 h x 0.00356 = 15.5928
    assert cost(charges, "Fargate", "arm.vcpu") == pytest.approx(70.9122)
    assert cost(charges, "Fargate", "arm.gb") == pytest.approx(15.5928)


def test_x86_tasks_cost_what_x86_costs(platform: Document, loaded: Loaded, made_activity: Made) -> None:
    of_type(platform, "aws:ecs/taskDefinition:TaskDefinition")["inputs"]["runtimePlatform"] = {}
    charges = bill(loaded(platform), made_activity())
    # One task without any load: 0.25 x 730 x 0.04048 = 7.3876
    assert cost(charges, "Fargate", "x86.vcpu") == pytest.approx(7.3876)


def test_dynamodb_on_demand(platform: Document, loaded: Loaded, made_activity: Made) -> None:
    charges = bill(loaded(platform), made_activity(uploads=1e6, engagements=50e6, views=1e9))
    # Writes: 1e6 uploads x 4 writes x 2 units (2 KB) + 50e6 engagements x 2 writes x 1 unit = 108e6 x 0.625/million
    assert cost(charges, "DynamoDB", "ondemand.wru") == pytest.approx(108 * 0.625)
    # Reads: 1e9 views x 0.15 feed requests x 8 records x 0.5 unit (up to 4 KB) = 600e6 x 0.125/million
    assert cost(charges, "DynamoDB", "ondemand.rru") == pytest.approx(600 * 0.125)
    # Storage: 1e6 x 2 KB + 50e6 x 0.2 KB = 12e9 bytes by the end of January, half of it on average: below 25 GB free.
    assert cost(charges, "DynamoDB", "storage.standard") == 0
    assert cost(charges, "DynamoDB", "backup.pitr") == pytest.approx(12e9 / GIB / 2 * 0.20)


def test_dynamodb_indexes_double_writes_and_storage(platform: Document, loaded: Loaded, made_activity: Made) -> None:
    of_type(platform, "aws:dynamodb/table:Table")["inputs"]["globalSecondaryIndexes"] = [{"name": "by-user"}]
    charges = bill(loaded(platform), made_activity(uploads=1e6, engagements=50e6))
    assert cost(charges, "DynamoDB", "ondemand.wru") == pytest.approx(2 * 108 * 0.625)


def test_a_provisioned_table_costs_its_capacity(platform: Document, loaded: Loaded, made_activity: Made) -> None:
    inputs = of_type(platform, "aws:dynamodb/table:Table")["inputs"]
    del inputs["billingMode"]  # Pulumi's default is PROVISIONED
    inputs |= {"writeCapacity": 10, "readCapacity": 20}
    charges = bill(loaded(platform), made_activity(uploads=1e6))
    # 10 x 730 h x 0.00065 + 20 x 730 h x 0.00013
    assert cost(charges, "DynamoDB", "provisioned.") == pytest.approx(4.745 + 1.898)


def test_cloudfront_bytes_of_the_ladder(platform: Document, loaded: Loaded, made_activity: Made) -> None:
    charges = bill(loaded(platform), made_activity(watch_seconds=1e9))
    # Blended: 0.65 x (1000+128) + 0.25 x (1670+128) + 0.10 x (2400+128) = 1,435.5 kbit/s; 30 % of bytes are waste.
    gb = 1e9 * 1_435_500 / 8 / (1 - 0.3) / GIB
    assert gb == pytest.approx(238_734.6, abs=0.1)
    # us: 10,240 x 0.085 + 40,960 x 0.080 + 102,400 x 0.060 + the rest x 0.040
    tiers = 10_240 * 0.085 + 40_960 * 0.080 + 102_400 * 0.060 + (gb - 153_600) * 0.040
    assert cost(charges, "CloudFront", "dto.us") == pytest.approx(tiers)
    # Segments of 2 s, video and audio: 1e9 / 0.7 / 2 x 2 requests, at 0.01 per 10,000.
    assert cost(charges, "CloudFront", "req.https.us") == pytest.approx(1e9 / 0.7 / 10_000 * 0.01)
    # 8 % of them reach the bucket, at 0.0004 per 1,000.
    assert cost(charges, "S3", "req.get.standard", "renditions") == pytest.approx(1e9 / 0.7 * 0.08 / 1000 * 0.0004)


def test_originals_are_stored_until_the_rule_deletes_them(
    platform: Document, loaded: Loaded, made_activity: Made
) -> None:
    charges = bill(loaded(platform), made_activity(months=3, uploads=31_000, upload_mb=100))
    (raw,) = [c for c in charges if c.sku_id == "storage.standard" and c.resource_urn.endswith("Bucket::raw")]
    daily = 31_000 * 100e6 / GIB  # GB uploaded in a month
    # Each original is there for half of its first day and 30 whole ones.
    # January: on day t the t days before and half of this one, of 31: 0.5 of the month's bytes on average.
    # February (days 31 to 58): what came on day s is there up to day s + 30, so on s of its 28 days, at most on all.
    from_january = sum(min(s, 28) for s in range(31)) / 31 / 28
    assert raw.quantity[0] == pytest.approx(0.5 * daily)
    assert raw.quantity[1] == pytest.approx((from_january + 0.5) * daily)
    # March (days 59 to 89): of January only what came on days 29 and 30 is still there, for one and two days.
    from_january_in_march = sum(max(0, s + 30 - 58) for s in range(31)) / 31 / 31
    from_february = sum(min(31, s + 30 - 27) for s in range(28)) / 28 / 31
    assert raw.quantity[2] == pytest.approx((from_january_in_march + from_february + 0.5) * daily)


def test_s3_standard_across_its_first_tier_edge(platform: Document, loaded: Loaded, made_activity: Made) -> None:
    # 100 TB (102,400 GB) of originals in a month, of which half are there on average: 51,200 GB, plus 1,000.
    gb = 2 * (51_200 + 1_000)
    uploads = gb * GIB / 10e6
    set_ladder(platform, lambda ladder: ladder.update(renditions=ladder["renditions"][:1], mp4=None, poster=False))
    charges = bill(loaded(platform), made_activity(uploads=uploads))
    both = [c for c in charges if c.sku_id == "storage.standard" and c.service_name == "S3"]
    total = sum(float(c.quantity.sum()) for c in both)
    # Both buckets share one ladder of the account: 0.023 up to 51,200 GB, 0.022 above.
    assert total > 52_200
    assert sum(float(c.cost.sum()) for c in both) == pytest.approx(51_200 * 0.023 + (total - 51_200) * 0.022)


def test_lambda_events_logs_and_dead_letters(platform: Document, loaded: Loaded, made_activity: Made) -> None:
    charges = bill(loaded(platform), made_activity(uploads=10e6))
    # 10e6 x 0.4 s x 256/1024 GB = 1e6 GB-s; complete 0.25 s: 625,000 GB-s; ARM at 0.0000133334.
    assert cost(charges, "Lambda", "duration.arm", "submit") == pytest.approx(1e6 * 0.0000133334)
    assert cost(charges, "Lambda", "duration.arm", "complete") == pytest.approx(625_000 * 0.0000133334)
    # Two functions x 10 million requests x 0.20.
    assert cost(charges, "Lambda", "requests") == pytest.approx(4.0)
    # S3 object events are opt-in data events: 10 million x 1.00. Job state events of MediaConvert are free.
    assert cost(charges, "EventBridge") == pytest.approx(10.0)
    # 1,500 bytes logged per invocation, at 0.50 per GB.
    assert cost(charges, "CloudWatch", "logs.ingest", "submit") == pytest.approx(10e6 * 1500 / GIB * 0.5)
    # 0.2 % fail; send, receive, delete: 60,000 requests x 0.40 per million, in each of two queues.
    assert cost(charges, "SQS") == pytest.approx(2 * 0.06 * 0.40)


def test_the_load_balancer_costs_without_a_user(platform: Document, loaded: Loaded, made_activity: Made) -> None:
    charges = bill(loaded(platform), made_activity())
    # 730 x 0.0225; no capacity units; three interface endpoints in two zones: 3 x 2 x 730 x 0.01; two alarms x 0.10
    assert cost(charges, "ALB") == pytest.approx(16.425)
    assert cost(charges, "VPC", "interface_endpoint.hour") == pytest.approx(43.80)
    assert cost(charges, "CloudWatch", "alarm.standard") == pytest.approx(0.20)
    assert all(not c.usage_based for c in charges)


def test_load_balancer_units_follow_bytes(platform: Document, loaded: Loaded, made_activity: Made) -> None:
    charges = bill(loaded(platform), made_activity(api_requests=2_678_400 * 100))
    # 100/s x 3,600 s x 9 KB (1 in, 8 out) = 3.24e9 bytes/h = 3.017 GB/h -> 3.017 units;
    # connections: 100/s / 20 requests each / 25 per unit = 0.2. The larger counts: x 730 h x 0.008
    assert cost(charges, "ALB", "lcu") == pytest.approx(3.24e9 / GIB * 730 * 0.008)


def test_a_public_load_balancer_needs_an_address_per_zone(
    platform: Document, loaded: Loaded, made_activity: Made
) -> None:
    of_type(platform, "aws:lb/loadBalancer:LoadBalancer")["inputs"]["internal"] = False
    charges = bill(loaded(platform), made_activity())
    assert cost(charges, "VPC", "public_ipv4") == pytest.approx(2 * 730 * 0.005)


def test_images_are_kept_up_to_the_policy(platform: Document, loaded: Loaded, made_activity: Made) -> None:
    charges = bill(loaded(platform), made_activity(months=2), {"eng.deployments_per_month": 6})
    (images,) = [c for c in charges if c.service_name == "ECR"]
    # 6, then 12 of which 10 are kept, of 0.2 GB each at 0.10.
    assert images.cost.tolist() == pytest.approx([0.12, 0.20])


def test_reserved_slots_replace_the_minutes(platform: Document, loaded: Loaded, made_activity: Made) -> None:
    of_type(platform, "aws:mediaconvert/queue:Queue")["inputs"] |= {
        "pricingPlan": "RESERVED",
        "reservationPlanSettings": {"commitment": "ONE_YEAR", "renewalType": "EXPIRE", "reservedSlots": 3},
    }
    charges = bill(loaded(platform), made_activity(uploads=1e6))
    assert cost(charges, "MediaConvert") == pytest.approx(3 * 400)


def test_cold_classes_bill_small_files_as_128_kb_and_each_move(
    platform: Document, loaded: Loaded, made_activity: Made
) -> None:
    rules = of_type(platform, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "renditions")
    rules["inputs"]["rules"].append(
        {"id": "cold", "status": "Enabled", "transitions": [{"days": 30, "storageClass": "STANDARD_IA"}]}
    )
    set_ladder(platform, lambda ladder: ladder.update(renditions=ladder["renditions"][:1], mp4=None, poster=False))
    charges = bill(loaded(platform), made_activity(months=3, uploads=1000), {"usage.video_deleted_share_7m": 0.0})
    moved = next(c for c in charges if c.sku_id == "lifecycle.into.standard_ia")
    # Per video three 480p segments of 1,000 kbit/s x 2 s = 250,000 bytes move; audio (32,000 bytes) and playlists are
    # below 128 KB and stay. January's first day reaches 30 days in January: 1/31 of its uploads.
    assert moved.quantity[0] * 1000 == pytest.approx(3 * 1000 / 31)
    # February: 28 more days of January's uploads. March: the last two of it, all of February's, March's first.
    assert moved.quantity[1] * 1000 == pytest.approx(3 * 1000 * 28 / 31)
    assert moved.quantity[2] * 1000 == pytest.approx(3 * 1000 * (2 / 31 + 1 + 1 / 31))
    cold = next(c for c in charges if c.sku_id == "storage.standard_ia")
    assert np.all(np.diff(cold.quantity) > 0)


def test_a_cold_class_counts_a_file_just_above_128_kb_as_it_is_and_never_below(
    platform: Document, loaded: Loaded, made_activity: Made
) -> None:
    rules = of_type(platform, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "raw")["inputs"]
    rules["rules"][-1] = {"status": "Enabled", "transitions": [{"days": 0, "storageClass": "GLACIER_IR"}]}

    def classes(upload_mb: float) -> set[str]:
        charges = bill(loaded(platform), made_activity(uploads=1000, upload_mb=upload_mb))
        moved = [c for c in charges if c.sku_id == "lifecycle.into.glacier_instant"]
        assert sum(float(c.cost.sum()) for c in moved) == pytest.approx(0.02 * len(moved)), "1,000 moves at 0.02"
        return {c.sku_id for c in charges if c.resource_urn.endswith("Bucket::raw") and "storage" in c.sku_id}

    assert classes(0.131072) == {"storage.glacier_instant"}
    assert classes(0.131071) == {"storage.standard"}, "S3 does not move what is smaller than 128 KB"


def test_versions_keep_what_expires_until_they_go_too(platform: Document, loaded: Loaded, made_activity: Made) -> None:
    bucket = of_type(platform, "aws:s3/bucket:Bucket", "raw")
    token = "aws:s3/bucketVersioning:BucketVersioning"
    platform["resources"].append(
        {
            "urn": f"urn:pulumi:dev::reelplan::{token}::raw",
            "type": token,
            "name": "raw",
            "inputs": {"versioningConfiguration": {"status": "Enabled"}},
            "dependencies": {"bucket": [bucket["urn"]]},
        }
    )

    def stored(document: Document) -> float:
        charges = bill(loaded(document), made_activity(months=12, uploads=1e6))
        raw = [c for c in charges if c.sku_id == "storage.standard" and c.resource_urn.endswith("Bucket::raw")]
        return sum(float(tier.quantity[-1]) for tier in raw)

    forever = stored(platform)
    rules = of_type(platform, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "raw")["inputs"][
        "rules"
    ]
    rules[-1]["noncurrentVersionExpiration"] = {"noncurrentDays": 1}
    month_gb = 1e6 * 10e6 / GIB
    # Nothing ever goes: eleven months and half of the twelfth.
    assert forever == pytest.approx(11.5 * month_gb, rel=0.01)
    # 30 days and one more: about one month of uploads.
    assert stored(platform) == pytest.approx(month_gb * 31.5 / 31, rel=0.02)


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "sa-east-1"])
@pytest.mark.parametrize("storage_class", sorted(CLASSES))
def test_every_option_of_a_meter_has_a_price_in_its_unit(
    storage_class: str, region: str, platform: Document, loaded: Loaded, made_activity: Made
) -> None:
    platform["region"] = region
    rules = of_type(platform, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "renditions")
    rules["inputs"] |= {
        "transitionDefaultMinimumObjectSize": "varies_by_storage_class",
        "rules": [{"status": "Enabled", "transitions": [{"days": 31, "storageClass": storage_class}]}],
    }
    of_type(platform, "aws:sqs/queue:Queue")["inputs"]["fifoQueue"] = True
    of_type(platform, "aws:cloudwatch/metricAlarm:MetricAlarm")["inputs"]["period"] = 10
    of_type(platform, "aws:ecs/taskDefinition:TaskDefinition")["inputs"]["ephemeralStorage"] = {"sizeInGib": 50}
    of_type(platform, "aws:ecs/service:Service")["inputs"]["networkConfiguration"]["assignPublicIp"] = True
    origins = of_type(platform, "aws:cloudfront/distribution:Distribution")["inputs"]["origins"]
    origins[0]["originShield"] = {"enabled": True, "originShieldRegion": region}
    for token in ("aws:ec2/natGateway:NatGateway", "aws:ec2/eip:Eip"):
        platform["resources"].append({"urn": f"urn:pulumi:dev::p::{token}::out", "type": token, "name": "out"})
    activity = made_activity(months=4, uploads=1e5, watch_seconds=1e9, views=1e8, api_requests=1e8)
    skus = {charge.sku_id for charge in bill(loaded(platform), activity)}
    assert f"lifecycle.into.{CLASSES[storage_class]}" in skus
    assert {"fifo", "alarm.high_res", "ephemeral_storage", "public_ipv4", "origin_shield", "hour"} <= skus


def test_extra_disk_of_a_task_costs_above_twenty_gb(platform: Document, loaded: Loaded, made_activity: Made) -> None:
    of_type(platform, "aws:ecs/taskDefinition:TaskDefinition")["inputs"]["ephemeralStorage"] = {"sizeInGib": 50}
    charges = bill(loaded(platform), made_activity())
    # One task: 30 GB above the included 20, x 730 h x 0.000111
    assert cost(charges, "Fargate", "ephemeral_storage") == pytest.approx(30 * 730 * 0.000111)
