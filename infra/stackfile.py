"""Pulumi.yaml and Pulumi.<stack>.yaml, read as the Pulumi CLI reads them, with every fault at once.

The result holds what the engine hands to the language host: a flat map of namespaced keys to text, in which
structured values are JSON. Values encrypted for a stack cannot be read here and stand as ``[secret]``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from infra.errors import ConfigError, Fault, nearest

PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml")
SECRET = "[secret]"
"""Stands for a value that only the stack's own key can decrypt."""

JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}
"""Types of the ``config`` block of Pulumi.yaml -> what YAML makes of their values."""


@dataclass(frozen=True)
class StackFile:
    """One stack of a Pulumi project: where its program is and what it is configured with."""

    root: Path
    """Directory of Pulumi.yaml."""
    project: str
    stack: str
    program: Path
    """Directory or file of the program (``main``)."""
    config: Mapping[str, str] = field(repr=False)
    """Namespaced key -> text, as the engine gives it to the program."""
    secret_keys: tuple[str, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict, repr=False)
    """Path of a written key ("reelplan:api.cpu") -> its line in the stack file."""

    def where(self, text: str) -> str:
        """File and line of the written key that a message begins with ("reelplan:api.cpu: found ...")."""
        name = f"Pulumi.{self.stack}.yaml"
        path = text.split(": ", 1)[0]
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return f"{name}:{self.lines[path]}" if path else name

    @property
    def region(self) -> str:
        """AWS region of the stack's default provider."""
        return self.config["aws:region"]

    @property
    def profile(self) -> str | None:
        """How careful the stack is (``<project>:profile``); None for a program that has no profiles."""
        return self.config.get(f"{self.project}:profile")

    @property
    def default_tags(self) -> dict[str, str]:
        """Tags that the default AWS provider puts on everything (``aws:defaultTags``)."""
        tags = json.loads(self.config.get("aws:defaultTags", "{}")).get("tags", {})
        return {str(key): str(value) for key, value in tags.items()}


def load_stack(directory: Path, stack: str) -> StackFile:
    """The stack ``stack`` of the project that ``directory`` lies in.

    Args:
        directory: where to look; as the Pulumi CLI does, parents are searched for Pulumi.yaml.
        stack: name of the stack ("dev").

    Raises:
        ConfigError: every fault of both files, each with file and line.
    """
    project_path = _find_project(directory)
    project = _Document.read(project_path)
    root = project_path.parent
    stack_path = root / str(project.data.get("stackConfigDir", ".")) / f"Pulumi.{stack}.yaml"
    if not stack_path.is_file():
        raise ConfigError([_missing_stack(stack_path, stack)])
    document = _Document.read(stack_path)
    faults = [*_project_faults(project), *_shape_faults(project, "config"), *_shape_faults(document, "config")]
    if faults:
        raise ConfigError(faults)
    name = str(project.data["name"])
    declared = _namespaced(project.section("config"), name)
    values = _namespaced(document.section("config"), name)
    faults = [*_value_faults(declared, values, document), *_region_faults(declared, values, document)]
    if faults:
        raise ConfigError(faults)
    merged = {**_defaults(declared), **values}
    return StackFile(
        root=root,
        project=name,
        stack=stack,
        program=(root / str(project.data.get("main", "."))).resolve(),
        config={key: _as_text(value) for key, value in sorted(merged.items())},
        secret_keys=tuple(sorted(key for key, value in merged.items() if _holds_secret(value))),
        lines=_written_lines(name, document),
    )


