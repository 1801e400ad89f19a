"""``costmodel prices refresh --live`` against a server on loopback that answers as the AWS Price List does.

The server holds products of the real form (JSON inside JSON, prices and bounds as text, tiers in no order, a
``NextToken`` on every page but the last), made from the book itself: so a refresh finds nothing new until a test
changes a product. No test can reach AWS: the endpoint is the server's, the credentials are dummies.
"""

from __future__ import annotations

import _thread
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from costmodel.cli import main
from costmodel.price_book import PACKAGED_PRICES, PriceBook
from costmodel.price_list import parse_product
from costmodel.price_list_queries import load_queries, targets
from costmodel.refresh import tiers_of

Product = dict[str, Any]
Run = Callable[..., tuple[int, str, str]]
BOOK_FILES = ("fargate.csv", "sqs.csv", "cloudfront.csv", "lambda.csv")
DAY = date(2026, 11, 22)
ON = ("--on", DAY.isoformat())
PAGE = 10
"""Products on a page of the server; AWS gives up to 100."""


def product(attributes: dict[str, str], tiers: list[tuple[str, str, str]], unit: str, service_code: str) -> Product:
    """One item of ``PriceList`` in the form ``aws_v1``."""
    sku = f"{abs(hash(tuple(sorted(attributes.items())))):016X}"[:16]
    dimensions = {
        f"{sku}.JRTCKXETXF.{position:010X}": {
            "unit": unit,
            "beginRange": begin,
            "endRange": end,
            "description": f"${price} per {unit}",
            "appliesTo": [],
            "rateCode": f"{sku}.JRTCKXETXF.{position:010X}",
            "pricePerUnit": {"USD": price},
        }
        for position, (begin, end, price) in enumerate(tiers)
    }
    term = {
        "priceDimensions": dimensions,
        "sku": sku,
        "effectiveDate": "2026-11-01T00:00:00Z",
        "offerTermCode": "JRTCKXETXF",
        "termAttributes": {},
    }
    return {
        "product": {"productFamily": "A family", "attributes": attributes, "sku": sku},
        "serviceCode": service_code,
        "terms": {"OnDemand": {f"{sku}.JRTCKXETXF": term}},
        "version": "20261120181130",
        "publicationDate": "2026-11-20T18:11:30Z",
    }


def products_of_the_book() -> dict[str, Product]:
    """For every query the product that would leave the book as it is, by the query's name."""
    made: dict[str, Product] = json.loads(_products_as_text())
    return made


@cache
def _products_as_text() -> str:
    queries, book = load_queries(), PriceBook(PACKAGED_PRICES)
    newest = {(each.service, each.sku_key, each.region): each for each in book.ladders() if each.kind == "price"}
    made = {}
    for target in targets(queries):
        ladder = newest.get((target.service, target.sku_key, target.region))
        if ladder is None:
            continue
        multiple = ladder.listed_unit.multiple
        tiers = [
            (
                f"{tier.start * multiple:f}",
                "Inf" if tier.end is None else f"{tier.end * multiple:f}",
                f"{tier.price / multiple:.14f}",
            )
            for tier in tiers_of(ladder)
        ]
        unit = next(name for name, bases in queries.units.items() if ladder.listed_unit.base in bases)
        attributes = {"servicecode": target.request.service_code, **dict(target.request.fields)}
        attributes |= {name: values[0] for name, values in target.attributes.items()}
        made[str(target)] = product(attributes, tiers, unit, target.request.service_code)
    return json.dumps(made)


def dimensions(item: Product) -> list[dict[str, Any]]:
    return [each for term in item["terms"]["OnDemand"].values() for each in term["priceDimensions"].values()]


