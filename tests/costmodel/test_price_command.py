"""``costmodel price`` as a person, a policy and a script meet it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from costmodel.cli import main
from costmodel.exports.bill_json import decimal

HERE = Path(__file__).parent
PLATFORM = HERE / "inventories" / "platform.json"
MIXED = HERE / "previews" / "mixed_providers.json"
EXAMPLE = Path(__file__).parents[2] / "costmodel" / "data" / "discounts" / "example.yaml"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs ``costmodel price`` in an empty folder; returns exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["costmodel", "price", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return command


# text


@pytest.mark.parametrize(
    ("golden", "arguments"),
    [
        ("mixed", (MIXED,)),
        ("unused", (PLATFORM,)),
        ("usage", (MIXED, "--usage", HERE / "bills" / "usage.yaml", "--region", "eu-west-1")),
        ("sizes", (PLATFORM, "--scenario", "niche", "--month", "2028-06", "--at-mau", "10k,50M")),
    ],
)
def test_what_a_reader_sees(run: Run, golden: str, arguments: tuple[object, ...]) -> None:
    code, out, err = run(*arguments)
    assert (code, err) == (0, "")
    expected = HERE / "bills" / f"{golden}.txt"
    shown = " ".join(str(word).replace(f"{HERE}/", "") for word in arguments)
    assert out == expected.read_text(encoding="utf-8"), f"if wanted: costmodel price {shown} > {expected.name}"


def test_same_inputs_same_bytes(run: Run) -> None:
    arguments = (PLATFORM, "--scenario", "niche", "--month", "5", "--json")
    assert run(*arguments) == run(*arguments)


def test_without_use_no_usage_line_has_a_cost(run: Run) -> None:
    _, out, _ = run(PLATFORM)
    rows = [line for line in out.splitlines() if "depends on use" in line and "~" in line and "mark" not in line]
    assert len(rows) > 20
    for row in rows:
        assert "$" in row.split("depends on use")[1], row  # its price
        assert not row.rstrip().endswith("$0.00")


def test_with_discounts_both_totals_are_shown(run: Run) -> None:
    code, out, _ = run(PLATFORM, "--scenario", "niche", "--month", "36", "--at-mau", "20M", "--discounts", EXAMPLE)
    assert code == 0
    totals = dict(re.findall(r"^(At list price|By contract|Total a month) +([-+]?\$[\d,.]+)$", out, flags=re.MULTILINE))
    amounts = {name: Decimal(text.replace("$", "").replace(",", "")) for name, text in totals.items()}
    assert amounts["At list price"] + amounts["By contract"] == amounts["Total a month"]
    assert amounts["By contract"] < 0
    assert "slots: 20 reserved transcoding slots" in out


def test_explain_speaks_of_one_number(run: Run) -> None:
    code, out, _ = run(PLATFORM, "--scenario", "niche", "--explain", "videos/ondemand.wru")
    assert code == 0
    assert out.startswith("videos/ondemand.wru: Table writes\n")
    assert "records of uploads" in out
    assert "usage.uploads_per_dau_day" in out


def test_explain_as_json(run: Run) -> None:
    _, out, _ = run(PLATFORM, "--scenario", "niche", "--explain", "delivery", "--json")
    documents = json.loads(out)
    assert len(documents) >= 4
    assert {document["service"] for document in documents} == {"CloudFront"}
    assert all(document["influences"] for document in documents)


# Infracost's form


STRING_OR_NULL = {"type": ["string", "null"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}


def closed(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object with these keys and no others."""
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
        "additionalProperties": False,
    }


