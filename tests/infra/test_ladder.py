"""The ladder as data."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from infra.ladder import RUNGS, Rung, ladder_document


def test_the_document_lists_rungs_from_small_to_large_whatever_the_order_of_the_setting() -> None:
    document = ladder_document(("1080p", "480p"), mp4="480p", segment_seconds=2)
    assert [rung["name"] for rung in document["renditions"]] == ["480p", "1080p"]  # type: ignore[attr-defined]
    assert json.loads(json.dumps(document)) == document


@pytest.mark.parametrize("rung", RUNGS.values(), ids=lambda rung: rung.name)
def test_a_rung_is_upright_with_even_sides_and_quality_in_thirds(rung: Rung) -> None:
    assert rung.short_edge == rung.width < rung.height
    assert rung.width % 2 == rung.height % 2 == 0
    # 9:16 to within the rounding to even pixels
    assert abs(Fraction(rung.height, rung.width) - Fraction(16, 9)) < Fraction(1, 100)
    assert Fraction(rung.quality_level).limit_denominator(3) == Fraction(rung.quality_level)


def test_larger_rungs_may_use_more_bits() -> None:
    rungs = sorted(RUNGS.values(), key=lambda rung: rung.short_edge)
    assert [rung.max_kbps for rung in rungs] == sorted({rung.max_kbps for rung in rungs})
