"""Drama: a portfolio of short series, most of which fail, and what viewers pay for the few that do not.

Each release is started by a part of the viewers over its life, many if it is a hit and few if not; most of them in its
first weeks. Some of those who start pay: by the episode, for weeks of a subscription or, if it comes, for a pass. The
base case takes the expected value over hits and others; a simulation draws them. Money is counted as customers pay
it, less refunds; what stores and cards keep is a fee beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.drama.income import revenue
from costmodel.drama.line import ADVERTISING
from costmodel.drama.production import production, promotion
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Charge, Sale


def charges(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> list[Charge]:
    """What dramas bring in, by geography and way to pay, and what they cost; nothing without dramas."""
    if scenario.drama is None:
        return []
    earned = revenue(scenario, scenario.drama, activity, assumptions)
    return [
        *earned,
        *production(scenario, scenario.drama, assumptions),
        promotion(scenario, scenario.drama, earned, assumptions),
    ]


def sales(earned: Sequence[Charge], assumptions: Assumptions) -> list[Sale]:
    """What viewers pay in the app and on the web, where a till keeps a fee; none without dramas.

    Args:
        earned: charges of this stage; those of advertising and of costs are passed over.
        assumptions: share bought on the web, size of a purchase.
    """
    bought = [charge.cost for charge in earned if charge.category == "Drama" and charge.sku_id != ADVERTISING]
    if not bought:
        return []
    usd, on_web = sum(bought[1:], bought[0]), assumptions["iap.web_purchase_share"]
    purchases = usd / assumptions["drama.usd_per_purchase"]
    nothing = np.zeros_like(usd)
    return [
        Sale("dramas", "store", usd * (1 - on_web), purchases * (1 - on_web), nothing),
        Sale("dramas", "web", usd * on_web, purchases * on_web, nothing),
    ]


def fee_share(assumptions: Assumptions) -> float:
    """What tills keep of what viewers pay, at the full rate of the stores [share]; the fees stage counts it exactly."""
    on_web = assumptions["iap.web_purchase_share"]
    return (1 - on_web) * assumptions["iap.store_fee"] + on_web * assumptions["pay.card_fee_pct"]
