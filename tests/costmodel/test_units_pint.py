"""Metering and pricing with physical units attached: every line comes out in USD a month, a mix of units fails.

The real meters run a second time on quantities of pint. What a meter reads carries its unit: activity, assumptions (by
the unit of their row), billing rules, the ladder, and the constants of ``units.py`` ("60 s/min"). What comes out is
converted to the unit that the meter claims, and must be the number of the plain run. Counted things (views, requests,
objects) have no dimension; a month is a dimension of its own, so that a stock is not taken for a flow.

Borders that count in whole days, seconds or tiers are crossed by hand: what lies where at which age, the length of
clips, the slices of a ladder.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pint
import pytest

import costmodel.metering as meters
from costmodel import growth, pricing, usage
from costmodel.assumptions import Assumptions
from costmodel.inventory import Inventory, load_inventory
from costmodel.metering import popularity, s3
from costmodel.metering import residence as ages
from costmodel.metering.clips import ClipLength
from costmodel.metering.context import Context
from costmodel.metering.ladder import Ladder, Rendition, find_ladder
from costmodel.price_book import PriceBook
from costmodel.pricing import price
from costmodel.scenario import Scenario
from costmodel.tables import Activity, Quantity, Timeline
from costmodel.tiers import Tier, tier_slices
from costmodel.units import parse_unit

HERE = Path(__file__).parent
BOOK = PriceBook.load()
ON = date(2027, 1, 1)

registry: Any = pint.UnitRegistry()
for definition in (
    "billing_month = [billing_month]",
    "billing_year = [billing_year]",
    "USD = [money]",
    "vCPU = [processor]",
    "LCU = [load_balancer_capacity]",
    "KB = 1000 byte",
    "GB_billed = 1073741824 byte",
    "TB_billed = 1024 GB_billed",
    "Mbit = 1000000 bit",
):
    registry.define(definition)
Q: Any = registry.Quantity

PHYSICAL = {
    "kbps": "kbit/s",
    "KB": "KB",
    "MB": "MB",
    "Mbps": "Mbit/s",
    "GB": "GB_billed",
    "bytes": "byte",
    "ms": "ms",
    "s": "s",
    "seconds": "s",
    "min": "minute",
    "h": "hour",
    "month": "billing_month",
    "days": "day",
    "year": "billing_year",
    "vCPU": "vCPU",
    "LCU": "LCU",
}
"""Words in the units of assumptions and rules that are physical; every other word counts things."""

PRICED_IN = {
    "GB": "GB_billed",
    "GB-month": "GB_billed * billing_month",
    "GB-hour": "GB_billed * hour",
    "GB-second": "GB_billed * second",
    "hour": "hour",
    "vCPU-hour": "vCPU * hour",
    "LCU-hour": "LCU * hour",
    "RCU-hour": "hour",
    "WCU-hour": "hour",
    "normalized minute": "minute",
    "output minute": "minute",
    "alarm-metric-month": "billing_month",
    "objects-month": "billing_month",
    "RTS-month": "billing_month",
    "MAU": "billing_month",
    "GB each direction": "GB_billed",
    "TB scanned": "TB_billed",
    "alarm-month": "billing_month",
    "dashboard-month": "billing_month",
    "images": "",
    "metric-month": "billing_month",
    "node-hour": "hour",
    "path": "",
    "rule-month": "billing_month",
    "secret-month": "billing_month",
    "month": "billing_month",
    "notifications": "",
    "stream-hour": "hour",
    "viewer-hour": "hour",
    "key-month": "billing_month",
    "requests": "",
    "events": "",
    "WRU": "",
    "RRU": "",
}
"""Base unit of a price -> what one of it is, physically."""

CONSTANTS = {
    "BITS_PER_BYTE": "bit/byte",
    "BITS_PER_KBIT": "bit/kbit",
    "BITS_PER_MBIT": "bit/Mbit",
    "BYTES_PER_MIB": "byte",
    "BYTES_PER_KB": "byte/KB",
    "BYTES_PER_KIB": "byte/KB",
    "BYTES_PER_MB": "byte/MB",
    "BYTES_PER_BILLED_GB": "byte/GB_billed",
    "SECONDS_PER_DAY": "s/day",
    "SECONDS_PER_HOUR": "s/hour",
    "SECONDS_PER_MINUTE": "s/minute",
    "MILLISECONDS_PER_SECOND": "ms/s",
    "HOURS_PER_MONTH": "hour/billing_month",
    "WRITE_UNIT_KB": "KB",
    "READ_UNIT_KB": "KB",
    "BYTE": "byte",
    "MONTHS_PER_YEAR": "billing_month/billing_year",
    "SECOND": "s",
    "GB_PER_TB_TIER": "GB_billed/TB_billed",
    "DAYS_PER_MONTH": "day/billing_month",
    "MIB_PER_GIB": "1/GB_billed",
    "CPU_UNITS_PER_VCPU": "1/vCPU",
}
"""Constant, in whichever meter it stands -> its unit. Sizes in resource inputs are plain numbers: MiB, CPU units."""


def physical(unit: str) -> str:
    """A unit of the data in pint's words ("requests/s/vCPU" is "1/s/vCPU")."""
    words = [PHYSICAL.get(word.strip(), "1") for word in unit.split("/")]
    return "/".join(words)


