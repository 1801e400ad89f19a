"""Who works for the company: explicit roles, or those of a shipped organisation, or both."""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from costmodel.assumptions import SUM_TOLERANCE
from costmodel.schema import Amount, ClosedModel, Heads, Month, Name, NotNegative, Positive, Share, Text

Months = Annotated[int, Field(ge=0, le=120)]
"""A number of months, at most those of the longest plan."""

Location = Literal["US", "UK", "DE", "CA", "EE_IN"]
"""Where salaries are known: United States, United Kingdom, Germany, Canada, Eastern Europe and India."""


def _whole(locations: dict[Location, float]) -> dict[Location, float]:
    total = math.fsum(locations.values())
    if locations and abs(total - 1) > SUM_TOLERANCE:
        raise PydanticCustomError("locations", "shares that sum to 1", {"found": f"a sum of {total:g}"})
    return locations


Locations = Annotated[dict[Location, Share], AfterValidator(_whole)]
"""Location -> share of the heads that work there; the shares sum to 1."""


class _Role(ClosedModel):
    department: Text
    """Department, as the report groups it."""
    salary_usd_per_year: Amount | None = None
    """Salary of an employee before load and overhead [USD/year], or the key of an assumption."""
    usd_per_hour: Amount | None = None
    """What a contractor's hour is billed at [USD/hour], or the key of an assumption; in place of a salary."""
    locations: Locations = Field(default_factory=dict)
    """Where the role works, when its salary is that of the United States; absent: the salary is as paid."""
    starts: Month | None = None
    """First month on the payroll; the plan's start when absent."""

    @model_validator(mode="after")
    def _paid_in_one_way(self) -> Self:
        stated = [name for name in ("salary_usd_per_year", "usd_per_hour") if getattr(self, name) is not None]
        if len(stated) != 1:
            found = " and ".join(stated) or "nothing that it is paid"
            raise PydanticCustomError("pay", "either salary_usd_per_year or usd_per_hour", {"found": found})
        return self


class FixedRole(_Role):
    """A number of people that does not depend on anything."""

    driver: Literal["fixed"]
    """What the number of people follows."""
    heads: Annotated[int, Field(ge=1)]
    """People [head]."""


class _DrivenRole(_Role):
    from_monthly_active_users: NotNegative = 0
    """Monthly active users below which the work is done by others [user]."""
    lead_months: Months | None = None
    """Months that somebody is paid before carrying a full load: hiring, learning [month]; of the plan when absent."""
    notice_months: Months | None = None
    """Months that somebody is paid after the work has gone [month]; of the plan when absent."""


class ScaledRole(_DrivenRole):
    """People in proportion to a quantity of the plan, or to a power of it."""

    driver: Literal[
        "monthly_active_users",
        "daily_active_users",
        "monthly_uploads",
        "monthly_uploaders",
        "monthly_live_hours_streamed",
        "monthly_orders",
        "advertising_usd_per_year",
        "cloud_services",
    ]
    """What the number of people follows."""
    units_per_head: Positive
    """Quantity that one head can carry [unit of the driver]."""
    exponent: Annotated[float, Field(gt=0, le=1)] = 1
    """Heads = (quantity / units_per_head) ^ exponent: below 1 a larger company needs fewer heads per unit."""
    floor: Heads = 0
    """People that are there however small the quantity is [head]."""


class ModerationRole(_DrivenRole):
    """Reviewers of uploads, by the share that people look at and the videos that one reviews in a day."""

    driver: Literal["moderation"]
    """What the number of people follows."""
    review: Literal["machine_first", "everything", "reports"] = "machine_first"
    """What people look at: what machines pick out, every upload, or only what users report as illegal."""
    share_of_work: Share = 1
    """Part of the reviews that this role does; the shares of all moderation roles sum to 1."""
    floor: Heads = 0
    """People that are there however few the uploads are [head]."""
    languages_round_the_clock: Heads = 0
    """Languages of which one seat is filled day and night."""


class SupportRole(_DrivenRole):
    """Agents who answer tickets."""

    driver: Literal["support_tickets"]
    """What the number of people follows."""
    share_of_work: Share = 1
    """Part of the tickets that this role answers; the shares of all support roles sum to 1."""
    floor: Heads = 0
    """People that are there however few the tickets are [head]."""


class RegulationRole(_DrivenRole):
    """People whom the law asks for, by the regime that the platform is under."""

    driver: Literal["regulation"]
    """What the number of people follows."""
    baseline: Heads = 0
    """People of a small platform [head]."""
    mid: Heads
    """People of a platform of middle size [head]."""
    very_large: Heads
    """People of a very large online platform in the European Union [head]."""


class OverheadRole(_DrivenRole):
    """People who look after the others: management, finance, personnel."""

    driver: Literal["headcount"]
    """What the number of people follows."""
    share_of_others: Annotated[float, Field(ge=0, lt=1)]
    """Heads of this role for each employee of every role that does not follow the headcount itself [head/head]."""
    floor: Heads = 0
    """People that are there however few the others are [head]."""


Role = Annotated[
    FixedRole | ScaledRole | ModerationRole | SupportRole | RegulationRole | OverheadRole,
    Field(discriminator="driver"),
]


class People(ClosedModel):
    """Who works for the company."""

    template: Name | None = None
    """A shipped organisation whose roles are hired as their drivers grow; without it only ``roles``."""
    without: list[Name] = Field(default_factory=list)
    """Roles of the organisation that the company does without."""
    roles: Annotated[dict[Name, Role], Field(min_length=1, default_factory=dict)]
    """Roles by name; one named like a role of the organisation takes its place."""
    locations: Locations = Field(default_factory=dict)
    """Where the roles of the organisation work, for its salaries are those of the United States; absent: there."""
    lead_months: Months = 0
    """Months that somebody is paid before carrying a full load, unless the role says otherwise [month]."""
    notice_months: Months = 0
    """Months that somebody is paid after the work has gone, unless the role says otherwise [month]."""
    equity_to_cash_pay: Amount = 0.0
    """Shares granted for each dollar of salary [USD/USD], or an assumption: a cost that takes no cash."""


class Organisation(ClosedModel):
    """A shipped organisation: the roles of a kind of company, hired as their drivers grow."""

    title: Text
    """What kind of company."""
    description: Text
    """Where the proportions come from, and how far they hold."""
    as_of: Text
    """When the numbers were set."""
    roles: Annotated[dict[Name, Role], Field(min_length=1)]
    """Roles by name; salaries are those of the United States."""
