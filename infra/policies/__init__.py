"""Security and operation rules over an inventory: plain functions, run by ``infra validate`` and by the policy pack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from infra.policies.judgement import Judgement, judge
from infra.policies.rules import RULES
from infra.policies.stack import Stack
from infra.policies.waivers import load_waivers


def hold_against_policies(inventory: Mapping[str, Any], *, profile: str, today: dt.date) -> Judgement:
    """Judgement of all rules, with the waivers of this repository, over a stack.

    Args:
        inventory: as ``infra.inventory.inventory`` makes it.
        profile: profile of the stack.
        today: day for which waivers must not have run out.

    Raises:
        PolicyError: the file of waivers is faulty.
    """
    waivers = load_waivers({rule.id for rule in RULES})
    return judge(Stack.from_inventory(inventory), RULES, waivers, profile=profile, today=today)
