"""The scenario on the page about revenue and payouts loads, and every section of it has lines in the plan."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from costmodel.inventory import Inventory
from costmodel.plan import Plan, make_plan
from costmodel.scenario import load_scenario
from costmodel.sections.payouts import Payouts
from costmodel.tables import REVENUE

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "earn-and-pay.md"
GROWTH = "{model: bass, launch: 2026-01, ceiling_users: 1e8, innovation_per_year: 0.05, imitation_per_year: 0.9}"
HEAD = f"""\
name: page
title: A page
description: Of the docs.
as_of: 2026-11-21
start: 2027-01
months: 24
stage: mature
geographies:
  north_america: {{edge: us, growth: {GROWTH}}}
  asia: {{edge: asia_other, growth: {GROWTH}}}
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    path = tmp_path_factory.mktemp("page") / "page.yaml"
    path.write_text(HEAD + block, encoding="utf-8")
    return make_plan(Inventory("p", "s", "us-east-1", {}), load_scenario(str(path)))


def test_every_stream_of_the_page_earns(plan: Plan) -> None:
    table = plan.ledger
    assert set(table.loc[table["x_flow"] == "revenue", "x_category"]) == REVENUE - {"Drama"}


def test_every_programme_of_the_page_pays(plan: Plan) -> None:
    stated = plan.scenario.payouts
    assert stated is not None
    assert all(getattr(stated, name) is not None for name in Payouts.model_fields), "the page shows all of them"
    paid = set(plan.ledger.loc[plan.ledger["x_category"] == "Payouts", "service_name"])
    assert paid == {
        "Creator rewards", "Creator fund", "Ad revenue share", "Premium ads", "Daily bonus", "Music", "Gifts",
        "Creator subscriptions",
    }  # fmt: skip


def test_balances_of_the_page(plan: Plan) -> None:
    names = {balance.name: balance.owed[-1] for balance in plan.balances}
    assert {name for name, owed in names.items() if owed > 0} == {"coins sold and not spent", "owed to creators"}
    assert {name for name, owed in names.items() if owed < 0} == {
        "invoices that advertisers have not paid", "store fees paid ahead", "sales that stores have not passed on",
    }  # fmt: skip


def test_the_modules_of_the_page_exist() -> None:
    package = Path(__file__).parents[2] / "costmodel"
    named = re.findall(r"`((?:revenue|payouts|fees)[\w/]*\.py)`", PAGE.read_text(encoding="utf-8"))
    assert named
    assert [name for name in named if not (package / name).is_file()] == []
