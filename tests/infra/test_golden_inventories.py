"""Each stack of this repository is the one that was reviewed: its outline is kept, and a change of it is a diff."""

from __future__ import annotations

import difflib
from typing import Any

import pytest

from infra.emulator.plan_provider import PlanProvider
from infra.emulator.recorder import record
from infra.inventory import inventory
from infra.outline import outline
from infra.stackfile import load_stack
from tests.infra.conftest import REPOSITORY

GOLDEN = REPOSITORY / "tests" / "golden"
STACKS = sorted(path.stem.removeprefix("Pulumi.") for path in REPOSITORY.glob("Pulumi.*.yaml"))


def _document(**inputs: Any) -> dict[str, Any]:
    """An inventory of a component with one queue in it."""
    media = {"urn": "u:media", "type": "t:Media", "name": "media", "parent": "stack", "inputs": {}, "dependencies": {}}
    queue = {**media, "urn": "u:jobs", "type": "aws:sqs/queue:Queue", "name": "jobs", "parent": "u:media"}
    return {"project": "p", "stack": "s", "region": "r", "resources": [media, {**queue, "inputs": inputs}]}


def _line(dependencies: dict[str, list[str]] | None = None, **inputs: Any) -> str:
    document = _document(**inputs)
    document["resources"][1]["dependencies"] = dependencies or {}
    return outline(document).splitlines()[2]


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_is_the_one_that_was_reviewed(stack: str) -> None:
    golden = GOLDEN / f"{stack}.txt"

    found = outline(inventory(record(load_stack(REPOSITORY, stack), PlanProvider())))

    changes = difflib.unified_diff(
        golden.read_text(encoding="utf-8").splitlines(), found.splitlines(), str(golden), "now", lineterm="", n=0
    )
    assert list(changes) == [], "as intended? `make golden` takes it over"


def test_no_golden_is_left_of_a_stack_that_is_gone() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.txt")) == STACKS


def test_the_outline_of_a_component_and_what_is_in_it() -> None:
    assert outline(_document(delaySeconds=30, fifoQueue=True)) == (
        "p/s in r: 2 resources\nt:Media media\n  aws:sqs/queue:Queue jobs delaySeconds=30 fifoQueue=true\n"
    )


@pytest.mark.parametrize(
    ("inputs", "shown"),
    [
        ({"a": {"b": [1, "x y"]}}, 'a.b=[1,"x y"]'),
        ({"rules": [{"id": "one"}, {"id": ""}]}, 'rules[0].id=one rules[1].id=""'),
        ({"code": {"asset": "0" * 64, "files": ["a.py"]}}, "code=[a.py]"),
        ({"body": {"asset": "0" * 64}}, "body=file"),
        ({"tags": {"app": "p", "env": "s", "component": "c", "p:role": "raw"}}, "tags.p:role=raw"),
    ],
)
def test_how_an_input_is_shown(inputs: dict[str, Any], shown: str) -> None:
    assert _line(**inputs) == f"  aws:sqs/queue:Queue jobs {shown}"


def test_long_text_is_a_digest_and_another_text_another_one() -> None:
    one, other = _line(policy='{"Statement": "a"}' * 9), _line(policy='{"Statement": "b"}' * 9)
    assert one != other
    assert all(len(line) == len("  aws:sqs/queue:Queue jobs policy=#01234567") for line in (one, other))


def test_what_is_made_from_another_resource_names_it_instead_of_its_name_in_aws() -> None:
    assert _line({"bucket": ["u:media"]}, bucket="media-6c2f0d1") == "  aws:sqs/queue:Queue jobs bucket<-media"
    # A document that mentions it is shown as well: its own words may change.
    document = _line({"policy": ["u:media"]}, policy='{"Resource": "media-6c2f0d1"}')
    assert document == '  aws:sqs/queue:Queue jobs policy="{"Resource": "media-6c2f0d1"}" policy<-media'


def test_protection_shows() -> None:
    document = _document()
    document["resources"][1]["options"] = {"protect": True}
    assert outline(document).endswith("jobs protected\n")
