"""Fixtures of the cost model's tests: a realistic inventory, and small plans with hand-workable numbers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from costmodel.cli import main
from costmodel.inventory import Inventory, load_inventory
from costmodel.plan import Plan, make_plan
from costmodel.scenario import Scenario, load_scenario
from costmodel.tables import Activity, Timeline

INVENTORIES = Path(__file__).parent / "inventories"
Document = dict[str, Any]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs the command in an empty folder; returns exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["costmodel", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return command


@pytest.fixture
def platform() -> Document:
    """The inventory document of a whole platform, free to be changed by a test."""
    document: Document = json.loads((INVENTORIES / "platform.json").read_text(encoding="utf-8"))
    return document


@pytest.fixture
def written(tmp_path: Path) -> Callable[[Any], Path]:
    """Writes a document as JSON and gives its path."""

    def write(document: Any, name: str = "inventory.json") -> Path:
        path = tmp_path / name
        path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        return path

    return write


@pytest.fixture
def loaded(written: Callable[[Any], Path]) -> Callable[[Any], Inventory]:
    """Loads a document through a file, as a user does."""
    return lambda document: load_inventory(written(document))


@pytest.fixture(scope="session")
def niche() -> Scenario:
    return load_scenario("niche")


@pytest.fixture(scope="session")
def niche_plan(niche: Scenario) -> Plan:
    """The shipped scenario on the whole platform."""
    return make_plan(load_inventory(INVENTORIES / "platform.json"), niche)


@pytest.fixture
def steady(tmp_path: Path) -> Callable[..., Scenario]:
    """A scenario whose users are at their ceiling from the first day on, with chosen assumptions.

    Written as a file, so that it goes through the same checks as a founder's.
    """

    def make(
        users: float, months: int = 1, edges: tuple[str, ...] = ("us",), assumptions: Mapping[str, float] | None = None
    ) -> Scenario:
        geographies = {
            f"place_{i}": {
                "edge": edge,
                "growth": {
                    "model": "logistic",
                    "launch": "2027-01",
                    "users_at_launch": users * (1 - 1e-12),
                    "ceiling_users": users,
                    "rate_per_year": 1e-9,
                },
            }
            for i, edge in enumerate(edges)
        }
        content = {
            "name": "steady",
            "title": "Steady",
            "description": "A test.",
            "as_of": "2026-11-21",
            "start": "2027-01",
            "months": months,
            "stage": "early",
            "geographies": geographies,
            "assumptions": dict(assumptions or {}),
        }
        path = tmp_path / "steady.yaml"
        path.write_text(json.dumps(content), encoding="utf-8")
        return load_scenario(str(path))

    return make


@pytest.fixture
def made_activity() -> Callable[..., Activity]:
    """Activity with hand-workable numbers: the same in each month and place, 0 where not given."""

    def make(months: int = 1, edges: tuple[str, ...] = ("us",), **monthly: float) -> Activity:
        timeline = Timeline.starting("2027-01", months)
        video = {"upload_seconds": monthly.pop("upload_seconds", 6.0), "upload_mb": monthly.pop("upload_mb", 10.0)}
        nothing = Activity.nothing(timeline, tuple(f"place_{i}" for i in range(len(edges))), edges, **video)
        amounts: dict[str, Any] = {f"monthly_{name}": np.full((len(edges), months), n) for name, n in monthly.items()}
        return replace(nothing, **amounts)

    return make


@pytest.fixture
def made_scenario(tmp_path: Path) -> Callable[..., Scenario]:
    """A scenario with the geographies of ``made_activity`` and chosen sections, checked like a founder's file."""

    def make(months: int = 1, edges: tuple[str, ...] = ("us",), **sections: Any) -> Scenario:
        growth = {"model": "bass", "launch": "2027-01", "ceiling_users": 1e6}
        curve = {"innovation_per_year": 0.05, "imitation_per_year": 0.9}
        content = {
            "name": "made",
            "title": "Made",
            "description": "A test.",
            "as_of": "2026-11-21",
            "start": "2027-01",
            "months": months,
            "stage": "early",
            "geographies": {f"place_{i}": {"edge": edge, "growth": growth | curve} for i, edge in enumerate(edges)},
        }
        path = tmp_path / "made.yaml"
        path.write_text(json.dumps(content | sections), encoding="utf-8")
        return load_scenario(str(path))

    return make


@pytest.fixture
def in_trials() -> Callable[..., Activity]:
    """Activity with a leading trial axis: every amount times each of the factors."""

    def make(activity: Activity, *factors: float) -> Activity:
        arrays = {name: value for name, value in vars(activity).items() if isinstance(value, np.ndarray)}
        stacked: dict[str, Any] = {
            name: np.stack([factor * value for factor in factors]) for name, value in arrays.items()
        }
        return replace(activity, **stacked)

    return make
