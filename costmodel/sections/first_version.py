"""How the first version is built, before anybody can use it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from costmodel.schema import Amount, ClosedModel, Month


class OutsourcedVersion(ClosedModel):
    """A studio builds it by the hour."""

    by: Literal["studio"]
    """Who builds it."""
    starts: Month | None = None
    """First month of the work; the plan's start when absent."""
    people: Amount = "build.mvp_team"
    """People of the studio who work on it [people], or the key of an assumption."""
    months: Amount = "build.mvp_months"
    """How long they work [months], or the key of an assumption."""
    usd_per_hour: Amount = "build.hourly_rate_outsourced"
    """What an hour is billed at [USD/hour], or the key of an assumption."""
    maintained_by: Literal["studio", "payroll"] = "payroll"
    """Who keeps it running afterwards: the studio, for a share of what it cost, or the people of the plan."""


class OwnVersion(ClosedModel):
    """The people of the plan build it: their salaries are its cost, and nothing comes on top."""

    by: Literal["payroll"]
    """Who builds it."""
    starts: Month | None = None
    """First month of the work; the plan's start when absent."""
    months: Amount = "build.mvp_months"
    """How long they work [months], or the key of an assumption."""


FirstVersion = Annotated[OutsourcedVersion | OwnVersion, Field(discriminator="by")]
