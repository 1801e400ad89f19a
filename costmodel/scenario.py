"""The scenario: what a founder decides and believes about the business, as one closed YAML file.

A scenario holds choices (geographies, growth, people, payouts) and overrides of assumptions; everything else comes
from the assumptions' data and from the declared stack. What it does not mention is absent from the plan, not zero.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, WrapValidator
from pydantic_core import PydanticCustomError

from costmodel.assumptions import Assumptions
from costmodel.discounts import Discount
from costmodel.errors import Fault, ScenarioError, nearest
from costmodel.scenario_checks import cross_faults, schema_faults
from costmodel.schema import ClosedModel, Date, Heads, Month, Name, NotNegative, Positive, Text
from costmodel.tables import Edge, Timeline
from costmodel.yamlfile import read_document

SHIPPED = Path(__file__).parent / "data" / "scenarios"


def _amount(value: Any, handler: Callable[[Any], Any]) -> float | str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise PydanticCustomError("amount", "an amount of at least 0 or the key of an assumption")
    return float(value)


Amount = Annotated[float | str, WrapValidator(_amount)]
"""A number of at least 0, or the key of an assumption that gives it."""


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


class Scenario(ClosedModel):
    """One plan of the business."""

    name: Name
    """Short name; the ledger carries it in every row."""
    title: Text
    """Headline of the report."""
    description: Text
    """Why these numbers: the reasoning that a reader may challenge."""
    as_of: Date
    """When the author set the numbers; the date of every number that has no other source."""
    start: Month
    """First month of the plan."""
    months: Annotated[int, Field(ge=1, le=120)]
    """Length of the plan [month]."""
    currency: Literal["USD"] = "USD"
    """Currency of every amount."""
    stage: Literal["early", "mature"]
    """Habits of the users: which defaults hold for the time they spend and the share that comes daily."""
    geographies: Annotated[dict[Name, Geography], Field(min_length=1)]
    """Geographies by name."""
    assumptions: dict[str, float] = Field(default_factory=dict)
    """Assumption key -> value in place of the shipped base value."""
    people: People | None = None
    """Who is on the payroll; without it the plan has no staff cost."""
    payouts: Payouts | None = None
    """What creators are paid; without it nothing."""
    discounts: dict[Name, Discount] = Field(default_factory=dict)
    """What AWS takes off its list prices, by contract; acts in this order."""

    @property
    def timeline(self) -> Timeline:
        """The months of the plan."""
        return Timeline.starting(self.start, self.months)

    @property
    def digest(self) -> str:
        """SHA-256 of the content; comments, order and layout of the file do not count."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()


def shipped_scenarios(shipped_dir: Path = SHIPPED) -> tuple[str, ...]:
    """Names of the scenarios that come with the program."""
    return tuple(sorted(path.stem for path in shipped_dir.glob("*.yaml")))


def load_scenario(name_or_path: str, shipped_dir: Path = SHIPPED) -> Scenario:
    """A shipped scenario by its name, or a scenario file.

    Raises:
        ScenarioError: there is no such scenario or file, or it is faulty; carries every fault with its line.
    """
    path, label = _locate(name_or_path, shipped_dir)
    document = read_document(path, label)
    faults = list(cross_faults(document, Assumptions.load()))
    try:
        scenario = Scenario.model_validate(document.data)
    except ValidationError as error:
        faults += schema_faults(error.errors(include_url=False), document, Scenario.model_json_schema())
    if faults:
        faults.sort(key=lambda fault: _line(fault, label))
        raise ScenarioError(faults)
    return scenario


def _line(fault: Fault, label: str) -> int:
    """The line in ``label:line: path``."""
    return int(fault.where.removeprefix(f"{label}:").split(":")[0])


def _locate(name_or_path: str, shipped_dir: Path) -> tuple[Path, str]:
    """The file, and how messages name it."""
    shipped = shipped_scenarios(shipped_dir)
    if name_or_path in shipped:
        return shipped_dir / f"{name_or_path}.yaml", f"{name_or_path}.yaml"
    path = Path(name_or_path)
    looks_like_file = path.suffix in (".yaml", ".yml") or path.name != name_or_path or path.exists()
    if looks_like_file:
        return path, name_or_path
    expected = f"a shipped scenario ({', '.join(shipped)}) or a YAML file"
    raise ScenarioError([Fault("scenario", repr(name_or_path), expected, nearest(name_or_path, shipped))])
