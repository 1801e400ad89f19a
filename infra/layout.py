"""Where things lie in the network: subnets as a pure function of the address range."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

SUBNET_BITS = 2
"""Subnets split the range in four: room for three zones and one quarter kept free for what comes later."""


@dataclass(frozen=True)
class Capacity:
    """How many tasks a capacity provider takes."""

    provider: str
    base: int
    """Tasks that it takes before any are shared out."""
    weight: int
    """Its share of the rest."""


def capacity_strategy(min_tasks: int, spot_percent: int) -> list[Capacity]:
    """Where the tasks of a service run: those that must always be there are never on Spot, which may be taken away.

    Args:
        min_tasks: that always run, on demand.
        spot_percent: share of the further ones that runs on Spot [%].

    Returns:
        Nothing when all run on demand: the plain launch type does.

    >>> [(one.provider, one.base, one.weight) for one in capacity_strategy(3, 70)]
    [('FARGATE', 3, 30), ('FARGATE_SPOT', 0, 70)]
    """
    if not spot_percent:
        return []
    return [Capacity("FARGATE", min_tasks, 100 - spot_percent), Capacity("FARGATE_SPOT", 0, spot_percent)]


@dataclass(frozen=True)
class SubnetPlan:
    """One subnet."""

    name: str
    zone_index: int
    """Position of its availability zone in the region's list of zones."""
    cidr: str


def private_subnets(vpc_cidr: str, zones: int) -> list[SubnetPlan]:
    """One subnet per zone, equal in size, without overlap, in the order of the zones.

    >>> [subnet.cidr for subnet in private_subnets("10.20.0.0/16", 2)]
    ['10.20.0.0/18', '10.20.64.0/18']
    """
    ranges = ipaddress.IPv4Network(vpc_cidr).subnets(prefixlen_diff=SUBNET_BITS)
    return [
        SubnetPlan(name=f"private-{index + 1}", zone_index=index, cidr=str(cidr))
        for index, cidr in zip(range(zones), ranges, strict=False)
    ]


def public_subnets(vpc_cidr: str, zones: int) -> list[SubnetPlan]:
    """Small subnets for NAT gateways, in the quarter that the private ones leave free.

    >>> [subnet.cidr for subnet in public_subnets("10.20.0.0/16", 2)]
    ['10.20.192.0/20', '10.20.208.0/20']
    """
    *_, rest = ipaddress.IPv4Network(vpc_cidr).subnets(prefixlen_diff=SUBNET_BITS)
    return [
        SubnetPlan(name=f"public-{index + 1}", zone_index=index, cidr=str(cidr))
        for index, cidr in zip(range(zones), rest.subnets(prefixlen_diff=SUBNET_BITS), strict=False)
    ]