class Numpy:
    """numpy, but what carries a unit keeps it."""

    def __init__(self, **special: Callable[..., Any]) -> None:
        self._special = special

    def __getattr__(self, name: str) -> Any:
        return self._special.get(name, getattr(np, name))

    @staticmethod
    def asarray(value: Any, *arguments: Any, **keywords: Any) -> Any:
        return value if isinstance(value, Q) else np.asarray(value, *arguments, **keywords)


class UnitValues:
    """Assumptions, each in the unit of its row."""

    def __init__(self, assumptions: Assumptions, planted: Mapping[str, str]) -> None:
        self._assumptions = assumptions
        self._planted = planted

    def __getitem__(self, key: str) -> Any:
        entry = self._assumptions.entry(key)
        return Q(entry.value, self._planted.get(key) or physical(entry.unit))


class UnitRules:
    """Billing rules in the unit of their row; days stay numbers, as lifecycle rules count them."""

    def rule(self, service: str, sku_key: str) -> Any:
        row = BOOK.rule_row(service, sku_key)
        return row.price_usd if row.unit == "days" else Q(row.price_usd, physical(row.unit))


@dataclasses.dataclass(frozen=True)
class UnitTimeline(Timeline):
    """Months whose days are days a month."""

    @property
    def days(self) -> Any:
        return Q(super().days, "day/billing_month")


@dataclasses.dataclass(frozen=True)
class UnitClip:
    """A clip length that takes and gives seconds."""

    plain: ClipLength

    @property
    def mean_seconds(self) -> Any:
        return Q(self.plain.mean_seconds, "s")

    def share_longer(self, seconds: Any) -> float:
        return self.plain.share_longer(Q(seconds).m_as("s"))

    def mean_steps(self, step: Any, minimum_steps: Any = 0) -> float:
        return self.plain.mean_steps(step.m_as("s"), int(minimum_steps))


class UnitContext(Context):
    """What a meter is given, in units."""

    @cached_property
    def clip(self) -> Any:
        seconds = (self.activity.upload_seconds, self.assumptions["usage.video_length_s_median"])
        return UnitClip(ClipLength(*(Q(value).m_as("s") for value in seconds)))

    @cached_property
    def ladder(self) -> Ladder | None:
        found = find_ladder(self.inventory)
        assert found is not None
        return ladder_in_units(found)


def ladder_in_units(found: Ladder) -> Ladder:
    renditions = tuple(with_unit(rendition) for rendition in found.renditions)
    mp4 = with_unit(found.mp4) if found.mp4 else None
    return dataclasses.replace(found, renditions=renditions, mp4=mp4, segment_seconds=Q(found.segment_seconds, "s"))


def with_unit(rendition: Rendition) -> Rendition:
    return dataclasses.replace(rendition, max_kbps=Q(rendition.max_kbps, "kbit/s"))


