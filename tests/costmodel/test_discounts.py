"""What a contract takes off: by hand, each dollar once, list and billed apart, and everything else as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.billing import Case, make_bill
from costmodel.discounts import (
    Commitment,
    Cover,
    Discounts,
    Percentage,
    ReservedSlots,
    Scope,
    UnitPrice,
    discounted,
    load_discounts,
)
from costmodel.errors import DiscountError, ScenarioError, SelectionError
from costmodel.inventory import Inventory, load_inventory
from costmodel.ledger import check, ledger
from costmodel.plan import make_plan
from costmodel.price_book import PriceBook
from costmodel.scenario import Scenario, load_scenario
from costmodel.tables import Charge, Timeline

HERE = Path(__file__).parent
PLATFORM = HERE / "inventories" / "platform.json"
SHIPPED = Path(__file__).parents[2] / "costmodel" / "data" / "discounts" / "example.yaml"
BOOK = PriceBook.load()
MONTHS = Timeline.starting("2027-01", 4)


def charge(service: str, sku: str, quantity: float, price: float, unit: str = "GB", **other: Any) -> Charge:
    given: dict[str, Any] = {
        "category": "CDN",
        "region_id": "us-east-1",
        "resource_urn": "urn:pulumi:dev::p::aws:x/y:Z::thing",
        "description": f"{service} {sku}",
        "driver": "by hand",
        "price_source": "by hand",
        "price_date": "2026-11-21",
        "price_grade": "low",
        "usage_based": True,
    } | other
    return Charge(
        service_name=service,
        sku_id=sku,
        quantity=np.full(MONTHS.count, quantity),
        unit=unit,
        unit_price=np.asarray(price),
        **given,
    )


def billed(charges: list[Charge], discounts: Discounts) -> list[list[float]]:
    return [list(map(float, c.billed_cost)) for c in discounted(charges, discounts, MONTHS, BOOK)[0]]


CDN = charge("CloudFront", "dto.us", 1000, 0.08)  # 80 a month
CDN_REQUESTS = charge("CloudFront", "req.https.us", 2000, 0.01, unit="10000 requests")  # 20 a month
STORAGE = charge("S3", "storage.standard", 10_000, 0.023, unit="GB-month")  # 230 a month


# each kind by hand


def test_a_percentage_acts_in_its_months_and_scope() -> None:
    tenth = Percentage(
        kind="percentage", share_off=0.1, scope=Scope(service="CloudFront"), start="2027-02", end="2027-03"
    )
    assert billed([CDN, STORAGE], {"ten": tenth}) == [[80, 72, 72, 80], [230] * 4]


def test_a_scope_names_a_sku_by_its_beginning_up_to_a_dot() -> None:
    off = Percentage(kind="percentage", share_off=0.5, scope=Scope(service="CloudFront", sku="dto"))
    dtof = charge("CloudFront", "dtofoo", 1000, 0.08)
    assert billed([CDN, CDN_REQUESTS, dtof], {"half": off}) == [[40] * 4, [20] * 4, [80] * 4]


def test_a_private_price_replaces_every_tier_but_not_what_is_free() -> None:
    free = charge("CloudFront", "dto.us", 100, 0.0)
    price = UnitPrice(kind="unit_price", usd=0.02, unit="GB", scope=Scope(service="CloudFront", sku="dto"))
    # 1,000 GB x 0.02
    assert billed([free, CDN], {"private": price}) == [[0] * 4, [20] * 4]


def test_a_commitment_buys_at_a_discount_and_the_rest_is_at_list_price() -> None:
    # 35 USD buy 50 USD of list cost at 30 % off; the other 50 of the 100 are at list price: 85.
    bundle = Commitment(kind="commitment", usd_per_month=35, covers=[Cover(service="CloudFront", share_off=0.3)])
    transfer, requests, storage = billed([CDN, CDN_REQUESTS, STORAGE], {"bundle": bundle})
    assert transfer == pytest.approx([80 - 40 * 0.3] * 4)
    assert requests == pytest.approx([20 - 10 * 0.3] * 4)
    assert storage == [230] * 4


def test_a_commitment_that_is_not_used_is_paid_all_the_same() -> None:
    bundle = Commitment(kind="commitment", usd_per_month=100, covers=[Cover(service="CloudFront", share_off=0.3)])
    charges, _ = discounted([CDN], {"bundle": bundle}, MONTHS, BOOK)
    # 80 of list cost take 56 of the 100; 44 are paid for nothing.
    assert [float(c.billed_cost[0]) for c in charges] == pytest.approx([56, 44])
    unused = charges[1]
    assert (float(unused.cost[0]), unused.resource_urn, unused.discount) == (0, "", "bundle")


def test_a_commitment_goes_to_its_highest_discount_first() -> None:
    lambda_ = charge("Lambda", "duration.arm", 100, 1.0)
    tasks = charge("Fargate", "arm.vcpu", 100, 1.0)
    plan = Commitment(
        kind="commitment",
        usd_per_month=60,
        covers=[Cover(service="Lambda", share_off=0.1), Cover(service="Fargate", share_off=0.5)],
    )
    # Fargate takes 50 of the 60 and is done; the last 10 buy 11.11 of Lambda, which saves 1.11.
    functions, containers = billed([lambda_, tasks], {"compute": plan})
    assert containers == [50] * 4
    assert functions == pytest.approx([100 - 10 / 0.9 * 0.1] * 4)


def test_reserved_slots_leave_the_foot_of_the_ladder_on_demand() -> None:
    # 150,000 minutes: 100,000 at 0.0075 and 50,000 at 0.0053. A slot carries 60,000 of them, the cheap ones first:
    # what stays is what 90,000 minutes cost by themselves, 90,000 x 0.0075. The slot is 400 in us-east-1.
    first = charge("MediaConvert", "ntm.basic", 100_000, 0.0075, unit="normalized minute")
    next_ = charge("MediaConvert", "ntm.basic", 50_000, 0.0053, unit="normalized minute")
    slots = ReservedSlots(kind="reserved_slots", slots=1, normalized_minutes_per_slot=60_000, region="us-east-1")
    charges, _ = discounted([first, next_], {"slots": slots}, MONTHS, BOOK)
    assert [float(c.billed_cost[0]) for c in charges] == pytest.approx([90_000 * 0.0075, 0, 400])
    assert charges[2].price_source == BOOK.sku("MediaConvert", "reserved_slot")[0].rows[0].source


def test_a_share_can_be_a_row_of_the_price_book() -> None:
    row = "CloudFront security_savings_bundle.discount"
    bundle = Commitment(kind="commitment", usd_per_month=1e3, covers=[Cover(service="CloudFront", share_off=row)])
    # 30 %: 80 x 0.7, and what is left of the 1,000 is a charge of its own.
    assert billed([CDN], {"bundle": bundle}) == [pytest.approx([56] * 4), pytest.approx([944] * 4)]


# never twice


def test_what_is_discounted_once_is_not_discounted_again() -> None:
    private = UnitPrice(kind="unit_price", usd=0.05, unit="GB", scope=Scope(service="CloudFront", sku="dto"))
    tenth = Percentage(kind="percentage", share_off=0.1)
    charges, _ = discounted([CDN, STORAGE], {"private": private, "ten": tenth}, MONTHS, BOOK)
    assert [float(c.billed_cost[0]) for c in charges] == pytest.approx([50, 207])
    assert [c.discount for c in charges] == ["private", "ten"]


def test_a_percentage_after_a_commitment_acts_on_what_is_left() -> None:
    bundle = Commitment(kind="commitment", usd_per_month=28, covers=[Cover(service="CloudFront", share_off=0.3)])
    tenth = Percentage(kind="percentage", share_off=0.1)
    charges, _ = discounted([CDN], {"bundle": bundle, "ten": tenth}, MONTHS, BOOK)
    # 28 buy 40 of the 80; the other 40 lose 10 %.
    assert float(charges[0].billed_cost[0]) == pytest.approx(28 + 36)
    assert charges[0].discount == "bundle, ten"


def test_a_discount_that_finds_nothing_says_so() -> None:
    all_of_it = Percentage(kind="percentage", share_off=0.2)
    late = Percentage(kind="percentage", share_off=0.1)
    _, notes = discounted([CDN], {"all": all_of_it, "late": late}, MONTHS, BOOK)
    assert notes == ("discount late changes nothing: no charge at list price is left in its scope and months",)


shares = st.floats(0.01, 1.0)
amounts = st.lists(st.floats(0.0, 1e6), min_size=1, max_size=6)


@given(amounts, shares, shares, st.floats(1, 1e5))
def test_discounts_never_charge_more_than_list_and_commitment(
    quantities: list[float], one: float, other: float, committed: float
) -> None:
    charges = [charge("CloudFront", "dto.us", quantity, 0.08) for quantity in quantities]
    discounts: Discounts = {
        "bundle": Commitment(kind="commitment", usd_per_month=committed, covers=[Cover(share_off=one)]),
        "off": Percentage(kind="percentage", share_off=other),
    }
    result, _ = discounted(charges, discounts, MONTHS, BOOK)
    at_list = sum(float(c.cost[0]) for c in charges)
    paid = sum(float(c.billed_cost[0]) for c in result)
    assert committed * (1 - 1e-9) <= paid <= at_list * (1 + 1e-9) + committed
    assert sum(float(c.cost[0]) for c in result) == pytest.approx(at_list)
    for before, after in zip(charges, result, strict=False):
        assert -1e-9 <= float(after.billed_cost[0]) <= float(before.cost[0]) * (1 + 1e-9)


# the ledger, the plan, the bill


def test_the_ledger_keeps_list_and_billed_cost_apart() -> None:
    half = Percentage(kind="percentage", share_off=0.5, scope=Scope(service="CloudFront"), start="2027-03")
    bundle = Commitment(kind="commitment", usd_per_month=500, covers=[Cover(service="S3", share_off=0.5)])
    charges, _ = discounted([CDN, STORAGE], {"half": half, "bundle": bundle}, MONTHS, BOOK)
    table = ledger(charges, MONTHS, "by-hand")
    check(table, charges)

    def sums(sku: str) -> list[float]:
        rows = table[table["sku_id"] == sku]
        return [float(rows["list_cost"].sum()), float(rows["billed_cost"].sum())]

    assert sums("dto.us") == [320, 240]
    assert sums("storage.standard") == pytest.approx([920, 460])
    assert sums("commitment.unused") == pytest.approx([0, 4 * (500 - 115)])
    assert set(table.loc[table["sku_id"] == "commitment.unused", "charge_category"]) == {"Purchase"}
    assert np.allclose(table["list_unit_price"] * table["pricing_quantity"], table["list_cost"])


def with_discounts(discounts: Discounts) -> Scenario:
    return load_scenario("niche").model_copy(update={"discounts": discounts, "months": 3})


def test_the_plan_bills_what_the_contract_says_and_lists_what_it_would_cost() -> None:
    stack = load_inventory(PLATFORM)
    plain = make_plan(stack, with_discounts({})).ledger
    tenth = Percentage(kind="percentage", share_off=0.1, scope=Scope(service="CloudFront"))
    less = make_plan(stack, with_discounts({"ten": tenth})).ledger
    assert less["list_cost"].sum() == pytest.approx(plain["list_cost"].sum())
    cdn = plain["service_name"] == "CloudFront"
    expected = plain["billed_cost"].sum() - 0.1 * plain.loc[cdn, "billed_cost"].sum()
    assert less["billed_cost"].sum() == pytest.approx(expected)
    assert (plain["list_cost"] == plain["billed_cost"]).all()
    assert set(plain["x_discount"]) == {""}


def test_the_discounts_of_a_scenario_and_of_a_file_act_together() -> None:
    stack = load_inventory(PLATFORM)
    tenth = Percentage(kind="percentage", share_off=0.1, scope=Scope(service="CloudFront"))
    half = Percentage(kind="percentage", share_off=0.5)
    bill = make_bill(Case(stack, with_discounts({"ten": tenth}), discounts={"half": half}), BOOK)
    cdn = sum(line.cost or 0 for line in bill.lines if line.service == "CloudFront")
    assert bill.billed_cost == pytest.approx(0.9 * cdn + 0.5 * (bill.cost - cdn))


def test_a_dated_discount_needs_a_month() -> None:
    tenth = Percentage(kind="percentage", share_off=0.1, start="2027-01")
    with pytest.raises(SelectionError, match="no month to tell whether ten acts"):
        make_bill(Case(load_inventory(PLATFORM), discounts={"ten": tenth}), BOOK)
    bill = make_bill(Case(load_inventory(PLATFORM), month="2027-01", discounts={"ten": tenth}), BOOK)
    assert bill.billed_cost == pytest.approx(0.9 * bill.cost)


# files


def test_the_shipped_example_has_every_kind_and_acts(tmp_path: Path) -> None:
    discounts = load_discounts(SHIPPED)
    assert {discount.kind for discount in discounts.values()} == {
        "percentage",
        "unit_price",
        "commitment",
        "reserved_slots",
    }
    stack: Inventory = load_inventory(PLATFORM)
    bill = make_bill(Case(stack, load_scenario("niche"), "36", at_users=2e7, discounts=discounts), BOOK)
    assert bill.notes == ()
    assert 0.5 * bill.cost < bill.billed_cost < bill.cost


def test_all_faults_of_a_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(
        "discounts:\n"
        "  Big one: {kind: percentage, share_off: 0.1}\n"
        "  edp: {kind: percentage, share_off: 10}\n"
        "  bundle: {kind: comitment, usd_per_month: 1, covers: []}\n"
        "  slots: {kind: reserved_slots, slots: 0, normalized_minutes_per_slot: 5, region: us-east-1}\n"
        "  price: {kind: unit_price, usd: -1, unit: GB, scop: {}}\n"
        "  late: {kind: percentage, share_off: 0.1, start: 2027}\n"
    )
    with pytest.raises(DiscountError) as refused:
        load_discounts(path)
    faults = [str(fault) for fault in refused.value.faults]
    places = [fault.partition(": found")[0] for fault in faults]
    assert places == [
        "contract.yaml:2: discounts.Big one",
        "contract.yaml:3: discounts.edp.share_off",
        "contract.yaml:4: discounts.bundle.kind",
        "contract.yaml:5: discounts.slots.slots",
        "contract.yaml:6: discounts.price.usd",
        "contract.yaml:6: discounts.price.scope",
        "contract.yaml:6: discounts.price.scop",
        "contract.yaml:7: discounts.late.start",
    ]
    assert "a share above 0 and at most 1, or the SERVICE and SKU of a discount" in faults[1]
    assert "(nearest: commitment)" in faults[2]


def test_faults_that_only_the_prices_show_are_told_together() -> None:
    discounts: Discounts = {
        "row": Percentage(kind="percentage", share_off="CloudFront savings_bundle.discount"),
        "unit": UnitPrice(kind="unit_price", usd=1, unit="TB", scope=Scope(service="CloudFront")),
        "price": Percentage(kind="percentage", share_off="ALB hour"),
        "back": Percentage(kind="percentage", share_off=0.1, start="2027-05", end="2027-01"),
        "slots": ReservedSlots(kind="reserved_slots", slots=1, normalized_minutes_per_slot=1, region="mars"),
    }
    with pytest.raises(DiscountError) as refused:
        discounted([CDN], discounts, MONTHS, BOOK)
    text = str(refused.value)
    assert "savings_bundle.discount" in text
    assert "ALB hour: found a price [hour], expected a discount of the price book" in text
    assert 'discounts.unit.unit: found "TB", expected "GB", the listed unit in its scope' in text
    assert "discounts.back.end: found 2027-01, expected a month from its start on, 2027-05" in text
    assert "MediaConvert reserved_slot in mars" in text


def test_a_scenario_can_hold_discounts(tmp_path: Path, steady: Callable[..., Scenario]) -> None:
    steady(1000)
    path = tmp_path / "steady.yaml"
    document = json.loads(path.read_text())
    document["discounts"] = {"edp": {"kind": "percentage", "share_off": 0.1}}
    path.write_text(json.dumps(document))
    assert load_scenario(str(path)).discounts == {"edp": Percentage(kind="percentage", share_off=0.1)}
    document["discounts"]["edp"]["share_of"] = document["discounts"]["edp"].pop("share_off")
    path.write_text(json.dumps(document))
    with pytest.raises(ScenarioError, match=r"discounts\.edp\.share_of: found an unknown key"):
        load_scenario(str(path))