@dataclass
class PriceListServer:
    """Products to answer with, what was asked, and how to misbehave."""

    url: str
    products: dict[str, Product] = field(default_factory=products_of_the_book)
    asked: list[dict[str, Any]] = field(default_factory=list)
    damage: Callable[[bytes, int], bytes] = lambda body, page: body
    """(body, page from 0) -> the bytes that are sent."""
    error: bytes = b""
    """Sent with status 400 instead of an answer."""
    hangs_up: bool = False
    """Whether the connection ends before a word is said."""

    def answer(self, question: dict[str, Any]) -> tuple[bytes, int]:
        self.asked.append(question)
        wanted = {each["Field"]: each["Value"] for each in question["Filters"]}
        matching = [
            item
            for item in self.products.values()
            if item["serviceCode"] == question["ServiceCode"]
            and wanted.items() <= {"productFamily": "A family", **item["product"]["attributes"]}.items()
        ]
        page = int(question.get("NextToken", "0"))
        items = [json.dumps(item) for item in matching[page * PAGE : (page + 1) * PAGE]]
        answer: dict[str, Any] = {"FormatVersion": "aws_v1", "PriceList": items}
        if (page + 1) * PAGE < len(matching):
            answer["NextToken"] = str(page + 1)
        return json.dumps(answer).encode(), page

    def price(self, name: str, usd: str, tier: int = 0) -> None:
        dimensions(self.products[name])[tier]["pricePerUnit"] = {"USD": usd}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PriceListServer]:
    """A Price List on loopback, to which boto3 is led by the environment."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["X-Amz-Target"] == "AWSPriceListService.GetProducts"
            if state.hangs_up:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            body, page = (state.error, 0) if state.error else state.answer(question)
            sent = state.damage(body, page)
            self.send_response(400 if state.error else 200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(sent)
            self.close_connection = len(sent) < len(body)

        def log_message(self, *_: object) -> None:
            """Stays quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Stays quiet when the program hangs up in the middle of an answer: its own words are what is tested."""

    server = Server(("127.0.0.1", 0), Handler)
    state = PriceListServer(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    for name in (
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    ):
        monkeypatch.delenv(name, raising=False)
    environment = {
        "AWS_ENDPOINT_URL_PRICING": state.url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_CONFIG_FILE": str(tmp_path / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A small book of its own."""
    folder = tmp_path / "book"
    folder.mkdir()
    for name in BOOK_FILES:
        (folder / name).write_bytes((PACKAGED_PRICES / name).read_bytes())
    return folder


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], book: Path) -> Run:
    """Runs ``costmodel prices refresh`` on the small book; returns exit code, standard output, standard error."""

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["costmodel", "prices", "refresh", "--book", str(book), *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return command


def contents(book: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in book.iterdir()}


FARGATE = ("--live", "--service", "Fargate", "--yes", *ON)


# --- what it does


def test_a_book_that_is_up_to_date_stays_as_it_is(run: Run, aws: PriceListServer, book: Path) -> None:
    before = contents(book)
    code, out, err = run(*FARGATE)
    assert (code, err) == (0, "")
    assert "unchanged: 35" in out.splitlines()  # 5 skus in 7 regions
    assert out.endswith("nothing to append\n")
    assert contents(book) == before
    assert len(aws.asked) == len({question["Filters"][0]["Value"] for question in aws.asked}) == 7


def test_a_changed_price_is_shown_and_appended(run: Run, aws: PriceListServer, book: Path) -> None:
    before = contents(book)
    aws.price("Fargate arm.vcpu in us-east-1", "0.0340000000")
    code, out, err = run(*FARGATE)
    assert (code, err) == (0, "")
    # 0.034 / 0.03238 = 1.05003
    cells = ["changed", "Fargate", "arm.vcpu", "us-east-1", "vCPU-hour", "0.03238", "0.034", "+5.00%"]
    assert cells in [line.split("\t") for line in out.splitlines()]
    assert out.endswith("1 ladders appended to fargate.csv\n")
    added = set((book / "fargate.csv").read_text().splitlines()) - set(before["fargate.csv"].decode().splitlines())
    assert added == {
        "Fargate,arm.vcpu,us-east-1,vCPU-hour,0,,0.034,2026-11-22,"
        '"AWS Price List API, AmazonECS, edition 20261120181130",high,in force since 2026-11-01'
    }
    assert {name: text for name, text in contents(book).items() if name != "fargate.csv"} == {
        name: text for name, text in before.items() if name != "fargate.csv"
    }
    again = run(*FARGATE)
    assert again[1].endswith("nothing to append\n")


def test_several_pages_tiers_and_edges(run: Run, aws: PriceListServer, book: Path) -> None:
    aws.price("CloudFront dto.india in edge:india", "0.0760000000", tier=4)
    code, out, _ = run("--live", "--service", "CloudFront", "--service", "SQS", "--yes", "--json", *ON)
    found = json.loads(out)
    assert code == 0
    changed = [each for each in found["findings"] if each["status"] == "changed"]
    assert [(each["sku"], each["region"], len(each["price_list"])) for each in changed] == [
        ("dto.india", "edge:india", 7)
    ]
    # The fifth tier, 500 TB to 1 PB, costs 0.078 in the book: -0.002 / 0.078 = -2.564 %
    assert changed[0]["largest_change"] == pytest.approx(-0.002 / 0.078)
    assert (found["to_append"], found["written"]) == (1, ["cloudfront.csv"])
    assert {"service": "CloudFront", "sku": "origin_shield", "reason": "no query"} in found["not_refreshed"]
    assert any("NextToken" in question for question in aws.asked)
    assert PriceBook(book).ladder("CloudFront", "dto.india", "edge:india", DAY).tiers[4].price == 0.076
    assert found["on"] == DAY.isoformat()


def test_every_query_finds_its_product(run: Run, aws: PriceListServer) -> None:
    """The whole shipped book, every service, both ways through the units: nothing to change."""
    code, out, _ = run("--live", "--dry-run", "--json", "--book", str(PACKAGED_PRICES), *ON)
    found = json.loads(out)
    assert code == 0
    assert found["counts"] == {"added": 0, "changed": 0, "vanished": 0, "unclear": 0, "unchanged": len(aws.products)}
    named = {(each["service"], each["sku"]) for each in found["findings"] + found["not_refreshed"]}
    assert named == {(each.service, each.sku_key) for each in PriceBook.load().ladders() if each.kind == "price"}


def test_added_and_vanished(run: Run, aws: PriceListServer, book: Path) -> None:
    kept = [line for line in (book / "fargate.csv").read_text().splitlines() if "arm.gb,sa-east-1" not in line]
    (book / "fargate.csv").write_text("\n".join(kept) + "\n")
    del aws.products["Fargate x86.gb in ap-south-1"]
    code, out, _ = run(*FARGATE)
    rows = [line.split("\t") for line in out.splitlines()]
    assert code == 0
    assert ["added", "Fargate", "arm.gb", "sa-east-1"] in [row[:4] for row in rows]
    assert ["vanished", "Fargate", "x86.gb", "ap-south-1"] in [row[:4] for row in rows]
    after = (book / "fargate.csv").read_text()
    assert "Fargate,arm.gb,sa-east-1,GB-hour,0,," in after
    assert "Fargate,x86.gb,ap-south-1," in after


def test_dry_run_writes_nothing(run: Run, aws: PriceListServer, book: Path) -> None:
    before = contents(book)
    aws.price("Fargate arm.vcpu in us-east-1", "0.034")
    code, out, _ = run("--live", "--dry-run", "--service", "Fargate", *ON)
    assert code == 0
    assert "changed: 1" in out
    assert out.endswith("nothing written\n")
    assert contents(book) == before


def test_confirm_dates_what_is_unchanged_anew(run: Run, aws: PriceListServer, book: Path) -> None:
    code, out, _ = run(*FARGATE, "--confirm")
    assert code == 0
    assert out.endswith("35 ladders appended to fargate.csv\n")
    assert PriceBook(book).ladder("Fargate", "arm.vcpu", "us-east-1", DAY).effective_date == DAY


@pytest.mark.parametrize(("answer", "written"), [(True, True), (False, False)])
def test_it_asks_before_it_writes(
    run: Run, aws: PriceListServer, book: Path, monkeypatch: pytest.MonkeyPatch, answer: bool, written: bool
) -> None:
    before = contents(book)
    questions: list[str] = []

    def reply(text: str, **_: object) -> bool:
        questions.append(text)
        return answer

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", reply)
    aws.price("Fargate arm.vcpu in us-east-1", "0.034")
    code, out, _ = run("--live", "--service", "Fargate", *ON)
    assert code == 0
    assert questions == [f"Append 1 ladders to {book}?"]
    assert (contents(book) != before) is written
    assert out.splitlines()[-1] == ("1 ladders appended to fargate.csv" if written else "nothing written")


# --- what it refuses: exit code 2, the book byte for byte as it was


def refuse_price(aws: PriceListServer) -> None:
    aws.price("Fargate arm.vcpu in us-east-1", "3.2380000000")


def refuse_currency(aws: PriceListServer) -> None:
    dimensions(aws.products["Fargate arm.vcpu in us-east-1"])[0]["pricePerUnit"] = {"CNY": "0.2300000000"}


def refuse_unit(aws: PriceListServer) -> None:
    dimensions(aws.products["Fargate arm.vcpu in us-east-1"])[0]["unit"] = "fortnights"


def refuse_gap(aws: PriceListServer) -> None:
    dimensions(aws.products["Fargate arm.vcpu in us-east-1"])[0]["endRange"] = "1000"


def refuse_empty(aws: PriceListServer) -> None:
    aws.products.clear()


def refuse_missing(aws: PriceListServer) -> None:
    for sku in ("arm.vcpu", "arm.gb"):
        del aws.products[f"Fargate {sku} in eu-west-1"]


def refuse_broken_body(aws: PriceListServer) -> None:
    aws.damage = lambda body, page: b"<" * len(body)


def refuse_broken_item(aws: PriceListServer) -> None:
    aws.damage = lambda body, page: body.replace(b'\\"terms\\": ', b'\\"terms\\"> ', 1)


def refuse_cut_connection(aws: PriceListServer) -> None:
    aws.damage = lambda body, page: body[: len(body) // 2]


def refuse_no_body(aws: PriceListServer) -> None:
    aws.damage = lambda body, page: b""


def refuse_access(aws: PriceListServer) -> None:
    aws.error = b'{"__type": "AccessDeniedException", "Message": "No."}'


def refuse_reset(aws: PriceListServer) -> None:
    aws.hangs_up = True


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (refuse_price, "found 3.238 USD per vCPU-hour, expected less than 10 times more or less than 0.03238"),
        (refuse_currency, "found a price in CNY, expected a price in USD"),
        (refuse_unit, 'found unit "fortnights", expected Hrs or hours for our vCPU-hour'),
        (refuse_gap, "found a last tier that ends at 1000, expected one without end"),
        (refuse_empty, "AmazonECS regionCode=us-east-1: found an empty answer"),
        (refuse_missing, "2 of 35 prices of the book are missing, the first: Fargate arm.vcpu in eu-west-1"),
        (refuse_broken_body, "page 1: found an answer without PriceList"),
        (refuse_broken_item, "AmazonECS regionCode=us-east-1, page 1: found broken JSON"),
        (refuse_cut_connection, "page 1: found an answer without PriceList (cut off, or no JSON)"),
        (refuse_no_body, "page 1: found an answer without PriceList (cut off, or no JSON)"),
        (refuse_access, "found An error occurred (AccessDeniedException) when calling the GetProducts operation"),
        (refuse_reset, "found Connection was closed before we received a valid response"),
    ],
)
def test_nonsense_leaves_the_book_as_it_was(
    run: Run, aws: PriceListServer, book: Path, spoil: Callable[[PriceListServer], None], message: str
) -> None:
    before = contents(book)
    # A true change beside the nonsense must not be written either.
    aws.price("Fargate x86.vcpu in us-east-1", "0.0410000000")
    spoil(aws)
    code, out, err = run(*FARGATE)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    assert contents(book) == before


