"""docs/published.md is what the plan says today, and what is far off is explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from costmodel.inventory import load_inventory
from costmodel.plan import make_plan
from costmodel.published import PLANNED, Comparison, as_markdown, compare, figures
from costmodel.scenario import load_scenario

PAGE = Path(__file__).parents[2] / "docs" / "published.md"


@pytest.fixture(scope="module")
def compared(prod_inventory_file: Path) -> tuple[Comparison, ...]:
    return compare(make_plan(load_inventory(prod_inventory_file), load_scenario("global")))


def test_the_page_is_current(compared: tuple[Comparison, ...]) -> None:
    assert PAGE.read_text(encoding="utf-8") == as_markdown(compared), "run `make docs`"


def test_every_figure_is_planned_and_the_reverse() -> None:
    assert [figure.key for figure in figures()] == list(PLANNED)


def test_every_figure_has_a_source_a_date_and_a_range() -> None:
    for figure in figures():
        assert figure.source
        assert figure.source_date
        assert figure.low <= figure.base <= figure.high


def test_what_is_off_by_more_than_twice_is_explained_and_nothing_else(compared: tuple[Comparison, ...]) -> None:
    assert {found.figure.key for found in compared if found.is_far_off} == {
        figure.key for figure in figures() if figure.why_off
    }


def test_most_of_what_nothing_was_set_with_is_within_twice(compared: tuple[Comparison, ...]) -> None:
    free = [found for found in compared if not found.figure.sets]
    assert len(free) >= 10
    assert sum(not found.is_far_off for found in free) / len(free) >= 0.8
