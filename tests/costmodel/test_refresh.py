"""What the AWS Price List says, beside the book: differences, units, tiers, and what is not believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from costmodel.errors import CatalogError, PriceListError
from costmodel.price_append import append_ladders, read_rows, to_csv
from costmodel.price_book import COMPETITOR_PRICES, PACKAGED_PRICES, Ladder, PriceBook, PriceRow
from costmodel.price_list import Dimension, Offer, Request
from costmodel.price_list_queries import QueryFile, Target, load_queries, targets
from costmodel.refresh import Finding, Proposal, propose
from costmodel.regions import known_regions

SEEN = date(2026, 6, 1)
TODAY = date(2026, 11, 21)
QUEUES = Request("AWSQueueService", (("regionCode", "us-east-1"),))
SQS = Target("SQS", "standard", "us-east-1", QUEUES, {"usagetype": ["Requests-RBP"]}, free_tier_apart=False)
Tiers = Sequence[tuple[str, str, str]]
"""(begin, end, price), as the Price List writes them."""

LISTED: Tiers = [
    ("0", "100000000000", "0.0000004000"),
    ("100000000000", "200000000000", "0.0000003000"),
    ("200000000000", "Inf", "0.0000002400"),
]
"""SQS in us-east-1: per request; the book lists it per million."""


@pytest.fixture(scope="module")
def queries() -> QueryFile:
    return load_queries()


def offer(tiers: Tiers = LISTED, unit: str = "Requests", currency: str = "USD", **attributes: str) -> Offer:
    dimensions = [Dimension(unit, begin, end, {currency: price}) for begin, end, price in tiers]
    # The Price List keeps tiers in an object without order.
    return Offer({"usagetype": "Requests-RBP", **attributes}, tuple(reversed(dimensions)), "2026-11-01", "20261120")


def ladder(
    *tiers: tuple[float, float, float],
    sku_key: str = "standard",
    region: str = "us-east-1",
    unit: str = "1000000 requests",
    on: date = SEEN,
) -> Ladder:
    rows = [
        PriceRow("SQS", sku_key, region, unit, start, end, price, on, "a source", "high", "", 2)
        for start, end, price in tiers
    ]
    return Ladder(tuple(rows))


IN_BOOK = ladder((0, 100_000, 0.4), (100_000, 200_000, 0.3), (200_000, float("inf"), 0.24))


def proposed(
    queries: QueryFile,
    offers: Sequence[Offer] = (),
    book: Sequence[Ladder] = (IN_BOOK,),
    asked: Sequence[Target] = (SQS,),
    answers: Mapping[Request, tuple[Offer, ...]] | None = None,
) -> Proposal:
    return propose(queries, asked, answers or {QUEUES: tuple(offers)}, book, TODAY)


def one(queries: QueryFile, *offers: Offer, book: Sequence[Ladder] = (IN_BOOK,), asked: Target = SQS) -> Finding:
    found = proposed(queries, offers, book, [asked])
    assert len(found.findings) == 1
    return found.findings[0]


def refused(queries: QueryFile, *offers: Offer, asked: Target = SQS, book: Sequence[Ladder] = (IN_BOOK,)) -> str:
    with pytest.raises(PriceListError) as error:
        proposed(queries, offers, book, [asked])
    return str(error.value)


# --- differences


def test_the_same_price_per_request_and_per_million_is_unchanged(queries: QueryFile) -> None:
    finding = one(queries, offer())
    assert finding.status == "unchanged"
    assert finding.largest_change == 0


def test_a_changed_tier_is_a_whole_new_ladder_with_its_change(queries: QueryFile) -> None:
    finding = one(queries, offer([*LISTED[:2], ("200000000000", "Inf", "0.0000002100")]))
    assert finding.status == "changed"
    assert finding.new is not None
    # 0.00000021 USD a request x 1,000,000 = 0.21 a million; 0.21 / 0.24 - 1 = -12.5 %
    assert [tier.price for tier in finding.new.tiers] == [Decimal("0.4"), Decimal("0.3"), Decimal("0.21")]
    assert [tier.start for tier in finding.new.tiers] == [0, 100_000, 200_000]
    assert finding.largest_change == Decimal("-0.125")
    assert finding.new.source == "AWS Price List API, AWSQueueService, edition 20261120"
    assert finding.new.note == "in force since 2026-11-01"


def test_bounds_that_move_are_a_change(queries: QueryFile) -> None:
    moved = [("0", "50000000000", "0.0000004"), ("50000000000", "Inf", "0.0000003")]
    finding = one(queries, offer(moved))
    assert finding.status == "changed"
    # At 50,000 million the next million costs 0.3 instead of 0.4: -25 %; at 200,000 million 0.3 instead of 0.24: +25 %
    assert abs(finding.largest_change or 0) == Decimal("0.25")


def test_a_region_new_to_the_book_is_added_in_the_unit_of_the_others(queries: QueryFile) -> None:
    finding = one(queries, offer(), asked=replace(SQS, region="eu-west-1"))
    assert (finding.status, finding.old) == ("added", None)
    assert finding.new is not None
    assert finding.new.unit == "1000000 requests"
    assert finding.new.tiers[0].price == Decimal("0.4")


def test_a_region_that_neither_has_is_not_spoken_of(queries: QueryFile) -> None:
    paris, elsewhere = replace(SQS, region="eu-west-3"), offer(usagetype="EUW3-Requests-RBP")
    assert proposed(queries, [elsewhere], asked=[paris]).findings == ()


def test_the_newest_ladder_of_the_book_is_compared(queries: QueryFile) -> None:
    older = ladder((0, float("inf"), 0.5), on=date(2025, 1, 1))
    assert one(queries, offer(), book=[IN_BOOK, older]).status == "unchanged"


def test_two_products_with_the_same_price_are_one(queries: QueryFile) -> None:
    assert one(queries, offer(), offer(unit="Request", operation="SendMessage")).status == "unchanged"


def test_products_that_differ_are_not_chosen_from(queries: QueryFile) -> None:
    others = [ladder((0, float("inf"), 0.4), sku_key=f"sku{number}") for number in range(40)]
    asked = [SQS, *(replace(SQS, sku_key=other.sku_key, attributes={"usagetype": ["flat"]}) for other in others)]
    flat = offer([("0", "Inf", "0.0000004")], usagetype="flat")
    dear = offer([("0", "Inf", "0.0000005")])
    found = proposed(queries, [offer(), dear, flat], [IN_BOOK, *others], asked)
    assert [(each.target.sku_key, each.reason) for each in found.of("unclear")] == [
        ("standard", "2 products with different prices match")
    ]
    assert found.ladders(confirm=True) == tuple(finding.new for finding in found.of("unchanged"))


def test_a_free_tier_that_the_book_keeps_apart_is_left_out(queries: QueryFile) -> None:
    free_first = [("0", "1000000", "0"), ("1000000", "Inf", "0.0000005")]
    book = [ladder((0, float("inf"), 0.5))]
    finding = one(queries, offer(free_first), book=book, asked=replace(SQS, free_tier_apart=True))
    assert finding.status == "unchanged"
    assert "found 0 USD per 1000000 requests, expected about 0.5" in refused(queries, offer(free_first), book=book)


def test_what_no_query_asks_for_is_named(queries: QueryFile) -> None:
    fifo = ladder((0, float("inf"), 0.5), sku_key="fifo")
    rule = ladder((0, float("inf"), 64), sku_key="rule.kb_per_request", unit="KB")
    assert proposed(queries, [offer()], [IN_BOOK, fifo, rule]).without_query == (("SQS", "fifo"),)


def test_unchanged_prices_are_appended_only_to_confirm_them(queries: QueryFile) -> None:
    found = proposed(queries, [offer()])
    assert found.ladders(confirm=False) == ()
    assert len(found.ladders(confirm=True)) == 1
    seen_today = ladder(*((row.tier_from, row.tier_to, row.price_usd) for row in IN_BOOK.rows), on=TODAY)
    assert proposed(queries, [offer()], [seen_today]).ladders(confirm=True) == ()


# --- what is not believed


@pytest.mark.parametrize(
    ("tiers", "message"),
    [
        ([("0", "Inf", "0.00004")], "found 40 USD per 1000000 requests, expected less than 10 times more or less"),
        ([("0", "Inf", "0.000000004")], "found 0.004 USD per 1000000 requests, expected less than 10 times more"),
        ([("0", "Inf", "0")], "found 0 USD per 1000000 requests, expected about 0.4"),
        ([("0", "Inf", "-0.0000004")], 'found "-0.0000004", expected a number >= 0'),
        ([("0", "Inf", "NaN")], 'found "NaN", expected a number >= 0'),
        ([("0", "Inf", "free")], 'found "free", expected a number >= 0'),
        ([("5", "Inf", "0.0000004")], "found a first tier from 5, expected one from 0"),
        ([("0", "9", "0.0000004")], "found a last tier that ends at 9, expected one without end"),
        ([("0", "9", "0.0000004"), ("10", "Inf", "0.0000003")], "found a tier to 9 before one from 10"),
        ([("0", "Inf", "0.0000004"), ("10", "Inf", "0.0000003")], "found a tier to Inf before one from 10"),
    ],
)
def test_nonsense_is_refused(queries: QueryFile, tiers: Tiers, message: str) -> None:
    text = refused(queries, offer(tiers))
    assert message in text
    assert text.startswith("SQS standard in us-east-1: ")


@pytest.mark.parametrize(("price", "believed"), [("0.00000399", True), ("0.000004", False)])
def test_ten_times_as_dear_is_the_edge_of_belief(queries: QueryFile, price: str, believed: bool) -> None:
    """0.4 a million x 10 = 4 a million = 0.000004 a request."""
    book, dearer = [ladder((0, float("inf"), 0.4))], offer([("0", "Inf", price)])
    if believed:
        assert one(queries, dearer, book=book).status == "changed"
    else:
        assert "append it to the book by hand" in refused(queries, dearer, book=book)


def test_the_price_of_an_added_region_is_judged_by_the_others(queries: QueryFile) -> None:
    message = refused(queries, offer([("0", "Inf", "0.00004")]), asked=replace(SQS, region="eu-west-1"))
    assert message.startswith("SQS standard in eu-west-1: found 40 USD")


def test_another_currency_is_refused(queries: QueryFile) -> None:
    assert "found a price in CNY, expected a price in USD" in refused(queries, offer(currency="CNY"))


def test_an_unknown_unit_is_refused(queries: QueryFile) -> None:
    message = refused(queries, offer(unit="1M Requests"))
    assert 'found unit "1M Requests", expected Requests or Request or API Requests for our requests' in message


def test_a_known_unit_of_something_else_is_refused(queries: QueryFile) -> None:
    assert 'found unit "GB-Mo"' in refused(queries, offer(unit="GB-Mo"))


def test_an_empty_answer_is_refused(queries: QueryFile) -> None:
    assert "AWSQueueService regionCode=us-east-1: found an empty answer" in refused(queries)


@pytest.mark.parametrize(("missing", "believed"), [(1, True), (2, False)])
def test_one_price_in_twenty_may_be_missing(queries: QueryFile, missing: int, believed: bool) -> None:
    """The limit is 5 %: of 20 prices one."""
    names = [f"sku{number:02}" for number in range(20)]
    book = [ladder((0, float("inf"), 0.4), sku_key=name) for name in names]
    asked = [replace(SQS, sku_key=name, attributes={"usagetype": [name]}) for name in names]
    offers = [offer([("0", "Inf", "0.0000004")], usagetype=name) for name in names[missing:]]
    if believed:
        found = proposed(queries, offers, book, asked)
        assert [finding.target.sku_key for finding in found.of("vanished")] == ["sku00"]
        assert found.ladders(confirm=False) == ()
    else:
        with pytest.raises(PriceListError, match="2 of 20 prices of the book are missing, the first: SQS sku00"):
            proposed(queries, offers, book, asked)


def test_a_second_price_on_one_day_is_refused(queries: QueryFile) -> None:
    book = [ladder((0, float("inf"), 0.3), on=TODAY)]
    message = refused(queries, offer([("0", "Inf", "0.0000004")]), book=book)
    assert "found another price of 2026-11-21 in the book" in message


def test_all_reasons_are_told_at_once(queries: QueryFile) -> None:
    fifo = replace(SQS, sku_key="fifo", attributes={"usagetype": ["fifo"]})
    book = [IN_BOOK, ladder((0, float("inf"), 0.5), sku_key="fifo")]
    offers = [offer(currency="EUR"), offer([("0", "Inf", "0.05")], usagetype="fifo")]
    with pytest.raises(PriceListError) as error:
        proposed(queries, offers, book, [SQS, fifo])
    text = str(error.value)
    assert "a price in EUR" in text
    assert "SQS fifo in us-east-1: found 50000 USD" in text


def test_a_query_for_a_sku_that_the_book_lacks_names_the_nearest(queries: QueryFile) -> None:
    with pytest.raises(CatalogError, match=r"SQS standart.*nearest: SQS standard"):
        proposed(queries, [offer()], asked=[replace(SQS, sku_key="standart")])


# --- the queries


def test_every_query_is_of_a_price_of_the_shipped_book(queries: QueryFile) -> None:
    priced = {(each.service, each.sku_key) for each in PriceBook.load().ladders() if each.kind == "price"}
    assert {(target.service, target.sku_key) for target in targets(queries)} <= priced


def test_every_queried_price_has_a_unit_that_the_price_list_can_state(queries: QueryFile) -> None:
    bases = {
        (each.service, each.sku_key): each.listed_unit.base
        for each in PriceBook.load().ladders()
        if each.kind == "price"
    }
    stated = {base for known in queries.units.values() for base in known}
    assert {bases[target.service, target.sku_key] for target in targets(queries)} == stated


def test_every_region_and_edge_of_the_book_is_asked_for(queries: QueryFile) -> None:
    ladders = list(PriceBook.load().ladders())
    # Where a whole platform can be priced; of a region for replicas only the prices of storage stand in the book.
    whole = set(known_regions(PriceBook.load()))
    edges = {each.region.removeprefix("edge:") for each in ladders if each.region.startswith("edge:")}
    assert set(queries.region_prefixes) == whole
    assert set(queries.edge_prefixes) == edges


def test_a_usage_type_bears_the_prefix_of_its_region(queries: QueryFile) -> None:
    found = {target.region: target for target in targets(queries, ["S3"]) if target.sku_key == "storage.standard"}
    product = {"usagetype": "EUC1-TimedStorage-ByteHrs", "volumeType": "Standard"}
    frankfurt = Offer(product, (), "", "")
    overhead = Offer({**product, "volumeType": "INTAAS3ObjectOverhead"}, (), "", "")
    assert [region for region, target in found.items() if target.matches(frankfurt)] == ["eu-central-1"]
    assert not any(target.matches(overhead) for target in found.values())
    assert found["eu-west-1"].request == Request("AmazonS3", (("regionCode", "eu-west-1"),))


def test_a_faulty_file_of_queries_is_told_with_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "queries.yaml"
    path.write_text("limits: {largest_factor: 0.5, largest_missing_share: 0.1}\nregions: {}\n", encoding="utf-8")
    with pytest.raises(CatalogError) as error:
        load_queries(path)
    assert "queries.yaml:1: limits.largest_factor: found 0.5" in str(error.value)
    assert "queries.yaml:2: regions: found {}, expected extra inputs are not permitted" in str(error.value)


def test_a_file_of_queries_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no such file"):
        load_queries(tmp_path / "queries.yaml")


# --- appending


@pytest.mark.parametrize("path", sorted([*PACKAGED_PRICES.glob("*.csv"), *COMPETITOR_PRICES.glob("*.csv")]), ids=str)
def test_a_file_written_anew_has_the_same_bytes(path: Path) -> None:
    """So that an append changes no other line of a file."""
    assert to_csv(read_rows(path)).encode() == path.read_bytes()


@pytest.fixture
def book_folder(tmp_path: Path) -> Path:
    (tmp_path / "sqs.csv").write_bytes((PACKAGED_PRICES / "sqs.csv").read_bytes())
    return tmp_path


def test_an_append_adds_lines_and_leaves_the_others(book_folder: Path, queries: QueryFile) -> None:
    cheaper = [*LISTED[:2], ("200000000000", "Inf", "0.0000002100")]
    new = proposed(queries, [offer(cheaper)]).ladders(confirm=False)
    before = (book_folder / "sqs.csv").read_text(encoding="utf-8").splitlines()
    assert append_ladders(book_folder, new, TODAY) == ("sqs.csv",)
    after = (book_folder / "sqs.csv").read_text(encoding="utf-8").splitlines()
    assert [line for line in after if line not in before] == [
        "SQS,standard,us-east-1,1000000 requests,0,100000,0.4,2026-11-21,"
        '"AWS Price List API, AWSQueueService, edition 20261120",high,in force since 2026-11-01',
        "SQS,standard,us-east-1,1000000 requests,100000,200000,0.3,2026-11-21,"
        '"AWS Price List API, AWSQueueService, edition 20261120",high,in force since 2026-11-01',
        "SQS,standard,us-east-1,1000000 requests,200000,,0.21,2026-11-21,"
        '"AWS Price List API, AWSQueueService, edition 20261120",high,in force since 2026-11-01',
    ]
    assert [line for line in after if line in before] == before
    book = PriceBook(book_folder)
    assert book.ladder("SQS", "standard", "us-east-1", TODAY).tiers[-1].price == 0.21
    assert book.ladder("SQS", "standard", "us-east-1", date(2026, 11, 20)).tiers[-1].price == 0.24


def test_a_book_that_would_not_load_is_not_written(book_folder: Path, queries: QueryFile) -> None:
    new = proposed(queries, [offer()]).ladders(confirm=True)
    append_ladders(book_folder, new, TODAY)
    before = (book_folder / "sqs.csv").read_bytes()
    with pytest.raises(CatalogError, match="a second tier from 0"):
        append_ladders(book_folder, new, TODAY)
    assert (book_folder / "sqs.csv").read_bytes() == before
    assert [path.name for path in book_folder.iterdir()] == ["sqs.csv"]


def test_an_append_to_a_file_that_is_gone_names_it(tmp_path: Path, queries: QueryFile) -> None:
    with pytest.raises(CatalogError, match=r"sqs\.csv: .*No such file"):
        append_ladders(tmp_path, proposed(queries, [offer()]).ladders(confirm=True), TODAY)
