"""A bill as JSON with the field names of Infracost, so that policies and comment bots written for it keep working.

Numbers are decimal strings, as there. A quantity or cost that depends on use that is not known is null. ``price`` times
``monthlyQuantity`` is ``monthlyCost``, and components sum to their resource, resources to the total: with discounts
``price`` is what the contract makes of it, and the cost at list price stands in the resource's metadata. Nothing here
asks the clock: ``timeGenerated`` is the date of the newest price of the bill, so the same inputs give the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from costmodel.bill import Bill, Line, Slice
from costmodel.exports.bill_text import line_name
from costmodel.exports.words import Words, load_words
from costmodel.units import HOURS_PER_MONTH

VERSION = "0.2"
"""Of Infracost's output format."""
CURRENCY = "USD"
SIGNIFICANT_DIGITS = 15
"""As many decimal digits as a binary double holds for certain: exact, and no noise of binary fractions."""

Json = dict[str, Any]


def bill_json(bill: Bill) -> Json:
    """One bill as Infracost's root document with one project."""
    breakdown = _breakdown(bill)
    summary = _summary(bill)
    totals = {key: breakdown[key] for key in ("totalHourlyCost", "totalMonthlyCost", "totalMonthlyUsageCost")}
    return {
        "version": VERSION,
        "metadata": _metadata(),
        "currency": CURRENCY,
        "projects": [_project(bill, breakdown, summary)],
        **totals,
        "pastTotalHourlyCost": None,
        "pastTotalMonthlyCost": None,
        "pastTotalMonthlyUsageCost": None,
        "diffTotalHourlyCost": None,
        "diffTotalMonthlyCost": None,
        "diffTotalMonthlyUsageCost": None,
        "timeGenerated": f"{_newest(bill)}T00:00:00Z",
        "summary": summary,
    }


def _metadata() -> Json:
    """The command; of version control a bill knows nothing."""
    unknown = ("vcsBranch", "vcsCommitSha", "vcsCommitAuthorName", "vcsCommitAuthorEmail", "vcsCommitMessage")
    empty = dict.fromkeys(unknown, "")
    return {"infracostCommand": "breakdown", **empty, "vcsCommitTimestamp": "0001-01-01T00:00:00Z"}


def _project(bill: Bill, breakdown: Json, summary: Json) -> Json:
    inventory = bill.inventory
    name = f"{inventory.project}/{inventory.stack}"
    labelled = f"{name}, {bill.label}" if bill.label else name
    return {
        "name": labelled,
        "displayName": labelled,
        "metadata": {"path": inventory.source, "type": "pulumi"},
        "pastBreakdown": None,
        "breakdown": breakdown,
        "diff": None,
        "summary": summary,
    }


def _breakdown(bill: Bill) -> Json:
    words = load_words()
    by_urn = bill.lines_by_urn
    resources = [_resource(bill, lines, words) for lines in by_urn.values()]
    commitments = [_commitment(c.words, c.billed_cost) for c in bill.commitments]
    return {
        "resources": [*resources, *commitments],
        "freeResources": [_free(bill, urn, reason) for urn, reason in bill.coverage.free.items()],
        "totalHourlyCost": decimal(bill.billed_cost / HOURS_PER_MONTH),
        "totalMonthlyCost": decimal(bill.billed_cost),
        "totalMonthlyUsageCost": decimal(_billed(line for line in bill.lines if line.usage_based)),
    }


def _resource(bill: Bill, lines: Sequence[Line], words: Words) -> Json:
    resource = lines[0].resource
    known = [line for line in lines if line.billed_cost is not None]
    cost = _billed(known) if known else None
    usage = [line for line in known if line.usage_based]
    return {
        "name": resource.name,
        "resourceType": resource.type,
        "tags": {key: str(value) for key, value in resource.tags.items() if value is not None},
        "metadata": {
            "urn": resource.urn,
            "region": resource.region,
            "gaps": list(bill.coverage.gaps.get(resource.urn, ())),
            "listMonthlyCost": decimal(sum(line.cost or 0 for line in known)) if known else None,
        },
        "hourlyCost": None if cost is None else decimal(cost / HOURS_PER_MONTH),
        "monthlyCost": None if cost is None else decimal(cost),
        "monthlyUsageCost": decimal(_billed(usage)) if usage else None,
        "costComponents": [component for line in lines for component in _components(line, words)],
    }


