"""The settings for those who write stack files: a JSON Schema for editors, and a page, both made from the model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from infra.profiles import PROFILES, SIZES
from infra.settings import Settings

PROJECT = "reelplan"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFERENCE = "#/$defs/"
YAML_NAMES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "none",
}

HEADER = """# Settings of a stack

Made by `make docs` from `infra/settings.py` and `infra/profiles.py`. A stack file is `Pulumi.<stack>.yaml`:

```yaml
# yaml-language-server: $schema=infra/settings.schema.json
config:
  aws:region: eu-central-1
  reelplan:profile: prod
  reelplan:size: 1m
  reelplan:api:
    maxTasks: 80
```

Every key is optional. What a file leaves out comes from its **size**, then from its **profile**, then from the default.
In the column *default*, the common value comes first, then that of each profile and size that has one of its own.
`infra plan` and `infra validate` report every fault of a file at once, with its line.
"""


def schema() -> dict[str, Any]:
    """JSON Schema of a stack file: our sections are closed, other namespaces and the CLI's own keys are left alone."""
    settings = Settings.model_json_schema(by_alias=True)
    # A section's default differs by profile and size; that of its keys says enough.
    sections = {
        f"{PROJECT}:{key}": {"$ref": field["$ref"]} if "$ref" in field else field
        for key, field in settings["properties"].items()
    }
    document = {
        "$schema": DIALECT,
        "title": "Stack file of Reelplan",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": sections,
                "patternProperties": {f"^(?!{PROJECT}:)[^:]+:": {}},
                "additionalProperties": False,
            }
        },
        "required": ["config"],
        "$defs": settings["$defs"],
    }
    return dict(_without_titles(document))


def schema_text() -> str:
    """The file ``infra/settings.schema.json``."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def page() -> str:
    """The page ``docs/settings.md``."""
    model = Settings.model_json_schema(by_alias=True)
    return "\n".join([HEADER, *_sections(model)]).rstrip() + "\n"


def _without_titles(value: Any, *, names: bool = False) -> Any:
    """Drops titles: pydantic gives every field its own name as one, which editors would show instead of the meaning."""
    if isinstance(value, Mapping):
        return {
            key: _without_titles(item, names=key in ("properties", "$defs", "patternProperties"))
            for key, item in value.items()
            if names or key != "title" or not isinstance(item, str) or item == "Stack file of Reelplan"
        }
    return [_without_titles(item) for item in value] if isinstance(value, list) else value


def _sections(model: Mapping[str, Any]) -> Iterator[str]:
    plain = {key: field for key, field in model["properties"].items() if _section(field) is None}
    yield from _table("Stack", "", plain, model["$defs"])
    for key, field in model["properties"].items():
        name = _section(field)
        if name is not None:
            yield from _table(
                f"{PROJECT}:{key}", key, model["$defs"][name]["properties"], model["$defs"], model["$defs"][name]
            )
    for name, section in model["$defs"].items():
        if not name.endswith("Settings"):
            yield from _table(name, None, section["properties"], model["$defs"], section)


def _section(field: Mapping[str, Any]) -> str | None:
    reference = str(field.get("$ref", ""))
    return reference.removeprefix(REFERENCE) if reference else None


def _table(
    title: str,
    section: str | None,
    fields: Mapping[str, Any],
    definitions: Mapping[str, Any],
    about: Mapping[str, Any] | None = None,
) -> Iterator[str]:
    """One section; ``section`` is its key in a stack file, empty at the top, None for a part of a value."""
    yield f"## {title}"
    yield ""
    if about:
        yield _one_line(about.get("description", ""))
        yield ""
    yield "| key | type | default | meaning |"
    yield "|---|---|---|---|"
    for key, field in fields.items():
        name = f"{PROJECT}:{key}" if section == "" else key
        meaning = _one_line(field.get("description", ""))
        yield f"| `{name}` | {_type(field, definitions)} | {_defaults(section, key, field)} | {meaning} |"
    yield ""


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _type(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    if reference := _section(field):
        return f"[{reference}](#{reference.lower()})"
    if "anyOf" in field:
        return " or ".join(_type(one, definitions) for one in field["anyOf"])
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if field.get("type") == "array":
        least = ", one or more" if field.get("minItems") else ""
        return f"list of {_type(field.get('items', {}), definitions)}{least}"
    if field.get("type") == "object":
        return f"map to {_type(field['additionalProperties'], definitions)}"
    return f"{YAML_NAMES[field['type']]}{_limits(field)}"


def _limits(field: Mapping[str, Any]) -> str:
    least, most = field.get("minimum"), field.get("maximum")
    if least is not None and most is not None:
        return f", {least:,} to {most:,}"
    if least is not None:
        return f", {least:,} or more"
    if (above := field.get("exclusiveMinimum")) is not None:
        return f", above {above:,}"
    return ""


def _defaults(section: str | None, key: str, field: Mapping[str, Any]) -> str:
    own = [
        f"{name} {_shown(value)}"
        for layers in (PROFILES, SIZES)
        for name, layer in layers.items()
        if (value := _layer_value(layer, section, key)) is not None and value != field.get("default")
    ]
    return "; ".join([_shown(field.get("default")), *own])


def _layer_value(layer: Mapping[str, Any], section: str | None, key: str) -> Any:
    return layer.get(section, {}).get(key) if section else None


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "<br>".join(f"{key}: {_shown_part(item)}" for key, item in value.items())
    return f"`{json.dumps(value, ensure_ascii=False)}`" if value is not None else "none"


def _shown_part(value: Any) -> str:
    """A part of a map on one line, without the keys that say nothing."""
    if not isinstance(value, Mapping):
        return _shown(value)
    return ", ".join(f"{key} {_shown(item)}" for key, item in value.items() if item is not None)
