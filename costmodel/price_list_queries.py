"""Which product of the AWS Price List holds which of our prices: ``data/price_list_queries.yaml``, checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from costmodel.errors import CatalogError, Fault, ScenarioError
from costmodel.price_book import Key
from costmodel.price_list import Offer, Request
from costmodel.yamlfile import read_document

QUERIES = Path(__file__).parent / "data" / "price_list_queries.yaml"

EDGE = "{edge}"
"""Stands in a sku key for each edge geography of CloudFront."""

Share = Annotated[float, Field(ge=0, le=1)]
Wanted = str | list[str]
"""Value of an attribute, or several that are as good."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Closed):
    """What a plausible answer is."""

    largest_factor: Annotated[float, Field(gt=1)]
    """A price this many times dearer or cheaper than before is an error."""
    largest_missing_share: Share
    """Share of the prices in the book that an answer may lack."""


class ServiceQuery(_Closed):
    """Where a service's prices stand in the Price List."""

    service: str
    service_code: str
    places: Literal["regions", "edges", "global"]
    region_field: str = "regionCode"
    """Attribute that holds the region."""
    filters: dict[str, str] = {}
    """Attributes that narrow what AWS sends."""
    free_tier_apart: list[str] = []
    """Skus of which the list's free first tier is not part of our ladder."""
    skus: dict[str, Wanted | dict[str, Wanted]]
    """Sku key -> usage type without its prefix, or attributes with their values."""


class QueryFile(_Closed):
    """The whole file."""

    limits: Limits
    region_prefixes: dict[str, list[str]]
    edge_prefixes: dict[str, str]
    units: dict[str, list[str]]
    """Unit of the Price List -> base units of ours that it may stand for."""
    queries: list[ServiceQuery]

    def base_units(self, unit: str) -> Sequence[str]:
        """Our base units that a unit of the Price List may stand for; upper and lower case are the same."""
        return next((bases for known, bases in self.units.items() if known.lower() == unit.lower()), ())


@dataclass(frozen=True)
class Target:
    """One price of ours and how to find it."""

    service: str
    sku_key: str
    region: str
    request: Request
    attributes: Mapping[str, Sequence[str]]
    """Attribute -> values, of which the product has one."""
    free_tier_apart: bool

    @property
    def key(self) -> Key:
        """Key in the service's part of the book."""
        return self.sku_key, self.region

    def __str__(self) -> str:
        return f"{self.service} {self.sku_key} in {self.region}"

    def matches(self, offer: Offer) -> bool:
        """Whether an offer is of the product that is asked for."""
        return all(offer.attributes.get(name, "") in values for name, values in self.attributes.items())


def load_queries(path: Path = QUERIES) -> QueryFile:
    """Read the file.

    Raises:
        CatalogError: every fault of the file.
    """
    try:
        document = read_document(path, path.name, "a file of Price List queries")
        return QueryFile.model_validate(document.data)
    except ScenarioError as error:
        raise CatalogError(error.faults) from None
    except ValidationError as error:
        faults = [
            Fault(document.where(tuple(map(str, each["loc"]))), repr(each["input"]), each["msg"].lower())
            for each in error.errors()
        ]
        raise CatalogError(faults) from None


def targets(file: QueryFile, services: Sequence[str] = ()) -> Iterator[Target]:
    """Every price that the file asks for, place by place.

    Args:
        file: the queries.
        services: only these services of ours; all when empty.
    """
    for query in file.queries:
        if not services or query.service in services:
            for sku_key, wanted in query.skus.items():
                yield from _targets_of(file, query, sku_key, wanted)


def _targets_of(
    file: QueryFile, query: ServiceQuery, sku_key: str, wanted: Wanted | dict[str, Wanted]
) -> Iterator[Target]:
    attributes = _as_lists(wanted)
    for place, region, prefixes in _places(file, query):
        fields = {**query.filters, **({query.region_field: region} if query.places == "regions" else {})}
        yield Target(
            service=query.service,
            sku_key=sku_key.replace(EDGE, place),
            region=region,
            request=Request(query.service_code, tuple(sorted(fields.items()))),
            attributes={name: _prefixed(name, values, prefixes) for name, values in attributes.items()},
            free_tier_apart=sku_key in query.free_tier_apart,
        )


def _prefixed(name: str, values: Sequence[str], prefixes: Sequence[str]) -> Sequence[str]:
    """Only usage types bear the prefix of their region."""
    return [prefix + value for prefix in prefixes for value in values] if name == "usagetype" else values


def _places(file: QueryFile, query: ServiceQuery) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Name of each place, its region in the book, and what its usage types may begin with."""
    if query.places == "global":
        yield "global", "global", [""]
    elif query.places == "edges":
        for edge, prefix in file.edge_prefixes.items():
            yield edge, f"edge:{edge}", [prefix]
    else:
        for region, prefixes in file.region_prefixes.items():
            yield region, region, prefixes


def _as_lists(wanted: Wanted | dict[str, Wanted]) -> dict[str, list[str]]:
    by_attribute = wanted if isinstance(wanted, dict) else {"usagetype": wanted}
    return {name: [value] if isinstance(value, str) else value for name, value in by_attribute.items()}
