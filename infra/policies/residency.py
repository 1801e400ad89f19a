"""Rules for cells: what belongs to people of one part of the world stays there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from infra.policies.rule import Rulebook
from infra.policies.stack import STACK_TYPE, Resource, Stack
from infra.residency import EDGE_REGION, OUTSIDE, RESIDENCIES

TAG = "residency"
REGION = r"[a-z]{2}(?:-[a-z]+)+-[0-9]"
PLACES = re.compile(rf"arn:aws[a-z-]*:[a-z0-9-]+:({REGION}):|\.({REGION})\.amazonaws\.com")
"""Regions that a text names: in an ARN, or in the address of a service."""

book = Rulebook()


@book.own("RP.19", "critical", "Nothing of a cell stands in, or points to, another part of the world", STACK_TYPE)
def _stays_inside(itself: Resource, stack: Stack) -> Iterator[str]:
    residency = residency_of(stack)
    if residency is None:
        return
    inside = RESIDENCIES.get(residency)
    if inside is None:
        yield f"residency {residency} is none of {', '.join(RESIDENCIES)}"
        return
    for resource in stack.resources:
        allowed = {*inside, EDGE_REGION} if resource.type in OUTSIDE else set(inside)
        if outside := sorted(places(resource) - allowed):
            yield f"{resource.label} names {', '.join(outside)}, expected regions of {residency}"


@book.own("RP.20", "high", "The web ACL of a cell keeps no requests outside of it", "aws:wafv2/webAcl:WebAcl")
def _keeps_nothing(acl: Resource, stack: Stack) -> Iterator[str]:
    residency = residency_of(stack)
    if residency is None or EDGE_REGION in RESIDENCIES.get(residency, ()):
        return
    configs = [acl.inputs, *acl.get("rules", [])]
    if any(config.get("visibilityConfig", {}).get("sampledRequestsEnabled") for config in configs):
        yield f"it samples requests in {EDGE_REGION}, with the addresses of viewers"
    if stack.about(acl, "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"):
        yield f"it logs requests in {EDGE_REGION}, with the addresses of viewers"


def residency_of(stack: Stack) -> str | None:
    """What the resources of a stack are tagged with; None for a stack that is no cell."""
    tags = (resource.get("tags", {}) for resource in stack.resources)
    return next((str(one[TAG]) for one in tags if TAG in one), None)


def places(resource: Resource) -> set[str]:
    """Regions that a resource stands in or names in any of its inputs."""
    return {place for text in _texts(resource.inputs) for place in _named(text)}


def _named(text: str) -> Iterator[str]:
    for match in PLACES.finditer(text):
        yield match[1] or match[2]
    if re.fullmatch(REGION, text):
        yield text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