def test_a_connection_that_breaks_on_the_second_page(run: Run, aws: PriceListServer, book: Path) -> None:
    before = contents(book)
    aws.price("CloudFront dto.us in edge:us", "0.0800000000")
    aws.damage = lambda body, page: body[:40] if page == 1 else body
    code, out, err = run("--live", "--service", "CloudFront", "--yes", *ON)
    assert (code, out) == (2, "")
    assert err.startswith(
        "costmodel: AmazonCloudFront, page 2: found an answer without PriceList (cut off, or no JSON)"
    )
    assert contents(book) == before


def test_a_token_that_leads_in_a_circle(run: Run, aws: PriceListServer, book: Path) -> None:
    before = contents(book)
    aws.damage = lambda body, page: body.replace(b'"NextToken": "2"', b'"NextToken": "1"')
    code, _, err = run("--live", "--service", "CloudFront", "--yes", *ON)
    assert code == 2
    assert "AmazonCloudFront: found Error during pagination" in err
    assert contents(book) == before


def test_a_file_that_cannot_be_put_in_place_keeps_the_others_as_they_were(
    run: Run, aws: PriceListServer, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, replaced, replace = contents(book), [], Path.replace

    def fail_the_second(self: Path, target: Path) -> Path:
        replaced.append(target.name)
        if len(replaced) == len(("cloudfront.csv", "sqs.csv")):
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail_the_second)
    aws.price("CloudFront dto.us in edge:us", "0.0800000000")
    aws.price("SQS standard in us-east-1", "0.0000003900")
    code, _, err = run("--live", "--service", "CloudFront", "--service", "SQS", "--yes", *ON)
    assert code == 2
    assert "no space left on device" in err
    assert set(replaced[:2]) == {"cloudfront.csv", "sqs.csv"}
    assert contents(book) == before


