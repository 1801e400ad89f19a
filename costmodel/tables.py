"""The shapes in which the stages of the cost model hand results to one another.

Arrays are float64 and end in a month axis; a leading trial axis broadcasts through every stage. Stages import
these shapes and never one another (import contract in pyproject.toml); ``plan.py`` alone knows their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache, cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

Category = Literal[
    "Storage",
    "Transcoding",
    "CDN",
    "Compute",
    "Database",
    "Network",
    "Messaging",
    "Observability",
    "Security",
    "Moderation",
    "Recommendation",
    "Live",
    "Analytics",
    "Support",
    "People",
    "Payouts",
    "Fees",
    "Marketing",
    "Drama production",
    "Compliance",
    "First version",
    "Advertising",
    "Gifts",
    "Shop",
    "Marketplace",
    "Subscriptions",
    "Drama",
]
"""What a founder asks about; the stacks of the spend chart, in this order: cloud, other costs, revenue."""

REVENUE: frozenset[Category] = frozenset({"Advertising", "Gifts", "Shop", "Marketplace", "Subscriptions", "Drama"})
"""Categories that customers pay; all others are costs. Amounts are positive in both."""

PURCHASES: frozenset[Category] = frozenset(
    {"People", "Payouts", "Fees", "Marketing", "Drama production", "Compliance", "First version"}
)
"""Costs that are bought and not metered; the costs outside are usage of AWS."""

IN_FEED_ADS = "revenue.in_feed_ads"
CREATOR_SUBSCRIPTIONS = "revenue.subscriptions.creator"
SHOP_FEES = "revenue.shop_fee"
BRAND_DEALS = "revenue.brand_deals"
"""Skus of revenue that creators have a part in; ``region_id`` of their charges is the geography. The quantity of shop
fees is goods [USD], that of brand deals is deals [USD]."""

SupportPlan = Literal["business_plus", "enterprise", "unified_operations"]
"""Paid plans of AWS Support, as the price book names them."""

Basis = Literal["declared", "estimated", "stated"]
"""Where an amount comes from: the declared resource alone, assumptions about its use, or a usage file."""


Edge = Literal[
    "us",
    "canada",
    "europe_israel",
    "south_africa_kenya",
    "middle_east",
    "south_america",
    "japan",
    "australia_nz",
    "india",
    "asia_other",
]
"""CloudFront's price geographies; the price book calls them ``edge:<name>``."""

EDGES: tuple[str, ...] = get_args(Edge)


@dataclass(frozen=True)
class Timeline:
    """The months that a plan covers."""

    months: NDArray[np.datetime64]
    """First day of each month, ``datetime64[M]``, ascending without gaps."""

    @classmethod
    @cache
    def starting(cls, start: str, count: int) -> Timeline:
        """``count`` months from ``start`` ("2027-01"); asked again, the same object, whose arrays nobody may change.

        >>> Timeline.starting("2027-11", 3).labels
        ('2027-11', '2027-12', '2028-01')
        """
        first = np.datetime64(start, "M")
        months = np.arange(first, first + np.timedelta64(count, "M"))
        months.flags.writeable = False
        return cls(months=months)

    @classmethod
    def between(cls, first: str, last: str) -> Timeline:
        """The months from ``first`` to ``last``, both included.

        >>> Timeline.between("2027-11", "2028-01").count
        3
        """
        return cls(months=np.arange(np.datetime64(first, "M"), np.datetime64(last, "M") + np.timedelta64(1, "M")))

    @property
    def count(self) -> int:
        """Number of months."""
        return int(self.months.size)

    @property
    def labels(self) -> tuple[str, ...]:
        """Months as ISO text ("2027-01")."""
        return tuple(str(month) for month in self.months)

    @cached_property
    def days(self) -> Array:
        """Calendar days of each month [day]."""
        starts = self.months.astype("datetime64[D]")
        ends = (self.months + np.timedelta64(1, "M")).astype("datetime64[D]")
        days = np.asarray(ends - starts, dtype=np.float64)
        days.flags.writeable = False
        return days

    def since(self, month: str) -> Array:
        """1 in ``month`` ("2027-01") and after it, else 0.

        >>> Timeline.starting("2027-11", 3).since("2027-12")
        array([0., 1., 1.])
        """
        return np.asarray(self.months >= np.datetime64(month, "M"), dtype=np.float64)

    def age(self, month: str) -> Array:
        """Whole months since ``month`` ("2027-01"), 0 before it [month].

        >>> Timeline.starting("2027-11", 3).age("2027-12")
        array([0., 0., 1.])
        """
        return np.maximum((self.months - np.datetime64(month, "M")).astype(np.float64), 0.0)


