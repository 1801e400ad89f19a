"""What creators are paid."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from costmodel.schema import Amount, ClosedModel, Month, Name


class CreatorRewards(ClosedModel):
    """Money per qualified view of eligible videos, at a rate that depends on where the viewer is."""

    starts: Month | None = None
    """First month in which rewards are paid; the plan's start when absent."""
    usd_per_1000_qualified_views: Annotated[dict[Name, Amount], Field(min_length=1)]
    """Geography -> rate [USD/1000 qualified views], or the key of an assumption; absent means not offered there."""


class Payouts(ClosedModel):
    """What creators are paid."""

    creator_rewards: CreatorRewards
    """Rate times qualified views."""
