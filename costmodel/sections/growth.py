"""How many people use the platform, and what is spent on winning them: a model for each geography."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from costmodel.schema import Amount, ClosedModel, Month, NotNegative, Positive, Share, Text
from costmodel.tables import Edge


class BoughtInstalls(ClosedModel):
    """Advertising that buys a part of the installs which a curve or a table needs."""

    usd_per_install: Amount
    """Price of an install [USD/install], or the key of an assumption."""
    share_of_installs: Amount = "growth.paid_install_share"
    """Part of the installs that is bought [share of installs], or the key of an assumption."""
    stops: Month | None = None
    """First month without advertising; from then on users fall by ``growth.decay_rate_when_UA_cut``."""


class AdvertisingBudget(ClosedModel):
    """Money that buys installs."""

    usd_per_install: Amount
    """Price of an install [USD/install], or the key of an assumption."""
    usd_per_month: Annotated[dict[Month, NotNegative], Field(min_length=1)]
    """Month -> budget from then on [USD/month], until another is given; none before the first and before the launch."""


class LogisticGrowth(ClosedModel):
    """Growth in proportion to the users there are, braked by a ceiling."""

    model: Literal["logistic"]
    """Which growth model."""
    launch: Month
    """First month with users, before or after the plan's start."""
    users_at_launch: Positive
    """Monthly active users at the beginning of the launch month [user]."""
    ceiling_users: Positive
    """Monthly active users that will never be passed: people reachable x share [user]."""
    rate_per_year: Positive
    """Growth while far below the ceiling: users grow e^rate-fold in a year [1/year]."""
    advertising: BoughtInstalls | None = None
    """What buys a part of the installs; without it none is paid for."""


class GompertzGrowth(ClosedModel):
    """Growth that slows from the first day on: fast early, with a long approach to the ceiling."""

    model: Literal["gompertz"]
    """Which growth model."""
    launch: Month
    """First month with users, before or after the plan's start."""
    users_at_launch: Positive
    """Monthly active users at the beginning of the launch month [user]."""
    ceiling_users: Positive
    """Monthly active users that will never be passed: people reachable x share [user]."""
    rate_per_year: Positive
    """How fast the distance to the ceiling shrinks, as a ratio, on its e^-rate in a year [1/year]."""
    advertising: BoughtInstalls | None = None
    """What buys a part of the installs; without it none is paid for."""


class BassGrowth(ClosedModel):
    """Growth by advertising (innovation) and by word of mouth (imitation), from nobody at launch."""

    model: Literal["bass"]
    """Which growth model."""
    launch: Month
    """First month with users, before or after the plan's start."""
    ceiling_users: Positive
    """Monthly active users that will never be passed: people reachable x share [user]."""
    innovation_per_year: Positive
    """p: share of those not yet won who come by themselves in a year [1/year]."""
    imitation_per_year: NotNegative
    """q: share of those not yet won whom a full user base would bring in a year [1/year]."""
    advertising: BoughtInstalls | None = None
    """What buys a part of the installs; without it none is paid for."""


class TableGrowth(ClosedModel):
    """Users as they were counted and as they are planned, month by month or with gaps."""

    model: Literal["table"]
    """Which growth model."""
    file: Text | None = None
    """CSV file with the columns month and monthly_active_users; its path counts from the scenario file."""
    monthly_active_users: dict[Month, NotNegative] = Field(default_factory=dict)
    """Month -> monthly active users [user], in place of a file; a straight line between the months that are given."""
    advertising: BoughtInstalls | None = None
    """What buys a part of the installs; without it none is paid for."""


class CohortGrowth(ClosedModel):
    """Installs, and how many of those who installed come back: users are the sum of the cohorts."""

    model: Literal["cohorts"]
    """Which growth model."""
    launch: Month
    """First month with users, before or after the plan's start."""
    users_at_launch: NotNegative = 0
    """People who are there on the first day, a cohort of the launch month [user]."""
    organic_installs_per_month: NotNegative = 0
    """People who come by themselves [install/month]."""
    invited_installs_per_user_month: NotNegative = 0
    """People whom a monthly user brings in the month after [install/user/month]."""
    monthly_churn_share: Share | None = None
    """Share of a month's users that is gone in the next; without it cohorts shrink as the power law of
    ``growth.retention_d1`` and ``growth.retention_d7`` says."""
    advertising: AdvertisingBudget | None = None
    """What buys installs on top of those that come by themselves."""


Curve = LogisticGrowth | GompertzGrowth | BassGrowth
Growth = Annotated[Curve | TableGrowth | CohortGrowth, Field(discriminator="model")]


class Geography(ClosedModel):
    """A part of the world with its own users, delivery price and rates."""

    edge: Edge
    """CloudFront edge geography that serves these users."""
    growth: Growth
    """How its monthly active users grow."""
