"""What moto 5.2 lacks of the services that a stack uses, added to moto's own services."""

from __future__ import annotations

from infra.emulator.gaps.backup_selections import install as _install_backup_selections
from infra.emulator.gaps.cloudfront import install as _install_cloudfront
from infra.emulator.gaps.composite_alarms import install as _install_composite_alarms
from infra.emulator.gaps.comprehend import install as _install_comprehend
from infra.emulator.gaps.cost_explorer import install as _install_cost_explorer
from infra.emulator.gaps.event_source_mappings import install as _install_event_source_mappings
from infra.emulator.gaps.ivs import install as _install_ivs
from infra.emulator.gaps.ivschat import install as _install_ivschat
from infra.emulator.gaps.origin_groups import install as _install_origin_groups
from infra.emulator.gaps.rekognition import install as _install_rekognition
from infra.emulator.gaps.s3_policies import install as _install_s3_policies
from infra.emulator.gaps.s3_replication import install as _install_s3_replication
from infra.emulator.gaps.transcribe import install as _install_transcribe


def install() -> None:
    """Add every missing operation, before moto starts; doing it again changes nothing."""
    _install_backup_selections()
    _install_cloudfront()
    _install_composite_alarms()
    _install_comprehend()
    _install_cost_explorer()
    _install_event_source_mappings()
    _install_ivs()
    _install_ivschat()
    _install_origin_groups()
    _install_rekognition()
    _install_s3_policies()
    _install_s3_replication()
    _install_transcribe()
