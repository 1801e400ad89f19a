"""Compliance: what the law asks for, in stages that follow from the number of users.

Baseline: a privacy programme and the requests of users, from the first one on. Middle size: an officer, an audit and
a yearly report. Very large (45 million users in the European Union): audits, a fee to the Commission, reports twice a
year. Data kept in a country is a choice of its own. Fines are a risk, not a bill: their expected value is one line
that says so, and a simulation draws them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from costmodel.assumptions import Assumptions
from costmodel.compliance import by_users
from costmodel.compliance import duties as by_size
from costmodel.compliance.exposure import fines
from costmodel.compliance.line import GEOGRAPHY_AXIS
from costmodel.scenario import Scenario
from costmodel.sections.compliance import Compliance
from costmodel.tables import Activity, Array, Charge, Regime

EUROPE = "europe_israel"
"""The CloudFront edge that serves the European Union."""


def regime(scenario: Scenario, activity: Activity, assumptions: Assumptions) -> Regime | None:
    """The duties of each month; None when the scenario has no compliance.

    A platform that has been designated stays it: duties end a year after the users have gone (DSA Art. 33(6)), and
    hardly any plan gets there.
    """
    if scenario.compliance is None:
        return None
    everywhere = activity.monthly_active_users.sum(axis=GEOGRAPHY_AXIS)
    in_the_union = eu_users(scenario.compliance, activity, assumptions)
    very_large = _ever(in_the_union >= assumptions["comp.very_large_threshold_eu_mau"])
    mid = np.maximum(_ever(everywhere >= assumptions["comp.mid_threshold_mau"]), very_large)
    return Regime(eu_monthly_active_users=in_the_union, mid=mid, very_large=very_large)


def eu_users(compliance: Compliance, activity: Activity, assumptions: Assumptions) -> Array:
    """Monthly active users who live in the European Union [user], shape (..., month).

    Args:
        compliance: the share of each geography, where it is known.
        activity: users by geography.
        assumptions: share of the European edge where it is not.
    """
    shares = [
        compliance.eu_share[name] if name in compliance.eu_share else _usual_eu_share(edge, assumptions)
        for name, edge in zip(activity.geographies, activity.edges, strict=True)
    ]
    return np.asarray(np.einsum("...gm,g->...m", activity.monthly_active_users, shares), dtype=np.float64)


def _usual_eu_share(edge: str, assumptions: Assumptions) -> float:
    return assumptions["comp.eu_share_of_europe"] if edge == EUROPE else 0.0


def _ever(reached: NDArray[np.bool_]) -> Array:
    """1 from the first month on in which something is reached, else 0."""
    return np.maximum.accumulate(np.asarray(reached, dtype=np.float64), axis=-1)


def charges(
    scenario: Scenario,
    activity: Activity,
    assumptions: Assumptions,
    duties: Regime | None,
    others: Sequence[Charge] = (),
) -> list[Charge]:
    """What compliance costs; nothing when the scenario has none.

    Args:
        scenario: what is switched on.
        activity: users, new users.
        assumptions: prices and rates.
        duties: as ``regime`` gives them.
        others: every other charge of the plan; revenue is fined, and the Commission's fee is capped by profit.
    """
    if scenario.compliance is None or duties is None:
        return []
    running = scenario.compliance.running(scenario.timeline)
    return [
        *by_size.charges(scenario, scenario.compliance, duties, others, assumptions),
        *by_users.charges(scenario, scenario.compliance, activity, assumptions),
        *(fines(duties, running, others, assumptions) if scenario.compliance.expected_fines else ()),
    ]
