"""Charts of the report, drawn to SVG without a browser: no script, no network, prints as it looks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import altair as alt
import pandas as pd

from costmodel.exports.report import Report
from costmodel.tables import PURCHASES

FONT = "Helvetica Neue, Helvetica, Arial, sans-serif"
INK, MUTED, GRID = "#1d2733", "#5b6875", "#e6eaee"
WIDE_PX, HALF_PX = 860, 395
TALL_PX, LOW_PX = 270, 190

COLOURS = {
    "People": "#33507a",
    "Payouts": "#b58a3c",
    "CDN": "#2f8f83",
    "Transcoding": "#76b5a8",
    "Storage": "#7f93b8",
    "Compute": "#a65a4f",
    "Database": "#c99a90",
    "Network": "#8a8f98",
    "Messaging": "#b9bec6",
    "Observability": "#d4c7a1",
    "Security": "#6d5f8d",
    "Moderation": "#9d8fbd",
    "Recommendation": "#4f7f5a",
    "Live": "#c46f8a",
    "Analytics": "#5aa0b8",
    "Support": "#a9a07a",
    "Fees": "#8c6d2f",
    "Marketing": "#d08c4a",
    "Drama production": "#7a3b52",
    "Compliance": "#566a3c",
    "First version": "#4a4f57",
    "Other cloud": "#c3cad3",
    "Other": "#dfe3e8",
}
"""Calm, apart in lightness too, so that a grey print keeps them apart."""

GEOGRAPHY_COLOURS = ("#33507a", "#2f8f83", "#b58a3c", "#a65a4f", "#7f93b8", "#76b5a8", "#c99a90", "#8a8f98")

SMALL_SHARE = 0.01
"""Categories below this share of the total are drawn as one; the tables list each."""
OTHER, OTHER_CLOUD = "Other", "Other cloud"
BAR_GAP = 0.12


def spend_chart(report: Report) -> str:
    """Monthly spend, stacked by category."""
    totals = {category.name: category.share for category in report.categories}
    drawn = {name: name if share >= SMALL_SHARE else _rest(name) for name, share in totals.items()}
    order = [name for name in COLOURS if name in drawn.values()]
    rows = pd.DataFrame(
        [
            {"month": month.label, "category": drawn[name], "usd": cost, "order": order.index(drawn[name])}
            for month in report.months
            for name, cost in month.by_category.items()
        ],
        columns=["month", "category", "usd", "order"],
    )
    rows = rows.groupby(["month", "category", "order"], as_index=False).agg(usd=("usd", "sum"))
    chart = (
        alt.Chart(_dated(rows))
        .mark_bar(binSpacing=0)
        .encode(
            x=_months(report, band=True),
            y=_money("usd:Q", "USD per month"),
            color=_legend("category:N", order, [COLOURS[name] for name in order]),
            order=alt.Order("order:Q"),
        )
        .properties(width=WIDE_PX, height=TALL_PX)
    )
    return _svg(chart, "spend")


def _rest(category: str) -> str:
    """What a category too small to see is drawn with."""
    return OTHER if category in PURCHASES else OTHER_CLOUD


def unit_cost_chart(report: Report, field: str) -> str:
    """One unit cost over time: ``cost_per_mau`` or ``cost_per_thousand_views``."""
    rows = pd.DataFrame([{"month": month.label, "usd": getattr(month, field)} for month in report.months]).dropna()
    chart = (
        alt.Chart(_dated(rows))
        .mark_line(color=COLOURS["CDN"], strokeWidth=2.5, point=len(rows) == 1)
        .encode(x=_months(report), y=_money("usd:Q", "USD", "$,.2f"))
        .properties(width=HALF_PX, height=LOW_PX)
    )
    return _svg(chart, field)


def result_chart(report: Report) -> str:
    """Revenue and costs of each month: where the lines cross, the plan breaks even."""
    series = {"Revenue": report.results.revenue, "Costs": report.results.costs}
    rows = pd.DataFrame(
        [
            {"month": month.label, "line": name, "usd": amounts[i]}
            for name, amounts in series.items()
            for i, month in enumerate(report.months)
        ]
    )
    chart = (
        alt.Chart(_dated(rows))
        .mark_line(strokeWidth=2.5, point=len(report.months) == 1)
        .encode(
            x=_months(report),
            y=_money("usd:Q", "USD per month"),
            color=_legend("line:N", series, (COLOURS["CDN"], COLOURS["Compute"])),
        )
        .properties(width=HALF_PX, height=LOW_PX)
    )
    return _svg(chart, "result")


def cash_chart(report: Report) -> str:
    """Cash at the end of each month; below the line it has to be found."""
    rows = pd.DataFrame(
        [{"month": month.label, "usd": report.results.cash[i]} for i, month in enumerate(report.months)]
    )
    line = (
        alt.Chart(_dated(rows))
        .mark_area(
            opacity=0.25, color=COLOURS["People"], line={"color": COLOURS["People"]}, point=len(report.months) == 1
        )
        .encode(x=_months(report), y=_money("usd:Q", "USD"))
    )
    nothing = alt.Chart(pd.DataFrame({"usd": [0]})).mark_rule(color=MUTED).encode(y="usd:Q")
    return _svg((line + nothing).properties(width=HALF_PX, height=LOW_PX), "cash")


def users_chart(report: Report) -> str:
    """Monthly active users, stacked by geography."""
    rows = pd.DataFrame(
        [
            {
                "month": month.label,
                "geography": name,
                "users": float(report.users_by_geography[g, m]),
                "order": g,
            }
            for g, name in enumerate(report.geographies)
            for m, month in enumerate(report.months)
        ]
    )
    colours = [GEOGRAPHY_COLOURS[i % len(GEOGRAPHY_COLOURS)] for i in range(len(report.geographies))]
    chart = (
        alt.Chart(_dated(rows))
        .mark_area(opacity=0.92)
        .encode(
            x=_months(report),
            y=alt.Y("users:Q", title="monthly active users", axis=alt.Axis(labelExpr=_labels("~s", "0"), tickCount=4)),
            color=_legend("geography:N", list(report.geographies), colours),
            order=alt.Order("order:Q"),
        )
        .properties(width=WIDE_PX, height=LOW_PX)
    )
    return _svg(chart, "users")


def _dated(rows: pd.DataFrame) -> pd.DataFrame:
    """Months as dates, which a time axis needs; in UTC, or the picture depends on the machine's time zone."""
    return rows.assign(month=pd.to_datetime(rows["month"] + "-01", utc=True))


