"""The scenario: what a founder decides and believes about the business, as one closed YAML file.

A scenario holds choices (geographies, growth, people, payouts) and overrides of assumptions; everything else comes
from the assumptions' data and from the declared stack. What it does not mention is absent from the plan, not zero.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from costmodel.assumptions import Assumptions
from costmodel.discounts import Discount
from costmodel.errors import Fault, ScenarioError, nearest
from costmodel.scenario_checks import cross_faults, schema_faults
from costmodel.schema import ClosedModel, Date, Month, Name, Text
from costmodel.sections.features import Gifts, Live, Shop
from costmodel.sections.growth import Geography
from costmodel.sections.payouts import Payouts
from costmodel.sections.people import People
from costmodel.tables import Timeline
from costmodel.yamlfile import read_document

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
    stage: Literal["early", "mature"]
    """Habits of the users: which defaults hold for the time they spend and the share that comes daily."""
    geographies: Annotated[dict[Name, Geography], Field(min_length=1)]
    """Geographies by name."""
    assumptions: dict[str, float] = Field(default_factory=dict)
    """Assumption key -> value in place of the shipped base value."""
    live: Live | None = None
    """Live streaming; without it there is none."""
    gifts: Gifts | None = None
    """Coins and gifts; without it there are none."""
    shop: Shop | None = None
    """Shop; without it there is none."""
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
