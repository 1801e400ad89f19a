"""How a number of a bill came about: what it was made from, and how much each of that matters.

Nobody writes down which assumptions a line depends on. It is found out: each one that was read on the way is raised
by one percent, and the meter of the resource runs again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from costmodel.assumptions import Assumption, Assumptions
from costmodel.bill import Bill, Line
from costmodel.billing import Case, last
from costmodel.cells import of_geographies, with_the_rest
from costmodel.errors import Fault, PlanError, SelectionError, nearest
from costmodel.metering import Context, meter_resource
from costmodel.metering.context import Rules
from costmodel.price_book import PriceBook, PriceRow
from costmodel.stack_cost import UsedRules
from costmodel.tables import Quantity

NUDGE = 0.01
"""One percent: small enough to stay near the number, large enough to stand out of rounding."""

VISIBLE = 1e-6
"""Effects below this are the rounding of floating-point numbers."""


@dataclass(frozen=True)
class Influence:
    """One number that a quantity depends on."""

    name: str
    kind: Literal["users", "assumption", "rule"]
    value: float
    unit: str
    effect: float | None
    """Percent by which the quantity changes when this number rises by one percent; None when it cannot rise."""
    source: str
    dated: str
    grade: str


@dataclass(frozen=True)
class Explanation:
    """Why a line is what it is; the formula, tiers and prices stand in the line itself."""

    line: Line
    influences: tuple[Influence, ...]
    """The strongest first."""
    without_effect: tuple[str, ...]
    """Numbers that the resource depends on, but this line does not at its present size."""


def find_lines(bill: Bill, wanted: str) -> tuple[Line, ...]:
    """Lines by the URN or name of their resource, by their own name, or by their sku.

    Raises:
        SelectionError: there are none; names the nearest that there are.
    """
    found = tuple(line for line in bill.lines if wanted in _names(line))
    if found:
        return found
    hint = nearest(wanted, {name for line in bill.lines for name in _names(line)})
    expected = "the URN or name of a priced resource, a line such as NAME/SKU, or a sku of the bill"
    raise SelectionError([Fault(f"--explain {wanted}", "no such line", expected, hint)])


def _names(line: Line) -> tuple[str, ...]:
    return line.resource.urn, line.resource.name, line.name, line.sku_key, f"{line.service} {line.sku_key}"


def explain(case: Case, bill: Bill, line: Line, book: PriceBook) -> Explanation:
    """What a line of a bill depends on.

    Args:
        case: what the bill was made from.
        bill: the bill.
        line: one of its lines.
        book: holds the billing rules.
    """
    trial = _Trial(case, line, bill.lines_by_urn[line.resource.urn].index(line), book)
    influences = sorted(trial.influences(), key=lambda found: (-abs(found.effect or 0), found.name))
    has_effect = [found for found in influences if found.effect is None or abs(found.effect) > VISIBLE]
    rest = tuple(found.name for found in influences if found not in has_effect)
    return Explanation(line, tuple(has_effect), rest)


@dataclass(frozen=True)
class _Trial:
    """Runs the meter of one resource again, with one number changed."""

    case: Case
    line: Line
    position: int
    """Of the line among those of its resource."""
    book: PriceBook

    def amount(self, case: Case, assumptions: Assumptions, rules: Rules) -> float:
        """What the meter counts under these values [base unit]."""
        use = case.use(assumptions)
        cells = with_the_rest(case.inventory, case.cells, use.activity.geographies)
        home = next(cell for cell in cells if self.line.resource.urn in cell.inventory.resources)
        context = Context(home.inventory, of_geographies(use.activity, home.geographies), assumptions, rules)
        findings = meter_resource(self.line.resource, context, case.stated)
        return last([finding for finding in findings if isinstance(finding, Quantity)][self.position].amount)

    def effect(self, base: float, case: Case, assumptions: Assumptions, rules: Rules) -> float | None:
        """Percent of change per percent; None when the number cannot rise."""
        if base == 0:
            return 0.0
        try:
            return (self.amount(case, assumptions, rules) / base - 1) / NUDGE
        except PlanError:  # such as a mean length below the median
            return None

    def influences(self) -> Iterator[Influence]:
        """Every number that was read on the way, with its effect."""
        if self.line.basis != "estimated" or self.line.quantity is None:
            return
        assumptions, rules = self.case.assumptions(), UsedRules(self.book)
        base = self.amount(self.case, assumptions, rules)
        # What the base run has read is fixed here; the trials read more, but only of the same.
        used, used_rules = assumptions.used, rules.rows
        yield from self._users(base, assumptions, rules)
        for entry in used:
            raised = replace(entry, override=entry.value * (1 + NUDGE))
            nudged = Assumptions({**assumptions.entries, entry.key: raised})
            yield _assumed(entry, self.effect(base, self.case, nudged, rules))
        for row in used_rules:
            raised_rule = _RaisedRule(self.book, row.service, row.sku_key)
            effect = self.effect(base, self.case, assumptions, raised_rule)
            yield _ruled(row, self.book.rule(row.service, row.sku_key), effect)

    def _users(self, base: float, assumptions: Assumptions, rules: Rules) -> Iterator[Influence]:
        scenario, users = self.case.scenario, self.case.use(assumptions).users
        if scenario is not None and users:
            more = replace(self.case, at_users=users * (1 + NUDGE))
            source = f"scenario {scenario.name}" if self.case.at_users is None else "as asked for"
            effect = self.effect(base, more, assumptions, rules)
            yield Influence("monthly active users", "users", users, "user", effect, source, scenario.as_of, "low")


def _assumed(entry: Assumption, effect: float | None) -> Influence:
    value, unit = entry.value, entry.unit
    return Influence(entry.key, "assumption", value, unit, effect, entry.source, entry.source_date, entry.grade)


def _ruled(row: PriceRow, value: float, effect: float | None) -> Influence:
    name, observed = f"{row.service} {row.sku_key}", row.effective_date.isoformat()
    return Influence(name, "rule", value, row.unit, effect, row.source, observed, row.grade)


@dataclass(frozen=True)
class _RaisedRule:
    """The rules of the price book with one of them raised."""

    book: PriceBook
    service: str
    sku_key: str

    def rule(self, service: str, sku_key: str) -> float:
        """Value of a rule, one percent higher if it is the one."""
        factor = 1 + NUDGE if (service, sku_key) == (self.service, self.sku_key) else 1.0
        return self.book.rule(service, sku_key) * factor
