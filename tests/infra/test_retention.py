"""Every store of every stack says how long it keeps data, and what it says is proven by the stack itself."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from infra.emulator.plan_provider import PlanProvider
from infra.emulator.recorder import record
from infra.inventory import inventory
from infra.policies import retention
from infra.policies.stack import Stack
from infra.stackfile import load_stack
from tests.infra.conftest import REPOSITORY

(RULE,) = retention.book.rules
STORES = (retention.BUCKET, retention.TABLE, *retention.BY_TYPE)


@pytest.fixture(scope="module")
def prod() -> dict[str, Any]:
    return inventory(record(load_stack(REPOSITORY, "prod"), PlanProvider()))


def findings(document: Mapping[str, Any]) -> list[str]:
    stack = Stack.from_inventory(document)
    return [f"{one.name}: {message}" for one in RULE.subjects(stack) for message in RULE.check(one, stack)]


def roles(document: Mapping[str, Any]) -> set[str]:
    tags = (one["inputs"].get("tags", {}) for one in document["resources"] if one["type"] in STORES)
    return {one["reelplan:role"] for one in tags if "reelplan:role" in one}


def test_prod_has_every_store_that_is_spoken_for_and_no_other(prod: dict[str, Any]) -> None:
    assert roles(prod) == set(retention.BY_ROLE)
    assert {one["type"] for one in prod["resources"]} >= set(retention.BY_TYPE)
    assert findings(prod) == []


def without(prod: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    document = copy.deepcopy(prod)
    document["resources"] = [one for one in document["resources"] if (one["type"], one["name"]) != (kind, name)]
    assert len(document["resources"]) == len(prod["resources"]) - 1
    return document


def test_without_the_function_that_erases_its_stores_are_found(prod: dict[str, Any]) -> None:
    found = {line.split(":")[0] for line in findings(without(prod, retention.FUNCTION, "erase"))}
    assert found == {"renditions", "renditions-replica"}
    assert [line.split(":")[0] for line in findings(without(prod, retention.FUNCTION, "erase-account"))] == ["users"]


def test_without_its_lifecycle_a_bucket_is_found(prod: dict[str, Any]) -> None:
    (finding,) = findings(without(prod, retention.LIFECYCLE, "raw"))
    assert finding == (
        "raw: nothing in it expires, expected: kept until they expire (storage.rawRetentionDays) or are erased"
    )


@pytest.mark.parametrize(
    ("kind", "name", "change", "fault"),
    [
        (retention.TABLE, "candidates", {"ttl": None}, "its items do not expire (ttl)"),
        (retention.ARCHIVE, "events", {"retentionDays": None}, "events are kept for ever"),
        (retention.PLAN, "tables", {"rules": [{"ruleName": "r"}]}, "copies are not deleted"),
        (retention.TABLE, "feed", {"tags": {"reelplan:role": "secrets"}}, "role secrets says not how long"),
        (retention.BUCKET, "audit", {"tags": {}}, "role none says not how long"),
    ],
)
def test_a_store_that_does_not_end_as_it_says_is_found(
    prod: dict[str, Any], kind: str, name: str, change: dict[str, Any], fault: str
) -> None:
    document = copy.deepcopy(prod)
    (store,) = (one for one in document["resources"] if (one["type"], one["name"]) == (kind, name))
    store["inputs"].update(change)
    (finding,) = findings(document)
    assert finding.startswith(f"{name}: ")
    assert fault in finding