def in_units(activity: Activity) -> Activity:
    """Activity in units: all a month, users apart."""
    flow = "1/billing_month"
    return dataclasses.replace(
        activity,
        timeline=UnitTimeline(activity.timeline.months),
        monthly_views=Q(activity.monthly_views, flow),
        monthly_watch_seconds=Q(activity.monthly_watch_seconds, "s/billing_month"),
        monthly_uploads=Q(activity.monthly_uploads, flow),
        upload_seconds=Q(activity.upload_seconds, "s"),
        upload_mb=Q(activity.upload_mb, "MB"),
        monthly_api_requests=Q(activity.monthly_api_requests, flow),
        monthly_engagements=Q(activity.monthly_engagements, flow),
        monthly_live_hours_watched=Q(activity.monthly_live_hours_watched, "hour/billing_month"),
        monthly_live_hours_streamed=Q(activity.monthly_live_hours_streamed, "hour/billing_month"),
        monthly_gift_coins=Q(activity.monthly_gift_coins, flow),
        monthly_orders=Q(activity.monthly_orders, flow),
        monthly_new_users=Q(activity.monthly_new_users, flow),
    )


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(meters.__path__, "costmodel.metering."):
        if found.name not in ("costmodel.metering.clips", "costmodel.metering.residence"):
            yield importlib.import_module(found.name)


def plain(timeline: Timeline) -> Timeline:
    return Timeline(timeline.months)


