"""``report.html``: one self-contained file that opens offline."""

from __future__ import annotations

import math
from importlib.metadata import version

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from costmodel.exports import charts, formatting
from costmodel.exports.report import Report
from costmodel.exports.words import load_words, templates_dir
from costmodel.units import MONTHS_PER_YEAR

TEMPLATE = "report.html.j2"
STYLESHEET = "report.css"


def environment() -> Environment:
    """Jinja with our filters; a name that the view lacks is an error, and texts are escaped."""
    jinja = Environment(
        loader=FileSystemLoader(templates_dir()),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    jinja.filters.update(
        cents=lambda value: f"{value:.2f}",
        count=formatting.count,
        count_short=formatting.count_short,
        month=formatting.month_name,
        number=formatting.number,
        percent=formatting.percent,
        times=formatting.times,
        usd=formatting.usd,
        usd_cents=formatting.usd_cents,
        usd_short=formatting.usd_short,
    )
    return jinja


def render_html(report: Report) -> str:
    """The page."""
    return (
        environment()
        .get_template(TEMPLATE)
        .render(
            report=report,
            words=load_words(),
            infinity=math.inf,
            charts={
                "spend": charts.spend_chart(report),
                "result": charts.result_chart(report),
                "cash": charts.cash_chart(report),
                "users": charts.users_chart(report),
                "cost_per_mau": charts.unit_cost_chart(report, "cost_per_mau"),
                "cost_per_thousand_views": charts.unit_cost_chart(report, "cost_per_thousand_views"),
            },
            year_ends=year_ends(len(report.months)),
            css=(templates_dir() / STYLESHEET).read_text(encoding="utf-8"),
            version=version("reelplan"),
        )
    )


def year_ends(months: int) -> list[int]:
    """Positions of the last month of each plan year, and of the plan.

    >>> year_ends(36), year_ends(18), year_ends(1)
    ([11, 23, 35], [11, 17], [])
    """
    ends = [*range(MONTHS_PER_YEAR - 1, months, MONTHS_PER_YEAR)]
    return ends if months == 1 or (ends and ends[-1] == months - 1) else [*ends, months - 1]
