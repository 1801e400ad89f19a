"""Every resource that a stack of this repository declares has an answer: priced, free with a reason, or listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from costmodel.bill import Bill
from costmodel.billing import Case, make_bill
from costmodel.errors import PriceNotFound
from costmodel.inventory import Inventory, load_inventory
from costmodel.metering import FREE, METERS, NOT_COVERED
from costmodel.price_book import PriceBook
from costmodel.regions import known_regions, relocated
from costmodel.scenario import load_scenario
from infra.emulator.provisioners import TYPES as PROVISIONED

ROOT = Path(__file__).parents[2]
STACKS = sorted(path.stem.removeprefix("Pulumi.") for path in ROOT.glob("Pulumi.*.yaml"))


@pytest.fixture(scope="module", params=STACKS)
def stack(request: pytest.FixtureRequest, planned: Callable[[str], Path]) -> Inventory:
    """What `infra plan` writes for a stack."""
    return load_inventory(planned(request.param))


@pytest.fixture(scope="module")
def bill(stack: Inventory) -> Bill:
    """Its first month."""
    return make_bill(Case(stack, load_scenario("niche")))


def test_there_is_a_stack() -> None:
    assert "dev" in STACKS


def test_every_type_that_the_program_can_declare_has_one_answer() -> None:
    """The emulator knows every type that a component declares, whatever the settings: a domain of one's own too."""
    answers = Counter([*METERS, *FREE, *NOT_COVERED])
    assert set(PROVISIONED) - set(answers) == set()
    assert [token for token, count in answers.items() if count > 1] == []


def test_every_type_has_one_answer(stack: Inventory) -> None:
    declared = {resource.type for resource in stack.resources.values() if not resource.type.startswith("reelplan:")}
    assert declared - {*METERS, *FREE, *NOT_COVERED} == set()


def test_every_resource_is_priced_free_or_left_out_with_a_reason(stack: Inventory, bill: Bill) -> None:
    coverage = bill.coverage
    answers = Counter([*coverage.priced, *coverage.free, *coverage.not_covered])
    assert answers == Counter(dict.fromkeys(stack.resources, 1))
    for reason in [*coverage.free.values(), *coverage.not_covered.values()]:
        assert len(reason.split()) >= 3, reason


UNPRICED = {"aws:ivschat/room:Room"}
"""Types of a declared stack that AWS bills and nobody prices, since no source knows the price: shorter is better."""


def test_nothing_is_left_out_but_what_no_source_prices(bill: Bill) -> None:
    left_out = {bill.inventory.resources[urn].type for urn in bill.coverage.not_covered}
    assert left_out <= UNPRICED
    assert bill.unknown == ()


def test_what_is_missing_of_a_priced_resource_is_said(bill: Bill) -> None:
    for reason in [reason for reasons in bill.coverage.gaps.values() for reason in reasons]:
        assert len(reason.split()) >= 5, reason


NOT_OFFERED = {"ap-southeast-1": {"IVS"}, "sa-east-1": {"IVS", "Rekognition"}}
"""Region -> services that AWS does not offer there: a stack that uses one cannot be priced there, and says so."""


def test_every_region_of_the_book_prices_it(stack: Inventory) -> None:
    book = PriceBook.load()
    lacking = {region: services_without_price(relocated(stack, region), book) for region in known_regions(book)}
    assert {region: services for region, services in lacking.items() if services - NOT_OFFERED.get(region, set())} == {}


def services_without_price(stack: Inventory, book: PriceBook) -> set[str]:
    try:
        assert make_bill(Case(stack), book).cost > 0
    except PriceNotFound as error:
        return {str(fault).split()[0] for fault in error.faults}
    return set()