def _components(line: Line, words: Words) -> Iterator[Json]:
    """A component for each tier that is used: only then price x quantity is the cost."""
    name = line_name(line, words)
    if line.quantity is None:
        row = next((row for row in line.ladder.rows if row.price_usd), line.ladder.rows[0])
        yield _component(name, line, row.price_usd, None, None)
    elif not line.slices:
        yield _component(name, line, line.ladder.rows[0].price_usd, 0.0, 0.0)
    for piece in line.slices:
        words_of_tier = f" ({piece.words.removeprefix(', ')})" if piece.words else ""
        price = piece.billed_cost / piece.quantity if piece.discount else piece.unit_price
        yield _component(name + words_of_tier, line, price, piece.quantity, piece.billed_cost)


def _component(name: str, line: Line, price: float, quantity: float | None, cost: float | None) -> Json:
    return {
        "name": name,
        "unit": line.unit,
        "hourlyQuantity": None if quantity is None else decimal(quantity / HOURS_PER_MONTH),
        "monthlyQuantity": None if quantity is None else decimal(quantity),
        "price": decimal(price),
        "hourlyCost": None if cost is None else decimal(cost / HOURS_PER_MONTH),
        "monthlyCost": None if cost is None else decimal(cost),
        "usageBased": line.usage_based,
        "priceNotFound": False,
    }


def _commitment(words: str, billed_cost: float) -> Json:
    cost = {"hourlyCost": decimal(billed_cost / HOURS_PER_MONTH), "monthlyCost": decimal(billed_cost)}
    return {"name": words, "metadata": {}, **cost}


def _free(bill: Bill, urn: str, reason: str) -> Json:
    resource = bill.inventory.resources[urn]
    return {"name": resource.name, "resourceType": resource.type, "metadata": {"urn": urn, "reason": reason}}


def _summary(bill: Bill) -> Json:
    resources, coverage = bill.inventory.resources, bill.coverage
    left_out = Counter(resources[urn].type for urn in coverage.not_covered)
    priced = Counter(resources[urn].type for urn in coverage.priced)
    usage_based = {line.resource.urn for line in bill.lines if line.usage_based}
    return {
        "totalDetectedResources": len(resources),
        "totalSupportedResources": len(coverage.priced),
        "totalUnsupportedResources": len(coverage.not_covered),
        "totalUsageBasedResources": len(usage_based),
        "totalNoPriceResources": len(coverage.free),
        "supportedResourceCounts": dict(sorted(priced.items())),
        "unsupportedResourceCounts": dict(sorted(left_out.items())),
        "noPriceResourceCounts": dict(sorted(Counter(resources[urn].type for urn in coverage.free).items())),
    }


def _billed(lines: Iterable[Line]) -> float:
    return sum(line.billed_cost or 0.0 for line in lines)


def _newest(bill: Bill) -> str:
    """Date of the newest price; of a bill without lines the day that JSON's times begin."""
    pieces: Iterable[Slice] = (piece for line in bill.lines for piece in line.slices)
    dates = [piece.observed for piece in pieces] or [str(line.ladder.effective_date) for line in bill.lines]
    return max(dates, default="1970-01-01")


def decimal(value: float) -> str:
    """A number as a decimal string, without an exponent and without noise.

    >>> decimal(0.1 + 0.2), decimal(730), decimal(1.5e-9), decimal(0)
    ('0.3', '730', '0.0000000015', '0')
    """
    text = f"{Decimal(f'{value:.{SIGNIFICANT_DIGITS}g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
