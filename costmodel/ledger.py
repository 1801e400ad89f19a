"""The ledger: one row per charge and month, the only table that reports read.

Columns carry FOCUS names in snake_case; ours start with ``x_``. One row per tier slice, so that
``list_unit_price x pricing_quantity = list_cost`` holds on every row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from costmodel.errors import Fault, LedgerError
from costmodel.inventory import resource_type
from costmodel.tables import PURCHASES, REVENUE, Activity, Array, Category, Charge, Timeline

CATEGORIES: tuple[Category, ...] = get_args(Category)
CURRENCY = "USD"

SERVICE_CATEGORIES: Mapping[Category, str] = {
    "Storage": "Storage",
    "Transcoding": "Media",
    "CDN": "Networking",
    "Compute": "Compute",
    "Database": "Databases",
    "Network": "Networking",
    "Messaging": "Integration",
    "Observability": "Management and Governance",
    "Security": "Security",
    "Moderation": "AI and Machine Learning",
    "Recommendation": "AI and Machine Learning",
    "Live": "Media",
    "Analytics": "Analytics",
    "Support": "Management and Governance",
    **dict.fromkeys(sorted(PURCHASES | REVENUE), "Other"),
}
"""Ours -> FOCUS 1.2 ServiceCategory, which has none for what is no cloud service."""

COLUMNS = (
    "charge_period_start",
    "charge_period_end",
    "billing_currency",
    "charge_category",
    "service_name",
    "service_category",
    "region_id",
    "resource_id",
    "resource_type",
    "sku_id",
    "charge_description",
    "pricing_quantity",
    "pricing_unit",
    "list_unit_price",
    "list_cost",
    "billed_cost",
    "x_category",
    "x_driver",
    "x_resource_urn",
    "x_tier",
    "x_price_source",
    "x_price_date",
    "x_price_grade",
    "x_usage_based",
    "x_scenario",
    "x_discount",
    "x_flow",
)

RELATIVE_TOLERANCE = 1e-9
"""Costs are one product of two floats; anything beyond their rounding is a fault."""

KINDS_KEPT = 256
"""Types of columns that are remembered: those of about ten plans."""

VIEWS_PER_UNIT = 1000
"""Unit costs are told per thousand views."""


def ledger(charges: Sequence[Charge], timeline: Timeline, scenario_name: str) -> pd.DataFrame:
    """The ledger of a base case.

    Args:
        charges: quantities of shape (month,); a leading trial axis has no place in a ledger.
        timeline: the months.
        scenario_name: written on every row.

    Returns:
        One row per charge and month with a quantity, in the order of the charges; columns as in ``COLUMNS``.
    """
    shape = (len(charges), timeline.count)
    quantity, price, billed = np.empty(shape), np.empty(shape), np.empty(shape)
    for index, charge in enumerate(charges):
        quantity[index], price[index], billed[index] = charge.quantity, charge.unit_price, charge.billed_cost
    row, month = np.nonzero(quantity)
    amount, unit_price = quantity[row, month], price[row, month]
    cost = amount * unit_price
    starts = timeline.months.astype("datetime64[s]")
    ends = (timeline.months + np.timedelta64(1, "M")).astype("datetime64[s]")

    def per_charge(value: Callable[[Charge], object]) -> pd.Categorical:
        return _categorical([value(charge) for charge in charges], row)

    columns: dict[str, Any] = {
        "charge_period_start": starts[month],
        "charge_period_end": ends[month],
        "billing_currency": _constant(CURRENCY, row.size),
        "charge_category": per_charge(lambda c: "Purchase" if _is_bought(c) else "Usage"),
        "service_name": per_charge(lambda c: c.service_name),
        "service_category": per_charge(lambda c: SERVICE_CATEGORIES[c.category]),
        "region_id": per_charge(lambda c: c.region_id),
        "resource_id": per_charge(lambda c: c.resource_urn.rpartition("::")[2]),
        "resource_type": per_charge(lambda c: resource_type(c.resource_urn)),
        "sku_id": per_charge(lambda c: c.sku_id),
        "charge_description": per_charge(lambda c: c.description),
        "pricing_quantity": amount,
        "pricing_unit": per_charge(lambda c: c.unit),
        "list_unit_price": unit_price,
        "list_cost": cost,
        "billed_cost": billed[row, month],
        "x_category": per_charge(lambda c: c.category),
        "x_driver": per_charge(lambda c: c.driver),
        "x_resource_urn": per_charge(lambda c: c.resource_urn),
        "x_tier": per_charge(lambda c: c.tier),
        "x_price_source": per_charge(lambda c: c.price_source),
        "x_price_date": per_charge(lambda c: c.price_date),
        "x_price_grade": per_charge(lambda c: c.price_grade),
        "x_usage_based": np.array([charge.usage_based for charge in charges], dtype=bool)[row],
        "x_scenario": _constant(scenario_name, row.size),
        "x_discount": per_charge(lambda c: c.discount),
        "x_flow": per_charge(lambda c: "revenue" if c.category in REVENUE else "cost"),
    }
    return pd.DataFrame({name: columns[name] for name in COLUMNS})


def _is_bought(charge: Charge) -> bool:
    """Everything but usage of the cloud, and what is paid for a commitment beside its use."""
    return charge.category in PURCHASES | REVENUE or (charge.discount != "" and charge.resource_urn == "")


def _categorical(values: Sequence[object], row: NDArray[np.intp]) -> pd.Categorical:
    """Text of each row without a copy per row: codes into the distinct values of the charges."""
    texts = [str(value) for value in values]
    distinct = tuple(sorted(set(texts)))
    codes = {text: code for code, text in enumerate(distinct)}
    by_row = np.array([codes[text] for text in texts], dtype=np.intp)[row]
    return pd.Categorical.from_codes(by_row, dtype=_one_of(distinct), validate=False)


def _constant(value: str, size: int) -> pd.Categorical:
    return pd.Categorical.from_codes(np.zeros(size, dtype=np.intp), dtype=_one_of((value,)), validate=False)


@lru_cache(maxsize=KINDS_KEPT)
def _one_of(distinct: tuple[str, ...]) -> pd.CategoricalDtype:
    """The type of a column with these texts; plans of the same stack have most of them in common."""
    return pd.CategoricalDtype(pd.Index(distinct, dtype="str"))


def check(table: pd.DataFrame, charges: Sequence[Charge] | None = None) -> None:
    """Prove the invariants of a ledger.

    Args:
        table: as made by ``ledger``.
        charges: when given, the ledger must sum to them: parts = whole.

    Raises:
        LedgerError: every broken invariant, with the first row that breaks it.
    """
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise LedgerError([Fault("ledger", f"no column {', '.join(missing)}", "the columns of costmodel.ledger")])
    numbers = ["pricing_quantity", "list_unit_price", "list_cost", "billed_cost"]
    values = table[numbers].to_numpy(dtype=np.float64)
    quantity, price, list_cost, billed_cost = values.T
    rules: list[tuple[NDArray[np.bool_], str, str]] = [
        (
            ~np.isfinite(values).all(axis=1),
            "a number that is not finite",
            "finite quantities, prices and costs",
        ),
        (quantity <= 0, "a quantity of 0 or less", "only rows that bill something"),
        (price < 0, "a negative price", "prices of at least 0"),
        (
            ~_equal(quantity * price, list_cost),
            "a cost that is not price x quantity",
            "pricing_quantity x list_unit_price",
        ),
        (
            ~_equal(list_cost, billed_cost) & _blank(table, "x_discount"),
            "a billed cost that is not the list cost",
            "list_cost, as no discount acts on the row",
        ),
        (billed_cost < 0, "a negative billed cost", "billed costs of at least 0"),
        (~table["x_category"].isin(CATEGORIES).to_numpy(), "an unknown category", ", ".join(CATEGORIES)),
        (
            _blank(table, "sku_id", "pricing_unit", "charge_description", "x_price_source"),
            "an empty text",
            "sku, unit, description, source",
        ),
        (
            (table["charge_period_end"] <= table["charge_period_start"]).to_numpy(),
            "a period that ends before it starts",
            "one month",
        ),
    ]
    faults: list[Fault] = [
        Fault(f"ledger row {int(np.argmax(broken))}", f"{found} ({int(broken.sum())} rows)", expected)
        for broken, found, expected in rules
        if broken.any()
    ]
    if charges is not None:
        whole = sum(float(np.sum(charge.billed_cost)) for charge in charges)
        if not _equal(np.asarray(total(table)), np.asarray(whole)):
            faults.append(Fault("ledger", f"a sum of {total(table):,.2f}", f"the sum of its charges, {whole:,.2f}"))
    if faults:
        raise LedgerError(faults)


def _equal(left: Array, right: Array) -> NDArray[np.bool_]:
    return np.isclose(left, right, rtol=RELATIVE_TOLERANCE, atol=0.0)


def _blank(table: pd.DataFrame, *columns: str) -> NDArray[np.bool_]:
    blank = [(table[column] == "").to_numpy(dtype=bool) for column in columns]
    return np.asarray(np.any(blank, axis=0), dtype=np.bool_)


def costs(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that the company pays."""
    return table[table["x_flow"] == "cost"]