LONG_PLAN_MONTHS = 48


def _months(report: Report, *, band: bool = False) -> alt.X:
    quarterly = len(report.months) <= LONG_PLAN_MONTHS
    axis = alt.Axis(
        format="%b %Y" if quarterly else "%Y",
        tickCount={"interval": "month", "step": 6} if quarterly else {"interval": "year", "step": 1},
        labelFlush=not band,
    )
    if band:
        return alt.X("utcyearmonth(month):T", title=None, axis=axis, bandPosition=0.5, scale=alt.Scale(type="utc"))
    return alt.X("month:T", title=None, axis=axis, scale=alt.Scale(type="utc"))


def _money(field: str, title: str, spec: str = "$~s") -> alt.Y:
    return alt.Y(field, title=title, axis=alt.Axis(labelExpr=_labels(spec, "$0"), tickCount=5))


def _labels(spec: str, zero: str) -> str:
    """Vega expression for axis labels; d3 would write 0 as "0k"."""
    return f"datum.value == 0 ? '{zero}' : format(datum.value, '{spec}')"


def _legend(field: str, names: Iterable[str], colours: Iterable[str]) -> alt.Color:
    return alt.Color(
        field,
        title=None,
        scale=alt.Scale(domain=list(names), range=list(colours)),
        legend=alt.Legend(orient="top", direction="horizontal", symbolType="square", columns=6, offset=8),
    )


STYLE: Mapping[str, Any] = {
    "font": FONT,
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "gridColor": GRID,
        "domainColor": GRID,
        "tickColor": GRID,
        "labelPadding": 6,
    },
    "axisX": {"grid": False},
    "axisY": {"domain": False, "ticks": False},
    "legend": {"labelColor": INK, "labelFontSize": 12, "symbolSize": 110},
}


def _svg(chart: alt.Chart | alt.LayerChart, name: str) -> str:
    """SVG of a chart with ids of its own, so that several can stand in one page."""
    import vl_convert

    svg = vl_convert.vegalite_to_svg(chart.configure(**STYLE).to_dict(validate=False))
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)
