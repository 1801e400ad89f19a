"""The files of a report agree to the cent, open offline, are the same bytes each time, and come whole or not at all."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from costmodel.errors import OutputError
from costmodel.exports import write
from costmodel.exports.html import environment, render_html
from costmodel.exports.report import Report, make_report
from costmodel.exports.summary import summary
from costmodel.exports.tables import ledger_csv
from costmodel.exports.words import load_words
from costmodel.exports.write import replace_files, write_report
from costmodel.inventory import Inventory, Resource
from costmodel.plan import Plan, make_plan
from costmodel.tables import PURCHASES

NAMES = {"report.html", "ledger.csv", "ledger.parquet", "summary.json"}
CENT = 0.005 + 1e-6
"""A rounded figure is half a cent off at most; the rest is the rounding of floats."""


@pytest.fixture(scope="module")
def folder(niche_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report") / "deep" / "out"
    write_report(niche_plan, out)
    return out


@pytest.fixture(scope="module")
def csv(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "ledger.csv", parse_dates=["charge_period_start", "charge_period_end"])


@pytest.fixture(scope="module")
def spent(csv: pd.DataFrame) -> pd.DataFrame:
    """The rows that the company pays."""
    return csv[csv["x_flow"] == "cost"]


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return content


class Figures(HTMLParser):
    """Collects ``<data value data-key>`` and what a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.money: dict[str, float] = {}
        self.every: list[float] = []
        self.loads: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "data":
            value = float(found["value"] or "nan")
            self.every.append(value)
            if key := found.get("data-key"):
                self.money[key] = value
        self.scripts += tag == "script"
        self.loads += [found[name] or "" for name in ("src", "href", "xlink:href", "srcset") if name in found]


@pytest.fixture(scope="module")
def page(folder: Path) -> Figures:
    figures = Figures()
    figures.feed((folder / "report.html").read_text(encoding="utf-8"))
    return figures


def test_all_four_files_and_nothing_else(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == NAMES


def test_every_total_of_the_summary_is_the_sum_of_the_csv(spent: pd.DataFrame, told: dict[str, Any]) -> None:
    csv, cost = spent, spent["billed_cost"]
    month, year = csv["charge_period_start"].dt.strftime("%Y-%m"), csv["charge_period_start"].dt.strftime("%Y")
    assert told["total"] == pytest.approx(cost.sum(), abs=CENT)
    cloud = ~csv["x_category"].isin(PURCHASES)
    assert told["cloud_total"] == pytest.approx(cost[cloud].sum(), abs=CENT)
    idle = cloud & ~csv["x_usage_based"] & (month == "2029-12")
    assert told["idle_month"] == pytest.approx(cost[idle].sum(), abs=CENT)
    assert 50 < told["idle_month"] < 100, "a load balancer, six endpoint hours, a small task, alarms, images"
    for name, total in told["by_category"].items():
        assert total == pytest.approx(cost[csv["x_category"] == name].sum(), abs=CENT), name
    for entry in told["by_year"]:
        rows = year == entry["year"]
        assert entry["total"] == pytest.approx(cost[rows].sum(), abs=CENT)
        for name, total in entry["by_category"].items():
            assert total == pytest.approx(cost[rows & (csv["x_category"] == name)].sum(), abs=CENT)
    assert len(told["by_month"]) == 36
    for entry in told["by_month"]:
        rows = month == entry["month"]
        assert entry["total"] == pytest.approx(cost[rows].sum(), abs=CENT)
        for name, total in entry["by_category"].items():
            assert total == pytest.approx(cost[rows & (csv["x_category"] == name)].sum(), abs=CENT)
        assert entry["cost_per_mau"] == pytest.approx(cost[rows].sum() / entry["monthly_active_users"], rel=1e-3)
    assert {entry["year"] for entry in told["by_year"]} == set(year)
    assert set(told["by_category"]) == set(csv["x_category"])


def test_the_result_is_the_sum_of_the_csv(csv: pd.DataFrame, told: dict[str, Any], page: Figures) -> None:
    year = csv["charge_period_start"].dt.strftime("%Y")
    earned, paid = (csv["x_flow"] == flow for flow in ("revenue", "cost"))
    for entry in told["results"]["by_year"]:
        rows = year == entry["year"]
        revenue, cost = (csv.loc[rows & chosen, "billed_cost"].sum() for chosen in (earned, paid))
        assert entry["revenue"] == pytest.approx(revenue, abs=CENT)
        assert sum(entry["revenue_by_stream"].values()) == pytest.approx(revenue, abs=0.05)
        assert sum(entry["costs_by_function"].values()) == pytest.approx(cost, abs=0.05)
        assert entry["operating_result"] == pytest.approx(revenue - cost, abs=CENT)
        assert page.money[f"revenue.{entry['year']}"] == entry["revenue"]
        assert page.money[f"result.{entry['year']}"] == entry["operating_result"]
        assert page.money[f"cash.{entry['year']}"] == entry["cash"]


def test_every_total_of_the_page_is_the_sum_of_the_csv(spent: pd.DataFrame, page: Figures) -> None:
    csv, cost, start = spent, spent["billed_cost"], spent["charge_period_start"]
    assert page.money["total"] == pytest.approx(cost.sum(), abs=CENT)
    assert page.money["cloud_total"] == pytest.approx(cost[csv["charge_category"] == "Usage"].sum(), abs=CENT)
    assert page.money["first_month"] == pytest.approx(cost[start == start.min()].sum(), abs=CENT)
    assert page.money["last_month"] == pytest.approx(cost[start == start.max()].sum(), abs=CENT)
    for year in ("2027", "2028", "2029"):
        rows = start.dt.strftime("%Y") == year
        assert page.money[f"year.{year}"] == pytest.approx(cost[rows].sum(), abs=CENT)
        for name in csv["x_category"].unique():
            in_category = rows & (csv["x_category"] == name)
            assert page.money[f"year.{year}.{name}"] == pytest.approx(cost[in_category].sum(), abs=CENT)
            assert page.money[f"category.{name}"] == pytest.approx(cost[csv["x_category"] == name].sum(), abs=CENT)
    assert len(page.every) > len(page.money), "the largest lines are there too"


def test_price_times_quantity_is_cost_on_every_row_of_the_csv(csv: pd.DataFrame) -> None:
    product = csv["list_unit_price"] * csv["pricing_quantity"]
    assert (product - csv["list_cost"]).abs().max() <= 1e-9 * csv["list_cost"].max()
    assert (csv["billed_cost"] == csv["list_cost"]).all()


def test_parquet_and_csv_hold_the_same_ledger(folder: Path, csv: pd.DataFrame) -> None:
    parquet = pd.read_parquet(folder / "ledger.parquet")
    assert list(parquet.columns) == list(csv.columns)
    assert parquet["billed_cost"].tolist() == csv["billed_cost"].tolist()
    assert parquet["sku_id"].astype(str).tolist() == csv["sku_id"].tolist()


def test_periods_are_iso_8601_in_utc(folder: Path) -> None:
    header, *rows = (folder / "ledger.csv").read_text(encoding="utf-8").splitlines()
    assert header.startswith("charge_period_start,charge_period_end,billing_currency,")
    assert min(rows).startswith("2027-01-01T00:00:00Z,2027-02-01T00:00:00Z,USD,")


def test_the_page_loads_nothing(folder: Path, page: Figures) -> None:
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert page.scripts == 0
    assert [address for address in page.loads if not address.startswith("#")] == []
    assert "@import" not in text
    assert re.findall(r"url\((?!#)", text) == []
    assert text.count("<svg") == 6
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids)), "charts must not share ids, or one clips the other"


