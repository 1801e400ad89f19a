"""How a line of a bill came about, as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from costmodel.bill import Line, Slice
from costmodel.explain import Explanation, Influence
from costmodel.exports.bill_text import DEPENDS, line_name, unit_price
from costmodel.exports.formatting import number, usd_cents
from costmodel.exports.words import load_words

WIDTH = 118
BASES = {
    "declared": "follows from what is declared",
    "estimated": "estimated from the assumptions below",
    "stated": "as a person states it",
}


def explanation_text(explanation: Explanation) -> str:
    """Quantity with its formula, what it depends on, price with its tiers, cost."""
    line = explanation.line
    parts = [
        f"{line.name}: {line_name(line, load_words())}",
        f"  of {line.resource.label}",
        f"     {line.resource.urn}",
        *_quantity(line),
        *_influences(explanation),
        *_price(line),
    ]
    return "\n".join(part.rstrip() for part in parts) + "\n"


def _quantity(line: Line) -> Iterator[str]:
    yield ""
    if line.quantity is None:
        yield f"Quantity: {DEPENDS}, of which nothing is known (--scenario or --usage)"
        yield f"  {line.driver}"
        return
    multiple = line.ladder.listed_unit.multiple
    yield f"Quantity: {number(line.quantity)} {line.unit}, {BASES[line.basis]}"
    if not line.factors:
        yield f"  {line.driver}"
    for sign, (name, value) in zip("=" + "x" * len(line.factors), line.factors.items(), strict=False):
        yield f"  {sign} {number(value):>16}  {name}"
    if line.factors and multiple > 1:
        yield f"  / {number(multiple):>16}  listed per {line.unit}"


def _influences(explanation: Explanation) -> Iterator[str]:
    if explanation.influences:
        yield ""
        yield "It depends on (effect: change of the quantity when this rises by 1 %)"
    for influence in explanation.influences:
        yield from _influence(influence)
    if explanation.without_effect:
        yield ""
        words = "Read for this resource, without effect on this line at its size: "
        text = words + ", ".join(explanation.without_effect)
        yield from textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def _influence(influence: Influence) -> Iterator[str]:
    effect = "not possible" if influence.effect is None else f"{influence.effect:+.2f} %"
    value = f"{number(influence.value)} {influence.unit}"
    yield f"  {effect:>12}  {influence.name} = {value}"
    told = f"{influence.source} ({influence.dated}, {influence.grade})"
    yield from textwrap.wrap(told, WIDTH, initial_indent=" " * 16, subsequent_indent=" " * 16)


def _price(line: Line) -> Iterator[str]:
    yield ""
    yield f"Price: {line.service} {line.sku_key} in {line.region}, per {line.unit}"
    for row in () if line.slices else line.ladder.rows:
        yield f"  {unit_price(row.price_usd)} from {number(row.tier_from)} {line.unit}"
    for piece in line.slices:
        yield from _slice(piece)
    told = dict.fromkeys(_told(piece) for piece in line.slices) or dict.fromkeys(
        f"{row.source} ({row.effective_date}, {row.grade})" for row in line.ladder.rows
    )
    for text in told:
        yield from textwrap.wrap(text, WIDTH, initial_indent=" " * 16, subsequent_indent=" " * 16)
    yield ""
    if line.cost is None or line.billed_cost is None:
        yield f"Cost: {DEPENDS}"
    else:
        at_list = "" if line.billed_cost == line.cost else f" ({usd_cents(line.cost)} at list price)"
        yield f"Cost: {usd_cents(line.billed_cost)} a month{at_list}"


def _slice(piece: Slice) -> Iterator[str]:
    words = f"  {piece.words.removeprefix(', ')}" if piece.words else ""
    yield f"  {number(piece.quantity)} x {unit_price(piece.unit_price)} = {usd_cents(piece.cost)}{words}"
    if piece.discount:
        yield f"    {usd_cents(piece.billed_cost)} after {piece.discount}"


def _told(piece: Slice) -> str:
    return f"{piece.source} ({piece.observed}, {piece.grade})"
