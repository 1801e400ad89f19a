"""Three file formats, one inventory; faults all at once, with their place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from costmodel.errors import InventoryError
from costmodel.inventory import SIGNATURE_KEY, UNKNOWN_VALUE, Inventory, load_inventory

Document = dict[str, Any]
Written = Callable[..., Path]
SECRET = {SIGNATURE_KEY: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "AAABANotForReaders"}
BUCKET, LIFECYCLE = "aws:s3/bucket:Bucket", "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
PROVIDER_URN = "urn:pulumi:dev::reelplan::pulumi:providers:aws::default_7_51_0"


def states(platform: Document) -> list[Document]:
    """The same resources as the Pulumi engine writes them."""
    provider = {
        "urn": PROVIDER_URN,
        "custom": True,
        "id": "0af1",
        "type": "pulumi:providers:aws",
        "inputs": {"region": "us-east-1", "version": "7.51.0"},
    }
    return [provider] + [
        {
            "urn": record["urn"],
            "custom": record["type"].startswith("aws:"),
            "type": record["type"],
            "parent": record["parent"],
            "inputs": record["inputs"],
            "propertyDependencies": record["dependencies"],
            **({"provider": f"{PROVIDER_URN}::0af1"} if record["type"].startswith("aws:") else {}),
        }
        for record in platform["resources"]
        if record["type"] != "pulumi:providers:aws"
    ]


def preview(platform: Document) -> Document:
    steps = [{"op": "create", "urn": state["urn"], "newState": state} for state in states(platform)]
    return {"config": {"aws:region": "us-east-1"}, "steps": steps, "changeSummary": {"create": len(steps)}}


def export(platform: Document) -> Document:
    return {"version": 3, "deployment": {"manifest": {}, "resources": states(platform)}}


def faults_of(path: Path) -> list[str]:
    with pytest.raises(InventoryError) as caught:
        load_inventory(path)
    return [str(fault) for fault in caught.value.faults]


def comparable(inventory: Inventory) -> list[tuple[Any, ...]]:
    return [
        (r.urn, r.type, r.name, r.inputs, r.dependencies, r.region)
        for r in inventory.resources.values()
        if r.type.startswith("aws:")
    ]


@pytest.mark.parametrize("form", [preview, export])
def test_preview_and_export_hold_what_our_inventory_holds(
    form: Callable[[Document], Document], platform: Document, loaded: Callable[[Any], Inventory]
) -> None:
    ours, theirs = loaded(platform), loaded(form(platform))
    assert comparable(theirs) == comparable(ours)
    assert (theirs.project, theirs.stack, theirs.region) == ("reelplan", "dev", "us-east-1")


def test_components_are_known_in_every_format(platform: Document, loaded: Callable[[Any], Inventory]) -> None:
    for document in (platform, preview(platform), export(platform)):
        resources = loaded(document).resources.values()
        assert {r.type for r in resources if not r.custom} >= {"reelplan:storage:MediaStorage", "pulumi:pulumi:Stack"}
        assert all(r.custom for r in resources if r.type.startswith("aws:"))


def test_a_side_resource_finds_its_bucket(platform: Document, loaded: Callable[[Any], Inventory]) -> None:
    inventory = loaded(platform)
    raw, renditions = inventory.of_type(BUCKET)
    (rules,) = inventory.referring(raw.urn, LIFECYCLE)
    assert rules.inputs["rules"][-1]["expiration"] == {"days": 30}
    assert inventory.referred(rules, BUCKET) == [raw]
    assert inventory.referring(renditions.urn, LIFECYCLE) != [rules]


def test_without_dependencies_equal_names_tie_resources(loaded: Callable[[Any], Inventory]) -> None:
    def record(token: str, name: str, inputs: Document) -> Document:
        return {"urn": f"urn:pulumi:s::p::{token}::{name}", "type": token, "name": name, "inputs": inputs}

    inventory = loaded(
        {
            "format": "reelplan.inventory/1",
            "project": "p",
            "stack": "s",
            "region": "us-east-1",
            "resources": [
                record(BUCKET, "a", {"bucket": "videos"}),
                record(BUCKET, "b", {"bucket": "other"}),
                record(LIFECYCLE, "a", {"bucket": "videos", "rules": []}),
            ],
        }
    )
    a, b = inventory.of_type(BUCKET)
    assert [r.name for r in inventory.referring(a.urn, LIFECYCLE)] == ["a"]
    assert inventory.referring(b.urn, LIFECYCLE) == []


def test_what_a_preview_deletes_is_left_out(platform: Document, loaded: Callable[[Any], Inventory]) -> None:
    document = preview(platform)
    gone = next(step for step in document["steps"] if step["newState"]["type"] == "aws:ecs/service:Service")
    gone["op"], gone["oldState"] = "delete", gone.pop("newState")
    assert loaded(document).of_type("aws:ecs/service:Service") == []


def test_a_replacement_counts_once_with_its_last_state(platform: Document, loaded: Callable[[Any], Inventory]) -> None:
    document = preview(platform)
    step = next(
        step for step in document["steps"] if step["newState"]["type"] == "aws:ecs/taskDefinition:TaskDefinition"
    )
    old = json.loads(json.dumps(step))
    old["newState"]["inputs"]["cpu"] = "4096"
    document["steps"].insert(0, old | {"op": "create-replacement"})
    (task,) = loaded(document).of_type("aws:ecs/taskDefinition:TaskDefinition")
    assert task.inputs["cpu"] == "256"


def test_a_resource_marked_for_deletion_in_an_export_is_left_out(
    platform: Document, loaded: Callable[[Any], Inventory]
) -> None:
    document = export(platform)
    state = next(s for s in document["deployment"]["resources"] if s["type"] == "aws:ecs/service:Service")
    document["deployment"]["resources"].append(state | {"delete": True})
    assert len(loaded(document).of_type("aws:ecs/service:Service")) == 1


def test_the_own_region_of_a_resource_wins(platform: Document, loaded: Callable[[Any], Inventory]) -> None:
    table = next(r for r in platform["resources"] if r["type"] == "aws:dynamodb/table:Table")
    table["inputs"]["region"] = "eu-central-1"
    inventory = loaded(platform)
    assert inventory.resources[table["urn"]].region == "eu-central-1"
    assert inventory.of_type("aws:mediaconvert/queue:Queue")[0].region == "us-east-1"


def test_secret_and_unknown_values_are_unknown(platform: Document, loaded: Callable[[Any], Inventory]) -> None:
    document = export(platform)
    state = next(s for s in document["deployment"]["resources"] if s["type"] == "aws:dynamodb/table:Table")
    state["inputs"] |= {"billingMode": SECRET, "hashKey": UNKNOWN_VALUE, "attributes": [{"name": SECRET, "type": "S"}]}
    inventory = loaded(document)
    (table,) = inventory.of_type("aws:dynamodb/table:Table")
    assert table.inputs["billingMode"] is None
    assert table.inputs["hashKey"] is None
    assert table.inputs["attributes"] == [{"name": None, "type": "S"}]
    assert "NotForReaders" not in repr(inventory)


def test_a_missing_file_names_its_neighbour(platform: Document, written: Written) -> None:
    path = written(platform, "inventory.json")
    (fault,) = faults_of(path.with_name("inventroy.json"))
    assert fault.startswith(f"{path.with_name('inventroy.json')}: found no such file, expected an inventory")
    assert fault.endswith(f"(did you mean {path}?)")


@pytest.mark.parametrize("keep", [0, 1, 200, 20_000])
def test_a_truncated_file_says_where_it_breaks_off(keep: int, platform: Document, written: Written) -> None:
    (fault,) = faults_of(written(json.dumps(platform, indent=1)[:keep]))
    assert "found an empty file" in fault if keep == 0 else "found JSON that breaks off at line" in fault


def test_text_that_is_no_json(written: Written) -> None:
    (fault,) = faults_of(written("resources:\n  - bucket\n"))
    assert "found no valid JSON at line 1 column 1" in fault


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ([], "found a JSON list"),
        ({"format": "reelplan.inventory/9"}, 'found "format": "reelplan.inventory/9"'),
        ({"planned_values": {}, "terraform_version": "1.9"}, "keys planned_values, terraform_version"),
    ],
)
def test_an_unknown_format_is_named(document: Any, found: str, written: Written) -> None:
    (fault,) = faults_of(written(document))
    assert found in fault
    assert '"format": "reelplan.inventory/1"' in fault


def test_all_faults_of_the_resources_at_once(platform: Document, written: Written) -> None:
    first, second, third, fourth = platform["resources"][:4]
    del first["type"]
    second["urn"] = ""
    fourth["urn"] = third["urn"]
    platform["resources"][4] = "bucket"
    platform["resources"][5]["inputs"] = ["not", "an", "object"]
    del platform["region"]
    faults = faults_of(written(platform))
    path = str(written(platform))
    assert faults == [
        f"{path}: region: found nothing, expected a text",
        f"{path}: resources[0].type: found nothing, expected the type of the resource",
        f"{path}: resources[1].urn: found text, expected the urn of the resource",
        f"{path}: resources[3].urn: found the URN of resources[2] again: {third['urn']}, expected each resource once",
        f"{path}: resources[4]: found text, expected a resource (an object with urn and type)",
        f"{path}: resources[5].inputs: found list, expected an object",
    ]


def test_an_export_without_a_region_says_how_to_set_one(platform: Document, written: Written) -> None:
    document = export(platform)
    document["deployment"]["resources"][0]["inputs"] = {}
    (fault,) = faults_of(written(document))
    assert "found no AWS region of raw, raw, raw and others" in fault
    assert "`pulumi config set aws:region us-east-1`" in fault
