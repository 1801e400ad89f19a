"""Where the money comes from that the company does not earn."""

from __future__ import annotations

from pydantic import Field

from costmodel.schema import ClosedModel, Month, Name, NotNegative, Positive


class Round(ClosedModel):
    """Money that investors put in."""

    month: Month
    """Month in which it arrives."""
    usd: Positive
    """Amount after fees [USD]."""


class Funding(ClosedModel):
    """Money of the founders and investors; equity, nothing is paid back."""

    opening_cash_usd: NotNegative = 0
    """Cash on the day before the plan starts [USD]."""
    rounds: dict[Name, Round] = Field(default_factory=dict)
    """Rounds by name."""