def test_the_page_says_what_a_reader_must_know(folder: Path, niche_plan: Plan) -> None:
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "Users are an input, not a forecast." in text
    report = make_report(niche_plan, load_words())
    for row in (*report.free, *report.not_covered, *report.gaps):
        assert row.reason.replace("&", "&amp;").replace(">", "&gt;") in text
        assert row.resource_type in text
    for entry in niche_plan.assumptions:
        assert f"<code>{entry.key}</code>" in text
    for source in report.price_sources:
        assert source.source.replace("&", "&amp;")[:40] in text
    for digest in niche_plan.digests.values():
        assert digest in text


def test_two_runs_give_the_same_bytes(niche_plan: Plan, folder: Path, tmp_path: Path) -> None:
    write_report(niche_plan, tmp_path)
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


def test_no_text_of_the_csv_is_run_by_a_spreadsheet(niche_plan: Plan) -> None:
    evil = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "\rx"]
    table = niche_plan.ledger.head(len(evil)).copy()
    table["resource_id"] = pd.Categorical(evil)
    read = pd.read_csv(io.BytesIO(ledger_csv(table)), dtype=str)
    assert read["resource_id"].tolist() == ["'=cmd|' /C calc'!A0", "'+1", "'-1", "'@SUM(A1)", "' x", "' x"]


