from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costmodel.errors import ScenarioError
from costmodel.scenario import SHIPPED, Scenario, load_scenario, shipped_scenarios

# A case is a file with its fault and, beside it, the exact words that a user reads: case.yaml and case.txt.
BAD_SCENARIOS = Path(__file__).parent / "bad_scenarios"
CASES = sorted(path.stem for path in BAD_SCENARIOS.glob("*.yaml"))

MINIMAL = """\
name: small
title: A plan
description: Reasons.
as_of: 2026-11-21
start: 2027-01
months: 3
stage: early
geographies:
  norway:
    edge: europe_israel
    growth: {model: bass, launch: 2026-01, ceiling_users: 1e5, innovation_per_year: 0.05, imitation_per_year: 0.9}
"""


def faults_of(tmp_path: Path, text: str) -> list[str]:
    """Messages of the faults; none when the text is a scenario."""
    try:
        load_text(tmp_path, text)
    except ScenarioError as refused:
        return [str(fault) for fault in refused.faults]
    return []


def load_text(tmp_path: Path, text: str) -> Scenario:
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(str(path))


@pytest.mark.parametrize("case", CASES)
def test_a_bad_scenario_is_refused_with_exactly_these_messages(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD_SCENARIOS)  # messages name the file as the user did
    with pytest.raises(ScenarioError) as refused:
        load_scenario(f"{case}.yaml")
    assert f"{refused.value}\n" == (BAD_SCENARIOS / f"{case}.txt").read_text(encoding="utf-8")


def test_every_bad_scenario_has_its_messages_and_the_reverse() -> None:
    assert len(CASES) >= 30
    assert sorted(path.stem for path in BAD_SCENARIOS.glob("*.txt")) == CASES


def test_an_unknown_name_lists_the_shipped_scenarios_and_names_the_nearest() -> None:
    with pytest.raises(ScenarioError, match=r"found 'nich', expected a shipped scenario \(.*\(nearest: niche\)"):
        load_scenario("nich")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ScenarioError, match=r"plans/none\.yaml: found no such file, expected a scenario file"):
        load_scenario("plans/none.yaml")


def test_a_directory_is_not_a_scenario(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="found is a directory, expected a file that can be read"):
        load_scenario(str(tmp_path))


@pytest.mark.parametrize("depth", [300, 400, 450, 470, 480, 490, 500, 2_000])
def test_values_nested_without_end_are_refused(tmp_path: Path, depth: int) -> None:
    with pytest.raises(ScenarioError, match=r"nested too deep|an unknown key"):
        load_text(tmp_path, MINIMAL + "deep: " + "[" * depth + "]" * depth)


def test_a_file_and_the_shipped_name_give_the_same_scenario(tmp_path: Path) -> None:
    copy = shutil.copy(SHIPPED / "niche.yaml", tmp_path / "copy.yaml")
    assert load_scenario(str(copy)) == load_scenario("niche")


def test_shipped_scenarios_are_found_in_the_directory_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(MINIMAL, encoding="utf-8")
    assert shipped_scenarios(tmp_path) == ("small",)
    assert load_scenario("small", tmp_path).name == "small"


def test_what_is_not_mentioned_is_absent(tmp_path: Path) -> None:
    scenario = load_text(tmp_path, MINIMAL)
    assert scenario.people is None
    assert scenario.payouts is None
    assert scenario.timeline.labels == ("2027-01", "2027-02", "2027-03")


def test_the_digest_follows_the_content_and_not_the_layout(tmp_path: Path) -> None:
    digest = load_text(tmp_path, MINIMAL).digest
    assert load_text(tmp_path, "# a comment\n" + MINIMAL.replace("1e5", "100_000")).digest == digest
    assert load_text(tmp_path, MINIMAL.replace("months: 3", "months: 4")).digest != digest
    assert len(bytes.fromhex(digest)) * 8 == 256


def test_plain_words_are_read_as_yaml_1_2(tmp_path: Path) -> None:
    # YAML 1.1 would read "no" as false, 12:30 as 750 (base 60), 010 as 8 and a day as a date object.
    scenario = load_text(tmp_path, MINIMAL.replace("norway", "no").replace("A plan", "12:30"))
    assert list(scenario.geographies) == ["no"]
    assert scenario.title == "12:30"
    assert load_text(tmp_path, MINIMAL.replace("months: 3", "months: 010")).months == 10


def test_a_scenario_cannot_be_changed_after_it_was_checked(tmp_path: Path) -> None:
    scenario = load_text(tmp_path, MINIMAL)
    with pytest.raises(ValueError, match="frozen"):
        scenario.months = 5  # type: ignore[misc]  # the point of the test


ODD_VALUES = (
    "", "-1", "0", "1e400", "9" * 400, "1_000_", "~", "true", "[]", "{}", "[1, {a: 2}]", "{? [a] : b}", "*x", "&x 1",
    "!!python/none", '"', "many", "2027-01", "9999-12", "usage.peak_to_average", "\x07", ".nan", "|", "- 1",
)  # fmt: skip


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
def test_a_damaged_scenario_is_refused_in_words_or_is_a_scenario(tmp_path: Path, data: st.DataObject) -> None:
    lines = (SHIPPED / "niche.yaml").read_text(encoding="utf-8").splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(lines) - 1))
        key = lines[number].split(":")[0]
        value = data.draw(st.sampled_from(ODD_VALUES))
        lines[number] = data.draw(st.sampled_from([f"{key}: {value}", value, f"  {lines[number]}", "", lines[0]]))
    for fault in faults_of(tmp_path, "\n".join(lines)):
        assert re.match(r".+: found .+, expected .+", fault, flags=re.DOTALL)