def revenue(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that customers pay."""
    return table[table["x_flow"] == "revenue"]


def total(table: pd.DataFrame) -> float:
    """Sum of all rows [USD], unrounded; choose ``costs`` or ``revenue`` before."""
    return float(table["billed_cost"].sum())


def monthly_by_category(table: pd.DataFrame, timeline: Timeline) -> pd.DataFrame:
    """Cost [USD] by month (index, first day) and category (columns, those that occur, in their fixed order)."""
    pivot = table.pivot_table(
        index="charge_period_start", columns="x_category", values="billed_cost", aggfunc="sum", observed=True
    )
    present = [category for category in CATEGORIES if category in pivot.columns]
    months = pd.DatetimeIndex(timeline.months.astype("datetime64[s]"), name="charge_period_start")
    filled = pivot.reindex(index=months, columns=pd.Index(present, dtype="str", name="x_category"))
    # A month without rows of a category was billed nothing: here 0 is known.
    return filled.fillna(0.0)


def monthly_total(table: pd.DataFrame, timeline: Timeline) -> Array:
    """Cost of each month [USD], shape (month,)."""
    return monthly_by_category(table, timeline).sum(axis=1).to_numpy(dtype=np.float64)


def cost_per_mau(table: pd.DataFrame, activity: Activity) -> Array:
    """Cost per monthly active user [USD/user] of each month; NaN in a month without users."""
    return _ratio(monthly_total(table, activity.timeline), activity.monthly_active_users.sum(axis=-2))


def cost_per_thousand_views(table: pd.DataFrame, activity: Activity) -> Array:
    """Cost per 1,000 views [USD] of each month; NaN in a month without views."""
    return _ratio(monthly_total(table, activity.timeline), activity.monthly_views.sum(axis=-2) / VIEWS_PER_UNIT)


def _ratio(cost: Array, units: Array) -> Array:
    return np.divide(cost, units, out=np.full_like(cost, np.nan), where=units > 0)
