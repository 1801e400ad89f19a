"""What is metered, what is free, what is left out and said so; conservation; distributions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.assumptions import Assumptions
from costmodel.errors import CatalogError, InventoryError, ScenarioError
from costmodel.inventory import SIGNATURE_KEY, UNKNOWN_VALUE, Inventory
from costmodel.metering import METERS, meter
from costmodel.metering.clips import ClipLength
from costmodel.metering.context import Context
from costmodel.metering.delivery import (
    NEAREST_EDGES,
    PRICE_CLASSES,
    by_edge,
    fetched_gb_per_second_watched,
    playback_shares,
    serving_edge,
)
from costmodel.metering.residence import NEVER, presence, residence
from costmodel.pricing import PriceBook
from costmodel.tables import EDGES, Activity, Coverage, Quantity, Timeline

Document = dict[str, Any]
Loaded = Callable[[Any], Inventory]
Made = Callable[..., Activity]
FUNCTION = "aws:lambda/function:Function"
SIX_SECONDS = {"usage.video_length_s_mean": 6.0, "usage.video_length_s_median": 6.0}
SECRET = {SIGNATURE_KEY: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "AAAB"}


def metered(inventory: Inventory, activity: Activity) -> tuple[list[Quantity], Coverage]:
    return meter(inventory, activity, Assumptions.load(SIX_SECONDS), PriceBook.load())


def of_type(document: Document, token: str, name: str = "") -> Document:
    return next(r for r in document["resources"] if r["type"] == token and name in ("", r["name"]))


def variables(document: Document) -> Document:
    found: Document = of_type(document, FUNCTION, "submit")["inputs"]["environment"]["variables"]
    return found


def add(document: Document, token: str, name: str, inputs: Document, **dependencies: list[str]) -> Document:
    record = {
        "urn": f"urn:pulumi:dev::reelplan::{token}::{name}",
        "type": token,
        "name": name,
        "parent": "",
        "inputs": inputs,
        "dependencies": dependencies,
    }
    document["resources"].append(record)
    return record


@pytest.fixture
def busy(made_activity: Made) -> Activity:
    return made_activity(
        months=2,
        edges=("us", "india", "south_america"),
        uploads=1e5,
        views=1e8,
        watch_seconds=1e9,
        api_requests=1e7,
        engagements=1e6,
        active_users=1e5,
    )


def test_every_resource_is_accounted_for_once(platform: Document, loaded: Loaded, busy: Activity) -> None:
    inventory = loaded(platform)
    quantities, coverage = metered(inventory, busy)
    told = [*coverage.priced, *coverage.free, *coverage.not_covered]
    assert sorted(told) == sorted(inventory.resources)
    assert {quantity.resource_urn for quantity in quantities} == set(coverage.priced)
    assert coverage.not_covered == {}
    assert all(reason for reason in coverage.free.values())


def test_amounts_are_finite_and_not_negative(platform: Document, loaded: Loaded, busy: Activity) -> None:
    quantities, _ = metered(loaded(platform), busy)
    for quantity in quantities:
        assert quantity.amount.shape == (2,), quantity.sku_key
        assert np.isfinite(quantity.amount).all(), quantity.sku_key
        assert (quantity.amount >= 0).all(), quantity.sku_key


def test_a_leading_trial_axis_passes_through_every_meter(
    platform: Document, loaded: Loaded, made_activity: Made
) -> None:
    one = made_activity(months=3, uploads=1e5, views=1e8, watch_seconds=1e9, api_requests=1e7, engagements=1e6)
    names = ("active_users", "views", "watch_seconds", "uploads", "api_requests", "engagements")
    trials = {f"monthly_{n}": np.stack([getattr(one, f"monthly_{n}") * k for k in (1, 2, 3)]) for n in names}
    many = Activity(**{**vars(one), **trials})
    inventory = loaded(platform)
    single, _ = metered(inventory, one)
    stacked, _ = metered(inventory, many)
    for a, b in zip(single, stacked, strict=True):
        assert (a.sku_key, a.resource_urn) == (b.sku_key, b.resource_urn)
        first_trial = b.amount[0] if b.amount.ndim == 2 else b.amount
        np.testing.assert_allclose(first_trial, a.amount, err_msg=a.sku_key)


def test_a_type_never_seen_is_reported_and_named(platform: Document, loaded: Loaded, busy: Activity) -> None:
    add(platform, "aws:qldb/ledger:Ledger", "audit", {})
    near = add(platform, "aws:lambda/functionn:Function", "typo", {})
    _, coverage = metered(loaded(platform), busy)
    reasons = {urn.rpartition("::")[2]: reason for urn, reason in coverage.not_covered.items()}
    assert reasons["audit"] == "no meter for this type yet (aws:qldb/ledger:Ledger)"
    assert f"the nearest known type is {FUNCTION}" in coverage.not_covered[near["urn"]]


def test_without_a_ladder_video_is_not_covered_and_never_zero(
    platform: Document, loaded: Loaded, busy: Activity
) -> None:
    del variables(platform)["LADDER"]
    quantities, coverage = metered(loaded(platform), busy)
    names = {urn.rpartition("$")[2] for urn in coverage.not_covered}
    assert names >= {
        "aws:mediaconvert/queue:Queue::transcode",
        "aws:s3/bucket:Bucket::renditions",
        "aws:cloudfront/distribution:Distribution::delivery",
    }
    assert "no ladder found in the stack" in " ".join(coverage.not_covered.values())
    assert not {"MediaConvert", "CloudFront"} & {quantity.service for quantity in quantities}


def test_a_secret_ladder_is_unknown(platform: Document, loaded: Loaded, busy: Activity) -> None:
    variables(platform)["LADDER"] = SECRET
    _, coverage = metered(loaded(platform), busy)
    assert any("no ladder found" in reason for reason in coverage.not_covered.values())


def test_all_faults_of_a_ladder_at_once(platform: Document, loaded: Loaded, busy: Activity) -> None:
    ladder = json.loads(variables(platform)["LADDER"])
    ladder["segment_seconds"] = 0
    ladder["renditions"][0]["max_kbps"] = "fast"
    del ladder["renditions"][1]["codec"]
    ladder["mp4"] = "720"
    variables(platform)["LADDER"] = json.dumps(ladder)
    with pytest.raises(InventoryError) as caught:
        metered(loaded(platform), busy)
    where = "inventory.json: submit.environment.variables.LADDER"
    assert [str(fault) for fault in caught.value.faults] == [
        f"{where}.segment_seconds: found 0, expected seconds > 0",
        f"{where}.renditions[0].max_kbps: found 'fast', expected a number > 0",
        f"{where}.renditions[1].codec: found nothing, expected a text",
        f"{where}.mp4: found '720', expected one of 480p, 720p, 1080p",
    ]


@pytest.mark.parametrize("text", ["{", '{"version": 2}', "[]"])
def test_a_ladder_that_cannot_be_read(text: str, platform: Document, loaded: Loaded, busy: Activity) -> None:
    variables(platform)["LADDER"] = text
    with pytest.raises(InventoryError, match="LADDER: found"):
        metered(loaded(platform), busy)


def test_a_multiplier_that_aws_does_not_list_is_an_error(platform: Document, loaded: Loaded, busy: Activity) -> None:
    ladder = json.loads(variables(platform)["LADDER"])
    ladder["renditions"][2]["codec"] = "H267"
    variables(platform)["LADDER"] = json.dumps(ladder)
    with pytest.raises(CatalogError, match=r"multiplier\.professional\.h267\.single_hq\.hd\.le30"):
        metered(loaded(platform), busy)


def test_a_bucket_without_a_role_is_not_guessed(platform: Document, loaded: Loaded, busy: Activity) -> None:
    bucket = add(platform, "aws:s3/bucket:Bucket", "logs", {"tags": {"reelplan:role": "logs"}})
    _, coverage = metered(loaded(platform), busy)
    assert 'no tag "reelplan:role"' in coverage.not_covered[bucket["urn"]]


def test_what_cannot_be_told_apart_is_not_counted_twice(platform: Document, loaded: Loaded, busy: Activity) -> None:
    add(platform, "aws:dynamodb/table:Table", "second", {"billingMode": "PAY_PER_REQUEST"})
    add(platform, "aws:lb/loadBalancer:LoadBalancer", "second", {"internal": True})
    add(platform, "aws:mediaconvert/queue:Queue", "second", {})
    quantities, coverage = metered(loaded(platform), busy)
    assert not any(quantity.service == "DynamoDB" for quantity in quantities)
    assert not any(quantity.sku_key == "lcu" for quantity in quantities)
    (second,) = [urn for urn in coverage.not_covered if urn.endswith("Queue::second")]
    assert coverage.not_covered[second] == "no function with a ladder sends jobs to this queue"


def test_tasks_beyond_the_maximum_are_told(platform: Document, loaded: Loaded, made_activity: Made) -> None:
    _, coverage = metered(loaded(platform), made_activity(api_requests=2_678_400 * 75))
    (gap,) = [gap for gaps in coverage.gaps.values() for gap in gaps if "autoscaling allows" in gap]
    assert gap.startswith("from 2027-01 on the load asks for more than the 4 tasks that autoscaling allows (up to 7)")


def test_what_has_no_sku_is_told(platform: Document, loaded: Loaded, busy: Activity) -> None:
    _, coverage = metered(loaded(platform), busy)
    gaps = [gap for urn, gaps in coverage.gaps.items() if urn.endswith("transcode") for gap in gaps]
    assert "pictures (frame capture) have no sku in the price data" in gaps


def test_the_preview_of_a_stack_that_does_not_exist_yet_meters_the_same(
    platform: Document, loaded: Loaded, busy: Activity
) -> None:
    def unknown(value: Any) -> Any:
        if isinstance(value, dict):
            known = {"LADDER", "WORKFLOW", "originId", "assignPublicIp"}
            return {k: v if k in known else unknown(v) for k, v in value.items()}
        if isinstance(value, list):
            return [unknown(entry) for entry in value]
        return UNKNOWN_VALUE if isinstance(value, str) else value

    expected, _ = metered(loaded(platform), busy)
    for record in platform["resources"]:
        for prop in (prop for prop, urns in record["dependencies"].items() if urns):
            record["inputs"][prop] = unknown(record["inputs"].get(prop, UNKNOWN_VALUE))
    found, coverage = metered(loaded(platform), busy)
    assert coverage.not_covered == {}
    for a, b in zip(expected, found, strict=True):
        assert (a.resource_urn, a.sku_key, a.amount.tolist()) == (b.resource_urn, b.sku_key, b.amount.tolist())


def test_a_log_group_named_after_its_function_is_found(platform: Document, loaded: Loaded, busy: Activity) -> None:
    function, group = (
        of_type(platform, FUNCTION, "submit"),
        of_type(platform, "aws:cloudwatch/logGroup:LogGroup", "submit"),
    )
    del function["inputs"]["name"]
    group["inputs"]["name"] = "/aws/lambda/submit-1a2b3c4"
    _, coverage = metered(loaded(platform), busy)
    assert coverage.not_covered == {group["urn"]: "who writes to it is not known"}
    group["dependencies"]["name"] = [function["urn"]]
    _, coverage = metered(loaded(platform), busy)
    assert coverage.not_covered == {}


# CloudFront


@pytest.mark.parametrize("price_class", sorted(PRICE_CLASSES))
def test_what_viewers_fetch_is_billed_once_at_some_edge(
    price_class: str, platform: Document, loaded: Loaded, made_activity: Made
) -> None:
    activity = made_activity(months=2, edges=EDGES, watch_seconds=1e9)
    context = Context(loaded(platform), activity, Assumptions.load(), PriceBook.load())
    assert context.ladder is not None
    whole = activity.monthly_watch_seconds * fetched_gb_per_second_watched(context.ladder, context)
    parts = by_edge(context, whole, price_class)
    assert set(parts) == PRICE_CLASSES[price_class]
    np.testing.assert_allclose(sum(parts.values()), whole.sum(axis=-2))


def test_every_edge_has_a_stand_in_in_every_price_class() -> None:
    assert set(NEAREST_EDGES) == set(EDGES) - PRICE_CLASSES["PriceClass_100"]
    for price_class, included in PRICE_CLASSES.items():
        assert {serving_edge(edge, price_class) for edge in EDGES} <= included


def test_an_unknown_price_class_is_not_guessed(platform: Document, loaded: Loaded, busy: Activity) -> None:
    of_type(platform, "aws:cloudfront/distribution:Distribution")["inputs"]["priceClass"] = "PriceClass_300"
    _, coverage = metered(loaded(platform), busy)
    assert "price class PriceClass_300 is not known to the planner" in coverage.not_covered.values()


def test_a_missing_rung_hands_its_share_down(platform: Document, loaded: Loaded, busy: Activity) -> None:
    def shares(*names: str) -> dict[str, float]:
        ladder = json.loads(variables(platform)["LADDER"])
        ladder["renditions"] = [r for r in ladder["renditions"] if r["name"] in names]
        document = json.loads(json.dumps(platform))
        variables(document)["LADDER"] = json.dumps(ladder | {"mp4": None})
        context = Context(loaded(document), busy, Assumptions.load(), PriceBook.load())
        assert context.ladder is not None
        return playback_shares(context.ladder, context.assumptions)

    assert shares("480p", "720p", "1080p") == pytest.approx({"480p": 0.65, "720p": 0.25, "1080p": 0.10})
    assert shares("480p", "720p") == pytest.approx({"480p": 0.65, "720p": 0.35})
    assert shares("480p", "1080p") == pytest.approx({"480p": 0.90, "1080p": 0.10})
    assert shares("1080p") == pytest.approx({"1080p": 1.0})


def test_an_origin_shield_is_paid_and_spares_the_bucket(platform: Document, loaded: Loaded, busy: Activity) -> None:
    def requests(document: Document) -> dict[str, float]:
        quantities, _ = metered(loaded(document), busy)
        return {
            q.sku_key: float(q.amount[0]) for q in quantities if q.resource_urn.endswith(("renditions", "delivery"))
        }

    plain = requests(platform)
    origin = of_type(platform, "aws:cloudfront/distribution:Distribution")["inputs"]["origins"][0]
    origin["originShield"] = {"enabled": True, "originShieldRegion": "us-east-1"}
    shielded = requests(platform)
    assert "origin_shield" not in plain
    # 8 % of requests miss at the edge and pass the shield, 2 % reach the bucket.
    assert shielded["origin_shield"] == pytest.approx(plain["req.get.standard"])
    assert shielded["req.get.standard"] == pytest.approx(plain["req.get.standard"] / 4)


# Length of clips


def test_rounding_up_each_clip_agrees_with_a_million_drawn_clips() -> None:
    clip = ClipLength(mean_seconds=20.5, median_seconds=14)
    drawn = np.random.default_rng(2027).lognormal(np.log(14), clip.sigma, 1_000_000)
    assert drawn.mean() == pytest.approx(20.5, rel=0.005)
    assert clip.mean_steps(1, 10) == pytest.approx(np.maximum(10, np.ceil(drawn)).mean(), rel=0.005)
    assert clip.mean_steps(2) == pytest.approx(np.ceil(drawn / 2).mean(), rel=0.005)
    assert clip.mean_steps(1, 10) > np.ceil(20.5) + 1, "the minimum costs more than the mean length shows"


def test_the_tail_of_long_clips_is_summed_whole() -> None:
    clip = ClipLength(mean_seconds=180, median_seconds=60)
    one_by_one = sum(clip.share_longer(second) for second in range(200_000))
    assert clip.share_longer(1000) > 0.02, "the shortcut must matter here"
    assert clip.mean_steps(1) == pytest.approx(one_by_one, rel=1e-4)


@given(median=st.floats(1, 120), spread=st.floats(1, 3), minimum=st.integers(0, 30))
def test_billed_seconds_lie_between_their_bounds(median: float, spread: float, minimum: int) -> None:
    clip = ClipLength(mean_seconds=median * spread, median_seconds=median)
    billed = clip.mean_steps(1, minimum)
    assert max(minimum, clip.mean_seconds) - 1e-6 <= billed <= clip.mean_seconds + minimum + 1 + 1e-6


@pytest.mark.parametrize(("mean", "median"), [(6, 14), (10, 0), (-1, -2)])
def test_a_length_that_cannot_be(mean: float, median: float) -> None:
    with pytest.raises(
        ScenarioError, match=r"usage\.video_length_s_mean, usage\.video_length_s_median: found a mean of"
    ):
        ClipLength(mean, median)


# Residence


@given(
    months=st.integers(1, 14),
    start=st.sampled_from(["2027-01", "2028-02", "2027-11"]),
    begin=st.integers(0, 90),
    stay=st.integers(0, 200),
    deleted=st.floats(0, 1),
)
def test_residence_agrees_with_counting_day_by_day(
    months: int, start: str, begin: int, stay: int, deleted: float
) -> None:
    timeline = Timeline.starting(start, months)
    share = presence(timeline, begin, begin + stay, deleted)
    days = timeline.days.astype(int)
    month_of = np.repeat(np.arange(months), days)
    age = np.arange(days.sum())[:, None] - np.arange(days.sum())[None, :]
    present = np.where(age >= 0, share[np.maximum(age, 0)], 0.0)
    expected = np.zeros((months, months))
    np.add.at(expected, (month_of[:, None], month_of[None, :]), present)
    np.testing.assert_allclose(residence(timeline, share), expected / np.outer(days, days), atol=1e-9)


def test_what_never_goes_is_all_there_in_later_months() -> None:
    timeline = Timeline.starting("2027-01", 3)
    np.testing.assert_allclose(
        residence(timeline, presence(timeline, 0, NEVER)), [[0.5, 0, 0], [1, 0.5, 0], [1, 1, 0.5]]
    )


def test_consecutive_stays_make_the_whole() -> None:
    timeline = Timeline.starting("2027-01", 6)
    parts = [presence(timeline, a, b, 0.2) for a, b in ((0, 30), (30, 90), (90, NEVER))]
    np.testing.assert_allclose(sum(parts), presence(timeline, 0, NEVER, 0.2))


def test_every_meter_answers_for_a_bare_resource(loaded: Loaded, busy: Activity) -> None:
    # A foreign stack may say next to nothing about a resource: the answer then is a price, "free" or a reason.
    document: Document = {"format": "reelplan.inventory/1", "project": "p", "stack": "s", "region": "us-east-1"}
    document["resources"] = []
    for token in METERS:
        add(document, token, "bare", {})
    _, coverage = metered(loaded(document), busy)
    assert len({*coverage.priced, *coverage.free, *coverage.not_covered}) == len(METERS)
    assert all(coverage.not_covered.values())