@pytest.mark.parametrize("at", [1, 2], ids=["before the first file", "between two files"])
def test_whoever_interrupts_it_finds_the_book_as_it_was(
    at: int, run: Run, aws: PriceListServer, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, replaced, replace = contents(book), [], Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        replaced.append(target.name)
        if len(replaced) == at:
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    aws.price("CloudFront dto.us in edge:us", "0.0800000000")
    aws.price("SQS standard in us-east-1", "0.0000003900")
    code, _, err = run("--live", "--service", "CloudFront", "--service", "SQS", "--yes", *ON)
    assert code != 0
    assert "Traceback" not in err
    assert contents(book) == before
    assert not [path for path in book.iterdir() if path.name.startswith(".")]


def test_an_interrupted_download_writes_nothing(
    run: Run, aws: PriceListServer, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(book)
    aws.price("CloudFront dto.us in edge:us", "0.0800000000")

    def interrupted(body: bytes, page: int) -> bytes:
        # The person at the keyboard, while the second page is under way.
        if page == 1:
            _thread.interrupt_main()
        return body

    aws.damage = interrupted
    code, _, err = run("--live", "--service", "CloudFront", "--yes", *ON)
    assert code != 0
    assert "Traceback" not in err
    assert contents(book) == before


def test_a_server_that_is_not_there(run: Run, aws: PriceListServer, book: Path) -> None:
    before = contents(book)
    code, out, err = run(*FARGATE, "--endpoint-url", "http://127.0.0.1:9")
    assert (code, out) == (2, "")
    assert 'Could not connect to the endpoint URL: "http://127.0.0.1:9/"' in err
    assert contents(book) == before
    assert aws.asked == []


def test_an_address_that_is_none(run: Run, aws: PriceListServer) -> None:
    code, _, err = run(*FARGATE, "--endpoint-url", "nowhere")
    assert code == 2
    assert "found Invalid endpoint: nowhere, expected an address like https://host" in err


def test_without_live_nothing_is_asked(run: Run, aws: PriceListServer) -> None:
    code, out, err = run("--service", "Fargate", "--yes")
    assert (code, out) == (2, "")
    assert "expected --live, because this reaches AWS" in err
    assert aws.asked == []


def test_without_credentials_nothing_is_asked(run: Run, aws: PriceListServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    code, out, err = run(*FARGATE)
    assert (code, out) == (2, "")
    assert err.startswith("costmodel: AWS credentials: found none, expected credentials that boto3 can find (set AWS_")
    assert aws.asked == []


def test_a_profile_that_does_not_exist(run: Run, aws: PriceListServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    code, _, err = run(*FARGATE)
    assert code == 2
    assert "AWS credentials: found The config profile (nobody) could not be found" in err


def test_without_boto3_it_says_what_to_install(run: Run, aws: PriceListServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    code, _, err = run(*FARGATE)
    assert code == 2
    assert "pip install 'reelplan[live]'" in err


def test_without_a_terminal_it_wants_to_know_first(run: Run, aws: PriceListServer) -> None:
    code, _, err = run("--live", "--service", "Fargate")
    assert code == 2
    assert "expected --yes to write or --dry-run to look" in err
    assert aws.asked == []


def test_a_service_without_a_query_names_the_nearest(run: Run, aws: PriceListServer) -> None:
    code, _, err = run("--live", "--service", "Fargat", "--dry-run")
    assert code == 2
    assert '--service: found "Fargat", expected a service with a query (nearest: Fargate)' in err
    assert aws.asked == []


def test_the_server_speaks_as_aws_does() -> None:
    """An item as the Price List of AmazonECS states it, typed out."""
    text = json.dumps(
        {
            "product": {
                "productFamily": "Compute",
                "attributes": {
                    "regionCode": "us-east-1",
                    "servicecode": "AmazonECS",
                    "cpuArchitecture": "ARM",
                    "usagetype": "USE1-Fargate-ARM-vCPU-Hours:perCPU",
                    "operation": "",
                },
                "sku": "XSZATS4VYMDC9CYN",
            },
            "serviceCode": "AmazonECS",
            "terms": {
                "OnDemand": {
                    "XSZATS4VYMDC9CYN.JRTCKXETXF": {
                        "priceDimensions": {
                            "XSZATS4VYMDC9CYN.JRTCKXETXF.6YS6EN2CT7": {
                                "unit": "hours",
                                "endRange": "Inf",
                                "beginRange": "0",
                                "pricePerUnit": {"USD": "0.0323800000"},
                            }
                        },
                        "effectiveDate": "2022-11-01T00:00:00Z",
                    }
                }
            },
            "version": "20221121182130",
        }
    )
    (found,) = parse_product(text, "here")
    target = next(each for each in targets(load_queries(), ["Fargate"]) if each.sku_key == "arm.vcpu")
    assert target.matches(found)
    assert (found.effective_date, found.version) == ("2022-11-01", "20221121182130")
    assert Decimal(found.dimensions[0].prices["USD"]) == Decimal("0.03238")
    made = products_of_the_book()["Fargate arm.vcpu in us-east-1"]
    assert json.loads(text).keys() <= made.keys()
    assert json.loads(text)["product"].keys() == made["product"].keys()


def test_the_how_to_uses_options_that_exist(run: Run) -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "refresh-prices.md"
    lines = [
        line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("$ costmodel prices refr")
    ]
    _, text, _ = run("--help")
    assert lines
    assert [word for line in lines for word in line.split() if word.startswith("--") and word not in text] == []
