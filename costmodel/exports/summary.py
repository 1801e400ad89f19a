"""``summary.json``: the report's figures for programs, money rounded to the cent."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from costmodel.exports.report import CoverageRow, Line, Month, Report, Year
from costmodel.exports.results import Results

FORMAT = "reelplan.summary/1"
CENT_DIGITS = 2
UNIT_COST_DIGITS = 6


def summary(report: Report) -> dict[str, Any]:
    """The summary as plain data; null where there is no number."""
    return {
        "format": FORMAT,
        "scenario": report.scenario,
        "title": report.title,
        "stack": report.stack,
        "start": report.first.label,
        "end": report.last.label,
        "currency": report.currency,
        "users_are": "an input of the scenario, not a forecast",
        "total": cents(report.total),
        "cloud_total": cents(report.cloud_total),
        "idle_month": cents(report.idle_month),
        "by_category": {category.name: cents(category.total) for category in report.categories},
        "by_year": [_year(year) for year in report.years],
        "by_month": [_month(month) for month in report.months],
        "headcount": report.headcount,
        "results": _results(report.results),
        "traffic": [
            {"name": row.name, "unit": row.unit, "formula": row.formula, "by_month": list(map(_known, row.amounts))}
            for row in report.traffic
        ],
        "largest_lines": [_line(line) for line in report.largest_lines],
        "coverage": {
            "resources": report.resource_count,
            "priced": _rows(report.priced, reason=False),
            "free": _rows(report.free),
            "not_covered": _rows(report.not_covered),
            "gaps": _rows(report.gaps),
        },
        "notes": list(report.notes),
        "assumptions": [
            {
                "key": entry.key,
                "value": entry.value,
                "unit": entry.unit,
                "low": entry.low,
                "high": entry.high,
                "grade": entry.grade,
                "source": entry.source,
                "source_date": entry.source_date,
                "overridden": entry.overridden,
            }
            for entry in report.assumptions
        ],
        "price_sources": [
            {
                "source": source.source,
                "services": list(source.services),
                "oldest": source.oldest,
                "newest": source.newest,
                "grade": source.grade,
            }
            for source in report.price_sources
        ],
        "digests": dict(report.digests),
    }


def render_json(content: Mapping[str, Any]) -> str:
    """JSON text; refuses NaN, which is not JSON."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def cents(value: float) -> float:
    """Money to the cent."""
    return round(value, CENT_DIGITS)


def _year(year: Year) -> dict[str, Any]:
    by_category = {name: cents(cost) for name, cost in year.by_category.items()}
    return {"year": year.label, "months": year.months, "total": cents(year.total), "by_category": by_category}


def _results(results: Results) -> dict[str, Any]:
    return {
        "by_year": [
            {
                "year": year.label,
                "revenue_by_stream": {name: cents(amount) for name, amount in year.revenue_by_stream.items()},
                "revenue": cents(year.revenue),
                "costs_by_function": {name: cents(amount) for name, amount in year.costs_by_function.items()},
                "gross_profit": cents(year.gross_profit),
                "gross_margin": _known(year.gross_margin),
                "operating_result": cents(year.operating_result),
                "operating_cash_flow": cents(year.operating_cash_flow),
                "funding": cents(year.funding),
                "cash": cents(year.cash),
            }
            for year in results.years
        ],
        "unit_economics": [
            {"unit": row.unit} | {name: _known(getattr(row, name)) for name in ("revenue", "cost", "result")}
            for row in results.units
        ],
        "cash_needed": cents(results.cash_needed),
        "break_even": results.break_even,
        "break_even_users": _known(results.break_even_users),
        "out_of_cash": results.out_of_cash,
        "runway_months": _known(results.runway_months),
        "burn_multiple": _known(results.burn_multiple),
        "revenue_per_employee": _known(results.revenue_per_employee),
    }


def _month(month: Month) -> dict[str, Any]:
    return {
        "month": month.label,
        "total": cents(month.total),
        "by_category": {name: cents(cost) for name, cost in month.by_category.items()},
        "monthly_active_users": round(month.monthly_active_users),
        "monthly_views": round(month.monthly_views),
        "cost_per_mau": _known(month.cost_per_mau),
        "cost_per_1000_views": _known(month.cost_per_thousand_views),
        "people": month.people,
    }


def _known(value: float) -> float | None:
    return round(value, UNIT_COST_DIGITS) if math.isfinite(value) else None


def _line(line: Line) -> dict[str, Any]:
    return {
        "category": line.category,
        "service": line.service,
        "name": line.name,
        "where": line.where,
        "resource": line.resource,
        "driver": line.driver,
        "total": cents(line.total),
    }


def _rows(rows: tuple[CoverageRow, ...], *, reason: bool = True) -> list[dict[str, Any]]:
    return [
        {"type": row.resource_type, "names": list(row.names)} | ({"reason": row.reason} if reason else {})
        for row in rows
    ]
