"""A provider's webhook waits in the queue, the deployed worker keeps the order, and the bus hears of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.emulator import queue_polling
from infra.emulator.delivery import Delivery
from infra.emulator.function_runner import FunctionRunner
from infra.emulator.pipeline import dead_letters_of_functions, endpoint
from infra.emulator.queue_polling import Batch
from infra.emulator.session import Session
from infra.functions import order
from infra.stackfile import load_stack

MakeProject = Callable[..., Path]

PROGRAM = """
from infra.components.events import Events, EventsArgs
from infra.components.shop import Shop, ShopArgs
from infra.naming import Naming

naming = Naming(pulumi.get_project(), pulumi.get_stack())
events = Events("events", naming, EventsArgs(archive_days=7))
shop = Shop("shop", naming, ShopArgs(
    events=events, providers=("payment",), requests_per_second=5, log_retention_days=7, protect=False))
pulumi.export("orders", shop.orders.name)
pulumi.export("webhooks", shop.webhooks.queue.url)
pulumi.export("deadLetters", shop.webhooks.dead_letters.url)
"""


@dataclass
class Shop:
    """The stack, and what works its queue off."""

    session: Session
    runner: FunctionRunner
    delivery: Delivery

    def output(self, name: str) -> str:
        return str(self.session.recording.outputs[name])

    def send(self, body: Any) -> None:
        self.session.client("sqs").send_message(QueueUrl=self.output("webhooks"), MessageBody=json.dumps(body))

    def work(self) -> list[Batch]:
        """Batches until nothing is left."""
        done: list[Batch] = []
        while batches := list(queue_polling.poll(self.session.client, self.runner, self.delivery.function)):
            done += batches
            if any(batch.obstacle for batch in batches):
                break
        return done

    def waiting(self, queue: str) -> int:
        asked = {"QueueUrl": self.output(queue), "AttributeNames": ["ApproximateNumberOfMessages"]}
        return int(
            self.session.client("sqs").get_queue_attributes(**asked)["Attributes"]["ApproximateNumberOfMessages"]
        )

    def state(self) -> str:
        key = {name: {"S": value} for name, value in order.key("o1").items()}
        item = self.session.client("dynamodb").get_item(TableName=self.output("orders"), Key=key)["Item"]
        return str(item["order_state"]["S"])


@pytest.fixture
def shop(make_project: MakeProject) -> Iterator[Shop]:
    with (
        Session(load_stack(make_project(PROGRAM), "dev")) as session,
        endpoint(session) as url,
        FunctionRunner(url) as runner,
    ):
        session.provision()
        with Delivery(session.client, runner, dead_letters_of_functions(session)) as delivery:
            yield Shop(session, runner, delivery)


def webhook(**order_: Any) -> dict[str, Any]:
    about = {"id": "o1", "state": "paid", "buyerId": "ann", "sellerId": "bob", "totalCents": 1999, "currency": "EUR"}
    return {"id": "w1", "occurredAt": "2026-11-21T09:00:00Z", "order": about | order_}


def test_a_webhook_becomes_an_order_and_nothing_is_left(shop: Shop) -> None:
    shop.send(webhook())
    # moto alone would have thrown the message away without running the function.
    assert shop.waiting("webhooks") == 1
    (batch,) = shop.work()
    assert (batch.messages, batch.failed) == (1, ())
    assert shop.state() == "paid"
    assert (shop.waiting("webhooks"), shop.waiting("deadLetters")) == (0, 0)
    assert batch.outcome is not None
    assert [call.operation for call in batch.outcome.calls] == ["UpdateItem", "PutEvents", "UpdateItem"]


def test_what_cannot_be_read_becomes_a_dead_letter_after_five_attempts_and_blocks_nothing(shop: Shop) -> None:
    shop.send(webhook(state="lost"))
    shop.send(webhook())
    batches = shop.work()
    assert sum(len(batch.failed) for batch in batches) == 5
    assert shop.state() == "paid"
    assert (shop.waiting("webhooks"), shop.waiting("deadLetters")) == (0, 1)


def test_without_the_permission_to_receive_nothing_is_worked_on(shop: Shop) -> None:
    iam = shop.session.client("iam")
    (role,) = [one["RoleName"] for one in iam.list_roles()["Roles"] if one["RoleName"].startswith("order")]
    (policy,) = [one for one in iam.list_role_policies(RoleName=role)["PolicyNames"] if "receive" in one]
    iam.delete_role_policy(RoleName=role, PolicyName=policy)
    shop.send(webhook())
    (batch,) = shop.work()
    assert "does not allow sqs:ReceiveMessage" in batch.obstacle
    assert shop.waiting("webhooks") == 1
