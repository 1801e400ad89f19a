"""A gift is booked exactly once, all of it or nothing: by the deployed function, on moto, with its role judged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.emulator.delivery import Delivery, Entry
from infra.emulator.function_runner import FunctionRunner
from infra.emulator.naming import ACCOUNT_ID
from infra.emulator.pipeline import dead_letters_of_functions, endpoint
from infra.emulator.required_permissions import Place
from infra.emulator.role_audit import RoleAudit
from infra.emulator.session import Session
from infra.functions import gift
from infra.stackfile import load_stack

MakeProject = Callable[..., Path]

REGION = "eu-central-1"
BUS = "tiny-dev"
RULE = "tiny-dev-gift"
PROGRAM = """
from infra.components.events import Events, EventsArgs
from infra.components.gifts import Gifts, GiftsArgs
from infra.naming import Naming

naming = Naming(pulumi.get_project(), pulumi.get_stack())
events = Events("events", naming, EventsArgs(archive_days=7))
gifts = Gifts("gifts", naming, GiftsArgs(events=events, diamonds_per_100_coins=50, log_retention_days=7, protect=False))
pulumi.export("ledger", gifts.ledger.name)
"""


@dataclass
class Shop:
    """A stack with a ledger, and the delivery that its events take."""

    session: Session
    delivery: Delivery

    def fund(self, user: str, coins: int) -> None:
        self.session.client("dynamodb").put_item(
            TableName=self.table, Item={**gift.balance_key(user), "coins": {"N": str(coins)}}
        )

    def send(self, **detail: Any) -> list[Entry]:
        """Puts a gift on the bus, and serves it; what the journal says of it, the archive apart."""
        mark = len(self.delivery.journal)
        self.session.client("events").put_events(
            Entries=[
                {
                    "EventBusName": BUS,
                    "Source": "tiny.live",
                    "DetailType": "Gift Sent",
                    "Detail": json.dumps(detail),
                }
            ]
        )
        self.delivery.drain()
        return [entry for entry in self.delivery.journal[mark:] if entry.rule.name == RULE]

    @property
    def table(self) -> str:
        return str(self.session.recording.outputs["ledger"])

    def balance(self, user: str, of: str) -> int:
        item = (
            self.session.client("dynamodb").get_item(TableName=self.table, Key=gift.balance_key(user)).get("Item", {})
        )
        return int(item.get(of, {"N": "0"})["N"])

    def entries(self) -> list[str]:
        items = self.session.client("dynamodb").scan(TableName=self.table)["Items"]
        return sorted(item["pk"]["S"] for item in items if item["sk"]["S"] == "ENTRY")


@pytest.fixture
def shop(make_project: MakeProject) -> Iterator[Shop]:
    with (
        Session(load_stack(make_project(PROGRAM), "dev")) as session,
        endpoint(session) as url,
        FunctionRunner(url) as runner,
    ):
        session.provision()
        with Delivery(session.client, runner, dead_letters_of_functions(session)) as delivery:
            yield Shop(session, delivery)


def rose(**changed: Any) -> dict[str, Any]:
    return {"giftId": "g1", "senderId": "ann", "creatorId": "bob", "streamId": "s1", "coins": 99} | changed


def state(journal: list[Entry]) -> Any:
    (done,) = [entry.outcome for entry in journal if entry.what == "invoked"]
    assert done is not None
    return done.result["state"]


def test_a_gift_delivered_twice_is_credited_once(shop: Shop) -> None:
    shop.fund("ann", 1000)
    assert state(shop.send(**rose())) == "credited"
    mark = len(shop.delivery.journal)
    shop.delivery.redeliver(shop.delivery.seen[-1], BUS)
    shop.delivery.drain()
    assert state(shop.delivery.journal[mark:]) == "duplicate"
    # 1000 - 99 coins; 99 * 50 / 100 = 49.5, rounded down.
    assert shop.balance("ann", "coins") == 901
    assert shop.balance("bob", "diamonds") == 49
    assert shop.entries() == ["GIFT#g1"]


def test_the_same_gift_sent_as_two_events_is_credited_once(shop: Shop) -> None:
    shop.fund("ann", 1000)
    shop.send(**rose())
    assert state(shop.send(**rose())) == "duplicate"
    assert (shop.balance("ann", "coins"), shop.balance("bob", "diamonds")) == (901, 49)


def test_too_few_coins_change_nothing(shop: Shop) -> None:
    shop.fund("ann", 98)
    assert state(shop.send(**rose())) == "insufficient"
    assert (shop.balance("ann", "coins"), shop.balance("bob", "diamonds"), shop.entries()) == (98, 0, [])
    shop.fund("ann", 99)
    # What was refused has left no trace: the same gift can be paid for later.
    assert state(shop.send(**rose())) == "credited"
    assert shop.balance("ann", "coins") == 0


def test_who_never_had_coins_cannot_give(shop: Shop) -> None:
    assert state(shop.send(**rose(senderId="nobody"))) == "insufficient"
    assert shop.entries() == []


@pytest.mark.parametrize(
    "changed", [{"coins": -5}, {"coins": 1.5}, {"coins": True}, {"creatorId": "ann"}, {"giftId": ""}]
)
def test_what_is_no_gift_ends_in_the_dead_letters(shop: Shop, changed: Mapping[str, Any]) -> None:
    shop.fund("ann", 1000)
    journal = shop.send(**rose(**changed))
    assert [entry.what for entry in journal] == ["matched", "failed", "failed", "failed", "dead-lettered"]
    assert (shop.balance("ann", "coins"), shop.entries()) == (1000, [])


def test_the_role_allows_what_booking_needs_and_no_more(shop: Shop) -> None:
    shop.fund("ann", 1000)
    (done,) = [entry.outcome for entry in shop.send(**rose()) if entry.what == "invoked"]
    assert done is not None
    (name,) = [one["FunctionName"] for one in shop.session.client("lambda").list_functions()["Functions"]]
    function = shop.delivery.function(f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{name}")
    assert function is not None
    audit = RoleAudit(shop.session.client("iam"), Place(region=REGION, account=ACCOUNT_ID))
    assert audit.function(function, done.calls) == []
    assert audit.unused() == []
