"""True constants with their derivation, and the units in which prices are listed.

A listed unit such as ``10000 requests`` is a multiple (10,000) of a base unit (``requests``). Meters count in
base units; a charge is written in the listed unit, as on the bill. ``GB`` and ``GiB`` differ: a listed ``GB`` is
whatever the vendor bills as a GB, and the edges of AWS volume tiers are binary (10 TB = 10,240 GB).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from costmodel.errors import Fault, UnitError

BITS_PER_BYTE = 8
SECONDS_PER_MINUTE = 60
MINUTES_PER_HOUR = 60
SECONDS_PER_HOUR = SECONDS_PER_MINUTE * MINUTES_PER_HOUR
HOURS_PER_DAY = 24
SECONDS_PER_DAY = SECONDS_PER_HOUR * HOURS_PER_DAY
DAYS_PER_WEEK = 7
DAYS_PER_YEAR = 365
MONTHS_PER_YEAR = 12

PER_MILLE = 1000
"""Impressions and views are priced by the thousand (CPM, cost per mille; RPM, revenue per mille)."""

HOURS_PER_MONTH = DAYS_PER_YEAR * HOURS_PER_DAY / MONTHS_PER_YEAR
"""730: the mean month, as the AWS calculator counts what runs all the time."""

DAYS_PER_MONTH = DAYS_PER_YEAR / MONTHS_PER_YEAR
"""30.42: the mean month; where a calendar is at hand, use the days of that month instead."""

BYTES_PER_KB = 10**3
BYTES_PER_MB = 10**6
BYTES_PER_GB = 10**9
KB_PER_MB = 10**3
KB_PER_GB = 10**6
MB_PER_GB = 10**3

BYTES_PER_KIB = 2**10
BYTES_PER_MIB = 2**20
BYTES_PER_GIB = 2**30
MIB_PER_GIB = 2**10

GB_PER_TB_TIER = 2**10
"""A TB in the words of an AWS price page is 1,024 of its GB: "first 50 TB" ends at 51,200 GB."""

BASE_UNITS: dict[str, str] = {
    # bytes moved, and bytes kept for a month or an hour
    "GB": "data moved or processed",
    "GB each direction": "data over a zone border, counted once for each side that is billed",
    "GB scanned": "data read by a query",
    "TB scanned": "data read by a query",
    "GB-month": "one GB kept for a month",
    "GB-hour": "one GB kept for an hour",
    "GB-second": "one GB of memory held for a second",
    # time
    "hour": "one hour of one thing",
    "minute": "one minute of media",
    "month": "one month of one thing",
    "output minute": "one minute of one MediaConvert output",
    "normalized minute": "one MediaConvert output minute times its multiplier",
    "viewer-hour": "one hour of one viewer",
    "training-hour": "one hour of training on the standard machine",
    "connection-minutes": "one minute of one open connection",
    "minutes": "one minute of one open connection",
    "hours-month": "hours allowed in a month",
    # capacity held for an hour
    "ACU-hour": "one Aurora capacity unit for an hour",
    "DPU-hour": "one data processing unit for an hour",
    "LCU-hour": "one load balancer capacity unit for an hour",
    "NLCU-hour": "one network load balancer capacity unit for an hour",
    "OCU-hour": "one OpenSearch compute unit for an hour",
    "RCU-hour": "one read capacity unit for an hour",
    "WCU-hour": "one write capacity unit for an hour",
    "rWCU-hour": "one replicated write capacity unit for an hour",
    "vCPU-hour": "one vCPU for an hour",
    "broker-hour": "one broker for an hour",
    "consumer-shard-hour": "one consumer on one shard for an hour",
    "node-hour": "one node for an hour",
    "partition-hour": "one partition for an hour",
    "shard-hour": "one shard for an hour",
    "stream-hour": "one stream for an hour",
    # things kept for a month
    "IOPS-month": "one provisioned I/O operation per second for a month",
    "IP-month": "one address for a month",
    "MBps-month": "one MB per second of provisioned throughput for a month",
    "RTS-month": "one reserved transcoding slot for a month",
    "alarm-metric-month": "one metric watched by an alarm for a month",
    "alarm-month": "one alarm for a month",
    "certificate-month": "one certificate for a month",
    "check-month": "one health check for a month",
    "dashboard-month": "one dashboard for a month",
    "distribution-month": "one CloudFront distribution for a month",
    "minute-month": "one minute of video kept for a month",
    "minutes-month": "one minute of video kept for a month",
    "TB-month": "one TB moved in a month",
    "faces-month": "one stored face for a month",
    "key-month": "one key for a month",
    "list-month": "one anycast address list for a month",
    "metric-month": "one metric for a month",
    "objects-month": "one object for a month",
    "rule-month": "one rule for a month",
    "secret-month": "one secret for a month",
    "tags-month": "one tag for a month",
    "zone-month": "one hosted zone for a month",
    "MAU": "one user active in the month",
    # events
    "ECPU": "one ElastiCache processing unit",
    "RRU": "one DynamoDB read request unit",
    "WRU": "one DynamoDB write request unit",
    "rWRU": "one DynamoDB replicated write request unit",
    "attempts": "one captcha attempt",
    "emails": "one e-mail",
    "evaluation": "one rule evaluation",
    "events": "one event",
    "images": "one image in one API call",
    "interactions": "one interaction record",
    "invocations": "one invocation",
    "item": "one configuration item",
    "job": "one job",
    "license": "one DRM license handed out",
    "lines": "one log line",
    "message": "one message",
    "messages": "one message",
    "metrics": "one metric asked for",
    "notifications": "one notification",
    "objects": "one object",
    "operations": "one query or mutation",
    "path": "one invalidated path",
    "queries": "one DNS query",
    "reads": "one read",
    "recipients": "one recipient of an e-mail",
    "recommendations": "one recommendation",
    "requests": "one request",
    "responses": "one response",
    "run": "one run",
    "tokens": "one token",
    "traces": "one trace",
    "transitions": "one state transition",
    "units": "one unit of the service's own definition",
    "write IOs": "one replicated write",
    # shares, factors and limits
    "fraction": "share of a price",
    "fraction of monthly spend": "one USD of the month's bill, of which the price is a share",
    "normalized minutes per output minute": "MediaConvert multiplier",
    "x": "factor",
    "KB": "size",
    "TB-month commit": "committed volume",
    "days": "duration",
    "seconds": "duration",
}
"""Every unit that a price may be listed in, without its multiple -> what one of it is."""

_MULTIPLE_OF_BASE = re.compile(r"(?:(?P<multiple>[1-9][0-9]*) )?(?P<base>.+)")


@dataclass(frozen=True)
class ListedUnit:
    """The unit of a price list: ``multiple`` of a base unit."""

    multiple: int
    """Base units in one listed unit (10000 in "10000 requests")."""
    base: str
    """Key of :data:`BASE_UNITS`."""


def parse_unit(text: str) -> ListedUnit:
    """Read a listed unit.

    Raises:
        UnitError: the base unit is not in :data:`BASE_UNITS`.

    >>> parse_unit("10000 requests")
    ListedUnit(multiple=10000, base='requests')
    >>> parse_unit("GB each direction")
    ListedUnit(multiple=1, base='GB each direction')
    """
    match = _MULTIPLE_OF_BASE.fullmatch(text)
    if match is None or match["base"] not in BASE_UNITS:
        raise UnitError([_unknown_unit(text, match["base"] if match else text)])
    return ListedUnit(multiple=int(match["multiple"] or 1), base=match["base"])


def _unknown_unit(text: str, base: str) -> Fault:
    by_lower_case = {known.lower(): known for known in BASE_UNITS}
    near = get_close_matches(base.lower(), by_lower_case, n=1)
    hint = f'nearest: "{by_lower_case[near[0]]}"' if near else ""
    return Fault(where="unit", found=f'"{text}"', expected="a unit of costmodel/units.py", hint=hint)
