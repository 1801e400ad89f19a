"""What others ask: imported by the same rules, held in a book of its own."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from costmodel.errors import CatalogError
from costmodel.price_book import COLUMNS, COMPETITOR_PRICES, PriceBook
from costmodel.quote import quote

BOOK = PriceBook.load(COMPETITOR_PRICES)


def load_tool() -> ModuleType:
    path = Path(__file__).parents[2] / "tools" / "import_prices.py"
    spec = importlib.util.spec_from_file_location("import_competitor_prices", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


tool = load_tool()
HEADER = ",".join(tool.SOURCE_COLUMNS)


@pytest.mark.parametrize(
    ("service", "sku", "quantity", "usd"),
    [
        ("Cloudflare Stream", "delivered", 1_000, 1_000.00),  # 1,000 lots of 1,000 minutes x 1
        ("Cloudflare R2", "standard.storage", 10_000, 150.00),  # 10,000 x 0.015
        ("Bunny CDN", "standard.asia_oceania", 1_000, 30.00),  # 1,000 x 0.03
        ("Bunny Stream", "storage", 500, 5.00),  # 500 x 0.01
        ("Fastly CDN", "bandwidth.max_zone", 20_000, 5_181.60),  # 10,140 x 0.28 + 9,760 x 0.24 = 2,839.20 + 2,342.40
        ("Fastly CDN", "requests", 20_000, 194.00),  # 9,900 x 0.0100 + 10,000 x 0.0095 = 99 + 95
        ("Azure", "egress.internet", 5_000, 426.30),  # 4,900 x 0.087
        ("OCI", "egress", 20_000, 82.96),  # 9,760 x 0.0085
        ("Coconut (encoding only)", "output.hd", 100, 1.50),  # 100 x 0.015
    ],
)
def test_a_bill_of_a_competitor(service: str, sku: str, quantity: float, usd: float) -> None:
    assert quote(BOOK, service, sku, quantity).cost == pytest.approx(usd)


def test_a_threshold_is_no_price() -> None:
    assert BOOK.rule("Vimeo", "self_serve.bandwidth_threshold", "global") == 2


def test_memory_and_hearsay_are_graded_low() -> None:
    assert {ladder.grade for ladder in BOOK.ladders() if ladder.service == "Akamai CDN"} == {"low"}


def test_the_import_writes_whole_ladders_and_gives_the_same_bytes_again(tmp_path: Path) -> None:
    source = tmp_path / "source.csv"
    lines = [
        "OCI,egress,global,GB,,,0.0085,a list,2026-05-06,med,first 10 TB per month free",
        "Azure,egress.internet,eastus,GB,100,10000,0.087,a list,2026-05-06,med,100 GB free",
    ]
    source.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    rules = tool.Rules(
        starts_at={("OCI", "egress"): "10240"},
        region={("Azure", "egress.internet", "eastus"): "billing:azure_eastus"},
        carried_on={("Azure", "egress.internet"): "the further tiers were not found"},
    )
    services, log = tool.import_prices(tool.read_source(source), rules)
    assert log.faults == []
    assert [(row.start, row.end, row.price) for row in services["OCI"]] == [
        ("0", "10240", "0"),
        ("10240", "", "0.0085"),
    ]
    assert [(row.start, row.end, row.price) for row in services["Azure"]] == [
        ("0", "100", "0"),
        ("100", "10000", "0.087"),
        ("10000", "", "0.087"),
    ]


def test_bounds_in_a_unit_of_their_own_are_scaled(tmp_path: Path) -> None:
    source = tmp_path / "source.csv"
    line = "Fastly CDN,requests,global,10000 requests,1,,0.01,a list,2026-05-22,med,"
    source.write_text("\n".join([HEADER, line, ""]), encoding="utf-8")
    sku = ("Fastly CDN", "requests")
    rules = tool.Rules(bounds_scaled={sku: 100}, free_start={sku: "free allowance: the first million"})
    services, log = tool.import_prices(tool.read_source(source), rules)
    assert log.faults == []
    assert [(row.start, row.end, row.note) for row in services["Fastly CDN"]] == [
        ("0", "100", "free allowance: the first million"),
        ("100", "", ""),
    ]


def test_the_tool_refuses_what_it_cannot_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "source.csv"
    source.write_text(f"{HEADER}\nMux Video,plus.input,global,minuet,,,cheap,a list,2026-10,high,\n", encoding="utf-8")
    out = tmp_path / "out"
    assert tool.main([str(source), "--competitors", "--out", str(out)]) == 2
    err = capsys.readouterr().err
    assert "Mux Video plus.input in global (line 2): price_usd is not a number: 'cheap'" in err
    assert 'found "minuet"' in err
    assert not out.exists()


def test_a_malformed_file_of_the_book_names_file_row_and_field(tmp_path: Path) -> None:
    (tmp_path / "mux_video.csv").write_text(
        f"{','.join(COLUMNS)}\nMux Video,plus.input,global,minute,0,,0.025,2026-10-99,a list,hihg,\n", encoding="utf-8"
    )
    with pytest.raises(CatalogError) as caught:
        PriceBook(tmp_path).check()
    assert [str(fault).split(", expected")[0] for fault in caught.value.faults] == [
        'prices/mux_video.csv:2: grade: found "hihg"',
        'prices/mux_video.csv:2: effective_date: found "2026-10-99"',
    ]
