"""Waivers: who is excused from a rule, why, and until when. One that has run out is a fault."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from infra.errors import Fault, PolicyError, nearest
from infra.policies.stack import Resource
from infra.profiles import PROFILES

WAIVERS = Path(__file__).parent / "waivers.yaml"
REQUIRED = ("rule", "resource", "why", "until")
KEYS = (*REQUIRED, "profiles")
SHORTEST_REASON = 20
"""[character] A reason is a sentence."""


@dataclass(frozen=True)
class Waiver:
    """One excuse."""

    rule: str
    resource: str
    """End of the URN ("aws:s3/bucket:Bucket::raw"); ``*`` stands for any text."""
    why: str
    until: dt.date
    """Last day on which it counts."""
    profiles: tuple[str, ...]
    """Profiles that it counts in."""

    def excuses(self, rule: str, resource: Resource) -> bool:
        """Whether it is about this rule and this resource."""
        return self.rule == rule and fnmatchcase(resource.label, self.resource)


def load_waivers(known: Collection[str], path: Path = WAIVERS) -> list[Waiver]:
    """Waivers of a file.

    Args:
        known: ids of all rules.
        path: YAML list of waivers.

    Raises:
        PolicyError: every fault of the file.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    except OSError as error:
        raise PolicyError([Fault(str(path), error.strerror or str(error), "a file of waivers")]) from None
    except yaml.YAMLError as error:
        raise PolicyError([Fault(path.name, f"no YAML ({error})".replace("\n", " "), "a list of waivers")]) from None
    if not isinstance(entries, list):
        raise PolicyError([Fault(path.name, type(entries).__name__, "a list of waivers")])
    faults = [fault for index, entry in enumerate(entries) for fault in _faults(f"{path.name}[{index}]", entry, known)]
    if faults:
        raise PolicyError(faults)
    return [
        Waiver(
            entry["rule"],
            entry["resource"],
            entry["why"],
            entry["until"],
            tuple(entry.get("profiles", PROFILES)),
        )
        for entry in entries
    ]


def _faults(where: str, entry: Any, known: Collection[str]) -> Iterator[Fault]:
    if not isinstance(entry, dict):
        yield Fault(where, repr(entry), f"a mapping with {', '.join(REQUIRED)}")
        return
    for key in entry:
        if key not in KEYS:
            yield Fault(f"{where}.{key}", "a key of no meaning", f"one of {', '.join(KEYS)}", nearest(str(key), KEYS))
    for key in REQUIRED:
        if key not in entry:
            yield Fault(where, f"no {key}", f"{', '.join(REQUIRED)}")
    rule, why, until = entry.get("rule"), entry.get("why", ""), entry.get("until")
    if rule is not None and rule not in known:
        yield Fault(f"{where}.rule", repr(rule), "the id of a rule", nearest(str(rule), known))
    if "resource" in entry and "::" not in str(entry["resource"]):
        yield Fault(f"{where}.resource", repr(entry["resource"]), "the end of a URN: TYPE::NAME")
    if "why" in entry and (not isinstance(why, str) or len(why) < SHORTEST_REASON):
        yield Fault(f"{where}.why", repr(why), f"a reason of {SHORTEST_REASON} characters or more")
    if "until" in entry and not isinstance(until, dt.date):
        yield Fault(f"{where}.until", repr(until), "a date such as 2027-06-30")
    yield from _profile_faults(f"{where}.profiles", entry.get("profiles", []))


def _profile_faults(where: str, profiles: Any) -> Iterator[Fault]:
    if not isinstance(profiles, list):
        yield Fault(where, repr(profiles), f"a list of {', '.join(PROFILES)}")
        return
    for profile in profiles:
        if profile not in PROFILES:
            yield Fault(where, repr(profile), f"one of {', '.join(PROFILES)}", nearest(str(profile), PROFILES))
