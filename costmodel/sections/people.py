"""Who is on the payroll."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from costmodel.schema import Amount, ClosedModel, Heads, Month, Name, Positive, Text


class _Role(ClosedModel):
    department: Text
    """Department, as the report groups it."""
    salary_usd_per_year: Amount
    """Salary before load and overhead [USD/year], or the key of an assumption."""
    starts: Month | None = None
    """First month on the payroll; the plan's start when absent."""


class FixedRole(_Role):
    """A number of people that does not depend on anything."""

    driver: Literal["fixed"]
    """What the number of people follows."""
    heads: Annotated[int, Field(ge=1)]
    """People [head]."""


class ScaledRole(_Role):
    """People in proportion to a quantity of the plan."""

    driver: Literal["monthly_active_users", "daily_active_users", "monthly_uploads"]
    """What the number of people follows."""
    units_per_head: Positive
    """Quantity that one head can carry [unit of the driver]."""
    floor: Heads = 0
    """People that are there however small the quantity is [head]."""


class ModerationRole(_Role):
    """Reviewers of uploads, by the share that people look at and the videos that one reviews in a day."""

    driver: Literal["moderation"]
    """What the number of people follows."""
    floor: Heads = 0
    """People that are there however few the uploads are [head]."""
    languages_round_the_clock: Heads = 0
    """Languages of which one seat is filled day and night."""


class SupportRole(_Role):
    """Agents who answer tickets."""

    driver: Literal["support_tickets"]
    """What the number of people follows."""
    floor: Heads = 0
    """People that are there however few the tickets are [head]."""


Role = Annotated[FixedRole | ScaledRole | ModerationRole | SupportRole, Field(discriminator="driver")]


class People(ClosedModel):
    """Who is on the payroll."""

    roles: Annotated[dict[Name, Role], Field(min_length=1)]
    """Roles by name."""
