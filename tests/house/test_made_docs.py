"""What is made from the code agrees with the code: `make docs` writes these files."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from infra import diagram, settings_reference
from infra.emulator.plan_provider import PlanProvider
from infra.emulator.recorder import record
from infra.inventory import inventory
from infra.policies import hold_against_policies, report
from infra.stackfile import load_stack

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def prod() -> dict[str, Any]:
    return inventory(record(load_stack(ROOT, "prod"), PlanProvider()))


def test_the_page_of_settings() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == settings_reference.page()


def test_the_schema_of_settings() -> None:
    assert (ROOT / "infra" / "settings.schema.json").read_text() == settings_reference.schema_text()
    assert json.loads(settings_reference.schema_text())


def test_the_page_of_policies(prod: dict[str, Any]) -> None:
    judgement = hold_against_policies(prod, profile="prod", today=dt.datetime.now(dt.UTC).date())
    page = report.as_markdown(judgement, "infra policies --stack prod --markdown")
    assert (ROOT / "docs" / "policies.md").read_text() == page


def test_the_picture_shows_every_component(prod: dict[str, Any]) -> None:
    """By its words, not its bytes: positions may differ in the last digit from machine to machine."""
    drawn = diagram.picture(prod)
    text = (ROOT / "docs" / "architecture.svg").read_text()
    labels = [f"{component.name} ({component.resources})" for component in drawn.components]
    assert [label for label in [drawn.title, *labels] if label not in text] == []
