"""The how-to's own code: its meter is registered, its tests are run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from costmodel.metering import METERS, USAGE_KEYS
from costmodel.metering.usage_keys import UsageKey

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "price-a-resource.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def added(name: str) -> Any:
    """What the page's diff adds to a register: the lines with a plus below its name."""
    (diff,) = blocks("diff")
    entries = next(part for part in diff.split("\n\n") if part.strip().startswith(name))
    return "\n".join(line[1:] for line in entries.splitlines() if line.startswith("+"))


@pytest.fixture
def tests(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], None]]:
    """The test functions of the page, with its meter in the registers."""
    meter, own_tests = blocks("python")
    page: dict[str, Any] = {}
    exec(compile(meter, "the meter", "exec", dont_inherit=True), page)

    class route53:
        zone = staticmethod(page["zone"])

    for name, register in (("METERS", METERS), ("USAGE_KEYS", USAGE_KEYS)):
        entries = eval(f"{{{added(name)}}}", {"route53": route53, "UsageKey": UsageKey})
        for kind, value in entries.items():
            assert kind not in register, "already metered: the page needs another example"
            monkeypatch.setitem(register, kind, value)
    exec(compile(own_tests, "the tests", "exec", dont_inherit=True), page)
    return {name: function for name, function in page.items() if name.startswith("test_")}


def test_the_page_works(tests: dict[str, Callable[[], None]]) -> None:
    assert len(tests) == 3
    for test in tests.values():
        test()


def test_the_page_notices_when_its_arithmetic_is_wrong(
    tests: dict[str, Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(METERS, "aws:route53/zone:Zone")
    with pytest.raises(AssertionError):
        tests["test_zones_across_the_tier_edge"]()
