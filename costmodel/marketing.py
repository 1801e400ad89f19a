"""Marketing: what is spent on winning users; installs that growth says are bought, at the price of the geography."""

from __future__ import annotations

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.scenario import Scenario
from costmodel.sections.growth import AdvertisingBudget, BoughtInstalls
from costmodel.tables import Charge, Users


def charges(scenario: Scenario, users: Users, assumptions: Assumptions) -> list[Charge]:
    """One charge per geography that advertises, in installs; none without advertising.

    Args:
        scenario: who advertises where, and at what price.
        users: the installs that are bought.
        assumptions: the price of an install where the scenario names a key.
    """
    return [
        _charge(name, geography.growth.advertising, scenario, users, assumptions)
        for name, geography in scenario.geographies.items()
        if geography.growth.advertising is not None
    ]


def _charge(
    geography: str,
    advertising: BoughtInstalls | AdvertisingBudget,
    scenario: Scenario,
    users: Users,
    assumptions: Assumptions,
) -> Charge:
    path = ("geographies", geography, "growth", "advertising", "usd_per_install")
    price = scenario.amount(advertising.usd_per_install, path, assumptions)
    return Charge(
        category="Marketing",
        service_name="Advertising for installs",
        sku_id="marketing.installs",
        description=f"installs bought, {geography.replace('_', ' ')}",
        region_id=geography,
        resource_urn="",
        quantity=users.monthly_bought_installs[..., users.geographies.index(geography), :],
        unit="install",
        unit_price=np.asarray(price.value),
        driver=_driver(advertising),
        price_source=f"{price.key}: {price.source}",
        price_date=price.source_date,
        price_grade=price.grade,
        usage_based=isinstance(advertising, BoughtInstalls),
    )


def _driver(advertising: BoughtInstalls | AdvertisingBudget) -> str:
    if isinstance(advertising, AdvertisingBudget):
        return "budget of the month / price of an install"
    return "installs that the users take, as cohorts shrink, x share that is bought"
