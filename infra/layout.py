"""Where things lie in the network: subnets as a pure function of the address range."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

SUBNET_BITS = 2
"""Subnets split the range in four: room for three zones and one quarter kept free for what comes later."""


@dataclass(frozen=True)
class SubnetPlan:
    """One private subnet."""

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
