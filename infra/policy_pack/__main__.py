"""Policy pack for the Pulumi CLI: ``pulumi preview --policy-pack infra/policy_pack``."""

from __future__ import annotations

import datetime as dt
import os

from pulumi_policy import PolicyPack

from infra.policies.pack import PROFILE_VARIABLE, stack_policies
from infra.policies.rules import RULES
from infra.policies.waivers import load_waivers

PolicyPack(
    name="reelplan",
    policies=[
        *stack_policies(
            RULES,
            load_waivers({rule.id for rule in RULES}),
            profile=os.environ.get(PROFILE_VARIABLE, "prod"),
            today=dt.datetime.now(dt.UTC).date(),
        )
    ],
)
