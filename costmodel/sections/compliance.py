"""What the law asks for: privacy, protection of children, reports, audits, data kept in the country."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from costmodel.schema import Amount, Name, Share
from costmodel.sections.period import Period


class AgeChecks(Period):
    """How the age of new users is checked by a paid service."""

    method: Literal["estimate", "document"]
    """A face is estimated, or an identity document is read."""
    everyone_in: list[Name] = Field(default_factory=list)
    """Geographies whose law demands a check of every new user; elsewhere only doubtful cases are checked."""


class Residency(Period):
    """The data of a geography are kept and guarded in the country, apart from the rest."""

    usd_per_user_moved: Amount = "comp.residency_build_usd_per_mau"
    """Paid once for each user who is moved, or is there for the first time [USD/MAU moved], or an assumption."""
    usd_per_user_year: Amount = "comp.residency_usd_per_mau_year"
    """Paid for as long as the user is there [USD/MAU/year of residency], or an assumption."""


class Compliance(Period):
    """What the law asks for; duties follow from the number of users (baseline, middle, very large in the EU)."""

    eu_share: dict[Name, Share] = Field(default_factory=dict)
    """Geography -> share of its users who live in the European Union; absent: an assumption for Europe, else none."""
    age_checks: AgeChecks | None = None
    """Paid age checks; without it there are none."""
    residency: dict[Name, Residency] = Field(default_factory=dict)
    """Geography -> its data stay there; absent means that they do not."""
    expected_fines: bool = True
    """Whether the expected value of fines is a line of the plan: a risk, not a bill."""
