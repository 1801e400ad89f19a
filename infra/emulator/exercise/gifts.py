"""A viewer sends a gift in a live stream: paid once, credited once, however often it is delivered."""

from __future__ import annotations

from infra.emulator.exercise.causes import require_invocation, require_none, require_permissions
from infra.emulator.exercise.journey import Stopped
from infra.emulator.exercise.travel import BUS_OUTPUT, Travel

COINS = 1000
PRICE = 99
"""Of the gift [coin]: not a number that divides without rest."""
TOO_FEW = 1
"""Coins of somebody who gives it all the same."""
RATE = "DIAMONDS_PER_100_COINS"


def give(travel: Travel) -> str:
    """A gift is booked once when it is delivered twice and sent twice, and not at all with too few coins."""
    table, rate = travel.table("gifts"), exchange_rate(travel)
    giver, poor, creator = (f"{travel.run}-{who}" for who in ("giver", "poor", "creator"))
    for who, coins in {giver: COINS, poor: TOO_FEW}.items():
        balance = {"pk": {"S": f"USER#{who}"}, "sk": {"S": "BALANCE"}, "coins": {"N": str(coins)}}
        travel.client("dynamodb").put_item(TableName=table, Item=balance)
    gift = {"giftId": f"{travel.run}-gift", "creatorId": creator, "streamId": travel.run, "coins": PRICE}
    event = travel.put_event("live", "Gift Sent", senderId=giver, **gift)
    require_permissions(travel, require_invocation(travel, event))
    travel.delivery.redeliver(event, travel.session.recording.outputs[BUS_OUTPUT])
    travel.delivery.drain()
    travel.put_event("live", "Gift Sent", senderId=giver, **gift)
    travel.put_event("live", "Gift Sent", senderId=poor, **{**gift, "giftId": f"{travel.run}-unpaid"})
    credit = PRICE * rate // 100
    wanted = {giver: ("coins", COINS - PRICE), creator: ("diamonds", credit), poor: ("coins", TOO_FEW)}
    found = {who: int(travel.item(table, f"USER#{who}", "BALANCE").get(of, 0)) for who, (of, _) in wanted.items()}
    require_none(
        f"{who} has {found[who]} {of}, expected {amount}"
        for who, (of, amount) in wanted.items()
        if found[who] != amount
    )
    if travel.item(table, f"GIFT#{travel.run}-unpaid", "ENTRY"):
        raise Stopped("a gift that nobody could pay for is in the ledger")
    return (
        f"{PRICE} of {COINS} coins paid, {credit} diamonds credited, once for three deliveries; none with too few coins"
    )


def exchange_rate(travel: Travel) -> int:
    """Diamonds for 100 coins, as the deployed function has it."""
    found = [one.environment[RATE] for one in travel.functions() if RATE in one.environment]
    if not found:
        raise Stopped(f"no function of the stack has {RATE} in its environment: nobody books gifts")
    return int(found[0])
