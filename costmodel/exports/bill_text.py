"""A bill as text: the tree of the architecture with quantity, price and cost, or several bills side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from costmodel.bill import Bill, Line, Node, Slice
from costmodel.exports.formatting import count, month_name, usd_cents
from costmodel.exports.words import Words, load_words
from costmodel.inventory import Resource

DEPENDS = "depends on use"
MARKS = {"declared": " ", "estimated": "~", "stated": "="}
LEGEND = (
    "* depends on use   ~ estimated from assumptions   = stated in the usage file   "
    "no mark: follows from what is declared"
)
INDENT = "  "
GAP = "  "
HALF_A_CENT = 0.005
NAMED = 4
"""Resources that are named before they are only counted."""
CUT = 90
"""Longest name; longer ones end in an ellipsis."""


@dataclass
class _Row:
    name: str
    cells: tuple[str, ...] = field(default=())


def bill_text(bill: Bill) -> str:
    """The tree of one bill, and what is free, left out or paid by contract."""
    words = load_words()
    whole, *parts_of_it = _tree_rows(bill.tree, words)
    if bill.commitments:
        whole = _Row(whole.name, ("", "", "", "", _money(bill.billed_cost)))
    rows = [_Row("", ("", "Quantity", "Unit", "Price", "Cost a month")), whole, *parts_of_it]
    rows += [_Row(f"{INDENT}{c.words}", ("", "", "", "", usd_cents(c.billed_cost))) for c in bill.commitments]
    parts = [_title(bill), "", *_aligned(rows, left=(0, 2)), "", *_totals(bill), "", LEGEND, *_coverage([bill])]
    return "\n".join(line.rstrip() for line in parts) + "\n"


def bills_text(bills: Sequence[Bill]) -> str:
    """Several bills side by side: a column of costs for each, a row for each thing that costs something."""
    words = load_words()
    trees = [bill.tree for bill in bills]
    rows = [_Row("", tuple(bill.label for bill in bills)), *_compared(trees, words)]
    rows += [_Row("Commitments", tuple(usd_cents(sum(c.billed_cost for c in b.commitments)) for b in bills))]
    if not any(bill.commitments for bill in bills):
        rows.pop()
    rows.append(_Row("Total a month", tuple(usd_cents(bill.billed_cost) for bill in bills)))
    if all(bill.users for bill in bills):
        per_user = tuple(f"${bill.billed_cost / (bill.users or 1):.4f}" for bill in bills)
        rows.append(_Row("per monthly user", per_user))
    parts = [_title(bills[0], together=True), "", *_aligned(rows), "", *_coverage(bills)]
    return "\n".join(line.rstrip() for line in parts) + "\n"


def _title(bill: Bill, *, together: bool = False) -> str:
    inventory = bill.inventory
    where = "" if together else inventory.region
    when = month_name(bill.month) if bill.month else ""
    users = "" if bill.users is None or together else f"{count(bill.users)} monthly users"
    whose = f"scenario {bill.scenario}" if bill.scenario else "no scenario: only what costs without users is counted"
    return ", ".join(filter(None, (f"{inventory.project}/{inventory.stack}", where, when, users, whose)))


# --- one bill


def _tree_rows(node: Node, words: Words, depth: int = 0) -> Iterator[_Row]:
    yield _Row(INDENT * depth + node_name(node), ("", "", "", "", _money(node.billed_cost)))
    names = Counter(line_name(line, words) for line in node.lines)
    for line in node.lines:
        name = line_name(line, words)
        suffix = f" ({next(iter(line.factors), line.driver)})" if names[name] > 1 else ""
        yield from _line_rows(line, INDENT * (depth + 1) + name + suffix, depth + 1)
    for child in node.children:
        yield from _tree_rows(child, words, depth + 1)


def _line_rows(line: Line, name: str, depth: int) -> Iterator[_Row]:
    mark = ("*" if line.usage_based else " ") + MARKS[line.basis]
    if line.quantity is None:
        yield _Row(name, (mark, DEPENDS, line.unit, _price_range(line), ""))
    elif len(line.slices) == 1:
        yield _Row(name, (mark, *_slice_cells(line.slices[0], line.unit)))
    elif not line.slices:
        yield _Row(name, (mark, "0", line.unit, _price_range(line), usd_cents(0)))
    else:
        yield _Row(name, (mark, _amount(line.quantity), line.unit, "", _money(line.billed_cost)))
        for piece in line.slices:
            yield _Row(INDENT * (depth + 1) + piece.words.removeprefix(", "), ("", *_slice_cells(piece, line.unit)))


def _slice_cells(piece: Slice, unit: str) -> tuple[str, ...]:
    return _amount(piece.quantity), unit, unit_price(piece.unit_price), _money(piece.billed_cost)


def _price_range(line: Line) -> str:
    """From the dearest to the cheapest tier; free allowances are not what one more unit costs in the end."""
    prices = [row.price_usd for row in line.ladder.rows if row.price_usd] or [0.0]
    dearest, cheapest = unit_price(max(prices)), unit_price(min(prices))
    return dearest if dearest == cheapest else f"{dearest} to {cheapest}"


def _totals(bill: Bill) -> Iterator[str]:
    by_share = sum(paid.cost for paid in bill.commitments)
    fixed = bill.cost - bill.usage_cost - by_share
    yield f"{'Without any use':<20}{usd_cents(fixed):>18}"
    if bill.unknown:
        yield f"{'With use':<20}{'not known':>18}  {len(bill.unknown)} lines depend on it: --scenario or --usage"
    if any(line.usage_based and line.quantity is not None for line in bill.lines):
        yield f"{'By use':<20}{usd_cents(bill.usage_cost):>18}"
    if by_share:
        yield f"{'By share of the bill':<20}{usd_cents(by_share):>18}"
    if bill.is_discounted:
        yield f"{'At list price':<20}{usd_cents(bill.cost):>18}"
        less = bill.billed_cost < bill.cost
        change = f"{'-' if less else '+'}{usd_cents(abs(bill.billed_cost - bill.cost))}"
        yield f"{'By contract':<20}{change:>18}"
    yield f"{'Total a month':<20}{usd_cents(bill.billed_cost):>18}"


def _coverage(bills: Sequence[Bill]) -> Iterator[str]:
    """What is free by reason, and what AWS bills that is not in the total."""
    coverage = bills[0].coverage
    yield ""
    yield f"{len(coverage.priced)} resources priced, {len(coverage.free)} free:"
    for reason, number in sorted(Counter(coverage.free.values()).items(), key=lambda entry: (-entry[1], entry[0])):
        yield f"{number:>5}  {reason}"
    missing: dict[tuple[str, str, tuple[str, ...]], dict[str, str]] = {}
    for bill in bills:
        for kind, reason, keys, resource in _missing(bill):
            missing.setdefault((kind, reason, keys), {})[resource.urn] = resource.name
    if missing:
        yield ""
        yield "Not in the total:"
    for (kind, reason, keys), names in missing.items():
        yield f"  {_some(list(names.values()))} ({kind}): {reason}"
        if keys:
            yield f"    a usage file can state {', '.join(keys)}"
    for note in dict.fromkeys(note for bill in bills for note in bill.notes):
        yield f"Note: {note}"


def _missing(bill: Bill) -> Iterator[tuple[str, str, tuple[str, ...], Resource]]:
    """Type, reason, keys of a usage file that help, and each resource with something left out."""
    coverage = bill.coverage
    reasons = {**{urn: (reason,) for urn, reason in coverage.not_covered.items()}, **coverage.gaps}
    for urn, found in reasons.items():
        resource = bill.inventory.resources[urn]
        for reason in found:
            yield resource.type, reason, coverage.closed_by.get((urn, reason), ()), resource


def _some(names: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(names))[:NAMED]
    return ", ".join(distinct) + (f" ({len(names)} resources)" if len(names) > len(distinct) else "")


# --- several bills


def _compared(nodes: Sequence[Node], words: Words, depth: int = 0) -> Iterator[_Row]:
    """Rows of the same thing in several bills; what one of them lacks is left empty there."""
    first = nodes[0]
    yield _Row(INDENT * depth + node_name(first), tuple(_money(node.billed_cost) for node in nodes))
    names = dict.fromkeys(line_name(line, words) for node in nodes for line in node.lines)
    for name in names:
        same = [[line for line in node.lines if line_name(line, words) == name] for node in nodes]
        yield _Row(INDENT * (depth + 1) + name, tuple(map(_sum, same)))
    children = {_key(child): child for node in reversed(nodes) for child in reversed(node.children)}
    for key in reversed(children):
        members = [next((child for child in node.children if _key(child) == key), None) for node in nodes]
        empty = Node(children[key].name, children[key].resource, (), ())
        yield from _compared([member or empty for member in members], words, depth + 1)


def _key(node: Node) -> str:
    return node.resource.urn if node.resource else ""


def _sum(lines: Sequence[Line]) -> str:
    known = [line.billed_cost for line in lines if line.billed_cost is not None]
    if known:
        return _money(sum(known))
    return DEPENDS if lines else ""


# --- names and numbers


def node_name(node: Node) -> str:
    """A component or resource with its type."""
    return f"{node.name} ({node.resource.type.rpartition(':')[2]})" if node.resource else node.name


def line_name(line: Line, words: Words) -> str:
    """What is billed, in words, with the place where its price is not that of the region."""
    name = words.sku(line.service, line.sku_key) or f"{line.service} {line.sku_key}"
    place = words.region(line.region) if line.region != line.resource.region else ""
    return f"{name}, {place}" if place else name


def unit_price(value: float) -> str:
    """A price with as many digits as it has.

    >>> unit_price(0.085), unit_price(730), unit_price(0.0000133334), unit_price(16.0)
    ('$0.085', '$730', '$0.0000133334', '$16')
    """
    text = f"{value:.12f}".rstrip("0").rstrip(".")
    return f"${text}"


def _amount(value: float) -> str:
    """A quantity: whole from a thousand on, four digits below."""
    return count(value) if abs(value) >= 1000 else f"{value:.4g}"


def _money(value: float | None) -> str:
    """To the cent; what costs less than half of one says so, for 0 would be a claim."""
    if value is None:
        return ""
    return "<$0.01" if 0 < value < HALF_A_CENT else usd_cents(value)


def _aligned(rows: Sequence[_Row], left: Sequence[int] = ()) -> Iterator[str]:
    """Rows as lines with columns of one width; names and the columns ``left`` start at the left."""
    columns = max(len(row.cells) for row in rows)
    names = [row.name if len(row.name) <= CUT else row.name[: CUT - 1] + "…" for row in rows]
    first = max(map(len, names))
    widths = [max(len(row.cells[i]) for row in rows) for i in range(columns)]
    for name, row in zip(names, rows, strict=True):
        cells = [
            cell.ljust(width) if i in left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row.cells, widths, strict=True))
        ]
        yield GAP.join((name.ljust(first), *cells))