def test_names_of_the_stack_cannot_write_into_the_page(niche_plan: Plan, tmp_path: Path) -> None:
    scenario = niche_plan.scenario.model_copy(update={"title": "<script>alert(1)</script>"})
    write_report(replace(niche_plan, scenario=scenario), tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_unknown_unit_costs_are_null_and_not_zero(niche_plan: Plan) -> None:
    report = make_report(niche_plan, load_words())
    quiet = replace(report.first, cost_per_mau=float("nan"), cost_per_thousand_views=float("nan"))
    content = summary(replace(report, months=(quiet, *report.months[1:])))
    assert content["by_month"][0]["cost_per_mau"] is None
    assert content["by_month"][0]["cost_per_1000_views"] is None


def test_a_department_of_no_known_line_is_named(niche_plan: Plan) -> None:
    people = niche_plan.scenario.people
    assert people is not None
    odd = {name: role.model_copy(update={"department": "Magic"}) for name, role in people.roles.items()}
    scenario = niche_plan.scenario.model_copy(update={"people": people.model_copy(update={"roles": odd})})
    (note,) = set(make_report(make_plan(niche_plan.inventory, scenario), load_words()).notes) - set(niche_plan.notes)
    assert note.startswith("the departments Magic, of which")
    assert make_report(niche_plan, load_words()).notes == niche_plan.notes


# Writing


def test_other_files_of_the_folder_stay_and_old_reports_are_replaced(niche_plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "inventory.json").write_text("{}", encoding="utf-8")
    (tmp_path / "report.html").write_text("old", encoding="utf-8")
    write_report(niche_plan, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*NAMES, "inventory.json"}
    assert (tmp_path / "report.html").read_text(encoding="utf-8") != "old"


def test_a_file_in_the_place_of_the_folder(niche_plan: Plan, tmp_path: Path) -> None:
    taken = tmp_path / "out"
    taken.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=f"{taken}: found {taken} is a file, expected a folder that can be written"):
        write_report(niche_plan, taken)
    assert taken.read_text(encoding="utf-8") == "mine"


def test_a_failure_half_way_leaves_nothing(niche_plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Report) -> bytes:
        raise RuntimeError("the last file cannot be rendered")

    monkeypatch.setattr(write, "_html", broken)
    with pytest.raises(RuntimeError, match="the last file"):
        write_report(niche_plan, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_a_file_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "out" / "b").mkdir(parents=True)
    (tmp_path / "out" / "a").write_text("old", encoding="utf-8")
    with pytest.raises(OutputError, match="b is a folder"):
        replace_files(tmp_path / "out", {"a": b"new", "b": b"new"})
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a", "b"]
    assert (tmp_path / "out" / "a").read_text(encoding="utf-8") == "old"


def test_a_failed_write_takes_back_the_folders_it_made(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        replace_files(tmp_path / "new" / "out", {"no/such/folder.txt": b""})
    assert list(tmp_path.iterdir()) == []


def names_in(template: str) -> Iterator[str]:
    source = environment().loader.get_source(environment(), template)[0]  # type: ignore[union-attr]
    yield from re.findall(r"\breport\.([a-z_]+)", source)


def test_every_name_of_the_template_is_in_the_report(niche_plan: Plan) -> None:
    report = make_report(niche_plan, load_words())
    names = set(names_in("report.html.j2"))
    assert {name for name in names if not hasattr(report, name)} == set()
    assert len(names) > 15


def test_the_template_does_no_arithmetic() -> None:
    source = environment().loader.get_source(environment(), "report.html.j2")[0]  # type: ignore[union-attr]
    expressions = re.findall(r"\{\{(.*?)\}\}|\{%(.*?)%\}", source, flags=re.DOTALL)
    for expression in ("".join(pair) for pair in expressions):
        bare = re.sub(r'"[^"]*"', "", expression)
        assert not re.search(r"[+*/]|\bsum\b|\bround\b| - ", bare.strip("- ")), expression


@pytest.mark.parametrize("months", [1, 13, 120])
def test_any_length_of_plan_makes_a_report(months: int, niche_plan: Plan, tmp_path: Path) -> None:
    scenario = niche_plan.scenario.model_copy(update={"months": months})
    report = write_report(make_plan(niche_plan.inventory, scenario), tmp_path)
    assert len(report.months) == months
    assert sum(year.months for year in report.years) == months
    assert "NaN" not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_stack_of_which_nothing_is_known_says_at_least(niche_plan: Plan, tmp_path: Path) -> None:
    stranger = Resource("urn:pulumi:s::p::x:y:Z::z", "aws:qldb/ledger:Ledger", "z", "", {}, {}, "us-east-1")
    inventory = Inventory("p", "s", "us-east-1", {stranger.urn: stranger})
    scenario = niche_plan.scenario.model_copy(
        update={"people": None, "payouts": None, "advertising": None, "subscriptions": None, "compliance": None}
    )
    report = write_report(make_plan(inventory, scenario), tmp_path)
    assert (report.total, len(report.not_covered)) == (0, 1)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert re.search(r"at least <data value=\"0\.00\"", text)
    assert "no meter for this type yet (aws:qldb/ledger:Ledger)" in text


def test_the_report_says_what_a_contract_takes_off(niche_plan: Plan) -> None:
    """At list price there is one sum of AWS; with discounts the other one stands beside it."""
    at_list = render_html(make_report(niche_plan, load_words()))
    assert "By category, at list prices" in at_list
    share = {"kind": "percentage", "share_off": 0.10}
    scenario = niche_plan.scenario.model_validate(
        {**niche_plan.scenario.model_dump(exclude_defaults=True), "discounts": {"enterprise": share}}
    )
    report = make_report(make_plan(niche_plan.inventory, scenario), load_words())
    assert report.cloud_total == pytest.approx(0.9 * report.cloud_list_total)
    shown = render_html(report)
    assert "after the scenario&#39;s discounts" in shown or "after the scenario's discounts" in shown
    assert "at list prices)" in shown
