"""The scenario: what a founder decides and believes about the business, as one closed YAML file.

A scenario holds choices (geographies, growth, people, payouts) and overrides of assumptions; everything else comes
from the assumptions' data and from the declared stack. What it does not mention is absent from the plan, not zero.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, ValidationError

from costmodel.amounts import unit_of
from costmodel.assumptions import Assumption, Assumptions, Range
from costmodel.company_checks import company_faults
from costmodel.discounts import Discount
from costmodel.errors import Fault, ScenarioError, nearest
from costmodel.growth_checks import growth_faults
from costmodel.ranges import BOUNDS, at, split, with_ranges
from costmodel.revenue_checks import revenue_faults
from costmodel.scenario_checks import cross_faults, schema_faults
from costmodel.schema import ClosedModel, Date, Month, Name, Text
from costmodel.sections.compliance import Compliance
from costmodel.sections.drama import Drama
from costmodel.sections.features import Live
from costmodel.sections.first_version import FirstVersion
from costmodel.sections.funding import Funding
from costmodel.sections.growth import Geography
from costmodel.sections.payouts import Payouts
from costmodel.sections.people import People
from costmodel.sections.revenue import Advertising, Gifts, Marketplace, Niches, Shop, Subscriptions
from costmodel.tables import SupportPlan, Timeline
from costmodel.user_tables import with_user_tables
from costmodel.yamlfile import Document, KeyPath, read_document

SHIPPED = Path(__file__).parent / "data" / "scenarios"


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
    stage: Literal["early", "maturing", "mature"]
    """Habits of the users: which defaults hold for the time they spend and the share that comes daily.

    "maturing" turns the early ones into the mature ones over ``growth.months_to_maturity`` from each launch."""
    geographies: Annotated[dict[Name, Geography], Field(min_length=1)]
    """Geographies by name."""
    assumptions: dict[str, float] = Field(default_factory=dict)
    """Assumption key -> value in place of the shipped base value."""
    live: Live | None = None
    """Live streaming; without it there is none."""
    niches: Niches = Field(default_factory=dict)
    """What the videos are about: niche -> share of views; the rest is like the mean of all videos."""
    advertising: Advertising | None = None
    """Advertising; without it none is sold."""
    gifts: Gifts | None = None
    """Coins and gifts; without it there are none."""
    shop: Shop | None = None
    """Shop; without it there is none."""
    marketplace: Marketplace | None = None
    """Deals between brands and creators; without it they pass the platform by."""
    subscriptions: Subscriptions | None = None
    """What users pay every month; without it nothing."""
    people: People | None = None
    """Who is on the payroll; without it the plan has no staff cost."""
    payouts: Payouts | None = None
    """What creators are paid; without it nothing."""
    compliance: Compliance | None = None
    """What the law asks for; without it the plan pays for no compliance."""
    first_version: FirstVersion | None = None
    """How the first version is built; without it it is there already."""
    drama: Drama | None = None
    """Short dramas of our own; without it there are none."""
    funding: Funding | None = None
    """Money of founders and investors; without it the plan says how much has to be found."""
    discounts: dict[Name, Discount] = Field(default_factory=dict)
    """What AWS takes off its list prices, by contract; acts in this order."""
    support: SupportPlan | None = None
    """Plan of AWS Support, a share of the AWS bill; without it there is only the free one."""
    _ranges: dict[str, Range] = PrivateAttr(default_factory=dict)

    @property
    def ranges(self) -> Mapping[str, Range]:
        """Dotted key -> the range that the file gives for it; every other number is stated without one."""
        return self._ranges

    def load_assumptions(self) -> Assumptions:
        """The shipped assumptions with this scenario's overrides and ranges on top.

        Raises:
            PlanError: the data or the overrides are malformed.
        """
        return Assumptions.load(self.assumptions, as_of=self.as_of, ranges=self.ranges)

    def amount(self, stated: float | str, path: KeyPath, assumptions: Assumptions) -> Assumption:
        """The assumption behind an amount that this scenario states at ``path``, a place of ``costmodel.amounts``."""
        return assumptions.resolve(
            stated, name=".".join(path), unit=unit_of(path), stated_in=f"scenario {self.name}", as_of=self.as_of
        )

    @property
    def timeline(self) -> Timeline:
        """The months of the plan."""
        return Timeline.starting(self.start, self.months)

    @property
    def digest(self) -> str:
        """SHA-256 of the content; comments, order and layout of the file do not count."""
        content = self.model_dump(mode="json") | {key: asdict(known) for key, known in self._ranges.items()}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@cache
def _model_schema() -> dict[str, Any]:
    """JSON Schema of a scenario without ranges; made once, for it takes longer than all the rest of a loading."""
    return Scenario.model_json_schema()


def scenario_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, for editors; ranges included."""
    schema = with_ranges(_model_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Reelplan scenario"}


def shipped_scenarios(shipped_dir: Path = SHIPPED) -> tuple[str, ...]:
    """Names of the scenarios that come with the program."""
    return tuple(sorted(path.stem for path in shipped_dir.glob("*.yaml")))


def load_scenario(name_or_path: str, shipped_dir: Path = SHIPPED) -> Scenario:
    """A shipped scenario by its name, or a scenario file.

    Raises:
        ScenarioError: there is no such scenario or file, or it is faulty; carries every fault with its line.
    """
    path, label = _locate(name_or_path, shipped_dir)
    schema = _model_schema()
    written, no_tables = with_user_tables(read_document(path, label), path.parent)
    base, ranges, no_ranges = split(written, schema)
    scenario, found = _checked(base, schema)
    faults = [*no_tables, *chain(*no_ranges.values()), *(fault for fault in found if fault.where not in no_ranges)]
    for bound in BOUNDS if ranges else ():
        _, at_bound = _checked(at(base, ranges, bound), schema)
        faults += [replace(fault, hint=f"as the {bound} of its range") for fault in at_bound if fault not in found]
    if faults or scenario is None:
        faults.sort(key=lambda fault: _line(fault, label))
        raise ScenarioError(faults)
    scenario._ranges.update({".".join(path): known for path, known in ranges.items()})
    return scenario


def _checked(document: Document, schema: Mapping[str, Any]) -> tuple[Scenario | None, list[Fault]]:
    """The scenario that a file without ranges says, if it says one, and all its faults."""
    catalogue = Assumptions.load()
    checks = (cross_faults, growth_faults, revenue_faults, company_faults)
    faults = [fault for check in checks for fault in check(document, catalogue)]
    try:
        return Scenario.model_validate(document.data), faults
    except ValidationError as error:
        return None, [*faults, *schema_faults(error.errors(include_url=False), document, schema)]


def _line(fault: Fault, label: str) -> float:
    """The line in ``label:line: path``; faults of another file come last."""
    own = fault.where.startswith(f"{label}:")
    return int(fault.where.removeprefix(f"{label}:").split(":")[0]) if own else math.inf


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
