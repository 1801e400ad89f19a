"""How a number came about: the formula is the number, and what it depends on is found out, not written down."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from costmodel.bill import Bill, Line
from costmodel.billing import Case, make_bill
from costmodel.discounts import Percentage
from costmodel.errors import SelectionError
from costmodel.explain import Explanation, explain, find_lines
from costmodel.exports.explain_json import explanation_json
from costmodel.exports.explain_text import explanation_text
from costmodel.inventory import Inventory, load_inventory
from costmodel.price_book import PriceBook
from costmodel.scenario import Scenario, load_scenario
from costmodel.usage_file import load_usage_file

PLATFORM = Path(__file__).parent / "inventories" / "platform.json"
BOOK = PriceBook.load()


@pytest.fixture(scope="module")
def stack() -> Inventory:
    return load_inventory(PLATFORM)


@pytest.fixture(scope="module")
def case(stack: Inventory) -> Case:
    return Case(stack, load_scenario("niche"), month="24", at_users=1e6)


@pytest.fixture(scope="module")
def bill(case: Case) -> Bill:
    return make_bill(case, BOOK)


def explained(case: Case, bill: Bill, name: str) -> Explanation:
    return explain(case, bill, find_lines(bill, name)[0], BOOK)


def effects(explanation: Explanation) -> dict[str, float | None]:
    return {influence.name: influence.effect for influence in explanation.influences}


def test_the_effects_of_a_product_are_those_of_its_factors(case: Case, bill: Bill) -> None:
    # uploads x 1 PUT; uploads = users x share that comes daily x days x uploads a day. Nothing else matters.
    assert effects(explained(case, bill, "raw/req.put.standard")) == {
        "monthly active users": pytest.approx(1),
        "growth.dau_mau_early": pytest.approx(1),
        "usage.uploads_per_dau_day": pytest.approx(1),
    }


def test_a_share_that_is_divided_by_has_the_effect_of_its_odds(case: Case, bill: Bill) -> None:
    # GB grow with 1 / (1 - w): w = 0.3 raised by 1 % gives 0.7 / 0.697, which is 0.43 % more.
    waste = effects(explained(case, bill, "delivery/dto.us"))["usage.prefetch_waste_share"]
    assert waste == pytest.approx((0.7 / (1 - 0.303) - 1) * 100)


def test_billing_rules_count_as_well(case: Case, bill: Bill) -> None:
    found = {influence.name: influence for influence in explained(case, bill, "transcode/ntm.basic").influences}
    rule = found["MediaConvert multiplier.basic.avc.single_hq.hd.le30"]
    assert (rule.kind, rule.value, rule.unit) == ("rule", 2.0, "normalized minutes per output minute")
    assert rule.effect is not None
    assert 0 < rule.effect < 1


def test_every_influence_says_who_says_so(case: Case, bill: Bill) -> None:
    for name in ("delivery/dto.us", "renditions/storage.standard", "api/lcu"):
        for influence in explained(case, bill, name).influences:
            assert influence.source, influence.name
            assert influence.dated, influence.name
            assert influence.grade in ("high", "med", "low")
            assert influence.unit, influence.name


def test_what_a_line_does_not_depend_on_is_told_apart(case: Case, bill: Bill) -> None:
    explanation = explained(case, bill, "delivery/dto.us")
    assert "eng.api_response_kb" in explanation.without_effect  # the API's own line of the same sku
    assert "eng.api_response_kb" not in effects(explanation)


def test_what_cannot_rise_is_no_crash(stack: Inventory, steady: Callable[..., Scenario]) -> None:
    # Mean and median are equal: a longer median would be above the mean, which is refused.
    clips = {"usage.video_length_s_mean": 6.0, "usage.video_length_s_median": 6.0}
    case = Case(stack, steady(1000, assumptions=clips))
    bill = make_bill(case, BOOK)
    assert effects(explained(case, bill, "transcode/ntm.basic"))["usage.video_length_s_median"] is None
    assert "not possible  usage.video_length_s_median" in explanation_text(explained(case, bill, "transcode/ntm.basic"))


def test_only_what_is_marked_as_estimated_depends_on_assumptions(case: Case) -> None:
    """Raises every assumption, each by another share, and looks which quantities move."""
    assert case.scenario is not None
    assumptions = case.assumptions().entries
    # Shares of one whole are left out, for they may not be raised alone.
    free = {key: entry for key, entry in assumptions.items() if not key.startswith("usage.playback_share_")}
    raised = {key: entry.value * (1.001 + 0.0001 * i) for i, (key, entry) in enumerate(free.items())}
    allowed = {key: value for key, value in raised.items() if assumptions[key].allows(value)}
    other = case.scenario.model_copy(update={"assumptions": {**case.scenario.assumptions, **allowed}})
    # Twice the users as well: tasks come whole, and at this size autoscaling is not at its limit.
    low = make_bill(replace(case, at_users=6e4), BOOK)
    high = make_bill(replace(case, at_users=1.2e5, scenario=other), BOOK)
    for before, after in zip(low.lines, high.lines, strict=True):
        assert (before.quantity != after.quantity) == (before.basis == "estimated"), before.name


def test_the_text_shows_formula_price_and_cost(case: Case, bill: Bill) -> None:
    text = explanation_text(explained(case, bill, "api/hour"))
    assert text == (
        "api/hour: Load balancer, always on\n"
        "  of api (aws:lb/loadBalancer:LoadBalancer)\n"
        "     urn:pulumi:dev::reelplan::reelplan:api:Api$aws:lb/loadBalancer:LoadBalancer::api\n"
        "\n"
        "Quantity: 730 hour, follows from what is declared\n"
        "  =                1  1 load balancer\n"
        "  x              730  730 h\n"
        "\n"
        "Price: ALB hour in us-east-1, per hour\n"
        "  730 x $0.0225 = $16.43\n" + source_lines("ALB", "hour") + "\n"
        "Cost: $16.43 a month\n"
    )


def source_lines(service: str, sku: str) -> str:
    """The source as the book has it, wrapped as the page is."""
    row = next(ladder.rows[0] for ladder in BOOK.sku(service, sku) if ladder.region == "us-east-1")
    told = f"{row.source} ({row.effective_date}, {row.grade})"
    indent = " " * 16
    return textwrap.fill(told, 118, initial_indent=indent, subsequent_indent=indent) + "\n"


def test_the_text_of_a_tiered_line_adds_up(case: Case, bill: Bill) -> None:
    explanation = explained(case, bill, "delivery/dto.us")
    text = explanation_text(explanation)
    assert "first 10,240 GB" in text
    assert "growth.dau_mau_early = 0.3 share" in text
    tiers = explanation_json(explanation)["tiers"]
    assert len(tiers) > 3
    assert sum(tier["quantity"] for tier in tiers) == pytest.approx(explanation.line.quantity)
    assert sum(tier["cost"] for tier in tiers) == pytest.approx(explanation.line.cost)


def test_the_formula_in_json_is_the_number(case: Case, bill: Bill) -> None:
    for line in bill.lines:
        document = explanation_json(Explanation(line, (), ()))
        product = np.prod([factor["value"] for factor in document["factors"]])
        assert product == pytest.approx(document["quantity"] * line.ladder.listed_unit.multiple)


def test_an_unknown_use_is_explained_without_numbers(stack: Inventory) -> None:
    case = Case(stack)
    bill = make_bill(case, BOOK)
    text = explanation_text(explained(case, bill, "delivery/dto.us"))
    assert "Quantity: depends on use, of which nothing is known" in text
    assert "$0.085 from 0 GB" in text
    assert text.endswith("Cost: depends on use\n")
    assert "It depends on" not in text


def test_a_statement_is_explained_by_its_line(stack: Inventory, tmp_path: Path) -> None:
    path = tmp_path / "usage.yaml"
    path.write_text("resource_usage:\n  raw:\n    storage_gb: {standard: 100}\n")
    case = Case(stack, stated=load_usage_file(path, stack))
    explanation = explained(case, make_bill(case, BOOK), "raw/storage.standard")
    assert explanation.influences == ()
    assert "as a person states it\n  stated in usage.yaml:3\n" in explanation_text(explanation)


def test_a_discount_shows_both_costs(stack: Inventory) -> None:
    case = Case(stack, discounts={"half": Percentage(kind="percentage", share_off=0.5)})
    text = explanation_text(explained(case, make_bill(case, BOOK), "api/hour"))
    assert "$8.21 after half" in text
    assert text.endswith("Cost: $8.21 a month ($16.43 at list price)\n")


# what can be asked for


@pytest.mark.parametrize(
    ("wanted", "count"),
    [("delivery/dto.us", 2), ("dto.us", 2), ("CloudFront dto.us", 2), ("videos", 4), ("ecr.api", 2)],
)
def test_a_line_has_several_names(bill: Bill, wanted: str, count: int) -> None:
    assert len(find_lines(bill, wanted)) == count


def test_a_urn_names_all_lines_of_its_resource(bill: Bill) -> None:
    for urn, lines in bill.lines_by_urn.items():
        found: tuple[Line, ...] = find_lines(bill, urn)
        assert found == lines


@pytest.mark.parametrize(("wanted", "near"), [("delivry/dto.us", "delivery/dto.us"), ("vidoes", "videos")])
def test_what_is_not_there_names_what_is(bill: Bill, wanted: str, near: str) -> None:
    with pytest.raises(SelectionError, match=f"nearest: {near}"):
        find_lines(bill, wanted)