@dataclass(frozen=True)
class _Document:
    """A YAML mapping that remembers the line of each key."""

    path: Path
    data: Mapping[str, Any]
    lines: Mapping[tuple[str, ...], int]

    @classmethod
    def read(cls, path: Path) -> _Document:
        try:
            text = path.read_text(encoding="utf-8")
            node = yaml.compose(text, Loader=yaml.SafeLoader)
            data = yaml.safe_load(text)
        except UnicodeDecodeError as error:
            raise ConfigError([Fault(path.name, f"a byte that is not UTF-8 at offset {error.start}", "text")]) from None
        except yaml.YAMLError as error:
            raise ConfigError([_yaml_fault(path, error)]) from None
        if data is None:
            return cls(path, {}, {})
        if not isinstance(node, yaml.MappingNode) or not isinstance(data, dict):
            raise ConfigError([Fault(f"{path.name}:1", type(data).__name__, "a mapping of keys to values")])
        lines: dict[tuple[str, ...], int] = {}
        faults: list[Fault | str] = list(_index(node, (), lines, path))
        if faults:
            raise ConfigError(faults)
        return cls(path, data, lines)

    def section(self, key: str) -> Mapping[str, Any]:
        return self.data.get(key) or {}

    def at(self, *keys: str) -> str:
        """File and line of a key, as an editor can open it."""
        line = self.lines.get(keys)
        return f"{self.path.name}:{line}" if line else self.path.name


def _index(
    node: yaml.MappingNode, prefix: tuple[str, ...], lines: dict[tuple[str, ...], int], path: Path
) -> Iterator[Fault]:
    """Fill ``lines``; yield a fault for each key written twice (YAML would keep the last one in silence)."""
    for key_node, value_node in node.value:
        keys = (*prefix, str(key_node.value))
        line = key_node.start_mark.line + 1
        if keys in lines:
            yield Fault(
                f"{path.name}:{line}: {'.'.join(keys)}", f"the key again (first in line {lines[keys]})", "it once"
            )
        lines[keys] = line
        if isinstance(value_node, yaml.MappingNode):
            yield from _index(value_node, keys, lines, path)


def _yaml_fault(path: Path, error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None)
    where = f"{path.name}:{mark.line + 1}" if mark else path.name
    return Fault(where, str(getattr(error, "problem", None) or error), "valid YAML")


def _find_project(directory: Path) -> Path:
    start = directory.resolve()
    if not start.is_dir():
        raise ConfigError([Fault(str(directory), "no such directory", "the directory of a Pulumi project")])
    for folder in (start, *start.parents):
        for name in PROJECT_FILES:
            if (folder / name).is_file():
                return folder / name
    raise ConfigError([Fault(str(directory), "no Pulumi.yaml here or above", "a Pulumi project", "use --cwd DIR")])


def _missing_stack(path: Path, stack: str) -> Fault:
    known = sorted(
        file.name.removeprefix("Pulumi.").removesuffix(".yaml")
        for file in (path.parent.glob("Pulumi.*.yaml") if path.parent.is_dir() else ())
    )
    expected = f"one of the stacks {', '.join(known)}" if known else "a stack file"
    return Fault(path.name, "no such file", expected, nearest(stack, known))


def _project_faults(project: _Document) -> Iterator[Fault]:
    if not isinstance(project.data.get("name"), str):
        yield Fault(project.path.name, "no `name`", "the name of the project")
    runtime = project.data.get("runtime")
    language = runtime.get("name") if isinstance(runtime, dict) else runtime
    if language != "python":
        yield Fault(f"{project.at('runtime')}: runtime", repr(language), "python")
    main = project.data.get("main", ".")
    if not (project.path.parent / str(main)).exists():
        yield Fault(f"{project.at('main')}: main", repr(main), "a directory or file of the project")


def _shape_faults(document: _Document, section: str) -> Iterator[Fault]:
    value = document.data.get(section)
    if value is not None and not isinstance(value, dict):
        yield Fault(f"{document.at(section)}: {section}", type(value).__name__, "a mapping of keys to values")


def _namespaced(section: Mapping[str, Any], project: str) -> dict[str, Any]:
    """A key without namespace belongs to the project."""
    return {key if ":" in str(key) else f"{project}:{key}": value for key, value in section.items()}


def _is_declaration(entry: Any) -> bool:
    return isinstance(entry, dict) and bool({"type", "default", "value", "description"} & set(entry))


