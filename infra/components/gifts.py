"""Gifts in live streams: a ledger in DynamoDB, and the function that books a gift exactly once."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.event_function import EventFunction, EventFunctionArgs
from infra.components.events import Events
from infra.naming import Naming

GIFT_SENT = "Gift Sent"

INDEXES = {"by-creator": ("creator_id", "given_at"), "by-sender": ("sender_id", "given_at")}
"""Index -> its keys: what a creator was given, for payouts; what a user gave, for refunds and for the tax office."""


@dataclass(frozen=True)
class GiftsArgs:
    """One ledger."""

    events: Events
    diamonds_per_100_coins: int
    """What the creator is credited for 100 coins [diamond]."""
    log_retention_days: int
    protect: bool


class Gifts(pulumi.ComponentResource):
    """Ledger and booking function. Money is only ever written by this function."""

    ledger: aws.dynamodb.Table
    book: EventFunction

    def __init__(self, name: str, naming: Naming, args: GiftsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("reelplan:live:Gifts", name, None, opts)
        keys = sorted({"pk", "sk", *(key for keys in INDEXES.values() for key in keys)})
        self.ledger = aws.dynamodb.Table(
            "gifts",
            billing_mode="PAY_PER_REQUEST",
            hash_key="pk",
            range_key="sk",
            attributes=[{"name": key, "type": "S"} for key in keys],
            global_secondary_indexes=[
                {"name": index, "hash_key": hash_key, "range_key": range_key, "projection_type": "ALL"}
                for index, (hash_key, range_key) in INDEXES.items()
            ],
            point_in_time_recovery={"enabled": True},
            deletion_protection_enabled=args.protect,
            tags=naming.tags("gifts", role="gifts"),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.book = EventFunction(
            "gift",
            naming,
            EventFunctionArgs(
                description="Books a gift: coins, diamonds and ledger in one transaction",
                modules=("gift",),
                bus_name=args.events.bus.name,
                event_pattern={"source": [f"{naming.project}.live"], "detail-type": [GIFT_SENT]},
                environment={
                    "TABLE_NAME": self.ledger.name,
                    "DIAMONDS_PER_100_COINS": str(args.diamonds_per_100_coins),
                },
                statements=[iam.allow(["dynamodb:PutItem", "dynamodb:UpdateItem"], self.ledger.arn)],
                log_retention_days=args.log_retention_days,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"ledger": self.ledger.name})