@dataclass(frozen=True)
class Users:
    """Output of growth."""

    geographies: tuple[str, ...]
    """Scenario names of the geographies, the order of the geography axis."""
    monthly_active_users: Array
    """[user], shape (..., geography, month)."""
    monthly_new_users: Array
    """Users who came for the first time [user], shape (..., geography, month)."""
    monthly_bought_installs: Array
    """New users whose install was paid for [install], shape (..., geography, month)."""
    months_since_launch: Array
    """Whole months since the geography was launched, 0 before [month], shape (geography, month)."""


@dataclass(frozen=True)
class Activity:
    """Output of usage: what the users do in a month. Every array has shape (..., geography, month)."""

    timeline: Timeline
    geographies: tuple[str, ...]
    edges: tuple[str, ...]
    """CloudFront edge geography of each geography ("us", "europe_israel"), as in the price book's ``edge:`` regions."""
    monthly_active_users: Array
    """[user]"""
    daily_active_users: Array
    """[user]"""
    monthly_views: Array
    """Videos started [view]."""
    monthly_watch_seconds: Array
    """Seconds of video watched [second]."""
    monthly_uploads: Array
    """Videos uploaded [video]."""
    monthly_uploaders: Array
    """People who upload something [user]."""
    upload_seconds: float
    """Mean length of an uploaded video [second]."""
    upload_mb: float
    """Mean size of an uploaded original [MB, 10^6 bytes]."""
    monthly_api_requests: Array
    """Requests that reach the API service [request]."""
    monthly_engagements: Array
    """Likes, comments, shares and follows written [write]."""
    monthly_new_users: Array
    """Users who came for the first time [user]."""
    monthly_live_hours_watched: Array
    """Hours of live video watched [hour]; 0 when the scenario has no live streaming."""
    monthly_live_hours_streamed: Array
    """Hours of live video sent by broadcasters [hour]; 0 when the scenario has no live streaming."""
    monthly_gift_coins: Array
    """Coins spent on gifts [coin]; 0 when the scenario has no gifts."""
    monthly_gmv_usd: Array
    """Goods sold through the shop, at the buyer's price [USD]; 0 when the scenario has no shop."""
    monthly_orders: Array
    """Orders of the shop [order]; 0 when the scenario has no shop."""

    @classmethod
    def nothing(
        cls,
        timeline: Timeline,
        geographies: tuple[str, ...],
        edges: tuple[str, ...],
        *,
        upload_seconds: float,
        upload_mb: float,
    ) -> Activity:
        """Nobody does anything anywhere; an upload would have the size that is given."""
        idle: Array = np.zeros((len(geographies), timeline.count))
        idle.setflags(write=False)  # one array for all volumes: writing to one would change every other
        volumes = [f.name for f in fields(cls) if f.name.startswith(("monthly_", "daily_"))]
        given: dict[str, Any] = {"upload_seconds": upload_seconds, "upload_mb": upload_mb} | dict.fromkeys(
            volumes, idle
        )
        return cls(timeline=timeline, geographies=geographies, edges=edges, **given)


