"""The bill of one month: what is known, what is not, parts and whole, other sizes, other regions, other providers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.bill import Bill, Line, Node
from costmodel.billing import Case, make_bill, variants
from costmodel.errors import PriceNotFound, SelectionError
from costmodel.inventory import Inventory, load_inventory
from costmodel.month_of_use import month_index, parse_sizes
from costmodel.plan import Plan
from costmodel.price_book import PACKAGED_PRICES, PriceBook
from costmodel.regions import known_regions, relocated
from costmodel.scenario import Scenario, load_scenario
from costmodel.tables import PURCHASES, REVENUE, Timeline

HERE = Path(__file__).parent
PLATFORM = HERE / "inventories" / "platform.json"
BOOK = PriceBook.load()
Loaded = Callable[[Any], Inventory]
Document = dict[str, Any]


@pytest.fixture(scope="module")
def stack() -> Inventory:
    return load_inventory(PLATFORM)


@pytest.fixture(scope="module")
def unused(stack: Inventory) -> Bill:
    """Nothing is known about use."""
    return make_bill(Case(stack), BOOK)


@pytest.fixture(scope="module")
def busy(stack: Inventory) -> Bill:
    return make_bill(Case(stack, load_scenario("niche"), month="24"), BOOK)


def line(bill: Bill, name: str, **wanted: object) -> Line:
    found = [
        entry
        for entry in bill.lines
        if entry.name == name and all(getattr(entry, key) == value for key, value in wanted.items())
    ]
    assert found, name
    return found[0]


# what costs without users, and what depends on them


def test_the_fixed_part_by_hand(unused: Bill) -> None:
    # Prices of us-east-1: load balancer 0.0225/h; 3 interface endpoints in 2 zones at 0.01/h; alarms at 0.10.
    # A task of 0.25 vCPU and 0.5 GB, one always on: 0.03238/vCPU-h and 0.00356/GB-h (ARM).
    # Images: after the first month as many as were deployed, at 0.10/GB-month.
    hours = 730
    tasks = hours * (0.25 * 0.03238 + 0.5 * 0.00356)
    network = hours * (0.0225 + 3 * 2 * 0.01)
    alarms = 2 * 0.10
    # 20 deployments of 200 KB pass each of two endpoints, at 0.01/GB.
    manifests = 2 * 20 * 200e3 / 2**30 * 0.01
    images = line(unused, "api/storage").quantity
    assert images is not None
    assert unused.cost == pytest.approx(tasks + network + alarms + manifests + images * 0.10)


def test_what_depends_on_unknown_use_has_a_price_and_no_cost(unused: Bill) -> None:
    assert len(unused.unknown) > 20
    for entry in unused.unknown:
        assert (entry.quantity, entry.cost, entry.billed_cost, entry.slices) == (None, None, None, ())
        assert max(row.price_usd for row in entry.ladder.rows) > 0
    assert {entry.basis for entry in unused.unknown} == {"estimated"}
    assert all(entry.usage_based for entry in unused.unknown)


def test_without_a_scenario_every_edge_of_the_price_class_is_listed(unused: Bill) -> None:
    edges = {entry.region for entry in unused.lines if entry.service == "CloudFront"}
    assert edges == {"edge:us", "edge:canada", "edge:europe_israel"}


def test_with_a_scenario_nothing_is_unknown(busy: Bill) -> None:
    assert busy.unknown == ()
    assert busy.month == "2028-12"


def test_a_zero_that_is_known_is_a_zero(stack: Inventory, steady: Callable[..., Scenario]) -> None:
    bill = make_bill(Case(stack, steady(10)), BOOK)
    above = line(bill, "api/arm.vcpu", usage_based=True)
    assert (above.quantity, above.cost, above.slices) == (0, 0, ())


# parts and whole


def test_the_bill_of_a_month_is_the_month_of_the_plan(busy: Bill, niche_plan: Plan) -> None:
    ledger = niche_plan.ledger
    month = ledger["charge_period_start"].dt.strftime("%Y-%m") == busy.month
    cloud = ~ledger["x_category"].isin(PURCHASES | REVENUE)
    assert busy.cost == pytest.approx(ledger.loc[month & cloud, "list_cost"].sum(), rel=1e-12)
    # ... which is a sum over the same things.
    assert len({piece for entry in busy.lines for piece in entry.slices}) > 0
    assert sum(len(entry.slices) for entry in busy.lines) == int((month & cloud).sum())


def test_parts_sum_to_their_whole_at_every_level(busy: Bill) -> None:
    def check(node: Node) -> float:
        parts = sum(entry.cost or 0 for entry in node.lines) + sum(map(check, node.children))
        assert node.cost == pytest.approx(parts, rel=1e-12)
        return parts

    assert check(busy.tree) == pytest.approx(busy.cost, rel=1e-12)
    assert sorted(map(id, busy.tree.all_lines)) == sorted(map(id, busy.lines))
    assert busy.usage_cost + sum(entry.cost or 0 for entry in busy.lines if not entry.usage_based) == pytest.approx(
        busy.cost
    )


def test_the_tree_is_the_architecture(busy: Bill) -> None:
    assert [child.name for child in busy.tree.children] == ["storage", "transcoding", "network", "api", "delivery"]
    storage = busy.tree.children[0]
    assert [(child.name, len(child.all_lines)) for child in storage.children] == [
        ("raw", len(busy.lines_by_urn[urn_of(busy, "raw")])),
        ("renditions", len(busy.lines_by_urn[urn_of(busy, "renditions")])),
        ("videos", len(busy.lines_by_urn[urn_of(busy, "videos")])),
    ]


def urn_of(bill: Bill, name: str) -> str:
    return next(entry.resource.urn for entry in bill.lines if entry.resource.name == name)


def test_every_line_is_the_product_of_its_factors(busy: Bill) -> None:
    for entry in busy.lines:
        assert entry.factors, entry.name
        assert entry.quantity is not None
        product = float(np.prod(list(entry.factors.values())))
        assert entry.quantity * entry.ladder.listed_unit.multiple == pytest.approx(product, rel=1e-12), entry.name
        assert entry.driver == " x ".join(entry.factors)


def test_slices_are_the_quantity(busy: Bill) -> None:
    for entry in busy.lines:
        assert sum(piece.quantity for piece in entry.slices) == pytest.approx(entry.quantity, rel=1e-9, abs=1e-12)


# other sizes


def test_at_its_own_size_a_month_costs_what_it_costs(stack: Inventory, busy: Bill) -> None:
    assert busy.users is not None
    again = make_bill(Case(stack, load_scenario("niche"), month="2028-12", at_users=busy.users), BOOK)
    assert again.cost == pytest.approx(busy.cost, rel=1e-12)


@settings(max_examples=10, deadline=None)
@given(st.floats(1e2, 1e9), st.floats(1.01, 10))
def test_more_users_never_cost_less(users: float, factor: float) -> None:
    case = Case(load_inventory(PLATFORM), load_scenario("niche"), month="2", at_users=users)
    small, large = make_bill(case, BOOK), make_bill(Case(case.inventory, case.scenario, "2", users * factor), BOOK)
    assert large.cost >= small.cost
    for before, after in zip(small.lines, large.lines, strict=True):
        assert (after.quantity or 0) >= (before.quantity or 0) * (1 - 1e-12)


def test_what_is_always_on_does_not_grow(stack: Inventory) -> None:
    cases = variants(Case(stack, load_scenario("niche")), (), (1e4, 5e7))
    small, large = (make_bill(case, BOOK, label) for label, case in cases.items())
    assert (small.label, large.label) == ("10k users", "50M users")
    declared = [entry for entry in small.lines if entry.basis == "declared"]
    assert len(declared) > 5
    for entry in declared:
        assert line(large, entry.name, driver=entry.driver).quantity == entry.quantity


def test_a_gap_speaks_of_its_own_size(stack: Inventory) -> None:
    cases = variants(Case(stack, load_scenario("niche")), (), (1e4, 5e7)).values()
    small, large = (str(make_bill(case, BOOK).coverage.gaps) for case in cases)
    assert "autoscaling allows" in large
    assert "autoscaling allows" not in small


@pytest.mark.parametrize("text", ["10q", "", "-5k", "k", "nan", "inf", "1e400", "0"])
def test_a_size_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SelectionError, match="expected numbers of users such as 10k,1M,50M"):
        parse_sizes(text)


@pytest.mark.parametrize("month", ["2026-12", "2027-13", "0", "4", "-1", "soon"])
def test_a_month_outside_the_plan_is_refused(month: str) -> None:
    with pytest.raises(SelectionError, match="expected a month from 2027-01 to 2027-03, or a number from 1 to 3"):
        month_index(Timeline.starting("2027-01", 3), month)


def test_nobody_cannot_be_scaled(stack: Inventory, written: Callable[[Any, str], Path]) -> None:
    scenario = load_scenario("niche").model_copy(update={"start": "2026-01"})
    with pytest.raises(SelectionError, match="no users in 2026-01 to scale"):
        make_bill(Case(stack, scenario, at_users=1e6), BOOK)


# other regions


def test_another_region_has_its_own_prices_and_the_same_viewers(stack: Inventory) -> None:
    home, away = (make_bill(Case(relocated(stack, region)), BOOK) for region in ("us-east-1", "sa-east-1"))
    for bill, region in ((home, "us-east-1"), (away, "sa-east-1")):
        price = BOOK.ladder("ALB", "hour", region, date.max).rows[0].price_usd
        assert line(bill, "api/hour").cost == pytest.approx(730 * price)
    assert line(away, "api/hour").cost != line(home, "api/hour").cost
    edges = [[(e.region, e.ladder) for e in bill.lines if e.service == "CloudFront"] for bill in (home, away)]
    assert edges[0] == edges[1]


def test_what_is_declared_elsewhere_stays_there(platform: Document, loaded: Loaded) -> None:
    table = next(r for r in platform["resources"] if r["type"] == "aws:dynamodb/table:Table")
    table["inputs"]["region"] = "eu-west-1"
    moved = relocated(loaded(platform), "ap-south-1")
    regions = {r.type: r.region for r in moved.resources.values()}
    assert regions["aws:dynamodb/table:Table"] == "eu-west-1"
    assert regions["aws:lb/loadBalancer:LoadBalancer"] == "ap-south-1"


def test_an_origin_shield_moves_along(platform: Document, loaded: Loaded) -> None:
    distribution = next(r for r in platform["resources"] if r["type"].endswith(":Distribution"))
    distribution["inputs"]["origins"][0]["originShield"] = {"enabled": True, "originShieldRegion": "us-east-1"}
    bill = make_bill(Case(relocated(loaded(platform), "eu-central-1")), BOOK)
    assert line(bill, "delivery/origin_shield").region == "eu-central-1"


def test_a_sku_that_a_region_lacks_is_named(stack: Inventory, tmp_path: Path) -> None:
    prices = tmp_path / "prices"
    shutil.copytree(PACKAGED_PRICES, prices)
    for name, sku in (("alb.csv", "ALB,hour,"), ("dynamodb.csv", "DynamoDB,ondemand.wru,")):
        rows = (prices / name).read_text().splitlines()
        kept = [row for row in rows if not row.startswith(f"{sku}sa-east-1,")]
        assert len(kept) < len(rows)
        (prices / name).write_text("\n".join(kept) + "\n")
    with pytest.raises(PriceNotFound) as refused:
        make_bill(Case(relocated(stack, "sa-east-1")), PriceBook.load(prices))
    text = str(refused.value)
    assert "ALB hour in sa-east-1" in text
    assert "DynamoDB ondemand.wru in sa-east-1" in text
    assert "us-east-1" in text


def test_seven_regions_price_the_platform(stack: Inventory) -> None:
    assert len(known_regions(BOOK)) >= 7
    for region in known_regions(BOOK):
        assert make_bill(Case(relocated(stack, region)), BOOK).cost > 0


# other providers


def test_of_a_mixed_preview_aws_is_priced_and_the_rest_listed() -> None:
    bill = make_bill(Case(load_inventory(HERE / "previews" / "mixed_providers.json")), BOOK)
    # The only fixed cost is the NAT gateway: 730 h x 0.045.
    assert bill.cost == pytest.approx(730 * 0.045)
    left_out = {urn.rpartition("::")[2]: reason for urn, reason in bill.coverage.not_covered.items()}
    assert left_out == {
        "assets": "of the provider gcp: only AWS is priced",
        "archive": "of the provider azure-native: only AWS is priced",
        "suffix": "of the provider random: only AWS is priced",
        "unlabelled": 'what the bucket stores is not known (no tag "reelplan:role" with a role that is modelled)',
        "ledger": "no meter for this type yet (aws:qldb/ledger:Ledger)",
    }
    free = {urn.rpartition("::")[2] for urn in bill.coverage.free}
    assert {"default", "default_7_0_0", "mixed-dev", "app"} <= free
    assert len(bill.coverage.free) + len(bill.coverage.priced) + len(bill.coverage.not_covered) == len(
        bill.inventory.resources
    )


def test_a_preview_of_another_provider_alone_is_listed_whole(tmp_path: Path) -> None:
    document = json.loads((HERE / "previews" / "mixed_providers.json").read_text())
    document["steps"] = [step for step in document["steps"] if "aws" not in step["newState"]["type"]]
    path = tmp_path / "gcp.json"
    path.write_text(json.dumps(document))
    bill = make_bill(Case(load_inventory(path)), BOOK)
    assert (bill.cost, bill.lines) == (0, ())
    assert len(bill.coverage.not_covered) == 3
