"""Revenue: what advertisers, viewers, sellers and brands pay, stream by stream.

Amounts are gross: what creators get of them is a payout, what stores and cards keep is a fee. Where the platform is an
agent (shop, marketplace) its fee alone is revenue, and the money between buyer and seller passes it by. Value added
tax on consumer prices is not modelled.
"""

from __future__ import annotations

from costmodel.assumptions import Assumptions
from costmodel.revenue import ads, gifts, marketplace, shop, subscriptions
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Balance, Charge, Sale


def charges(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    """What customers pay, one charge for each stream and geography; none for a stream that is off."""
    return [
        *ads.charges(scenario, activity, assumptions),
        *gifts.charges(scenario, activity, assumptions),
        *shop.charges(scenario, activity, assumptions),
        *marketplace.charges(scenario, activity, assumptions),
        *subscriptions.charges(scenario, activity, assumptions),
    ]


def sales(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Sale]:
    """What of it consumers pay in the app or on the web, where a till keeps a fee."""
    return [
        *gifts.sales(scenario, activity, assumptions),
        *subscriptions.sales(scenario, activity, assumptions),
    ]


def balances(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Balance]:
    """Coins that are paid for and not given yet, and invoices that advertisers have not paid yet."""
    return [
        *gifts.balances(scenario, activity, assumptions),
        *ads.balances(scenario, activity, assumptions),
    ]
