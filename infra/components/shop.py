"""Orders of the shop: the door at which providers' webhooks arrive, the queue on which they wait, and the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam
from infra.components.events import Events
from infra.components.http_api import HttpApi, HttpApiArgs, HttpFunction, HttpFunctionArgs
from infra.components.queue_function import QueueFunction, QueueFunctionArgs
from infra.naming import Naming

CONCURRENCY = 5
"""Batches at a time: a provider that sends a day's webhooks at once must not use up the account's Lambda."""
WEBHOOK_ROUTE = "POST /webhooks/{provider}"
BURST_SECONDS = 2
"""Requests that may come at once are those of so many seconds."""
EXPIRES_AT = "expires_at"
"""Attribute with the time at which DynamoDB deletes a note of a webhook [Unix second]; orders have none and stay."""

INDEXES = {"by-buyer": ("buyer_id", "changed_at"), "by-seller": ("seller_id", "changed_at")}


@dataclass(frozen=True)
class ShopArgs:
    """One shop."""

    events: Events
    providers: Sequence[str]
    """Payment and shipping providers that send webhooks; each signs with a secret of its own."""
    requests_per_second: int
    """Webhooks of all providers together; more are refused and come again [request per second]."""
    log_retention_days: int
    protect: bool


class Shop(pulumi.ComponentResource):
    """Door, queue, worker and ledger; changes of orders are announced on the bus.

    The door is an API of its own: providers do not sign in, and their number must not be limited together with users'.
    """

    orders: aws.dynamodb.Table
    webhooks: QueueFunction
    door: HttpApi
    secrets: dict[str, aws.secretsmanager.Secret]
    """Provider -> its secret, which a person writes: a secret in Pulumi's hands would be in its state, too."""

    def __init__(self, name: str, naming: Naming, args: ShopArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("reelplan:shop:Shop", name, None, opts)
        self._naming = naming
        self._child = pulumi.ResourceOptions(parent=self)
        self.orders = self._orders(args)
        self.webhooks = self._worker(args)
        self.secrets = {
            provider: aws.secretsmanager.Secret(
                f"webhook-{provider}",
                name=naming.physical(f"webhook-{provider}"),
                description=f"Signs the webhooks of {provider}, as whsec_ and Base64",
                tags=naming.tags("shop"),
                opts=self._child,
            )
            for provider in args.providers
        }
        self.door = self._door(args)
        self.register_outputs({"orders": self.orders.name, "webhooks": self.door.api.api_endpoint})

    def _orders(self, args: ShopArgs) -> aws.dynamodb.Table:
        keys = sorted({"pk", "sk", *(key for keys in INDEXES.values() for key in keys)})
        return aws.dynamodb.Table(
            "orders",
            billing_mode="PAY_PER_REQUEST",
            hash_key="pk",
            range_key="sk",
            attributes=[{"name": key, "type": "S"} for key in keys],
            global_secondary_indexes=[
                {"name": index, "hash_key": hash_key, "range_key": range_key, "projection_type": "ALL"}
                for index, (hash_key, range_key) in INDEXES.items()
            ],
            ttl={"attribute_name": EXPIRES_AT, "enabled": True},
            point_in_time_recovery={"enabled": True},
            deletion_protection_enabled=args.protect,
            tags=self._naming.tags("shop", role="orders"),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )

    def _worker(self, args: ShopArgs) -> QueueFunction:
        return QueueFunction(
            "order",
            self._naming,
            QueueFunctionArgs(
                description="Keeps orders as payment and shipping providers tell of them",
                modules=("order",),
                environment={
                    "TABLE_NAME": self.orders.name,
                    "BUS_NAME": args.events.bus.name,
                    "EVENT_SOURCE": self._naming.source("shop"),
                },
                statements=[
                    iam.allow(["dynamodb:GetItem", "dynamodb:UpdateItem"], self.orders.arn),
                    iam.allow(["events:PutEvents"], args.events.bus.arn),
                ],
                log_retention_days=args.log_retention_days,
                concurrency=CONCURRENCY,
            ),
            self._child,
        )

    def _door(self, args: ShopArgs) -> HttpApi:
        door = HttpApi(
            "webhooks",
            self._naming,
            HttpApiArgs(
                description="Webhooks of payment and shipping providers",
                allowed_origins=(),
                requests_per_second=args.requests_per_second,
                burst=args.requests_per_second * BURST_SECONDS,
                log_retention_days=args.log_retention_days,
            ),
            self._child,
        )
        HttpFunction(
            "webhook",
            self._naming,
            HttpFunctionArgs(
                description="Lets in webhooks that a provider has signed",
                modules=("webhook",),
                environment={
                    "TABLE_NAME": self.orders.name,
                    "QUEUE_URL": self.webhooks.queue.url,
                    "SECRETS": pulumi.Output.json_dumps(
                        {provider: secret.arn for provider, secret in self.secrets.items()}, sort_keys=True
                    ),
                },
                statements=[
                    iam.allow(["secretsmanager:GetSecretValue"], [one.arn for one in self.secrets.values()]),
                    iam.allow(["dynamodb:GetItem", "dynamodb:PutItem"], self.orders.arn),
                    iam.allow(["sqs:SendMessage"], self.webhooks.queue.arn),
                ],
                log_retention_days=args.log_retention_days,
                api=door,
                routes=(WEBHOOK_ROUTE,),
            ),
            self._child,
        )
        return door
