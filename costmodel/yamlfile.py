"""YAML files with the line of every key, and every fault of their form at once.

Plain words are read as in YAML 1.2: only ``true``, ``false``, ``null`` and decimal numbers are not text, so that
``no`` stays Norway and ``2027-01-31`` stays as written. Anchors and aliases are refused: a plan is read by people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from costmodel.errors import Fault, ScenarioError

KeyPath = tuple[str, ...]
"""Keys from the root of a file to a value; items of a list count from "0"."""

DIGITS = r"[0-9]+(_[0-9]+)*"
INTEGER = re.compile(rf"[-+]?{DIGITS}")
DECIMAL = re.compile(rf"[-+]?({DIGITS}(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
EXPECTED_YAML = "keys and values, indented with spaces; text with a colon or a # in quotes"
WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Document:
    """A YAML file as data, with the place of every key."""

    label: str
    """The file as the user knows it."""
    data: dict[str, Any]
    lines: Mapping[KeyPath, int]
    """Path of a key -> its line, from 1."""

    def where(self, path: KeyPath = ()) -> str:
        """``file:line: dotted.path``; a key that is not there has the line of what should contain it."""
        known = next(path[:size] for size in range(len(path), -1, -1) if path[:size] in self.lines)
        place = f"{self.label}:{self.lines[known]}"
        return f"{place}: {'.'.join(path)}" if path else place

    def section(self, *path: str) -> dict[str, Any]:
        """The mapping at ``path``; empty when there is none or something else stands there."""
        found: Any = self.data
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}


def read_document(path: Path, label: str, kind: str = "a scenario file") -> Document:
    """The YAML mapping in the file at ``path``.

    Args:
        path: a file.
        label: how messages name it.
        kind: what it should be.

    Raises:
        ScenarioError: there is no such file, or it is not one YAML mapping with unique keys; carries every fault.
    """
    text = read_text(path, label, kind)
    try:
        return _document(text, label)
    except RecursionError:
        fault = Fault(label, "values nested too deep", EXPECTED_YAML)
    raise ScenarioError([fault])


def _document(text: str, label: str) -> Document:
    root = _compose(text, label)
    if not isinstance(root, yaml.MappingNode):
        found = "an empty file" if root is None or _is_null(root) else _kind(root)
        raise ScenarioError([Fault(label, found, "a mapping of keys to values")])
    reader = _Reader(label)
    data = reader.value(root, ())
    if reader.faults:
        raise ScenarioError(reader.faults)
    return Document(label, data, reader.lines)


def read_text(path: Path, label: str, kind: str) -> str:
    """The text of the file at ``path``.

    Raises:
        ScenarioError: there is no such file, or it is not text in UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        fault = Fault(label, f"a byte that is not text at offset {error.start}", "a text file in UTF-8")
    except FileNotFoundError:
        fault = Fault(label, "no such file", kind)
    except OSError as error:
        fault = Fault(label, (error.strerror or str(error)).lower(), "a file that can be read")
    raise ScenarioError([fault]) from None


def _compose(text: str, label: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{label}:{mark.line + 1}" if mark else label
        fault = Fault(where, f"malformed YAML ({error.problem})", EXPECTED_YAML)
    except yaml.YAMLError as error:
        fault = Fault(label, f"malformed YAML ({str(error).splitlines()[0]})", EXPECTED_YAML)
    raise ScenarioError([fault]) from None


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.CollectionNode):
        return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"
    return "a single value"


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style is None and node.value in WORDS


@dataclass
class _Reader:
    """Turns nodes into data; keeps the line of every key and the faults on the way."""

    label: str
    lines: dict[KeyPath, int] = field(default_factory=lambda: {(): 1})
    faults: list[Fault] = field(default_factory=list)
    _seen: set[int] = field(default_factory=set)

    def value(self, node: yaml.Node, path: KeyPath) -> Any:
        """The data of ``node``, which stands at ``path``."""
        if id(node) in self._seen:
            self.fault(node, path, "an alias (*)", "the value itself, written out")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return {key: self.value(child, (*path, key)) for key, child in self._entries(node, path)}
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, str(index))) for index, child in enumerate(node.value)]
        return _scalar(node) if isinstance(node, yaml.ScalarNode) else None

    def _entries(self, node: yaml.MappingNode, path: KeyPath) -> Iterator[tuple[str, yaml.Node]]:
        for key_node, child in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.fault(key_node, path, f"{_kind(key_node)} as a key", "a word")
                continue
            key_path = (*path, key_node.value)
            if key_path in self.lines:
                found = f"key {key_node.value!r} a second time"
                self.fault(key_node, key_path, found, f"each key once (first in line {self.lines[key_path]})")
                continue
            self.lines[key_path] = key_node.start_mark.line + 1
            yield key_node.value, child

    def fault(self, node: yaml.Node, path: KeyPath, found: str, expected: str) -> None:
        """Notes a fault at the line of ``node``."""
        where = f"{self.label}:{node.start_mark.line + 1}"
        self.faults.append(Fault(f"{where}: {'.'.join(path)}" if path else where, found, expected))


def _scalar(node: yaml.ScalarNode) -> str | int | float | bool | None:
    """The value of a scalar: quoted or block text is text, a plain word is what YAML 1.2 makes of it."""
    text: str = node.value
    if node.style is not None:
        return text
    if text in WORDS:
        return WORDS[text]
    if not DECIMAL.fullmatch(text):
        return text
    number = float(text)
    return int(text) if INTEGER.fullmatch(text) and number.is_integer() else number