COMPONENT = closed(
    {
        "name": {"type": "string"},
        "unit": {"type": "string"},
        "hourlyQuantity": STRING_OR_NULL,
        "monthlyQuantity": STRING_OR_NULL,
        "price": STRING_OR_NULL,
        "hourlyCost": STRING_OR_NULL,
        "monthlyCost": STRING_OR_NULL,
        "priceNotFound": {"type": "boolean"},
    },
    {"usageBased": {"type": "boolean"}},
)
RESOURCE = closed(
    {"name": {"type": "string"}, "metadata": {"type": "object"}},
    {
        "resourceType": {"type": "string"},
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
        "hourlyCost": STRING_OR_NULL,
        "monthlyCost": STRING_OR_NULL,
        "monthlyUsageCost": STRING_OR_NULL,
        "costComponents": {"type": "array", "items": COMPONENT},
    },
)
BREAKDOWN = closed(
    {
        "resources": {"type": "array", "items": RESOURCE},
        "totalHourlyCost": STRING_OR_NULL,
        "totalMonthlyCost": STRING_OR_NULL,
        "totalMonthlyUsageCost": STRING_OR_NULL,
    },
    {"freeResources": {"type": "array", "items": RESOURCE}},
)
COUNTS = {"type": "object", "additionalProperties": {"type": "integer"}}
SUMMARY = closed(
    {
        "totalDetectedResources": {"type": "integer"},
        "totalSupportedResources": {"type": "integer"},
        "totalUnsupportedResources": {"type": "integer"},
        "totalUsageBasedResources": {"type": "integer"},
        "totalNoPriceResources": {"type": "integer"},
        "supportedResourceCounts": COUNTS,
        "unsupportedResourceCounts": COUNTS,
        "noPriceResourceCounts": COUNTS,
    }
)
PROJECT = closed(
    {
        "name": {"type": "string"},
        "displayName": {"type": "string"},
        "metadata": closed({"path": {"type": "string"}, "type": {"type": "string"}}),
        "pastBreakdown": {"type": "null"},
        "breakdown": BREAKDOWN,
        "diff": {"type": "null"},
        "summary": SUMMARY,
    }
)
ROOT = closed(
    {
        "version": {"const": "0.2"},
        "metadata": {"type": "object", "required": ["infracostCommand", "vcsBranch", "vcsCommitSha"]},
        "currency": {"const": "USD"},
        "projects": {"type": "array", "items": PROJECT},
        "totalHourlyCost": STRING_OR_NULL,
        "totalMonthlyCost": STRING_OR_NULL,
        "totalMonthlyUsageCost": STRING_OR_NULL,
        **{f"{when}Total{per}": STRING_OR_NULL for when in ("past", "diff") for per in ("HourlyCost", "MonthlyCost")},
        "timeGenerated": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT00:00:00Z$"},
        "summary": SUMMARY,
    },
    {f"{when}TotalMonthlyUsageCost": STRING_OR_NULL for when in ("past", "diff")},
)
"""The part of Infracost's schema (infracost/infracost, schema/infracost.schema.json) that is written here."""

KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "null": type(None),
}


def violations(value: Any, schema: dict[str, Any], path: str = "$") -> Iterator[str]:
    """What of a document breaks a schema, in the words of JSON Schema that are used above."""
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value!r}"
    kinds = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", [])
    if kinds and not any(isinstance(value, KINDS[kind]) for kind in kinds):
        yield f"{path}: {value!r} is not {kinds}"
    elif isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{path}: {value!r} is not like {schema['pattern']}"
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from violations(entry, schema.get("items", {}), f"{path}[{index}]")
    elif isinstance(value, dict):
        yield from (f"{path}: no {key}" for key in schema.get("required", []) if key not in value)
        for key, entry in value.items():
            inner = schema.get("properties", {}).get(key, schema.get("additionalProperties", {}))
            if inner is False:
                yield f"{path}: an unknown key {key}"
            else:
                yield from violations(entry, inner, f"{path}.{key}")


def test_the_check_of_the_form_finds_what_is_wrong() -> None:
    document = {"version": "0.3", "currency": 5, "projects": [{"name": None}], "more": 1}
    found = " ".join(violations(document, ROOT))
    for wrong in ("$.version: '0.3'", "no summary", "unknown key more", "$.projects[0].name: None is not ['string']"):
        assert wrong in found


CASES: list[tuple[object, ...]] = [
    (MIXED,),
    (PLATFORM,),
    (PLATFORM, "--scenario", "niche", "--month", "30"),
    (PLATFORM, "--scenario", "niche", "--month", "30", "--at-mau", "20M", "--discounts", EXAMPLE),
]


@pytest.mark.parametrize("arguments", CASES)
def test_the_json_has_the_form_that_policies_know(run: Run, arguments: tuple[object, ...]) -> None:
    code, out, err = run(*arguments, "--json")
    assert (code, err) == (0, "")
    assert [*violations(json.loads(out), ROOT)] == []


