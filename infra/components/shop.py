"""Orders of the shop: a table, and the queue on which the webhooks of payment and shipping providers wait."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.events import Events
from infra.components.queue_function import QueueFunction, QueueFunctionArgs
from infra.naming import Naming

CONCURRENCY = 5
"""Batches at a time: a provider that sends a day's webhooks at once must not use up the account's Lambda."""

INDEXES = {"by-buyer": ("buyer_id", "changed_at"), "by-seller": ("seller_id", "changed_at")}


@dataclass(frozen=True)
class ShopArgs:
    """One shop."""

    events: Events
    log_retention_days: int
    protect: bool


class Shop(pulumi.ComponentResource):
    """Orders and the worker that keeps them; changes are announced on the bus."""

    orders: aws.dynamodb.Table
    webhooks: QueueFunction

    def __init__(self, name: str, naming: Naming, args: ShopArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("reelplan:shop:Shop", name, None, opts)
        keys = sorted({"pk", "sk", *(key for keys in INDEXES.values() for key in keys)})
        self.orders = aws.dynamodb.Table(
            "orders",
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
            tags=naming.tags("shop", role="orders"),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.webhooks = QueueFunction(
            "order",
            naming,
            QueueFunctionArgs(
                description="Keeps orders as payment and shipping providers tell of them",
                modules=("order",),
                environment={
                    "TABLE_NAME": self.orders.name,
                    "BUS_NAME": args.events.bus.name,
                    "EVENT_SOURCE": naming.source("shop"),
                },
                statements=[
                    iam.allow(["dynamodb:GetItem", "dynamodb:UpdateItem"], self.orders.arn),
                    iam.allow(["events:PutEvents"], args.events.bus.arn),
                ],
                log_retention_days=args.log_retention_days,
                concurrency=CONCURRENCY,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"orders": self.orders.name, "webhooks": self.webhooks.queue.url})