@pytest.fixture
def unit_meters(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real meters, with units on their constants and at their borders."""
    for module in modules():
        if hasattr(module, "np"):
            # Of all arrays that a meter starts from, one counts something other than things: the months of a registry.
            special = {"arange": lambda *a, **k: Q(np.arange(*a, **k), "billing_month")}
            monkeypatch.setattr(module, "np", Numpy(**(special if module.__name__.endswith(".ecr") else {})))
        for name, unit in CONSTANTS.items():
            if hasattr(module, name):
                monkeypatch.setattr(module, name, Q(getattr(module, name), unit))
        if hasattr(module, "residence"):
            monkeypatch.setattr(module, "residence", resident)
            monkeypatch.setattr(module, "presence", present)
    # A policy's target is a number of requests a minute: so many requests in 60 seconds.
    monkeypatch.setattr("costmodel.metering.fargate.SECONDS_PER_MINUTE", Q(60, "s"))
    extra = importlib.import_module("costmodel.metering.fargate")._extra_storage_gb
    monkeypatch.setattr("costmodel.metering.fargate._extra_storage_gb", lambda task: Q(extra(task), "GB_billed"))
    monkeypatch.setattr(s3, "_monthly_arrivals", arrivals(s3._monthly_arrivals))
    monkeypatch.setattr(popularity, "mean_views", views_of_an_upload(popularity.mean_views))
    below = popularity._normal_share_below
    monkeypatch.setattr(popularity, "_normal_share_below", lambda value: below(Q(value).m_as("dimensionless")))
    monkeypatch.setattr(popularity, "np", np)
    earned = popularity._earned_codecs
    monkeypatch.setattr(
        popularity,
        "_earned_codecs",
        lambda context: tuple(
            dataclasses.replace(codec, ladder=ladder_in_units(codec.ladder)) for codec in earned(context)
        ),
    )
    monkeypatch.setattr(meters, "Context", UnitContext)


def present(timeline: Timeline, *shares: Any) -> Any:
    return ages.presence(plain(timeline), *(float(Q(share).magnitude) for share in shares))


def resident(timeline: Timeline, presence: Any) -> Any:
    """Stock for each unit of a monthly intake: months."""
    return Q(ages.residence(plain(timeline), presence), "billing_month")


def views_of_an_upload(real: Callable[[Context], Any]) -> Callable[[Context], Any]:
    """Views for each upload: a ratio of two flows, which is plain."""

    def wrapped(context: Context) -> Any:
        views, uploads = (
            Q(flow).m_as("1/billing_month")
            for flow in (context.activity.monthly_views, context.activity.monthly_uploads)
        )
        activity = dataclasses.replace(context.activity, monthly_views=views, monthly_uploads=uploads)
        return real(Context(context.inventory, activity, context.assumptions, context.rules))

    return wrapped


def arrivals(real: Callable[..., Any]) -> Callable[..., Any]:
    """Uploads that reach an age in a month: counted in whole days, out of a flow."""

    def wrapped(context: Context, age_days: float, deleted_share: Any) -> Any:
        activity = dataclasses.replace(
            context.activity,
            timeline=plain(context.activity.timeline),
            monthly_uploads=Q(context.activity.monthly_uploads).m_as("1/billing_month"),
        )
        bare = Context(context.inventory, activity, context.assumptions, context.rules)
        return Q(real(bare, age_days, float(deleted_share)), "1/billing_month")

    return wrapped


@pytest.fixture(params=["platform", "every_meter"])
def platform_inventory(request: pytest.FixtureRequest) -> Inventory:
    """A small stack, and one with a resource of every type that has a meter."""
    return load_inventory(HERE / "inventories" / f"{request.param}.json")


def test_the_larger_stack_has_every_meter() -> None:
    declared = {
        resource.type for resource in load_inventory(HERE / "inventories" / "every_meter.json").resources.values()
    }
    assert meters.METERS.keys() - declared == set()


@pytest.fixture
def niche_activity(niche: Scenario) -> tuple[Activity, Assumptions]:
    assumptions = Assumptions.load(niche.assumptions, as_of=niche.as_of)
    return usage.activity(growth.users(niche, assumptions), niche, assumptions), assumptions


Metered = Callable[..., list[Quantity]]


@pytest.fixture
def metered(unit_meters: None, platform_inventory: Inventory, niche_activity: tuple[Activity, Assumptions]) -> Metered:
    """Meters the platform in units; the unit of an assumption can be planted."""
    activity, assumptions = niche_activity

    def run(planted: Mapping[str, str] | None = None) -> list[Quantity]:
        values: Any = UnitValues(assumptions, planted or {})
        rules: Any = UnitRules()
        return meters.meter(platform_inventory, in_units(activity), values, rules)[0]

    return run


@pytest.fixture
def plain_quantities(platform_inventory: Inventory, niche_activity: tuple[Activity, Assumptions]) -> list[Quantity]:
    """The same without units; asked for before ``metered``, which puts units on the meters."""
    activity, assumptions = niche_activity
    return meters.meter(platform_inventory, activity, assumptions, BOOK)[0]


def monthly(quantity: Quantity) -> str:
    """Unit of an amount: what its price counts, a month."""
    return f"({PRICED_IN[quantity.unit] or 'dimensionless'}) / billing_month"


def converted(quantity: Quantity) -> Any:
    """The amount as a plain array in its own unit; fails when it is another kind of thing."""
    return in_priced_unit(quantity).magnitude


def amounts(quantities: list[Quantity]) -> list[Any]:
    return [converted(quantity) for quantity in quantities]


def test_every_metered_amount_has_the_unit_that_it_is_priced_in(
    plain_quantities: list[Quantity], metered: Metered
) -> None:
    with_units = metered()
    assert len(with_units) == len(plain_quantities) > 30
    assert len({quantity.unit for quantity in with_units}) > 10
    for plain_one, quantity in zip(plain_quantities, with_units, strict=True):
        assert (plain_one.sku_key, plain_one.unit) == (quantity.sku_key, quantity.unit)
        np.testing.assert_allclose(converted(quantity), plain_one.amount, rtol=1e-9, err_msg=plain_one.driver)


def test_every_line_of_the_bill_is_usd_a_month(
    plain_quantities: list[Quantity], metered: Metered, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_charges = price(plain_quantities, BOOK, ON)
    monkeypatch.setattr(pricing, "np", Numpy(divide=divided))
    monkeypatch.setattr(pricing, "tier_slices", sliced)
    charges = price([dataclasses.replace(found, amount=in_priced_unit(found)) for found in metered()], BOOK, ON)
    assert len(charges) == len(plain_charges) > len(plain_quantities) / 2
    for charge, plain_charge in zip(charges, plain_charges, strict=True):
        quantity: Any = charge.quantity
        unit_price = Q(float(charge.unit_price), "USD") / Q(1, PRICED_IN[parse_unit(charge.unit).base])
        cost = (quantity * unit_price).m_as("USD/billing_month")
        np.testing.assert_allclose(cost, plain_charge.cost, rtol=1e-9, err_msg=charge.description)


def in_priced_unit(quantity: Quantity) -> Any:
    amount: Any = quantity.amount
    return Q(amount).to(monthly(quantity))


def sliced(quantity: Any, tiers: Sequence[Tier]) -> Any:
    """The slices of an amount are amounts of the same unit."""
    return Q(tier_slices(quantity.magnitude, tiers), quantity.units)


def divided(part: Any, whole: Any, out: Any, where: Any) -> Any:
    """numpy's division with a place to write to, which pint has not."""
    share = np.divide(part.m_as(whole.units), whole.magnitude, out=out, where=where)
    return Q(share, "dimensionless")


# --- planted mixes


@pytest.mark.parametrize(
    ("key", "unit"),
    [
        ("eng.api_response_kb", "s"),  # a time for a size
        ("eng.bitrate_kbps_720p_avc", "kbit"),  # a size for a rate
        ("eng.lambda_duration_ms_submit", "KB"),
        ("eng.lcu_new_connections_per_second", "1/LCU"),  # a count for a rate
        ("eng.log_bytes_per_api_request", "byte/s"),
    ],
)
def test_an_assumption_of_another_kind_fails(key: str, unit: str, metered: Metered) -> None:
    with pytest.raises(pint.DimensionalityError):
        amounts(metered({key: unit}))


@pytest.mark.parametrize(
    ("key", "unit"),
    [
        ("eng.api_response_kb", "MB"),  # a thousand times too large
        ("eng.bitrate_kbps_720p_avc", "kB/s"),  # bytes for bits
        ("eng.lambda_duration_ms_submit", "s"),
    ],
)
def test_the_right_kind_in_the_wrong_size_gives_another_number(
    key: str, unit: str, plain_quantities: list[Quantity], metered: Metered
) -> None:
    with_units = amounts(metered({key: unit}))
    pairs = zip(plain_quantities, with_units, strict=True)
    assert not all(np.allclose(amount, plain_one.amount) for plain_one, amount in pairs)


def test_a_meter_that_forgets_a_constant_is_found(metered: Metered, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hours a month without the month: what always runs would be billed for 730 hours once."""
    monkeypatch.setattr("costmodel.metering.fargate.HOURS_PER_MONTH", Q(730, "hour"))
    with pytest.raises(pint.DimensionalityError):
        amounts(metered())


def test_bits_taken_for_bytes_are_found(
    platform_inventory: Inventory, niche_activity: tuple[Activity, Assumptions], request: pytest.FixtureRequest
) -> None:
    """A meter that divides by 1 where 8 bits make a byte: the plain run is wrong, the run with units is not."""
    activity, assumptions = niche_activity
    with pytest.MonkeyPatch.context() as wrong:
        wrong.setattr("costmodel.metering.delivery.BITS_PER_BYTE", 1)
        mistaken = meters.meter(platform_inventory, activity, assumptions, BOOK)[0]
    with_units = amounts(request.getfixturevalue("metered")())
    pairs = list(zip(mistaken, with_units, strict=True))
    differing = {plain_one.sku_key for plain_one, amount in pairs if not np.allclose(amount, plain_one.amount)}
    assert differing
    assert all(sku_key.startswith("dto.") for sku_key in differing)


def test_a_stock_is_not_a_flow() -> None:
    assert Q(1, "GB_billed * billing_month").is_compatible_with("GB_billed * billing_month")
    assert not Q(1, "GB_billed").is_compatible_with("GB_billed * billing_month")
    assert not Q(1, "GB_billed").is_compatible_with("GB_billed / billing_month")