@pytest.mark.parametrize("arguments", CASES)
def test_the_json_adds_up_at_every_level(run: Run, arguments: tuple[object, ...]) -> None:
    document = json.loads(run(*arguments, "--json")[1])
    (project,) = document["projects"]
    breakdown = project["breakdown"]
    tolerance = Decimal("0.000001")
    for component in components(breakdown):
        if component["monthlyQuantity"] is not None:
            product = Decimal(component["price"]) * Decimal(component["monthlyQuantity"])
            assert abs(product - Decimal(component["monthlyCost"])) <= abs(product) * tolerance + tolerance, component
            hourly = Decimal(component["hourlyCost"]) * 730
            assert abs(hourly - Decimal(component["monthlyCost"])) <= abs(hourly) * tolerance + tolerance
    for resource in breakdown["resources"]:
        costs = [Decimal(c["monthlyCost"]) for c in resource.get("costComponents", []) if c["monthlyCost"] is not None]
        if costs:
            assert abs(sum(costs) - Decimal(resource["monthlyCost"])) <= tolerance
    total = sum(Decimal(resource["monthlyCost"] or 0) for resource in breakdown["resources"])
    assert abs(total - Decimal(breakdown["totalMonthlyCost"])) <= tolerance
    assert document["totalMonthlyCost"] == breakdown["totalMonthlyCost"]


def components(breakdown: Any) -> Iterator[Any]:
    for resource in breakdown["resources"]:
        yield from resource.get("costComponents", [])


def test_what_is_not_known_is_null_and_has_a_price(run: Run) -> None:
    document = json.loads(run(PLATFORM, "--json")[1])
    usage = [c for c in components(document["projects"][0]["breakdown"]) if c["usageBased"]]
    assert len(usage) > 20
    for component in usage:
        assert component["monthlyQuantity"] is component["monthlyCost"] is component["hourlyCost"] is None
        assert Decimal(component["price"]) > 0
        assert component["priceNotFound"] is False


def test_a_policy_written_for_infracost_reads_it(run: Run) -> None:
    """The rule of Infracost's docs: no resource may cost more than a limit; usage-based ones are told apart."""
    document = json.loads(run(PLATFORM, "--scenario", "niche", "--month", "30", "--json")[1])
    limit = 1000
    dear = {
        resource["name"]
        for project in document["projects"]
        for resource in project["breakdown"]["resources"]
        if float(resource["monthlyCost"] or 0) > limit
    }
    assert "delivery" in dear
    assert "api" not in dear


def test_every_resource_is_counted_in_the_summary(run: Run) -> None:
    document = json.loads(run(MIXED, "--json")[1])
    summary = document["summary"]
    parts = ("totalSupportedResources", "totalUnsupportedResources", "totalNoPriceResources")
    assert sum(summary[part] for part in parts) == summary["totalDetectedResources"] == 10
    assert summary["unsupportedResourceCounts"]["gcp:storage/bucket:Bucket"] == 1


def test_several_bills_are_a_list(run: Run) -> None:
    documents = json.loads(run(PLATFORM, "--region", "us-east-1,sa-east-1", "--json")[1])
    assert [d["projects"][0]["name"] for d in documents] == ["reelplan/dev, us-east-1", "reelplan/dev, sa-east-1"]
    for document in documents:
        assert [*violations(document, ROOT)] == []


@pytest.mark.parametrize("value", [0.1, 1e-7, 1.5e-9, 123456789.123456, 1e15, 0.0, 1 / 3])
def test_decimal_strings_are_the_number_without_an_exponent(value: float) -> None:
    text = decimal(value)
    assert "e" not in text.lower()
    assert float(text) == pytest.approx(value, rel=1e-5, abs=1e-15)


# what is refused


def test_the_faults_of_several_inputs_are_told_together(run: Run, tmp_path: Path) -> None:
    wrong = ("--scenario", "nich", "--at-mau", "lots", "--region", "eu-cental-1", "--discounts", "no.yaml")
    code, out, err = run(tmp_path / "none.json", *wrong)
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert len(lines) == 5
    assert all(line.startswith("costmodel: ") for line in lines)
    assert "(nearest: niche)" in err
    assert "(nearest: eu-central-1)" in err
    assert "numbers of users such as 10k,1M,50M" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--at-mau", "10k"), "--at-mau: found no scenario to scale, expected --scenario NAME_OR_FILE beside it"),
        (("--month", "3"), "--month: found '3', expected a month such as 2027-01, or a scenario to count from"),
        (
            ("--scenario", "niche", "--month", "37"),
            "from 2027-01 to 2029-12, or a number from 1 to 36",
        ),
        (("--explain", "delivery/dto.ux"), "(nearest: delivery/dto.us)"),
        (("--region", "us-east-1,sa-east-1", "--explain", "api"), "expected one size and one region"),
        (("--usage", "none.yaml"), "none.yaml: found no such file, expected a usage file"),
    ],
)
def test_a_question_that_has_no_answer(run: Run, arguments: tuple[str, ...], message: str) -> None:
    code, out, err = run(PLATFORM, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
