"""The schema that editors use and the page of settings agree with the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from infra import settings_reference
from infra.settings import Settings

ROOT = Path(__file__).parents[2]


def faults(config: dict[str, Any]) -> list[str]:
    validator = jsonschema.Draft202012Validator(settings_reference.schema())
    return sorted(error.json_path for error in validator.iter_errors({"config": config}))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(settings_reference.schema())


@pytest.mark.parametrize("path", sorted(ROOT.glob("Pulumi.*.yaml")), ids=lambda path: path.name)
def test_the_stack_files_of_the_repository_fit_the_schema(path: Path) -> None:
    assert faults(yaml.safe_load(path.read_text())["config"]) == []


@pytest.mark.parametrize(
    ("config", "where"),
    [
        ({"reelplan:storage": {"rawRetentionDays": 0}}, "$.config['reelplan:storage'].rawRetentionDays"),
        ({"reelplan:profile": "production"}, "$.config['reelplan:profile']"),
        ({"reelplan:api": {"cpus": 256}}, "$.config['reelplan:api']"),
        ({"reelplan:storag": {}}, "$.config"),
    ],
)
def test_an_editor_marks_what_the_model_would_refuse(config: dict[str, Any], where: str) -> None:
    assert faults(config) == [where]


def test_other_namespaces_are_left_alone() -> None:
    assert faults({"aws:region": "eu-central-1", "aws:endpoints": [{"s3": "http://localhost:5000"}]}) == []


def test_every_section_and_key_stands_on_the_page_with_its_meaning() -> None:
    page = settings_reference.page()
    for name, field in Settings.model_fields.items():
        section = field.annotation
        keys = getattr(section, "model_fields", {})
        assert not keys or f"## reelplan:{field.alias}\n" in page, name
        for key in keys.values():
            row = next(line for line in page.splitlines() if line.startswith(f"| `{key.alias}` |"))
            assert not row.endswith("|  |"), f"{name}.{key.alias} has no docstring"


def test_a_default_tells_the_profiles_and_sizes_that_have_another() -> None:
    assert "| `availabilityZones` | whole number, 2 to 3 | `2`; prod `3` |" in settings_reference.page()


def test_two_forms_at_once_are_refused(run_infra: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_infra("settings", "--schema", "--markdown") == 2
    assert "--schema" in capsys.readouterr().err
