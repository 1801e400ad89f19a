"""Every waiver is needed: some stack of this repository, of each profile that it names, would fail without it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from infra.emulator.plan_provider import PlanProvider
from infra.emulator.recorder import record
from infra.inventory import inventory
from infra.policies import hold_against_policies
from infra.policies.rules import RULES
from infra.policies.waivers import Waiver, load_waivers
from infra.profiles import PROFILES
from infra.stackfile import load_stack

ROOT = Path(__file__).parents[2]
BEFORE_ALL_RUN_OUT = dt.date(2026, 11, 21)


@pytest.fixture(scope="module")
def used() -> set[tuple[str, Waiver]]:
    """Profile and waiver, where a stack of that profile is excused by it."""
    found = set()
    for path in ROOT.glob("Pulumi.*.yaml"):
        stackfile = load_stack(ROOT, path.stem.removeprefix("Pulumi."))
        profile = stackfile.profile or "prod"
        document = inventory(record(stackfile, PlanProvider()))
        judgement = hold_against_policies(document, profile=profile, today=BEFORE_ALL_RUN_OUT)
        waived = [finding.waiver for control in judgement.controls for finding in control.waived]
        found |= {(profile, waiver) for waiver in waived if waiver}
    return found


def test_there_are_stacks_of_every_profile(used: set[tuple[str, Waiver]]) -> None:
    assert {load_stack(ROOT, path.stem.removeprefix("Pulumi.")).profile for path in ROOT.glob("Pulumi.*.yaml")} == set(
        PROFILES
    )


def test_every_waiver_excuses_somebody(used: set[tuple[str, Waiver]]) -> None:
    waivers = load_waivers({rule.id for rule in RULES})
    needless = [
        f"{waiver.rule} {waiver.resource} in {profile}"
        for waiver in waivers
        for profile in waiver.profiles
        if (profile, waiver) not in used
    ]
    assert needless == []
