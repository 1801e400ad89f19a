"""The platform's own event bus: what its parts tell one another, kept for replay."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.naming import Naming


@dataclass(frozen=True)
class EventsArgs:
    """One bus."""

    archive_days: int
    """Age at which archived events are deleted [day]."""


class Events(pulumi.ComponentResource):
    """Bus and archive. Who wants events adds a rule, with a dead-letter queue at its target (``EventFunction``).

    Events of AWS services (S3, MediaConvert, IVS) stay on the account's default bus: AWS puts them nowhere else.
    """

    bus: aws.cloudwatch.EventBus

    def __init__(self, name: str, naming: Naming, args: EventsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("reelplan:events:Events", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.bus = aws.cloudwatch.EventBus(
            "events",
            name=naming.workflow,
            description="What the parts of the platform tell one another",
            tags=naming.tags("events"),
            opts=child,
        )
        aws.cloudwatch.EventArchive(
            "events",
            name=naming.physical("events"),
            description="Everything on the bus, to be replayed after a fault in a consumer",
            event_source_arn=self.bus.arn,
            retention_days=args.archive_days,
            opts=child,
        )
        self.register_outputs({"bus": self.bus.name})
