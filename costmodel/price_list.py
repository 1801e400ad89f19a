"""The AWS Price List, read through boto3: products with their attributes and on-demand prices, as AWS states them.

This is the one module of the cost model that can reach a network, and only when :func:`read_price_list` is called.
What is read is not judged here: ``costmodel.refresh`` does that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from costmodel.errors import Fault, PriceListError

PRICING_REGION = "us-east-1"
"""AWS answers for all regions from a few places; this is the first of them."""

PRODUCTS_PER_PAGE = 100
"""The most that GetProducts gives at once."""

Fields = tuple[tuple[str, str], ...]
"""Attributes and their values, sorted."""


@dataclass(frozen=True)
class Request:
    """One question to the Price List: the products of a service whose attributes have these values."""

    service_code: str
    """Name of the service in the Price List ("AmazonS3")."""
    fields: Fields = ()

    def __str__(self) -> str:
        return " ".join([self.service_code, *(f"{field}={value}" for field, value in self.fields)])


@dataclass(frozen=True)
class Dimension:
    """One tier, as text like AWS states it."""

    unit: str
    """Unit of the Price List ("GB-Mo")."""
    begin: str
    """[unit]."""
    end: str
    """[unit]; "Inf" for the last tier."""
    prices: Mapping[str, str]
    """Currency -> price [currency per unit]."""


@dataclass(frozen=True)
class Offer:
    """One product on demand."""

    attributes: Mapping[str, str]
    """``usagetype``, ``operation``, ``regionCode``, ... and ``productFamily``."""
    dimensions: tuple[Dimension, ...]
    """In no order."""
    effective_date: str
    """Since when AWS asks this ("2026-09-01"); empty when it does not say."""
    version: str
    """Edition of the service's price list."""


Answers = Mapping[Request, tuple[Offer, ...]]


def read_price_list(requests: Iterable[Request], endpoint_url: str | None, progress: Callable[[str], None]) -> Answers:
    """Ask the Price List, every page of every answer. Reaches AWS, or what ``endpoint_url`` names.

    Args:
        requests: what to ask; each is asked once.
        endpoint_url: another address than AWS's; None leaves it to boto3, which heeds ``AWS_ENDPOINT_URL_PRICING``.
        progress: told each request before it is sent.

    Raises:
        PriceListError: no boto3, no credentials, no connection, or an answer that is cut off or not of the known form.
    """
    client = _client(endpoint_url)
    answers: dict[Request, tuple[Offer, ...]] = {}
    for request in dict.fromkeys(requests):
        progress(f"{client.meta.endpoint_url} {request}")
        answers[request] = tuple(_offers(client, request))
    return answers


def _client(endpoint_url: str | None) -> Any:
    try:
        import boto3
        from botocore.exceptions import BotoCoreError
    except ModuleNotFoundError as error:
        raise PriceListError(
            [Fault("the Price List", f"no module {error.name}", "boto3", "pip install 'reelplan[live]'")]
        ) from None
    try:
        session = boto3.Session()
        if session.get_credentials() is None:
            raise PriceListError([_no_credentials("none")])
        return session.client("pricing", region_name=PRICING_REGION, endpoint_url=endpoint_url)
    except BotoCoreError as error:
        raise PriceListError([_no_credentials(str(error))]) from None
    except ValueError as error:  # botocore's answer to an address that is none
        raise PriceListError([Fault("the Price List", str(error), "an address like https://host")]) from None


def _no_credentials(found: str) -> Fault:
    how_to = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; pricing:GetProducts is all they need"
    return Fault("AWS credentials", found, "credentials that boto3 can find", how_to)


def _offers(client: Any, request: Request) -> Iterator[Offer]:
    for number, page in enumerate(_pages(client, request), start=1):
        where = f"{request}, page {number}"
        items = page.get("PriceList")
        # botocore takes a body that is cut off or no JSON for an answer without fields. Without this check a
        # connection that breaks would be an empty last page.
        if not isinstance(items, list):
            found = "an answer without PriceList (cut off, or no JSON)"
            raise PriceListError([Fault(where, found, "a page of GetProducts")])
        for item in items:
            yield from parse_product(item, where)


def _pages(client: Any, request: Request) -> Iterator[dict[str, Any]]:
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
    from botocore.parsers import ResponseParserError

    filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in request.fields]
    pages = client.get_paginator("get_products").paginate(
        ServiceCode=request.service_code, Filters=filters, PaginationConfig={"PageSize": PRODUCTS_PER_PAGE}
    )
    try:
        yield from pages
    except NoCredentialsError as error:
        raise PriceListError([_no_credentials(str(error))]) from None
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        raise PriceListError([Fault(str(request), str(error), "every page of the answer")]) from None


def parse_product(item: Any, where: str) -> list[Offer]:
    """The on-demand offers in one item of ``PriceList``, which is JSON inside JSON.

    Args:
        item: the item as text.
        where: what messages call its place.

    Raises:
        PriceListError: the text is no JSON, or not a product with attributes and terms.
    """
    try:
        document = json.loads(item)
        product = document["product"]
        attributes = {"productFamily": product.get("productFamily", ""), **product["attributes"]}
        terms = document["terms"].get("OnDemand", {}).values()
        return [_offer(term, attributes, str(document.get("version", ""))) for term in terms]
    except json.JSONDecodeError as error:
        found = f"broken JSON ({error})"
    except KeyError as error:
        found = f"a product without {error.args[0]}"
    except (TypeError, AttributeError):
        found = f"{str(item)[:60]}"
    raise PriceListError([Fault(where, found, "products with attributes, terms and priceDimensions")])


def _offer(term: Mapping[str, Any], attributes: Mapping[str, str], version: str) -> Offer:
    dimensions = tuple(
        Dimension(
            unit=str(each.get("unit", "")),
            begin=str(each.get("beginRange", "0")),
            end=str(each.get("endRange", "")),
            prices={str(currency): str(price) for currency, price in each["pricePerUnit"].items()},
        )
        for each in term["priceDimensions"].values()
    )
    return Offer(attributes, dimensions, str(term.get("effectiveDate", ""))[: len("2026-09-01")], version)
