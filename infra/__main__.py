"""What ``pulumi up`` runs: settings in, platform built, outputs exported."""

from __future__ import annotations

import pulumi

from infra.program import build
from infra.settings import load_settings

for name, value in build(load_settings(pulumi.Config())).items():
    pulumi.export(name, value)
