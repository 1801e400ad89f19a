"""``ledger.csv`` and ``ledger.parquet``: the ledger for other tools."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet run a cell as a formula (OWASP, CSV injection)."""
TEXT_MARK = "'"
"""Makes a spreadsheet show the cell as it is."""

LINE_BREAKS = str.maketrans(dict.fromkeys("\t\r\n", " "))

DATE_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
"""FOCUS: ISO 8601 in UTC; the end of a period is exclusive."""


def ledger_csv(table: pd.DataFrame) -> bytes:
    """The ledger as UTF-8 CSV: unrounded numbers, and no text that a spreadsheet would run as a formula."""
    safe = table.assign(
        **{
            str(name): _defused(table[name])
            for name in table.columns
            if isinstance(table[name].dtype, pd.CategoricalDtype)
        }
    )
    return safe.to_csv(index=False, date_format=DATE_FORMAT, lineterminator="\n").encode()


def ledger_parquet(table: pd.DataFrame) -> bytes:
    """The ledger as Parquet; texts stay dictionaries."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, engine="pyarrow", index=False)
    return buffer.getvalue()


def _defused(column: pd.Series) -> pd.Series:
    """Works on the distinct texts, not on the rows."""
    safe = np.array([_defuse(str(text)) for text in column.cat.categories], dtype=object)
    return pd.Series(safe[column.cat.codes], index=column.index)


def _defuse(text: str) -> str:
    """A text that a spreadsheet shows and does not run; on one line, as some readers end a row at any line break.

    >>> _defuse("=1+1"), _defuse("Fargate arm.vcpu")
    ("'=1+1", 'Fargate arm.vcpu')
    """
    one_line = text.translate(LINE_BREAKS)
    return TEXT_MARK + one_line if text.startswith(FORMULA_STARTS) else one_line
