"""How numbers look to a reader."""

from __future__ import annotations

import math
from datetime import date

UNKNOWN = "n/a"
"""Shown where there is no number; a 0 would be a claim."""

SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
SIGNIFICANT_DIGITS = 3
SMALL_USD = 10
"""Below this, dollars are shown with cents."""


def usd(value: float) -> str:
    """Whole dollars; cents below ten dollars, and as many digits as a tiny price needs.

    >>> usd(1234567.891), usd(5.5), usd(0.00012), usd(0), usd(float("nan"))
    ('$1,234,568', '$5.50', '$0.00012', '$0', 'n/a')
    >>> usd(-1234.5), usd_short(-1234567), usd_cents(-0.5)
    ('-$1,234', '-$1.23M', '-$0.50')
    """
    if math.isnan(value):
        return UNKNOWN
    if value < 0:
        return f"-{usd(-value)}"
    if value == 0 or value >= SMALL_USD:
        return f"${value:,.0f}"
    return f"${value:.2f}" if value >= 0.01 else f"${value:.2g}"


def usd_cents(value: float) -> str:
    """Dollars to the cent.

    >>> usd_cents(5325403.148)
    '$5,325,403.15'
    """
    if math.isnan(value):
        return UNKNOWN
    return f"-{usd_cents(-value)}" if value < 0 else f"${value:,.2f}"


def usd_short(value: float) -> str:
    """Three significant digits with a scale, for headlines.

    >>> usd_short(5325403.1), usd_short(999_600), usd_short(0.5510), usd_short(84.2)
    ('$5.33M', '$1.00M', '$0.55', '$84')
    """
    if math.isnan(value):
        return UNKNOWN
    if value < 0:
        return f"-{usd_short(-value)}"
    return f"${count_short(value)}" if round(value) >= 1000 else usd(value)


def count(value: float) -> str:
    """Whole numbers with separators.

    >>> count(485123.4)
    '485,123'
    """
    return UNKNOWN if math.isnan(value) else f"{value:,.0f}"


def count_short(value: float) -> str:
    """Three significant digits with a scale.

    >>> count_short(485123), count_short(1_000), count_short(12), count_short(6.03e7)
    ('485k', '1.00k', '12', '60.3M')
    """
    if math.isnan(value):
        return UNKNOWN
    rounded = float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    for scale, letter in SCALES:
        if abs(rounded) >= scale:
            digits = max(0, SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(abs(rounded) / scale)))
            return f"{rounded / scale:.{digits}f}{letter}"
    return f"{value:,.0f}"


def number(value: float) -> str:
    """A value of an assumption: as many digits as it has, with separators.

    >>> number(921600.0), number(0.0538), number(25.0)
    ('921,600', '0.0538', '25')
    """
    return UNKNOWN if math.isnan(value) else f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"


def times(value: float) -> str:
    """A multiple.

    >>> times(1.96), times(float("nan"))
    ('2.0x', 'n/a')
    """
    return UNKNOWN if math.isnan(value) else f"{value:,.1f}x"


def percent(share: float) -> str:
    """Share of a whole; what rounds to nothing says so.

    >>> percent(0.2345), percent(0.034), percent(0.0004), percent(0)
    ('23 %', '3.4 %', '<0.1 %', '0 %')
    """
    if math.isnan(share):
        return UNKNOWN
    if share == 0 or abs(share) >= 0.1:
        return f"{share:.0%}".replace("%", " %")
    return f"{share:.1%}".replace("%", " %") if abs(share) >= 0.001 else "<0.1 %"


def month_name(label: str) -> str:
    """Month for a reader.

    >>> month_name("2027-01")
    'January 2027'
    """
    return date.fromisoformat(f"{label}-01").strftime("%B %Y")
