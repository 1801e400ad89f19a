"""Numbers that a person knows: they replace estimates, close gaps, and are refused when they cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from costmodel.bill import Bill, Line
from costmodel.billing import Case, make_bill
from costmodel.errors import ScenarioError, UsageFileError
from costmodel.inventory import Inventory, load_inventory
from costmodel.metering import METERS, USAGE_KEYS, Context, Gap, meter_resource
from costmodel.price_book import PriceBook
from costmodel.scenario import load_scenario
from costmodel.usage_file import load_usage_file

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "price-a-stack.md"
PLATFORM = Path(__file__).parent / "inventories" / "platform.json"
BOOK = PriceBook.load()
Write = Callable[..., Path]
Document = dict[str, Any]
Loaded = Callable[[Any], Inventory]


@pytest.fixture(scope="module")
def stack() -> Inventory:
    return load_inventory(PLATFORM)


@pytest.fixture
def usage_file(tmp_path: Path) -> Write:
    def write(resources: str, head: str = "version: 1\nresource_usage:\n") -> Path:
        path = tmp_path / "usage.yaml"
        path.write_text(head + resources)
        return path

    return write


def lines(bill: Bill, name: str) -> list[Line]:
    return [line for line in bill.lines if line.name == name]


def one(bill: Bill, name: str) -> Line:
    (found,) = lines(bill, name)
    return found


def test_stated_transfer_climbs_the_tiers_of_its_edge(stack: Inventory, usage_file: Write) -> None:
    path = usage_file("  delivery:\n    monthly_data_transfer_to_internet_gb:\n      us: 12_000\n      india: 10\n")
    bill = make_bill(Case(stack, stated=load_usage_file(path, stack)), BOOK)
    # 10,240 GB at 0.085 and 1,760 GB at 0.080; India's first tier is 0.109.
    assert one(bill, "delivery/dto.us").cost == pytest.approx(10_240 * 0.085 + 1_760 * 0.080)
    assert one(bill, "delivery/dto.india").cost == pytest.approx(10 * 0.109)
    assert one(bill, "delivery/dto.us").basis == "stated"
    assert one(bill, "delivery/dto.us").driver == "stated in usage.yaml:4"
    # The whole key is replaced: no estimate of another edge stays. Requests are still not known.
    assert lines(bill, "delivery/dto.canada") == []
    assert all(line.quantity is None for line in lines(bill, "delivery/req.https.us"))


def test_a_statement_beats_the_scenario_and_leaves_the_rest(stack: Inventory, usage_file: Write) -> None:
    path = usage_file("  raw:\n    storage_gb: {standard: 1000}\n")
    case = Case(stack, load_scenario("niche"), month="12")
    estimated = make_bill(case, BOOK)
    stated = make_bill(Case(stack, case.scenario, "12", stated=load_usage_file(path, stack)), BOOK)
    assert one(stated, "raw/storage.standard").quantity == 1000
    assert one(stated, "raw/req.put.standard").quantity == one(estimated, "raw/req.put.standard").quantity
    others = [(line.name, line.quantity) for line in estimated.lines if line.resource.name != "raw"]
    assert [(line.name, line.quantity) for line in stated.lines if line.resource.name != "raw"] == others


def test_what_is_billed_without_users_stays(stack: Inventory, usage_file: Write) -> None:
    path = usage_file(
        "  aws:ecs/service:Service.api:\n    monthly_vcpu_hours_above_minimum: 100\n"
        "  aws:lb/loadBalancer:LoadBalancer.api:\n    monthly_lcu_hours: 500\n"
    )
    bill = make_bill(Case(stack, stated=load_usage_file(path, stack)), BOOK)
    assert [(line.quantity, line.basis) for line in lines(bill, "api/arm.vcpu")] == [
        (730 * 0.25, "declared"),
        (100, "stated"),
    ]
    assert one(bill, "api/hour").quantity == 730
    assert one(bill, "api/lcu").cost == pytest.approx(500 * 0.008)


def test_a_statement_makes_a_bucket_of_unknown_use_a_priced_one(
    platform: Document, loaded: Loaded, usage_file: Write
) -> None:
    bucket = next(r for r in platform["resources"] if r["type"].endswith(":Bucket") and r["name"] == "raw")
    del bucket["inputs"]["tags"]
    stack = loaded(platform)
    assert bucket["urn"] in make_bill(Case(stack), BOOK).coverage.not_covered
    some = load_usage_file(usage_file("  raw:\n    storage_gb: {standard: 10}\n"), stack)
    bill = make_bill(Case(stack, stated=some), BOOK)
    assert bill.coverage.gaps[bucket["urn"]]  # requests are still not known
    assert bucket["urn"] not in bill.coverage.not_covered
    text = "  raw:\n    storage_gb: {standard: 10}\n    monthly_put_requests: 1000\n    monthly_get_requests: 0\n"
    bill = make_bill(Case(stack, stated=load_usage_file(usage_file(text), stack)), BOOK)
    assert bucket["urn"] not in bill.coverage.gaps
    assert one(bill, "raw/req.get.standard").cost == 0
    assert one(bill, "raw/storage.standard").cost == pytest.approx(10 * 0.023)


def test_the_more_exact_selector_wins_key_by_key(stack: Inventory, usage_file: Write) -> None:
    urn = next(urn for urn in stack.resources if urn.endswith("Bucket::raw") and "aws:s3/bucket:Bucket" in urn)
    path = usage_file(
        f"  {urn}:\n    monthly_put_requests: 4000\n"
        "  aws:s3/bucket:Bucket.raw:\n    monthly_put_requests: 3000\n    monthly_get_requests: 3000\n"
        "  raw:\n    monthly_get_requests: 2000\n    storage_gb: {standard: 2000}\n"
        "  aws:s3/bucket:Bucket.*:\n    storage_gb: {standard: 1000}\n    monthly_get_requests: 1000\n"
    )
    bill = make_bill(Case(stack, stated=load_usage_file(path, stack)), BOOK)
    assert one(bill, "raw/req.put.standard").quantity == 4  # [1000 requests]
    assert one(bill, "raw/req.get.standard").quantity == 3
    assert one(bill, "raw/storage.standard").quantity == 2000
    assert one(bill, "renditions/storage.standard").quantity == 1000
    assert one(bill, "renditions/req.get.standard").quantity == 1


def test_all_faults_at_once_with_their_lines(stack: Inventory, usage_file: Write) -> None:
    path = usage_file(
        "  raw:\n    storage_gbs: {standard: 1}\n    storage_gb: 12\n    monthly_put_requests: -1\n"
        "  delivery:\n    monthly_https_requests: {usa: 1, us: many}\n"
        "  submit:\n    monthly_requests: 5\n"
        "  rendition:\n    storage_gb: {standard: 1}\n"
        "  videos:\n",
        head="version: 2\nresource_use: {}\nresource_usage:\n",
    )
    with pytest.raises(UsageFileError) as refused:
        load_usage_file(path, stack)
    assert str(refused.value).splitlines() == [
        "usage.yaml:2: resource_use: found an unknown key, expected one of version, resource_usage "
        "(nearest: resource_usage)",
        "usage.yaml:1: version: found 2, expected 1",
        "usage.yaml:5: resource_usage.raw.storage_gbs: found an unknown key, expected one of storage_gb, "
        "monthly_put_requests, monthly_get_requests, monthly_lifecycle_transition_requests, monitored_objects "
        "(nearest: storage_gb)",
        "usage.yaml:6: resource_usage.raw.storage_gb: found 12, expected amounts by standard, standard_ia, onezone_ia, "
        "int.frequent, glacier_instant, glacier_flexible, glacier_deep_archive",
        "usage.yaml:7: resource_usage.raw.monthly_put_requests: found -1, expected an amount a month of at least 0 "
        "[requests]",
        "usage.yaml:9: resource_usage.delivery.monthly_https_requests.usa: found an unknown key, expected one of us, "
        "canada, europe_israel, south_africa_kenya, middle_east, south_america, japan, australia_nz, india, asia_other "
        "(nearest: us)",
        "usage.yaml:9: resource_usage.delivery.monthly_https_requests.us: found 'many', expected an amount a month of "
        "at least 0 [requests]",
        "usage.yaml:10: resource_usage.submit: found 3 resources of this name, expected one of "
        "aws:cloudwatch/eventRule:EventRule.submit, aws:cloudwatch/logGroup:LogGroup.submit, "
        "aws:lambda/function:Function.submit",
        "usage.yaml:12: resource_usage.rendition: found no such resource, expected the URN, name, TYPE.NAME or TYPE.* "
        "of a resource whose usage can be stated (nearest: renditions)",
        "usage.yaml:14: resource_usage.videos: found nothing, expected keys with monthly quantities",
    ]


@pytest.mark.parametrize("amount", [".inf", "true", "'5'", "[1]"])
def test_only_numbers_are_amounts(stack: Inventory, usage_file: Write, amount: str) -> None:
    with pytest.raises(UsageFileError, match="monthly_put_requests"):
        load_usage_file(usage_file(f"  raw:\n    monthly_put_requests: {amount}\n"), stack)


def test_a_missing_file_is_said_to_be_a_usage_file(stack: Inventory, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="found no such file, expected a usage file"):
        load_usage_file(tmp_path / "none.yaml", stack)


def test_an_empty_section_says_nothing(stack: Inventory, usage_file: Write) -> None:
    with pytest.raises(UsageFileError, match="found nothing in it, expected resources with their usage"):
        load_usage_file(usage_file("", head="resource_usage: {}\n"), stack)


# the register of keys


@pytest.mark.parametrize("kind", sorted(USAGE_KEYS))
def test_every_key_has_a_price_in_its_unit(kind: str, stack: Inventory) -> None:
    assert kind in METERS
    resource = next(iter(stack.of_type(kind)), None) or next(iter(stack.resources.values()))
    for name, key in USAGE_KEYS[kind].items():
        for choice in key.choices or ("",):
            service, sku = key.sku_of(resource, stack, choice)
            region = key.region_of(resource, stack, choice) or "us-east-1"
            ladder = BOOK.ladder(service, sku, region, date.max)
            assert ladder.listed_unit.base == key.unit, (name, choice)


def test_everything_that_is_estimated_can_be_stated(stack: Inventory) -> None:
    bill = make_bill(Case(stack, load_scenario("niche")), BOOK)
    for line in bill.lines:
        if line.basis != "estimated":
            continue
        keys = USAGE_KEYS[line.resource.type].values()
        skus = {key.sku_of(line.resource, stack, choice) for key in keys for choice in key.choices or ("",)}
        assert (line.service, line.sku_key) in skus, line.name


def test_the_keys_that_a_gap_names_exist(stack: Inventory) -> None:
    case = Case(stack)
    assumptions = case.assumptions()
    for kind in METERS:
        resource = next(iter(stack.of_type(kind)), None)
        if resource is None:
            continue
        alone = Inventory("p", "s", "us-east-1", {resource.urn: resource})
        for inventory in (stack, alone):
            context = Context(inventory, case.use(assumptions).activity, assumptions, BOOK)
            for finding in meter_resource(resource, context, {}):
                if isinstance(finding, Gap):
                    assert set(finding.closed_by) <= set(USAGE_KEYS.get(kind, {})), (kind, finding)


# what the page for people says


def test_the_page_names_every_key_under_its_type() -> None:
    found: dict[str, set[str]] = {}
    kind = ""
    for row in re.findall(r"^\|(.*?)\| (`.*?`) \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE):
        kind = row[0].strip("` |") or kind
        found.setdefault(kind, set()).update(re.findall(r"`(\w+)`", row[1]))
    assert found == {kind: set(keys) for kind, keys in USAGE_KEYS.items()}


def test_the_example_of_the_page_is_a_usage_file(stack: Inventory, tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    path = tmp_path / "usage.yaml"
    path.write_text(example)
    bill = make_bill(Case(stack, stated=load_usage_file(path, stack)), BOOK)
    assert one(bill, "delivery/dto.us").quantity == 12_000
    assert one(bill, "submit-dead-letters/standard").quantity == pytest.approx(0.001)  # [1000000 requests]
    assert len([line for line in bill.lines if line.sku_key == "logs.storage" and line.basis == "stated"]) == 3