def _defaults(declared: Mapping[str, Any]) -> dict[str, Any]:
    values = {}
    for key, entry in declared.items():
        if not _is_declaration(entry):
            values[key] = entry
        elif "value" in entry or "default" in entry:
            values[key] = entry.get("value", entry.get("default"))
    return values


def _value_faults(declared: Mapping[str, Any], values: Mapping[str, Any], document: _Document) -> Iterator[Fault]:
    # Keys that Pulumi.yaml does not declare are allowed, as the CLI allows them: the program judges them.
    for key, value in values.items():
        where = f"{_line(document, key)}: {key}"
        if _is_declaration(declared.get(key)):
            yield from _type_faults(where, value, declared[key])
    known = {**_defaults(declared), **values}
    for key, entry in declared.items():
        if key not in known:
            yield Fault(
                document.path.name, f"no value for {key}", f"a {entry.get('type', 'value')}", "it has no default"
            )
        elif key not in values and _is_declaration(entry):
            yield from _type_faults(f"Pulumi.yaml: {key}: default", known[key], entry)


def _written_lines(project: str, document: _Document) -> dict[str, int]:
    """Path of each key below ``config`` -> line."""
    lines = {keys[1:]: line for keys, line in document.lines.items() if keys[0] == "config" and len(keys) > 1}
    return {
        ".".join((first if ":" in first else f"{project}:{first}", *rest)): line
        for (first, *rest), line in lines.items()
    }


def _line(document: _Document, key: str) -> str:
    return document.at("config", key if ("config", key) in document.lines else key.split(":", 1)[1])


def _region_faults(declared: Mapping[str, Any], values: Mapping[str, Any], document: _Document) -> Iterator[Fault]:
    region = {**_defaults(declared), **values}.get("aws:region")
    if not isinstance(region, str) or not region:
        found = "no aws:region" if region is None else f"aws:region {region!r}"
        yield Fault(document.path.name, found, "the AWS region of the stack, such as eu-central-1")


def _type_faults(where: str, value: Any, declaration: Mapping[str, Any]) -> Iterator[Fault]:
    expected = declaration.get("type", "string")
    if _holds_secret(value):
        return
    if expected not in JSON_TYPES:
        yield Fault(f"Pulumi.yaml: {where.rsplit(': ', 1)[-1]}: type", repr(expected), ", ".join(JSON_TYPES))
    elif not _fits(value, expected):
        yield Fault(where, f"{value!r} ({_type_name(value)})", _article(expected))
    elif expected == "array":
        for index, item in enumerate(value):
            yield from _type_faults(f"{where}[{index}]", item, declaration.get("items", {"type": _type_name(item)}))


def _fits(value: Any, expected: str) -> bool:
    """As the CLI checks: `pulumi config set` writes numbers and booleans as text, so text of that form fits."""
    if isinstance(value, str) and expected in ("integer", "number", "boolean"):
        parsed = yaml.safe_load(value)
        return not isinstance(parsed, str) and _fits(parsed, expected)
    if isinstance(value, bool):
        return expected == "boolean"
    return isinstance(value, JSON_TYPES[expected])


def _type_name(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return next((name for name, types in JSON_TYPES.items() if isinstance(value, types)), type(value).__name__)


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aio" else f"a {noun}"


def _holds_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return set(value) == {"secure"} or any(_holds_secret(item) for item in value.values())
    return isinstance(value, list) and any(_holds_secret(item) for item in value)


def _as_text(value: Any) -> str:
    """As the engine encodes: text stays, booleans and numbers as JSON, structures as compact JSON."""
    masked = _mask(value)
    return masked if isinstance(masked, str) else json.dumps(masked, separators=(",", ":"), sort_keys=True)


def _mask(value: Any) -> Any:
    if isinstance(value, dict):
        return SECRET if set(value) == {"secure"} else {key: _mask(item) for key, item in value.items()}
    return [_mask(item) for item in value] if isinstance(value, list) else value
