"""The kinds of value that YAML files hold, for the closed models that check them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WrapValidator
from pydantic_core import PydanticCustomError

Text = Annotated[str, Field(min_length=1)]
MONTH_PATTERN = r"^[12][0-9]{3}-(0[1-9]|1[0-2])$"
Month = Annotated[str, Field(pattern=MONTH_PATTERN, json_schema_extra={"examples": ["2027-01"]})]
Date = Annotated[
    str,
    Field(
        pattern=r"^[12][0-9]{3}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?$",
        json_schema_extra={"examples": ["2027-01-31"]},
    ),
]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", json_schema_extra={"examples": ["latin_america"]})]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Heads = Annotated[int, Field(ge=0)]


def _amount(value: Any, handler: Callable[[Any], Any]) -> float | str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise PydanticCustomError("amount", "an amount of at least 0 or the key of an assumption")
    return float(value)


Amount = Annotated[float | str, WrapValidator(_amount)]
"""A number of at least 0, or the key of an assumption that gives it."""


class ClosedModel(BaseModel):
    """A mapping of known keys; unknown ones, text for a number and infinities are faults."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True, allow_inf_nan=False
    )
