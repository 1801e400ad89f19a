"""What ``pulumi up`` runs: settings in, platform built, outputs exported."""

from __future__ import annotations

import pulumi

from infra.program import build
from infra.settings import config_values, load_settings

settings = load_settings(config_values(pulumi.get_project()), pulumi.Config("aws").get("region"))
for name, value in build(settings).items():
    pulumi.export(name, value)