@dataclass(frozen=True)
class Quantity:
    """Output of metering: how much of one sku one resource uses in each month."""

    resource_urn: str
    resource_type: str
    service: str
    """Service key of the price book ("S3")."""
    sku_key: str
    """Sku key of the price book ("storage.standard")."""
    region: str
    """Price region: an AWS region, ``edge:<geography>``, or ``global``."""
    unit: str
    """Base unit of ``amount`` without multiplier ("requests", "GB", "GB-month", "hour")."""
    amount: Array
    """Shape (..., month)."""
    category: Category
    driver: str
    """Formula in words with its values' names: "views x requests per view x share of edge us"."""
    usage_based: bool
    """False for what is billed even when nobody comes (an hour of load balancer)."""
    basis: Basis = "estimated"
    factors: Mapping[str, Array | float] = field(default_factory=dict)
    """The formula with its values: name of an operand -> number or array of shape (..., month). Their product is the
    amount, their names make the driver. Empty for an amount that was stated as a whole."""


@dataclass(frozen=True)
class Charge:
    """One line of the bill over the months, of one tier slice: ``cost = quantity x unit_price`` in every month.

    What is paid for a commitment beside its use has a unit price of 0 and is billed all the same.
    """

    category: Category
    service_name: str
    sku_id: str
    description: str
    region_id: str
    resource_urn: str
    """Empty for people and payouts."""
    quantity: Array
    """In ``unit``; shape (..., month)."""
    unit: str
    """Pricing unit as listed ("GB-month", "10000 requests", "month of a head")."""
    unit_price: Array
    """[USD per unit], broadcasts against ``quantity``."""
    driver: str
    price_source: str
    price_date: str
    price_grade: Literal["high", "med", "low"]
    usage_based: bool
    tier: str = ""
    """The slice of the volume ladder in pricing units ("0-51200"); empty for a flat price."""

    billed: Array | None = None
    """What is paid after discounts [USD]; None at list price."""
    discount: str = ""
    """Names of the discounts that acted on it; empty at list price."""

    @property
    def cost(self) -> Array:
        """At list price [USD], unrounded."""
        return self.quantity * self.unit_price

    @property
    def billed_cost(self) -> Array:
        """What is paid [USD], unrounded."""
        return self.cost if self.billed is None else self.billed


@dataclass(frozen=True)
class Sale:
    """What consumers pay for one product at one till; the till keeps a fee of it."""

    product: str
    """"coins", "episodes"; for people."""
    till: Literal["store", "web"]
    """Where it is bought: in the app through a store, or on the web by card."""
    usd: Array
    """Sold and earned in each month, after refunds [USD], shape (..., month)."""
    purchases: Array
    """Purchases in each month [purchase], shape (..., month)."""
    unearned_usd: Array
    """Paid for and not yet used at the end of each month [USD], shape (..., month)."""


@dataclass(frozen=True)
class Balance:
    """Money that is here and belongs to others, or the other way round, at the end of each month.

    Profit becomes cash through the change of these.
    """

    name: str
    """"coins sold and not spent", "payouts below the minimum"."""
    owed: Array
    """[USD], shape (..., month); positive: owed to others, who have paid or earned it already."""
    driver: str
    """Formula in words."""


@dataclass(frozen=True)
class Regime:
    """Which duties of the law the platform is under; what nobody reaches here is the baseline of any platform."""

    eu_monthly_active_users: Array
    """Users who live in the European Union [user], shape (..., month)."""
    mid: Array
    """1 in the months with the duties of a platform of middle size or more, else 0; shape (..., month)."""
    very_large: Array
    """1 in the months with the duties of a very large online platform, else 0; shape (..., month)."""


@dataclass(frozen=True)
class Business:
    """What decides, beside the users' activity, how many people are needed."""

    revenue: Sequence[Charge] = ()
    """What customers pay."""
    cloud_services: int = 0
    """AWS services that the stack declares resources of."""
    regime: Regime | None = None
    """Duties of the law; None: the baseline."""


@dataclass(frozen=True)
class Coverage:
    """What became of every resource of the inventory: none is skipped in silence."""

    priced: tuple[str, ...]
    """URNs with at least one metered quantity."""
    free: Mapping[str, str]
    """URN -> why AWS does not charge for it (or where its charge appears instead)."""
    not_covered: Mapping[str, str]
    """URN -> why no price is given."""
    gaps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """URN of a priced resource -> what of it is billed by AWS and not in its price."""
    closed_by: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """URN of a resource and the reason of a gap in it -> the keys of a usage file that fill it."""
