"""Named records of one account and region (queues, job templates, presets), and lists in pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from infra.emulator.mediaconvert.exceptions import BadRequestException, ConflictException, NotFoundException

Record = dict[str, Any]
"""A resource in the shape of the API."""

_LONGEST_PAGE = 20
"""API documentation, MaxResults: "up to twenty, that will be returned at one time"."""


@dataclass
class Shelf:
    """Named records of one kind."""

    noun: str
    """For messages: "queue", "job template", "preset"."""
    kind: str
    """Last part of the ARN before the name: "queues", "jobTemplates", "presets"."""
    arn_prefix: str
    records: dict[str, Record] = field(default_factory=dict)

    def add(self, record: Record, now: datetime) -> Record:
        """Keep a new record.

        Raises:
            ConflictException: the name is taken.
        """
        name = record["Name"]
        if name in self.records:
            raise ConflictException(f"A {self.noun} with the name {name} already exists.")
        arn = f"{self.arn_prefix}:{self.kind}/{name}"
        self.records[name] = {"Type": "CUSTOM", **record, "Arn": arn, "CreatedAt": now, "LastUpdated": now}
        return self.records[name]

    def get(self, name: str) -> Record:
        """The record of a name, or of an ARN that ends in it.

        Raises:
            NotFoundException: there is none.
        """
        found = self.find(name)
        if found is None:
            raise NotFoundException(f"The {self.noun} {name} was not found.")
        return found

    def find(self, name_or_arn: str) -> Record | None:
        """The record of a name or an ARN; None when there is none."""
        prefix = f"{self.arn_prefix}:{self.kind}/"
        return self.records.get(name_or_arn.removeprefix(prefix))

    def update(self, changes: Mapping[str, Any], now: datetime) -> Record:
        """Replace the members that a request names."""
        record = self.get(changes["Name"])
        record.update(changes, LastUpdated=now)
        return record

    def remove(self, name: str) -> None:
        """Forget a record."""
        del self.records[self.get(name)["Name"]]

    def listing(self, request: Mapping[str, Any]) -> list[Record]:
        """Records in the order and of the category that a List request asks for."""
        chosen = [item for item in self.records.values() if request.get("Category") in (None, item.get("Category"))]
        if request.get("ListBy") == "SYSTEM":
            chosen = [item for item in chosen if item["Type"] == "SYSTEM"]
        key = "CreatedAt" if request.get("ListBy") == "CREATION_DATE" else "Name"
        return sorted(chosen, key=lambda item: item[key], reverse=request.get("Order") == "DESCENDING")


def page(items: Sequence[Record], request: Mapping[str, Any]) -> tuple[list[Record], str | None]:
    """The part of a list that a request asks for, and the token of the next part.

    Raises:
        BadRequestException: the token is none that this function gave.
    """
    token = request.get("NextToken", "0")
    if not token.isdecimal():
        raise BadRequestException(f"/nextToken: Should be a token of an earlier answer, found {token}")
    start, size = int(token), request.get("MaxResults", _LONGEST_PAGE)
    end = start + size
    return list(items[start:end]), str(end) if end < len(items) else None
