"""Amazon API Gateway: requests of an HTTP API, route by route, and its answers over the internet."""

from __future__ import annotations

from collections.abc import Iterable

from costmodel.inventory import Resource
from costmodel.metering import events
from costmodel.metering.context import BYTES_PER_BILLED_GB, Context, Factors, Finding, Gap
from costmodel.metering.triggers import ROUTE, requests
from costmodel.units import BYTES_PER_KB

API = "aws:apigatewayv2/api:Api"


def api(resource: Resource, context: Context) -> Iterable[Finding]:
    """An HTTP API: each call of a route is a request, as bodies here stay below the 512 KB that one may have."""
    if resource.inputs.get("protocolType") != "HTTP":
        yield Gap("only HTTP APIs are metered: connections and messages of a WebSocket are not modelled")
        return
    called = monthly_requests(resource, context)
    if called is not None:
        yield context.quantity(resource, ("APIGateway", "http_api"), "requests", called, "Network")
        answer_gb = context.assumptions["eng.gateway_response_kb"] * BYTES_PER_KB / BYTES_PER_BILLED_GB
        sent = {**called, "GB of an answer": answer_gb}
        yield context.quantity(resource, ("DataTransfer", "dto.internet"), "GB", sent, "Network")
    unknown = sorted(str(route.inputs.get("routeKey")) for route in _routes(resource, context) if not _known(route))
    if unknown or called is None:
        what = f"of {', '.join(unknown)}" if unknown else "to it, as it has no routes"
        yield Gap(f"requests {what} are not counted: how often they come is not modelled", ("monthly_requests",))


def monthly_requests(resource: Resource, context: Context) -> Factors | None:
    """Calls of those routes of an API whose use is modelled; None when there is none."""
    flows = [flow for route in _routes(resource, context) if (flow := requests(route, context)) is not None]
    return events.total(flows, context) if flows else None


def _routes(resource: Resource, context: Context) -> list[Resource]:
    return context.inventory.referring(resource.urn, ROUTE)


def _known(route: Resource) -> bool:
    return route.inputs.get("routeKey") in events.ROUTES
