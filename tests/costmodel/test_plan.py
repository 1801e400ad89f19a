"""The spine: a changed stack changes exactly the lines that it should."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from costmodel import ledger as book
from costmodel.inventory import Inventory
from costmodel.plan import Plan, make_plan
from costmodel.scenario import Scenario

Document = dict[str, Any]
Loaded = Callable[[Any], Inventory]
Lines = dict[tuple[str, str, str], float]


def of_type(document: Document, token: str, name: str = "") -> Document:
    return next(r for r in document["resources"] if r["type"] == token and name in ("", r["name"]))


def lines(plan: Plan) -> Lines:
    keys = ["service_name", "sku_id", "resource_id"]
    sums = plan.ledger.groupby(keys, observed=True)["billed_cost"].sum()
    return {
        (str(service), str(sku), str(resource)): float(cost)
        for (service, sku, resource), cost in zip(sums.index, sums, strict=True)
    }


def changed(before: Lines, after: Lines) -> set[tuple[str, str, str]]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def test_the_shipped_plan_is_consistent(niche_plan: Plan) -> None:
    book.check(niche_plan.ledger)
    table = niche_plan.ledger
    np.testing.assert_allclose(table["pricing_quantity"] * table["list_unit_price"], table["list_cost"], rtol=1e-12)
    assert set(table["x_category"].unique()) <= set(book.CATEGORIES)
    assert niche_plan.coverage.not_covered == {}
    assert set(niche_plan.digests) == {"inventory", "scenario", "assumptions", "prices"}


def test_every_row_says_why(niche_plan: Plan) -> None:
    for column in ("x_driver", "x_price_source", "x_price_date", "charge_description", "pricing_unit"):
        assert (niche_plan.ledger[column].astype(str) != "").all(), column


def test_a_ladder_without_1080_changes_transcoding_storage_and_bytes_only(
    platform: Document, loaded: Loaded, niche: Scenario, niche_plan: Plan
) -> None:
    variables = of_type(platform, "aws:lambda/function:Function", "submit")["inputs"]["environment"]["variables"]
    ladder = json.loads(variables["LADDER"])
    ladder["renditions"] = [r for r in ladder["renditions"] if r["name"] != "1080p"]
    variables["LADDER"] = json.dumps(ladder)
    before, after = lines(niche_plan), lines(make_plan(loaded(platform), niche))
    assert changed(before, after) == {
        ("MediaConvert", "ntm.basic", "transcode"),
        ("S3", "storage.standard", "renditions"),
        ("S3", "storage.standard", "raw"),  # shares the volume tiers with the renditions
        ("S3", "req.put.standard", "renditions"),
        ("CloudFront", "dto.us", "delivery"),
        ("CloudFront", "dto.europe_israel", "delivery"),
    }
    assert all(after[key] < before[key] for key in changed(before, after) - {("S3", "storage.standard", "raw")})


def test_another_price_class_changes_the_edges_only(
    platform: Document, loaded: Loaded, niche: Scenario, niche_plan: Plan
) -> None:
    of_type(platform, "aws:cloudfront/distribution:Distribution")["inputs"]["priceClass"] = "PriceClass_All"
    before, after = lines(niche_plan), lines(make_plan(loaded(platform), niche))
    # Latin America is served from the United States in the small class and at home in the large one.
    assert changed(before, after) == {
        ("CloudFront", f"{sku}.{edge}", "delivery") for sku in ("dto", "req.https") for edge in ("us", "south_america")
    }
    assert sum(after.values()) > sum(before.values())


def test_twice_the_task_size_changes_the_tasks_only(
    platform: Document, loaded: Loaded, niche: Scenario, niche_plan: Plan
) -> None:
    of_type(platform, "aws:ecs/taskDefinition:TaskDefinition")["inputs"] |= {"cpu": "512", "memory": "1024"}
    before, after = lines(niche_plan), lines(make_plan(loaded(platform), niche))
    assert changed(before, after) == {("Fargate", "arm.vcpu", "api"), ("Fargate", "arm.gb", "api")}


def test_a_shorter_retention_changes_what_is_kept_only(
    platform: Document, loaded: Loaded, niche: Scenario, niche_plan: Plan
) -> None:
    group = of_type(platform, "aws:cloudwatch/logGroup:LogGroup", "api")
    group["inputs"]["retentionInDays"] = 7
    before, after = lines(niche_plan), lines(make_plan(loaded(platform), niche))
    assert changed(before, after) == {("CloudWatch", "logs.storage", "api")}


def test_the_region_of_the_stack_decides_the_prices(
    platform: Document, loaded: Loaded, niche: Scenario, niche_plan: Plan
) -> None:
    platform["region"] = "eu-central-1"
    platform["resources"][1]["inputs"]["region"] = "eu-central-1"
    plan = make_plan(loaded(platform), niche)
    aws = plan.ledger[plan.ledger["charge_category"] == "Usage"]
    regions = {str(region) for region in aws["region_id"].unique()}
    assert regions == {"eu-central-1", "edge:us", "edge:europe_israel"}
    assert (
        lines(plan)["S3", "storage.standard", "renditions"] > lines(niche_plan)["S3", "storage.standard", "renditions"]
    )


def test_an_override_without_effect_is_told(platform: Document, loaded: Loaded, niche: Scenario) -> None:
    key = "eng.cdn_hit_ratio_with_shield"
    plan = make_plan(loaded(platform), niche.model_copy(update={"assumptions": {**niche.assumptions, key: 0.99}}))
    told = [note for note in plan.notes if "overrides" in note]
    assert told == [f"the scenario overrides {key}, but nothing in this plan depends on it"]


def test_digests_follow_content_and_not_layout(platform: Document, loaded: Loaded, niche: Scenario) -> None:
    plan = make_plan(loaded(platform), niche)
    platform["resources"][0]["name"] = "renamed in the file only"
    assert make_plan(loaded(platform), niche).digests == plan.digests
    of_type(platform, "aws:ecs/taskDefinition:TaskDefinition")["inputs"]["cpu"] = "512"
    other = make_plan(loaded(platform), niche).digests
    assert other["inventory"] != plan.digests["inventory"]
    assert other["scenario"] == plan.digests["scenario"]


def test_users_cost_what_their_plan_says(platform: Document, loaded: Loaded, steady: Callable[..., Scenario]) -> None:
    one = make_plan(loaded(platform), steady(100_000))
    assert one.users.monthly_active_users.sum() == pytest.approx(100_000, rel=1e-6)
    assert "People" not in set(one.ledger["x_category"].unique()), "a scenario without people has no people"
    per_user = book.cost_per_mau(one.ledger, one.activity)[0]
    assert per_user == pytest.approx(book.total(one.ledger) / 100_000, rel=1e-6)
