from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.assumptions import Assumptions
from costmodel.errors import AssumptionNotFound, CatalogError

HEADER = "key,unit,low,base,high,distribution,applies_to,source,source_date,grade,note,domain\n"


def load(directory: Path, rows: str, header: str = HEADER) -> Assumptions:
    (directory / "some.csv").write_text(header + rows, encoding="utf-8")
    return Assumptions.load(directory=directory)


def test_a_row_without_unit_source_date_or_grade_does_not_load(tmp_path: Path) -> None:
    with pytest.raises(CatalogError) as refused:
        load(tmp_path, "a.b,,1,2,3,pert,,,,,,\n")
    assert [fault.where for fault in refused.value.faults if not isinstance(fault, str)] == [
        "some.csv:2: a.b.unit",
        "some.csv:2: a.b.source",
        "some.csv:2: a.b.source_date",
        "some.csv:2: a.b.grade",
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a.b,h,1,x,3,pert,,web,2025,low,,\n", "some.csv:2: a.b.base: found 'x', expected a number"),
        ("a.b,h,1,nan,3,pert,,web,2025,low,,\n", "some.csv:2: a.b.base: found 'nan', expected a number"),
        ("a.b,h,1,5,3,pert,,web,2025,low,,\n", "some.csv:2: a.b: found 1 / 5 / 3, expected low <= base <= high"),
        ("a.b,h,1,2,3,gauss,,web,2025,low,,\n", "found 'gauss', expected one of fixed, pert, triangular, lognormal"),
        ("a.b,h,1,2,3,pert,,web,2025,medium,,\n", "found 'medium', expected one of high, med, low"),
        ("a.b,h,1,2,3,pert,,memory,2025,high,,\n", "found 'high', expected low, as the source is memory"),
        ("a.b,h,1,2,3,pert,,web,2025,low,,<0\n", "found '<0', expected one of >0, >=1, <1"),
        ("a.b,share,0,0.5,2,pert,,web,2025,low,,\na.b,h,1,2,3,pert,,web,2025,low,,\n",
         "some.csv:3: found key 'a.b' again, expected each key once (first at some.csv:2)"),
        ("a.b,share,1,2,3,pert,,web,2025,low,,\n",
         "assumptions: a.b: found 2, expected a number of at least 0 and at most 1 [share]"),
        ("a.b,h,1,2,3,pert\n", "some.csv:2: found more or fewer cells than columns, expected 12 cells"),
    ],
)  # fmt: skip
def test_a_faulty_row_is_named(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(CatalogError) as refused:
        load(tmp_path, rows)
    assert message in str(refused.value)


def test_a_missing_column_is_named_once_for_the_file(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"some\.csv:1: found columns key,low"):
        load(tmp_path, "a,1\nb,2\n", header="key,low\n")


def test_a_directory_without_data_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="found no assumption"):
        Assumptions.load(directory=tmp_path)


def test_an_override_replaces_the_value_and_says_so() -> None:
    assumptions = Assumptions.load({"usage.minutes_per_dau_day": 40}, as_of="2026-11-21")
    entry = assumptions.entry("usage.minutes_per_dau_day")
    assert assumptions["usage.minutes_per_dau_day"] == 40.0
    assert (entry.base, entry.overridden, entry.grade, entry.source_date) == (58.4, True, "low", "2026-11-21")
    assert entry.source.startswith("override of the scenario; default 58.4 from eMarketer")
    assert Assumptions.load()["usage.minutes_per_dau_day"] == 58.4


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(AssumptionNotFound, match=r"nearest: usage\.minutes_per_dau_day"):
        Assumptions.load()["usage.minutes_per_dau"]
    with pytest.raises(AssumptionNotFound, match=r"nearest: usage\.peak_to_average"):
        Assumptions.load({"usage.peak_to_avrage": 2})


def test_overrides_without_a_meaning_are_refused_together() -> None:
    with pytest.raises(CatalogError) as refused:
        Assumptions.load({"usage.seconds_watched_per_view": 0, "usage.playback_share_480": 0.5})
    assert str(refused.value).splitlines() == [
        "assumptions: usage.seconds_watched_per_view: found 0, expected a number above 0 [s/view]",
        "usage.playback_share_*: found 0.5 + 0.25 + 0.1 = 0.85, expected shares that sum to 1 "
        "(keys: usage.playback_share_480, usage.playback_share_720, usage.playback_share_1080)",
    ]


def test_what_was_read_is_known_and_an_override_that_nothing_read_too() -> None:
    assumptions = Assumptions.load({"usage.minutes_per_dau_day": 40, "usage.peak_to_average": 3})
    assert list(assumptions.used) == []
    assert assumptions["usage.peak_to_average"] == 3
    assert [entry.key for entry in assumptions.used] == ["usage.peak_to_average"]
    assert assumptions.ineffective_overrides == ("usage.minutes_per_dau_day",)


def test_plans_do_not_share_what_they_read() -> None:
    first, second = Assumptions.load(), Assumptions.load()
    assert first["usage.peak_to_average"] == second.entries["usage.peak_to_average"].base
    assert list(second.used) == []


def test_the_digest_follows_the_overrides() -> None:
    assert Assumptions.load().digest == Assumptions.load().digest
    assert Assumptions.load({"usage.peak_to_average": 3}).digest != Assumptions.load().digest


def test_a_stated_amount_carries_who_stated_it_and_when() -> None:
    stated = Assumptions.load().resolve(
        60_000.0, name="people.founder", unit="USD/year", stated_in="scenario niche", as_of="2026-11-21"
    )
    assert (stated.value, stated.unit, stated.grade, stated.source_date) == (60_000.0, "USD/year", "low", "2026-11-21")
    assert stated.source == "stated in scenario niche without a source"


def test_an_amount_given_by_key_is_the_assumption_itself() -> None:
    assumptions = Assumptions.load()
    by_key = assumptions.resolve("staff.swe_salary_US", name="", unit="", stated_in="", as_of="")
    assert by_key == assumptions.entry("staff.swe_salary_US")


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_share_allows_exactly_the_numbers_from_0_to_1(value: float) -> None:
    entry = Assumptions.load().entries["staff.human_review_share_uploads"]
    assert entry.allows(value) == (math.isfinite(value) and 0 <= value <= 1)


def test_the_delivered_rate_is_the_one_that_phones_measure() -> None:
    # Published: 840 MB per hour with the app's default setting, prefetched bytes included.
    delivered_mbps = 840 * 8 / 3600
    assumptions = Assumptions.load()
    played_kbps = sum(
        assumptions[f"usage.playback_share_{rung}"] * assumptions[f"eng.bitrate_kbps_{rung}p_avc"]
        for rung in (480, 720, 1080)
    )
    # 0.65 x 1000 + 0.25 x 1670 + 0.10 x 2400 = 650 + 417.5 + 240 = 1307.5 kbps
    assert played_kbps == pytest.approx(1307.5)
    assert played_kbps / 1000 / (1 - assumptions["usage.prefetch_waste_share"]) == pytest.approx(
        delivered_mbps, rel=0.01
    )
