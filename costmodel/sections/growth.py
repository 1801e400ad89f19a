"""How many people use the platform: a curve for each geography."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from costmodel.schema import ClosedModel, Month, NotNegative, Positive
from costmodel.tables import Edge


class LogisticGrowth(ClosedModel):
    """Growth in proportion to the users there are, braked by a ceiling."""

    model: Literal["logistic"]
    """Which growth curve."""
    launch: Month
    """First month with users, before or after the plan's start."""
    users_at_launch: Positive
    """Monthly active users at the beginning of the launch month [user]."""
    ceiling_users: Positive
    """Monthly active users that will never be passed: people reachable x share [user]."""
    rate_per_year: Positive
    """Growth while far below the ceiling: users grow e^rate-fold in a year [1/year]."""


class BassGrowth(ClosedModel):
    """Growth by advertising (innovation) and by word of mouth (imitation), from nobody at launch."""

    model: Literal["bass"]
    """Which growth curve."""
    launch: Month
    """First month with users, before or after the plan's start."""
    ceiling_users: Positive
    """Monthly active users that will never be passed: people reachable x share [user]."""
    innovation_per_year: Positive
    """p: share of those not yet won who come by themselves in a year [1/year]."""
    imitation_per_year: NotNegative
    """q: share of those not yet won whom a full user base would bring in a year [1/year]."""


Growth = Annotated[LogisticGrowth | BassGrowth, Field(discriminator="model")]


class Geography(ClosedModel):
    """A part of the world with its own users, delivery price and rates."""

    edge: Edge
    """CloudFront edge geography that serves these users."""
    growth: Growth
    """How its monthly active users grow."""
