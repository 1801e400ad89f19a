"""The address plan of the network."""

from __future__ import annotations

import ipaddress
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from infra.layout import private_subnets

networks = st.builds(
    lambda second, prefix: str(ipaddress.IPv4Network(f"10.{second}.0.0/{prefix}", strict=False)),
    st.integers(0, 255),
    st.integers(16, 22),
)


@given(networks, st.integers(2, 3))
def test_subnets_lie_inside_the_network_without_overlap_one_per_zone(cidr: str, zones: int) -> None:
    plans = private_subnets(cidr, zones)
    ranges = [ipaddress.IPv4Network(plan.cidr) for plan in plans]
    assert [plan.zone_index for plan in plans] == list(range(zones))
    assert all(part.subnet_of(ipaddress.IPv4Network(cidr)) for part in ranges)
    assert not any(one.overlaps(other) for one, other in combinations(ranges, 2))
    assert len({part.num_addresses for part in ranges}) == 1


@given(networks)
def test_a_third_zone_moves_no_subnet(cidr: str) -> None:
    assert private_subnets(cidr, 3)[:2] == private_subnets(cidr, 2)
