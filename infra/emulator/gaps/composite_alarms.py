"""Composite alarms, which moto keeps and describes but has no operation to put."""

from __future__ import annotations

from moto.cloudwatch.responses import CloudWatchResponse

from infra.emulator.gaps import operations


def install() -> None:
    """Add the operation; moto's own for metric alarms reads the rule of a composite one, too."""
    operations.install(CloudWatchResponse, {"PutCompositeAlarm": CloudWatchResponse.put_metric_alarm})
