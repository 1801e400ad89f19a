"""How near the model comes to bills that AWS itself has worked out and published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from costmodel.errors import CatalogError
from costmodel.price_book import PriceBook
from costmodel.pricing import price
from costmodel.quote import find_ladder
from costmodel.scenario_checks import schema_faults
from costmodel.tables import Quantity
from costmodel.yamlfile import read_document

PUBLISHED_EXAMPLES = Path(__file__).parent / "data" / "published_examples.yaml"

CENT = 0.01

Text = Annotated[str, Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Line(_Model):
    """One line of a published bill."""

    service: Text
    """Service key of the price book."""
    sku: Text
    """Sku key of the price book."""
    quantity: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    """In the sku's listed unit."""
    region: Text | None = None
    """Price region; us-east-1, or the only one of the sku, when absent."""
    how: Text
    """AWS's own arithmetic."""


class Example(_Model):
    """A bill that AWS has published."""

    title: Text
    """What is billed."""
    published_usd: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    """AWS's total [USD a month]."""
    source: Text
    """Page."""
    seen: Text
    """Place on the page, and the age of the copy that was read."""
    free_tier: bool = False
    """Whether AWS counts its Free Tier."""
    expected_difference_usd: float = 0
    """Ours minus AWS's [USD], beyond the rounding of AWS's lines."""
    because: str = ""
    """Why there is such a difference."""
    lines: Annotated[tuple[Line, ...], Field(min_length=1)]
    """The lines of the bill."""

    @model_validator(mode="after")
    def _explained(self) -> Example:
        if bool(self.expected_difference_usd) != bool(self.because):
            raise ValueError("a difference and its reason belong together")
        return self

    @property
    def rounding_usd(self) -> float:
        """What the rounding of AWS's lines may add up to [USD]: half a cent each."""
        return len(self.lines) * CENT / 2


class _Examples(_Model):
    examples: Annotated[dict[str, Example], Field(min_length=1)]


@dataclass(frozen=True)
class Comparison:
    """A published bill and ours."""

    example: Example
    ours_usd: float
    """[USD], unrounded."""

    @property
    def difference_usd(self) -> float:
        """Ours minus AWS's [USD]."""
        return self.ours_usd - self.example.published_usd

    @property
    def is_explained(self) -> bool:
        """Whether rounding and the stated reason account for the difference."""
        return abs(self.difference_usd - self.example.expected_difference_usd) <= self.example.rounding_usd


def load_examples(path: Path = PUBLISHED_EXAMPLES) -> Mapping[str, Example]:
    """Published bills by name.

    Raises:
        CatalogError: the file is faulty; carries every fault with its line.
    """
    document = read_document(path, path.name)
    try:
        return _Examples.model_validate(document.data).examples
    except ValidationError as error:
        found = schema_faults(error.errors(include_url=False), document, _Examples.model_json_schema())
        raise CatalogError(list(found)) from None


def compare(examples: Mapping[str, Example], book: PriceBook, on: date = date.max) -> list[Comparison]:
    """Price every published bill with the price book.

    Args:
        examples: published bills.
        book: list prices.
        on: day of the prices; the newest when absent.

    Raises:
        PriceNotFound: a line's sku has no price.
    """
    return [Comparison(example, _bill(example, book, on)) for example in examples.values()]


def _bill(example: Example, book: PriceBook, on: date) -> float:
    charges = price([_quantity(line, book) for line in example.lines], book, on, free_tier=example.free_tier)
    return float(sum(charge.cost.item() for charge in charges))


def _quantity(line: Line, book: PriceBook) -> Quantity:
    ladder = find_ladder(book, line.service, line.sku, line.region)
    return Quantity(
        resource_urn=f"{line.service} {line.sku}",
        resource_type="published example",
        service=ladder.service,
        sku_key=ladder.sku_key,
        region=ladder.region,
        unit=ladder.listed_unit.base,
        amount=np.array([line.quantity * ladder.listed_unit.multiple]),
        category="Compute",
        driver=line.how,
        usage_based=True,
    )


# --- the page


def to_markdown(comparisons: Sequence[Comparison]) -> str:
    """The page that shows every published bill beside ours."""
    return "\n".join([*_head(comparisons), "", *_table(comparisons), "", *_details(comparisons)])


def _head(comparisons: Sequence[Comparison]) -> Iterator[str]:
    widest = max(comparisons, key=lambda found: abs(found.difference_usd) / found.example.published_usd)
    exact = sum(not found.example.because for found in comparisons)
    yield "# Accuracy: bills that AWS has worked out, and ours"
    yield ""
    yield "Made by `costmodel accuracy --out docs/accuracy.md` from `costmodel/data/published_examples.yaml`."
    yield ""
    yield f"{len(comparisons)} bills from AWS's own pages. {exact} of them agree within the rounding of AWS's lines,"
    yield "half a cent each; the others differ for the reason given."
    yield f"The widest difference is {_percent(widest)} of the bill."


def _table(comparisons: Sequence[Comparison]) -> Iterator[str]:
    yield "| bill | AWS | ours | difference |"
    yield "|---|---:|---:|---:|"
    for found in comparisons:
        figures = f"{_usd(found.example.published_usd)} | {_usd(found.ours_usd)} | {_signed(found.difference_usd)}"
        yield f"| {found.example.title} | {figures} |"


def _details(comparisons: Sequence[Comparison]) -> Iterator[str]:
    for found in comparisons:
        example = found.example
        yield f"## {example.title}"
        yield ""
        yield f"Source: <{example.source}>, {example.seen}."
        if example.because:
            yield f"Difference: {example.because}."
        yield ""
        for line in example.lines:
            yield f"- {line.service} `{line.sku}`: {line.quantity:,.10g}. {line.how}"
        yield ""


def _usd(value: float) -> str:
    return f"${value:,.4f}".removesuffix("00")


def _signed(value: float) -> str:
    return "0" if abs(value) < CENT / 1000 else f"{value:+.4f}"


def _percent(found: Comparison) -> str:
    return f"{abs(found.difference_usd) / found.example.published_usd:.2%}".replace("%", " %")
