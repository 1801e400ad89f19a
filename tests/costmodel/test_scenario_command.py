"""`costmodel scenario` and `costmodel assumptions`, as a founder runs them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from costmodel.assumptions import GRADES, Assumptions
from costmodel.scenario import load_scenario, scenario_schema, shipped_scenarios

ROOT = Path(__file__).parents[2]
PLATFORM = str(Path(__file__).parent / "inventories" / "platform.json")
Run = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("name", shipped_scenarios())
def test_a_new_plan_is_the_shipped_one_with_its_own_name_and_date(name: str, run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "My plan.yaml"
    code, _, _ = run("scenario", "init", str(mine), "--from", name, "--as-of", "2027-02-03")
    assert code == 0
    made, shipped = load_scenario(str(mine)), load_scenario(name)
    assert (made.name, made.as_of) == ("my_plan", "2027-02-03")
    same = {"name": shipped.name, "as_of": shipped.as_of}
    assert made.model_copy(update=same).model_dump() == shipped.model_dump()
    text = mine.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=scenario.schema.json\n")
    assert json.loads((tmp_path / "scenario.schema.json").read_text()) == scenario_schema()


def test_a_file_that_exists_and_an_unknown_start_are_told_together(run: Run, tmp_path: Path) -> None:
    there = tmp_path / "plan.yaml"
    there.write_text("mine", encoding="utf-8")
    code, _, err = run("scenario", "init", str(there), "--from", "nich", "--as-of", "soon")
    assert code == 2
    assert [line.split(": ", 1)[1] for line in err.splitlines()] == [
        f"{there}: found a file that exists, expected the name of a new file",
        f"--from: found 'nich', expected one of {', '.join(shipped_scenarios())} (nearest: niche)",
        '--as-of: found "soon", expected a date like 2026-11-21',
    ]
    assert there.read_text(encoding="utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["plan.yaml"]


def test_check_tells_the_faults_of_every_file(run: Run) -> None:
    bad = Path(__file__).parent / "bad_scenarios"
    code, out, err = run("scenario", "check", "niche", str(bad / "empty.yaml"), str(bad / "a_list.yaml"))
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 2
    code, out, _ = run("scenario", "check", "niche")
    assert code == 0
    assert out.startswith("niche: ")
    assert out.endswith("no fault\n")


def test_the_published_schema_is_that_of_the_model(run: Run) -> None:
    code, out, _ = run("scenario", "schema")
    assert code == 0
    assert (ROOT / "costmodel" / "data" / "scenario.schema.json").read_text(encoding="utf-8") == out, "run `make docs`"


def test_diff_shows_what_is_said_and_what_it_does(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    run("scenario", "init", str(mine), "--as-of", load_scenario("niche").as_of)
    text = mine.read_text(encoding="utf-8").replace("salary_usd_per_year: 60_000", "salary_usd_per_year: 72_000")
    mine.write_text(text, encoding="utf-8")
    code, out, _ = run("scenario", "diff", "niche", str(mine), "--inventory", PLATFORM, "--json")
    assert code == 0
    found = json.loads(out)
    assert [row["key"] for row in found["differs"]] == ["name", "people.roles.founder.salary_usd_per_year"]
    effect = {row["category"]: row["after_usd"] - row["before_usd"] for row in found["effect"]}
    # 3 founders x 36 months x 1,000 USD more a month x load factor 1.42
    assert effect.pop("People") == pytest.approx(3 * 36 * 1_000 * 1.42)
    assert set(effect.values()) == {0}
    code, out, _ = run("scenario", "diff", "niche", "niche")
    assert out.splitlines()[0] == "Key\tniche\tniche"


def test_assumptions_come_weakest_first(run: Run) -> None:
    code, out, _ = run("assumptions")
    header, *rows = [line.split("\t") for line in out.splitlines()]
    assert code == 0
    assert header[:3] == ["Key", "Grade", "Unit"]
    assert {row[0] for row in rows} == set(Assumptions.load().entries)
    ranks = [GRADES.index(row[1]) for row in rows]
    assert ranks == sorted(ranks, reverse=True)


def test_assumptions_of_a_plan_say_which_are_read(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    run("scenario", "init", str(mine))
    _, out, _ = run("assumptions", "--scenario", str(mine), "--inventory", PLATFORM, "--json")
    entries = {entry["key"]: entry for entry in json.loads(out)}
    assert entries["usage.seconds_watched_per_view"]["read"]
    assert entries["usage.seconds_watched_per_view"]["value"] == 20, "as the scenario overrides it"
    assert entries["usage.seconds_watched_per_view"]["overridden"]
    assert not entries["gifts.arppu_month"]["read"], "niche has no gifts"


def test_assumptions_by_group_and_weakness(run: Run) -> None:
    _, out, _ = run("assumptions", "--group", "staff.", "--weak", "--json")
    entries = json.loads(out)
    assert entries
    assert {entry["grade"] for entry in entries} == {"low"}
    assert all(entry["key"].startswith("staff.") for entry in entries)
    code, _, err = run("assumptions", "--group", "stuff")
    assert code == 2
    assert "nearest: staff" in err
