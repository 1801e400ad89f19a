"""Names that Pulumi or AWS would make up: here they follow from the URN alone, so that every run gives the same."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from infra.emulator.provisioners.spec import ResourceType
from infra.emulator.recording import Registration

ACCOUNT_ID = "123456789012"
"""moto's default account; AWS uses it in its documentation."""

SUFFIX_DIGITS = 7
"""Random digits that Pulumi puts behind a logical name."""

FIFO_SUFFIX = ".fifo"


def digest(urn: str, digits: int) -> str:
    """First hex digits of a URN's SHA-256.

    >>> digest("urn:pulumi:dev::p::aws:sqs/queue:Queue::jobs", 7)
    'b0290be'
    """
    return hashlib.sha256(urn.encode()).hexdigest()[:digits]


def auto_name(registration: Registration, limit: int) -> str:
    """Physical name as Pulumi makes it, ``<logical name>-<7 hex digits>``, shortened to what the service takes.

    Args:
        registration: gives logical name and URN.
        limit: longest name that the service takes [character].
    """
    tail = f"-{digest(registration.urn, SUFFIX_DIGITS)}"
    if registration.inputs.get("fifoQueue"):
        tail += FIFO_SUFFIX
    # Bucket names have no capitals; the provider lowers the logical name, too.
    head = registration.name.lower() if registration.type == "aws:s3/bucket:Bucket" else registration.name
    return head[: limit - len(tail)] + tail


def physical_name(registration: Registration, kind: ResourceType) -> str:
    """Name in AWS: the declared one, else Pulumi's; empty for what has no name."""
    if not kind.name:
        return ""
    return str(registration.inputs.get(kind.name) or auto_name(registration, kind.name_limit))


DEFAULT_BUS = "default"


def template_values(registration: Registration, kind: ResourceType) -> dict[str, str]:
    """What templates of a type may name, as far as it is known before anything is created."""
    inputs = {key: str(value) for key, value in registration.inputs.items() if isinstance(value, str | int | float)}
    bus = inputs.get("eventBusName", DEFAULT_BUS)
    return {
        **kind.defaults,
        **inputs,
        # The ARN of a rule names its bus, unless it is the default one.
        "bus": "" if bus == DEFAULT_BUS else f"{bus}/",
        "name": physical_name(registration, kind),
        "region": registration.region,
        "account": ACCOUNT_ID,
        "hex": digest(registration.urn, 17),
        "HEX": digest(registration.urn, 13).upper(),
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, registration.urn)),
    }


def fill(template: Any, values: Mapping[str, str]) -> Any:
    """A template, or a structure of them, with its names replaced; other values pass.

    >>> fill({"arns": ["{arn}"], "count": 1}, {"arn": "arn:aws:s3:::b"})
    {'arns': ['arn:aws:s3:::b'], 'count': 1}
    """
    if isinstance(template, str):
        return template.format_map(values)
    if isinstance(template, dict):
        return {key: fill(value, values) for key, value in template.items()}
    return [fill(item, values) for item in template] if isinstance(template, list) else template
